package discourse

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"lastword"
	"lastword/listen"
)

// longTitle is how many characters a topic's title may have (site setting
// max_topic_title_length, as it comes).
const longTitle = 255

// maxPictures is how many a topic brings along. A forum may allow less to accounts
// that are new to it (site setting newuser_max_embedded_media), and says so.
const maxPictures = 4

// Manner implements listen.Mannered. Discourse reads Markdown.
func (w *writer) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: network, Title: "Discourse", Reply: true, Limit: limit, Unit: lastword.Characters},
		Title: true, LongTitle: longTitle, Markup: true, Pictures: maxPictures}
}

// Publish implements listen.Publisher: a new topic. Its first line is the title.
// What a former attempt has published is found and not published again.
func (w *writer) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return w.topic(ctx, a, nil)
}

// Post implements listen.Poster.
func (w *writer) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	got, err := w.topic(ctx, p.Whole(), p.Pictures)
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

var _ listen.Poster = (*writer)(nil)

func (w *writer) topic(ctx context.Context, a listen.Reply, pictures []listen.Picture) (listen.Receipt, error) {
	title, body, _ := strings.Cut(strings.TrimSpace(a.Text), "\n")
	title, body = strings.TrimSpace(strings.TrimLeft(title, "# ")), strings.TrimSpace(body)
	if title == "" || body == "" {
		return listen.Receipt{}, fmt.Errorf("discourse: a topic has a title and a text: %w", lastword.ErrInvalid)
	}
	got, found, err := w.findOwn(ctx, a, func(int64) bool { return true }, func(raw string) bool { return same(unpictured(raw), body) })
	if err != nil || found {
		return got, err
	}
	for _, one := range pictures {
		mark, err := w.upload(ctx, one)
		if err != nil {
			return listen.Receipt{}, err
		}
		body += "\n\n" + mark
	}
	return w.create(ctx, newPost{Title: title, Raw: body, Category: w.category})
}

// upload brings a picture (docs.discourse.org, Creates an upload) and returns how
// Markdown names it. The same picture is kept there once.
func (w *writer) upload(ctx context.Context, p listen.Picture) (string, error) {
	body, kind := p.Packed("file", "picture", map[string]string{"type": "composer", "synchronous": "true"})
	var said struct {
		ShortURL string `json:"short_url"`
	}
	if err := w.ask(ctx, http.MethodPost, "/uploads.json", nil, filled{body, kind}, true, &said); err != nil {
		return "", w.judge(ctx, err)
	}
	if !uploaded.MatchString(said.ShortURL) {
		return "", fmt.Errorf("discourse: nothing is known of the picture: %w", lastword.ErrUnavailable)
	}
	return fmt.Sprintf("![%s|%dx%d](%s)", shown(p.Alt), p.Width, p.Height, said.ShortURL), nil
}

var (
	uploaded = regexp.MustCompile(`^upload://[A-Za-z0-9]+\.[a-z0-9]+$`)
	pictured = regexp.MustCompile(`(?m)^!\[[^\]\n]*\]\(upload://[A-Za-z0-9]+\.[a-z0-9]+\)$`)
	marks    = strings.NewReplacer("[", "(", "]", ")", "|", "/", "\n", " ", "\r", " ", "\\", "/")
)

// shown is what a picture shows, without what Markdown would read in it.
func shown(alt string) string { return marks.Replace(alt) }

// unpictured is a text without the pictures that stand by themselves.
func unpictured(raw string) string { return pictured.ReplaceAllString(raw, "") }

// keeping adds to new words the pictures that a post of ours shows.
func (w *writer) keeping(ctx context.Context, id int64, words string) (string, error) {
	var p wirePost
	if err := w.ask(ctx, http.MethodGet, fmt.Sprintf("/posts/%d.json", id), nil, nil, true, &p); err != nil {
		return "", err
	}
	for _, mark := range pictured.FindAllString(p.Raw, -1) {
		if !strings.Contains(words, mark) {
			words += "\n\n" + mark
		}
	}
	return words, nil
}
