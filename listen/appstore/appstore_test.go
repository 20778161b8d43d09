package appstore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
	"lastword/listen/appstore"
	"lastword/listen/listentest"
)

const (
	reviewsAt   = "GET api.appstoreconnect.apple.com/v1/apps/123456789/customerReviews"
	reviewAt    = "api.appstoreconnect.apple.com/v1/customerReviews/00000069-3f7f-1c4e-9c1f-6d0f00000002"
	responsesAt = "api.appstoreconnect.apple.com/v1/customerReviewResponses"
	feedAt      = "GET itunes.apple.com/de/rss/customerreviews/page=1/id=123456789/sortby=mostrecent/json"
)

func poll(t *testing.T, src listen.Source, cursor string) listentest.Heard {
	t.Helper()
	var h listentest.Heard
	if err := src.Poll(t.Context(), cursor, h.Hear); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	listentest.Exercise(t, appstore.New(), map[string]string{"app": "123456789"})
	listentest.Exercise(t, appstore.New(), map[string]string{"app": "123456789", "keyid": "KEY1", "key": strings.ReplaceAll(s.pem, "\n", " ")})
	host, _, _ := listentest.Host(http.DefaultClient, now)
	for _, c := range []struct{ name, value string }{
		{"app", "schuhe"}, {"country", "deutschland"}, {"keyid", ""}, {"key", ""}, {"key", "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"},
	} {
		settings := map[string]string{"app": "123456789", "keyid": "KEY1", "issuer": "issuer", "key": s.pem}
		settings[c.name] = c.value
		_, err := appstore.New().Open(listen.Account{Settings: settings}, host)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != c.name || strings.Contains(err.Error(), "abc") {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
		}
	}
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var mu sync.Mutex
	n := 450
	s.on(reviewsAt, func(r *http.Request, _ []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		var all []any
		for i := range n {
			all = append(all, map[string]any{"type": "customerReviews", "id": fmt.Sprint("r", i), "attributes": map[string]any{"rating": 3, "title": "t", "body": fmt.Sprint("Nummer ", i),
				"reviewerNickname": "n", "createdDate": now.Add(time.Duration(i-10_000) * time.Minute)}})
		}
		slices.Reverse(all)
		from := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &from)
		to := min(from+200, n)
		links := map[string]string{}
		if to < n {
			links["next"] = fmt.Sprintf("https://elsewhere.example/v1/apps/1/customerReviews?cursor=%d&limit=200", to)
		}
		return 200, encode(map[string]any{"data": all[from:to], "links": links})
	})
	listentest.ExerciseSource(t, listentest.Place{
		Network: appstore.Name,
		Open:    func() listen.Source { src, _ := s.open(); return src },
		Grow:    func() { mu.Lock(); n += 250; mu.Unlock() },
	})
}

func TestDocumentedReviews(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	src, drops := s.open()
	h := poll(t, src, "")
	events := h.Events()
	if len(events) != 3 || len(drops) != 0 {
		t.Fatalf("%v, drops %v", events, drops)
	}
	ina, ours, tom := events[0].Post, events[1].Post, events[2].Post
	if tom.Title != "★★☆☆☆ Stürzt ab" || tom.Author.Name != "Tom_W" || tom.Own || !tom.SaidAt.Equal(time.Date(2026, 11, 20, 18, 15, 30, 0, time.UTC)) {
		t.Errorf("Tom: %+v", tom)
	}
	if !ours.Own || ours.Parent != ina.Key || ours.Text != "Danke, das freut uns!" {
		t.Errorf("our own: %+v", ours)
	}
	// A review that is withdrawn is gone, once it is not listed and not there.
	var all map[string]any
	if err := json.Unmarshal([]byte(recorded(t, "reviews")), &all); err != nil {
		t.Fatal(err)
	}
	all["data"] = all["data"].([]any)[:1]
	s.says(reviewsAt, encode(all))
	s.says("GET api.appstoreconnect.apple.com/v1/customerReviewResponses/98aa4b2c-1111-4c4e-9c1f-6d0f00000009", `{"data":{}}`)
	host, _, _ := listentest.Host(&http.Client{Transport: s}, now)
	host.Now = func() time.Time { return now.Add(2 * time.Hour) }
	later, err := appstore.New().Open(listen.Account{Settings: map[string]string{"app": "123456789", "keyid": "KEY1", "key": s.pem, "issuer": "issuer"}}, host)
	if err != nil {
		t.Fatal(err)
	}
	s.skew(2 * time.Hour)
	more := poll(t, later, h.Cursor(""))
	if e := more.Events(); len(e) != 1 || e[0].Op != lastword.Deleted || e[0].Post.Key != ina.Key {
		t.Errorf("a withdrawn review: %v", e)
	}
}

