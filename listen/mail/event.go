package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"lastword"
	"lastword/internal/letter"
	"lastword/internal/text"
)

// Why a mail was left out, or kept but changed ("…, kept").
const (
	NotMail        = "not a mail"
	Unreadable     = "mail unreadable" // the connection ends at it, again and again
	NoText         = "no text"
	OnlyQuoted     = "nothing but quoted text"
	AutoReply      = "automatic reply"
	Automatic      = "automatic mail" // a program wrote it, for nobody
	Bounce         = "bounce"
	AnswerDelayed  = "answer delayed" // it is on its way for longer than usual
	ReadReceipt    = "read receipt"
	Spam           = "spam"
	MailingList    = "mailing list"
	Newsletter     = "newsletter" // a list to which only its owner writes
	Encrypted      = "encrypted mail"
	OwnMail        = "own mail" // that answers nothing
	DeletedThere   = "deleted there"
	TextCut        = "text cut to 64 KB, kept"
	BadCharset     = "charset not understood, kept"
	maxText        = 64 << 10
	maxTitle       = 1 << 10
	aheadTolerated = 10 * time.Minute // by which a writer's clock may be ahead
)

// event makes a voice of a mail, or counts why not.
func (b *mailbox) event(i item, place string) (lastword.Event, bool) {
	l, err := letter.Read(i.raw)
	if err != nil {
		b.host.Dropped(NotMail, place)
		return lastword.Event{}, false
	}
	if e, ok := b.returned(l, i.came); ok {
		return e, true
	}
	w := b.writer(l)
	if reason := b.unfit(l, w, i.flags); reason != "" {
		b.host.Dropped(reason, place)
		return lastword.Event{}, false
	}
	if l.Foreign {
		b.host.Dropped(BadCharset, place)
	}
	p := b.post(l, w, i.came)
	if len(p.Text) == maxText || len(text.CleanTo(l.Said, maxText+1)) > maxText {
		b.host.Dropped(TextCut, place)
	}
	return lastword.Event{Op: lastword.Said, Post: p}, true
}

// A writer is who speaks in a mail.
type writer struct {
	letter.Address
	own  bool
	form bool // a program, or one of us, sent it for them
}

// writer finds who speaks: From, but for the forms of web sites, which write
// from an address of ours or of nobody and name the person in Reply-To.
func (b *mailbox) writer(l *letter.Letter) writer {
	sender := b.own[l.From.Mail] || l.Nature == letter.Generated || noReply.MatchString(l.From.Mail)
	if sender && l.Parent == "" && l.ReplyTo.Mail != "" && !b.own[l.ReplyTo.Mail] && !noReply.MatchString(l.ReplyTo.Mail) {
		return writer{Address: l.ReplyTo, form: true}
	}
	return writer{Address: l.From, own: b.own[l.From.Mail]}
}

var noReply = regexp.MustCompile(`^(no|do-?not|donot|nicht)[-_.]?(reply|antworten)\b`)

// unfit says why a mail is no voice, or nothing.
func (b *mailbox) unfit(l *letter.Letter, w writer, flags []imap.Flag) string {
	switch {
	case slices.Contains(flags, imap.FlagDeleted), slices.Contains(flags, imap.FlagDraft):
		return DeletedThere
	case l.Nature == letter.Receipt:
		return ReadReceipt
	case l.Nature == letter.Bounce && b.ours(l.Bounce.Of):
		return AnswerDelayed
	case l.Nature == letter.Bounce:
		return Bounce
	case l.Nature == letter.AutoReply:
		return AutoReply
	case l.Spam, slices.ContainsFunc(flags, junk):
		return Spam
	case l.Nature == letter.Generated && !w.form:
		return Automatic
	}
	return b.mute(l, w)
}

