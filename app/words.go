package app

import (
	"errors"
	"fmt"

	"lastword"
)

// A told error says in words what a person got wrong, and what to do.
type told struct {
	words string
	err   error
}

func (e *told) Error() string { return e.words }
func (e *told) Unwrap() error { return e.err }

// inWords gives the mistakes that a file or its mapping may hold their words
// for the command line; other errors stay as they are. The pages have theirs in
// the catalogue.
func inWords(err error) error {
	var m *lastword.Mistake
	if !errors.As(err, &m) {
		return err
	}
	words := map[string]string{
		"connector.file.bad_mapping":    fmt.Sprintf("the mapping cannot be read at %q: write pairs such as text=Kommentar,time=Datum", m.Args["Part"]),
		"connector.file.unknown_column": fmt.Sprintf("there is no column %q: name one of %s with --map", m.Args["Column"], m.Args["Columns"]),
		"connector.file.no_text_column": fmt.Sprintf("no column holds what was said: name one of %s with --map text=…", m.Args["Columns"]),
		"connector.file.bad_network":    "this is no name of a network: --network takes small letters, such as mastodon",
		"connector.file.feed_too_big":   "this feed is larger than Lastword reads: divide it",
		"connector.file.not_a_feed":     "this is no feed that Lastword can read: RSS, Atom and JSON Feed are known",
	}[m.Key]
	if words == "" {
		return err
	}
	return &told{words, err}
}
