package instagram

import (
	"lastword"
	"lastword/internal/meta"
)

// For tests in instagram_test.
var (
	ReadMedia   = readMedia
	ReadComment = readComment
)

// ReadChange reads a change that was pushed to the account "178414".
func ReadChange(c meta.Change, at meta.Time) (lastword.Event, bool) {
	return readChange(c, account{ID: "9", UserID: "178414", Username: "ahlenbach"}, at)
}
