package matrix_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/matrix"
)

const us, mia, hall = "@lind:firma.example", "@mia:kunden.example", "!halle:firma.example"

// A fake is a homeserver as the specification describes it, with one account: its
// positions are numbers, and every event has the next.
type fake struct {
	*testing.T
	now     time.Time
	srv     *httptest.Server
	mu      sync.Mutex
	rooms   map[string]*fakeRoom
	invites map[string]string // room → who invited
	gone    []string
	at      int
	window  int // events of a room in one sync
	token   string
	entered int // how often somebody signed in
	asked   []string
	sent    []map[string]any
	kept    []string          // pictures: type, name, bytes
	done    map[string]string // transaction → event
	forgets bool              // transactions
	fail    func(w http.ResponseWriter, r *http.Request) bool
	host    listen.Host
	drops   map[string]int
	places  []string
	secrets map[string]string
}

type fakeRoom struct {
	events []map[string]any // with "pos"
	rule   string
	locked bool // encrypted
	from   int  // position at which we joined
	levels map[string]any
}

func newFake(t *testing.T) *fake {
	f := &fake{T: t, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), window: 3, token: "t0", done: map[string]string{},
		rooms: map[string]*fakeRoom{}, invites: map[string]string{}, secrets: map[string]string{}}
	f.room(hall, "public")
	f.srv = httptest.NewServer(f)
	t.Cleanup(f.srv.Close)
	f.host, f.drops, _ = listentest.Host(&http.Client{Timeout: 20 * time.Second}, f.now)
	f.host.Dropped = func(reason, place string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.drops[reason]++
		f.places = append(f.places, place)
	}
	f.host.Keep, f.host.Kept = listentest.Keeping(f.secrets, &f.mu), listentest.Kept(f.secrets, &f.mu)
	return f
}

func (f *fake) room(id, rule string) *fakeRoom {
	f.at++
	f.rooms[id] = &fakeRoom{rule: rule, from: f.at}
	return f.rooms[id]
}

func (f *fake) open(more ...string) listen.Source {
	f.Helper()
	settings := map[string]string{"user": us, "token": f.token, "server": f.srv.URL}
	for i := 0; i < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	src, err := matrix.New().Open(listen.Account{Channel: 7, Settings: settings}, f.host)
	if err != nil {
		f.Fatal(err)
	}
	return src
}

// happen adds an event to a room and returns its id.
func (f *fake) happen(room, sender, kind string, content map[string]any, more ...any) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at++
	id := fmt.Sprintf("$e/%d", f.at)
	e := map[string]any{"event_id": id, "type": kind, "sender": sender, "content": content, "pos": f.at,
		"origin_server_ts": f.now.Add(-time.Hour).Add(time.Duration(f.at) * time.Second).UnixMilli()}
	for i := 0; i < len(more); i += 2 {
		e[more[i].(string)] = more[i+1]
	}
	f.rooms[room].events = append(f.rooms[room].events, e)
	return id
}

