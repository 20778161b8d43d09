package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"lastword"
	"lastword/listen"
)

// Options implements listen.Chooser.
func (a *answering) Options(to lastword.Post) []lastword.ReplyOption {
	switch whom := readRef(to); {
	case whom.To != "" && strings.Contains(whom.To, "@"):
		return []lastword.ReplyOption{{Private: true}}
	case whom.List:
		return []lastword.ReplyOption{{ByHand: true, Why: "why.mail_list"}}
	}
	return []lastword.ReplyOption{{Closed: true, Why: "why.mail_nobody"}}
}

// Reply implements listen.Replier: it sends the answer, and puts a copy into the
// folder of sent mails where the server does not do that by itself.
func (a *answering) Reply(ctx context.Context, to lastword.Post, r listen.Reply) (listen.Receipt, error) {
	if o := a.Options(to)[0]; o.ByHand || o.Closed {
		return listen.Receipt{}, &lastword.Mistake{Key: o.Why}
	}
	raw, whom, err := a.compose(to, r)
	if err != nil {
		return listen.Receipt{}, err
	}
	if err := a.submit(ctx, whom.To, raw); err != nil {
		return listen.Receipt{}, err
	}
	id := a.answerID(to, r.Key)
	// It is sent: whoever stops us now must not make it look as if it were not.
	if err := a.keepCopy(context.WithoutCancel(ctx), id, raw, r); err != nil {
		a.host.Log.Warn("mail: sent, but not put into the folder of sent mails", "err", err)
	}
	return listen.Receipt{Key: id}, nil
}

// Find implements listen.Replier: it looks into the folder of sent mails.
func (a *answering) Find(ctx context.Context, to lastword.Post, key string) (listen.Receipt, bool, error) {
	s, err := a.signIn(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	defer s.leave()
	folder, err := s.sent(ctx)
	if err != nil || folder == "" {
		return listen.Receipt{}, false, err
	}
	id := a.answerID(to, key)
	found, err := s.holds(ctx, folder, id)
	return listen.Receipt{Key: id}, found, err
}

// keepCopy appends the mail to the folder of sent mails, made if there is none.
func (a *answering) keepCopy(ctx context.Context, id string, raw []byte, r listen.Reply) error {
	s, err := a.signIn(ctx)
	if err != nil {
		return err
	}
	defer s.leave()
	folder, err := s.sent(ctx)
	if err != nil {
		return err
	}
	if folder == "" {
		folder = "Sent"
		s.line.allow(budget)
		if err := s.Create(folder, nil).Wait(); err != nil {
			return s.failed(ctx, "create folder", err)
		}
	}
	if there, err := s.holds(ctx, folder, id); err != nil || there {
		return err
	}
	s.line.allow(budget)
	cmd := s.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: r.Made})
	_, err = cmd.Write(raw)
	if err = errors.Join(err, cmd.Close()); err == nil {
		_, err = cmd.Wait()
	}
	return s.failed(ctx, "append", err)
}

// holds looks for a mail by its Message-ID.
func (s *session) holds(ctx context.Context, folder, id string) (bool, error) {
	if _, err := s.open(ctx, folder); err != nil {
		return false, err
	}
	uids, err := s.search(ctx, &imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}}})
	return len(uids) > 0, err
}

// sent finds the folder of sent mails: by its special use (RFC 6154), else by the
// names that mail programs give it; empty where there is none.
func (s *session) sent(ctx context.Context) (string, error) {
	s.line.allow(budget)
	var options *imap.ListOptions
	if s.caps.Has(imap.CapSpecialUse) && s.caps.Has(imap.CapListExtended) {
		options = &imap.ListOptions{ReturnSpecialUse: true}
	}
	folders, err := s.List("", "*", options).Collect()
	if err != nil {
		return "", s.failed(ctx, "list folders", err)
	}
	byName := ""
	for _, f := range folders {
		for _, attr := range f.Attrs {
			if strings.EqualFold(string(attr), string(imap.MailboxAttrSent)) {
				return f.Mailbox, nil
			}
		}
		if byName == "" && usualSent(f) {
			byName = f.Mailbox
		}
	}
	return byName, nil
}

func usualSent(f *imap.ListData) bool {
	name := f.Mailbox
	if f.Delim != 0 {
		name = name[strings.LastIndex(name, string(f.Delim))+1:]
	}
	switch strings.ToLower(name) {
	case "sent", "gesendet", "sent items", "sent messages", "sent mail", "gesendete objekte", "gesendete elemente", "gesendete nachrichten":
		return true
	}
	return false
}

// recipientGone, refusedText: what a person is told of a server's refusal.
func recipientGone(err error) error {
	return fmt.Errorf("mail: %w: %w", err, &lastword.Mistake{Key: "why.mail_recipient"})
}

func refusedText(err error) error {
	return fmt.Errorf("mail: %w: %w", err, &lastword.Mistake{Key: "why.mail_refused"})
}
