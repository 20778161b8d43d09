package linkedin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/text"
	"lastword/listen"
)

// Reasons for leaving something out.
const (
	dropNotice = "notification-unreadable"
	dropLimit  = "notifications-limit"
)

const (
	perPage = 100
	pages   = 30
	batch   = 100              // events handed over at once
	overlap = 10 * time.Minute // what comes late is heard all the same
	maxText = 64 << 10
)

// A notification is what we read of one (…/organizations/
// organization-social-action-notifications).
type notification struct {
	ID       int64  `json:"notificationId"`
	Entity   string `json:"organizationalEntity"`
	Action   string
	Source   string `json:"sourcePost"`
	Activity string `json:"generatedActivity"`
	At       int64  `json:"lastModifiedAt"` // Unix milliseconds
	Made     struct {
		Comment *said
		Share   *said
	} `json:"decoratedGeneratedActivity"`
}

// said is a comment or a post that somebody made.
type said struct {
	Entity, Owner, Text, Object string
}

func readNotification(raw []byte) (notification, bool) {
	var n notification
	return n, json.Unmarshal(raw, &n) == nil && n.At > 0 && n.At < 1e14 && n.Action != ""
}

var (
	commentURN = regexp.MustCompile(`^urn:li:comment:\((?:urn:li:)?(activity|share|ugcPost|groupPost):(\d{1,30}),(\d{1,30})\)$`)
	postURN    = regexp.MustCompile(`^urn:li:(activity|share|ugcPost|groupPost):\d{1,30}$`)
	memberURN  = regexp.MustCompile(`^urn:li:(person|organization):[A-Za-z0-9_-]{1,60}$`)
)

// comment reads the two forms of a comment's URN into one, and the post it is
// below.
func comment(urn string) (key, post, id string, ok bool) {
	m := commentURN.FindStringSubmatch(urn)
	if m == nil {
		return "", "", "", false
	}
	post = "urn:li:" + m[1] + ":" + m[2]
	return "urn:li:comment:(" + post + "," + m[3] + ")", post, m[3], true
}

// web is where a person reads a post or a comment.
func web(post, commentKey string) string {
	at := "https://www.linkedin.com/feed/update/" + post + "/"
	if commentKey != "" {
		at += "?commentUrn=" + url.QueryEscape(strings.Replace(commentKey, "(urn:li:", "(", 1))
	}
	return at
}

// author is a member by the number that LinkedIn gives: names may be kept for a
// day only, and so are not kept.
func author(urn string) lastword.Author {
	return lastword.Author{Key: urn, Name: "LinkedIn " + urn[strings.LastIndexByte(urn, ':')+1:]}
}

// event makes an event of a notification; false for what is no voice, such as a
// reaction, and for what cannot be read.
func (n notification) event(me string) (lastword.Event, bool) {
	at := time.UnixMilli(n.At).UTC()
	op := lastword.Said
	switch n.Action {
	case "COMMENT", "ADMIN_COMMENT":
	case "COMMENT_EDIT":
		op = lastword.Edited
	case "COMMENT_DELETE":
		key, _, _, ok := comment(n.Activity)
		if c := n.Made.Comment; !ok && c != nil {
			key, _, _, ok = comment(c.Entity)
		}
		return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: Name, Key: key}}, ok
	case "SHARE_MENTION", "SHARE":
		return n.share(me, at)
	default:
		return lastword.Event{}, false
	}
	c := n.Made.Comment
	if c == nil {
		return lastword.Event{}, false
	}
	key, post, _, ok := comment(cmp.Or(c.Entity, n.Activity))
	p := lastword.Post{Network: Name, Key: key, URL: web(post, key), Text: text.CleanTo(c.Text, maxText), SaidAt: at, Parent: post, Root: post,
		Author: author(c.Owner), Own: c.Owner == me || n.Action == "ADMIN_COMMENT"}
	if parent, _, _, nested := comment(c.Object); nested {
		p.Parent = parent
	}
	return lastword.Event{Op: op, Post: p}, ok && memberURN.MatchString(c.Owner) && p.Text != ""
}

