package bluesky_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/bluesky"
)

const stranger = "did:plc:strangerstrangerstranger"

// A room is a chat service behind a PDS, with the shapes of the lexicons
// chat.bsky.convo: it answers only what is passed on to it, and only to a token
// with the right to direct messages.
type room struct {
	mu     sync.Mutex
	right  bool
	down   int // status; 0: it is there
	rev    int
	convos []string // in the order in which they began
	talks  map[string]*talk
	log    []map[string]any
	calls  map[string]int
	raw    string // one entry more at the end of the log
}

type talk struct {
	members  []string
	group    bool
	request  bool
	blocked  bool
	rev      string
	messages []map[string]any
}

const def = "chat.bsky.convo.defs#"

func newRoom() *room { return &room{right: true, talks: map[string]*talk{}, calls: map[string]int{}} }

// behind puts the room behind a service.
func (r *room) behind(s *service) {
	for _, name := range []string{"getLog", "listConvos", "getConvo", "getMessages", "sendMessage", "acceptConvo"} {
		s.answers["chat.bsky.convo."+name] = func(w http.ResponseWriter, q *http.Request) { r.answer(name, w, q) }
	}
}

func (r *room) tick() string { r.rev++; return fmt.Sprintf("3mc%010d", r.rev) }

// begin opens a conversation.
func (r *room) begin(id string, t talk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.rev = r.tick()
	r.convos, r.talks[id] = append(r.convos, id), &t
	r.log = append(r.log, map[string]any{"$type": def + "logBeginConvo", "rev": t.rev, "convoId": id})
}

// say lets a member write, and returns the message's id.
func (r *room) say(convo, did, text string, at time.Time, more map[string]any) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.write(convo, did, text, at, more)["id"].(string)
}

func (r *room) write(convo, did, text string, at time.Time, more map[string]any) map[string]any {
	t := r.talks[convo]
	t.rev = r.tick()
	m := map[string]any{"$type": def + "messageView", "id": fmt.Sprintf("m%d", r.rev), "rev": t.rev, "text": text,
		"sender": map[string]any{"did": did}, "sentAt": at.UTC().Format("2006-01-02T15:04:05.000Z")}
	for k, v := range more {
		m[k] = v
	}
	t.messages = append(t.messages, m)
	r.log = append(r.log, map[string]any{"$type": def + "logCreateMessage", "rev": t.rev, "convoId": convo, "message": m})
	return m
}

func (r *room) remove(convo, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, m := range r.talks[convo].messages {
		if m["id"] == id {
			gone := map[string]any{"$type": def + "deletedMessageView", "id": id, "rev": r.tick(), "sender": m["sender"], "sentAt": m["sentAt"]}
			r.talks[convo].messages[i] = gone
			r.log = append(r.log, map[string]any{"$type": def + "logDeleteMessage", "rev": gone["rev"], "convoId": convo, "message": gone})
		}
	}
}

func (r *room) view(id string) map[string]any {
	t := r.talks[id]
	var members []map[string]any
	for _, did := range t.members {
		m := map[string]any{"did": did, "handle": "frieda.test", "displayName": "Frieda", "labels": []any{}}
		if did == stranger {
			m["labels"] = []any{map[string]any{"val": "!takedown"}}
		}
		if t.blocked && did != company {
			m["viewer"] = map[string]any{"blockedBy": true}
		}
		members = append(members, m)
	}
	kind, status := "directConvo", "accepted"
	if t.group {
		kind = "groupConvo"
	}
	if t.request {
		status = "request"
	}
	v := map[string]any{"id": id, "rev": t.rev, "members": members, "muted": false, "unreadCount": 0, "status": status, "kind": map[string]any{"$type": def + kind}}
	if n := len(t.messages); n > 0 {
		v["lastMessage"] = t.messages[n-1]
	}
	return v
}

