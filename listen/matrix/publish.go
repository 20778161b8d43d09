package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/listen"
)

// Manner implements listen.Mannered: a picture has the words below it (m.image with
// a caption, version 1.10 of the specification). What it shows has no place there
// beside them.
func (s *source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: about(), Pictures: 1}
}

// Publish implements listen.Publisher: in the company's room. What a former
// attempt has published is not published again.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return s.publish(ctx, a, func() (map[string]any, error) { return message(a), nil })
}

// Post implements listen.Poster: a text, or a picture with the text below it.
func (s *source) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	a := p.Whole()
	got, err := s.publish(ctx, a, func() (map[string]any, error) {
		if len(p.Pictures) == 0 {
			return message(a), nil
		}
		return s.pictured(ctx, a, p.Pictures)
	})
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

func (s *source) publish(ctx context.Context, a listen.Reply, body func() (map[string]any, error)) (listen.Receipt, error) {
	room, err := s.roomID(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if got, found, err := s.find(ctx, room, a); err != nil || found {
		return got, err
	}
	said, err := body()
	if err != nil {
		return listen.Receipt{}, err
	}
	return s.say(ctx, room, "lastword."+a.Key, said)
}

// pictured is the message that shows a picture, which the server is given first
// ("Uploading content").
func (s *source) pictured(ctx context.Context, a listen.Reply, pictures []listen.Picture) (map[string]any, error) {
	if len(pictures) > 1 || len(pictures[0].Bytes) == 0 {
		return nil, fmt.Errorf("matrix: %d pictures, the first of %d bytes: %w", len(pictures), len(pictures[0].Bytes), lastword.ErrInvalid)
	}
	p := pictures[0]
	name := "bild." + strings.TrimPrefix(p.Type, "image/")
	var made struct {
		URI string `json:"content_uri"`
	}
	upload := request{method: http.MethodPost, path: media + "/upload", query: url.Values{"filename": {name}}, raw: p.Bytes, kind: p.Type}
	if err := s.ask(ctx, upload, &made); err != nil {
		if is(err, "M_TOO_LARGE") {
			return nil, fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "why.matrix_picture"})
		}
		return nil, s.judge(ctx, err)
	}
	if !strings.HasPrefix(made.URI, "mxc://") {
		return nil, fmt.Errorf("matrix: the picture has no address: %w", lastword.ErrUnavailable)
	}
	body := message(a)
	body["msgtype"], body["url"], body["filename"] = "m.image", made.URI, name
	body["info"] = map[string]any{"mimetype": p.Type, "size": len(p.Bytes), "w": p.Width, "h": p.Height}
	if a.Text == "" {
		body["body"] = name
	}
	return body, nil
}

// reworded is what a message says anew: a picture stays.
func reworded(was wireEvent, a listen.Reply) map[string]any {
	var old map[string]any
	if json.Unmarshal(was.Content, &old) != nil || old["msgtype"] != "m.image" {
		return message(a)
	}
	fresh := message(a)
	for _, name := range []string{"msgtype", "url", "filename", "info"} {
		fresh[name] = old[name]
	}
	return fresh
}
