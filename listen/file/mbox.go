package file

import (
	"bytes"
	"io"
	"regexp"
	"time"
)

// maxMail is how much of one mail is kept; what follows are attachments.
const maxMail = 8 << 20

// mboxDecoder reads the mails of an mbox (RFC 4155), in its forms mboxo and
// mboxrd: a line that begins with "From " was escaped with ">" when it was
// written. A file without any separator is one mail.
type mboxDecoder struct {
	lines
	shape shape
	held  []byte // the separator of the next mail, read already
	pos   position
	blank bool // the line before was blank, or there was none
}

func newMbox(l lines, f shape) *mboxDecoder {
	if f.network == "" {
		f.network = "mail"
	}
	return &mboxDecoder{lines: l, shape: f, pos: l.position(), blank: true}
}

func (d *mboxDecoder) position() position { return d.pos }

func (d *mboxDecoder) next() (record, error) {
	separator, mail, cut, err := d.mail()
	if err != nil {
		return record{}, err
	}
	rec := d.shape.mail(mail, sentBy(separator), lineOf(d.pos.line))
	if cut && rec.ok {
		rec.reasons = append(rec.reasons, MailCut)
	}
	return rec, nil
}

// mail returns the next one with its separator, unescaped. cut is true if it
// was longer than maxMail.
func (d *mboxDecoder) mail() (separator string, mail []byte, cut bool, err error) {
	separator, d.held = string(d.held), nil
	for {
		before := d.lines.position()
		line, whole, err := d.lines.next(maxLine)
		if err != nil && (err != io.EOF || separator == "" && len(bytes.TrimSpace(mail)) == 0) {
			return "", nil, false, err
		}
		starts := err == nil && d.blank && fromLine(line)
		d.blank = len(bytes.TrimRight(line, "\r\n")) == 0
		switch {
		case starts && separator == "" && len(bytes.TrimSpace(mail)) == 0:
			separator = string(line)
		case starts || err == io.EOF:
			d.endMail(line, before, err)
			return separator, mail, cut, nil
		case len(mail)+len(line) > maxMail:
			cut = true
		default:
			cut = cut || !whole
			mail = append(mail, unescaped(line)...)
		}
	}
}

// endMail holds the separator that ended a mail for the next one; reading can
// go on before it.
func (d *mboxDecoder) endMail(line []byte, before position, err error) {
	if d.pos = before; err == nil {
		d.held = bytes.Clone(line)
	}
}

var separator = regexp.MustCompile(`^From \S.*\d\d:\d\d`)

// fromLine reports whether a line separates mails: "From ", an address, a time
// (RFC 4155, appendix A).
func fromLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) && separator.Match(line[:min(len(line), 256)])
}

// unescaped takes off the ">" that a writer put before "From ".
func unescaped(line []byte) []byte {
	rest := bytes.TrimLeft(line, ">")
	if len(rest) < len(line) && bytes.HasPrefix(rest, []byte("From ")) {
		return line[1:]
	}
	return line
}

var ctime = regexp.MustCompile(`(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d (?:[+-]\d{4} )?\d{4}`)

// sentBy reads the time of a separator, for mails that have no date.
func sentBy(separator string) time.Time {
	for _, layout := range []string{"Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 -0700 2006", "Jan _2 15:04:05 2006"} {
		if t, err := time.Parse(layout, ctime.FindString(separator)); err == nil {
			return t
		}
	}
	return time.Time{}
}