func (r *room) answer(name string, w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[name]++
	switch {
	case q.Header.Get("Atproto-Proxy") != "did:web:api.bsky.chat#bsky_chat":
		refuses(501, "MethodNotImplemented")(w, q)
		return
	case !r.right:
		refuses(400, "InvalidToken")(w, q)
		return
	case r.down != 0:
		refuses(r.down, "UpstreamFailure")(w, q)
		return
	}
	give := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	get := q.URL.Query().Get
	var body struct {
		ConvoID string
		Message struct {
			Text    string
			Facets  []any
			ReplyTo struct{ MessageID string }
		}
	}
	if q.Method == http.MethodPost {
		if err := json.NewDecoder(q.Body).Decode(&body); err != nil {
			refuses(400, "InvalidRequest")(w, q)
			return
		}
	}
	id := get("convoId") + body.ConvoID
	if t := r.talks[id]; id != "" && t == nil {
		refuses(400, "InvalidConvo")(w, q)
		return
	}
	switch name {
	case "getLog":
		r.giveLog(w, get("cursor"), give)
	case "listConvos":
		var all []map[string]any
		for _, id := range slices.Backward(r.convos) {
			all = append(all, r.view(id))
		}
		give(map[string]any{"convos": all})
	case "getConvo":
		give(map[string]any{"convo": r.view(id)})
	case "getMessages":
		r.giveMessages(id, get("cursor"), give)
	case "acceptConvo":
		r.talks[id].request = false
		give(map[string]any{})
	case "sendMessage":
		if r.talks[id].request {
			refuses(400, "NotAccepted")(w, q)
			return
		}
		at := body.Message.ReplyTo.MessageID
		i := slices.IndexFunc(r.talks[id].messages, func(m map[string]any) bool { return m["id"] == at && m["text"] != nil })
		if i < 0 {
			refuses(400, "ReplyTargetNotFound")(w, q)
			return
		}
		give(r.write(id, company, body.Message.Text, time.Now(), map[string]any{"replyTo": r.talks[id].messages[i], "facets": body.Message.Facets}))
	}
}

// giveLog gives three entries at once. Without a cursor it tells only where the log
// ends.
func (r *room) giveLog(w http.ResponseWriter, from string, give func(any)) {
	end := ""
	var logs []any
	for _, l := range r.log {
		rev := l["rev"].(string)
		if from != "" && rev > from && len(logs) < 3 {
			logs, end = append(logs, l), rev
		}
		if from == "" {
			end = rev
		}
	}
	if r.raw != "" && from != "" && end == "" {
		logs, end = append(logs, json.RawMessage(r.raw)), "3mc9999999999"
		r.raw = ""
	}
	give(map[string]any{"cursor": max(end, from), "logs": logs})
}

// giveMessages gives two messages at once, the newest first.
func (r *room) giveMessages(id, from string, give func(any)) {
	all := slices.Clone(r.talks[id].messages)
	slices.Reverse(all)
	i := 0
	fmt.Sscan(from, &i)
	out := map[string]any{"messages": all[i:min(i+2, len(all))]}
	if i+2 < len(all) {
		out["cursor"] = fmt.Sprint(i + 2)
	}
	give(out)
}

// hearing is a company's account with a room behind its service.
type hearing struct {
	*channel
	room *room
	svc  *service
	host *testHost
	now  time.Time
}

func newHearing(t *testing.T) *hearing {
	s := newService(t)
	r := newRoom()
	r.behind(s)
	s.answers["com.atproto.server.getSession"] = says(`{"handle":"hobelwerk.test","did":"` + company + `"}`)
	s.answers["app.bsky.notification.listNotifications"] = says(`{"notifications":[]}`)
	h := &hearing{room: r, svc: s, now: time.Now()}
	h.channel = &channel{}
	h.reopen(t)
	return h
}

// reopen begins anew with what the cursor remembers.
func (h *hearing) reopen(t *testing.T) {
	t.Helper()
	src, host := h.svc.open(t)
	h.src, h.host, h.channel.host = src, host, host
}

// poll hears, and returns what was heard. There is no stream here.
func (h *hearing) poll(t *testing.T) []lastword.Event {
	t.Helper()
	h.events = nil
	if err := h.src.Poll(t.Context(), h.cursor, h.hear); !errors.Is(err, lastword.ErrUnavailable) {
		t.Fatalf("Poll = %v, want lastword.ErrUnavailable of the stream", err)
	}
	return h.events
}

