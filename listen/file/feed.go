package file

import (
	"fmt"
	"io"
	"time"

	"lastword"
	"lastword/internal/syndication"
)

// maxFeed is the largest feed that is read: a parser needs all of it at once.
const maxFeed = 64 << 20

// feedDecoder hands out the entries of a feed in their order. A feed is read
// whole, so its cursor counts entries where others count bytes.
type feedDecoder struct {
	items []syndication.Item
	shape shape
	pos   position
}

// newFeed parses the feed; from the beginning, whatever was read of it before.
// A feed that cannot be parsed is a *lastword.Mistake.
func newFeed(in *input, l lines, f shape) (decoder, error) {
	if f.network == "" {
		f.network = "feed"
	}
	raw, err := io.ReadAll(io.LimitReader(l.r, maxFeed+1))
	if err != nil {
		return nil, broken(err)
	}
	if len(raw) > maxFeed {
		return nil, feedMistake("connector.file.feed_too_big")
	}
	kind := ""
	if wide(in.charset) { // it was made UTF-8, whatever it declares
		kind = "text/xml; charset=utf-8"
	}
	parsed, err := syndication.Decode(raw, kind, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", feedMistake("connector.file.not_a_feed"), err)
	}
	return &feedDecoder{items: parsed.Items, shape: f, pos: l.position()}, nil
}

func feedMistake(key string) error {
	return &lastword.Mistake{Key: key, Field: fieldFile, Kind: lastword.ErrDenied}
}

func (d *feedDecoder) position() position { return d.pos }

func (d *feedDecoder) next() (record, error) {
	if d.pos.line >= len(d.items) {
		return record{}, io.EOF
	}
	item := d.items[d.pos.line]
	d.pos.line++
	return d.shape.entry(item, fmt.Sprintf("entry %d", d.pos.line)), nil
}

// entry makes a post of an entry.
func (s shape) entry(item syndication.Item, place string) record {
	row := fields{
		ID: item.ID, URL: item.Link, Title: item.Title, Text: item.Text, Lang: item.Lang, Parent: item.Parent,
		AuthorName: item.Author.Name, AuthorID: item.Author.Email, AuthorURL: item.Author.URL,
	}
	for _, t := range []time.Time{item.Updated, item.Published} {
		if !t.IsZero() {
			row[Time] = t.Format(time.RFC3339Nano)
		}
	}
	return s.record(row, place)
}
