package text

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longSlug is how many bytes of a title an address carries.
const longSlug = 60

// Slug is a title as a part of an address: small letters of ASCII, digits and
// hyphens; "" where nothing of it can be written so.
func Slug(title string) string {
	title = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(norm.NFC.String(title)))
	var b strings.Builder
	for _, r := range norm.NFD.String(title) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := b.String()
	if len(s) > longSlug {
		s = s[:longSlug]
		if i := strings.LastIndexByte(s, '-'); i > longSlug/2 {
			s = s[:i]
		}
	}
	return strings.Trim(s, "-")
}

// Permanent is the part of an address that names something for good: its title, and
// its id, by which alone it is found.
func Permanent(title string, id int64) string {
	token := strconv.FormatInt(id, 36)
	if slug := Slug(title); slug != "" {
		return slug + "-" + token
	}
	return token
}

// IDOf reads the id from what Permanent made, whatever the title has become; 0
// where there is none.
func IDOf(permanent string) int64 {
	id, err := strconv.ParseInt(permanent[strings.LastIndexByte(permanent, '-')+1:], 36, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}
