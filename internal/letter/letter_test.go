package letter_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"lastword/internal/letter"
)

func read(t *testing.T, mail string) *letter.Letter {
	t.Helper()
	l, err := letter.Read([]byte(strings.ReplaceAll(mail, "\n", "\r\n")))
	if err != nil {
		t.Fatalf("%v\n%s", err, mail)
	}
	return l
}

func TestReadsWhoSaidWhatInWhichThread(t *testing.T) {
	t.Parallel()
	l := read(t, `From: =?iso-8859-1?Q?J=FCrgen?= <Jurgen@Post.Example>
Reply-To: Otto <otto@post.example>, zwei@post.example
To: Laden <laden@schuhe.example>, lager@schuhe.example
Cc: chef@schuhe.example
Subject: =?utf-8?B?R3LDtsOfZQ==?=
Date: Mon, 02 Mar 2026 09:12:00 +0100
Message-ID: <3@post.example>
In-Reply-To: <2@schuhe.example>
References: <1@post.example> <2@schuhe.example>
Content-Type: multipart/mixed; boundary=out

--out
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: quoted-printable

Die Gr=C3=B6=C3=9Fe 38=20
passt nicht.

Am 1. M=C3=A4rz 2026 um 8:00 schrieb Laden:
> Passt sie?
--in
Content-Type: text/html

<p>anders</p>
--in--
--out
Content-Type: text/plain
Content-Disposition: attachment; filename=a.txt

nicht dies
--out--
`)
	want := &letter.Letter{
		ID: "3@post.example", Parent: "2@schuhe.example", References: []string{"1@post.example", "2@schuhe.example"},
		From: letter.Address{Name: "Jürgen", Mail: "jurgen@post.example"}, ReplyTo: letter.Address{Name: "Otto", Mail: "otto@post.example"},
		To:      []letter.Address{{Name: "Laden", Mail: "laden@schuhe.example"}, {Mail: "lager@schuhe.example"}, {Mail: "chef@schuhe.example"}},
		Subject: "Größe", Date: l.Date, Said: "Die Größe 38 passt nicht.", Text: l.Text,
	}
	if diff := cmp.Diff(want, l); diff != "" || l.Date.Unix() != 1772439120 || l.Root() != "1@post.example" {
		t.Errorf("%s %v", diff, l.Date)
	}
}

func TestHTMLAlone(t *testing.T) {
	t.Parallel()
	l := read(t, "From: a@b.example\nContent-Type: text/html; charset=windows-1252\n\n<style>x</style><p>Gr\xfc\xdfe</p><blockquote>alt</blockquote>")
	if !strings.HasPrefix(l.Said, "Grüße") || l.Foreign {
		t.Errorf("got %+v", l)
	}
}

func TestUnknownCharsetIsToldAndKept(t *testing.T) {
	t.Parallel()
	l := read(t, "From: a@b.example\nContent-Type: text/plain; charset=klingon\n\nHallo")
	if l.Said != "Hallo" || !l.Foreign {
		t.Errorf("got %+v", l)
	}
}

func TestCutMailSaysWhatStandsBeforeTheCut(t *testing.T) {
	t.Parallel()
	l := read(t, "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nHallo\n--x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0")
	if l.Said != "Hallo" {
		t.Errorf("got %+v", l)
	}
}