// mute says why a mail that may come from a person has nothing to say to us.
func (b *mailbox) mute(l *letter.Letter, w writer) string {
	switch {
	case l.List.ID != "" && !w.form && !b.own[l.List.Post] && l.List.Post == "":
		return Newsletter
	case l.List.ID != "" && !w.form && !b.own[l.List.Post] && !b.lists:
		return MailingList
	case w.own && l.Parent == "":
		return OwnMail
	case l.Encrypted:
		return Encrypted
	case text.Clean(l.Said) != "":
		return ""
	case strings.TrimSpace(l.Text) != "":
		return OnlyQuoted
	case text.Clean(l.Subject) == "" || l.Parent != "":
		return NoText
	}
	return ""
}

// junk are the keywords by which mail programs mark spam (IANA, IMAP keywords).
func junk(f imap.Flag) bool {
	return strings.EqualFold(string(f), "$Junk") || strings.EqualFold(string(f), "Junk")
}

func (b *mailbox) post(l *letter.Letter, w writer, came time.Time) lastword.Post {
	p := lastword.Post{
		Network: Name, Key: l.ID, Parent: l.Parent, Root: l.Root(), Own: w.own, Private: true,
		Author: lastword.Author{Key: w.Mail, Handle: w.Mail, Name: w.Name},
		Title:  text.CleanTo(l.Subject, maxTitle), Text: text.CleanTo(l.Said, maxText),
		SaidAt: b.saidAt(l.Date, came), Ref: refOf(l, w),
	}
	if p.Text == "" { // a mail that is only its subject
		p.Title, p.Text = "", p.Title
	}
	if p.Key == "" {
		p.Key = hashOf(p.Author.Key, strconv.FormatInt(l.Date.Unix(), 10), p.Title, p.Text)
	}
	return p
}

// saidAt believes the writer's clock as long as it is not ahead of the server's.
func (b *mailbox) saidAt(date, came time.Time) time.Time {
	if came.IsZero() || came.Year() < 1990 {
		came = b.host.Now()
	}
	if date.Year() < 1990 || date.After(came.Add(aheadTolerated)) {
		return came
	}
	return date
}

// hashOf is the key of a mail without a Message-ID.
func hashOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "sha256:" + hex.EncodeToString(sum[:16])
}

// A ref is what an answer needs to know of a mail.
type ref struct {
	To         string   `json:"to,omitempty"`   // whom to answer; empty: nobody by mail
	Name       string   `json:"name,omitempty"` // of them
	ID         string   `json:"id,omitempty"`   // Message-ID
	References []string `json:"references,omitempty"`
	List       bool     `json:"list,omitempty"` // only the whole list can be answered
}

// maxReferences is how many of a thread are named: the first, and the last.
const maxReferences = 20

// refOf decides whom to answer: Reply-To, else From (RFC 5322 §3.6.2), but never
// a whole list, to which only its members may expect us to speak.
func refOf(l *letter.Letter, w writer) string {
	r := ref{ID: l.ID, References: l.References}
	if n := len(r.References); n > maxReferences {
		r.References = slices.Concat(r.References[:1], r.References[n-maxReferences+1:])
	}
	for _, a := range []letter.Address{l.ReplyTo, w.Address, l.From} {
		if a.Mail != "" && a.Mail != l.List.Post && !noReply.MatchString(a.Mail) {
			r.To, r.Name = a.Mail, a.Name
			break
		}
	}
	r.List = r.To == "" && l.List.Post != ""
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings only
	}
	return string(b)
}

// readRef reads what refOf wrote. A voice from elsewhere, a file, has none: its
// author is answered.
func readRef(to lastword.Post) ref {
	var r ref
	if to.Ref == "" || json.Unmarshal([]byte(to.Ref), &r) != nil {
		r = ref{To: to.Author.Key, Name: to.Author.Name}
		if !strings.HasPrefix(to.Key, "sha256:") {
			r.ID = to.Key
		}
		if to.Root != "" && to.Root != to.Key {
			r.References = []string{to.Root}
		}
	}
	return r
}
