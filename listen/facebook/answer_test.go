package facebook_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/facebook"
)

func comment(at time.Time, ref string) lastword.Post {
	return lastword.Post{Network: "facebook", Key: "900_1", Ref: ref, SaidAt: at, Author: lastword.Author{Key: "7001"}, URL: "https://www.facebook.com/900_1"}
}

func TestWays(t *testing.T) {
	t.Parallel()
	const open, closed, message = `{"k":"comment","m":true}`, `{"k":"comment","m":true,"x":true}`, `{"k":"message","p":"8001"}`
	talk := func(age time.Duration) lastword.Post {
		return lastword.Post{Key: "message/m_1", Ref: message, SaidAt: now.Add(-age), Private: true, URL: "https://www.facebook.com/100/inbox/10/"}
	}
	hour, day := time.Hour, 24*time.Hour
	for _, c := range []struct {
		name  string
		to    lastword.Post
		set   map[string]string
		ways  int
		first string // private, public, hand, closed
		why   string
	}{
		{"a comment", comment(now.Add(-hour), open), nil, 2, "public", ""},
		{"a comment, private first", comment(now.Add(-hour), open), map[string]string{"first": "private"}, 2, "private", ""},
		{"after a week only below it", comment(now.Add(-8*day), open), map[string]string{"first": "private"}, 2, "public", ""},
		{"closed, but by message", comment(now.Add(-hour), closed), nil, 2, "private", ""},
		{"closed for good", comment(now.Add(-8*day), closed), nil, 2, "closed", "why.meta_comments_closed"},
		{"a message", talk(hour), nil, 2, "private", ""},
		{"a message of yesterday", talk(30 * hour), nil, 2, "hand", "why.meta_window_hand"},
		{"with human agent", talk(30 * hour), map[string]string{"human": "yes"}, 2, "private", ""},
		{"a message of last week", talk(8 * day), nil, 2, "closed", "why.meta_window"},
		{"a review", lastword.Post{Key: "review/444", Ref: `{"k":"review"}`, SaidAt: now.Add(-90 * day)}, nil, 1, "public", ""},
		{"our own", lastword.Post{Key: "900_1", Ref: open, Own: true}, nil, 1, "closed", "why.by_hand"},
		{"without a ref", lastword.Post{Key: "900_1"}, nil, 1, "closed", "why.by_hand"},
		{"a forged ref", lastword.Post{Key: "a/b", Ref: open}, nil, 1, "closed", "why.by_hand"},
	} {
		w := newWorld(t)
		for k, v := range c.set {
			w.set[k] = v
		}
		src, _ := w.open(now)
		all := src.(listen.Chooser).Options(c.to)
		first, why := "closed", all[0].Why
		for _, o := range all {
			if !o.Open(now) {
				continue
			}
			switch why = o.Why; {
			case o.ByHand:
				first = "hand"
			case o.Private:
				first = "private"
				if o.Network.Limit != 2000 || o.Network.Name != "facebook" || o.Until.IsZero() {
					t.Errorf("%s: %+v", c.name, o)
				}
			default:
				first = "public"
			}
			break
		}
		if len(all) != c.ways || first != c.first || why != c.why {
			t.Errorf("%s: %s %q, want %s %q: %+v", c.name, first, why, c.first, c.why, all)
		}
	}
}

func TestACommentIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	var there []map[string]any
	w.on("GET 900_1/comments", func(*http.Request, url.Values) (int, string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return 200, encode(map[string]any{"data": there})
	})
	w.on("POST 900_1/comments", func(_ *http.Request, form url.Values) (int, string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		id := fmt.Sprintf("900_5%d", len(there))
		there = append(there, map[string]any{"id": id, "message": form.Get("message"), "from": map[string]string{"id": "100"}, "created_time": "2026-11-28T09:00:00+0000"})
		return 200, encode(map[string]string{"id": id})
	})
	to, a := comment(now.Add(-time.Hour), `{"k":"comment","m":true}`), listen.Reply{Key: "1", Made: now, Text: "Ja, ab Oktober.\n\nIhre Schuhfabrik"}
	got, err := src.(listen.Replier).Reply(t.Context(), to, a)
	if err != nil || got.Key != "900_50" || got.URL != "https://www.facebook.com/900_50" {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := src.(listen.Replier).Reply(t.Context(), to, a); err != nil || again.Key != got.Key || len(there) != 1 {
		t.Errorf("again: %+v, %v, %d there", again, err, len(there))
	}
	if found, ok, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || !ok || found.Key != got.Key {
		t.Errorf("FindReply: %+v, %v, %v", found, ok, err)
	}
	there[0]["from"] = map[string]string{"id": "7001"} // a customer who repeats our words
	if _, ok, err := src.(listen.Finder).FindReply(t.Context(), to, a); err != nil || ok {
		t.Errorf("somebody else's words: %v, %v", ok, err)
	}
	for _, c := range []struct {
		status, code, sub int
		want              error
		key               string
	}{
		{400, 100, 33, lastword.ErrGone, ""}, {400, 100, 0, lastword.ErrInvalid, ""}, {400, 506, 0, lastword.ErrInvalid, "meta.error.twice"},
		{403, 200, 0, lastword.ErrDenied, "meta.error.scope"}, {400, 368, 0, lastword.ErrDenied, "meta.error.blocked"}, {400, 32, 0, lastword.ErrUnavailable, ""},
		{500, 2, 0, lastword.ErrUnavailable, ""}, {400, 190, 463, lastword.ErrDenied, "meta.error.signin-again"},
	} {
		w.refuses("POST 900_1/comments", c.status, c.code, c.sub)
		_, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "2", Made: now, Text: fmt.Sprint("Nummer ", c.code)})
		var m *lastword.Mistake
		if !errors.Is(err, c.want) || c.key != "" && (!errors.As(err, &m) || m.Key != "connector."+c.key) {
			t.Errorf("%d/%d: %v", c.code, c.sub, err)
		}
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: strings.Repeat("x", 8001)}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set["human"] = "yes"
	src, _ := w.open(now)
	sent := ""
	w.on("POST 100/messages", func(_ *http.Request, form url.Values) (int, string) {
		sent = form.Get("json")
		return 200, `{"recipient_id":"8001","message_id":"m_99"}`
	})
	to := lastword.Post{Key: "message/m_3", Ref: `{"k":"message","p":"8001"}`, SaidAt: now.Add(-time.Hour), Private: true}
	got, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: "Bis 47."})
	if err != nil || got.Key != "message/m_99" || sent != `{"message":{"text":"Bis 47."},"messaging_type":"RESPONSE","recipient":{"id":"8001"}}` {
		t.Errorf("%+v, %v, %s", got, err, sent)
	}
	to.SaidAt = now.Add(-30 * time.Hour)
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: "Bis 47."}); err != nil || !strings.Contains(sent, `"tag":"HUMAN_AGENT"`) {
		t.Errorf("late: %v, %s", err, sent)
	}
	private := comment(now.Add(-time.Hour), `{"k":"comment","m":true,"x":true}`)
	if _, err := src.(listen.Replier).Reply(t.Context(), private, listen.Reply{Text: "Gern hier."}); err != nil || sent != `{"message":{"text":"Gern hier."},"recipient":{"comment_id":"900_1"}}` {
		t.Errorf("private: %v, %s", err, sent)
	}
	sent = ""
	old := lastword.Post{Key: "message/m_1", Ref: to.Ref, SaidAt: now.Add(-time.Hour)}
	w.says("GET 100/conversations", strings.ReplaceAll(recorded(t, "conversations"), "2026-11-27T19:30:00", "2026-11-28T08:30:00"))
	if got, err := src.(listen.Replier).Reply(t.Context(), old, listen.Reply{Text: "Ja, in Weiß."}); err != nil || got.Key != "message/m_2" || sent != "" {
		t.Errorf("sent twice: %+v, %v, %s", got, err, sent)
	}
	to.SaidAt = now.Add(-8 * 24 * time.Hour)
	var m *lastword.Mistake
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: "Spät."}); !errors.As(err, &m) || m.Key != "why.meta_window" || sent != "" {
		t.Errorf("outside the window: %v", err)
	}
	to.SaidAt = now.Add(-time.Hour)
	for sub, key := range map[int]string{2018278: "window", 2018108: "not-receiving", 1545041: "not-receiving"} {
		w.refuses("POST 100/messages", 400, 10, sub)
		if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Text: key}); !errors.As(err, &m) || m.Key != "connector.meta.error."+key || !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%d: %v", sub, err)
		}
	}
	if err := src.(listen.Editor).Remove(t.Context(), "message/m_99"); !errors.As(err, &m) || m.Key != "why.meta_message_stays" {
		t.Errorf("Remove: %v", err)
	}
}

func TestPublishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	w.says("GET 100/published_posts", `{"data":[{"id":"100_41","message":"Etwas anderes","created_time":"2026-11-28T08:59:00+0000"}]}`)
	posts := 0
	w.on("POST 100/feed", func(_ *http.Request, form url.Values) (int, string) {
		posts++
		if form.Get("message") != "Neu: https://ahlenbach.example/a." || form.Get("link") != "https://ahlenbach.example/a" {
			t.Errorf("%v", form)
		}
		return 200, `{"id":"100_42"}`
	})
	a := listen.Reply{Key: "1", Made: now, Text: "Neu: https://ahlenbach.example/a."}
	if got, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || got.Key != "100_42" {
		t.Errorf("%+v, %v", got, err)
	}
	w.says("GET 100/published_posts", `{"data":[{"id":"100_42","message":"Neu: https://ahlenbach.example/a.","created_time":"2026-11-28T09:00:00+0000","permalink_url":"https://www.facebook.com/100/posts/42"}]}`)
	if got, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || got.URL != "https://www.facebook.com/100/posts/42" || posts != 1 {
		t.Errorf("again: %+v, %v, %d posts", got, err, posts)
	}
	w.on("POST 100_42", func(_ *http.Request, form url.Values) (int, string) {
		if form.Get("message") != "Anders" {
			t.Errorf("%v", form)
		}
		return 200, `{"success":true}`
	})
	w.says("DELETE 100_42", `{"success":true}`)
	editor := src.(listen.Editor)
	if err := errors.Join(editor.Edit(t.Context(), "100_42", listen.Reply{Text: "Anders"}), editor.Remove(t.Context(), "100_42")); err != nil {
		t.Error(err)
	}
	if err := editor.Remove(t.Context(), "100_43"); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("gone: %v", err)
	}
	if err := editor.Remove(t.Context(), "../me"); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("a strange key: %v", err)
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host, _ := w.host(now)
	acct := listen.Account{Settings: map[string]string{"app": "4711", "appsecret": secret}}
	signin := facebook.New().(listen.Authorizer)
	where, kept, err := signin.Authorize(t.Context(), acct, host, "https://lastword.example/back", "state")
	u, _ := url.Parse(where)
	if err != nil || u.Host != "www.facebook.com" || u.Query().Get("state") != "state" || !strings.Contains(u.Query().Get("scope"), "pages_messaging") || strings.Contains(where, secret) {
		t.Fatalf("%s, %v", where, err)
	}
	steps := 0
	w.on("GET oauth/access_token", func(r *http.Request, _ url.Values) (int, string) {
		q := r.URL.Query()
		steps++
		if q.Get("client_secret") != secret || steps == 1 && q.Get("code") != "c" || steps == 2 && q.Get("fb_exchange_token") != "kurz" {
			t.Errorf("%v", q)
		}
		return 200, []string{"", `{"access_token":"kurz","expires_in":3600}`, `{"access_token":"lang","expires_in":5184000}`}[steps]
	})
	w.says("GET me/accounts", `{"data":[{"id":"100","name":"Schuhfabrik Ahlenbach","access_token":"seite"},{"id":"101","name":"Zweite","access_token":"s2"}]}`)
	var m *lastword.Mistake
	if _, err := signin.Exchange(t.Context(), acct, host, "https://lastword.example/back", kept, url.Values{"code": {"c"}}); !errors.As(err, &m) || m.Key != "connector.facebook.error.which-page" || m.Args["Names"] != "Schuhfabrik Ahlenbach, Zweite" {
		t.Errorf("two pages: %v", err)
	}
	subscribed := ""
	w.on("POST 100/subscribed_apps", func(_ *http.Request, form url.Values) (int, string) {
		subscribed = form.Get("subscribed_fields")
		return 200, `{"success":true}`
	})
	steps, acct.Settings["page"] = 0, "schuhfabrik ahlenbach"
	set, err := signin.Exchange(t.Context(), acct, host, "https://lastword.example/back", kept, url.Values{"code": {"c"}})
	if err != nil || set["token"] != "seite" || set["pageid"] != "100" || !strings.Contains(subscribed, "messages") {
		t.Errorf("%v, %v, %q", set, err, subscribed)
	}
	if _, err := signin.Exchange(t.Context(), acct, host, "", kept, url.Values{"error": {"access_denied"}}); !errors.As(err, &m) || m.Key != "connector.meta.error.signin-refused" {
		t.Errorf("who said no: %v", err)
	}
	w.refuses("GET oauth/access_token", 400, 1, 0)
	if _, err := signin.Exchange(t.Context(), acct, host, "", kept, url.Values{"code": {"c"}}); !errors.As(err, &m) || m.Key != "connector.meta.error.app" {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestWhatATokenMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ends := now.Add(20 * 24 * time.Hour).Unix()
	w.on("GET debug_token", func(r *http.Request, _ url.Values) (int, string) {
		if r.URL.Query().Get("access_token") != "4711|"+secret || r.URL.Query().Get("input_token") != "seite" {
			t.Errorf("asked %v", r.URL.Query())
		}
		return 200, fmt.Sprintf(`{"data":{"app_id":"4711","is_valid":true,"expires_at":0,"data_access_expires_at":%d,"scopes":["pages_read_engagement","pages_read_user_content","pages_manage_engagement","pages_manage_metadata"]}}`, ends)
	})
	w.says("GET 100/subscribed_apps", `{"data":[{"id":"4711"}]}`)
	src, _ := w.open(now)
	all, err := src.(listen.Checker).Check(t.Context())
	can := map[string]listen.Ability{}
	for _, a := range all {
		can[a.Name] = a
	}
	if err != nil || !can["hear"].Can || can["hear"].Why != "why.meta_signin_ends" || can["hear"].Until.Unix() != ends || !can["stream"].Can || !can["reply"].Can || can["message"].Can || can["publish"].Can || can["search"].Can {
		t.Errorf("%+v, %v", all, err)
	}
	w.says("GET 100/subscribed_apps", `{"data":[]}`)
	ends = now.Add(80 * 24 * time.Hour).Unix()
	if all, err := src.(listen.Checker).Check(t.Context()); err != nil || all[1].Can || all[1].Why != "why.meta_no_push" || !all[0].Until.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	// Two years on, the version of the interface raises its hand.
	late, _ := w.open(time.Date(2028, 7, 1, 0, 0, 0, 0, time.UTC))
	ends = 0
	if all, err := late.(listen.Checker).Check(t.Context()); err != nil || all[0].Why != "why.meta_version_ends" || all[0].Until.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	w.says("GET debug_token", `{"data":{"is_valid":false,"error":{"code":190,"subcode":460}}}`)
	var m *lastword.Mistake
	if _, err := src.(listen.Checker).Check(t.Context()); !errors.As(err, &m) || m.Key != "connector.meta.error.password" {
		t.Errorf("%v", err)
	}
}

func TestACopiedToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	delete(w.set, "pageid")
	w.refuses("GET me/accounts", 400, 100, 0)
	w.says("GET me", `{"id":"100","name":"Schuhfabrik Ahlenbach"}`)
	pushes := 0
	w.on("POST 100/subscribed_apps", func(*http.Request, url.Values) (int, string) { pushes++; return 200, `{"success":true}` })
	host, _ := w.host(now)
	host.Keep = func(_ context.Context, s map[string]string) error { maps.Copy(w.set, s); return nil }
	for range 2 { // whose it is is asked for once
		src, err := facebook.New().Open(listen.Account{Channel: 1, Settings: w.set}, host)
		if err != nil {
			t.Fatal(err)
		}
		if h, err := w.poll(src, ""); err != nil || len(h.Events()) != 10 || pushes != 1 || w.set["pageid"] != "100" {
			t.Errorf("a page's token: %v, %v, asked to push %d times", h.Events(), err, pushes)
		}
	}
	var m *lastword.Mistake
	w.set["page"] = "Eine andere" // and once more where somebody wishes another page
	other, _ := w.open(now)
	if _, err := w.poll(other, ""); !errors.As(err, &m) || m.Key != "connector.facebook.error.no-page" {
		t.Errorf("another page: %v", err)
	}
	w.set["page"] = ""
	src, _ := w.open(now)
	names, err := src.(listen.Namer).Names(t.Context(), []string{"8002", "a/b", "8003"})
	if err != nil || len(names) != 0 {
		t.Errorf("%v, %v", names, err)
	}
	w.says("GET 8002", `{"id":"8002","name":"Nora Heim"}`)
	if names, err = src.(listen.Namer).Names(t.Context(), []string{"8002", "8003"}); err != nil || len(names) != 1 || names["8002"].Name != "Nora Heim" {
		t.Errorf("%v, %v", names, err)
	}
}

