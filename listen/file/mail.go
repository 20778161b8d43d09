package file

import (
	"bytes"
	"io"
	"mime"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mails come in every charset there is
	"github.com/emersion/go-message/mail"

	"lastword"
	"lastword/internal/text"
)

// mail makes a post of a mail (RFC 5322); fallback is its time if it has none.
func (s shape) mail(raw []byte, fallback time.Time, place string) record {
	entity, err := message.Read(bytes.NewReader(raw))
	foreign := message.IsUnknownCharset(err) || message.IsUnknownEncoding(err)
	if err != nil && !foreign || entity == nil || !isMail(&entity.Header) {
		return refused(NotMail, place)
	}
	if reason := automatic(&entity.Header); reason != "" {
		return refused(reason, place)
	}
	body := bodyOf(entity)
	h := mail.Header{Header: entity.Header}
	rec := s.letter(&h, body.best(), fallback, place)
	if foreign || body.foreign {
		rec.reasons = append(rec.reasons, BadCharset)
	}
	return rec
}

// isMail reports whether there is any header by which a mail is one.
func isMail(h *message.Header) bool {
	return h.Has("From") || h.Has("Message-Id") || h.Has("Date") || h.Has("Subject")
}

func (s shape) letter(h *mail.Header, body string, fallback time.Time, place string) record {
	said := Unquoted(body)
	if said == "" && strings.TrimSpace(body) != "" {
		return refused(OnlyQuoted, place)
	}
	rec := record{place: place, post: lastword.Post{Network: s.network, Lang: s.lang, Private: true}}
	p := &rec.post
	if reason := fill(p, subjectOf(h), said); reason != "" {
		rec.reasons = append(rec.reasons, reason)
	}
	if p.Text == "" {
		return rec
	}
	p.Author = sender(h)
	p.Own = s.ours(p.Author)
	when, reason := s.mailTime(h, fallback)
	if reason != "" {
		rec.reasons = append(rec.reasons, reason)
	}
	thread(p, h, when)
	if p.SaidAt = when; when.IsZero() {
		p.SaidAt = s.now
	}
	rec.ok = true
	return rec
}

func subjectOf(h *mail.Header) string {
	subject, err := h.Subject()
	if err != nil { // an unknown charset: as it stands
		return h.Get("Subject")
	}
	return subject
}

func sender(h *mail.Header) lastword.Author {
	for _, name := range []string{"From", "Sender", "Reply-To"} {
		if list, err := h.AddressList(name); err == nil && len(list) > 0 {
			address := text.CleanTo(strings.ToLower(list[0].Address), maxName)
			return lastword.Author{Key: address, Handle: address, Name: text.CleanTo(list[0].Name, maxName)}
		}
	}
	return lastword.Author{Name: text.CleanTo(h.Get("From"), maxName)}
}

func (s shape) mailTime(h *mail.Header, fallback time.Time) (t time.Time, reason string) {
	t, err := h.Date()
	switch {
	case err != nil || !believable(t):
		t = fallback
		if h.Has("Date") {
			reason = BadTime
		}
	case t.After(s.now.Add(24 * time.Hour)):
		return time.Time{}, InFuture
	}
	return t, reason
}

// thread sets key, parent and root (RFC 5322 §3.6.4): the parent is what
// In-Reply-To names, else the last reference; the root is the first.
func thread(p *lastword.Post, h *mail.Header, when time.Time) {
	p.Key = firstID(h.Get("Message-Id"))
	if p.Key == "" {
		p.Key = hashOf(p.Author.Key, when, p.Title, p.Text)
	}
	p.Parent = firstID(h.Get("In-Reply-To"))
	if references := messageID.FindAllStringSubmatch(h.Get("References"), 100); len(references) > 0 {
		p.Root = references[0][1]
		if p.Parent == "" {
			p.Parent = references[len(references)-1][1]
		}
	}
}

var messageID = regexp.MustCompile(`<([^<>\s]{1,512})>`)

