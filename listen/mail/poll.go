package mail

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"lastword"
	"lastword/listen"
)

const (
	batch    = 20      // mails fetched at once
	maxMail  = 1 << 20 // bytes of a mail; what follows are attachments
	maxTries = 3       // after which a mail is left out at which connections end
)

// Poll implements listen.Source.
func (b *mailbox) Poll(ctx context.Context, at string, hear listen.Hear) error {
	c, err := parseCursor(at)
	if err != nil {
		return err
	}
	s, err := b.signIn(ctx)
	if err != nil {
		return err
	}
	defer s.leave()
	return s.round(ctx, c, hear)
}

// round hears what is new in every folder, the first folder last: it stays open,
// so that nothing that comes into it later goes unnoticed.
func (s *session) round(ctx context.Context, c cursor, hear listen.Hear) error {
	c.keep(s.box.folders)
	for _, folder := range slices.Backward(s.box.folders) {
		before := c.String()
		if err := s.folder(ctx, folder, c, hear); err != nil {
			return err
		}
		if c.String() == before {
			continue
		}
		if err := s.hand(ctx, nil, c, hear); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// hand hands over a batch, unless it is over.
func (s *session) hand(ctx context.Context, events []lastword.Event, c cursor, hear listen.Hear) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := hear(ctx, events, c.String()); err != nil {
		return err
	}
	return ctx.Err()
}

// folder hears one folder and leaves its mark in c.
func (s *session) folder(ctx context.Context, name string, c cursor, hear listen.Hear) error {
	data, err := s.open(ctx, name)
	if err != nil {
		return err
	}
	s.calm()
	m := c.Folders[name]
	if m.unchanged(data) {
		return nil
	}
	uids, err := s.unheard(ctx, m, data.UIDValidity)
	if err != nil {
		return err
	}
	if m.Validity != data.UIDValidity {
		m.Validity, m.UID, m.Stuck, m.Tries = data.UIDValidity, 0, 0, 0
	}
	more := len(uids) >= maxFound
	for len(uids) > 0 {
		part := uids[:m.portion(len(uids))]
		uids = uids[len(part):]
		events, err := s.batch(ctx, name, part, &m)
		c.Folders[name] = m
		if err != nil {
			return s.stumbled(ctx, c, hear, err)
		}
		if err := s.hand(ctx, events, c, hear); err != nil {
			return err
		}
	}
	if data.UIDNext > 0 && !more {
		m.UID = max(m.UID, uint32(data.UIDNext)-1)
	}
	if !more {
		m.ModSeq = data.HighestModSeq
	}
	c.Folders[name] = m
	return nil
}

// calm forgets that something came: it is looked for now.
func (s *session) calm() {
	select {
	case <-s.news:
	default:
	}
}

// unchanged reports whether the folder has nothing new: no UID was given, or
// nothing at all happened (RFC 7162 §3.1.2.1), since it was heard.
func (m mark) unchanged(d *imap.SelectData) bool {
	if m.Validity != d.UIDValidity || m.Validity == 0 {
		return false
	}
	return d.UIDNext > 0 && uint32(d.UIDNext) <= m.UID+1 || d.HighestModSeq > 0 && d.HighestModSeq == m.ModSeq
}

// portion is how many mails are fetched at once: one by one, where something
// is wrong with one of them.
func (m mark) portion(n int) int {
	if m.Tries > 0 {
		return 1
	}
	return min(n, batch)
}

// unheard lists the UIDs behind the mark, in order.
func (s *session) unheard(ctx context.Context, m mark, validity uint32) ([]imap.UID, error) {
	criteria := &imap.SearchCriteria{}
	after := imap.UID(0)
	if m.Validity == validity {
		after = imap.UID(m.UID)
		criteria.UID = []imap.UIDSet{{imap.UIDRange{Start: after + 1, Stop: 0}}}
	} else {
		criteria.Since = m.since(s.box.host.Now(), s.box.back)
	}
	uids, err := s.search(ctx, criteria)
	// "n:*" names the last mail even where that is before n (RFC 3501 §9, seq-range).
	return slices.DeleteFunc(uids, func(u imap.UID) bool { return u <= after }), err
}

// maxFound bounds what one search may find. More is heard at the next poll.
const maxFound = 100_000

func (s *session) search(ctx context.Context, criteria *imap.SearchCriteria) (uids []imap.UID, err error) {
	s.line.allow(budget)
	found, err := s.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, s.failed(ctx, "search", err)
	}
	set, _ := found.All.(imap.UIDSet)
	for _, r := range set { // a range that a stranger names may be long
		for u := r.Start; u > 0 && u <= r.Stop && len(uids) < maxFound; u++ {
			uids = append(uids, u)
		}
	}
	slices.Sort(uids)
	return slices.Compact(uids), nil
}

