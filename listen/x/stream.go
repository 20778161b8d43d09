package x

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/listen"
)

// The filtered stream (docs.x.com, GET /2/tweets/search/stream). X sends an
// empty line every 20 seconds; a line that does not come means that nothing will.
const (
	streamPath = "/2/tweets/search/stream"
	rulesPath  = streamPath + "/rules"
	silence    = 45 * time.Second
	maxLine    = 1 << 20 // bytes

	// overlap is how far a catch-up goes back behind what was heard: search knows a
	// post a few seconds later than the stream.
	overlap = time.Minute
)

// A stream is a search whose posts X sends as they are said.
type stream struct {
	*search
	tag string // of our rule among those of the app
}

// Stream implements listen.Streamer. It connects first and then catches up by
// search, so that nothing falls between the two.
func (s *stream) Stream(ctx context.Context, cursor string, hear listen.Hear) error {
	t, err := s.begin(cursor)
	if err != nil {
		return err
	}
	if err := s.meter.allow(ctx, s.set.prices.post+s.set.prices.user); err != nil {
		return err
	}
	rule, err := s.rule(ctx)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	watch := time.AfterFunc(silence, func() { end(errSilent) })
	defer watch.Stop()
	q := fields()
	if s.set.backfill > 0 {
		q.Set("backfill_minutes", strconv.Itoa(s.set.backfill))
	}
	resp, err := s.api.open(httpx.Endless(ctx), call{method: http.MethodGet, path: streamPath, query: q})
	if err != nil {
		return s.ended(ctx, err)
	}
	defer resp.Body.Close()
	watch.Stop() // the search has its own limits
	if cursor != "" && t.Until == 0 {
		t.Since = searchable(s.host, min(t.Since, idAt(timeOf(t.Since).Add(-overlap))))
	}
	if err := s.catchUp(ctx, &t, hear); err != nil {
		return err
	}
	watch.Reset(silence)
	return s.ended(ctx, s.follow(ctx, resp.Body, rule, &t, hear, watch))
}

var errSilent = errors.New("x: the stream fell silent")

// ended names the reason why a stream ended.
func (s *stream) ended(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errSilent) {
		return errors.Join(errSilent, lastword.ErrUnavailable)
	}
	return err
}

// follow hears line after line until the connection ends. Posts that came
// together are handed over together.
func (s *stream) follow(ctx context.Context, body io.Reader, rule string, t *track, hear listen.Hear, watch *time.Timer) error {
	lines := bufio.NewReaderSize(body, 64<<10)
	var batch []post
	for {
		line, whole, err := readLine(lines)
		if err != nil {
			return errors.Join(s.hand(ctx, batch, t, hear), fmt.Errorf("x: stream: %w", unreachable(ctx, err)))
		}
		watch.Reset(silence)
		if !whole {
			s.host.Dropped(dropHuge, streamPath)
			continue
		}
		p, ok, err := s.line(line, rule)
		if err != nil {
			return errors.Join(s.hand(ctx, batch, t, hear), err)
		}
		if ok {
			batch = append(batch, p)
		}
		if len(batch) > 0 && (lines.Buffered() == 0 || len(batch) == batchSize) {
			if err := s.hand(ctx, batch, t, hear); err != nil {
				return err
			}
			batch = nil
		}
	}
}

// hand pays for what the stream brought and hands it over. A month that is used
// up ends the stream.
func (s *stream) hand(ctx context.Context, posts []post, t *track, hear listen.Hear) error {
	if len(posts) == 0 {
		return nil
	}
	each := s.set.prices.post + s.set.prices.user
	if err := s.meter.spend(ctx, hearing, int64(len(posts))*each); err != nil {
		return err
	}
	for _, p := range posts {
		t.heard(p.id)
	}
	r := reader{host: s.host}
	if err := r.hand(ctx, posts, *t, hear, func(t track) string { return encodeCursor(t) }); err != nil {
		return err
	}
	return s.meter.allow(ctx, each)
}

// readLine reads one line; whole is false for one that is too long, of which
// nothing is kept.
func readLine(r *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := r.ReadSlice('\n')
		if whole = whole && len(line)+len(part) <= maxLine; whole {
			line = append(line, part...)
		} else {
			line = nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, whole, err
		}
	}
}

// line reads a line of the stream: a post, a sign of life, or the reason why the
// connection ends. A post that only others' rules want is not for us.
func (s *stream) line(line []byte, rule string) (p post, ok bool, err error) {
	var said struct {
		Data     json.RawMessage
		Includes struct{ Users []wireUser }
		Matching []struct{ ID string } `json:"matching_rules"`
		Errors   []struct{ Type string }
	}
	if len(line) == 0 || line[0] != '{' {
		return p, false, nil
	}
	if err := json.Unmarshal(line, &said); err != nil {
		s.host.Dropped(dropUnreadable, streamPath)
		return p, false, nil
	}
	if said.Data == nil {
		if len(said.Errors) > 0 {
			return p, false, fmt.Errorf("x: stream ended by X (%s): %w", lastPart(said.Errors[0].Type), lastword.ErrUnavailable)
		}
		return p, false, nil
	}
	ours := false
	for _, m := range said.Matching {
		ours = ours || m.ID == rule
	}
	if !ours {
		return p, false, nil
	}
	p, ok = readPost(said.Data, wirePage{Includes: said.Includes})
	if !ok {
		s.host.Dropped(dropUnreadable, streamPath)
	}
	return p, ok, nil
}

// A wireRule is a rule of the app's stream.
type wireRule struct{ ID, Value, Tag string }

// rule sees to it that the app's stream has ours, and none that was ours before.
// It returns its id.
func (s *stream) rule(ctx context.Context) (id string, err error) {
	var have struct{ Data []wireRule }
	if err := s.api.get(ctx, rulesPath, nil, &have); err != nil {
		return "", err
	}
	var old []string
	for _, r := range have.Data {
		switch {
		case r.Value == s.query:
			id = r.ID
		case r.Tag == s.tag:
			old = append(old, r.ID)
		}
	}
	if len(old) > 0 {
		body := map[string]any{"delete": map[string]any{"ids": old}}
		if err := s.api.do(ctx, call{method: http.MethodPost, path: rulesPath, body: body}, nil); err != nil {
			return "", err
		}
	}
	if id != "" {
		return id, nil
	}
	return s.addRule(ctx)
}

// addRule adds ours. X says within a success what it did not take.
func (s *stream) addRule(ctx context.Context) (string, error) {
	var said struct {
		Data   []wireRule
		Errors []struct{ Type, ID string }
	}
	body := map[string]any{"add": []map[string]string{{"value": s.query, "tag": s.tag}}}
	if err := s.api.do(ctx, call{method: http.MethodPost, path: rulesPath, body: body}, &said); err != nil {
		return "", err
	}
	if len(said.Data) > 0 && said.Data[0].ID != "" {
		return said.Data[0].ID, nil
	}
	what := "rule"
	for _, e := range said.Errors {
		switch lastPart(e.Type) {
		case "duplicate-rules":
			if e.ID != "" {
				return e.ID, nil
			}
		case "rule-cap":
			what = "rules"
		}
	}
	return "", fmt.Errorf("x: %w", &lastword.Mistake{Key: "connector.x.error." + what, Field: fieldWords, Kind: lastword.ErrDenied})
}
