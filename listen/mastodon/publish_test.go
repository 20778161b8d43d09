package mastodon_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// thread is a post of three parts with two pictures.
func thread(h *host) listen.Post {
	picture := func(alt string) listen.Picture {
		return listen.Picture{Picture: lastword.Picture{Type: "image/png", Width: 1, Height: 1, Alt: alt}, Bytes: []byte("\x89PNG")}
	}
	return listen.Post{Key: "77", Made: h.Now().Add(-time.Minute), Said: h.Now(), Lang: "de", Pictures: []listen.Picture{picture("Ein Hobel"), picture("Eine Hand")},
		Parts: []string{"Der Hobel für Linkshänder ist da.", "Er liegt gut in der Hand.", "Ab Mai im Laden."}}
}

func TestPostThread(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	s.slow = 2
	p := thread(h)
	// A former attempt was cut off after the second part, of which nothing was heard.
	s.set(func() {
		s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost && r.URL.Path == "/api/v1/statuses" && len(s.posts) == 2 {
				refuse(w, http.StatusBadGateway)
				return true
			}
			return false
		}
	})
	got, err := s.open(h).(listen.Poster).Post(t.Context(), p)
	if !errors.Is(err, lastword.ErrUnavailable) || len(got) != 2 {
		t.Fatalf("cut off: %+v, %v", got, err)
	}
	s.set(func() { s.meddle = nil; clear(s.once) })
	for _, known := range [][]listen.Receipt{nil, got} {
		p.Known = known
		all, err := s.open(h).(listen.Poster).Post(t.Context(), p)
		if err != nil || len(all) != 3 || all[0] != got[0] || all[1] != got[1] {
			t.Fatalf("again: %+v, %v", all, err)
		}
	}
	if len(s.posts) != 3 || s.posts[1].parent != s.posts[0].id || s.posts[2].parent != s.posts[1].id || s.posts[0].parent != 0 {
		t.Errorf("at the server: %+v", s.posts)
	}
	if strings.Join(s.pictures, ", ") != "Ein Hobel, Eine Hand" {
		t.Errorf("pictures: %q", s.pictures)
	}
	if f := s.forms[0]; strings.Join(f["media_ids[]"], ",") != "1,2" || f.Get("language") != "de" {
		t.Errorf("the first part: %v", f)
	}
}

func TestPostRefused(t *testing.T) {
	t.Parallel()
	for path, tt := range map[string]struct {
		status int
		want   error
	}{
		"/api/v2/media":       {http.StatusForbidden, lastword.ErrDenied},
		"/api/v1/statuses":    {http.StatusUnprocessableEntity, lastword.ErrInvalid},
		"/api/v1/accounts/1/": {http.StatusServiceUnavailable, lastword.ErrUnavailable},
	} {
		s, h := newServer(t), newHost(t)
		s.meddle = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.URL.Path, path) {
				refuse(w, tt.status)
				return true
			}
			return false
		}
		if got, err := s.open(h).(listen.Poster).Post(t.Context(), thread(h)); !errors.Is(err, tt.want) || len(got) != 0 {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
		if len(s.posts) != 0 {
			t.Errorf("%s: %d posts", path, len(s.posts))
		}
	}
}

func TestMannerCountsAsTheServer(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHost(t)
	s.most = 1000
	m := s.open(h).(listen.Poster).Manner(t.Context())
	if m.Limit != 1000 || m.PerURL != 23 || m.Unit != lastword.Graphemes || m.Pictures != 4 || m.LongAlt != 1500 || !m.Thread {
		t.Errorf("manner: %+v", m)
	}
	s.CloseClientConnections()
	s.Server.Close()
	if m := s.open(h).(listen.Poster).Manner(t.Context()); m.Limit != 500 || m.PerURL != 23 {
		t.Errorf("of a server that is away: %+v", m)
	}
}
