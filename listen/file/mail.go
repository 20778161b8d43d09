package file

import (
	"strings"
	"time"

	"lastword"
	"lastword/internal/letter"
)

// mail makes a post of a mail (RFC 5322); fallback is its time if it has none.
func (s shape) mail(raw []byte, fallback time.Time, place string) record {
	l, err := letter.Read(raw)
	if err != nil {
		return refused(NotMail, place)
	}
	switch l.Nature {
	case letter.Bounce, letter.Receipt:
		return refused(Bounce, place)
	case letter.AutoReply, letter.Generated:
		return refused(AutoReply, place)
	}
	rec := s.letter(l, fallback, place)
	if l.Foreign {
		rec.reasons = append(rec.reasons, BadCharset)
	}
	return rec
}

func (s shape) letter(l *letter.Letter, fallback time.Time, place string) record {
	if l.Said == "" && strings.TrimSpace(l.Text) != "" {
		return refused(OnlyQuoted, place)
	}
	rec := record{place: place, post: lastword.Post{Network: s.network, Lang: s.lang, Private: true}}
	p := &rec.post
	if reason := fill(p, l.Subject, l.Said); reason != "" {
		rec.reasons = append(rec.reasons, reason)
	}
	if p.Text == "" {
		return rec
	}
	p.Author = lastword.Author{Key: l.From.Mail, Handle: l.From.Mail, Name: l.From.Name}
	p.Own = s.ours(p.Author)
	when, reason := s.mailTime(l, fallback)
	if reason != "" {
		rec.reasons = append(rec.reasons, reason)
	}
	p.Key, p.Parent, p.Root = l.ID, l.Parent, l.Root()
	if p.Key == "" {
		p.Key = hashOf(p.Author.Key, when, p.Title, p.Text)
	}
	if p.SaidAt = when; when.IsZero() {
		p.SaidAt = s.now
	}
	rec.ok = true
	return rec
}

func (s shape) mailTime(l *letter.Letter, fallback time.Time) (t time.Time, reason string) {
	switch {
	case l.BadDate || !believable(l.Date):
		if !l.Date.IsZero() || l.BadDate {
			reason = BadTime
		}
		return fallback, reason
	case l.Date.After(s.now.Add(24 * time.Hour)):
		return time.Time{}, InFuture
	}
	return l.Date, ""
}