// batch makes events of mails, oldest first, and moves the mark behind them.
func (s *session) batch(ctx context.Context, folder string, uids []imap.UID, m *mark) ([]lastword.Event, error) {
	if len(uids) == 1 && uint32(uids[0]) == m.Stuck && m.Tries >= maxTries {
		s.box.host.Dropped(Unreadable, placeOf(folder, uids[0]))
		m.heard(item{uid: uids[0]})
		return nil, nil
	}
	items, err := s.fetch(ctx, uids)
	if err != nil {
		m.stumble(uids[0])
		return nil, err
	}
	var events []lastword.Event
	for _, i := range items {
		if e, ok := s.box.event(i, placeOf(folder, i.uid)); ok {
			events = append(events, e)
		}
		m.heard(i)
	}
	for _, u := range uids { // those that went away meanwhile
		m.UID = max(m.UID, uint32(u))
	}
	m.Stuck, m.Tries = 0, 0
	slices.SortStableFunc(events, func(a, b lastword.Event) int { return a.Post.SaidAt.Compare(b.Post.SaidAt) })
	return events, nil
}

func placeOf(folder string, uid imap.UID) string { return folder + "/" + strconv.Itoa(int(uid)) }

// stumble notes at which mail a fetch failed.
func (m *mark) stumble(at imap.UID) {
	if m.Stuck != uint32(at) {
		m.Stuck, m.Tries = uint32(at), 0
	}
	m.Tries++
}

// stumbled keeps what was noted, so that the next run knows.
func (s *session) stumbled(ctx context.Context, c cursor, hear listen.Hear, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(err, hear(ctx, nil, c.String()))
}

// An item is one mail as the server keeps it.
type item struct {
	uid   imap.UID
	flags []imap.Flag
	came  time.Time // INTERNALDATE
	raw   []byte    // at most maxMail of it
}

// fetch reads the beginning of each mail, without marking it as seen.
func (s *session) fetch(ctx context.Context, uids []imap.UID) ([]item, error) {
	s.line.allow(fetchBudget)
	body := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: maxMail}}
	cmd := s.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{
		UID: true, Flags: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{body},
	})
	var items []item
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		if i := take(m); slices.Contains(uids, i.uid) && i.raw != nil && len(items) < len(uids) {
			items = append(items, i)
		}
	}
	return items, s.failed(ctx, "fetch", cmd.Close())
}

func take(m *imapclient.FetchMessageData) (i item) {
	for data := m.Next(); data != nil; data = m.Next() {
		switch data := data.(type) {
		case imapclient.FetchItemDataUID:
			i.uid = data.UID
		case imapclient.FetchItemDataFlags:
			i.flags = data.Flags
		case imapclient.FetchItemDataInternalDate:
			i.came = data.Time
		case imapclient.FetchItemDataBodySection:
			if data.Literal == nil || i.raw != nil {
				continue
			}
			// A connection that ends here ends the command too, which tells it.
			i.raw, _ = io.ReadAll(io.LimitReader(data.Literal, maxMail))
		}
	}
	return i
}
