package threads

import "lastword"

// ReadPost reads a post, for tests in threads_test.
var ReadPost = readPost

// ReadValue reads what was pushed to the account "ahlenbach".
func ReadValue(field string, raw []byte) (lastword.Event, bool) {
	return readValue(field, raw, account{ID: "3", Username: "ahlenbach"})
}
