package wordpress

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
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
	perPage   = 100 // the most that the REST API gives at once
	maxPages  = 50  // of comments that are read at once
	firstRead = 20  // pages that are read of the past when a channel is new
	batch     = 100 // events handed over at once
	asked     = 20  // comments asked for one by one in one poll
	sweep     = time.Hour
)

// fields are what is asked of a comment; without them each answer carries all
// that plugins add.
const fields = "id,post,parent,author,author_name,author_email,author_url,author_user_agent,author_avatar_urls,date_gmt,content,link,status,_links"

// A poll is one hearing.
type poll struct {
	*source
	hear   listen.Hear
	site   *site
	me     *user
	cursor cursor
	saved  string
	now    time.Time
	on     map[int64]article // posts by number
}

// Poll implements listen.Source. It hears posts, then what changed of the
// comments heard before, then new comments.
func (s *source) Poll(ctx context.Context, text string, hear listen.Hear) error {
	c, err := parse(text)
	if err != nil {
		return err
	}
	p := &poll{source: s, hear: hear, cursor: c, saved: text, now: s.host.Now(), on: map[int64]article{}}
	if p.site, err = s.find(ctx); err != nil {
		return err
	}
	if p.me, err = s.whoami(ctx); err != nil {
		return err
	}
	if c.Home != p.site.home {
		p.cursor = cursor{Home: p.site.home}
	}
	full := p.now.Sub(time.Unix(p.cursor.Swept, 0)) >= sweep
	if err := p.posts(ctx, full); err != nil {
		return err
	}
	if err := p.comments(ctx, full); err != nil {
		return err
	}
	if full {
		p.cursor.Swept = p.now.Unix()
	}
	return p.save(ctx, nil, p.cursor)
}

// save hands over events with the cursor after them, or the cursor alone where
// it has changed.
func (p *poll) save(ctx context.Context, events []lastword.Event, next cursor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text := next.String()
	if len(events) == 0 && text == p.saved {
		return nil
	}
	if err := p.hear(ctx, events, text); err != nil {
		return err
	}
	p.cursor, p.saved = next, text
	return nil
}

// posts hears the posts that were changed last and, in a sweep, asks which of
// those it watches are no longer there.
func (p *poll) posts(ctx context.Context, full bool) error {
	got, err := p.articles(ctx, "/posts", url.Values{"orderby": {"modified"}, "order": {"desc"}, "per_page": {strconv.Itoa(perPage)}})
	if err != nil {
		return err
	}
	next := p.cursor
	var events []lastword.Event
	slices.SortStableFunc(got, func(a, b article) int { return a.Date.Compare(b.Date) })
	for _, a := range got {
		p.on[a.ID] = a
		post := a.post(p.site.home)
		if a.Date.IsZero() || post.Title == "" && post.Text == "" || a.Locked {
			continue
		}
		m := markOf(a.ID, post.Title+"\x00"+post.Text)
		old, known := next.Posts.find(a.ID)
		switch {
		case known && old == m:
			continue
		case known:
			events = append(events, lastword.Event{Op: lastword.Edited, Post: post})
		default:
			events = append(events, lastword.Event{Op: lastword.Said, Post: post})
		}
		next.Posts = next.Posts.with(m)
	}
	next.Posts, _ = next.Posts.newest(watchPosts)
	if full {
		gone, err := p.gonePosts(ctx, next.Posts, got)
		if err != nil {
			return err
		}
		for _, id := range gone {
			next.Posts = next.Posts.without(id)
			events = append(events, lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: Name, Key: postKey(p.site.home, id)}})
		}
	}
	return p.save(ctx, events, next)
}

// gonePosts returns which of the watched posts nobody may read any more.
func (p *poll) gonePosts(ctx context.Context, watched marks, there []article) (gone []int64, err error) {
	var ask []string
	for _, m := range watched {
		if !slices.ContainsFunc(there, func(a article) bool { return a.ID == m.id }) {
			ask = append(ask, strconv.FormatInt(m.id, 10))
		}
	}
	if len(ask) == 0 {
		return nil, nil
	}
	// Only published ones are listed.
	still, err := p.articles(ctx, "/posts", url.Values{"include": {strings.Join(ask, ",")}, "per_page": {strconv.Itoa(perPage)}})
	if err != nil {
		return nil, err
	}
	for _, id := range ask {
		n, err := strconv.ParseInt(id, 10, 64)
		if err == nil && !slices.ContainsFunc(still, func(a article) bool { return a.ID == n }) {
			gone = append(gone, n)
		}
	}
	return gone, nil
}

