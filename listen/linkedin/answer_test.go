package linkedin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/metatest"
	"lastword/listen"
	"lastword/listen/linkedin"
	"lastword/listen/listentest"
)

func TestAnswering(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	var there []map[string]any
	// A reply to a reply hangs on the first comment: that of Tom.
	nested := "urn:li:comment:(" + post + ",55)"
	w.says("GET "+path("socialActions", post, "comments", "55"), metatest.Encode(map[string]any{"commentUrn": nested, "actor": "urn:li:person:b", "object": post, "parentComment": toms}))
	w.on("GET "+path("socialActions", toms, "comments"), func(*http.Request, url.Values) (int, string) {
		return 200, metatest.Encode(map[string]any{"elements": there})
	})
	w.on("POST "+path("socialActions", toms, "comments"), func(_ *http.Request, form url.Values) (int, string) {
		var got map[string]any
		if err := json.Unmarshal([]byte(form.Get("json")), &got); err != nil || got["actor"] != org || got["object"] != post || got["parentComment"] != toms {
			t.Errorf("%v, %v", form, err)
		}
		got["id"], got["created"] = fmt.Sprint("9", len(there)), map[string]int64{"time": now.UnixMilli()}
		there = append(there, got)
		return 201, metatest.Encode(got)
	})
	to, a := lastword.Post{Key: nested, SaidAt: now.Add(-time.Hour)}, listen.Reply{Key: "1", Made: now, Text: "Ja (ab Oktober)."}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil || got.Key != "urn:li:comment:("+post+",90)" || there[0]["message"].(map[string]any)["text"] != a.Text {
		t.Fatalf("%+v, %v, %v", got, err, there)
	}
	if again, err := src.(listen.Replier).Reply(t.Context(), to, a); err != nil || again != got || len(there) != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if found, ok, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || !ok || found != got {
		t.Errorf("FindReply: %+v, %v, %v", found, ok, err)
	}
	for status, want := range map[int]error{400: lastword.ErrInvalid, 403: lastword.ErrDenied, 404: lastword.ErrGone, 429: lastword.ErrUnavailable, 500: lastword.ErrUnavailable} {
		w.refuses("POST "+path("socialActions", toms, "comments"), status)
		if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: fmt.Sprint(status)}); !errors.Is(err, want) {
			t.Errorf("%d: %v", status, err)
		}
	}
	w.refuses("GET "+path("socialActions", post, "comments", "55"), 404)
	if _, err := src.(listen.Replier).Reply(t.Context(), to, a); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("gone: %v", err)
	}
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || found {
		t.Errorf("gone: %v, %v", found, err)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: strings.Repeat("ä", 1251)}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
	for _, p := range []lastword.Post{{Key: "../me"}, {Key: toms, Own: true}} {
		if o := src.(listen.Chooser).Options(p); !o[0].Closed {
			t.Errorf("%+v", o)
		}
		if _, err := src.(listen.Replier).Reply(t.Context(), p, a); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestAPostThatNamesThePageIsAnsweredBelowIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	w.says("GET "+path("socialActions", inas, "comments"), `{"elements":[]}`)
	w.on("POST "+path("socialActions", inas, "comments"), func(_ *http.Request, form url.Values) (int, string) {
		if strings.Contains(form.Get("json"), "parentComment") {
			t.Errorf("%v", form)
		}
		return 201, `{"commentUrn":"urn:li:comment:(urn:li:share:7094637247487990000,7)"}`
	})
	if got, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Key: inas, SaidAt: now}, listen.Reply{Text: "Danke."}); err != nil || got.Key != "urn:li:comment:("+inas+",7)" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestACommentIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	w.on("POST "+path("socialActions", post, "comments", "90"), func(r *http.Request, form url.Values) (int, string) {
		if r.URL.Query().Get("actor") != org || r.Header.Get("X-Restli-Method") != "PARTIAL_UPDATE" || form.Get("json") != `{"patch":{"message":{"$set":{"text":"Anders"}}}}` {
			t.Errorf("%v %v", r.URL, form)
		}
		return 200, `{}`
	})
	w.says("DELETE "+path("socialActions", post, "comments", "90"), ``)
	editor := src.(listen.Editor)
	key := "urn:li:comment:(" + post + ",90)"
	if err := errors.Join(editor.Edit(t.Context(), key, listen.Reply{Text: "Anders"}), editor.Remove(t.Context(), key)); err != nil {
		t.Error(err)
	}
	if err := editor.Remove(t.Context(), "x"); !errors.Is(err, lastword.ErrInvalid) {
		t.Error(err)
	}
}