func told(events []lastword.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, fmt.Sprint(e.Op, " ", e.Post.Text))
	}
	return strings.Join(all, " | ")
}

func TestDirectMessagesAreHeard(t *testing.T) {
	t.Parallel()
	h := newHearing(t)
	h.room.begin("c1", talk{members: []string{customer, company}, request: true})
	h.room.begin("c2", talk{members: []string{customer, company, stranger}, group: true})
	h.room.begin("c3", talk{members: []string{stranger, company}})
	h.room.begin("c4", talk{members: []string{customer, company}})
	ago := func(d time.Duration) time.Time { return h.now.Add(-d).Truncate(time.Millisecond) }
	h.room.say("c4", customer, "uralt", ago(40*24*time.Hour), nil)
	h.room.say("c1", customer, "Guten Tag!", ago(5*time.Hour), nil)
	asked := h.room.say("c1", customer, "Gibt es den Hobel für Linkshänder?", ago(4*time.Hour), nil)
	h.room.say("c1", company, "Ja, ab Mai.", ago(3*time.Hour), nil)
	h.room.say("c2", customer, "in der Gruppe", ago(2*time.Hour), nil)
	h.room.say("c3", stranger, "Gewinnspiel", ago(2*time.Hour), nil)

	got := h.poll(t)
	if told(got) != "0 Guten Tag! | 0 Gibt es den Hobel für Linkshänder? | 0 Ja, ab Mai." {
		t.Fatalf("at first: %s", told(got))
	}
	p, ours := got[1].Post, got[2].Post
	if !p.Private || p.Own || p.Author.Key != customer || p.Author.Handle != "frieda.test" || p.Author.Name != "Frieda" || !p.SaidAt.Equal(ago(4*time.Hour)) ||
		p.URL != "https://bsky.app/messages/c1" {
		t.Errorf("the question: %+v", p)
	}
	if !ours.Own || !ours.Private || ours.Parent != "chat/c1/"+asked || ours.Root != p.Root {
		t.Errorf("our answer is ours, and answers what was said last: %+v", ours)
	}
	if d := h.host.drops(); d["chat-group"] != 1 || d["label-hide"] != 1 {
		t.Errorf("left out: %v", d)
	}
	h.reopen(t)
	if got := h.poll(t); len(got) != 0 {
		t.Errorf("again: %s", told(got))
	}

	// From here on the log tells, in pages of three.
	h.room.say("c1", customer, "Und was kostet er?", ago(0), nil)
	h.room.begin("c5", talk{members: []string{customer, company}})
	post := "at://" + customer + "/app.bsky.feed.post/3mptbyo7dms2m"
	h.room.say("c5", customer, "Was sagen Sie dazu?", ago(0), map[string]any{"embed": map[string]any{"record": map[string]any{"uri": post}}})
	byHand := h.room.say("c5", company, "Wir prüfen es.", ago(0), nil)
	h.room.say("c1", customer, "", ago(0), nil)
	h.room.say("c2", customer, "noch eins in der Gruppe", ago(0), nil)
	h.room.remove("c1", asked)
	h.room.raw = `{"$type":"chat.bsky.convo.defs#logCreateMessage","rev":"3mc0000099999","convoId":"c1","message":{"id":7}}`
	h.reopen(t)
	got = h.poll(t)
	want := "0 Und was kostet er? | 0 Was sagen Sie dazu?\n\nhttps://bsky.app/profile/" + customer + "/post/3mptbyo7dms2m | 0 Wir prüfen es. | 2 "
	if told(got) != want {
		t.Fatalf("then: %s, want %s", told(got), want)
	}
	if got[3].Post.Key != "chat/c1/"+asked {
		t.Errorf("what was deleted: %+v", got[3])
	}
	if got[2].Post.Parent != got[1].Post.Key || got[2].Post.Key != "chat/c5/"+byHand {
		t.Errorf("answered by hand: %+v", got[2].Post)
	}
	if d := h.host.drops(); d["message-unreadable"] != 1 || d["chat-group"] != 1 {
		t.Errorf("left out: %v", d)
	}
}

