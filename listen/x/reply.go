package x

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/twittertext"
	"lastword/listen"
)

// handPage is where a person answers by hand; the text is added to it
// (docs.x.com, X for Websites, Web Intents).
const handPage = "https://x.com/intent/post?in_reply_to="

// Options implements listen.Chooser: by ourselves where we were summoned, by hand
// in any case.
func (a *account) Options(to lastword.Post) []lastword.ReplyOption {
	allowed := lastword.Network{Limit: limit, Unit: lastword.Weighted}
	r := refOf(to)
	hand := lastword.ReplyOption{ByHand: true, Why: "why.x_not_summoned", Network: allowed,
		At: handPage + url.QueryEscape(r.ID) + "&text="}
	if !r.Own && !r.summons(a.login.now().handle) {
		return []lastword.ReplyOption{hand}
	}
	return []lastword.ReplyOption{{Network: allowed, Cost: a.set.prices.reply}, hand}
}

// After implements listen.Threader.
func (a *account) After(to lastword.Post, r listen.Receipt) lastword.Post {
	kept, err := json.Marshal(ref{ID: r.Key, Own: true})
	if err != nil {
		kept = nil // two plain fields cannot fail to be written
	}
	return lastword.Post{Network: network, Key: r.Key, URL: r.URL, Ref: string(kept), Private: to.Private}
}

// refOf reads what was kept of a post; of one that came another way only its key
// is known.
func refOf(to lastword.Post) ref {
	var r ref
	if err := json.Unmarshal([]byte(to.Ref), &r); err != nil || r.ID == "" || strings.Trim(r.ID, "0123456789") != "" {
		return ref{ID: to.Key}
	}
	return r
}