// share is a post that names the page, or one of the page's that was passed on
// with words.
func (n notification) share(me string, at time.Time) (lastword.Event, bool) {
	s := n.Made.Share
	if s == nil {
		return lastword.Event{}, false
	}
	key := cmp.Or(s.Entity, n.Activity)
	p := lastword.Post{Network: Name, Key: key, URL: web(key, ""), Text: text.CleanTo(s.Text, maxText), SaidAt: at, Author: author(s.Owner), Own: s.Owner == me}
	return lastword.Event{Op: lastword.Said, Post: p}, postURN.MatchString(key) && memberURN.MatchString(s.Owner) && p.Text != ""
}

// A cursor is up to when all was heard, and what must be gone when.
type cursor struct {
	Of   string           `json:"of"`
	At   int64            `json:"at"`             // Unix milliseconds
	Kept map[string]int64 `json:"kept,omitempty"` // when each member's voice was heard, Unix seconds
	Sub  string           `json:"sub,omitempty"`  // the address that was given to LinkedIn for pushes
	Told int64            `json:"told,omitempty"` // when that was last tried, Unix seconds
}

func parse(text, of string) (cursor, error) {
	c := cursor{Of: of}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return c, fmt.Errorf("linkedin: cursor: %w", err)
		}
		if of != "" && c.Of != of {
			// What was kept of another page has its time too.
			c = cursor{Of: of, Kept: c.Kept}
		}
	}
	if c.Kept == nil {
		c.Kept = map[string]int64{}
	}
	return c, nil
}

func (c cursor) String() string {
	raw, err := json.Marshal(c)
	if err != nil {
		return "" // strings and numbers cannot fail to be written
	}
	return string(raw)
}

// take notes what was heard.
func (c *cursor) take(events []lastword.Event, now time.Time) {
	for _, e := range events {
		_, known := c.Kept[e.Post.Key]
		switch {
		case e.Op == lastword.Deleted:
			delete(c.Kept, e.Post.Key)
		case !e.Post.Own && !known:
			c.Kept[e.Post.Key] = now.Unix()
		}
	}
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, textCursor string, hear listen.Hear) error {
	// What LinkedIn lets us keep no longer goes first, whatever else fails.
	c, err := parse(textCursor, "")
	if err != nil {
		return err
	}
	saved := textCursor
	save := func(events []lastword.Event) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if next := c.String(); len(events) > 0 || next != saved {
			if err := hear(ctx, events, next); err != nil {
				return err
			}
			saved = next
		}
		return nil
	}
	if err := s.expire(&c, save); err != nil {
		return err
	}
	me, err := s.me(ctx)
	if err != nil {
		return err
	}
	if c.Of != me.org {
		if c, err = parse(c.String(), me.org); err != nil {
			return err
		}
	}
	s.subscribe(ctx, me, &c)
	return s.listen(ctx, me, &c, save)
}

// Expired implements listen.Keeper: the bound holds too where nobody polls.
func (connector) Expired(settings map[string]string, _ string, now time.Time) time.Time {
	keep, err := keepOf(settings[fieldKeep])
	if err != nil { // whatever was entered, this is allowed to all
		keep = keepAll
	}
	return now.Add(-keep)
}

// expire hands over as deleted what has been kept for as long as LinkedIn allows.
func (s *source) expire(c *cursor, save func([]lastword.Event) error) error {
	var over []lastword.Event
	limit := s.host.Now().Add(-s.set.keep).Unix()
	for key, at := range c.Kept {
		if at <= limit {
			over = append(over, lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: Name, Key: key}})
		}
	}
	slices.SortFunc(over, func(a, b lastword.Event) int { return cmp.Compare(a.Post.Key, b.Post.Key) })
	for some := range slices.Chunk(over, batch) {
		c.take(some, time.Time{})
		if err := save(some); err != nil {
			return err
		}
	}
	return nil
}

