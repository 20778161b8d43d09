package wordpress

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/listen"
)

// longTitle is how many characters a first line may have to be a headline.
const longTitle = 120

// Publish implements listen.Publisher. The first line is the headline. Called
// again with the same key it returns the post that is there: the key stands in a
// comment of HTML, which no reader sees.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	me, err := s.account(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if !me.may("edit_posts") {
		return listen.Receipt{}, &lastword.Mistake{Key: "connector.wordpress.error.no-posts", Kind: lastword.ErrDenied}
	}
	at, err := s.find(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.published(ctx, me, a.Key); err != nil || found {
		return listen.Receipt{Key: postKey(at.home, there.ID), URL: there.Link}, err
	}
	title, body := split(a.Text)
	var raw json.RawMessage
	_, err = s.ask(ctx, call{method: http.MethodPost, route: "/posts", body: map[string]any{
		"title": html.EscapeString(title), "content": blocks(body, a.Key), "status": s.status(me),
	}}, &raw)
	if err != nil {
		return listen.Receipt{}, s.notTaken(err)
	}
	made, ok := readArticle(raw)
	if !ok {
		return listen.Receipt{}, fmt.Errorf("wordpress: the new post cannot be read: %w", lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: postKey(at.home, made.ID), URL: made.Link}, nil
}

// status is in what state our posts are made. Who may write but not publish hands
// them in.
func (s *source) status(me *user) string {
	switch {
	case s.draft:
		return "draft"
	case me.may("publish_posts"):
		return "publish"
	}
	return "pending"
}

// published looks through the account's latest posts, drafts too, for the key.
func (s *source) published(ctx context.Context, me *user, key string) (article, bool, error) {
	q := url.Values{"author": {strconv.FormatInt(me.ID, 10)}, "status": {"any"}, "context": {"edit"}, "orderby": {"id"}, "order": {"desc"},
		"per_page": {strconv.Itoa(perPage)}, "_fields": {"id,content,link,status,date_gmt,title"}}
	var list []json.RawMessage
	if _, err := s.ask(ctx, call{route: "/posts", query: q}, &list); err != nil {
		return article{}, false, s.judged(err)
	}
	i := slices.IndexFunc(list, func(raw json.RawMessage) bool {
		a, ok := readArticle(raw)
		return ok && strings.Contains(a.Raw, htmlMark+key+"-->")
	})
	if i < 0 {
		return article{}, false, nil
	}
	a, _ := readArticle(list[i])
	return a, true, nil
}

// split takes the headline off a text: its first line, if that is no longer than
// a headline. Else the post has the beginning of its first sentence.
func split(s string) (title, body string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	first, rest = strings.TrimSpace(first), strings.TrimSpace(rest)
	if rest != "" && utf8.RuneCountInString(first) <= longTitle {
		return first, rest
	}
	words := strings.Fields(first)
	for n := len(words); n > 0; n-- {
		if title = strings.Join(words[:n], " "); utf8.RuneCountInString(title) <= longTitle/2 {
			if n < len(words) {
				title += " …"
			}
			break
		}
	}
	return title, strings.TrimSpace(s)
}

var link = regexp.MustCompile(`https?://[^\s<>"&]+(?:&amp;[^\s<>"&]+)*[^\s<>"&.,;:!?)]`)

// blocks makes the blocks of a post (Block Editor Handbook, "Markup
// representation of a block"): a paragraph for each that an empty line ends.
func blocks(body, key string) string {
	var out strings.Builder
	for _, part := range regexp.MustCompile(`\n\s*\n`).Split(strings.ReplaceAll(body, "\r\n", "\n"), -1) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p := link.ReplaceAllString(html.EscapeString(part), `<a href="$0">$0</a>`)
		out.WriteString("<!-- wp:paragraph -->\n<p>" + strings.ReplaceAll(p, "\n", "<br>") + "</p>\n<!-- /wp:paragraph -->\n\n")
	}
	out.WriteString(htmlMark + key + "-->")
	return out.String()
}
