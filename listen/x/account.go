package x

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lastword"
	"lastword/listen"
)

// An account is one that somebody signed in.
type account struct {
	host  listen.Host
	api   api
	meter *meter
	set   settings
	login *login
}

// A place is how far an account has been heard.
type place struct {
	Mentions track     `json:"m"`
	Quotes   track     `json:"q"`
	Sweep    sweepMark `json:"w"`
}

// Poll implements listen.Source: mentions, which hold replies, then quotes, then
// a part of what is kept, to learn whether it was deleted.
func (a *account) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	var at place
	if err := decodeCursor(cursor, &at); err != nil {
		return err
	}
	if _, err := a.login.token(ctx, ""); err != nil {
		return err
	}
	who := a.login.now()
	if who.user == "" || !isHandle(who.handle) {
		return a.login.signIn()
	}
	start := idAt(a.host.Now().Add(-a.set.back))
	r := reader{host: a.host, api: a.api, meter: a.meter, self: who.user}
	if at.Mentions.Since == 0 {
		at.Mentions.Since = start
	}
	if at.Quotes.Since == 0 {
		at.Quotes.Since = start
	}
	err := r.read(ctx, a.mentions(who), at.Mentions, hear, func(t track) string {
		at.Mentions = t
		return encodeCursor(at)
	})
	if err != nil {
		return err
	}
	at.Quotes.Since = searchable(a.host, at.Quotes.Since)
	err = r.read(ctx, a.quotes(who), at.Quotes, hear, func(t track) string {
		at.Quotes = t
		return encodeCursor(at)
	})
	if err != nil {
		return err
	}
	return a.sweep(ctx, &at, hear)
}

// mentions are the posts that name the account (docs.x.com, GET
// /2/users/{id}/mentions): the replies to it too, which name it by themselves.
func (a *account) mentions(who tokens) list {
	return list{path: "/2/users/" + who.user + "/mentions", query: fields(), page: "pagination_token", least: 5, price: a.set.prices.own}
}

// quotes are those of the account's posts that do not name it.
func (a *account) quotes(who tokens) list {
	q := fields()
	q.Set("query", `url:"x.com/`+who.handle+`/status" is:quote -@`+who.handle+` -from:`+who.handle+` -is:retweet`)
	return list{path: searchPath, query: q, page: "next_token", least: searchLeast, price: a.set.prices.post}
}

// A sweepMark is how far what is kept was looked up.
type sweepMark struct {
	After string `json:"a,omitempty"` // the last key
	Day   string `json:"d,omitempty"`
	Done  int    `json:"n,omitempty"` // on that day

	Away []string `json:"x,omitempty"` // accounts that X does not show, or not to everybody
	Back string   `json:"b,omitempty"` // the day on which they were last asked for
}

// sweepSize is how many posts one look-up may ask for (docs.x.com, GET
// /2/tweets).
const sweepSize = 100

// sweep looks up the next of what is kept: what X does not show any more has to
// go here too (developer policy, III.A), and X tells nobody by itself who pays
// per use. Who said it is looked up where it is gone: the account may be. Each look-up costs as much as reading, so the settings bound it.
func (a *account) sweep(ctx context.Context, at *place, hear listen.Hear) error {
	today := today(a.host.Now())
	if at.Sweep.Day != today {
		at.Sweep.Day, at.Sweep.Done = today, 0
	}
	n := min(a.set.recheck-at.Sweep.Done, sweepSize)
	if a.host.Voices == nil || n <= 0 {
		return nil
	}
	if left, err := a.meter.left(ctx); err != nil || left < int64(n)*(a.set.prices.post+a.set.prices.user) {
		return err // hearing comes first
	}
	keys, err := a.host.Voices(ctx, at.Sweep.After, n)
	if err != nil {
		return err
	}
	at.Sweep.Done += n
	if at.Sweep.After = ""; len(keys) == n {
		at.Sweep.After = keys[n-1]
	} else {
		at.Sweep.Done = a.set.recheck // all was looked up today
	}
	events, err := a.lookUp(ctx, keys)
	if err != nil {
		return err
	}
	var gone []string
	for _, e := range events {
		if e.Op == lastword.Deleted {
			gone = append(gone, e.Post.Key)
		}
	}
	states, err := a.states(ctx, &at.Sweep, gone, today)
	if err != nil {
		return err
	}
	events = append(states, events...)
	if err := ctx.Err(); err != nil {
		return err
	}
	return hear(ctx, events, encodeCursor(*at))
}

