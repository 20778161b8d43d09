package syndication

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// declared finds the character set that an XML declaration names.
var declared = regexp.MustCompile(`^\s*<\?xml[^>]*?encoding\s*=\s*["']?([A-Za-z0-9._:-]+)`)

// toUTF8 returns body as valid UTF-8. A byte order mark wins over all, then
// what is plain from the bytes, then the header, then the declaration (RFC 7303
// §3). Bytes that are no UTF-8 though they should be are read as Windows-1252,
// one by one, because whole feeds and single pasted words are found so.
func toUTF8(body []byte, contentType string) []byte {
	if body, ok := marked(body); ok {
		return body
	}
	enc, name := named(body, contentType)
	if enc == nil || name == "utf-8" || strings.HasPrefix(name, "utf-16") || singleByte(name) && utf8.Valid(body) {
		// Declared as UTF-16 without looking like it: the declaration is left
		// over from a conversion.
		return mend(body)
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return mend(body)
	}
	return out
}

// marked decodes what a byte order mark, or UTF-16 markup without one, gives
// away.
func marked(body []byte) ([]byte, bool) {
	switch {
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		return mend(body[3:]), true
	case bytes.HasPrefix(body, []byte("\xFF\xFE")), bytes.HasPrefix(body, []byte("<\x00")), bytes.HasPrefix(body, []byte("{\x00")):
		return fromUTF16(body, unicode.LittleEndian), true
	case bytes.HasPrefix(body, []byte("\xFE\xFF")), bytes.HasPrefix(body, []byte("\x00<")), bytes.HasPrefix(body, []byte("\x00{")):
		return fromUTF16(body, unicode.BigEndian), true
	}
	return nil, false
}

func fromUTF16(body []byte, order unicode.Endianness) []byte {
	out := make([]byte, 0, len(body))
	var high rune
	for i := 0; i+1 < len(body); i += 2 {
		r := rune(body[i]) | rune(body[i+1])<<8
		if order == unicode.BigEndian {
			r = rune(body[i])<<8 | rune(body[i+1])
		}
		switch {
		case utf16.IsSurrogate(r) && r < 0xDC00:
			high = r
			continue
		case utf16.IsSurrogate(r):
			r = utf16.DecodeRune(high, r)
		}
		high = 0
		if r != 0xFEFF {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// named returns the character set that the header or the declaration names.
func named(body []byte, contentType string) (encoding.Encoding, string) {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		if enc, name := charset.Lookup(params["charset"]); enc != nil {
			return enc, name
		}
	}
	if m := declared.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
		return charset.Lookup(string(m[1]))
	}
	return nil, ""
}

// singleByte reports whether the set gives every byte a meaning, so that a feed
// which is valid UTF-8 all the same is UTF-8: in such a set that is nonsense.
func singleByte(name string) bool {
	for _, family := range []string{"iso-8859-", "windows-", "koi8-", "ibm", "macintosh", "x-mac"} {
		if strings.HasPrefix(name, family) {
			return true
		}
	}
	return false
}

func mend(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	out := make([]byte, 0, len(body)+len(body)/8)
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(body[0])
		}
		out = utf8.AppendRune(out, r)
		body = body[n:]
	}
	return out
}