func firstID(s string) string {
	if m := messageID.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

// automatic says why no person wrote the mail, or nothing.
func automatic(h *message.Header) string {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	report := err == nil && kind == "multipart/report" && params["report-type"] != "feedback-report"
	from := strings.ToLower(h.Get("From"))
	switch {
	case report, strings.TrimSpace(h.Get("Return-Path")) == "<>" && !replied(h), daemon.MatchString(from): // RFC 3464 §2, RFC 5321 §6.1
		return Bounce
	case replied(h), h.Has("X-Autoreply"), h.Has("X-Autorespond"), awayReply.MatchString(decoded(h.Get("Subject"))):
		return AutoReply
	}
	return ""
}

// replied reports what RFC 3834 §5 and its forerunners mark as automatic.
func replied(h *message.Header) bool {
	auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted")))
	precedence := strings.ToLower(strings.TrimSpace(h.Get("Precedence")))
	return auto != "" && !strings.HasPrefix(auto, "no") || precedence == "auto_reply"
}

var (
	daemon    = regexp.MustCompile(`(^|[\s<"])(mailer-daemon|postmaster)(@|\b)`)
	awayReply = regexp.MustCompile(`(?i)^\s*(automatische antwort|automatic reply|auto(matic)?[- ]?(reply|response|antwort)|abwesenheit(snotiz|smeldung)?|out of (the )?office|ich bin (nicht im büro|im urlaub))\b`)
)

func decoded(header string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		return header
	}
	return s
}

// A body is what a mail's parts say.
type body struct {
	plain, html string
	foreign     bool // a charset was not understood
	parts       int
}

// What a mail may be made of. No program nests deeper by itself.
const (
	maxParts = 200
	maxDepth = 8
)

func bodyOf(e *message.Entity) *body {
	b := &body{}
	b.read(e, 0)
	return b
}

// best is the plain text, else the HTML made plain.
func (b *body) best() string {
	if strings.TrimSpace(b.plain) != "" {
		return b.plain
	}
	return text.PlainHTML(b.html)
}

// read takes the first plain and the first HTML text. A part that cannot be
// read ends its branch; what was read before stays.
func (b *body) read(e *message.Entity, depth int) {
	parts := e.MultipartReader()
	if parts == nil {
		b.take(e)
		return
	}
	for depth < maxDepth && b.parts < maxParts && (b.plain == "" || b.html == "") {
		b.parts++
		part, err := parts.NextPart()
		strange := message.IsUnknownCharset(err) || message.IsUnknownEncoding(err)
		if err != nil && !strange || part == nil {
			return
		}
		b.foreign = b.foreign || strange
		b.read(part, depth+1)
	}
}

func (b *body) take(e *message.Entity) {
	kind, params, err := e.Header.ContentType()
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	disposition, _, err := e.Header.ContentDisposition()
	if disposition == "attachment" && err == nil {
		return
	}
	switch {
	case (kind == "text/plain" || kind == "") && b.plain == "":
		b.plain = flowed(readText(e.Body), params)
	case kind == "text/html" && b.html == "":
		b.html = readText(e.Body)
	}
}

// readText reads what can be read: a mail cut short still says something.
func readText(r io.Reader) string {
	raw, err := io.ReadAll(io.LimitReader(r, maxCell))
	if err != nil && len(raw) == 0 {
		return ""
	}
	return string(utf8Of(raw))
}

// flowed joins the lines that a mail program broke (RFC 3676 §4.2).
func flowed(s string, params map[string]string) string {
	if !strings.EqualFold(params["format"], "flowed") {
		return s
	}
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	var out strings.Builder
	for _, line := range lines {
		soft := strings.HasSuffix(line, " ") && !signature(line) && !strings.HasPrefix(line, ">")
		if soft && strings.EqualFold(params["delsp"], "yes") {
			line = line[:len(line)-1]
		}
		out.WriteString(line)
		if !soft {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
