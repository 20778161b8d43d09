package notice

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lastword"
	"lastword/internal/httpx"
)

const key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var now = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// shelf keeps notices as the store does.
type shelf struct {
	courier lastword.Courier
	waits   map[int64]lastword.Telling
	told    []string
	full    error
}

func (s *shelf) Courier(context.Context, int64) (lastword.Courier, error) { return s.courier, nil }

func (s *shelf) Telling(_ context.Context, _, id int64) (lastword.Telling, error) {
	t, ok := s.waits[id]
	if !ok {
		return t, lastword.ErrNotFound
	}
	t.Courier = s.courier
	return t, nil
}

func (s *shelf) Told(_ context.Context, _, id int64, to lastword.NoticeState, code int, why string) error {
	if s.full != nil {
		return s.full
	}
	s.told = append(s.told, fmt.Sprint(id, " ", to, " ", code, " ", strings.TrimPrefix(why, "notice.why.")))
	if to != lastword.NoticeWaits {
		delete(s.waits, id)
	}
	return nil
}

func (s *shelf) CourierGone(context.Context, int64) error {
	s.courier.On = false
	return nil
}

// A program is told things.
type program struct {
	*testing.T
	*shelf
	step    *Step
	mu      sync.Mutex
	answers map[string]int // by id; none: 204
	wait    string
	got     []*http.Request
	bodies  []string
}

func newProgram(t *testing.T) *program {
	p := &program{T: t, answers: map[string]int{}, shelf: &shelf{waits: map[int64]lastword.Telling{}}}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.courier = lastword.Courier{Company: 1, Address: srv.URL + "/hook?k=1", Key: key, Keyed: true, On: true, Kinds: lastword.NoticeKinds[:]}
	p.step = &Step{Store: p.shelf, HTTP: srv.Client(), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	return p
}

func (p *program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.Error(err)
	}
	p.got, p.bodies = append(p.got, r), append(p.bodies, string(body))
	code := p.answers[r.Header.Get("webhook-id")]
	if code == 0 {
		code = 204
	}
	if p.wait != "" {
		w.Header().Set("Retry-After", p.wait)
	}
	if code/100 == 3 {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(code)
}

// heard leaves notices of voices.
func (p *program) heard(ids ...int64) lastword.Job {
	for _, id := range ids {
		p.waits[id] = lastword.Telling{
			Notice: lastword.Notice{Company: 1, ID: id, Kind: lastword.VoiceHeard, Subject: id, Made: now.Add(-time.Minute)},
			Voice:  lastword.VoiceRow{Voice: lastword.Voice{ID: id, Post: lastword.Post{Network: "bluesky", Key: "k", Text: "Halbe Größen <b>", SaidAt: now.Add(-time.Hour)}}},
		}
	}
	return lastword.Job{Kind: lastword.Tell, Company: 1, IDs: ids}
}

func (p *program) is(want ...string) {
	p.Helper()
	if diff := cmp.Diff(want, p.told); diff != "" {
		p.Error(diff)
	}
}

func TestToldAndSigned(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.courier.Former = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	job := p.heard(7)
	for range 2 { // done twice, told once
		if err := p.step.Do(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	p.is("7 sent 204 ")
	if len(p.got) != 1 {
		t.Fatalf("sent %d times", len(p.got))
	}
	h := p.got[0].Header
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha256.New, raw)
	m.Write([]byte("msg_7." + fmt.Sprint(now.Unix()) + "." + p.bodies[0]))
	signatures := strings.Fields(h.Get("webhook-signature"))
	if len(signatures) != 2 || signatures[0] != "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)) || h.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", h)
	}
	var said struct {
		Type, Timestamp string
		Data            struct {
			Voice struct{ ID, Network, Text string }
		}
	}
	if err := json.Unmarshal([]byte(p.bodies[0]), &said); err != nil || said.Type != "voice.heard" || said.Data.Voice.ID != "7" || said.Data.Voice.Text != "Halbe Größen <b>" {
		t.Errorf("sent %s, %v", p.bodies[0], err)
	}
}

