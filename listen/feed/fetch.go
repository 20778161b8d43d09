package feed

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"lastword/internal/httpx"
	"lastword/internal/syndication"
)

// maxDocument is how many bytes a feed may have.
const maxDocument = 8 << 20

// answer is what a feed said.
type answer struct {
	feed   syndication.Feed
	same   bool // as last time; feed is empty
	header http.Header
	body   string // digest
	moved  string // where to ask from now on; empty: as set up
}

// validate keeps the answer's validators. An answer 304 may bring new ones, and
// lacks those that stay (RFC 9110 §15.4.5).
func (a answer) validate(c *cursor) {
	if e := a.header.Get("ETag"); e != "" || a.body != "" {
		c.ETag = bounded(e)
	}
	if m := a.header.Get("Last-Modified"); m != "" || a.body != "" {
		c.Modified = bounded(m)
	}
	if a.body != "" {
		c.Body = a.body
	}
}

func bounded(s string) string {
	if len(s) > 500 {
		return ""
	}
	return s
}

// find asks where the feed was last, and where it is not there any more, at the
// address as set up. Where a page stands there, it asks the feed that the page
// names.
func (p *poll) find(ctx context.Context) (answer, error) {
	at, err := p.where()
	if err != nil {
		return answer{}, err
	}
	a, err := p.ask(ctx, at, &p.cursor)
	if err != nil && at != p.at && !temporary(err) {
		a, err = p.ask(ctx, p.at, nil)
	}
	var page *syndication.PageError
	if errors.As(err, &page) {
		if named, found := p.named(ctx, page); found {
			return named, nil
		}
	}
	return a, err
}

// named reads the first feed that a page names and that can be read.
func (p *poll) named(ctx context.Context, page *syndication.PageError) (answer, bool) {
	for _, ref := range page.Feeds[:min(len(page.Feeds), 3)] {
		at, err := url.Parse(ref)
		if err != nil {
			continue
		}
		a, err := p.ask(ctx, at, nil)
		if err != nil {
			continue
		}
		if a.moved == "" {
			a.moved = ref
		}
		p.host.Log.Info("feed: the address is a page; reading the feed it names", "channel", p.channel, "host", at.Host)
		return a, true
	}
	return answer{}, false
}

func (p *poll) ask(ctx context.Context, at *url.URL, c *cursor) (answer, error) {
	resp, err := httpx.Do(p.host.HTTP, p.asking(ctx, at, c))
	if err != nil {
		return answer{}, err
	}
	a := answer{header: resp.Header, moved: p.movedTo(resp, at)}
	if resp.StatusCode == http.StatusNotModified {
		a.same = true
		return a, resp.Body.Close()
	}
	doc, err := read(resp)
	if err != nil {
		return answer{}, err
	}
	a.body = digest(string(doc))
	if a.same = c != nil && a.body == c.Body; a.same {
		return a, nil
	}
	a.feed, err = syndication.Decode(doc, resp.Header.Get("Content-Type"), resp.Request.URL)
	return a, err
}

// read is httpx.Read with the bound of a feed.
func read(resp *http.Response) ([]byte, error) {
	body := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, maxDocument+1), body}
	doc, err := httpx.Read(resp)
	if err == nil && len(doc) > maxDocument {
		err = &httpx.Error{Host: resp.Request.URL.Host, Why: httpx.ErrTooLarge.Error(), Errs: []error{httpx.ErrTooLarge}}
	}
	return doc, err
}

// movedTo returns where the feed lives now: the end of those redirects that are
// permanent and come before any that is not (RFC 9110 §15.4).
func (p *poll) movedTo(resp *http.Response, asked *url.URL) string {
	var hops []*http.Request // from the last to the second
	for r := resp.Request; r.Response != nil; r = r.Response.Request {
		hops = append(hops, r)
	}
	to := asked
	for i := len(hops) - 1; i >= 0; i-- {
		if code := hops[i].Response.StatusCode; code != http.StatusMovedPermanently && code != http.StatusPermanentRedirect {
			break
		}
		to = hops[i].URL
	}
	if to.String() == p.at.String() || to.User != nil {
		return ""
	}
	return to.String()
}
