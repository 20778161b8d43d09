package feed

import (
	"context"
	"net/url"

	"lastword/internal/syndication"
)

// maxThreads is how many feeds of comments are asked after one poll.
const maxThreads = 5

// withComments adds the comments of entries whose number of comments has grown,
// and notes in read whose they are. A feed of comments that cannot be read is
// left out, and asked again when the number grows again.
func (p *poll) withComments(ctx context.Context, f syndication.Feed, n news, read map[uint64]bool) news {
	known := p.cursor.Seen.byID()
	for _, i := range f.Items {
		id := idOf(key(i.ID, p.at))
		if i.Comments == "" || i.Replies <= int(known[id].replies) || len(read) == maxThreads || ctx.Err() != nil {
			continue
		}
		read[id] = true
		thread, err := p.thread(ctx, i)
		if err != nil {
			p.host.Dropped("comments", site(p.at))
			continue
		}
		more := diff(thread, p.cursor.Seen, p.at, p.now)
		n.events = append(n.events, more.events...)
		n.marks = append(n.marks, more.marks...)
	}
	return n
}

// thread reads the comments of i. What names no other parent replies to i.
func (p *poll) thread(ctx context.Context, i syndication.Item) (syndication.Feed, error) {
	at, err := url.Parse(i.Comments)
	if err != nil {
		return syndication.Feed{}, err
	}
	a, err := p.ask(ctx, at, nil)
	if err != nil {
		return syndication.Feed{}, err
	}
	a.feed.Deleted = nil
	for k := range a.feed.Items {
		if c := &a.feed.Items[k]; c.Parent == "" {
			c.Parent = i.ID
		}
	}
	return a.feed, nil
}