// Pictures are brought before the post that shows them, with what they show, and only
// for a post that is not there yet.
func TestPublishingWithPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src, _ := w.open(now)
	w.says("GET 100/published_posts", `{"data":[]}`)
	var brought []string
	w.on("POST 100/photos", func(_ *http.Request, form url.Values) (int, string) {
		brought = append(brought, strings.Join([]string{form.Get("published"), form.Get("alt_text_custom"), form.Get("source")}, " "))
		return 200, fmt.Sprintf(`{"id":"70%d"}`, len(brought))
	})
	var made url.Values
	w.on("POST 100/feed", func(_ *http.Request, form url.Values) (int, string) { made = form; return 200, `{"id":"100_42"}` })
	p := listen.Post{Key: "1", Made: now, Parts: []string{"Neu: https://ahlenbach.example/a"}, Pictures: []listen.Picture{
		{Picture: lastword.Picture{Type: "image/png", Alt: "Ein Schuh"}, Bytes: []byte("eins")}, {Picture: lastword.Picture{Type: "image/jpeg"}, Bytes: []byte("zwei")}}}
	if m := src.(listen.Mannered).Manner(t.Context()); m.Pictures != 10 || m.Limit == 0 || !m.Unfurls {
		t.Errorf("manner %+v", m)
	}
	got, err := src.(listen.Poster).Post(t.Context(), p)
	if err != nil || len(got) != 1 || got[0].Key != "100_42" {
		t.Fatalf("%+v, %v", got, err)
	}
	if want := "false Ein Schuh image/png eins, false  image/jpeg zwei"; strings.Join(brought, ", ") != want {
		t.Errorf("brought %v", brought)
	}
	if made.Get("attached_media[0]") != `{"media_fbid":"701"}` || made.Get("attached_media[1]") != `{"media_fbid":"702"}` || made.Get("link") != "" || made.Get("message") != p.Parts[0] {
		t.Errorf("published %v", made)
	}
	w.says("GET 100/published_posts", `{"data":[{"id":"100_42","message":"Neu: https://ahlenbach.example/a","created_time":"2026-11-28T09:00:00+0000"}]}`)
	if again, err := src.(listen.Poster).Post(t.Context(), p); err != nil || again[0].Key != "100_42" || len(brought) != 2 {
		t.Errorf("again: %+v, %v, %d pictures", again, err, len(brought))
	}
	w.says("GET 100/published_posts", `{"data":[]}`)
	made = nil
	w.refuses("POST 100/photos", 400, 324, 0)
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) || made != nil {
		t.Errorf("a picture that is not taken: %v, %v", err, made)
	}
	p.Pictures = make([]listen.Picture, 11)
	if _, err := src.(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("eleven pictures: %v", err)
	}
}
