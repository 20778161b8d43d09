package mail

import (
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/listen"
)

func quiet() *mailbox {
	return &mailbox{
		account: account{address: "laden@schuhe.example", own: map[string]bool{"laden@schuhe.example": true}},
		host: listen.Host{Log: slog.New(slog.DiscardHandler), Dropped: func(string, string) {},
			Now: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }},
	}
}

// FuzzEvent reads any mail, and answers what it says.
func FuzzEvent(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: x\r\n\r\nHallo"))
	f.Add([]byte("From: a@b.example\r\nReply-To: =?utf-8?Q?=0D=0ABcc:?= <x@y.example>\r\nReferences: <a> <b>\r\nSubject: =?utf-8?Q?a=0D=0Ab?=\r\n\r\nHallo"))
	f.Add([]byte("From: MAILER-DAEMON@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n" +
		"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; b.example\r\n\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--b\r\n" +
		"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <lastword.00112233445566778899aabbccddeeff@schuhe.example>\r\n--b--\r\n"))
	b := quiet()
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, ok := b.event(item{uid: 1, raw: raw}, "INBOX/1")
		if !ok {
			return
		}
		p := e.Post
		if e.Op == lastword.Returned {
			if !b.ours(p.Key) || p.SaidAt.IsZero() || !strings.HasPrefix(e.Why, "why.mail_") {
				t.Fatalf("no report: %+v", e)
			}
			return
		}
		if p.Key == "" || p.Text == "" || p.SaidAt.IsZero() || len(p.Text) > maxText || !utf8.ValidString(p.Text+p.Title+p.Author.Name+p.Author.Key+p.Ref) || !p.Private {
			t.Fatalf("not a voice: %+v", p)
		}
		out, _, err := b.compose(p, listen.Reply{Key: "1", Made: b.host.Now(), Text: "Ja."})
		if err != nil {
			return
		}
		head, _, _ := strings.Cut(string(out), "\r\n\r\n")
		for line := range strings.SplitSeq(head, "\r\n") {
			name, _, _ := strings.Cut(line, ":")
			if !known[name] && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
				t.Fatalf("a header that is not ours: %q\n%q", line, raw)
			}
		}
	})
}

var known = map[string]bool{"From": true, "To": true, "Subject": true, "Date": true, "Message-Id": true, "In-Reply-To": true,
	"References": true, "Content-Type": true, "Content-Transfer-Encoding": true, "Mime-Version": true}

func FuzzCursor(f *testing.F) {
	f.Add(`{"folders":{"INBOX":{"validity":1,"uid":2}}}`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(s)
		if err != nil {
			return
		}
		again, err := parseCursor(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

func FuzzRef(f *testing.F) {
	f.Add(`{"to":"a@b.example"}`, "k")
	b := quiet()
	f.Fuzz(func(t *testing.T, ref, key string) {
		to := lastword.Post{Ref: ref, Key: key, Author: lastword.Author{Key: key}}
		if o := (&answering{b}).Options(to); len(o) != 1 || o[0].Why == "" && readRef(to).To == "" {
			t.Fatalf("got %+v", o)
		}
	})
}