func TestDocumentedFeed(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	src, drops := s.open("issuer", "", "keyid", "", "key", "")
	h := poll(t, src, "")
	events := h.Events()
	if len(events) != 2 || len(drops) != 0 {
		t.Fatalf("%v, drops %v", events, drops)
	}
	tom := events[1].Post
	if tom.Key != "r13370001" || tom.Title != "★★☆☆☆ Stürzt ab" || tom.Author.Key != "tom_w" || !strings.HasPrefix(tom.URL, "https://apps.apple.com/de/app/id123456789") {
		t.Errorf("Tom: %+v", tom)
	}
	if o := src.(listen.Chooser).Options(tom); len(o) != 1 || !o[0].ByHand {
		t.Errorf("options: %+v", o)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), tom, listen.Reply{Text: "x"}); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("answered without a key: %v", err)
	}
	all, err := src.(listen.Checker).Check(t.Context())
	if err != nil || !all[0].Can || all[1].Can || all[1].Why == "" {
		t.Errorf("%+v, %v", all, err)
	}
	// One review alone is no list, and none is nothing.
	s.says(feedAt, `{"feed":{"entry":{"updated":{"label":"2026-11-20T10:15:30-07:00"},"im:rating":{"label":"1"},"id":{"label":"7"},"title":{"label":""},"content":{"label":"Allein"}}}}`)
	src, _ = s.open("issuer", "", "keyid", "", "key", "")
	if alone := poll(t, src, ""); len(alone.Events()) != 1 {
		t.Errorf("one review alone: %v", alone.Events())
	}
	s.says(feedAt, `{"feed":{}}`)
	src, _ = s.open("issuer", "", "keyid", "", "key", "")
	if none := poll(t, src, ""); len(none.Events()) != 0 {
		t.Errorf("nothing: %v", none.Events())
	}
	s.says(feedAt, `{"feed":{"entry":[7,{"id":{"label":"x/y"},"im:rating":{"label":"9"}},{"im:rating":{"label":"3"},"updated":{"label":"gestern"},"id":{"label":"1"}}]}}`)
	src, drops = s.open("issuer", "", "keyid", "", "key", "")
	if bad := poll(t, src, ""); len(bad.Events()) != 0 || drops["review-unreadable"] != 3 {
		t.Errorf("unreadable: %v, drops %v", bad.Events(), drops)
	}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	src, _ := s.open()
	h := poll(t, src, "")
	tom := h.Events()[2].Post
	var mu sync.Mutex
	response := ""
	s.on("GET "+reviewAt, func(*http.Request, []byte) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if response == "" {
			return 200, `{"data":{"type":"customerReviews","id":"x"}}`
		}
		return 200, `{"data":{},"included":[{"type":"customerReviewResponses","id":"resp-1","attributes":{"responseBody":` + encode(response) + `}}]}`
	})
	s.on("POST "+responsesAt, func(_ *http.Request, body []byte) (int, string) {
		var got struct {
			Data struct {
				Type          string
				Attributes    struct{ ResponseBody string }
				Relationships struct {
					Review struct{ Data struct{ Type, ID string } }
				}
			}
		}
		if err := json.Unmarshal(body, &got); err != nil || got.Data.Type != "customerReviewResponses" || got.Data.Relationships.Review.Data.Type != "customerReviews" || got.Data.Relationships.Review.Data.ID != tom.Ref {
			t.Errorf("POST %s, %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		response = got.Data.Attributes.ResponseBody
		return 201, `{"data":{"type":"customerReviewResponses","id":"resp-1","attributes":{"state":"PENDING_PUBLISH"}}}`
	})
	a := listen.Reply{Key: "4711", Text: "Danke! Behoben in 3.1.1."}
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), tom, a); err != nil || found {
		t.Fatalf("FindReply before: %v, %v", found, err)
	}
	got, err := src.(listen.Replier).Reply(t.Context(), tom, a)
	if err != nil || got.Key != "oresp-1" {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := src.(listen.Replier).Reply(t.Context(), tom, a); err != nil || again != got {
		t.Errorf("again: %+v, %v", again, err)
	}
	if found, ok, err := src.(listen.Finder).FindReply(t.Context(), tom, a); err != nil || !ok || found != got {
		t.Errorf("FindReply: %+v, %v, %v", found, ok, err)
	}
	// What a person wrote by hand is never overwritten.
	var m *lastword.Mistake
	a.Text = "Andere Worte"
	if _, err := src.(listen.Replier).Reply(t.Context(), tom, a); !errors.As(err, &m) || m.Key != "why.answered" {
		t.Errorf("over another answer: %v", err)
	}
	s.says("GET "+responsesAt+"/resp-1", `{"data":{"type":"customerReviewResponses","id":"resp-1","relationships":{"review":{"data":{"type":"customerReviews","id":"`+tom.Ref+`"}}}}}`)
	if err := src.(listen.Editor).Edit(t.Context(), got.Key, a); err != nil || response != "Andere Worte" {
		t.Errorf("edit: %v, %q", err, response)
	}
	s.on("DELETE "+responsesAt+"/resp-1", func(*http.Request, []byte) (int, string) { return 204, "" })
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); err != nil {
		t.Error(err)
	}
	s.refuses("DELETE "+responsesAt+"/resp-1", 404, "NOT_FOUND")
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Ref: "../x"}, a); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("a strange reference: %v", err)
	}
}

