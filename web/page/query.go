package page

import (
	"net/url"
	"strings"
)

// newQuery begins a query with the company's own names, for that is what most
// want to hear first.
func (f *Frame) newQuery(names []string) string {
	if len(names) == 0 {
		return "/queries/new"
	}
	quoted := make([]string, 0, len(names))
	for _, n := range names {
		if n = strings.ReplaceAll(n, `"`, ""); strings.ContainsAny(n, " -") {
			n = `"` + n + `"`
		}
		quoted = append(quoted, n)
	}
	return "/queries/new?" + url.Values{"text": {strings.Join(quoted, " OR ")}, "name": {names[0]}}.Encode()
}

func (v QueryView) action() string {
	if v.Query.ID == 0 {
		return "/queries/new"
	}
	return to("queries", v.Query.ID)
}

// grammar is what a query can say, by example.
func grammar() []string {
	return []string{
		"sohle stiefel", "sohle OR absatz", "sohle -brand", `"neue sohle"`, "sohle NEAR/5 kaputt", "wander*",
		"#schuhe", "author:name", "site:example.org", "lang:de", "network:bluesky", "is:reply",
	}
}

// grammarKey names the explanation of an example.
func grammarKey(example string) string {
	switch {
	case strings.Contains(example, "OR"):
		return "or"
	case strings.Contains(example, "NEAR"):
		return "near"
	case strings.Contains(example, ":"):
		return example[:strings.IndexByte(example, ':')]
	}
	for _, one := range [][2]string{{"-", "not"}, {`"`, "phrase"}, {"*", "wild"}, {"#", "tag"}} {
		if strings.Contains(example, one[0]) {
			return one[1]
		}
	}
	return "and"
}