// header lets an answer carry the id of what was made.
type header struct {
	http.RoundTripper
	id string
}

func (h header) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := h.RoundTripper.RoundTrip(r)
	if err == nil && r.Method == http.MethodPost {
		resp.Header.Set("X-Restli-Id", h.id)
	}
	return resp, err
}

func TestPublishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.says("GET "+at+"posts", `{"elements":[]}`)
	posts := 0
	w.on("POST "+at+"posts", func(_ *http.Request, form url.Values) (int, string) {
		posts++
		var got struct{ Author, Commentary, Visibility, LifecycleState string }
		if err := json.Unmarshal([]byte(form.Get("json")), &got); err != nil || got.Author != org || got.Commentary != `Neu \(ab heute\): #schuhe \@home` || got.Visibility != "PUBLIC" || got.LifecycleState != "PUBLISHED" {
			t.Errorf("%v, %v", form, err)
		}
		return 201, ``
	})
	host, _, _ := listentest.Host(&http.Client{Transport: header{w.World, "urn:li:share:99"}}, now)
	src, err := linkedin.New().Open(listen.Account{Channel: 1, Settings: w.set}, host)
	if err != nil {
		t.Fatal(err)
	}
	a := listen.Reply{Made: now, Text: "Neu (ab heute): #schuhe @home"}
	if got, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || got.Key != "urn:li:share:99" || got.URL != "https://www.linkedin.com/feed/update/urn:li:share:99/" {
		t.Errorf("%+v, %v", got, err)
	}
	w.says("GET "+at+"posts", metatest.Encode(map[string]any{"elements": []any{map[string]any{"id": "urn:li:share:99", "commentary": linkedin.Little(a.Text), "createdAt": now.UnixMilli()}}}))
	if got, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || got.Key != "urn:li:share:99" || posts != 1 {
		t.Errorf("again: %+v, %v, %d posts", got, err, posts)
	}
	w.on("POST "+path("posts", "urn:li:share:99"), func(_ *http.Request, form url.Values) (int, string) {
		if form.Get("json") != `{"patch":{"$set":{"commentary":"Anders \\_"}}}` {
			t.Errorf("%v", form)
		}
		return 204, ``
	})
	if err := src.(listen.Editor).Edit(t.Context(), "urn:li:share:99", listen.Reply{Text: "Anders _"}); err != nil {
		t.Error(err)
	}
	if err := src.(listen.Editor).Remove(t.Context(), "urn:li:share:98"); err == nil {
		t.Error("a post that is not there was removed")
	}
}

