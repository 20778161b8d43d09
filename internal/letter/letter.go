// Package letter reads mails (RFC 5322, RFC 2045): who wrote, to whom, in which
// thread, what they said without what they quoted, and whether a person wrote
// at all. Its input is foreign: every function takes any bytes, and a mail that
// is cut short still says what stands before the cut.
package letter

import (
	"bytes"
	"errors"
	"mime"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mails come in every charset there is
	"github.com/emersion/go-message/mail"

	"lastword/internal/text"
)

// maxName is how much of an address or a name is kept, in bytes.
const maxName = 256

// ErrNotMail says that there is no header by which something is a mail.
var ErrNotMail = errors.New("letter: not a mail")

// A Letter is a mail as it was read.
type Letter struct {
	ID         string   // Message-ID without its brackets; empty if it has none
	Parent     string   // what it answers: In-Reply-To, else the last reference (RFC 5322 §3.6.4)
	References []string // the thread, its first mail first; at most 100

	From    Address // From, else Sender, else Reply-To; Mail is empty if none can be read
	ReplyTo Address // the first of Reply-To; empty if it has none
	To      []Address
	Subject string
	Date    time.Time // zero if it has none
	BadDate bool      // it has one that cannot be read

	Text string // what the writer said and quoted: the plain text, else the HTML made plain
	Said string // Text without quotations and signature

	Foreign   bool // a charset or encoding was not understood: some letters are wrong
	Encrypted bool // only its recipient can read it (RFC 1847 §2.2, RFC 8551 §3.3)

	Nature Nature
	List   List
	Spam   bool   // a filter on its way marked it
	Bounce Report // what a Bounce is about
}

// An Address is a mail address with the name beside it.
type Address struct {
	Name string
	Mail string // in lower case
}

// Root is the first mail of the thread, or nothing.
func (l *Letter) Root() string {
	if len(l.References) == 0 {
		return ""
	}
	return l.References[0]
}

// Read reads a mail; what cannot be read of it is left out. It returns
// ErrNotMail where there is nothing of one.
func Read(raw []byte) (*Letter, error) {
	entity, err := message.Read(bytes.NewReader(raw))
	foreign := message.IsUnknownCharset(err) || message.IsUnknownEncoding(err)
	if err != nil && !foreign || entity == nil || !isMail(&entity.Header) {
		return nil, ErrNotMail
	}
	h := mail.Header{Header: entity.Header}
	l := &Letter{Subject: subjectOf(&h), Nature: natureOf(&entity.Header), List: listOf(&entity.Header), Spam: spam(&entity.Header)}
	l.people(&h)
	l.thread(&h)
	l.Date, err = h.Date()
	l.BadDate = err != nil && h.Has("Date")
	l.Encrypted = encrypted(&entity.Header)
	b := bodyOf(entity)
	l.Text, l.Bounce, l.Foreign = b.best(), b.report, foreign || b.foreign
	l.Said = Unquoted(l.Text)
	return l, nil
}

// isMail reports whether there is any header by which a mail is one.
func isMail(h *message.Header) bool {
	return h.Has("From") || h.Has("Message-Id") || h.Has("Date") || h.Has("Subject")
}

func subjectOf(h *mail.Header) string {
	subject, err := h.Subject()
	if err != nil { // an unknown charset: as it stands
		return h.Get("Subject")
	}
	return subject
}

// people sets who wrote to whom.
func (l *Letter) people(h *mail.Header) {
	for _, name := range []string{"From", "Sender", "Reply-To"} {
		if list := addresses(h, name); len(list) > 0 {
			l.From = list[0]
			break
		}
	}
	if l.From.Mail == "" {
		l.From.Name = text.CleanTo(h.Get("From"), maxName)
	}
	if list := addresses(h, "Reply-To"); len(list) > 0 {
		l.ReplyTo = list[0]
	}
	l.To = append(addresses(h, "To"), addresses(h, "Cc")...)
}

func addresses(h *mail.Header, name string) (list []Address) {
	found, err := h.AddressList(name)
	if err != nil {
		return nil
	}
	for _, a := range found[:min(len(found), 100)] {
		list = append(list, Address{
			Name: text.CleanTo(a.Name, maxName),
			Mail: text.CleanTo(strings.ToLower(a.Address), maxName),
		})
	}
	return list
}

func (l *Letter) thread(h *mail.Header) {
	l.ID = FirstID(h.Get("Message-Id"))
	l.Parent = FirstID(h.Get("In-Reply-To"))
	for _, m := range messageID.FindAllStringSubmatch(h.Get("References"), 100) {
		l.References = append(l.References, m[1])
	}
	if n := len(l.References); l.Parent == "" && n > 0 {
		l.Parent = l.References[n-1]
	}
}

var messageID = regexp.MustCompile(`<([^<>\s]{1,512})>`)

// FirstID returns the first message id of a header, without its brackets, or
// nothing.
func FirstID(header string) string {
	if m := messageID.FindStringSubmatch(header); m != nil {
		return m[1]
	}
	return ""
}

func decoded(header string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		return header
	}
	return s
}