func (f *fake) say(room, text string, more ...any) string {
	content := map[string]any{"msgtype": "m.text", "body": text}
	for i := 0; i < len(more); i += 2 {
		content[more[i].(string)] = more[i+1]
	}
	return f.happen(room, mia, "m.room.message", content)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/_matrix/client/v3")
	f.asked = append(f.asked, r.Method+" "+path)
	if f.fail != nil && f.fail(w, r) {
		return
	}
	if strings.HasPrefix(path, "/_matrix/media/v3/upload") {
		f.keep(w, r)
		return
	}
	var body map[string]any
	if r.Method != http.MethodGet {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			no(w, 400, "M_NOT_JSON", nil)
			return
		}
	}
	if path == "/login" || path == "/refresh" {
		f.enter(w, path, body)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+f.token {
		no(w, 401, "M_UNKNOWN_TOKEN", map[string]any{"soft_logout": true})
		return
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := range parts {
		parts[i], _ = url.PathUnescape(parts[i])
	}
	switch {
	case path == "/sync":
		f.sync(w, r.URL.Query().Get("since"))
	case path == "/account/whoami":
		yes(w, map[string]any{"user_id": us, "device_id": "D"})
	case parts[0] == "join":
		delete(f.invites, parts[1])
		f.room(parts[1], "invite")
		yes(w, map[string]any{"room_id": parts[1]})
	case parts[0] == "directory" && parts[2] == "#halle:firma.example":
		yes(w, map[string]any{"room_id": hall})
	case parts[0] == "rooms" && f.rooms[parts[1]] != nil:
		f.within(w, r, parts[1], parts[2:], body)
	case parts[0] == "rooms":
		no(w, 403, "M_FORBIDDEN", nil)
	default:
		no(w, 404, "M_NOT_FOUND", nil)
	}
}

// keep takes a picture ("Uploading content").
func (f *fake) keep(w http.ResponseWriter, r *http.Request) {
	bytes, err := io.ReadAll(r.Body)
	switch {
	case err != nil || r.Header.Get("Authorization") != "Bearer "+f.token:
		no(w, 401, "M_UNKNOWN_TOKEN", map[string]any{"soft_logout": true})
	case len(bytes) > 100:
		no(w, 413, "M_TOO_LARGE", nil)
	default:
		f.kept = append(f.kept, r.Header.Get("Content-Type")+" "+r.URL.Query().Get("filename")+" "+string(bytes))
		yes(w, map[string]any{"content_uri": "mxc://firma.example/" + strconv.Itoa(len(f.kept))})
	}
}

func (f *fake) enter(w http.ResponseWriter, path string, body map[string]any) {
	good := path == "/refresh" && body["refresh_token"] == "r"+strconv.Itoa(f.entered) || path == "/login" && body["password"] == "geheim"
	if !good {
		no(w, 403, "M_FORBIDDEN", nil)
		return
	}
	f.entered++
	f.token = "t" + strconv.Itoa(f.entered)
	yes(w, map[string]any{"user_id": us, "access_token": f.token, "refresh_token": "r" + strconv.Itoa(f.entered), "device_id": body["device_id"]})
}

func (f *fake) sync(w http.ResponseWriter, since string) {
	after, err := strconv.Atoi(strings.TrimPrefix(since, "s"))
	if since != "" && (err != nil || after > f.at) {
		no(w, 400, "M_INVALID_PARAM", nil)
		return
	}
	join, invite, leave := map[string]any{}, map[string]any{}, map[string]any{}
	for id, room := range f.rooms {
		var fresh []map[string]any
		for _, e := range room.events {
			if e["pos"].(int) > after {
				fresh = append(fresh, e)
			}
		}
		first := since == "" || room.from > after
		if len(fresh) == 0 && !first {
			continue
		}
		limited := len(fresh) > f.window
		if limited {
			fresh = fresh[len(fresh)-f.window:]
		}
		before := after
		if len(fresh) > 0 {
			before = fresh[0]["pos"].(int)
		}
		join[id] = map[string]any{"timeline": map[string]any{"events": some(fresh), "limited": limited, "prev_batch": "s" + strconv.Itoa(before)},
			"state": map[string]any{"events": f.state(room, first)}}
	}
	for id, by := range f.invites {
		invite[id] = map[string]any{"invite_state": map[string]any{"events": []any{
			map[string]any{"type": "m.room.member", "sender": by, "state_key": us, "content": map[string]any{"membership": "invite"}}}}}
	}
	for _, id := range f.gone {
		leave[id] = map[string]any{"timeline": map[string]any{"events": []any{}}}
	}
	f.gone = nil
	yes(w, map[string]any{"next_batch": "s" + strconv.Itoa(f.at), "rooms": map[string]any{"join": join, "invite": invite, "leave": leave}})
}

// state is told of a room once, its members too.
func (f *fake) state(room *fakeRoom, first bool) []any {
	all := []any{}
	if first {
		all = append(all, map[string]any{"event_id": "$m", "type": "m.room.member", "sender": mia, "state_key": mia, "content": map[string]any{"membership": "join", "displayname": "Mia Kurz"}},
			map[string]any{"event_id": "$c", "type": "m.room.create", "sender": mia, "state_key": "", "content": map[string]any{}},
			map[string]any{"event_id": "$j", "type": "m.room.join_rules", "sender": mia, "state_key": "", "content": map[string]any{"join_rule": room.rule}})
	}
	return all
}

// within serves what lies below one room.
func (f *fake) within(w http.ResponseWriter, r *http.Request, id string, parts []string, body map[string]any) {
	room := f.rooms[id]
	find := func(event string) map[string]any {
		for _, e := range room.events {
			if e["event_id"] == event {
				return e
			}
		}
		return nil
	}
	switch parts[0] {
	case "messages":
		f.back(w, room, r.URL.Query())
	case "event":
		if e := find(parts[1]); e != nil {
			yes(w, e)
			return
		}
		no(w, 404, "M_NOT_FOUND", nil)
	case "state":
		switch {
		case parts[1] == "m.room.join_rules":
			yes(w, map[string]any{"join_rule": room.rule})
		case parts[1] == "m.room.encryption" && room.locked:
			yes(w, map[string]any{"algorithm": "m.megolm.v1.aes-sha2"})
		case parts[1] == "m.room.member" && parts[2] == mia:
			yes(w, map[string]any{"membership": "join", "displayname": "Mia Kurz"})
		case parts[1] == "m.room.power_levels" && room.levels != nil:
			yes(w, room.levels)
		default:
			no(w, 404, "M_NOT_FOUND", nil)
		}
	case "send", "redact":
		if event := f.done[parts[2]]; event != "" && !f.forgets {
			yes(w, map[string]any{"event_id": event})
			return
		}
		f.at++
		event := fmt.Sprintf("$e/%d", f.at)
		f.done[parts[2]] = event
		e := map[string]any{"event_id": event, "type": "m.room.message", "sender": us, "content": body, "pos": f.at, "origin_server_ts": f.now.UnixMilli()}
		if parts[0] == "redact" {
			e["type"], e["redacts"] = "m.room.redaction", parts[1]
			if old := find(parts[1]); old != nil {
				old["content"], old["unsigned"] = map[string]any{}, map[string]any{"redacted_because": map[string]any{}}
			}
		}
		f.sent = append(f.sent, e)
		room.events = append(room.events, e)
		yes(w, map[string]any{"event_id": event})
	}
}

// back answers /messages, newest first.
func (f *fake) back(w http.ResponseWriter, room *fakeRoom, q url.Values) {
	from, until := f.at+1, 0
	if s := q.Get("from"); s != "" {
		from, _ = strconv.Atoi(strings.TrimPrefix(s, "s"))
	}
	if s := q.Get("to"); s != "" {
		until, _ = strconv.Atoi(strings.TrimPrefix(s, "s"))
	}
	limit, _ := strconv.Atoi(q.Get("limit"))
	own := strings.Contains(q.Get("filter"), "senders")
	var chunk []map[string]any
	end := ""
	for _, e := range slices.Backward(room.events) {
		pos := e["pos"].(int)
		if pos >= from || own && e["sender"] != us {
			continue
		}
		if pos <= until {
			break
		}
		if len(chunk) == limit {
			end = "s" + strconv.Itoa(chunk[len(chunk)-1]["pos"].(int))
			break
		}
		chunk = append(chunk, e)
	}
	said := map[string]any{"start": q.Get("from"), "chunk": some(chunk), "state": f.state(room, false)}
	if end != "" {
		said["end"] = end
	}
	yes(w, said)
}

// some is never null in JSON.
func some(events []map[string]any) []map[string]any {
	all := []map[string]any{}
	for _, e := range events {
		c := maps.Clone(e)
		delete(c, "pos")
		all = append(all, c)
	}
	return all
}

func yes(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func no(w http.ResponseWriter, status int, code string, more map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body := map[string]any{"errcode": code, "error": "nein"}
	maps.Copy(body, more)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

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