func TestWhatIsNotTold(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	job := p.heard(1, 2, 3)
	gone, away := p.waits[1], p.waits[2]
	gone.Voice.GoneAt, away.Voice.Hidden = now, true
	p.waits[1], p.waits[2] = gone, away
	if err := p.step.Do(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	p.courier.On = false
	if err := p.step.Do(t.Context(), p.heard(4)); err != nil {
		t.Fatal(err)
	}
	p.is("1 dropped 0 gone", "2 dropped 0 gone", "3 sent 204 ", "4 dropped 0 off")
}

// What does not arrive is tried again; one that is refused holds up no other, a
// program that is not there all.
func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code  int
		wait  string
		after time.Duration
		told  []string
		in    time.Duration
		again bool
	}{
		"refused":      {400, "", 0, []string{"1 waiting 400 refused", "2 sent 204 "}, 0, true},
		"led away":     {307, "", 0, []string{"1 waiting 307 refused"}, 0, true},
		"broken":       {500, "", 0, []string{"1 waiting 500 refused"}, 0, true},
		"too much":     {429, "120", 0, []string{"1 waiting 429 refused"}, 2 * time.Minute, true},
		"asks for day": {503, "86400", 0, []string{"1 waiting 503 refused"}, time.Hour, true},
		"gone":         {410, "", 0, []string{"1 failed 410 closed", "2 dropped 0 off"}, 0, false},
		"too late":     {500, "", 73 * time.Hour, []string{"1 failed 500 refused", "2 sent 204 "}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t)
			p.answers["msg_1"], p.wait = c.code, c.wait
			p.step.Now = func() time.Time { return now.Add(c.after) }
			err := p.step.Do(t.Context(), p.heard(1, 2))
			p.is(c.told...)
			if (err != nil) != c.again || errors.Is(err, lastword.ErrInvalid) || errors.Is(err, lastword.ErrNotFound) {
				t.Errorf("got %v", err)
			}
			var later interface{ RetryIn() time.Duration }
			if errors.As(err, &later) != (c.in > 0) || later != nil && later.RetryIn() != c.in {
				t.Errorf("wait: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "k=1") {
				t.Errorf("the error tells the address: %v", err)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.courier.Address = "http://127.0.0.1:1/"
	p.step.HTTP = httpx.New(httpx.Options{}).HTTP()
	if err := p.step.Do(t.Context(), p.heard(1)); err == nil {
		t.Error("an inner address was told")
	}
	p.step.HTTP = httpx.New(httpx.Options{Allow: []string{"127.0.0.1"}}).HTTP()
	if err := p.step.Do(t.Context(), p.heard(2)); err == nil {
		t.Error("nobody was told")
	}
	p.courier.Key = ""
	if err := p.step.Do(t.Context(), p.heard(3)); err != nil {
		t.Error(err)
	}
	p.is("1 waiting 0 inner", "2 waiting 0 unreachable", "3 failed 0 key")
	p.full = errors.New("full")
	if err := p.step.Do(t.Context(), p.heard(4)); err == nil {
		t.Error("what could not be kept is done")
	}
}

func TestTry(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	got, err := p.step.Try(t.Context(), 1)
	if err != nil || got != (Trial{Tried: true, Code: 204}) || !strings.Contains(p.bodies[0], `"type": "test"`) {
		t.Errorf("got %+v, %v, sent %v", got, err, p.bodies)
	}
	p.courier.Address = "http://127.0.0.1:1/"
	got, err = p.step.Try(t.Context(), 1)
	if err != nil || got.Why != whyUnreachable {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := &Step{Inner: func(host string) bool { return host == "crm.local" }}
	all := lastword.NoticeKinds[:]
	for address, field := range map[string]string{
		"https://crm.example/hook?key=1": "", "http://crm.local/": "", "http://crm.local:8080/": "", "http://crm.example/": "address", "crm.example": "address",
		"ftp://crm.example": "address", "https://u:p@crm.example": "address", "": "address", "https://crm.example/#a": "address",
	} {
		err := s.Check(lastword.Courier{Address: address, Kinds: all})
		var m *lastword.Mistake
		if errors.As(err, &m) != (field != "") || m != nil && m.Field != field {
			t.Errorf("%q: %v", address, err)
		}
	}
	var m *lastword.Mistake
	if err := s.Check(lastword.Courier{Address: "https://crm.example"}); !errors.As(err, &m) || m.Field != "kinds" {
		t.Errorf("nothing to tell: %v", err)
	}
}

// What each kind says, as docs/webhook.md shows it.
func TestBody(t *testing.T) {
	t.Parallel()
	v := lastword.VoiceRow{Voice: lastword.Voice{ID: 5, Post: lastword.Post{Network: "mastodon", Key: "k", URL: "https://m.example/5", Text: "Bitte", SaidAt: now, Private: true}},
		Who: lastword.Identity{Author: lastword.Author{Key: "mia@m.example", Handle: "mia"}}}
	th := lastword.Theme{ID: 9, Name: "Halbe Größen", Voices: 3}
	body := func(kind lastword.NoticeKind, change func(*lastword.Telling)) string {
		n := lastword.Telling{Notice: lastword.Notice{ID: 1, Kind: kind, Made: now}, Voice: v, Theme: th}
		if change != nil {
			change(&n)
		}
		b, ok := Body(n)
		if !ok {
			return "nothing"
		}
		return strings.Join(strings.Fields(string(b)), "")
	}
	head := func(kind string) string { return `{"type":"` + kind + `","timestamp":"2026-11-27T09:00:00Z","data":{` }
	voice := `"voice":{"id":"5","network":"mastodon","key":"k","url":"https://m.example/5","text":"Bitte","said_at":"2026-11-27T09:00:00Z","author":{"key":"mia@m.example","handle":"mia"}`
	theme := `"theme":{"id":"9","name":"HalbeGrößen","voices":3}`
	for what, c := range map[string]struct{ got, want string }{
		"heard": {body(lastword.VoiceHeard, func(n *lastword.Telling) { n.Queries = []string{"Stiefel"} }), head("voice.heard") + voice + `,"queries":["Stiefel"],"private":true}}}`},
		"gone":  {body(lastword.VoiceGone, nil), head("voice.gone") + `"voice":{"id":"5","network":"mastodon","key":"k","gone":true}}}`},
		"decided": {body(lastword.ThemeDecided, func(n *lastword.Telling) {
			n.Decision = lastword.Decision{ID: 4, Verdict: lastword.Later, When: now, Reason: map[string]string{"de": "ImMärz."}}
		}), head("theme.decided") + theme + `,"decision":{"id":"4","verdict":"later","when":"2026-11-27","reason":{"de":"ImMärz."}}}}`},
		"delivered": {body(lastword.AnswerDelivered, func(n *lastword.Telling) {
			n.Answer = lastword.Answer{ID: 6, Network: "mastodon", Lang: "de", Text: "Ja.", URL: "https://m.example/6", Sent: now, Why: "why.x"}
		}), head("answer.delivered") + voice + `,"private":true},` + theme + `,"answer":{"id":"6","network":"mastodon","lang":"de","text":"Ja.","url":"https://m.example/6","sent_at":"2026-11-27T09:00:00Z"}}}`},
		"failed, and the voice gone": {body(lastword.AnswerFailed, func(n *lastword.Telling) {
			n.Theme, n.Voice.GoneAt = lastword.Theme{}, now
			n.Answer = lastword.Answer{ID: 6, Network: "mail", Lang: "de", Text: "Ja.", Why: "why.mail_full"}
		}), head("answer.failed") + `"voice":{"id":"5","network":"mastodon","key":"k","gone":true},"answer":{"id":"6","network":"mail","lang":"de","text":"Ja.","reason":"mail_full"}}}`},
		"unknown": {body("weather", nil), "nothing"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n%s, want\n%s", what, c.got, c.want)
		}
	}
}
