package bluesky

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"lastword"
	"lastword/listen"
)

// A newPost is the record that goes out (lexicon app.bsky.feed.post).
type newPost struct {
	Type    string    `json:"$type"`
	Text    string    `json:"text"`
	Created string    `json:"createdAt"`
	Langs   []string  `json:"langs,omitempty"`
	Facets  []facet   `json:"facets,omitempty"`
	Reply   *replyRef `json:"reply,omitempty"`
	Embed   any       `json:"embed,omitempty"`
}

// Reply implements listen.Replier. The record key is made from the voice and
// the idempotency key, and a service keeps one record under a key: a second
// attempt finds the first.
func (a *account) Reply(ctx context.Context, to lastword.Post, r listen.Reply) (listen.Receipt, error) {
	if talk, message, is := chatOf(to.Key); is {
		return a.write(ctx, talk, message, r)
	}
	at, err := voiceURI(to)
	if err != nil {
		return listen.Receipt{}, err
	}
	if err := fits(r.Text); err != nil {
		return listen.Receipt{}, err
	}
	if err := a.mayReply(ctx, at); err != nil {
		return listen.Receipt{}, err
	}
	thread, err := a.thread(ctx, at)
	if err != nil {
		return listen.Receipt{}, err
	}
	post := a.compose(ctx, r)
	post.Reply = &thread
	return a.create(ctx, replyKey(at, r.Key), post)
}

// Find implements listen.Replier, of posts: FindReply is asked in its place.
func (a *account) Find(ctx context.Context, to lastword.Post, key string) (listen.Receipt, bool, error) {
	at, err := voiceURI(to)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	return a.lookUp(ctx, replyKey(at, key), func(r record) bool { return r.reply.Parent.URI == at.String() })
}

// After implements listen.Threader: a record is replied to by its address alone.
func (a *account) After(to lastword.Post, r listen.Receipt) lastword.Post {
	return lastword.Post{Network: network, Key: r.Key, URL: r.URL, Private: to.Private}
}

// Publish implements listen.Publisher. Called again with the same Reply it
// returns the post that is there.
func (a *account) Publish(ctx context.Context, r listen.Reply) (listen.Receipt, error) {
	if err := fits(r.Text); err != nil {
		return listen.Receipt{}, err
	}
	return a.create(ctx, publishKey(r.Made, r.Key), a.compose(ctx, r))
}

func voiceURI(to lastword.Post) (atURI, error) {
	at, err := parseATURI(to.Key)
	if err != nil || at.collection != postCollection {
		return atURI{}, fmt.Errorf("bluesky: %s is no post: %w", clip(to.Key), lastword.ErrInvalid)
	}
	return at, nil
}

// hashBits is how much of a record key tells posts of the same moment apart. A
// TID has 63 bits; the upper 33 then count steps of about a second.
const hashBits = 30

// replyKey makes the record key of a reply, from nothing but what Find knows
// too: the voice and the idempotency key. Its time is that of the voice, which
// the voice's own key carries; a voice whose key carries none takes all of the
// key from the hash.
func replyKey(to atURI, key string) tid {
	sum := hashOf(to.String(), key)
	if of, err := parseTID(to.rkey); err == nil {
		return mix(of, sum)
	}
	return tid(sum >> 1)
}

// publishKey makes the record key of a post of our own.
func publishKey(made time.Time, key string) tid {
	return mix(tid(max(made.UnixMicro(), 0))<<10, hashOf("", key))
}

func mix(t tid, sum uint64) tid {
	const low = 1<<hashBits - 1
	return t&^low | tid(sum)&low
}

func hashOf(place, key string) uint64 {
	sum := sha256.Sum256([]byte(place + "\n" + key))
	return binary.BigEndian.Uint64(sum[:])
}

func (a *account) compose(ctx context.Context, r listen.Reply) newPost {
	p := newPost{Type: postCollection, Text: r.Text, Created: r.Made.UTC().Format("2006-01-02T15:04:05.000Z")}
	if r.Lang != "" {
		p.Langs = []string{r.Lang}
	}
	p.Facets = facets(r.Text, func(handle string) string {
		did, err := resolveHandle(ctx, func(k call, out any) error { return a.login.call(ctx, k, out) }, handle)
		if err != nil {
			return "" // the words stay, the link does not
		}
		return did
	})
	return p
}