// listen hears the notifications since the last one, oldest first.
func (s *source) listen(ctx context.Context, me page, c *cursor, save func([]lastword.Event) error) error {
	now := s.host.Now()
	from := now.Add(-s.set.keep) // what is older could not be kept
	if c.At > 0 {
		from = time.UnixMilli(c.At).Add(-overlap)
	}
	var all []notification
	for n := range pages {
		some, err := s.notifications(ctx, me, from, n*perPage)
		if err != nil {
			return err
		}
		for _, raw := range some {
			if got, ok := readNotification(raw); ok {
				all = append(all, got)
			} else {
				s.host.Dropped(dropNotice, me.org)
			}
		}
		if len(some) < perPage {
			break
		}
		if n == pages-1 {
			s.host.Dropped(dropLimit, me.org)
		}
	}
	slices.SortStableFunc(all, func(a, b notification) int { return cmp.Compare(a.At, b.At) })
	for some := range slices.Chunk(all, batch) {
		var events []lastword.Event
		for _, n := range some {
			if e, ok := n.event(me.org); ok {
				events = append(events, s.placed(ctx, e))
			}
		}
		c.take(events, now)
		c.At = max(c.At, some[len(some)-1].At)
		if err := save(events); err != nil {
			return err
		}
	}
	return save(nil)
}

// notifications asks for one page of them since a moment.
func (s *source) notifications(ctx context.Context, me page, since time.Time, start int) ([]json.RawMessage, error) {
	var got struct{ Elements []json.RawMessage }
	// The brackets are syntax of Rest.li 2.0 and stay as they are.
	q := "organizationalEntityNotifications?q=criteria&actions=List(COMMENT,ADMIN_COMMENT,COMMENT_EDIT,COMMENT_DELETE,SHARE_MENTION,SHARE)" +
		"&organizationalEntity=" + url.QueryEscape(me.org) +
		"&timeRange=(start:" + strconv.FormatInt(since.UnixMilli(), 10) + ",end:" + strconv.FormatInt(s.host.Now().UnixMilli(), 10) + ")" +
		"&count=" + strconv.Itoa(perPage) + "&start=" + strconv.Itoa(start)
	if err := s.ask(ctx, api.Request{URL: q}, &got); err != nil {
		return nil, fmt.Errorf("linkedin: notifications: %w", err)
	}
	return got.Elements, nil
}

// placed finds out below which comment a comment of ours is, so that an answer
// given by hand is known. A notification does not say.
func (s *source) placed(ctx context.Context, e lastword.Event) lastword.Event {
	if e.Op != lastword.Said || !e.Post.Own || e.Post.Parent != e.Post.Root || e.Post.Root == "" {
		return e
	}
	c, err := s.comment(ctx, e.Post.Key)
	if err != nil {
		return e // it is heard all the same
	}
	if parent, _, _, ok := comment(c.Parent); ok {
		e.Post.Parent = parent
	}
	return e
}

// subscribe gives LinkedIn our address, once a day until it has it
// (…/eventSubscriptions). Where that fails, the poll hears all the same.
func (s *source) subscribe(ctx context.Context, me page, c *cursor) {
	if s.hook == "" || s.set.app == "" || c.Sub == s.hook || !memberURN.MatchString(me.person) || s.host.Now().Sub(time.Unix(c.Told, 0)) < 24*time.Hour {
		return
	}
	c.Told = s.host.Now().Unix()
	key := "(developerApplication:" + url.QueryEscape("urn:li:developerApplication:"+s.set.app) + ",user:" + url.QueryEscape(me.person) +
		",entity:" + url.QueryEscape(me.org) + ",eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS)"
	if err := s.ask(ctx, api.Request{Method: http.MethodPut, URL: "eventSubscriptions/" + key, JSON: map[string]string{"webhook": s.hook}}, nil); err != nil {
		if !errors.Is(err, context.Canceled) {
			s.host.Log.WarnContext(ctx, "linkedin: the page will not push", "err", err)
		}
		return
	}
	c.Sub = s.hook
}