// articles lists posts of one type as everybody sees them, or as the query says.
func (p *poll) articles(ctx context.Context, route string, q url.Values) ([]article, error) {
	q.Set("_fields", "id,date_gmt,title,content,link,status,author,comment_status")
	var list []json.RawMessage
	if _, err := p.ask(ctx, call{route: route, query: q}, &list); err != nil {
		return nil, p.judged(err)
	}
	var all []article
	for _, raw := range list {
		if a, ok := readArticle(raw); ok {
			all = append(all, a)
		} else {
			p.host.Dropped(dropPost, p.site.home)
		}
	}
	return all, nil
}

// comments hears what changed and what is new.
func (p *poll) comments(ctx context.Context, full bool) error {
	listed, lowest, err := p.list(ctx, full)
	if err != nil {
		return err
	}
	changed, fresh := p.sort(listed)
	if err := p.settings(ctx, slices.Concat(changed, fresh)); err != nil {
		return err
	}
	if err := p.gone(ctx, listed, lowest); err != nil {
		return err
	}
	if err := p.handOver(ctx, changed, lastword.Edited); err != nil {
		return err
	}
	return p.handOver(ctx, fresh, lastword.Said)
}

// list reads comments from the newest on: as far as what was heard, in a sweep
// as far as is watched. Lowest is the number below which it tells nothing.
func (p *poll) list(ctx context.Context, full bool) (all []comment, lowest int64, err error) {
	until := p.cursor.Top
	pages := maxPages
	switch {
	case p.cursor.Top == 0:
		pages = firstRead
	case full && len(p.cursor.Comments) > 0:
		until = p.cursor.Comments[0].id - 1
	}
	for page := 1; page <= pages; page++ {
		some, more, err := p.page(ctx, page)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, some...)
		if !more {
			return all, 0, nil
		}
		if n := len(some); n > 0 {
			lowest = some[n-1].ID
		}
		if lowest > 0 && lowest <= until {
			return all, lowest, nil
		}
	}
	if p.cursor.Top > 0 && len(all) > 0 {
		p.host.Dropped(listen.Gap, listen.Span(time.Time{}, all[len(all)-1].Date))
	}
	return all, lowest, nil
}

