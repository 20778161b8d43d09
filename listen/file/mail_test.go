package file_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lastword/listen/file"
)

// mailbox holds n short mails, some of them with lines that look like separators.
func mailbox(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "From eva@post.example Mon Mar  2 09:12:00 2026\nFrom: Eva <eva@post.example>\nMessage-ID: <%d@post.example>\nSubject: Frage %d\n\nNummer %d\n\nFrom here on it is fine\n>From so war es\n\n", i, i, i)
	}
	return b.String()
}

func TestMbox(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "kunden.mbox", strings.ReplaceAll(`From eva@post.example Mon Mar  2 09:12:00 2026
Return-Path: <eva@post.example>
From: =?utf-8?q?Eva_M=C3=BCller?= <Eva@Post.example>
Subject: =?iso-8859-1?Q?Breite_F=FC=DFe?=
Date: Mon, 02 Mar 2026 09:12:00 +0100
Message-ID: <1@post.example>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gibt es die Stiefel auch f=FCr breite F=FC=DFe?

>From hier an: Danke
-- =20
Eva
01234

From otto@post.example Tue Mar  3 10:00:00 2026
From: otto@post.example
Subject: AW: x
In-Reply-To: <1@post.example>
References: <0@post.example> <1@post.example>
Message-ID: <2@post.example>
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>Ja, <b>bitte</b>!</p><script>x()</script>
--b--

From x@post.example Tue Mar  3 10:00:00 2026
From: Mailer-Daemon@post.example
Subject: Undelivered

weg
From hinweis im Text
From y@post.example Tue Mar  3 10:00:00 2026
no header here

From y@post.example Tue Mar  3 10:00:00 2026
From: y@post.example
Auto-Submitted: auto-replied
Subject: weg

bin weg

From y@post.example Tue Mar  3 10:00:00 2026
From: y@post.example
Subject: ohne Datum

> nur Altes

From y@post.example Tue Mar  3 10:00:00 2026
From: Firma <Service@Schuhe.example>
Subject: Re: Breite

Kommt im Herbst.

Am 02.03.2026 um 09:12 schrieb Eva
<eva@post.example>:

> Gibt es
>> sie
`, "\n", "\r\n"), "own", "service@schuhe.example")
	if len(got) != 3 {
		t.Fatalf("got %d: %+v, dropped %v", len(got), got, d.dropped)
	}
	eva, otto, firma := got[0], got[1], got[2]
	if eva.Network != "mail" || !eva.Private || eva.Key != "1@post.example" || eva.Title != "Breite Füße" {
		t.Errorf("got %+v", eva)
	}
	if eva.Text != "Gibt es die Stiefel auch für breite Füße?\n\nFrom hier an: Danke" || eva.Author.Key != "eva@post.example" || eva.Author.Name != "Eva Müller" {
		t.Errorf("got %+v", eva)
	}
	if otto.Parent != "1@post.example" || otto.Root != "0@post.example" || otto.Text != "Ja, bitte!" || otto.SaidAt.UTC().Format(time.DateTime) != "2026-03-03 10:00:00" {
		t.Errorf("got %+v", otto)
	}
	if !firma.Own || firma.Text != "Kommt im Herbst." || !strings.HasPrefix(firma.Key, "sha256:") {
		t.Errorf("got %+v", firma)
	}
	for _, reason := range []string{file.Bounce, file.AutoReply, file.OnlyQuoted} {
		if len(d.dropped[reason]) != 1 {
			t.Errorf("%s: %v", reason, d.dropped)
		}
	}
}

func TestEveryMailIsFound(t *testing.T) {
	t.Parallel()
	got, _ := imported(t, "viele.mbox", mailbox(700))
	if len(got) != 700 {
		t.Fatalf("got %d", len(got))
	}
	if want := "Nummer 699\n\nFrom here on it is fine\nFrom so war es"; got[699].Text != want {
		t.Errorf("got %q", got[699].Text)
	}
}