func TestNature(t *testing.T) {
	t.Parallel()
	for headers, want := range map[string]letter.Nature{
		"":                   letter.Personal,
		"Auto-Submitted: no": letter.Personal,
		"Auto-Submitted: auto-replied (vacation)":                                          letter.AutoReply,
		"Auto-Submitted: auto-replied; owner=x@y":                                          letter.AutoReply,
		"Auto-Submitted: auto-generated":                                                   letter.Generated,
		"Precedence: auto_reply":                                                           letter.AutoReply,
		"X-Autoreply: yes":                                                                 letter.AutoReply,
		"X-Auto-Response-Suppress: DR, RN, All":                                            letter.Generated,
		"X-Auto-Response-Suppress: OOF, AutoReply":                                         letter.Personal, // Exchange lets people ask for it
		"Subject: Automatische Antwort: Anfrage":                                           letter.AutoReply,
		"Subject: =?utf-8?Q?Abwesenheit?=":                                                 letter.AutoReply,
		"Return-Path: <>":                                                                  letter.Bounce,
		"From: Mailer-Daemon@x.example":                                                    letter.Bounce,
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b":          letter.Bounce,
		"Content-Type: multipart/report; report-type=disposition-notification; boundary=b": letter.Receipt,
	} {
		if !strings.Contains(headers, "From:") {
			headers += "\nFrom: a@b.example"
		}
		if l := read(t, strings.TrimSpace(headers)+"\n\nHallo"); l.Nature != want {
			t.Errorf("%q: %d, want %d", headers, l.Nature, want)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	for headers, want := range map[string]letter.List{
		"Subject: x": {},
		"List-Id: Schuster <schuster.liste.example>\nList-Post: <mailto:Schuster@liste.example?x=1>": {ID: "schuster.liste.example", Post: "schuster@liste.example"},
		"List-Unsubscribe: <https://news.example/raus>":                                              {ID: "unnamed"},
		"List-Post: NO\nPrecedence: Bulk":                                                            {ID: "unnamed"},
	} {
		if l := read(t, "From: a@b.example\n"+headers+"\n\nHallo"); l.List != want {
			t.Errorf("%q: %+v, want %+v", headers, l.List, want)
		}
	}
}

func TestSpam(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"X-Spam-Flag: YES": true, "X-Spam-Status: Yes, score=8": true, "X-Spam-Status: No, score=-1": false, "X-Spam: Yes": true,
		"X-MS-Exchange-Organization-SCL: 6": true, "X-MS-Exchange-Organization-SCL: -1": false,
		"X-Forefront-Antispam-Report: CIP:1.2.3.4;SCL:5;SRV:": true, "X-Forefront-Antispam-Report: SCL:1": false,
	} {
		if l := read(t, "From: a@b.example\n"+header+"\n\nHallo"); l.Spam != want {
			t.Errorf("%q: %v", header, l.Spam)
		}
	}
}

// TestBounce reads the example of RFC 3464, appendix E.1, and one of a delay.
func TestBounce(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("testdata", "rfc3464-e1.eml"))
	if err != nil {
		t.Fatal(err)
	}
	l := read(t, string(raw))
	want := letter.Report{Of: "199407072115.RAA14128@CS.UTK.EDU", To: "louisl@larry.slip.umd.edu", Status: "4.0.0", Failed: true}
	if l.Nature != letter.Bounce || l.Bounce != want {
		t.Errorf("got %d, %+v", l.Nature, l.Bounce)
	}
	late := read(t, strings.Replace(string(raw), "Action: failed", "Action: delayed", 1))
	if late.Bounce.Failed || late.Bounce.Of != want.Of {
		t.Errorf("late: %+v", late.Bounce)
	}
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{
		"multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b": true,
		"application/pkcs7-mime; smime-type=enveloped-data":                       true,
		"multipart/signed; boundary=b":                                            false,
	} {
		if l := read(t, "From: a@b.example\nContent-Type: "+kind+"\n\nx"); l.Encrypted != want {
			t.Errorf("%s: %v", kind, l.Encrypted)
		}
	}
}

func TestNotAMail(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "Hallo", "\x00\xff", "X-Only: this\r\n\r\nx"} {
		if l, err := letter.Read([]byte(raw)); !errors.Is(err, letter.ErrNotMail) {
			t.Errorf("%q: %+v, %v", raw, l, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("From: =?utf-8?Q?a?= <a@b.example>\r\nReferences: <1> <2>\r\n\r\n> x\r\ny"))
	f.Add([]byte("From: a@b\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nA: b\n\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <x@y>\n\n--b--\n"))
	f.Add([]byte("Date: x\nContent-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\n////\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := letter.Read(raw)
		if err != nil {
			return
		}
		if len(l.Said) > len(l.Text)+4 || len(l.References) > 100 || len(l.From.Mail) > 256 || !utf8.ValidString(l.Text) {
			t.Fatalf("got %+v", l)
		}
	})
}
