package matrix_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"lastword"
	"lastword/listen"
)

// A talker is a source through which all can be done.
type talker interface {
	listen.Replier
	listen.Finder
	listen.Chooser
	listen.Editor
	listen.Publisher
	listen.Checker
}

func (f *fake) talker(more ...string) talker {
	f.Helper()
	return f.open(more...).(talker)
}

func (f *fake) answer() listen.Reply {
	return listen.Reply{Key: "4711", Made: f.now.Add(-time.Hour), Text: "Ja: *halbe* Größen <b>kommen</b>.", Lang: "de"}
}

func TestReply(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	first := f.say(hall, "Gibt es halbe Größen?")
	to := lastword.Post{Network: "matrix", Key: hall + "/" + first}
	got, err := f.talker().Reply(t.Context(), to, f.answer())
	if err != nil || !strings.HasPrefix(got.Key, hall+"/$e/") || !strings.Contains(got.URL, "matrix.to") {
		t.Fatalf("got %+v, %v", got, err)
	}
	want := map[string]any{"msgtype": "m.text", "body": f.answer().Text, "org.lastword.answer": "4711",
		"m.relates_to": map[string]any{"m.in_reply_to": map[string]any{"event_id": first}}, "m.mentions": map[string]any{"user_ids": []any{mia}}}
	if diff := cmp.Diff(want, f.sent[0]["content"]); diff != "" {
		t.Error(diff)
	}
	to.Ref = hall + "/$faden"
	threaded := f.answer()
	threaded.Key = "4712"
	if _, err := f.talker().Reply(t.Context(), to, threaded); err != nil {
		t.Fatal(err)
	}
	relates := f.sent[1]["content"].(map[string]any)["m.relates_to"].(map[string]any)
	if relates["rel_type"] != "m.thread" || relates["event_id"] != "$faden" || relates["is_falling_back"] != false {
		t.Errorf("sent %v", relates)
	}
}

// A repeated request is told by its transaction, and after a server forgot that, by
// the key in the message.
func TestNeverSentTwice(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	to := lastword.Post{Network: "matrix", Key: hall + "/" + f.say(hall, "Frage")}
	if _, found, err := f.talker().FindReply(t.Context(), to, f.answer()); found || err != nil {
		t.Errorf("before it is sent: %v, %v", found, err)
	}
	first, err := f.talker().Reply(t.Context(), to, f.answer())
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.talker().Reply(t.Context(), to, f.answer())
	if err != nil || again != first || len(f.sent) != 1 {
		t.Errorf("again: %+v, %v, sent %d", again, err, len(f.sent))
	}
	for range 300 {
		f.say(hall, "Wort")
		f.happen(hall, us, "m.room.message", map[string]any{"msgtype": "m.text", "body": "von Hand"}, "origin_server_ts", f.now.UnixMilli())
	}
	found, ok, err := f.talker().FindReply(t.Context(), to, f.answer())
	if err != nil || !ok || found != first {
		t.Errorf("found %+v, %v, %v", found, ok, err)
	}
	other := f.answer()
	other.Key, other.Made = "9", f.now.Add(time.Hour)
	if _, ok, err := f.talker().FindReply(t.Context(), to, other); ok || err != nil {
		t.Errorf("another: %v, %v", ok, err)
	}
	to.Key = "!fremd:x/$1"
	var told *lastword.Mistake
	if _, _, err := f.talker().FindReply(t.Context(), to, f.answer()); !errors.As(err, &told) || told.Key != "why.matrix_forbidden" {
		t.Errorf("a room that we left: %v", err)
	}
}

func TestWhatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	gone := f.say(hall, "weg")
	if err := f.talker().Remove(t.Context(), hall+"/"+gone); err != nil {
		t.Fatal(err)
	}
	there := f.say(hall, "da")
	locked := f.room("!zu:firma.example", "invite")
	inside := f.say("!zu:firma.example", "da")
	locked.locked = true
	long := f.answer()
	long.Text = strings.Repeat("ä", 16_001)
	for name, c := range map[string]struct {
		key string
		a   listen.Reply
		is  error
		why string
	}{
		"redacted":        {hall + "/" + gone, f.answer(), lastword.ErrGone, ""},
		"not there":       {hall + "/$nichts", f.answer(), lastword.ErrGone, ""},
		"no event":        {"at://x", f.answer(), lastword.ErrInvalid, ""},
		"encrypted since": {"!zu:firma.example/" + inside, f.answer(), lastword.ErrInvalid, "why.matrix_encrypted"},
		"not in the room": {"!fremd:x/$1", f.answer(), lastword.ErrInvalid, "why.matrix_forbidden"},
		"too long":        {hall + "/" + there, long, lastword.ErrInvalid, "why.matrix_long"},
	} {
		_, err := f.talker().Reply(t.Context(), lastword.Post{Key: c.key}, c.a)
		var told *lastword.Mistake
		if !errors.Is(err, c.is) || errors.As(err, &told) != (c.why != "") || told != nil && told.Key != c.why {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(f.sent) != 1 {
		t.Errorf("sent %v", f.sent[1:])
	}
	f.fail = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			no(w, 403, "M_FORBIDDEN", nil)
		}
		return r.Method == http.MethodPut
	}
	_, err := f.talker().Reply(t.Context(), lastword.Post{Key: hall + "/" + there}, f.answer())
	var told *lastword.Mistake
	if !errors.As(err, &told) || told.Key != "why.matrix_forbidden" {
		t.Errorf("not allowed to speak: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	b := newFake(t).talker()
	want := []lastword.ReplyOption{{Private: true, At: "https://matrix.to/#/x", Network: lastword.Network{MaxBytes: 32_000}}}
	if diff := cmp.Diff(want, b.Options(lastword.Post{Key: "!a:b/$c/d", Private: true, URL: "https://matrix.to/#/x"})); diff != "" {
		t.Error(diff)
	}
	if got := b.Options(lastword.Post{Key: "5/11"}); got != nil {
		t.Errorf("not of Matrix: %+v", got)
	}
}

// A picture goes out with the words below it, once, and stays when they change.
func TestPublishPicture(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	b := f.open("room", "#halle:firma.example").(listen.Poster)
	p := listen.Post{Key: "77", Made: f.now, Parts: []string{"Der neue Leisten."},
		Pictures: []listen.Picture{{Picture: lastword.Picture{Type: "image/png", Width: 4, Height: 3, Alt: "ein Leisten"}, Bytes: []byte("png")}}}
	first, err := b.Post(t.Context(), p)
	again, failed := b.Post(t.Context(), p)
	if err != nil || failed != nil || len(first) != 1 || first[0] != again[0] || len(f.sent) != 1 || len(f.kept) != 1 || f.kept[0] != "image/png bild.png png" {
		t.Fatalf("published %+v, %v, then %+v, %v; kept %q", first, err, again, failed, f.kept)
	}
	said := f.sent[0]["content"].(map[string]any)
	if said["msgtype"] != "m.image" || said["body"] != "Der neue Leisten." || said["filename"] != "bild.png" || said["url"] != "mxc://firma.example/1" || said["info"].(map[string]any)["w"] != 4.0 {
		t.Errorf("said %v", said)
	}
	changed := p.Whole()
	changed.Text = "Der ganz neue."
	if err := b.(listen.Editor).Edit(t.Context(), first[0].Key, changed); err != nil {
		t.Fatal(err)
	}
	fresh := f.sent[1]["content"].(map[string]any)["m.new_content"].(map[string]any)
	if fresh["msgtype"] != "m.image" || fresh["url"] != "mxc://firma.example/1" || fresh["body"] != "Der ganz neue." {
		t.Errorf("changed to %v", fresh)
	}
	var told *lastword.Mistake
	p.Key, p.Pictures[0].Bytes = "78", make([]byte, 101)
	if _, err := b.Post(t.Context(), p); !errors.As(err, &told) || told.Key != "why.matrix_picture" {
		t.Errorf("too large: %v", err)
	}
}

func TestPublishEditRemove(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var told *lastword.Mistake
	if _, err := f.talker().Publish(t.Context(), f.answer()); !errors.As(err, &told) || told.Key != "connector.matrix.error.noroom" {
		t.Errorf("without a room: %v", err)
	}
	if _, err := f.talker("room", "#nirgends:firma.example").Publish(t.Context(), f.answer()); !errors.As(err, &told) || told.Key != "connector.matrix.error.noalias" {
		t.Errorf("no such room: %v", err)
	}
	b := f.talker("room", "#halle:firma.example")
	f.forgets = true
	first, err := b.Publish(t.Context(), f.answer())
	again, failed := b.Publish(t.Context(), f.answer())
	if err != nil || failed != nil || first != again || len(f.sent) != 1 {
		t.Fatalf("published %+v, %v, then %+v, %v", first, err, again, failed)
	}
	changed := f.answer()
	changed.Text = "Doch nicht."
	f.forgets = false
	for range 2 {
		if err := b.Edit(t.Context(), first.Key, changed); err != nil {
			t.Fatal(err)
		}
	}
	edit := f.sent[1]["content"].(map[string]any)
	_, id, _ := strings.Cut(first.Key, "/")
	if len(f.sent) != 2 || edit["body"] != "* Doch nicht." || edit["m.new_content"].(map[string]any)["body"] != "Doch nicht." || edit["m.relates_to"].(map[string]any)["event_id"] != id {
		t.Errorf("sent %v", f.sent[1:])
	}
	// As much as may be said may be changed: only what old programs show is cut.
	changed.Text = strings.Repeat("Grüße. ", 3500)
	if err := b.Edit(t.Context(), first.Key, changed); err != nil {
		t.Fatal(err)
	}
	edit = f.sent[2]["content"].(map[string]any)
	if short := edit["body"].(string); edit["m.new_content"].(map[string]any)["body"] != changed.Text || len(short) > 2100 || !strings.HasSuffix(short, " …") || !utf8.ValidString(short) {
		t.Errorf("a long change: %.40q … of %d bytes", short, len(short))
	}
	changed.Text = strings.Repeat("x", 32_001)
	if err := b.Edit(t.Context(), first.Key, changed); !errors.As(err, &told) || told.Key != "why.matrix_long" {
		t.Errorf("too long a change: %v", err)
	}
	if err := b.Remove(t.Context(), first.Key); err != nil || f.sent[3]["redacts"] != id {
		t.Errorf("remove: %v, %v", err, f.sent[3:])
	}
	changed.Text = "Doch."
	if err := b.Edit(t.Context(), first.Key, changed); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("edit what was taken back: %v", err)
	}
	for _, err := range []error{b.Edit(t.Context(), "x", changed), b.Remove(t.Context(), "x")} {
		if !errors.Is(err, lastword.ErrInvalid) {
			t.Error(err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	publish := func(more ...string) listen.Ability {
		all, err := f.talker(more...).Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if a.Name == "publish" {
				return a
			}
		}
		return listen.Ability{}
	}
	if a := publish(); a.Can || a.Why != "why.matrix_no_room" {
		t.Errorf("without a room: %+v", a)
	}
	if a := publish("room", "#halle:firma.example"); !a.Can {
		t.Errorf("got %+v", a)
	}
	if a := publish("room", "!fremd:x"); a.Can {
		t.Errorf("a room that we are not in: %+v", a)
	}
	f.rooms[hall].levels = map[string]any{"events_default": 50, "users": map[string]any{us: 0}}
	if a := publish("room", hall); a.Can || a.Why != "why.matrix_forbidden" {
		t.Errorf("may not speak: %+v", a)
	}
	f.rooms[hall].levels["users"] = map[string]any{us: 50}
	if a := publish("room", hall); !a.Can {
		t.Errorf("may speak: %+v", a)
	}
	f.rooms[hall].locked = true
	if a := publish("room", hall); a.Can || a.Why != "why.matrix_encrypted" {
		t.Errorf("encrypted: %+v", a)
	}
	_, err := f.open("user", "@andere:firma.example").(talker).Check(t.Context())
	var told *lastword.Mistake
	if !errors.As(err, &told) || told.Key != "connector.matrix.error.another" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("another's token: %v", err)
	}
}
