package matrix_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/internal/testserver"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/matrix"
)

// A visit is an account at a real homeserver, and a customer there.
type visit struct {
	*testing.T
	server   *testserver.Matrix
	company  testserver.MatrixUser
	customer testserver.MatrixUser
	host     listen.Host
	drops    map[string]int
	secrets  map[string]string
}

func newVisit(t *testing.T) *visit {
	v := &visit{T: t, server: testserver.StartMatrix(t), secrets: map[string]string{}}
	v.company, v.customer = v.server.User(t, "lind"), v.server.User(t, "mia")
	v.host, v.drops, _ = listentest.Host(&http.Client{Timeout: time.Minute}, time.Now())
	v.host.Now = time.Now
	var mu sync.Mutex
	v.host.Keep, v.host.Kept = listentest.Keeping(v.secrets, &mu), listentest.Kept(v.secrets, &mu)
	return v
}

func (v *visit) open(more ...string) listen.Source {
	v.Helper()
	settings := map[string]string{"user": v.company.ID, "password": v.company.Password, "server": v.server.URL, "join": "yes"}
	for i := 0; i < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	for name, value := range v.secrets {
		settings[name] = value
	}
	src, err := matrix.New().Open(listen.Account{Channel: 7, Settings: settings}, v.host)
	if err != nil {
		v.Fatal(err)
	}
	return src
}

// until polls until as many events were heard as are wanted: the server tells of
// what it was told a little later.
func (v *visit) until(src listen.Source, at string, n int) ([]lastword.Event, string) {
	v.Helper()
	var events []lastword.Event
	for end := time.Now().Add(time.Minute); len(events) < n; time.Sleep(50 * time.Millisecond) {
		var h listentest.Heard
		if err := src.Poll(v.Context(), at, h.Hear); err != nil {
			v.Fatal(err)
		}
		events, at = append(events, h.Events()...), h.Cursor(at)
		if time.Now().After(end) {
			v.Fatalf("heard %s, want %d", words(events), n)
		}
	}
	return events, at
}

// TestServerMatrix hears, answers, finds, changes and takes back at a homeserver
// that others wrote.
func TestServerMatrix(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	src := v.open()
	_, at := v.until(src, "", 0)
	if err := src.Poll(t.Context(), "", func(_ context.Context, _ []lastword.Event, next string) error { at = next; return nil }); err != nil {
		t.Fatal(err)
	}
	if v.secrets["accesstoken"] == "" {
		t.Error("the password was not used up for a token")
	}
	hall := v.server.Room(t, v.customer, "public_chat", v.company.ID)
	for end := time.Now().Add(time.Minute); ; { // the invitation is accepted
		var h listentest.Heard
		if err := src.Poll(t.Context(), at, h.Hear); err != nil {
			t.Fatal(err)
		}
		at = h.Cursor(at)
		var joined struct {
			Rooms []string `json:"joined_rooms"`
		}
		v.server.Call(t, v.company.Token, http.MethodGet, "/v3/joined_rooms", nil, &joined)
		if slices.Contains(joined.Rooms, hall) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the invitation was not accepted")
		}
	}
	first := v.server.Text(t, v.customer, hall, "Gibt es halbe Größen?")
	events, at := v.until(src, at, 1)
	p := events[0].Post
	if p.Key != hall+"/"+first || p.Text != "Gibt es halbe Größen?" || p.Private || p.Author.Key != v.customer.ID || p.Author.Name != "mia" {
		t.Fatalf("heard %+v", p)
	}
	b := src.(talker)
	answer := listen.Reply{Key: "4711", Made: time.Now(), Text: "Ja, im März.", Lang: "de"}
	if _, found, err := b.FindReply(t.Context(), p, answer); found || err != nil {
		t.Errorf("before it is sent: %v, %v", found, err)
	}
	got, err := b.Reply(t.Context(), p, answer)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Reply(t.Context(), p, answer)
	if err != nil || again != got {
		t.Errorf("again %+v, %v", again, err)
	}
	found, ok, err := b.FindReply(t.Context(), p, answer)
	if err != nil || !ok || found != got {
		t.Errorf("found %+v, %v, %v", found, ok, err)
	}
	events, at = v.until(src, at, 1)
	if e := events[0].Post; !e.Own || e.Parent != p.Key || e.Key != got.Key {
		t.Errorf("our answer is heard as %+v", e)
	}
	answer.Text = "Ja, im April."
	if err := b.Edit(t.Context(), got.Key, answer); err != nil {
		t.Fatal(err)
	}
	events, at = v.until(src, at, 1)
	if events[0].Op != lastword.Edited || events[0].Post.Text != "Ja, im April." || events[0].Post.Key != got.Key {
		t.Errorf("our edit is heard as %+v", events[0])
	}
	if err := b.Remove(t.Context(), got.Key); err != nil {
		t.Fatal(err)
	}
	v.server.Call(t, v.customer.Token, http.MethodPut, "/v3/rooms/"+url.PathEscape(hall)+"/redact/"+url.PathEscape(first)+"/r1", map[string]any{}, nil)
	events, _ = v.until(src, at, 2)
	if events[0].Op != lastword.Deleted || events[1].Op != lastword.Deleted {
		t.Errorf("redactions are heard as %+v", events)
	}
	if _, err := b.Reply(t.Context(), p, listen.Reply{Key: "4712", Text: "?"}); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("an answer to what was taken back: %v", err)
	}
}