// page reads one page of comments, newest first, as far as the account may see.
// It orders by number: a comment may be dated back, but not numbered so.
func (p *poll) page(ctx context.Context, n int) (all []comment, more bool, err error) {
	q := url.Values{"orderby": {"id"}, "order": {"desc"}, "per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(n)}, "_fields": {fields}}
	if p.me.may("moderate_comments") {
		q.Set("context", "edit")
		q.Set("status", "all") // held and approved; neither spam nor trash
	}
	var list []json.RawMessage
	h, err := p.ask(ctx, call{route: "/comments", query: q}, &list)
	if err != nil {
		return nil, false, p.judged(err)
	}
	for _, raw := range list {
		if c, ok := readComment(raw); ok {
			all = append(all, c)
		} else {
			p.host.Dropped(dropComment, p.site.home)
		}
	}
	// Comments that the account may not read are missing from a page, so that a
	// short one need not be the last (X-WP-TotalPages, REST API Handbook).
	total, err := strconv.Atoi(h.Get("X-WP-TotalPages"))
	if err != nil {
		return all, len(list) == perPage, nil
	}
	return all, n < total, nil
}

// sort tells which of the listed comments read otherwise than before, and which
// are new; each by rising number.
func (p *poll) sort(listed []comment) (changed, fresh []comment) {
	seen := map[int64]bool{}
	for _, c := range listed {
		if seen[c.ID] || c.says() == "" || c.Status == "spam" || c.Status == "trash" {
			continue
		}
		seen[c.ID] = true
		old, known := p.cursor.Comments.find(c.ID)
		switch {
		case known && old != commentMark(c):
			changed = append(changed, c)
		case !known && (c.ID > p.cursor.Top || c.ID >= p.cursor.Floor):
			fresh = append(fresh, c) // or back from spam and trash
		}
	}
	order := func(a, b comment) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(changed, order)
	slices.SortFunc(fresh, order)
	return changed, fresh
}

// settings learns about the posts of comments: whether they are public, and open.
func (p *poll) settings(ctx context.Context, of []comment) error {
	want := map[string][]string{} // by route
	for _, c := range of {
		if _, known := p.on[c.Post]; known || c.Post <= 0 {
			continue
		}
		p.on[c.Post] = article{}
		want[routeOf(c.Up, c.Post)] = append(want[routeOf(c.Up, c.Post)], strconv.FormatInt(c.Post, 10))
	}
	for route, ids := range want {
		for some := range slices.Chunk(ids, perPage) {
			q := url.Values{"include": {strings.Join(some, ",")}, "per_page": {strconv.Itoa(perPage)}}
			got, err := p.articles(ctx, route, q)
			if _, _, refused := codeOf(err); refused && ctx.Err() == nil && !errors.Is(err, lastword.ErrUnavailable) {
				continue // a kind of page that is shown to nobody: its comments count as private
			}
			if err != nil {
				return err
			}
			for _, a := range got {
				p.on[a.ID] = a
			}
		}
	}
	return nil
}

// routeOf takes the collection out of the address of a post: "/pages" for
// ".../wp/v2/pages/7". Without one it is taken for a post.
func routeOf(up string, id int64) string {
	_, route, ok := strings.Cut(up, "/wp/v2/")
	route, numbered := strings.CutSuffix(route, "/"+strconv.FormatInt(id, 10))
	if !ok || !numbered || route == "" || strings.ContainsAny(route, "?&#/%") {
		return "/posts"
	}
	return "/" + route
}

// handOver hears comments in batches, each with the cursor after it.
func (p *poll) handOver(ctx context.Context, all []comment, op lastword.Op) error {
	for some := range slices.Chunk(all, batch) {
		next := p.cursor
		var events []lastword.Event
		for _, c := range some {
			events = append(events, lastword.Event{Op: op, Post: c.post(p.site.home, p.me, p.on[c.Post])})
			next.Comments = next.Comments.with(commentMark(c))
			if op == lastword.Said {
				next.Top = max(next.Top, c.ID)
			}
		}
		// A floor rises only: below it nobody knows what was heard.
		var floor int64
		next.Comments, floor = next.Comments.newest(watchComments)
		if next.Floor = max(next.Floor, floor); next.Floor == 0 {
			next.Floor = next.Comments[0].id
		}
		if err := p.save(ctx, events, next); err != nil {
			return err
		}
	}
	return nil
}

// gone hears which of the watched comments are no longer listed and, when asked
// for, are not there either, or are spam or trash.
func (p *poll) gone(ctx context.Context, listed []comment, lowest int64) error {
	there := map[int64]bool{}
	for _, c := range listed {
		there[c.ID] = true
	}
	next := p.cursor
	var events []lastword.Event
	left := asked
	for _, m := range p.cursor.Comments {
		if m.id < lowest || there[m.id] || left == 0 {
			continue
		}
		left--
		is, err := p.isGone(ctx, m)
		if err != nil {
			return err
		}
		if is {
			next.Comments = next.Comments.without(m.id)
			events = append(events, lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: Name, Key: commentKey(p.site.home, m.id)}})
		}
	}
	return p.save(ctx, events, next)
}

// isGone asks for one comment by its number. Who may not read a comment that was
// held all along only lost a right; one that everybody could read is gone.
func (p *poll) isGone(ctx context.Context, m mark) (bool, error) {
	q := url.Values{"_fields": {fields}}
	if p.me.may("moderate_comments") {
		q.Set("context", "edit")
	}
	var raw json.RawMessage
	_, err := p.ask(ctx, call{route: "/comments/" + strconv.FormatInt(m.id, 10), query: q}, &raw)
	code, status, refused := codeOf(err)
	switch {
	case refused && status == http.StatusNotFound && code != "rest_no_route":
		return true, nil
	case refused && strings.HasPrefix(code, "rest_cannot_read"):
		return !m.held(), nil
	case err != nil:
		return false, p.judged(err)
	}
	c, ok := readComment(raw)
	return ok && c.Status != "approved" && c.Status != "hold", nil
}