// Pictures go to where LinkedIn says, if that is LinkedIn, before the post that shows
// them; one alone is another kind of content than several.
func TestPublishingWithPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.says("GET "+at+"posts", `{"elements":[]}`)
	n, where := 0, "https://www.linkedin.com/dms-uploads/"
	w.on("POST "+at+"images", func(r *http.Request, form url.Values) (int, string) {
		if r.URL.RawQuery != "action=initializeUpload" || form.Get("json") != `{"initializeUploadRequest":{"owner":"`+org+`"}}` {
			t.Errorf("%s %v", r.URL, form)
		}
		n++
		return 200, fmt.Sprintf(`{"value":{"uploadUrlExpiresAt":1650567510704,"uploadUrl":"%sp%d","image":"urn:li:image:C%d"}}`, where, n, n)
	})
	var brought []string
	for i := range 4 {
		w.On(fmt.Sprint("PUT www.linkedin.com/dms-uploads/p", i+1), func(r *http.Request, form url.Values) (int, string) {
			brought = append(brought, r.Header.Get("Content-Type")+" "+form.Encode()+r.Header.Get("Authorization"))
			return 201, ""
		})
	}
	var content string
	w.on("POST "+at+"posts", func(_ *http.Request, form url.Values) (int, string) {
		var got struct{ Content json.RawMessage }
		if err := json.Unmarshal([]byte(form.Get("json")), &got); err != nil {
			t.Error(err)
		}
		content = string(got.Content)
		return 201, ``
	})
	host, _, _ := listentest.Host(&http.Client{Transport: header{w.World, "urn:li:share:99"}}, now)
	src, err := linkedin.New().Open(listen.Account{Channel: 1, Settings: w.set}, host)
	if err != nil {
		t.Fatal(err)
	}
	one := listen.Picture{Picture: lastword.Picture{Type: "image/png", Alt: "Ein Schuh"}, Bytes: []byte("eins")}
	p := listen.Post{Key: "1", Made: now, Parts: []string{"Neu."}, Pictures: []listen.Picture{one}}
	got, err := src.(listen.Poster).Post(t.Context(), p)
	if err != nil || got[0].Key != "urn:li:share:99" || content != `{"media":{"altText":"Ein Schuh","id":"urn:li:image:C1"}}` || len(brought) != 1 || brought[0] != "image/png eins=Bearer t" {
		t.Errorf("one: %+v, %v, %s, %v", got, err, content, brought)
	}
	p.Pictures = append(p.Pictures, listen.Picture{Picture: lastword.Picture{Type: "image/jpeg"}, Bytes: []byte("zwei")})
	if _, err = src.(listen.Poster).Post(t.Context(), p); err != nil || content != `{"multiImage":{"images":[{"altText":"Ein Schuh","id":"urn:li:image:C2"},{"id":"urn:li:image:C3"}]}}` {
		t.Errorf("two: %v, %s", err, content)
	}
	content, where = "", "https://linkedin.com.evil.example/"
	if _, err = src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrUnavailable) || content != "" {
		t.Errorf("an address elsewhere: %v, %s", err, content)
	}
	p.Pictures = make([]listen.Picture, 21)
	if _, err = src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("too many: %v", err)
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tokens = map[string]bool{"neu": true}
	h, _, _ := listentest.Host(w.Client(), now)
	signin, acct := linkedin.New().(listen.Authorizer), listen.Account{Settings: map[string]string{"client": "77abc", "clientsecret": secret}}
	where, kept, err := signin.Authorize(t.Context(), acct, h, "https://lastword.example/back", "state")
	if err != nil || !strings.HasPrefix(where, "https://www.linkedin.com/oauth/v2/authorization?") || strings.Contains(where, secret) {
		t.Fatalf("%s, %v", where, err)
	}
	answer, status := `{"access_token":"neu","expires_in":5184000,"refresh_token":"r","refresh_token_expires_in":31536000,"scope":"r_organization_social,w_organization_social,rw_organization_admin"}`, 200
	w.On("POST www.linkedin.com/oauth/v2/accessToken", func(_ *http.Request, form url.Values) (int, string) {
		if form.Get("client_secret") != secret || form.Get("code") != "c" && form.Get("refresh_token") != "r" {
			t.Errorf("%v", form)
		}
		return status, answer
	})
	set, err := signin.Exchange(t.Context(), acct, h, "https://lastword.example/back", kept, url.Values{"code": {"c"}})
	if err != nil || set["token"] != "neu" || set["refresh"] != "r" {
		t.Fatalf("%v, %v", set, err)
	}
	var m *lastword.Mistake
	for body, key := range map[string]string{`{"access_token":"neu","scope":"r_organization_social"}`: "scope", `{"error":"invalid_client"}`: "app", `{"error":"invalid_request"}`: "signin-again"} {
		answer, status = body, 200
		if strings.Contains(body, "error") {
			status = 400
		}
		if _, err := signin.Exchange(t.Context(), acct, h, "", kept, url.Values{"code": {"c"}}); !errors.As(err, &m) || m.Key != "connector.linkedin.error."+key {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := signin.Exchange(t.Context(), acct, h, "", kept, url.Values{"error": {"user_cancelled_login"}}); !errors.As(err, &m) || m.Key != "connector.linkedin.error.signin-refused" {
		t.Error(err)
	}
	// A token is renewed before its end, and where it is refused; the new one is kept.
	answer, status = `{"access_token":"neu","expires_in":5184000}`, 200
	stored := map[string]string{}
	h.Keep = func(_ context.Context, s map[string]string) error { stored = s; return nil }
	for name, until := range map[string]time.Time{"ending": now.Add(time.Hour), "refused": now.Add(50 * 24 * time.Hour)} {
		clear(stored)
		old := map[string]string{"client": "77abc", "clientsecret": secret, "token": "alt", "refresh": "r", "refreshuntil": fmt.Sprint(now.Add(300 * 24 * time.Hour).Unix()), "until": fmt.Sprint(until.Unix()), "scope": set["scope"]}
		src, err := linkedin.New().Open(listen.Account{Channel: 1, Settings: old}, h)
		if err != nil {
			t.Fatal(err)
		}
		all, err := src.(listen.Checker).Check(t.Context())
		if err != nil || !all[0].Can || all[0].Why != "" || stored["token"] != "neu" || stored["refresh"] != "r" {
			t.Errorf("%s: %+v, %v, kept %v", name, all, err, stored)
		}
	}
	// Without a way to renew it, its end and that of the version raise their hand.
	set["token"], set["refresh"], set["until"] = "neu", "", fmt.Sprint(now.Add(20*24*time.Hour).Unix())
	set["client"], set["clientsecret"] = "77abc", secret
	for later, why := range map[time.Duration]string{0: "why.linkedin_signin_ends", 9 * 30 * 24 * time.Hour: "why.linkedin_version_ends"} {
		h.Now = func() time.Time { return now.Add(later) }
		set["until"] = fmt.Sprint(now.Add(20 * 24 * time.Hour).Unix())
		if later > 0 {
			set["until"] = "0"
		}
		src, err := linkedin.New().Open(listen.Account{Channel: 1, Settings: set}, h)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := src.(listen.Checker).Check(t.Context()); err != nil || all[0].Why != why || all[0].Until.IsZero() || all[1].Can {
			t.Errorf("%s: %+v, %v", why, all, err)
		}
	}
}

func FuzzLittle(f *testing.F) {
	f.Add("a (b) [c] {d} @e #f *g* _h_ ~i~ \\ | <j>")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		if got := linkedin.Plain(linkedin.Little(s)); got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func FuzzNotification(f *testing.F) {
	var got struct{ Elements []json.RawMessage }
	if err := json.Unmarshal([]byte(recorded(f, "notifications")), &got); err != nil {
		f.Fatal(err)
	}
	for _, raw := range got.Elements {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, ok := linkedin.Read(raw)
		if ok && (!strings.HasPrefix(e.Post.Key, "urn:li:") || strings.ContainsAny(e.Post.Key+e.Post.Author.Key, "/?# ") || e.Op != lastword.Deleted && (e.Post.Text == "" || e.Post.SaidAt.IsZero())) {
			t.Errorf("%q: %+v", raw, e)
		}
		if c, ok := linkedin.ReadComment(raw); ok && (!strings.HasPrefix(c.URN, "urn:li:comment:(urn:li:") || strings.ContainsAny(c.URN, "/?# ")) {
			t.Errorf("%q: %+v", raw, c)
		}
	})
}