// Nobody says how far the log reaches: after a long outage conversations are listed.
func TestDirectMessagesAfterAnOutage(t *testing.T) {
	t.Parallel()
	h := newHearing(t)
	h.room.begin("c1", talk{members: []string{customer, company}})
	h.room.begin("c2", talk{members: []string{customer, company}})
	h.room.say("c1", customer, "eins", h.now.Add(-3*time.Hour), nil)
	h.room.say("c2", customer, "zwei", h.now.Add(-2*time.Hour), nil)
	if got := told(h.poll(t)); got != "0 eins | 0 zwei" {
		t.Fatal(got)
	}
	for i := range 5 {
		h.room.say("c2", customer, fmt.Sprint("seither ", i), h.now.Add(time.Duration(i)*time.Second), nil)
	}
	h.room.log = h.room.log[:0] // it forgot
	h.cursor = strings.Replace(h.cursor, `"ca":`, `"ca":1`, 1)
	var at struct{ CA int64 }
	if err := json.Unmarshal([]byte(h.cursor), &at); err != nil {
		t.Fatal(err)
	}
	h.cursor = strings.Replace(h.cursor, fmt.Sprintf(`"ca":%d`, at.CA), fmt.Sprintf(`"ca":%d`, h.now.Add(-48*time.Hour).Unix()), 1)
	h.reopen(t)
	if got := told(h.poll(t)); got != "0 seither 0 | 0 seither 1 | 0 seither 2 | 0 seither 3 | 0 seither 4" {
		t.Errorf("after the outage: %s", got)
	}
}

func TestDirectMessagesWithoutTheRight(t *testing.T) {
	t.Parallel()
	h := newHearing(t)
	h.room.begin("c1", talk{members: []string{customer, company}})
	h.room.say("c1", customer, "eins", h.now, nil)
	check := func() map[string]string {
		t.Helper()
		all, err := h.src.(listen.Checker).Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		whys := map[string]string{}
		for _, a := range all {
			if a.Act {
				t.Errorf("nobody has to give this right: %+v", a)
			}
			if a.Name == "hear" && !a.Can {
				t.Errorf("all but direct messages is heard: %+v", a)
			}
			whys[a.Name] = a.Why
		}
		return whys
	}
	for _, tt := range []struct {
		name  string
		right bool
		down  int
		why   string
	}{
		{"all is well", true, 0, ""},
		{"the app password was made without it", false, 0, "why.bluesky_no_chat_right"},
		{"the service has no chat behind it", true, 501, "why.bluesky_no_chat"},
		{"the chat is down", true, 502, "why.bluesky_chat_away"},
	} {
		h.room.right, h.room.down = tt.right, tt.down
		if got := check()["hear"]; got != tt.why {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.why)
		}
		h.cursor = ""
		h.reopen(t)
		if got := h.poll(t); (len(got) > 0) != (tt.why == "") {
			t.Errorf("%s: heard %s", tt.name, told(got))
		}
	}
	h.room.right, h.room.down = false, 0
	before := h.svc.count("com.atproto.server.createSession") + h.svc.count("com.atproto.server.refreshSession")
	h.poll(t)
	if n := h.svc.count("com.atproto.server.createSession") + h.svc.count("com.atproto.server.refreshSession"); n != before {
		t.Errorf("%d sessions more for a right that no session has", n-before)
	}
	_, err := h.src.(listen.Replier).Reply(t.Context(), lastword.Post{Network: "bluesky", Key: "chat/c1/m2"}, listen.Reply{Key: "1", Text: "Ja."})
	var m *lastword.Mistake
	if !errors.As(err, &m) || m.Key != "why.bluesky_no_chat_right" {
		t.Errorf("Reply = %v", err)
	}
	h.svc.answers["com.atproto.server.getSession"] = refuses(400, "ExpiredToken")
	h.svc.answers["com.atproto.server.refreshSession"] = refuses(400, "ExpiredToken")
	h.svc.answers["com.atproto.server.createSession"] = refuses(401, "AuthenticationRequired")
	if _, err := h.src.(listen.Checker).Check(t.Context()); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("an app password that was taken away: %v, want lastword.ErrDenied", err)
	}
}

