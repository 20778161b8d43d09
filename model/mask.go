package model

import (
	"strings"

	"lastword/internal/text"
)

// longestText is how many bytes of a text leave the house: what somebody wants
// stands before that.
const longestText = 2000

// Mask is a text as it may leave the house: without web and mail addresses, names
// of accounts and long numbers, which tell who speaks and nothing of what is
// wanted. What stays stands as it was.
func Mask(s string) string {
	s = text.CleanTo(s, longestText)
	var b strings.Builder
	at := 0
	for _, t := range text.Tokens(s) {
		as := ""
		switch {
		case t.Kind == text.URL:
			as = "[link]"
		case t.Kind == text.Mention:
			as = "[account]"
		case t.Kind == text.Number && digits(t.Text) > mostDigits:
			as = "[number]"
		default:
			continue
		}
		b.WriteString(s[at:t.Start] + as)
		at = t.End
	}
	return b.String() + s[at:]
}

// mostDigits is how long a number may be: years, sizes and prices are shorter than
// those of telephones, orders and accounts.
const mostDigits = 5

func digits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}
