package x

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a query or rule may have in characters, for customers who pay per use
// (docs.x.com, Search Posts, Build a query).
const (
	longestQuery = 512
	longestRule  = 1024
	mostWords    = 30
)

// question builds a query of X from lists of words, separated by commas or
// lines: any of words, none of without, in one of langs, and no reposts. A word
// may be an account, a hashtag or a cashtag; what has several words is a phrase.
func question(words, without, langs string, k kind) (string, error) {
	any := terms(words)
	if len(any) == 0 || len(any) > mostWords {
		return "", mistake(fieldWords, "words")
	}
	q := strings.Join(any, " OR ")
	if len(any) > 1 {
		q = "(" + q + ")"
	}
	for _, t := range terms(without) {
		q += " -" + t
	}
	var in []string
	for _, l := range strings.FieldsFunc(strings.ToLower(langs), func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		if len(l) != 2 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz") != "" {
			return "", mistake(fieldLangs, "langs")
		}
		in = append(in, "lang:"+l)
	}
	if len(in) > 0 {
		q += " (" + strings.Join(in, " OR ") + ")"
	}
	q += " -is:retweet"
	most := longestQuery
	if k == ofStream {
		most = longestRule
	}
	if utf8.RuneCountInString(q) > most {
		return "", mistake(fieldWords, "long")
	}
	return q, nil
}

// terms are the words of a list as operators of X.
func terms(list string) []string {
	var all []string
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if t := term(strings.Join(strings.Fields(part), " ")); t != "" {
			all = append(all, t)
		}
	}
	return all
}

// term quotes what is not a plain word, so that nothing in it is an operator: not
// even "or", which is a word here.
func term(s string) string {
	s = strings.NewReplacer(`"`, "", `\`, "").Replace(s)
	sign, name := "", s
	if s != "" && strings.ContainsRune("@#$", rune(s[0])) {
		sign, name = s[:1], s[1:]
	}
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '_'
	})
	switch {
	case plain && sign != "":
		return s
	case plain && !strings.EqualFold(s, "or") && !strings.EqualFold(s, "and"):
		return s
	case strings.TrimFunc(s, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.IsSpace(r) }) == "":
		return ""
	}
	return `"` + s + `"`
}