func TestDirectMessagesAreAnswered(t *testing.T) {
	t.Parallel()
	h := newHearing(t)
	h.room.begin("c1", talk{members: []string{customer, company}, request: true})
	h.room.say("c1", customer, "Gibt es ihn in links?", h.now.Add(-time.Hour), nil)
	h.room.say("c1", company, "Ja, ab Mai.", h.now.Add(-50*time.Minute), nil) // the same, and long ago
	h.room.say("c1", customer, "Und in groß?", h.now.Add(-40*time.Minute), nil)
	to := h.poll(t)[2].Post
	src := h.src.(interface {
		listen.Replier
		listen.Finder
		listen.Chooser
		listen.Remover
		listen.Threader
	})
	way := src.Options(to)
	if len(way) != 1 || !way[0].Private || way[0].Closed || way[0].Network.Limit != 1000 || way[0].Network.MaxBytes != 10_000 || way[0].Network.Unit != lastword.Graphemes {
		t.Errorf("options: %+v", way)
	}
	if open := src.Options(question); open[0].Private || open[0].Network.Name != "" {
		t.Errorf("options of a post: %+v", open)
	}
	r := listen.Reply{Key: "7", Made: h.now.Add(-10 * time.Minute), Text: "Ja, ab Mai.", Lang: "de"}
	if _, found, err := src.FindReply(t.Context(), to, r); err != nil || found {
		t.Errorf("found before it was sent: %v, %v", found, err)
	}
	r.Text = "Ja, ab Mai: https://hobelwerk.example/gross"
	first, err := src.Reply(t.Context(), to, r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := src.Reply(t.Context(), to, r)
	if err != nil || again != first || h.room.calls["sendMessage"] != 1 || h.room.calls["acceptConvo"] != 1 {
		t.Errorf("a second attempt: %+v, %v, sent %d, accepted %d", again, err, h.room.calls["sendMessage"], h.room.calls["acceptConvo"])
	}
	if got, found, err := src.FindReply(t.Context(), to, r); err != nil || !found || got != first {
		t.Errorf("FindReply = %+v, %v, %v", got, found, err)
	}
	if more, err := src.Reply(t.Context(), src.After(to, first), listen.Reply{Key: "8", Made: h.now, Text: "Und in Blau."}); err != nil || more == first {
		t.Errorf("the next part: %+v, %v", more, err)
	}
	h.reopen(t)
	got := h.poll(t)
	if len(got) != 2 || got[0].Post.Key != first.Key || !got[0].Post.Own || got[0].Post.Parent != to.Key || first.URL != "https://bsky.app/messages/c1" {
		t.Errorf("heard again: %+v", got)
	}
	marks, _ := json.Marshal(h.room.talks["c1"].messages[3]["facets"])
	if !strings.Contains(string(marks), "https://hobelwerk.example/gross") {
		t.Errorf("the link is none: %s", marks)
	}
	var m *lastword.Mistake
	if err := src.Remove(t.Context(), first.Key); !errors.As(err, &m) || m.Key != "why.bluesky_message_stays" {
		t.Errorf("Remove = %v", err)
	}
	for name, r := range map[string]listen.Reply{"empty": {Key: "9"}, "too long": {Key: "9", Text: strings.Repeat("ä", 1001)}, "too many bytes": {Key: "9", Text: strings.Repeat("👩‍👩‍👧‍👦", 401)}} {
		if _, err := src.Reply(t.Context(), to, r); !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDirectMessagesThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	h := newHearing(t)
	h.room.begin("c1", talk{members: []string{customer, company}})
	h.room.begin("c2", talk{members: []string{customer, company}, blocked: true})
	h.room.begin("c3", talk{members: []string{customer, company}, group: true})
	gone := h.room.say("c1", customer, "eins", h.now, nil)
	h.room.remove("c1", gone)
	there := h.room.say("c1", customer, "zwei", h.now, nil)
	r := listen.Reply{Key: "7", Made: h.now, Text: "Ja."}
	for _, tt := range []struct {
		name, key string
		down      int
		want      error
	}{
		{"the message is deleted", "chat/c1/" + gone, 0, lastword.ErrGone},
		{"the conversation is no more", "chat/c9/m1", 0, lastword.ErrGone},
		{"blocked", "chat/c2/m1", 0, lastword.ErrInvalid},
		{"a group", "chat/c3/m1", 0, lastword.ErrInvalid},
		{"a key that is none", "chat/../m1", 0, lastword.ErrInvalid},
		{"the chat is down", "chat/c1/" + there, 503, lastword.ErrUnavailable},
	} {
		h.room.down = tt.down
		if _, err := h.src.(listen.Replier).Reply(t.Context(), lastword.Post{Network: "bluesky", Key: tt.key, SaidAt: h.now}, r); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if h.room.calls["sendMessage"] != 1 {
		t.Errorf("sent %d times", h.room.calls["sendMessage"])
	}
}

// What cannot be kept is heard again.
func TestDirectMessagesAreNotLostWhereHearFails(t *testing.T) {
	t.Parallel()
	h := newHearing(t)
	h.room.begin("c1", talk{members: []string{customer, company}})
	h.poll(t)
	h.room.say("c1", customer, "eins", h.now, nil)
	full := errors.New("full")
	h.onHear = func() error { return full }
	h.reopen(t)
	if err := h.src.Poll(t.Context(), h.cursor, h.hear); !errors.Is(err, full) {
		t.Errorf("Poll = %v", err)
	}
	h.onHear, h.events = nil, nil
	h.reopen(t)
	if got := told(h.poll(t)); got != "0 eins" {
		t.Errorf("heard %s", got)
	}
}

func FuzzChat(f *testing.F) {
	f.Add(`{"cursor":"3mc1","logs":[{"$type":"chat.bsky.convo.defs#logCreateMessage","rev":"3mc1","convoId":"c1","message":{"id":"m1","rev":"3mc1","text":"x","sender":{"did":"did:plc:a"},"sentAt":"2026-11-28T10:00:00.000Z"}}]}`)
	f.Add(`{"logs":[{"rev":7},null,[],{"message":{"embed":{"record":{"uri":"at://x"}}}}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, p := range bluesky.ReadLog([]byte(body), company) {
			if !p.Private || p.Text == "" || p.SaidAt.IsZero() || !strings.HasPrefix(p.Key, "chat/c1/") {
				t.Errorf("%+v", p)
			}
		}
	})
}

// While the stream goes on, the chat is asked now and then.
func TestDirectMessagesAreHeardWhileStreaming(t *testing.T) {
	t.Parallel()
	h := newHearing(t)
	h.room.begin("c1", talk{members: []string{customer, company}})
	var later atomic.Int64
	first := make(chan struct{})
	j := &jetstream{t: t, talk: func(c *served) {
		c.send(v2(1, time.Now(), "eins "+company))
		<-first
		h.room.say("c1", customer, "direkt", time.Now(), nil)
		later.Store(int64(time.Minute))
		c.send(v2(2, time.Now(), "zwei "+company))
	}}
	srv := httptest.NewServer(j)
	t.Cleanup(srv.Close)
	host := newHost(t)
	host.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	src, err := bluesky.NewAccount().Open(listen.Account{Settings: map[string]string{
		"handle": "hobelwerk.test", "password": "x", "service": h.svc.URL, "directory": h.svc.URL, "appview": h.svc.URL, "hosts": srv.URL,
	}}, host.Host)
	if err != nil {
		t.Fatal(err)
	}
	c := &channel{src: src}
	once := sync.OnceFunc(func() { close(first) })
	if err := src.(listen.Streamer).Stream(t.Context(), "", func(ctx context.Context, events []lastword.Event, cursor string) error {
		if len(events) > 0 {
			defer once()
		}
		return c.hear(ctx, events, cursor)
	}); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Stream = %v", err)
	}
	if got := strings.ReplaceAll(c.texts(), " "+company, ""); got != "eins direkt zwei" || !strings.Contains(c.cursor, `"c":"3mc`) || !strings.Contains(c.cursor, `"s":2`) {
		t.Errorf("heard %q, cursor %s", got, c.cursor)
	}
}
