package syndication

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
)

// Decode reads a document. contentType is the HTTP header, or empty; base is
// the address it came from, or nil. The error is a *PageError, ErrNotFeed,
// ErrBroken or ErrTooComplex.
func Decode(body []byte, contentType string, base *url.URL) (feed Feed, err error) {
	defer func() {
		// The parser is foreign code on hostile bytes: a fault of it is a
		// fault of this document and not of the program.
		if p := recover(); p != nil {
			feed, err = Feed{}, fmt.Errorf("%w: %w", ErrBroken, errPanic)
		}
	}()
	doc := toUTF8(body, contentType)
	if trimmed := bytes.TrimLeft(doc, " \t\r\n\uFEFF"); bytes.HasPrefix(trimmed, []byte("{")) {
		return decodeJSON(trimmed, base)
	}
	from := root(doc)
	if from == nil {
		return Feed{}, refuse(doc, base)
	}
	return decodeXML(scrub(from), base)
}

func refuse(doc []byte, base *url.URL) error {
	if page(doc) {
		return &PageError{Feeds: alternates(doc, base)}
	}
	return ErrNotFeed
}

func decodeXML(doc []byte, base *url.URL) (Feed, error) {
	s, err := look(doc)
	if err != nil {
		return Feed{}, err
	}
	if s.damaged > 0 && len(s.items) == 0 {
		return Feed{}, ErrBroken
	}
	doc = s.repaired()
	read := readRSS
	if strings.EqualFold(rootName(doc), "feed") {
		read = readAtom
	}
	feed, err := read(doc, base)
	if err != nil {
		return Feed{}, ErrBroken
	}
	feed.Damaged = s.damaged
	finish(&feed)
	return feed, nil
}

func rootName(doc []byte) string {
	end := bytes.IndexAny(doc, " \t\r\n>/")
	if end < 1 {
		return ""
	}
	return local(string(doc[1:end]))
}

// resolve makes ref absolute. What is no address that a person could open
// becomes empty.
func resolve(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > maxShort {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	switch u.Scheme {
	case "http", "https":
		return u.String()
	case "":
		return relative(u)
	}
	return ""
}

// relative keeps a reference as it is where no base is known.
func relative(u *url.URL) string {
	if u.Host == "" && u.Path == "" {
		return ""
	}
	return u.String()
}
