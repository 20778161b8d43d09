package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"lastword"
	"lastword/internal/picture"
)

// shownPath is below where places fetch pictures of posts that they take no other
// way. It stands before the pages: no session, no cookie.
const shownPath = "/shown/"

// shown are the addresses of pictures that go out. Nobody can guess one, and one is
// made only where a post that was released is published.
type shown struct {
	base    string
	key     []byte
	picture func(ctx context.Context, company int64, digest string) (lastword.Picture, []byte, error)
}

// newShown returns the addresses, or nil where nobody outside can reach us.
func (a *App) newShown() (*shown, error) {
	if a.Config.Public == "" {
		return nil, nil
	}
	key, err := a.derived("shown")
	if err != nil {
		return nil, err
	}
	return &shown{base: strings.TrimSuffix(a.Config.Public, "/") + shownPath, key: key, picture: a.DB.Picture}, nil
}

// address is where a picture is fetched; empty for nil.
func (s *shown) address(company int64, digest string) string {
	if s == nil {
		return ""
	}
	return s.base + strconv.FormatInt(company, 10) + "/" + digest + "/" + s.tag(company, digest) + ".jpg"
}

func (s *shown) tag(company int64, digest string) string {
	m := hmac.New(sha256.New, s.key)
	fmt.Fprintf(m, "shown %d %s", company, digest)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:18])
}

// ServeHTTP gives a picture as a JPEG, which every place reads.
func (s *shown) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, shownPath), "/")
	if len(parts) != 3 || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	company, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || !hmac.Equal([]byte(parts[2]), []byte(s.tag(company, parts[1])+".jpg")) {
		http.NotFound(w, r)
		return
	}
	p, body, err := s.picture(r.Context(), company, parts[1])
	if err == nil && p.Type != "image/jpeg" {
		body, err = picture.JPEG(body)
	}
	switch {
	case errors.Is(err, lastword.ErrNotFound):
		http.NotFound(w, r)
		return
	case err != nil:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // who hung up asks again
	}
}
