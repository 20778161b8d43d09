package youtube

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/seen"
	"lastword/internal/text"
	"lastword/listen"
)

// Reasons for leaving something out.
const (
	dropThread  = "thread-unreadable"
	dropComment = "comment-unreadable"
)

const (
	watch = 2000 // comments that are looked at again: twenty units an hour
	whole = 20   // threads whose every reply is asked for in one poll
)

// A comment is what we read of one (docs/comments).
type comment struct {
	ID      string
	Snippet struct {
		Text            string `json:"textDisplay"`
		Name            string `json:"authorDisplayName"`
		ChannelURL      string `json:"authorChannelUrl"`
		AuthorChannelID struct{ Value string }
		VideoID         string
		ParentID        string
		PublishedAt     time.Time
	}
}

func (c comment) fine() bool {
	return isID(c.ID) && !c.Snippet.PublishedAt.IsZero() && (c.Snippet.ParentID == "" || isID(c.Snippet.ParentID))
}

// A thread is what we read of one (docs/commentThreads).
type thread struct {
	ID      string
	Snippet struct {
		VideoID         string
		TopLevelComment comment
		CanReply        *bool
		IsPublic        *bool
		TotalReplyCount int
	}
	Replies struct{ Comments []json.RawMessage }
}

func readThread(raw []byte) (thread, bool) {
	var t thread
	ok := json.Unmarshal(raw, &t) == nil && isID(t.ID) && t.Snippet.TopLevelComment.fine()
	if t.Snippet.VideoID != "" && !isID(t.Snippet.VideoID) {
		ok = false
	}
	return t, ok
}

func readComment(raw []byte) (comment, bool) {
	var c comment
	return c, json.Unmarshal(raw, &c) == nil && c.fine()
}

// Poll implements listen.Source.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	me, err := s.channel(ctx)
	if err != nil {
		return err
	}
	p := &poll{source: s, me: me, left: whole}
	return seen.Place{
		Of: me, Network: Name, Now: s.host.Now(), Hear: hear, Dropped: s.host.Dropped, Page: p.page, Gone: p.gone, Watch: watch, Forget: true,
	}.Poll(ctx, cursor)
}

// keepFor is for how long YouTube lets be kept what is not looked at again (API
// Services Terms, III.E.4, "Refreshing, Storing, and Displaying API Data").
const keepFor = 30 * 24 * time.Hour

// Expired implements listen.Keeper: while the channel is heard, all that is watched
// is looked at again every hour, and what is not is forgotten then.
func (connector) Expired(_ map[string]string, cursor string, now time.Time) time.Time {
	if bound := now.Add(-keepFor); seen.Swept(cursor).Before(bound) {
		return bound
	}
	return time.Time{}
}

// A poll is one hearing.
type poll struct {
	*source
	me   string
	next string
	left int // threads whose every reply may still be asked for
}

// page lists threads, newest first, with their replies.
func (p *poll) page(ctx context.Context, n int) (all []seen.Entry, more bool, err error) {
	if n == 1 {
		p.next = ""
	}
	listed, next, err := p.threads(ctx, p.me, p.next)
	if err != nil {
		return nil, false, err
	}
	for _, t := range listed {
		top := p.heard(t, t.Snippet.TopLevelComment)
		if top.Text != "" {
			all = append(all, seen.Entry{Post: top})
		}
		replies := t.Replies.Comments
		if t.Snippet.TotalReplyCount > len(replies) && p.left > 0 {
			p.left--
			if replies, err = p.replies(ctx, t.ID); err != nil {
				return nil, false, err
			}
		}
		for _, raw := range replies {
			c, ok := readComment(raw)
			if !ok {
				p.host.Dropped(dropComment, t.ID)
				continue
			}
			if post := p.heard(t, c); post.Text != "" {
				all = append(all, seen.Entry{Post: post})
			}
		}
	}
	p.next = next
	return all, next != "", nil
}

// threads lists one page of all threads below a channel's videos.
func (s *source) threads(ctx context.Context, channel, from string) (all []thread, next string, err error) {
	q := url.Values{"part": {"snippet,replies"}, "allThreadsRelatedToChannelId": {channel}, "order": {"time"}, "maxResults": {"100"}, "textFormat": {"plainText"}}
	if from != "" {
		q.Set("pageToken", from)
	}
	var got struct {
		Items         []json.RawMessage
		NextPageToken string
	}
	if err := s.ask(ctx, api.Request{URL: "commentThreads", Query: q}, &got); err != nil {
		return nil, "", judged(err)
	}
	for _, raw := range got.Items {
		if t, ok := readThread(raw); ok {
			all = append(all, t)
		} else {
			s.host.Dropped(dropThread, channel)
		}
	}
	if len(got.Items) > 0 {
		next = got.NextPageToken
	}
	return all, next, nil
}

// replies lists the latest hundred replies of a thread: those that come with the
// thread may be only some.
func (s *source) replies(ctx context.Context, id string) ([]json.RawMessage, error) {
	var got struct{ Items []json.RawMessage }
	err := s.ask(ctx, api.Request{URL: "comments", Query: url.Values{"part": {"snippet"}, "parentId": {id}, "maxResults": {"100"}, "textFormat": {"plainText"}}}, &got)
	if err != nil {
		return nil, judged(err)
	}
	return got.Items, nil
}

// A ref is what an answer needs to know of a comment.
type ref struct {
	Thread string `json:"t"` // replies hang on the first comment of a thread alone
	Video  string `json:"v,omitempty"`
	Closed bool   `json:"x,omitempty"`
}

func (p *poll) heard(t thread, c comment) lastword.Post {
	video := t.Snippet.VideoID
	closed := t.Snippet.CanReply != nil && !*t.Snippet.CanReply
	raw, err := json.Marshal(ref{Thread: t.ID, Video: video, Closed: closed})
	if err != nil {
		raw = nil // two strings and a bool cannot fail to be written
	}
	who := c.Snippet.AuthorChannelID.Value
	post := lastword.Post{
		Network: Name, Key: c.ID, Text: text.CleanTo(c.Snippet.Text, 64<<10), SaidAt: c.Snippet.PublishedAt.UTC(), Ref: string(raw),
		Author: lastword.Author{Key: c.ID, Name: text.CleanTo(c.Snippet.Name, 300)}, Root: t.ID,
		Own: who == p.me, Private: t.Snippet.IsPublic != nil && !*t.Snippet.IsPublic,
		URL: "https://www.youtube.com/watch?v=" + video + "&lc=" + c.ID,
	}
	if isID(who) {
		post.Author.Key, post.Author.URL = who, "https://www.youtube.com/channel/"+who
	}
	if handle, ok := strings.CutPrefix(post.Author.Name, "@"); ok {
		post.Author.Handle = handle
	}
	if c.Snippet.ParentID != "" {
		post.Parent = c.Snippet.ParentID
	} else {
		post.Root = ""
	}
	return post
}

// gone asks for a comment that is no longer listed.
func (p *poll) gone(ctx context.Context, id string) (bool, error) {
	var got struct{ Items []json.RawMessage }
	if err := p.ask(ctx, api.Request{URL: "comments", Query: url.Values{"part": {"id"}, "id": {id}}}, &got); err != nil {
		return false, judged(err)
	}
	return len(got.Items) == 0, nil
}
