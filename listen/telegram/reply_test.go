package telegram_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lastword"
	"lastword/internal/length"
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

var (
	asked  = lastword.Post{Network: "telegram", Key: "123456:5/11", Private: true, Ref: `{"p":true}`}
	answer = listen.Reply{Key: "4711", Made: time.Unix(1795000000, 0), Released: time.Unix(1795000100, 0), Text: "Ja: *halbe* Größen <b>kommen</b> im März.", Lang: "de"}
)

func (f *fake) talker(more ...string) talker {
	f.Helper()
	return f.open(more...).(talker)
}

func TestReply(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	got, err := f.talker().Reply(t.Context(), asked, answer)
	if err != nil || got.Key != "123456:5/1001" || got.URL != "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	want := map[string]any{"chat_id": 5.0, "text": answer.Text, "reply_parameters": map[string]any{"message_id": 11.0}, "link_preview_options": map[string]any{"is_disabled": true}}
	if diff := cmp.Diff(want, f.sent[0]); diff != "" {
		t.Error(diff)
	}
	inGroup := lastword.Post{Network: "telegram", Key: "-1001234567890/21", Ref: `{"t":3}`}
	got, err = f.talker().Reply(t.Context(), inGroup, listen.Reply{Key: "4712", Text: "Ja."})
	if err != nil || got.Key != "-1001234567890/1002" || got.URL != "https://t.me/lindfreunde/1002" || f.sent[1]["message_thread_id"] != 3.0 {
		t.Errorf("got %+v, %v, sent %v", got, err, f.sent[1])
	}
	found, ok, err := f.talker().FindReply(t.Context(), asked, answer)
	if err != nil || !ok || found.Key != "123456:5/1001" {
		t.Errorf("found %+v, %v, %v", found, ok, err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	b := newFake(t).talker()
	allowed := lastword.Network{Limit: 4096, Unit: lastword.UTF16}
	for name, c := range map[string]struct {
		to   lastword.Post
		want []lastword.ReplyOption
	}{
		"private":         {asked, []lastword.ReplyOption{{Private: true, Network: allowed}}},
		"group":           {lastword.Post{Key: "-1001/21", URL: "https://t.me/a/21", Ref: `{}`}, []lastword.ReplyOption{{At: "https://t.me/a/21", Network: allowed}}},
		"in a channel":    {lastword.Post{Key: "-1001/21", Ref: `{"c":true}`}, []lastword.ReplyOption{{Closed: true, Why: "why.telegram_channel", Network: allowed}}},
		"another bot's":   {lastword.Post{Key: "999:5/11", Ref: `{"p":true}`}, nil},
		"not of Telegram": {lastword.Post{Key: "at://x"}, nil},
	} {
		if diff := cmp.Diff(c.want, b.Options(c.to)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What Telegram refuses was not sent, and may be tried again; of what it said
// nothing about nobody knows, and it is not sent again by itself.
func TestNeverSentTwice(t *testing.T) {
	t.Parallel()
	hangUp := func(w http.ResponseWriter) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = c.Close() // the answer is lost
		}
	}
	for name, c := range map[string]struct {
		fail   func(w http.ResponseWriter)
		is     error
		key    string
		unsure bool
	}{
		"too much":         {func(w http.ResponseWriter) { refuse(w, 429, "Too Many Requests", map[string]any{"retry_after": 5}) }, lastword.ErrUnavailable, "", false},
		"blocked":          {func(w http.ResponseWriter) { refuse(w, 403, "Forbidden: bot was blocked by the user", nil) }, lastword.ErrInvalid, "why.telegram_blocked", false},
		"deleted":          {func(w http.ResponseWriter) { refuse(w, 400, "Bad Request: message to be replied not found", nil) }, lastword.ErrGone, "", false},
		"refused":          {func(w http.ResponseWriter) { refuse(w, 400, "Bad Request: chat not found", nil) }, lastword.ErrInvalid, "", false},
		"token refused":    {func(w http.ResponseWriter) { refuse(w, 401, "Unauthorized", nil) }, lastword.ErrDenied, "connector.telegram.error.refused", false},
		"broken inside":    {func(w http.ResponseWriter) { refuse(w, 500, "Internal Server Error", nil) }, lastword.ErrUnavailable, "", true},
		"broken before":    {func(w http.ResponseWriter) { w.WriteHeader(502) }, lastword.ErrUnavailable, "", true},
		"answer lost":      {hangUp, lastword.ErrUnavailable, "", true},
		"answer malformed": {func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"ok":true,"result":[]}`)) }, lastword.ErrUnavailable, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			var mended atomic.Bool
			f.fail = func(w http.ResponseWriter, method string) bool {
				if method == "sendMessage" && !mended.Load() {
					c.fail(w)
					return true
				}
				return false
			}
			_, err := f.talker().Reply(t.Context(), asked, answer)
			var told *lastword.Mistake
			if !errors.Is(err, c.is) || errors.As(err, &told) != (c.key != "") || told != nil && told.Key != c.key {
				t.Fatalf("got %v", err)
			}
			mended.Store(true)
			_, found, err := f.talker().FindReply(t.Context(), asked, answer)
			if found || errors.As(err, &told) != c.unsure || c.unsure && (told.Key != "why.telegram_unsure" || !errors.Is(err, lastword.ErrInvalid)) {
				t.Errorf("found %v, %v", found, err)
			}
			again := answer
			again.Released = answer.Released.Add(time.Hour) // by a director who was told
			if _, found, err := f.talker().FindReply(t.Context(), asked, again); found || err != nil {
				t.Errorf("released once more: found %v, %v", found, err)
			}
		})
	}
}

// Nothing is sent that could not be noted before; notes are kept as long as they
// matter.
func TestNotes(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	keep := f.host.Keep
	f.host.Keep = nil
	f.host.Kept = nil
	if _, err := f.talker().Reply(t.Context(), asked, answer); err != nil || len(f.sent) != 1 {
		t.Fatalf("an account that is only tried: %v", err)
	}
	f = newFake(t)
	keep = f.host.Keep
	f.host.Keep = func(_ context.Context, _ map[string]string) error { return errors.New("full") }
	if _, err := f.talker().Reply(t.Context(), asked, answer); err == nil || len(f.sent) != 0 {
		t.Errorf("sent %v, %v", f.sent, err)
	}
	f.host.Keep = keep
	f.secrets["sent1"] = `{"t":1,"k":"123456:5/1"}`
	f.secrets["sent2"] = `{"t":1}`
	f.secrets["sent3"] = `?`
	f.secrets["sent4"] = `{"t":` + number(int(f.now.Add(-time.Hour).Unix())) + `,"k":"123456:5/4"}`
	if _, err := f.talker().Reply(t.Context(), asked, answer); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, name := range []string{"token", "sent1", "sent2", "sent3", "sent4", "sent4711"} {
		if f.secrets[name] != "" {
			left = append(left, name)
		}
	}
	if got := strings.Join(left, " "); got != "token sent4 sent4711" {
		t.Errorf("left are %s", got)
	}
}

func TestGroupThatBecameAnother(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	moved := false
	f.fail = func(w http.ResponseWriter, method string) bool {
		if method != "sendMessage" || moved {
			return false
		}
		moved = true
		refuse(w, 400, "Bad Request: group chat was upgraded to a supergroup chat", map[string]any{"migrate_to_chat_id": -1001234567890})
		return true
	}
	got, err := f.talker().Reply(t.Context(), lastword.Post{Key: "123456:-77/3", Ref: `{}`}, answer)
	if err != nil || got.Key != "-1001234567890/1001" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if to := f.sent[0]["reply_parameters"].(map[string]any); to["allow_sending_without_reply"] != true {
		t.Errorf("sent %v", f.sent)
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	long := answer
	long.Text = strings.Repeat("😀", 2049) // two units each
	var told *lastword.Mistake
	if _, err := f.talker().Reply(t.Context(), asked, long); !errors.As(err, &told) || told.Key != "why.telegram_long" || len(f.sent) != 0 {
		t.Errorf("got %v, sent %d", err, len(f.sent))
	}
	long.Text = strings.Repeat("😀", 2048)
	if _, err := f.talker().Reply(t.Context(), asked, long); err != nil {
		t.Error(err)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var told *lastword.Mistake
	if _, err := f.talker().Publish(t.Context(), answer); !errors.As(err, &told) || told.Field != "channel" {
		t.Errorf("without a channel: %v", err)
	}
	b := f.talker("channel", "@lindnews")
	for range 2 {
		got, err := b.Publish(t.Context(), answer)
		if err != nil || got.Key != "-1009876543210/1001" || got.URL != "https://t.me/lindnews/1001" {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	if len(f.sent) != 1 || f.sent[0]["chat_id"] != "@lindnews" {
		t.Errorf("sent %v", f.sent)
	}
}

// A picture goes out with the words below it, once; what is longer than Telegram
// takes there is said before.
func TestPublishPicture(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	b := f.open("channel", "@lindnews").(listen.Poster)
	p := listen.Post{Key: "77", Made: f.now, Said: f.now, Parts: []string{"Der neue Leisten."},
		Pictures: []listen.Picture{{Picture: lastword.Picture{Type: "image/png", Alt: "ein Leisten"}, Bytes: []byte("png")}}}
	for range 2 {
		got, err := b.Post(t.Context(), p)
		if err != nil || len(got) != 1 || got[0].Key != "-1009876543210/1001" || got[0].URL != "https://t.me/lindnews/1001" {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	if len(f.sent) != 1 || f.sent[0]["caption"] != "Der neue Leisten." || f.sent[0]["type"] != "image/png" || f.sent[0]["size"] != int64(3) {
		t.Errorf("sent %v", f.sent)
	}
	if err := b.(listen.Editor).Edit(t.Context(), "-1009876543210/1001", answer); err != nil || f.sent[1]["method"] != "editMessageCaption" || f.sent[1]["caption"] != answer.Text {
		t.Errorf("edit: %v, %v", err, f.sent)
	}
	m := b.Manner(t.Context())
	long := lastword.Content{Parts: []string{strings.Repeat("a", 1025)}}
	if length.Measure(m.Holding(long), long.Parts[0]).Over {
		t.Error("a text alone holds less than it does")
	}
	long.Pictures = []lastword.Picture{{}}
	if !length.Measure(m.Holding(long), long.Parts[0]).Over {
		t.Error("below a picture more is taken than Telegram takes")
	}
	var told *lastword.Mistake
	p.Key, p.Parts = "78", long.Parts
	if _, err := b.Post(t.Context(), p); !errors.As(err, &told) {
		t.Errorf("too long below a picture: %v", err)
	}
	f.fail = func(w http.ResponseWriter, method string) bool {
		if method == "sendPhoto" {
			refuse(w, 400, "Bad Request: IMAGE_PROCESS_FAILED", nil)
			return true
		}
		return false
	}
	p.Key, p.Parts = "79", []string{"kurz"}
	for range 2 { // a refusal is known not to have arrived
		if _, err := b.Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("a picture that is refused: %v", err)
		}
	}
}

func TestEditAndRemove(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	b := f.talker()
	if err := b.Edit(t.Context(), "123456:5/1001", answer); err != nil || f.sent[0]["message_id"] != 1001.0 || f.sent[0]["text"] != answer.Text {
		t.Errorf("edit: %v, %v", err, f.sent)
	}
	if err := b.Remove(t.Context(), "-1001234567890/1002"); err != nil || f.sent[1]["chat_id"] != -1001234567890.0 {
		t.Errorf("remove: %v, %v", err, f.sent)
	}
	for _, key := range []string{"999:5/1", "x", "5/0"} {
		if err := b.Remove(t.Context(), key); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%q: %v", key, err)
		}
	}
	for why, want := range map[string]string{
		"Bad Request: message is not modified: specified new message content": "", "Bad Request: message to edit not found": "gone",
		"Bad Request: message can't be edited": "why.telegram_fixed", "Bad Request: message can't be deleted for everyone": "why.telegram_fixed",
	} {
		f.fail = func(w http.ResponseWriter, _ string) bool { refuse(w, 400, why, nil); return true }
		err := b.Edit(t.Context(), "123456:5/1001", answer)
		var told *lastword.Mistake
		got := ""
		switch {
		case errors.Is(err, lastword.ErrGone):
			got = "gone"
		case errors.As(err, &told):
			got = told.Key
		case err != nil:
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s", why, got)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	abilities := func(more ...string) map[string]listen.Ability {
		all, err := f.talker(more...).Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]listen.Ability{}
		for _, a := range all {
			by[a.Name] = a
		}
		return by
	}
	got := abilities()
	if !got["hear"].Can || got["hear"].Why != "why.telegram_privacy" || got["publish"].Can || !got["reply"].Can || got["search"].Can {
		t.Errorf("got %+v", got)
	}
	if !abilities("channel", "@lindnews")["publish"].Can {
		t.Error("an administrator cannot publish")
	}
	f.fail = func(w http.ResponseWriter, method string) bool {
		if method == "getChatMember" {
			refuse(w, 400, "Bad Request: chat not found", nil)
		}
		return method == "getChatMember"
	}
	if a := abilities("channel", "@lindnews")["publish"]; a.Can || a.Why != "why.telegram_not_admin" {
		t.Errorf("got %+v", a)
	}
	f.fail = func(w http.ResponseWriter, _ string) bool { refuse(w, 401, "Unauthorized", nil); return true }
	if _, err := f.talker().Check(t.Context()); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("got %v", err)
	}
}

// Where Telegram was not reached nothing was sent, and that is known.
func TestNotReached(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	b := f.talker("server", "http://127.0.0.1:1")
	if _, err := b.Reply(t.Context(), asked, answer); !errors.Is(err, lastword.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	if _, found, err := b.FindReply(t.Context(), asked, answer); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}
