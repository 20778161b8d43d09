package page

import (
	"strings"

	"lastword"
)

// noticeWord is the last part of a catalogue key for a kind of notice.
func noticeWord(k lastword.NoticeKind) string { return strings.ReplaceAll(string(k), ".", "_") }
