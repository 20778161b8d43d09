package mail

import (
	"context"
	"errors"

	"github.com/emersion/go-imap/v2"

	"lastword"
	"lastword/listen"
)

// Check implements listen.Checker: it signs in at both servers.
func (b *mailbox) Check(ctx context.Context) ([]listen.Ability, error) {
	s, err := b.signIn(ctx)
	if err != nil {
		return nil, err
	}
	defer s.leave()
	for _, folder := range b.folders {
		if _, err := s.open(ctx, folder); err != nil {
			return nil, err
		}
	}
	reply, err := b.mayReply(ctx)
	if err != nil {
		return nil, err
	}
	return []listen.Ability{
		{Name: "hear", Can: true}, {Name: "stream", Can: s.caps.Has(imap.CapIdle), Why: "why.mail_no_idle"}, reply,
		{Name: "search", Why: "why.mail_own_only"}, {Name: "publish", Why: "why.mail_no_post"},
		{Name: "edit", Why: "why.mail_sent"}, {Name: "delete", Why: "why.mail_sent"},
	}, nil
}

func (b *mailbox) mayReply(ctx context.Context) (listen.Ability, error) {
	a := listen.Ability{Name: "reply", Why: "why.mail_no_smtp"}
	if b.smtp.host == "" {
		return a, nil
	}
	_, l, err := b.submission(ctx)
	var mistake *lastword.Mistake
	switch {
	case err == nil:
		return listen.Ability{Name: "reply", Can: true}, l.Close()
	case errors.As(err, &mistake):
		a.Why, a.Act = mistake.Key, true
	case errors.Is(err, lastword.ErrDenied):
		a.Why, a.Act = "why.denied", true
	default:
		return a, err
	}
	return a, nil
}
