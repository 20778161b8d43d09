package linkedin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/text"
	"lastword/listen"
)

// What a post brings along (…/shares/multiimage-post-api: 2 to 20 images; altText of
// …/shares/images-api).
const (
	maxPictures = 20
	maxAlt      = 4086
)

// Publish implements listen.Publisher (…/shares/posts-api). What a former attempt
// has published is found and not published again.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return s.publish(ctx, a, nil)
}

// Manner implements listen.Mannered.
func (s *source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: Name, Title: "LinkedIn", Reply: true, Limit: maxPost, Unit: lastword.Characters},
		Pictures: maxPictures, LongAlt: maxAlt}
}

// Post implements listen.Poster.
func (s *source) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	if len(p.Pictures) > maxPictures {
		return nil, fmt.Errorf("linkedin: %d pictures, of %d allowed: %w", len(p.Pictures), maxPictures, lastword.ErrInvalid)
	}
	got, err := s.publish(ctx, p.Whole(), p.Pictures)
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

var _ listen.Poster = (*source)(nil)

func (s *source) publish(ctx context.Context, a listen.Reply, pictures []listen.Picture) (listen.Receipt, error) {
	if n := utf8.RuneCountInString(a.Text); n > maxPost || strings.TrimSpace(a.Text) == "" {
		return listen.Receipt{}, fmt.Errorf("linkedin: no text of 1 to %d characters: %w", maxPost, lastword.ErrInvalid)
	}
	me, err := s.me(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	var own struct {
		Elements []struct {
			ID, Commentary string
			CreatedAt      int64
		}
	}
	err = s.ask(ctx, api.Request{URL: "posts?q=author&author=" + url.QueryEscape(me.org) + "&count=20&sortBy=CREATED", Header: http.Header{"X-Restli-Method": {"FINDER"}}}, &own)
	if err != nil {
		return listen.Receipt{}, fmt.Errorf("linkedin: %w", err)
	}
	for _, p := range own.Elements {
		if postURN.MatchString(p.ID) && !time.UnixMilli(p.CreatedAt).Before(a.Made.Add(-clocks)) && text.Same(plain(p.Commentary), a.Text) {
			return listen.Receipt{Key: p.ID, URL: web(p.ID, "")}, nil
		}
	}
	post := map[string]any{
		"author": me.org, "commentary": little(a.Text), "visibility": "PUBLIC", "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
		"distribution": map[string]any{"feedDistribution": "MAIN_FEED", "targetEntities": []string{}, "thirdPartyDistributionChannels": []string{}},
	}
	if len(pictures) > 0 {
		if post["content"], err = s.bring(ctx, me, pictures); err != nil {
			return listen.Receipt{}, err
		}
	}
	h, err := s.send(ctx, api.Request{URL: "posts", JSON: post}, nil)
	if err != nil {
		return listen.Receipt{}, fmt.Errorf("linkedin: %w", notTaken(err))
	}
	id := h.Get("X-Restli-Id")
	if !postURN.MatchString(id) {
		return listen.Receipt{}, fmt.Errorf("linkedin: the new post has no id: %w", lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: id, URL: web(id, "")}, nil
}

// bring uploads pictures and returns the content of the post that shows them.
func (s *source) bring(ctx context.Context, me page, pictures []listen.Picture) (map[string]any, error) {
	var all []map[string]string
	for _, p := range pictures {
		id, err := s.upload(ctx, me, p)
		if err != nil {
			return nil, err
		}
		one := map[string]string{"id": id}
		if p.Alt != "" {
			one["altText"] = p.Alt
		}
		all = append(all, one)
	}
	if len(all) == 1 {
		return map[string]any{"media": all[0]}, nil
	}
	return map[string]any{"multiImage": map[string]any{"images": all}}, nil
}

var imageURN = regexp.MustCompile(`^urn:li:image:[A-Za-z0-9_-]{1,100}$`)

// upload brings one picture (…/shares/images-api): LinkedIn names an address, the
// bytes go there. Only an address of LinkedIn's own gets our token.
func (s *source) upload(ctx context.Context, me page, p listen.Picture) (string, error) {
	var begun struct {
		Value struct {
			UploadURL string `json:"uploadUrl"`
			Image     string
		}
	}
	err := s.ask(ctx, api.Request{URL: "images?action=initializeUpload", JSON: map[string]any{"initializeUploadRequest": map[string]string{"owner": me.org}}}, &begun)
	if err != nil {
		return "", fmt.Errorf("linkedin: a picture: %w", notTaken(err))
	}
	to, err := url.Parse(begun.Value.UploadURL)
	if err != nil || to.Scheme != "https" || to.Hostname() != "linkedin.com" && !strings.HasSuffix(to.Hostname(), ".linkedin.com") || !imageURN.MatchString(begun.Value.Image) {
		return "", fmt.Errorf("linkedin: nobody says where the picture goes: %w", lastword.ErrUnavailable)
	}
	token, err := s.login.token(ctx, "")
	if err != nil {
		return "", err
	}
	_, err = api.Do(ctx, s.host.HTTP, api.Request{Method: http.MethodPut, URL: to.String(), Raw: p.Bytes,
		Header: http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {p.Type}}}, nil)
	if err != nil {
		return "", fmt.Errorf("linkedin: a picture: %w", notTaken(judged(err, s.host.Now())))
	}
	return begun.Value.Image, nil
}
