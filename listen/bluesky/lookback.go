package bluesky

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lastword"
	"lastword/listen"
)

// A query that is new wants what was said before it too. The stream does not go
// back; the network's search does (lexicon app.bsky.feed.searchPosts).
const (
	lookBack     = 7 * 24 * time.Hour
	lookEvery    = time.Minute      // whether there are new words
	lookAgain    = time.Hour        // after a search that failed
	lookWithin   = 10 * time.Second // what one word may take: the stream waits meanwhile
	lookPages    = 3                // of one word
	lookPage     = 100
	lookMost     = 20  // words that are searched for at once
	rememberMost = 500 // words that are not searched for again
)

// A lookback searches for what a company's queries want and have not been searched
// for yet. One goroutine uses it.
type lookback struct {
	stream *stream
	ask    func(context.Context, call, any) error // the network's search
	own    string
	found  []string // digests of what was searched for
	at     string   // the last cursor
	next   time.Time
}

// hearing adds to each cursor what was searched for, and searches now and then.
func (l *lookback) hearing(hear listen.Hear) listen.Hear {
	return func(ctx context.Context, events []lastword.Event, at string) error {
		l.at = at
		if err := l.look(ctx, hear); err != nil {
			return err
		}
		return hear(ctx, events, l.cursor(at))
	}
}

// cursor is one of the stream with what was searched for.
func (l *lookback) cursor(at string) string {
	c, err := parseCursor(at)
	if err != nil || len(l.found) == 0 {
		return at
	}
	c.Found = l.found
	return c.String()
}

// look searches for new words and hands over what was said with them. A search that
// fails costs the past of these words for an hour, and nothing else.
func (l *lookback) look(ctx context.Context, hear listen.Hear) error {
	now := l.stream.host.Now()
	if l.stream.host.Searches == nil || now.Before(l.next) {
		return nil
	}
	l.next = now.Add(lookEvery)
	words, err := l.stream.host.Searches(ctx)
	if err != nil {
		return err
	}
	searched := 0
	for _, word := range words {
		mark := wordMark(word)
		if slices.Contains(l.found, mark) || searched >= lookMost {
			continue
		}
		searched++
		events, err := l.search(ctx, word, now.Add(-lookBack))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			l.stream.host.Log.Info("bluesky: nothing is searched for", "why", err)
			l.stream.host.Dropped(dropNoSearch, "searchPosts")
			l.next = now.Add(lookAgain)
			return nil
		}
		l.found = append(l.found, mark)
		l.found = slices.Clone(l.found[max(0, len(l.found)-rememberMost):])
		for part := range slices.Chunk(events, batchSize) {
			if err := hear(ctx, part, l.cursor(l.at)); err != nil {
				return err
			}
		}
	}
	return nil
}

func wordMark(word string) string {
	sum := sha256.Sum256([]byte(word))
	return hex.EncodeToString(sum[:6])
}

// search returns what was said with a word since then, oldest first.
func (l *lookback) search(ctx context.Context, word string, since time.Time) ([]lastword.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	var events []lastword.Event
	from := ""
	for range lookPages {
		q := url.Values{"q": {word}, "sort": {"latest"}, "limit": {strconv.Itoa(lookPage)}, "since": {since.UTC().Format(time.RFC3339)}}
		if from != "" {
			q.Set("cursor", from)
		}
		var got struct {
			Cursor string
			Posts  []notice // a postView has all of a notification that is read
		}
		if err := l.ask(ctx, call{nsid: "app.bsky.feed.searchPosts", query: q}, &got); err != nil {
			return nil, err
		}
		for _, p := range got.Posts[:min(len(got.Posts), lookPage)] {
			if e, ok := l.stream.event(p, l.own); ok && e.Post.SaidAt.After(since) {
				events = append(events, e)
			}
		}
		if from = got.Cursor; from == "" || len(got.Posts) == 0 {
			break
		}
	}
	slices.Reverse(events)
	return events, nil
}

// public asks the AppView that everyone may ask.
func (s *stream) public(ctx context.Context, k call, out any) error {
	k.base = s.resolver.appview
	_, err := s.resolver.client.do(ctx, k, out)
	return err
}

// signedIn asks by the account, and where its service does not search, everyone's
// AppView.
func (a *account) signedIn(ctx context.Context, k call, out any) error {
	err := a.login.call(ctx, k, out)
	if err == nil || ctx.Err() != nil || errors.Is(err, lastword.ErrDenied) {
		return err
	}
	return a.stream.public(ctx, k, out)
}
