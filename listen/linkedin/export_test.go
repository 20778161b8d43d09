package linkedin

import "lastword"

// For tests in linkedin_test.
var (
	Little      = little
	Plain       = plain
	ReadComment = readComment
)

// Read reads a notification of the page 96072893.
func Read(raw []byte) (lastword.Event, bool) {
	n, ok := readNotification(raw)
	if !ok {
		return lastword.Event{}, false
	}
	return n.event("urn:li:organization:96072893")
}
