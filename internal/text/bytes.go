package text

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// UTF8 returns b as it is if it is UTF-8, else as read in Windows-1252, the
// charset of what German programs write without saying so.
func UTF8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return s
}
