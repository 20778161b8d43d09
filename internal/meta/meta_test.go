package meta_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
	"lastword/internal/meta"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// wire answers without a network.
type wire func(q url.Values) (int, http.Header, string)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	status, header, body := w(r.URL.Query())
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r, ProtoMajor: 1}, nil
}

func TestTimes(t *testing.T) {
	t.Parallel()
	want := time.Date(2024, 8, 7, 10, 33, 16, 0, time.UTC)
	for raw, good := range map[string]bool{
		`"2024-08-07T10:33:16+0000"`: true, `"2024-08-07T12:33:16+0200"`: true, `"2024-08-07T10:33:16Z"`: true, `1723026796`: true, `1723026796000`: true,
		`"1723026796"`: true, `"soon"`: false, `null`: false, `{}`: false, `-5`: false, `""`: false,
	} {
		var got struct{ T meta.Time }
		if err := json.Unmarshal([]byte(`{"T":`+raw+`}`), &got); err != nil || got.T.Equal(want) != good || !good && !got.T.IsZero() {
			t.Errorf("%s: %s, %v", raw, got.T, err)
		}
	}
}

func TestWhatIsAnID(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"123_456": true, "m_AbC-1": true, "aWdfZA==": true, "t_1:2": true, "": false, "a/b": false, "..": false, "a b": false, "a?b": false, "ä": false, strings.Repeat("1", 500): false} {
		if meta.ID(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestHowLongToWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header http.Header
		wait   time.Duration
	}{
		"as told":     {http.Header{"X-Business-Use-Case-Usage": {`{"1":[{"estimated_time_to_regain_access":5},{"estimated_time_to_regain_access":9}]}`}}, 9 * time.Minute},
		"a day":       {http.Header{"X-Business-Use-Case-Usage": {`{"1":[{"estimated_time_to_regain_access":99999}]}`}}, 24 * time.Hour},
		"not told":    {nil, 15 * time.Minute},
		"nonsense":    {http.Header{"X-App-Usage": {`[`}, "X-Business-Use-Case-Usage": {`{"1":7}`}}, 15 * time.Minute},
		"retry-after": {http.Header{"Retry-After": {"7200"}}, 2 * time.Hour},
	} {
		g := &meta.Graph{Base: "https://graph.example/", Now: func() time.Time { return now }, HTTP: &http.Client{Transport: wire(func(url.Values) (int, http.Header, string) {
			return 400, c.header, `{"error":{"code":4,"error_subcode":1504022}}`
		})}}
		err := g.Call(t.Context(), "t", api.Request{URL: "me"}, nil)
		if wait, ok := httpx.RetryAfter(err); !ok || wait != c.wait || !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("%s: %v, %v", name, wait, err)
		}
	}
}

func TestATokenIsRenewed(t *testing.T) {
	t.Parallel()
	asked, fails := 0, false
	at := now
	kept := map[string]string{}
	client := &http.Client{Transport: wire(func(q url.Values) (int, http.Header, string) {
		asked++
		if fails {
			return 400, nil, `{"error":{"code":190}}`
		}
		if q.Get("grant_type") != "th_refresh_token" || q.Get("access_token") == "" {
			t.Errorf("asked %v", q)
		}
		return 200, nil, fmt.Sprintf(`{"access_token":"t%d","token_type":"bearer","expires_in":5184000}`, asked)
	})}
	token := &meta.Token{HTTP: client, Now: func() time.Time { return at }, At: "https://graph.example/refresh", Grant: "th_refresh_token",
		Keep: func(_ context.Context, s map[string]string) error { kept = s; return nil },
		Kept: func(context.Context) (map[string]string, error) { return kept, nil }}
	var m *lastword.Mistake
	if _, err := token.Get(t.Context()); !errors.As(err, &m) || m.Key != "connector.meta.error.signin" {
		t.Errorf("without a token: %v", err)
	}
	token.Load(map[string]string{"token": " t0 ", "until": strconv.FormatInt(now.Add(50*24*time.Hour).Unix(), 10)})
	step := func(later time.Duration, want string, times int) {
		t.Helper()
		at = now.Add(later)
		if got, err := token.Get(t.Context()); err != nil || got != want || asked != times {
			t.Errorf("after %s: %q, %v, asked %d times", later, got, err, asked)
		}
	}
	day := 24 * time.Hour
	step(0, "t0", 0)
	step(19*day, "t0", 0)
	step(21*day, "t1", 1)
	if kept["token"] != "t1" || !token.Until().Equal(now.Add(81*day)) {
		t.Errorf("kept %v until %s", kept, token.Until())
	}
	step(22*day, "t1", 1)
	fails = true
	step(60*day, "t1", 2) // the old one serves until its end
	step(60*day, "t1", 2) // and is not tried all the time
	step(62*day, "t1", 3)
	at = now.Add(90 * day)
	if _, err := token.Get(t.Context()); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("after its end: %v", err)
	}
	// Another run was faster.
	kept = map[string]string{"token": "fremd", "until": strconv.FormatInt(now.Add(150*day).Unix(), 10)}
	if got, err := token.Get(t.Context()); err != nil || got != "fremd" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	if code, err := meta.Code(url.Values{"code": {"abc#_"}}); err != nil || code != "abc" {
		t.Errorf("%q, %v", code, err)
	}
	if !meta.Ends(now, now.Add(100*24*time.Hour)).IsZero() || meta.Ends(now, now.Add(time.Hour)).IsZero() || !meta.Ends(now, time.Time{}).IsZero() {
		t.Error("when a hand is raised")
	}
}

// What anybody may send to the hook never breaks it, and makes no voice without a
// key, a time and an author.
func FuzzReadDelivery(f *testing.F) {
	f.Add([]byte(`{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"2"},"timestamp":1796119999000,"message":{"mid":"m","text":"x","reply_to":{"mid":"n"}}}]}]}`))
	f.Add([]byte(`{"object":"instagram","entry":[{"id":"1","messaging":[{"sender":{"id":"2"},"timestamp":1,"message":{"mid":"m","is_deleted":true}}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, _ := meta.ReadDelivery(raw)
		for _, e := range d.Entry {
			for _, m := range e.Messaging {
				got, ok := m.Event("n", func(p string) string { return p })
				if ok && (got.Post.Key == "message/" || got.Post.SaidAt.IsZero() || !meta.ID(got.Post.Author.Key) || !got.Post.Private || got.Op != lastword.Deleted && got.Post.Text == "") {
					t.Errorf("%q: %+v", raw, got)
				}
			}
		}
	})
}

func FuzzReadTalk(f *testing.F) {
	f.Add([]byte(`{"id":"t_1","link":"/x","messages":{"data":[{"id":"m","created_time":"2026-11-27T20:05:00+0000","from":{"id":"8","username":"u"},"message":"x"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		talk, ok := meta.ReadTalk(raw)
		if !ok {
			return
		}
		posts, _ := talk.Posts("n", "1", func(p string) string { return p }, "")
		for _, p := range posts {
			if _, is := meta.IsMessage(p.Key); !is || p.SaidAt.IsZero() || p.Text == "" || !p.Private || p.Own == (p.Ref != "") {
				t.Errorf("%q: %+v", raw, p)
			}
		}
	})
}

func FuzzSignedUser(f *testing.F) {
	f.Add("abc.def")
	f.Add(".")
	f.Fuzz(func(t *testing.T, signed string) {
		if user, ok := meta.SignedUser("a secret that nobody knows", signed); ok {
			t.Errorf("%q names %q", signed, user)
		}
	})
}