// lookUp tells what became of posts: deleted, or edited since.
func (a *account) lookUp(ctx context.Context, keys []string) ([]lastword.Event, error) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return strings.Trim(k, "0123456789") != "" })
	if len(keys) == 0 {
		return nil, nil
	}
	posts, gone, err := a.posts(ctx, keys)
	if err != nil {
		return nil, err
	}
	var newer []string // of edited posts only the last edit counts
	posts = slices.DeleteFunc(posts, func(p post) bool {
		last := p.History[max(len(p.History)-1, 0):]
		if len(last) == 0 || last[0] == p.ID {
			return false
		}
		newer = append(newer, last[0])
		return true
	})
	if len(newer) > 0 {
		edited, _, err := a.posts(ctx, newer)
		if err != nil {
			return nil, err
		}
		posts = append(posts, edited...)
	}
	slices.SortFunc(posts, func(a, b post) int { return compare(a.id, b.id) })
	events := reader{host: a.host, self: a.login.now().user}.events(posts)
	for _, key := range gone {
		events = append(events, lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: network, Key: key}})
	}
	return events, nil
}

// posts looks up posts by id, and returns too which of them are not shown any
// more: deleted, or of an account that is protected or suspended.
func (a *account) posts(ctx context.Context, ids []string) (found []post, gone []string, err error) {
	q := fields()
	q.Set("ids", strings.Join(ids, ","))
	var page wirePage
	if err := a.api.get(ctx, "/2/tweets", q, &page); err != nil {
		return nil, nil, err
	}
	cost := int64(len(page.Data))*a.set.prices.post + int64(len(page.Includes.Users))*a.set.prices.user
	if err := a.meter.spend(ctx, hearing, cost); err != nil {
		return nil, nil, err
	}
	for _, raw := range page.Data {
		if p, ok := readPost(raw, page); ok {
			found = append(found, p)
		}
	}
	for _, e := range page.Errors {
		if kind := lastPart(e.Type); (kind == "resource-not-found" || kind == "not-authorized-for-resource") && slices.Contains(ids, e.ResourceID) {
			gone = append(gone, e.ResourceID)
		}
	}
	return found, gone, nil
}

// lastPart of a problem's type names it.
func lastPart(s string) string { return s[strings.LastIndex(s, "/")+1:] }

// Check implements listen.Checker. What an account may do is said by the scopes
// that it granted.
func (a *account) Check(ctx context.Context) ([]listen.Ability, error) {
	if _, _, err := me(ctx, a.api); err != nil {
		return nil, err
	}
	if err := a.meter.spend(ctx, speaking, a.set.prices.user); err != nil {
		return nil, err
	}
	who := a.login.now()
	by := func(name string, scopes ...string) listen.Ability {
		for _, s := range scopes {
			if !who.may(s) {
				return listen.Ability{Name: name, Why: "why.x_scope", Act: true}
			}
		}
		return listen.Ability{Name: name, Can: true}
	}
	all := []listen.Ability{
		by("hear", "tweet.read", "users.read"), {Name: "stream", Why: "why.x_stream"}, {Name: "search", Why: "why.x_search"},
		by("reply", "tweet.write"), withPictures(by("publish", "tweet.write"), who), by("edit", "tweet.write"), by("delete", "tweet.write"),
	}
	if !who.may("offline.access") { // it cannot be renewed
		for i := range all {
			all[i].Until = who.until
		}
	}
	return all, nil
}

// Spending implements listen.Payer.
func (a *account) Spending(ctx context.Context) (lastword.Spending, error) {
	return a.meter.Spending(ctx)
}

// me asks who the account is (docs.x.com, GET /2/users/me).
func me(ctx context.Context, a api) (id, handle string, err error) {
	var said struct{ Data wireUser }
	if err := a.get(ctx, "/2/users/me", url.Values{}, &said); err != nil {
		return "", "", err
	}
	if said.Data.ID == "" || !isHandle(said.Data.Username) {
		return "", "", errors.Join(lastword.ErrUnavailable, errors.New("x: users/me names nobody"))
	}
	return said.Data.ID, said.Data.Username, nil
}

// forbidden reports that X does not take a post, for a reason that it names in
// words only.
func forbidden(err error) bool {
	var no *refusal
	return errors.As(err, &no) && no.status == http.StatusForbidden && errors.Is(err, lastword.ErrDenied) && !told(err)
}

// told reports whether a person is told what to do about err.
func told(err error) bool {
	var m *lastword.Mistake
	return errors.As(err, &m)
}
