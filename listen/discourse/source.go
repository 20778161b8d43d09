package discourse

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

const (
	windowSize  = 50 // ids behind each other that /posts.json shows at once
	windowsMost = 40 // in one poll
	searchPages = 4
	topicsMost  = 30 // looked at in one poll
	sweepSize   = 20 // of what is kept, looked up with every poll
)

// A cursor is how far a forum has been heard.
type cursor struct {
	Post  int64  `json:"p"`           // the last id
	After string `json:"a,omitempty"` // the last key that was looked up again
}

type source struct {
	forum
	host     listen.Host
	words    []string
	back     time.Duration
	category int
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, at string, hear listen.Hear) error {
	var c cursor
	if at != "" {
		if err := json.Unmarshal([]byte(at), &c); err != nil {
			return fmt.Errorf("discourse: cursor: %w", err)
		}
	}
	p := &poll{source: s, threads: map[int64]thread{}, hear: hear, cursor: c}
	read := p.everything
	if len(s.words) > 0 {
		read = p.found
	}
	if err := read(ctx); err != nil {
		return denied(err)
	}
	if at == "" {
		return nil // what was just heard is as it was
	}
	return denied(p.sweep(ctx))
}

// denied says what to do where the forum shows itself to nobody.
func denied(err error) error {
	if code := code(err); code == http.StatusForbidden || code == http.StatusUnauthorized {
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.discourse.error.denied", Field: fieldKey, Kind: lastword.ErrDenied})
	}
	if code(err) == http.StatusNotFound {
		return fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.discourse.error.none", Field: fieldURL, Kind: lastword.ErrDenied})
	}
	return err
}

// poll is one.
type poll struct {
	*source
	threads map[int64]thread
	hear    listen.Hear
	cursor  cursor
}

// everything reads /posts.json, which shows the newest posts, or those with the
// fifty ids up to a given one, deleted and hidden ones left out.
func (p *poll) everything(ctx context.Context) error {
	newest, err := p.window(ctx, 0)
	if err != nil {
		return err
	}
	var top int64
	for _, w := range newest {
		top = max(top, w.ID)
	}
	if p.cursor.Post == 0 {
		if p.cursor.Post, err = p.start(ctx, newest, top); err != nil {
			return err
		}
	}
	for range windowsMost {
		if top <= p.cursor.Post {
			return p.hand(ctx, nil)
		}
		upto := min(p.cursor.Post+windowSize, top)
		posts := newest
		if upto < top || !slices.ContainsFunc(newest, func(w wirePost) bool { return w.ID <= p.cursor.Post+1 }) {
			if posts, err = p.window(ctx, upto); err != nil {
				return err
			}
		}
		posts = slices.DeleteFunc(slices.Clone(posts), func(w wirePost) bool { return w.ID <= p.cursor.Post || w.ID > upto })
		p.cursor.Post = upto
		if err := p.hand(ctx, posts); err != nil {
			return err
		}
	}
	p.host.Next(time.Minute)
	return nil
}

// start finds the id from which a new channel hears.
func (p *poll) start(ctx context.Context, posts []wirePost, top int64) (int64, error) {
	since := p.host.Now().Add(-p.back)
	at := top
	for range windowsMost {
		old := slices.ContainsFunc(posts, func(w wirePost) bool { return w.CreatedAt.Before(since) })
		if old || at <= windowSize {
			break
		}
		at -= windowSize
		var err error
		if posts, err = p.window(ctx, at); err != nil {
			return 0, err
		}
	}
	start := max(at-windowSize, 0)
	for _, w := range posts {
		if w.CreatedAt.Before(since) {
			start = max(start, w.ID)
		}
	}
	return start, nil
}

// window reads the posts up to an id; 0: the newest.
func (p *poll) window(ctx context.Context, upto int64) ([]wirePost, error) {
	q := url.Values{}
	if upto > 0 {
		q.Set("before", strconv.FormatInt(upto, 10))
	}
	var said struct {
		Latest []json.RawMessage `json:"latest_posts"`
	}
	if err := p.list(ctx, "/posts.json", q, &said); err != nil {
		return nil, err
	}
	return p.posts(said.Latest), nil
}

func (p *poll) posts(raw []json.RawMessage) []wirePost {
	var all []wirePost
	for _, r := range raw {
		w, ok := readPost(r)
		if !ok {
			p.host.Dropped("unreadable", p.prefix())
			continue
		}
		all = append(all, w)
	}
	return all
}

