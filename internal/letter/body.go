package letter

import (
	"bufio"
	"bytes"
	"io"
	"net/textproto"
	"regexp"
	"strings"

	"github.com/emersion/go-message"

	"lastword/internal/text"
)

// What a mail may be made of. No program nests deeper by itself.
const (
	maxParts = 200
	maxDepth = 8
	maxPart  = 1 << 20 // bytes of one text
)

// A body is what a mail's parts say.
type body struct {
	plain, html string
	foreign     bool // a charset was not understood
	parts       int
	report      Report
}

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
	kind, _, err := e.Header.ContentType()
	report := err == nil && kind == "multipart/report"
	for depth < maxDepth && b.parts < maxParts && (report || b.plain == "" || b.html == "") {
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
	case kind == "message/delivery-status":
		b.report.status(readText(e.Body))
	case kind == "message/rfc822", kind == "text/rfc822-headers", kind == "message/global", kind == "message/global-headers":
		b.report.original(readText(e.Body))
	}
}

// readText reads what can be read: a mail cut short still says something.
func readText(r io.Reader) string {
	raw, err := io.ReadAll(io.LimitReader(r, maxPart))
	if err != nil && len(raw) == 0 {
		return ""
	}
	return string(text.UTF8(raw))
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

// A Report is what a bounce says (RFC 3464).
type Report struct {
	Of     string // Message-ID of the mail that was not delivered; empty if it does not say
	To     string // address that it was for
	Status string // enhanced status code (RFC 3463), such as "5.1.1"
	Failed bool   // for good; otherwise it is late, or was relayed
}

// status reads a message/delivery-status: groups of fields, the first for the
// mail, each further one for a recipient (RFC 3464 §2.1).
func (r *Report) status(s string) {
	for group := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		h := fields(group)
		action := strings.ToLower(strings.TrimSpace(h.Get("Action")))
		if action == "" || r.Failed {
			continue
		}
		_, to, ok := strings.Cut(h.Get("Final-Recipient"), ";")
		if ok {
			r.To = text.CleanTo(strings.ToLower(to), maxName)
		}
		r.Status = statusOf(h)
		r.Failed = action == "failed"
	}
}

// statusOf reads the field Status; where it says no more than that it failed
// ("5.0.0"), the code that the server itself gave (RFC 3464 §2.3.6,
// Diagnostic-Code) says more.
func statusOf(h textproto.MIMEHeader) string {
	status, _, _ := strings.Cut(text.CleanTo(h.Get("Status"), 32), " ")
	if status != "" && !strings.HasSuffix(status, ".0.0") {
		return status
	}
	if m := enhanced.FindStringSubmatch(h.Get("Diagnostic-Code")); m != nil {
		return m[1]
	}
	return status
}

// enhanced finds "550 5.1.1" and "550-5.1.1" (RFC 2034 §4).
var enhanced = regexp.MustCompile(`\b[45]\d\d[ -]([45]\.\d{1,3}\.\d{1,3})\b`)

// original notes which mail it was.
func (r *Report) original(s string) {
	if r.Of == "" {
		r.Of = FirstID(fields(s).Get("Message-Id"))
	}
}

// fields reads the lines of a header as far as they can be read.
func fields(s string) textproto.MIMEHeader {
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader([]byte(strings.TrimLeft(s, "\r\n") + "\n\n"))))
	// What cannot be read of a stranger's header is not there.
	h, _ := r.ReadMIMEHeader()
	return h
}
