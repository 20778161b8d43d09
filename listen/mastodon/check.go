package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lastword/listen"
)

// Check implements listen.Checker. It asks for each ability what shows it and
// changes nothing; the server's codes decide.
func (a *account) Check(ctx context.Context) ([]listen.Ability, error) {
	h, err := a.freshly(ctx)
	if err != nil {
		return nil, err
	}
	hear, err := a.can(ctx, "hear", get("/api/v1/notifications", url.Values{"limit": {"1"}}), "scope-read")
	if err != nil {
		return nil, err
	}
	find, err := a.can(ctx, "search", get("/api/v2/search", url.Values{"q": {"lastword"}, "type": {"statuses"}, "limit": {"1"}}), "no-search")
	if err != nil {
		return nil, err
	}
	writes, err := a.mayWrite(ctx)
	if err != nil {
		return nil, err
	}
	all := []listen.Ability{hear, a.streams(ctx, h), find}
	for _, name := range []string{"reply", "publish", "edit", "delete"} {
		can := listen.Ability{Name: name, Can: writes}
		switch {
		case !writes:
			can.Why, can.Act = "connector.mastodon.error.scope-write", true
		case name == "edit" && !h.edits():
			can.Can, can.Why = false, "connector.mastodon.error.no-edit"
		}
		all = append(all, can)
	}
	if a.set.refresh == "" { // with one it is renewed by itself
		for i := range all {
			all[i].Until = a.set.until
		}
	}
	return all, nil
}

// freshly is where without what was known before.
func (a *account) freshly(ctx context.Context) (home, error) {
	a.mu.Lock()
	a.homeAt = a.homeAt.Add(-2 * homeFor)
	a.mu.Unlock()
	return a.where(ctx)
}

// can tries a call. A refusal of it is an ability that is missing.
func (a *account) can(ctx context.Context, name string, k call, why string) (listen.Ability, error) {
	err := a.client.do(ctx, urgent(k), nil)
	switch code := statusOf(err); {
	case err == nil:
		return listen.Ability{Name: name, Can: true}, nil
	case code == http.StatusUnauthorized, code == http.StatusTooManyRequests, code == 0:
		return listen.Ability{}, a.explain(err)
	}
	return listen.Ability{Name: name, Why: "connector.mastodon.error." + why, Act: why == "scope-read"}, nil
}

// streams opens a stream and ends it. Without one the channel asks every minute.
func (a *account) streams(ctx context.Context, h home) listen.Ability {
	t := a.tap(ctx, h)
	defer t.close()
	if len(t.live) == 0 || !t.whole(a.set.timelines) {
		return listen.Ability{Name: "stream", Why: "connector.mastodon.error.no-stream"}
	}
	return listen.Ability{Name: "stream", Can: true}
}

// edits reports whether the server knows how to edit a post: Mastodon from 3.5
// on (methods/statuses). Others are believed to.
func (in instance) edits() bool {
	if !in.genuine() || in.major() != 3 {
		return !in.genuine() || in.major() > 3
	}
	_, rest, _ := strings.Cut(in.version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(minor)
	return err == nil && n >= 5
}

// Interfaces that a source with an account keeps to.
var (
	_ listen.Streamer   = (*source)(nil)
	_ listen.Streamer   = (*account)(nil)
	_ listen.Replier    = (*account)(nil)
	_ listen.Finder     = (*account)(nil)
	_ listen.Chooser    = (*account)(nil)
	_ listen.Editor     = (*account)(nil)
	_ listen.Poster     = (*account)(nil)
	_ listen.Checker    = (*account)(nil)
	_ listen.Authorizer = connector{}
)
