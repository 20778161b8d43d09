// Package blog is the company's own blog, in this house, as a place to publish to:
// through the same composer, release and delivery as all others. What was
// published there is shown by our own pages, so that there is nobody to call.
package blog

import (
	"context"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// Name is the connector's name, and its network's.
const Name = "blog"

// FieldAddress is the setting that holds the blog's own address.
const FieldAddress = "address"

// longTitle is how many characters a headline may have.
const longTitle = 150

// pictures is how many a post may have.
const pictures = 10

type connector struct{}

// New returns the connector.
func New() listen.Connector { return connector{} }

// Info implements listen.Connector. The channel is made where the blog is switched
// on, and not connected like others.
func (connector) Info() listen.Info {
	return listen.Info{
		Name: Name, Network: lastword.Network{Name: Name, Title: "Blog"}, Hidden: true, All: true, Every: 24 * time.Hour,
		Fields: []listen.Field{{Name: FieldAddress, Required: true}}, Pace: 100 * time.Millisecond,
	}
}

// Open implements listen.Connector.
func (connector) Open(acct listen.Account, _ listen.Host) (listen.Source, error) {
	address := acct.Settings[FieldAddress]
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &lastword.Mistake{Key: "mistake.address", Field: FieldAddress}
	}
	return source{strings.TrimSuffix(address, "/")}, nil
}

type source struct{ address string }

// Poll implements listen.Source: nobody says anything here.
func (source) Poll(context.Context, string, listen.Hear) error { return nil }

// Manner implements listen.Mannered.
func (source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: Name, Title: "Blog"}, Title: true, LongTitle: longTitle, Markup: true, Pictures: pictures, Own: true}
}

// Address is where a story can be read for good.
func Address(blog, title string, story int64) string {
	return strings.TrimSuffix(blog, "/") + "/" + text.Permanent(title, story)
}

// Post implements listen.Poster.
func (s source) Post(_ context.Context, p listen.Post) ([]listen.Receipt, error) {
	return []listen.Receipt{{Key: p.Key, URL: Address(s.address, p.Title, p.Story)}}, nil
}

// Publish implements listen.Publisher.
func (s source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	got, err := s.Post(ctx, listen.Post{Key: a.Key, Parts: []string{a.Text}})
	if err != nil {
		return listen.Receipt{}, err
	}
	return got[0], nil
}

// Edit implements listen.Editor: the pages show what was released last.
func (source) Edit(context.Context, string, listen.Reply) error { return nil }

// Remove implements listen.Editor: the pages show nothing that was taken down.
func (source) Remove(context.Context, string) error { return nil }

var (
	_ listen.Poster = source{}
	_ listen.Editor = source{}
)
