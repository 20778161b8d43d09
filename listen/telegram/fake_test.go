package telegram_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/telegram"
)

const token = "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

// A fake is the Bot API for one bot, as its documentation describes it.
type fake struct {
	*testing.T
	now     time.Time
	srv     *httptest.Server
	mu      sync.Mutex
	updates []map[string]any
	keeps   bool // updates that were fetched are shown again
	last    int64
	asked   []string
	offsets []any
	sent    []map[string]any
	hook    map[string]any
	fail    func(w http.ResponseWriter, method string) bool
	host    listen.Host
	drops   map[string]int
	secrets map[string]string
}

func newFake(t *testing.T) *fake {
	f := &fake{T: t, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), last: 100, hook: map[string]any{"url": "", "pending_update_count": 0}, secrets: map[string]string{"token": token}}
	f.srv = httptest.NewServer(f)
	t.Cleanup(f.srv.Close)
	f.host, f.drops, _ = listentest.Host(&http.Client{Timeout: 20 * time.Second}, f.now)
	dropped := f.host.Dropped
	f.host.Dropped = func(reason, place string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		dropped(reason, place)
	}
	f.host.Keep = listentest.Keeping(f.secrets, &f.mu)
	f.host.Kept = listentest.Kept(f.secrets, &f.mu)
	return f
}

// open opens the bot; more are settings and their values.
func (f *fake) open(more ...string) listen.Source {
	f.Helper()
	settings := map[string]string{"token": token, "server": f.srv.URL}
	hook := ""
	for i := 0; i < len(more); i += 2 {
		if more[i] == "hook" {
			hook = more[i+1]
			continue
		}
		settings[more[i]] = more[i+1]
	}
	src, err := telegram.New().Open(listen.Account{Channel: 7, Settings: settings, Hook: hook}, f.host)
	if err != nil {
		f.Fatal(err)
	}
	return src
}

var (
	mia   = map[string]any{"id": 5, "is_bot": false, "first_name": "Mia", "last_name": "Kurz", "username": "mia_kurz", "language_code": "de"}
	alone = map[string]any{"id": 5, "type": "private", "first_name": "Mia", "username": "mia_kurz"}
	group = map[string]any{"id": -1001234567890, "type": "supergroup", "title": "Lind und Freunde", "username": "lindfreunde"}
)

func with(m map[string]any, more ...any) map[string]any {
	c := maps.Clone(m)
	for i := 0; i < len(more); i += 2 {
		c[more[i].(string)] = more[i+1]
	}
	return c
}

// happen adds an update.
func (f *fake) happen(kind string, what map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.updates = append(f.updates, map[string]any{"update_id": f.last, kind: what})
}

// say lets somebody say something.
func (f *fake) say(id int, chat map[string]any, text string, more ...any) {
	f.happen("message", with(map[string]any{"message_id": id, "from": mia, "chat": chat, "date": f.now.Add(time.Duration(id) * time.Second).Unix(), "text": text}, more...))
}

// photo takes a picture with words below it (sendPhoto).
func (f *fake) photo(w http.ResponseWriter, r *http.Request) {
	file, head, err := r.FormFile("photo")
	if err != nil || r.FormValue("chat_id") == "" {
		refuse(w, 400, "Bad Request: there is no photo in the request", nil)
		return
	}
	defer file.Close()
	f.sent = append(f.sent, map[string]any{"chat_id": r.FormValue("chat_id"), "caption": r.FormValue("caption"), "type": head.Header.Get("Content-Type"), "size": head.Size})
	chat := map[string]any{"id": -1009876543210, "type": "channel", "username": strings.TrimPrefix(r.FormValue("chat_id"), "@")}
	result(w, map[string]any{"message_id": 1000 + len(f.sent), "chat": chat, "date": f.now.Unix(), "caption": r.FormValue("caption")})
}

// pictured reports whether a message of the bot's shows a picture.
func (f *fake) pictured(id int) bool {
	return id > 1000 && id <= 1000+len(f.sent) && f.sent[id-1001]["caption"] != nil
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	method, ours := strings.CutPrefix(r.URL.Path, "/bot"+token+"/")
	if !ours {
		refuse(w, 401, "Unauthorized", nil)
		return
	}
	f.asked = append(f.asked, method)
	if f.fail != nil && f.fail(w, method) {
		return
	}
	if method == "sendPhoto" {
		f.photo(w, r)
		return
	}
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, 400, "Bad Request: can't parse JSON", nil)
		return
	}
	switch method {
	case "getUpdates":
		f.show(w, in)
	case "sendMessage":
		f.sent = append(f.sent, in)
		chat := map[string]any{"id": in["chat_id"], "type": "private"}
		switch id := in["chat_id"].(type) {
		case string:
			chat = map[string]any{"id": -1009876543210, "type": "channel", "username": strings.TrimPrefix(id, "@")}
		case float64:
			if id < 0 {
				chat = group
			}
		}
		result(w, map[string]any{"message_id": 1000 + len(f.sent), "chat": chat, "date": f.now.Unix(), "text": in["text"]})
	case "getMe":
		result(w, map[string]any{"id": 123456, "is_bot": true, "username": "lind_bot", "can_read_all_group_messages": false})
	case "getChatMember":
		result(w, map[string]any{"status": "administrator", "can_post_messages": true})
	case "getWebhookInfo":
		result(w, f.hook)
	case "setWebhook":
		f.hook = map[string]any{"url": in["url"], "pending_update_count": 0, "allowed_updates": in["allowed_updates"]}
		result(w, true)
	case "deleteWebhook":
		f.hook = map[string]any{"url": "", "pending_update_count": 0}
		result(w, true)
	case "editMessageText":
		if id, _ := in["message_id"].(float64); f.pictured(int(id)) {
			refuse(w, 400, "Bad Request: there is no text in the message to edit", nil)
			return
		}
		f.sent = append(f.sent, with(in, "method", method))
		result(w, true)
	case "deleteMessage", "editMessageCaption":
		f.sent = append(f.sent, with(in, "method", method))
		result(w, true)
	default:
		refuse(w, 404, "Not Found", nil)
	}
}

// show answers getUpdates: what lies before the offset is forgotten.
func (f *fake) show(w http.ResponseWriter, in map[string]any) {
	if f.hook["url"] != "" {
		refuse(w, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", nil)
		return
	}
	f.offsets = append(f.offsets, in["offset"])
	offset, _ := in["offset"].(float64)
	var left, page []map[string]any
	for _, u := range f.updates {
		if u["update_id"].(int64) >= int64(offset) {
			left = append(left, u)
		}
	}
	if !f.keeps {
		f.updates = left
	}
	page = left
	if most := 2; len(page) > most {
		page = page[:most]
	}
	if page == nil {
		page = []map[string]any{}
	}
	result(w, page)
}

func result(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": body}); err != nil {
		panic(err)
	}
}

func refuse(w http.ResponseWriter, code int, why string, parameters map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	body := map[string]any{"ok": false, "error_code": code, "description": why}
	if parameters != nil {
		body["parameters"] = parameters
	}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func number(n int) string { return strconv.Itoa(n) }

func poll(t *testing.T, src listen.Source, at string) (listentest.Heard, string) {
	t.Helper()
	var h listentest.Heard
	if err := src.Poll(t.Context(), at, h.Hear); err != nil {
		t.Fatal(err)
	}
	return h, h.Cursor(at)
}

func words(events []lastword.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Post.Text)
	}
	return strings.Join(all, "|")
}
