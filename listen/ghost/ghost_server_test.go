package ghost_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lastword"
	"lastword/listen"
	"lastword/listen/ghost"
	"lastword/listen/listentest"
)

// A Ghost is too heavy to be installed for every run. Where one runs that may be
// filled, with comments switched on, its address and the key of an integration
// are told by the environment.
type blog struct {
	*testing.T
	url, id, secret string
}

func theBlog(t *testing.T) *blog {
	t.Helper()
	at, key := os.Getenv("LASTWORD_TEST_GHOST_URL"), os.Getenv("LASTWORD_TEST_GHOST_KEY")
	if at == "" || key == "" {
		t.Skip("left out: needs a Ghost (LASTWORD_TEST_GHOST_URL, LASTWORD_TEST_GHOST_KEY)")
	}
	id, secret, _ := strings.Cut(key, ":")
	return &blog{t, at, id, secret}
}

func (b *blog) call(method, path string, in, out any) {
	b.Helper()
	secret, err := hex.DecodeString(b.secret)
	if err != nil {
		b.Fatal(err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "aud": "/admin/"})
	token.Header["kid"] = b.id
	signed, err := token.SignedString(secret)
	if err != nil {
		b.Fatal(err)
	}
	raw, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	req, err := http.NewRequest(method, b.url+"/ghost/api/admin"+path, bytes.NewReader(raw))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Ghost "+signed)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		b.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, said, err)
	}
	if out != nil {
		if err := json.Unmarshal(said, out); err != nil {
			b.Fatal(err)
		}
	}
}

type made struct{ Posts, Comments, Members []struct{ ID, UUID string } }

func (b *blog) post(title string) string {
	b.Helper()
	var got made
	b.call("POST", "/posts/?source=html", map[string]any{"posts": []any{map[string]any{"title": title, "html": "<p>Ab Herbst.</p>", "status": "published"}}}, &got)
	return got.Posts[0].ID
}

func (b *blog) member(name string) string {
	b.Helper()
	var got made
	b.call("POST", "/members/", map[string]any{"members": []any{map[string]any{"name": name, "email": fmt.Sprintf("%s%d@leser.example", name, time.Now().UnixNano())}}}, &got)
	return got.Members[0].ID
}

func (b *blog) comment(c map[string]any) string {
	b.Helper()
	var got made
	b.call("POST", "/comments/", map[string]any{"comments": []any{c}}, &got)
	return got.Comments[0].ID
}

