package mail

import (
	"strings"
	"time"

	"lastword"
	"lastword/internal/letter"
)

// returned makes an event of a report that an answer of ours was not delivered,
// for good (RFC 3464 §2.3.3, action "failed"). The time is that at which our
// server took the report: it stays the same however often the mail is read.
func (b *mailbox) returned(l *letter.Letter, came time.Time) (lastword.Event, bool) {
	if l.Nature != letter.Bounce || !l.Bounce.Failed || !b.ours(l.Bounce.Of) {
		return lastword.Event{}, false
	}
	p := lastword.Post{Network: Name, Key: l.Bounce.Of, SaidAt: b.saidAt(came, came)}
	return lastword.Event{Op: lastword.Returned, Post: p, Why: whyReturned(l.Bounce.Status)}, true
}

// whyReturned reads an enhanced status code: class, subject, detail (RFC 3463
// §2). A mail that was given up after many tries has the code of the last one,
// of class 4.
func whyReturned(status string) string {
	class, code, _ := strings.Cut(status, ".")
	subject, _, _ := strings.Cut(code, ".")
	switch {
	case code == "2.2": // mailbox full
		return "why.mail_full"
	case code == "1.1", code == "1.2", code == "1.3", code == "1.6", code == "1.10", code == "2.1":
		return "why.mail_recipient" // no such mailbox or domain, moved away, disabled
	case class == "4", code == "4.1", code == "4.4", code == "4.7": // their server, or the way there
		return "why.mail_unreachable"
	case subject == "5", subject == "6", subject == "7", code == "2.3", code == "3.4": // protocol, content, policy, size
		return "why.mail_refused"
	}
	return "why.mail_returned"
}