// mayReply asks the AppView, where there is one, whether the author lets us
// answer. Whether the voice is still there is asked of its own service.
func (a *account) mayReply(ctx context.Context, at atURI) error {
	var got struct {
		Posts []struct {
			URI    string
			Author profileView
			Viewer struct{ ReplyDisabled bool }
		}
	}
	err := a.login.call(ctx, call{nsid: "app.bsky.feed.getPosts", query: url.Values{"uris": {at.String()}}}, &got)
	var wait *listen.RetryAfter
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, lastword.ErrDenied), errors.As(err, &wait):
		return err
	case err != nil:
		a.stream.host.Log.Info("bluesky: nobody knows whether replies are open", "why", err)
		return nil
	}
	for _, p := range got.Posts {
		switch {
		case p.URI != at.String():
		case p.Viewer.ReplyDisabled:
			return fmt.Errorf("bluesky: the author closed the thread to replies: %w", lastword.ErrInvalid)
		case p.Author.Viewer.BlockedBy || p.Author.Viewer.Blocking != "":
			return fmt.Errorf("bluesky: the author and we block each other: %w", lastword.ErrInvalid)
		}
	}
	return nil
}

// A stored is a record as com.atproto.repo.getRecord gives it.
type stored struct {
	URI, CID string
	Value    json.RawMessage
}

func recordQuery(at atURI) call {
	return call{nsid: "com.atproto.repo.getRecord",
		query: url.Values{"repo": {at.did}, "collection": {at.collection}, "rkey": {at.rkey}}}
}

// thread fetches the voice from the service that holds it: an edit since we
// heard it has another CID.
func (a *account) thread(ctx context.Context, at atURI) (replyRef, error) {
	k := recordQuery(at)
	var err error
	if k.base, err = a.stream.resolver.service(ctx, at.did); err != nil {
		return replyRef{}, err
	}
	var got stored
	if _, err = a.login.client.do(ctx, k, &got); err != nil {
		return replyRef{}, strangers(err)
	}
	r, ok := readRecord(got.Value)
	if !ok || got.CID == "" {
		return replyRef{}, fmt.Errorf("bluesky: %s cannot be read: %w", at, lastword.ErrInvalid)
	}
	here := strongRef{URI: at.String(), CID: got.CID}
	if _, err := parseATURI(r.reply.Root.URI); err != nil || r.reply.Root.CID == "" {
		return replyRef{Root: here, Parent: here}, nil
	}
	return replyRef{Root: r.reply.Root, Parent: here}, nil
}

// strangers says what the refusal of another's service means: that a record is
// gone, or that it cannot be had; never that our own account is refused.
func strangers(err error) error {
	var no *callError
	switch {
	case !errors.As(err, &no):
		return err
	case no.gone():
		return fmt.Errorf("%s: %w", no, lastword.ErrGone)
	case errors.Is(err, lastword.ErrDenied):
		return fmt.Errorf("%s: %w", no, lastword.ErrUnavailable)
	}
	return err
}

// create writes the record under its key. A service that refuses is asked what
// it has there: the record of an earlier attempt is success.
func (a *account) create(ctx context.Context, key tid, p newPost) (listen.Receipt, error) {
	did, _, err := a.login.account(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	at := atURI{did: did, collection: postCollection, rkey: key.String()}
	err = a.login.call(ctx, call{nsid: "com.atproto.repo.createRecord", post: true, body: map[string]any{
		"repo": at.did, "collection": at.collection, "rkey": at.rkey, "record": p,
	}}, nil)
	if err == nil {
		return receipt(at), nil
	}
	var no *callError
	if !errors.As(err, &no) || errors.Is(err, lastword.ErrDenied) {
		return listen.Receipt{}, err
	}
	there, found, failed := a.lookUp(ctx, key, p.same)
	if failed != nil || !found {
		return listen.Receipt{}, err
	}
	return there, nil
}

// same reports whether r is what p would have become.
func (p newPost) same(r record) bool {
	if p.Reply != nil {
		return r.reply.Parent.URI == p.Reply.Parent.URI
	}
	return r.text == p.Text && r.reply.Parent.URI == ""
}

// lookUp asks our own service for the record under the key. It returns an error
// that wraps lastword.ErrInvalid where another post stands there.
func (a *account) lookUp(ctx context.Context, key tid, ours func(record) bool) (listen.Receipt, bool, error) {
	did, _, err := a.login.account(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	at := atURI{did: did, collection: postCollection, rkey: key.String()}
	var got stored
	err = a.login.call(ctx, recordQuery(at), &got)
	var no *callError
	switch {
	case errors.As(err, &no) && no.gone():
		return listen.Receipt{}, false, nil
	case err != nil:
		return listen.Receipt{}, false, err
	}
	if r, ok := readRecord(got.Value); !ok || !ours(r) {
		return listen.Receipt{}, false, fmt.Errorf("bluesky: another post stands at %s: %w", at, lastword.ErrInvalid)
	}
	return receipt(at), true, nil
}

func receipt(at atURI) listen.Receipt { return listen.Receipt{Key: at.String(), URL: at.web()} }