// found reads what the forum's search knows of each word, newest first, and then
// each post whole.
func (p *poll) found(ctx context.Context) error {
	ids := map[int64]bool{}
	since := p.host.Now().Add(-max(p.back, 24*time.Hour))
	for _, term := range p.words {
		for page := 1; page <= searchPages; page++ {
			more, err := p.search(ctx, term, since, page, ids)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	var rising []int64
	for id := range ids {
		rising = append(rising, id)
	}
	slices.Sort(rising)
	for batch := range slices.Chunk(rising, 25) {
		var posts []wirePost
		for _, id := range batch {
			w, err := p.post(ctx, id)
			if code(err) == http.StatusNotFound || code(err) == http.StatusForbidden {
				continue
			}
			if err != nil {
				return err
			}
			if first := p.cursor.Post == 0 && w.CreatedAt.Before(p.host.Now().Add(-p.back)); !first {
				posts = append(posts, w)
			}
		}
		next := p.cursor
		next.Post = batch[len(batch)-1]
		if err := p.handAt(ctx, posts, next); err != nil {
			return err
		}
	}
	if len(rising) == 0 {
		return p.hand(ctx, nil)
	}
	return nil
}

// search adds the ids of one page to what is new, and reports whether there may
// be more.
func (p *poll) search(ctx context.Context, term string, since time.Time, page int, ids map[int64]bool) (more bool, err error) {
	if strings.ContainsAny(term, " :-") {
		term = `"` + term + `"`
	}
	q := url.Values{"q": {term + " order:latest after:" + since.UTC().Format(time.DateOnly)}, "page": {strconv.Itoa(page)}}
	var said struct {
		Posts   []struct{ ID int64 }
		Grouped struct {
			More *bool `json:"more_full_page_results"`
		} `json:"grouped_search_result"`
	}
	if err := p.list(ctx, "/search.json", q, &said); err != nil {
		return false, err
	}
	fresh := false
	for _, w := range said.Posts {
		if w.ID > p.cursor.Post {
			ids[w.ID], fresh = true, true
		}
	}
	return fresh && said.Grouped.More != nil && *said.Grouped.More, nil
}

// post reads one whole post.
func (s *source) post(ctx context.Context, id int64) (wirePost, error) {
	var raw json.RawMessage
	if err := s.read(ctx, fmt.Sprintf("/posts/%d.json", id), nil, &raw); err != nil {
		return wirePost{}, err
	}
	p, ok := readPost(raw)
	if !ok {
		return p, fmt.Errorf("discourse: post %d cannot be read: %w", id, lastword.ErrUnavailable)
	}
	return p, nil
}

func (p *poll) hand(ctx context.Context, posts []wirePost) error {
	return p.handAt(ctx, posts, p.cursor)
}

// handAt hands posts over, oldest first, with the cursor after them.
func (p *poll) handAt(ctx context.Context, posts []wirePost, next cursor) error {
	slices.SortFunc(posts, func(a, b wirePost) int { return a.CreatedAt.Compare(b.CreatedAt) })
	var events []lastword.Event
	for _, w := range posts {
		within, err := p.thread(ctx, w)
		if err != nil {
			return err
		}
		e, drop := p.event(w, within)
		if drop != "" {
			p.host.Dropped(drop, p.keyOf(w.ID))
			continue
		}
		events = append(events, e)
	}
	return p.give(ctx, events, next)
}

func (p *poll) give(ctx context.Context, events []lastword.Event, next cursor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("discourse: cursor: %w", err)
	}
	if err := p.hear(ctx, events, string(at)); err != nil {
		return err
	}
	p.cursor = next
	return nil
}

// thread reads a post's topic, once a poll; of too many nothing is known.
func (p *poll) thread(ctx context.Context, w wirePost) (thread, error) {
	t, known := p.threads[w.TopicID]
	if known || len(p.threads) >= topicsMost || p.silent(w) {
		return t, nil
	}
	var said struct {
		Archetype        string
		Closed, Archived bool
		Stream           struct {
			Posts []struct {
				ID     int64
				Number int64 `json:"post_number"`
			}
			Stream []int64
		} `json:"post_stream"`
	}
	err := p.read(ctx, fmt.Sprintf("/t/%d.json", w.TopicID), nil, &said)
	if c := code(err); c == http.StatusNotFound || c == http.StatusForbidden || c == http.StatusGone {
		err = nil
	}
	if err != nil {
		return t, err
	}
	t = thread{numbers: map[int64]string{}, closed: said.Closed || said.Archived, private: said.Archetype == "private_message"}
	for _, post := range said.Stream.Posts {
		t.numbers[post.Number] = p.keyOf(post.ID)
	}
	if len(said.Stream.Stream) > 0 {
		t.first = p.keyOf(said.Stream.Stream[0])
	}
	p.threads[w.TopicID] = t
	return t, nil
}

// silent tells posts of which no event is made.
func (p *poll) silent(w wirePost) bool { return w.gone() || w.Hidden || w.Type > ordinary }

// sweep looks up the next of what is kept: whether it is there, and says the same.
func (p *poll) sweep(ctx context.Context) error {
	if p.host.Voices == nil {
		return nil
	}
	keys, err := p.host.Voices(ctx, max(p.cursor.After, p.prefix()), sweepSize)
	if err != nil {
		return err
	}
	next := p.cursor
	next.After = ""
	var events []lastword.Event
	for _, key := range keys {
		id, ours := p.idOf(key)
		if !ours {
			next.After = ""
			break
		}
		next.After = key
		w, err := p.post(ctx, id)
		switch c := code(err); {
		case c == http.StatusNotFound || c == http.StatusGone:
			w = wirePost{ID: id, UserDeleted: true}
		case c == http.StatusForbidden: // moved to where we may not look: nobody knows
			continue
		case err != nil:
			return err
		}
		within, err := p.thread(ctx, w)
		if err != nil {
			return err
		}
		if e, drop := p.event(w, within); drop == "" {
			if e.Op == lastword.Said {
				e.Op = lastword.Edited
			}
			events = append(events, e)
		}
	}
	if len(keys) < sweepSize {
		next.After = ""
	}
	if len(events) == 0 && next == p.cursor {
		return nil
	}
	return p.give(ctx, events, next)
}
