package letter

import (
	"mime"
	"regexp"
	"strconv"
	"strings"

	"github.com/emersion/go-message"
)

// A Nature says whether a person wrote a mail.
type Nature uint8

// The natures.
const (
	Personal  Nature = iota
	AutoReply        // a program answered (RFC 3834)
	Generated        // a program wrote it without being asked: notices, forms that send for a person
	Bounce           // a delivery report (RFC 3464)
	Receipt          // it was displayed, or deleted unread (RFC 8098)
)

// natureOf judges by the headers alone.
func natureOf(h *message.Header) Nature {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	report := err == nil && kind == "multipart/report" && params["report-type"] != "feedback-report"
	from := strings.ToLower(h.Get("From"))
	auto := submitted(h)
	switch {
	case report && strings.EqualFold(params["report-type"], "disposition-notification"): // RFC 8098 §3.1
		return Receipt
	case report, daemon.MatchString(from): // RFC 3464 §2
		return Bounce
	case auto != "" && auto != "no" && auto != "auto-generated", precedence(h) == "auto_reply",
		h.Has("X-Autoreply"), h.Has("X-Autorespond"), awayReply.MatchString(decoded(h.Get("Subject"))):
		return AutoReply
	case strings.TrimSpace(h.Get("Return-Path")) == "<>" && auto == "": // RFC 5321 §6.1
		return Bounce
	case auto == "auto-generated", suppressed(h):
		return Generated
	}
	return Personal
}

// submitted reads Auto-Submitted without its parameters (RFC 3834 §5).
func submitted(h *message.Header) string {
	word, _, _ := strings.Cut(h.Get("Auto-Submitted"), ";")
	return strings.ToLower(strings.TrimSpace(word))
}

func precedence(h *message.Header) string {
	return strings.ToLower(strings.TrimSpace(h.Get("Precedence")))
}

// suppressed reports whether a mail asks for no answer of any kind, as only
// programs do (Microsoft MS-OXCMAIL §2.1.3.2.20, X-Auto-Response-Suppress).
func suppressed(h *message.Header) bool {
	for word := range strings.SplitSeq(strings.ToLower(h.Get("X-Auto-Response-Suppress")), ",") {
		if strings.TrimSpace(word) == "all" {
			return true
		}
	}
	return false
}

var (
	daemon    = regexp.MustCompile(`(^|[\s<"])(mailer-daemon|postmaster)(@|\b)`)
	awayReply = regexp.MustCompile(`(?i)^\s*(automatische antwort|automatic reply|auto(matic)?[- ]?(reply|response|antwort)|abwesenheit(snotiz|smeldung)?|out of (the )?office|ich bin (nicht im büro|im urlaub))\b`)
)

// A List says through which list a mail came. The zero List is none.
type List struct {
	ID   string // of List-Id (RFC 2919), or the word of Precedence; empty: no list
	Post string // address at which one writes to all of it (RFC 2369 §3.4); empty: nobody may
}

// listOf tells mails to many by their headers.
func listOf(h *message.Header) List {
	l := List{ID: listID(h.Get("List-Id"))}
	if post := mailto.FindStringSubmatch(h.Get("List-Post")); post != nil {
		l.Post = strings.ToLower(post[1])
	}
	word := precedence(h)
	bulk := word == "list" || word == "bulk" || word == "junk"
	if l.ID == "" && (bulk || l.Post != "" || h.Has("List-Unsubscribe")) {
		l.ID = "unnamed"
	}
	return l
}

var mailto = regexp.MustCompile(`(?i)<\s*mailto:([^?>\s]{3,256})`)

// listID is what stands in the last angle brackets, without them.
func listID(header string) string {
	header = strings.TrimSpace(header)
	if i := strings.LastIndexByte(header, '<'); i >= 0 {
		header = strings.TrimRight(header[i+1:], "> ")
	}
	return strings.ToLower(header[:min(len(header), maxName)])
}

// spam reports whether a filter on the way marked the mail: SpamAssassin,
// rspamd, and Exchange, whose confidence of 5 and more means junk.
func spam(h *message.Header) bool {
	if yes(h.Get("X-Spam-Flag")) || yes(h.Get("X-Spam-Status")) || yes(h.Get("X-Spam")) {
		return true
	}
	if level, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Ms-Exchange-Organization-Scl"))); err == nil && level >= 5 {
		return true
	}
	for part := range strings.SplitSeq(h.Get("X-Forefront-Antispam-Report"), ";") {
		if word, ok := strings.CutPrefix(strings.TrimSpace(part), "SCL:"); ok {
			level, err := strconv.Atoi(word)
			return err == nil && level >= 5
		}
	}
	return false
}

func yes(s string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(s)), "yes")
}

// encrypted reports whether nobody but its recipient can read the mail.
func encrypted(h *message.Header) bool {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return false
	}
	smime := kind == "application/pkcs7-mime" || kind == "application/x-pkcs7-mime"
	return kind == "multipart/encrypted" || smime && params["smime-type"] != "signed-data"
}