func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		kind   error
		key    string
		reply  error
	}{
		{401, "NOT_AUTHORIZED", lastword.ErrDenied, "key-refused", lastword.ErrDenied},
		{403, "FORBIDDEN_ERROR", lastword.ErrDenied, "rights", lastword.ErrDenied},
		{403, "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED", lastword.ErrDenied, "agreements", lastword.ErrDenied},
		{404, "NOT_FOUND", lastword.ErrDenied, "not-yours", lastword.ErrGone},
		{409, "ENTITY_ERROR.ATTRIBUTE.INVALID", lastword.ErrInvalid, "", lastword.ErrInvalid},
		{429, "RATE_LIMIT_EXCEEDED", lastword.ErrUnavailable, "", lastword.ErrUnavailable},
		{500, "UNEXPECTED_ERROR", lastword.ErrUnavailable, "", lastword.ErrUnavailable},
	} {
		s := newShop(t)
		s.refuses(reviewsAt, c.status, c.code)
		s.says("GET "+reviewAt, `{"data":{}}`)
		s.refuses("POST "+responsesAt, c.status, c.code)
		src, _ := s.open()
		var h listentest.Heard
		err := src.Poll(t.Context(), "", h.Hear)
		var m *lastword.Mistake
		if !errors.Is(err, c.kind) || errors.As(err, &m) != (c.key != "") || c.key != "" && m.Key != "connector.appstore.error."+c.key {
			t.Errorf("%d %s: %v", c.status, c.code, err)
		}
		if wait, ok := httpx.RetryAfter(err); c.status == 429 && (!ok || wait != 77*time.Second) {
			t.Errorf("wait %v", wait)
		}
		to := lastword.Post{Key: "a1", Ref: "00000069-3f7f-1c4e-9c1f-6d0f00000002"}
		if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: "x"}); !errors.Is(err, c.reply) {
			t.Errorf("reply: %d %s: %v", c.status, c.code, err)
		}
	}
	s := newShop(t)
	s.says(reviewsAt, "<html>")
	src, _ := s.open()
	var h listentest.Heard
	if err := src.Poll(t.Context(), "", h.Hear); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("a page: %v", err)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Ref: "x"}, listen.Reply{Text: strings.Repeat("x", 6000)}); !errors.Is(err, lastword.ErrGone) && !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
}

func FuzzReview(f *testing.F) {
	var feed struct {
		Feed struct{ Entry []json.RawMessage }
	}
	var api struct{ Data []json.RawMessage }
	if json.Unmarshal([]byte(recorded(f, "feed")), &feed) != nil || json.Unmarshal([]byte(recorded(f, "reviews")), &api) != nil {
		f.Fatal("testdata")
	}
	for _, raw := range append(feed.Feed.Entry, api.Data...) {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p, ok := appstore.ReadFeed(raw, "1", "de"); ok && (p.Key == "r" || p.SaidAt.IsZero() || strings.Contains(p.Key, "/")) {
			t.Errorf("%q: %+v", raw, p)
		}
		if r, ok := appstore.ReadReview(raw); ok && (r.ID == "" || strings.Contains(r.ID, "/") || r.Attributes.Created.IsZero()) {
			t.Errorf("%q: %+v", raw, r)
		}
	})
}