// TestServerMatrixGap misses more than a sync shows, in a room that is closed to
// others, and hears the rest; then the room is encrypted.
func TestServerMatrixGap(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	room := v.server.Room(t, v.customer, "private_chat", v.company.ID)
	v.server.Call(t, v.company.Token, http.MethodPost, "/v3/join/"+url.PathEscape(room), map[string]any{}, nil)
	v.server.Text(t, v.customer, room, "eins")
	src := v.open("room", room)
	events, at := v.until(src, "", 1)
	if words(events) != "eins" || !events[0].Post.Private {
		t.Fatalf("heard %+v", events)
	}
	for range 130 {
		v.server.Text(t, v.customer, room, "Wort")
	}
	events, at = v.until(v.open("room", room), at, 130)
	seen := map[string]bool{}
	for _, e := range events { // a server may show the last that was heard once more
		if e.Post.Text == "Wort" {
			seen[e.Post.Key] = true
		}
	}
	if len(seen) != 130 || v.drops[matrix.Gap] != 0 {
		t.Errorf("heard %d of 130, dropped %v", len(seen), v.drops)
	}
	b := v.open("room", room).(talker)
	if all, err := b.Check(t.Context()); err != nil || !slices.ContainsFunc(all, func(a listen.Ability) bool { return a.Name == "publish" && a.Can }) {
		t.Errorf("check: %+v, %v", all, err)
	}
	if _, err := b.Publish(t.Context(), listen.Reply{Key: "1", Made: time.Now(), Text: "Neu"}); err != nil {
		t.Error(err)
	}
	shown := listen.Post{Key: "7", Made: time.Now(), Parts: []string{"Mit Bild"}, Pictures: []listen.Picture{{Picture: lastword.Picture{Type: "image/png", Width: 1, Height: 1},
		Bytes: pixel(t)}}}
	for range 2 {
		if got, err := b.(listen.Poster).Post(t.Context(), shown); err != nil || len(got) != 1 {
			t.Errorf("a picture: %+v, %v", got, err)
		}
	}
	_, at = v.until(src, at, 2)
	v.server.Call(t, v.customer.Token, http.MethodPut, "/v3/rooms/"+url.PathEscape(room)+"/state/m.room.encryption/", map[string]any{"algorithm": "m.megolm.v1.aes-sha2"}, nil)
	v.server.Say(t, v.customer, room, "m.room.encrypted", map[string]any{"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "sender_key": "k", "session_id": "s", "device_id": "D"})
	for end := time.Now().Add(time.Minute); v.drops[matrix.Encrypted] == 0; time.Sleep(50 * time.Millisecond) {
		_, at = v.until(src, at, 0)
		var h listentest.Heard
		if err := src.Poll(t.Context(), at, h.Hear); err != nil {
			t.Fatal(err)
		}
		at = h.Cursor(at)
		if time.Now().After(end) {
			t.Fatalf("dropped %v", v.drops)
		}
	}
	var told *lastword.Mistake
	if _, err := b.Publish(t.Context(), listen.Reply{Key: "2", Made: time.Now(), Text: "Neu"}); !errors.As(err, &told) || told.Key != "why.matrix_encrypted" {
		t.Errorf("into an encrypted room: %v", err)
	}
	v.server.Call(t, v.company.Token, http.MethodPost, "/v3/logout/all", map[string]any{}, nil)
	if err := src.Poll(t.Context(), at, new(listentest.Heard).Hear); err != nil {
		t.Errorf("after the company ended all sessions, the password is used: %v", err)
	}
	v.server.Call(t, "", http.MethodPost, "/v3/login", map[string]any{"type": "m.login.password", "password": v.company.Password,
		"identifier": map[string]string{"type": "m.id.user", "user": v.company.ID}, "device_id": "LASTWORD7"}, nil) // ends our session
	clear(v.secrets)
	if err := v.open("password", "falsch").Poll(t.Context(), at, new(listentest.Heard).Hear); !errors.As(err, &told) || told.Field != "password" {
		t.Errorf("a wrong password: %v", err)
	}
}

// pixel is a picture.
func pixel(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
