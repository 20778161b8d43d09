package app

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"lastword"
	"lastword/internal/picture"
)

// pages looks at web pages, for what they say of themselves.
type pages struct{ *App }

// longPage bounds how much of a page is read: what it says of itself stands in its
// head.
const longPage = 512 << 10

// Look implements represent.Pages, by the Open Graph protocol (ogp.me), and by title
// and description where a page does not speak it.
func (p pages) Look(ctx context.Context, address string) (title, description string, image []byte, err error) {
	body, at, err := p.fetch(ctx, address, longPage)
	if err != nil {
		return "", "", nil, err
	}
	said := head(body)
	title, description = first(said["og:title"], said["title"]), first(said["og:description"], said["description"])
	if said["og:image"] == "" {
		return title, description, nil, nil
	}
	to, err := at.Parse(said["og:image"])
	if err != nil {
		return title, description, nil, nil
	}
	if image, _, err = p.fetch(ctx, to.String(), picture.MaxUpload/4); err != nil { // a card without its picture is one
		p.Log.InfoContext(ctx, "no picture of a page", "host", to.Host, "err", err)
	}
	return title, description, image, nil
}

// fetch reads up to most bytes of what stands at an address of the web, decoded to
// UTF-8 where it is text, and where it was found in the end.
func (p pages) fetch(ctx context.Context, address string, most int64) ([]byte, *url.URL, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("page: %w", lastword.ErrInvalid)
	}
	resp, err := p.client.HTTP().Do(r)
	if err != nil {
		return nil, nil, fmt.Errorf("page at %s: %w", r.URL.Host, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("page at %s: status %d: %w", r.URL.Host, resp.StatusCode, lastword.ErrUnavailable)
	}
	var in io.Reader = io.LimitReader(resp.Body, most)
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil && strings.HasPrefix(kind, "text/") {
		if in, err = charset.NewReader(in, resp.Header.Get("Content-Type")); err != nil {
			return nil, nil, fmt.Errorf("page at %s: %w", r.URL.Host, err)
		}
	}
	body, err := io.ReadAll(in)
	return body, resp.Request.URL, err
}

// head reads what a page says of itself, up to its body.
func head(page []byte) map[string]string {
	said := map[string]string{}
	tokens := html.NewTokenizer(strings.NewReader(string(page)))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return said
		case html.StartTagToken, html.SelfClosingTagToken:
			t := tokens.Token()
			switch t.Data {
			case "body":
				return said
			case "title":
				if tokens.Next() == html.TextToken && said["title"] == "" {
					said["title"] = strings.TrimSpace(tokens.Token().Data)
				}
			case "meta":
				meta(t, said)
			}
		}
	}
}

func meta(t html.Token, said map[string]string) {
	name, content := "", ""
	for _, a := range t.Attr {
		switch a.Key {
		case "property", "name":
			name = strings.ToLower(a.Val)
		case "content":
			content = strings.TrimSpace(a.Val)
		}
	}
	switch name {
	case "og:title", "og:description", "og:image", "description":
		if said[name] == "" {
			said[name] = content
		}
	}
}

func first(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