func TestServerHearsAnswersAndPublishes(t *testing.T) {
	b := theBlog(t)
	var us made
	address := fmt.Sprintf("firma%d@schuhe.example", time.Now().UnixNano())
	b.call("POST", "/members/", map[string]any{"members": []any{map[string]any{"name": "Schuhfabrik", "email": address}}}, &us)
	tom, ina, post := b.member("tom"), b.member("ina"), b.post("Neue Leisten")
	first := b.comment(map[string]any{"post_id": post, "member_id": tom, "html": "<p>Endlich! Auch in weit?</p>"})
	second := b.comment(map[string]any{"parent_id": first, "member_id": ina, "html": "<p>Das wüsste ich auch gern.</p>"})

	clock := time.Now()
	settings := map[string]string{"url": b.url + "/ghost/#/dashboard", "key": b.id + ":" + b.secret, "member": address, "publish": "publish"}
	open := func() listen.Source {
		host, _, _ := listentest.Host(http.DefaultClient, time.Now())
		host.Now = func() time.Time { return clock }
		src, err := ghost.New().Open(listen.Account{Channel: 1, Settings: settings}, host)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	cursor := ""
	poll := func() map[string]lastword.Event {
		var h listentest.Heard
		if err := open().Poll(t.Context(), cursor, h.Hear); err != nil {
			t.Fatal(err)
		}
		cursor = h.Cursor(cursor)
		all := map[string]lastword.Event{}
		for _, e := range h.Events() {
			_, key, _ := strings.Cut(e.Post.Key, "|")
			all[key] = e
		}
		return all
	}
	heard := poll()
	p, c, r := heard["p"+post].Post, heard["c"+first].Post, heard["c"+second].Post
	if !p.Own || p.Title != "Neue Leisten" || p.Text != "Ab Herbst." || p.Private {
		t.Errorf("the post: %+v", p)
	}
	if c.Text != "Endlich! Auch in weit?" || c.Author.Name != "tom" || c.Parent != p.Key || c.Root != p.Key || c.Private || c.Own {
		t.Errorf("the comment: %+v", c)
	}
	if r.Parent != c.Key || r.Root != p.Key {
		t.Errorf("the reply: %+v", r)
	}
	if again := poll(); len(again) != 0 {
		t.Errorf("nothing happened, and heard: %v", again)
	}

	for i, to := range []lastword.Post{c, r} {
		a := listen.Reply{Key: fmt.Sprint(4711 + i), Made: time.Now().Add(-time.Minute - time.Duration(i)*time.Second), Text: fmt.Sprint("Ja, <weit> & gut: ab Oktober.\n\nGruß ", i)}
		if _, found, err := open().(listen.Finder).FindReply(t.Context(), to, a); err != nil || found {
			t.Fatalf("FindReply before: %v, %v", found, err)
		}
		got, err := open().(listen.Replier).Reply(t.Context(), to, a)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := open().(listen.Replier).Reply(t.Context(), to, a); err != nil || again != got {
			t.Errorf("Reply again: %+v, %v; want %+v", again, err, got)
		}
		a.Text = "Andere Worte"
		if found, ok, err := open().(listen.Finder).FindReply(t.Context(), to, a); err != nil || !ok || found != got {
			t.Errorf("FindReply by time: %+v, %v, %v", found, ok, err)
		}
		for _, e := range poll() {
			if e.Post.Key != got.Key || !e.Post.Own || e.Post.Parent != to.Key || !strings.HasPrefix(e.Post.Text, "Ja, <weit> & gut") {
				t.Errorf("our own answer: %+v", e.Post)
			}
		}
		if i == 1 {
			if err := open().(listen.Editor).Remove(t.Context(), got.Key); err != nil {
				t.Error(err)
			}
		}
	}
	clock = clock.Add(2 * time.Hour)
	if got := poll(); len(got) != 1 {
		t.Errorf("the removed answer: %v", got)
	}
	b.call("PUT", "/comments/"+second+"/", map[string]any{"comments": []any{map[string]any{"id": second, "status": "hidden"}}}, nil)
	clock = clock.Add(2 * time.Hour)
	if got := poll(); len(got) != 1 || got["c"+second].Op != lastword.Deleted {
		t.Errorf("the hidden comment: %v", got)
	}
	if _, err := open().(listen.Replier).Reply(t.Context(), r, listen.Reply{Key: "9", Made: time.Now(), Text: "Danke"}); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("an answer to a hidden comment: %v", err)
	}
	publish(t, open())
	abilities, err := open().(listen.Checker).Check(t.Context())
	for _, a := range abilities {
		if !a.Can {
			t.Errorf("cannot %s: %s", a.Name, a.Why)
		}
	}
	if err != nil || len(abilities) != 5 {
		t.Errorf("abilities %v, %v", abilities, err)
	}
	settings["key"] = b.id + ":" + strings.Repeat("ab", 32)
	var m *lastword.Mistake
	var h listentest.Heard
	if err := open().Poll(t.Context(), "", h.Hear); !errors.As(err, &m) || m.Key != "connector.ghost.error.key-refused" {
		t.Errorf("a wrong key: %v", err)
	}
}

func publish(t *testing.T, src listen.Source) {
	a := listen.Reply{Key: fmt.Sprint(time.Now().UnixNano()), Text: "Neue Leisten\n\nAb <Herbst> & so."}
	got, err := src.(listen.Publisher).Publish(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := src.(listen.Publisher).Publish(t.Context(), a); err != nil || again != got {
		t.Errorf("published again: %+v, %v; want %+v", again, err, got)
	}
	a.Text = "Anders\n\nGanz anders."
	if err := src.(listen.Editor).Edit(t.Context(), got.Key, a); err != nil {
		t.Error(err)
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); err != nil {
		t.Error(err)
	}
	if err := src.(listen.Editor).Remove(t.Context(), got.Key); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("removed twice: %v", err)
	}
}