// Reply implements listen.Replier.
func (a *account) Reply(ctx context.Context, to lastword.Post, r listen.Reply) (listen.Receipt, error) {
	at := refOf(to)
	who, err := a.writer(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if !at.Own && !at.summons(who.handle) {
		return listen.Receipt{}, fmt.Errorf("x: nobody summoned the account: %w", lastword.ErrInvalid)
	}
	price := a.set.prices.reply
	if at.Own { // nobody summoned us there
		price = a.set.prices.create
	}
	if len(twittertext.URLs(r.Text)) > 0 {
		price = max(price, a.set.prices.link)
	}
	got, err := a.create(ctx, who, price, newPost{Text: r.Text, Reply: &newReply{To: at.ID}})
	if !forbidden(err) {
		return got, err
	}
	// X says why in words only. One reason can be asked for: it is gone.
	_, gone, failed := a.posts(ctx, []string{at.ID})
	switch {
	case failed != nil:
		return got, failed
	case len(gone) > 0:
		return got, errors.Join(lastword.ErrGone, err)
	}
	return got, never(err)
}

// writer returns the account's tokens where it may post.
func (a *account) writer(ctx context.Context) (tokens, error) {
	if _, err := a.login.token(ctx, ""); err != nil {
		return tokens{}, err
	}
	who := a.login.now()
	switch {
	case who.user == "" || who.handle == "":
		return who, a.login.signIn()
	case !who.may("tweet.write"):
		return who, fmt.Errorf("x: %w", &lastword.Mistake{Key: "connector.x.error.scope", Field: fieldClient, Kind: lastword.ErrDenied})
	}
	return who, nil
}

// never says that X will not take a post, whatever the account does.
func never(err error) error {
	if !forbidden(err) {
		return err
	}
	return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
}

// A newPost is what makes one (docs.x.com, POST /2/tweets).
type newPost struct {
	Text  string    `json:"text"`
	Reply *newReply `json:"reply,omitempty"`
	Edit  *newEdit  `json:"edit_options,omitempty"`
	Media *newMedia `json:"media,omitempty"`
}

type newMedia struct {
	IDs []string `json:"media_ids"`
}

type newReply struct {
	To string `json:"in_reply_to_tweet_id"`
}

type newEdit struct {
	Of string `json:"previous_post_id"`
}

// create makes a post. It is paid before it is sent: whether one arrived of which
// nothing is heard, nobody knows.
func (a *account) create(ctx context.Context, who tokens, price int64, p newPost) (listen.Receipt, error) {
	if err := a.meter.allow(ctx, price); err != nil {
		return listen.Receipt{}, err
	}
	if err := a.meter.spend(ctx, speaking, price); err != nil {
		return listen.Receipt{}, err
	}
	var said struct{ Data struct{ ID string } }
	if err := a.api.do(ctx, call{method: http.MethodPost, path: "/2/tweets", body: p}, &said); err != nil {
		return listen.Receipt{}, err
	}
	if said.Data.ID == "" {
		return listen.Receipt{}, fmt.Errorf("x: the new post has no id: %w", lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: said.Data.ID, URL: postURL(who.handle, said.Data.ID)}, nil
}

// Find implements listen.Replier. X keeps no keys of ours: FindReply looks for
// the text.
func (a *account) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, fmt.Errorf("x: nothing is found by a key: %w", lastword.ErrUnavailable)
}

// FindReply implements listen.Finder: it looks among the account's own posts since
// the answer was made.
func (a *account) FindReply(ctx context.Context, to lastword.Post, r listen.Reply) (listen.Receipt, bool, error) {
	who, err := a.writer(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	own, err := a.since(ctx, who, r.Made)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	at := refOf(to)
	for _, p := range own {
		if parent := p.referenced("replied_to"); (parent == at.ID || parent == to.Key) && same(p, r.Text) {
			return listen.Receipt{Key: p.first(), URL: postURL(who.handle, p.ID)}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

const (
	clocks    = 2 * time.Minute // X's and ours may differ by
	ownPages  = 5
	ownPerAsk = 100
)

// since returns the account's own posts since then, newest first.
func (a *account) since(ctx context.Context, who tokens, from time.Time) ([]post, error) {
	q := url.Values{"tweet.fields": {postFields}, "max_results": {fmt.Sprint(ownPerAsk)},
		"start_time": {from.Add(-clocks).UTC().Format(time.RFC3339)}}
	var all []post
	for range ownPages {
		var page wirePage
		if err := a.meter.allow(ctx, a.set.prices.own); err != nil {
			return nil, err
		}
		if err := a.api.get(ctx, "/2/users/"+who.user+"/tweets", q, &page); err != nil {
			return nil, err
		}
		if err := a.meter.spend(ctx, speaking, int64(len(page.Data))*a.set.prices.own); err != nil {
			return nil, err
		}
		for _, raw := range page.Data {
			if p, ok := readPost(raw, page); ok {
				all = append(all, p)
			}
		}
		if page.Meta.NextToken == "" {
			return all, nil
		}
		q.Set("pagination_token", page.Meta.NextToken)
	}
	return all, nil
}

// same reports whether a post says what we sent: X puts its own addresses in the
// place of ours, writes marks as HTML, may put names before a reply, and adds an
// address for pictures.
func same(p post, sent string) bool {
	said := p.Text
	if p.Note != nil && p.Note.Text != "" {
		said = p.Note.Text
	}
	there, ours := plain(html.UnescapeString(said)), plain(sent)
	return there == ours || strings.TrimSuffix(there, " \x00") == ours
}

// plain is a text without its addresses, the names that it begins with, and the
// kinds of space.
func plain(s string) string {
	var b strings.Builder
	from := 0
	for _, u := range twittertext.URLs(s) {
		b.WriteString(s[from:u.Start] + "\x00")
		from = u.End
	}
	words := strings.Fields(b.String() + s[from:])
	for len(words) > 1 && twittertext.ValidUsername(words[0]) {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// Edit implements listen.Editor. X lets only paying accounts edit, and not for
// long; each edit is a post with an id of its own, and the last one is edited.
func (a *account) Edit(ctx context.Context, key string, r listen.Reply) error {
	who, err := a.writer(ctx)
	if err != nil {
		return err
	}
	found, gone, err := a.posts(ctx, []string{key})
	switch {
	case err != nil:
		return err
	case len(gone) > 0 || len(found) == 0:
		return fmt.Errorf("x: post %s: %w", key, lastword.ErrGone)
	}
	last := key
	if n := len(found[0].History); n > 0 {
		last = found[0].History[n-1]
	}
	price := a.set.prices.create
	if len(twittertext.URLs(r.Text)) > 0 {
		price = max(price, a.set.prices.link)
	}
	_, err = a.create(ctx, who, price, newPost{Text: r.Text, Edit: &newEdit{Of: last}, Media: found[0].pictured()})
	return never(err)
}

// Remove implements listen.Editor. All edits of a post go with it.
func (a *account) Remove(ctx context.Context, key string) error {
	if _, err := a.writer(ctx); err != nil {
		return err
	}
	if strings.Trim(key, "0123456789") != "" || key == "" {
		return fmt.Errorf("x: %q is no post: %w", key, lastword.ErrInvalid)
	}
	// Taking back is never too dear: it is counted, and not stopped.
	if err := a.meter.spend(ctx, speaking, a.set.prices.delete); err != nil {
		return err
	}
	return never(a.api.do(ctx, call{method: http.MethodDelete, path: "/2/tweets/" + key}, nil))
}
