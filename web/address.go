package web

import (
	"net/url"
	"strconv"
	"strings"
)

// to builds an address of our own from its parts: to("themes", 3, "voices").
func to(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteByte('/')
		switch p := p.(type) {
		case int64:
			b.WriteString(strconv.FormatInt(p, 10))
		case string:
			b.WriteString(url.PathEscape(p))
		}
	}
	return b.String()
}

// with returns path with the query q, of which one value is set or, if empty,
// removed; the page is never carried over, for it would be of another list.
func with(path string, q url.Values, name, value string) string {
	c := url.Values{}
	for k, v := range q {
		if k != "before" && k != "offset" && k != "open" && k != name {
			c[k] = v
		}
	}
	if value != "" {
		c.Set(name, value)
	}
	return join(path, c)
}

func join(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
