package mail_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/mail"
)

func TestExercise(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, mail.New(), map[string]string{"address": "laden@gmx.de", "password": "x"})
}

func TestExerciseSource(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := 0
	grow := func() { h.put("INBOX", letterNo(n), cameNo(n)); n++ }
	for range 45 {
		grow()
	}
	listentest.ExerciseSource(t, listentest.Place{
		Network: "mail", Grow: grow,
		Open: func() listen.Source { src, _ := h.open(); return src },
	})
}

// poll hears all that is new behind a cursor.
func poll(t *testing.T, src listen.Source, cursor string) (*listentest.Heard, string) {
	t.Helper()
	var heard listentest.Heard
	if err := src.Poll(t.Context(), cursor, heard.Hear); err != nil {
		t.Fatal(err)
	}
	return &heard, heard.Cursor(cursor)
}

func TestAMailBecomesAVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put("INBOX", `From: =?utf-8?q?Eva_M=C3=BCller?= <Eva@Post.example>
Reply-To: eva.privat@post.example
To: laden@schuhe.example
Subject: AW: =?utf-8?Q?Gr=C3=B6=C3=9Fe?=
Date: Sun, 22 Nov 2026 10:00:00 +0100
Message-ID: <3@post.example>
In-Reply-To: <2@schuhe.example>
References: <1@post.example> <2@schuhe.example>
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p>Gr=F6=DFe 38 passt <b>nicht</b>.</p>
`, now)
	src, drops := h.open()
	heard, _ := poll(t, src, "")
	if len(heard.Events()) != 1 || len(drops) != 0 {
		t.Fatalf("heard %+v, dropped %v", heard.Events(), drops)
	}
	want := lastword.Event{Op: lastword.Said, Post: lastword.Post{
		Network: "mail", Key: "3@post.example", Parent: "2@schuhe.example", Root: "1@post.example",
		Author: lastword.Author{Key: "eva@post.example", Handle: "eva@post.example", Name: "Eva Müller"},
		Title:  "AW: Größe", Text: "Größe 38 passt nicht.", Private: true, SaidAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
		Ref: `{"to":"eva.privat@post.example","id":"3@post.example","references":["1@post.example","2@schuhe.example"]}`,
	}}
	if diff := cmp.Diff(want, heard.Events()[0], cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
}

// kinds are mails, and why they are no voice; nothing: they are one.
var kinds = map[string]struct {
	headers, text, reason string
	flags                 []imap.Flag
}{
	"person":             {headers: "From: a@b.example", text: "Hallo"},
	"subject alone":      {headers: "From: a@b.example\nSubject: Wann?"},
	"own answer":         {headers: "From: " + ours + "\nIn-Reply-To: <x@y>", text: "Ja."},
	"form by our server": {headers: "From: Formular <" + ours + ">\nReply-To: Eva <eva@post.example>", text: "Hallo"},
	"form by a service":  {headers: "From: noreply@forms.example\nReply-To: eva@post.example\nAuto-Submitted: auto-generated\nList-Unsubscribe: <https://x>", text: "Hallo"},
	"list that is ours":  {headers: "From: a@b.example\nList-Id: <laden>\nList-Post: <mailto:" + ours + ">\nPrecedence: list", text: "Hallo"},
	"own mail":           {headers: "From: " + ours, text: "Anbei", reason: mail.OwnMail},
	"away":               {headers: "From: a@b.example\nAuto-Submitted: auto-replied", text: "Bin weg", reason: mail.AutoReply},
	"notice":             {headers: "From: a@b.example\nAuto-Submitted: auto-generated", text: "Bestellung", reason: mail.Automatic},
	"spam":               {headers: "From: a@b.example\nX-Spam-Flag: YES", text: "Kauf", reason: mail.Spam},
	"junk":               {headers: "From: a@b.example", text: "Kauf", reason: mail.Spam, flags: []imap.Flag{"$Junk"}},
	"deleted":            {headers: "From: a@b.example", text: "Hallo", reason: mail.DeletedThere, flags: []imap.Flag{imap.FlagDeleted}},
	"list":               {headers: "From: a@b.example\nList-Id: <l>\nList-Post: <mailto:l@b.example>", text: "Hallo", reason: mail.MailingList},
	"newsletter":         {headers: "From: a@b.example\nList-Unsubscribe: <https://x>", text: "Neu", reason: mail.Newsletter},
	"quoted":             {headers: "From: a@b.example", text: "> alt", reason: mail.OnlyQuoted},
	"nothing":            {headers: "From: a@b.example", text: " ", reason: mail.NoText},
	"encrypted":          {headers: "From: a@b.example\nContent-Type: multipart/encrypted; boundary=b", text: "--b--", reason: mail.Encrypted},
	"receipt":            {headers: "From: a@b.example\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b", text: "--b--", reason: mail.ReadReceipt},
	"bounce":             {headers: "From: MAILER-DAEMON@b.example", text: "weg", reason: mail.Bounce},
	"answer delayed":     {headers: report, text: delivery("delayed", "lastword.00112233445566778899aabbccddeeff@schuhe.example"), reason: mail.AnswerDelayed},
	"another's bounced":  {headers: report, text: delivery("failed", "lastword.00112233445566778899aabbccddeeff@other.example"), reason: mail.Bounce},
	"not a mail":         {headers: "X: y", text: "z", reason: mail.NotMail},
	"long":               {headers: "From: a@b.example", text: strings.Repeat("langer Text ", 6000), reason: mail.TextCut},
}

const report = "From: MAILER-DAEMON@b.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b"

func delivery(action, id string) string {
	return "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; b.example\n\nFinal-Recipient: rfc822; a@b.example\nAction: " +
		action + "\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + id + ">\n--b--\n"
}

func TestWhoSpeaks(t *testing.T) {
	t.Parallel()
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.put("INBOX", k.headers+"\n\n"+k.text, now, k.flags...)
			src, drops := h.open()
			heard, _ := poll(t, src, "")
			kept := k.reason == "" || strings.HasSuffix(k.reason, ", kept")
			if (len(heard.Events()) == 1) != kept || k.reason != "" && drops[k.reason] != 1 || k.reason == "" && len(drops) > 0 {
				t.Errorf("heard %+v, dropped %v, want %q", heard.Events(), drops, k.reason)
			}
		})
	}
}

// An answer that came back is told with why, by the code alone.
func TestAnswerThatCameBack(t *testing.T) {
	t.Parallel()
	const id = "lastword.00112233445566778899aabbccddeeff@schuhe.example"
	for status, why := range map[string]string{
		"5.1.1": "why.mail_recipient", "5.1.10": "why.mail_recipient", "5.2.1": "why.mail_recipient",
		"5.2.2": "why.mail_full", "4.2.2": "why.mail_full", "5.4.4": "why.mail_unreachable", "4.4.7": "why.mail_unreachable",
		"5.7.1": "why.mail_refused", "5.6.0": "why.mail_refused", "5.2.3": "why.mail_refused",
		"5.0.0": "why.mail_returned", "": "why.mail_returned", "5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 x": "why.mail_recipient",
	} {
		h := newHouse(t)
		h.put("INBOX", report+"\n\n"+strings.Replace(delivery("failed", id), "5.1.1", status, 1), now)
		src, drops := h.open()
		heard, _ := poll(t, src, "")
		want := []lastword.Event{{Op: lastword.Returned, Post: lastword.Post{Network: "mail", Key: id, SaidAt: now}, Why: why}}
		if diff := cmp.Diff(want, heard.Events(), cmp.Comparer(time.Time.Equal)); diff != "" || len(drops) != 0 {
			t.Errorf("status %q: %s, dropped %v", status, diff, drops)
		}
	}
}

func TestAFormSpeaksForThePerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put("INBOX", kinds["form by our server"].headers+"\n\nHallo", now)
	src, _ := h.open()
	heard, _ := poll(t, src, "")
	p := heard.Events()[0].Post
	if p.Own || p.Author.Key != "eva@post.example" || p.Author.Name != "Eva" {
		t.Errorf("got %+v", p)
	}
}

func TestListsWhereWished(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put("INBOX", kinds["list"].headers+"\nReply-To: l@b.example\n\nHallo", now)
	src, _ := h.open("lists", "ja")
	heard, _ := poll(t, src, "")
	if len(heard.Events()) != 1 || !strings.Contains(heard.Events()[0].Post.Ref, `"to":"a@b.example"`) {
		t.Errorf("heard %+v", heard.Events())
	}
}

func TestFoldersAndNothingIsMarkedAsSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put("INBOX", letterNo(1), cameNo(1))
	h.put("Anfragen", letterNo(2), cameNo(2))
	src, _ := h.open("folders", "INBOX, Anfragen")
	heard, cursor := poll(t, src, "")
	if len(heard.Events()) != 2 {
		t.Fatalf("heard %+v", heard.Events())
	}
	for _, folder := range []string{"INBOX", "Anfragen"} {
		status, err := h.user.Status(folder, &imap.StatusOptions{NumUnseen: true})
		if err != nil || *status.NumUnseen != 1 {
			t.Errorf("%s: %d unseen, %v", folder, *status.NumUnseen, err)
		}
	}
	h.put("Anfragen", letterNo(3), cameNo(3))
	heard, cursor = poll(t, src, cursor)
	if len(heard.Events()) != 1 {
		t.Errorf("then heard %+v", heard.Events())
	}
	if heard, _ = poll(t, src, cursor); len(heard.Batches) != 0 {
		t.Errorf("nothing is new, and heard %+v", heard.Batches)
	}
}

func TestFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	src, _ := newHouse(t).open("folders", "Nirgends")
	err := src.Poll(t.Context(), "", new(listentest.Heard).Hear)
	var m *lastword.Mistake
	if !errors.As(err, &m) || m.Key != "connector.mail.error.folder" || !strings.Contains(err.Error(), "Nirgends") {
		t.Errorf("got %v", err)
	}
}

func TestOldMailIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put("INBOX", letterNo(1), now.Add(-40*24*time.Hour))
	h.put("INBOX", letterNo(2), cameNo(2))
	src, _ := h.open()
	if heard, _ := poll(t, src, ""); len(heard.Events()) != 1 || heard.Events()[0].Post.Key != "2@post.example" {
		t.Errorf("heard %+v", heard.Events())
	}
	all, _ := h.open("back", "60")
	if heard, _ := poll(t, all, ""); len(heard.Events()) != 2 {
		t.Errorf("with more days: heard %+v", heard.Events())
	}
}

func TestServerThatCountsAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for n := range 3 {
		h.put("INBOX", letterNo(n), cameNo(n).Add(-time.Duration(3-n)*72*time.Hour))
	}
	src, _ := h.open()
	_, cursor := poll(t, src, "")
	if err := h.user.Delete("INBOX"); err != nil {
		t.Fatal(err)
	}
	if err := h.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		h.put("INBOX", letterNo(n), cameNo(n).Add(-time.Duration(3-n)*72*time.Hour))
	}
	heard, _ := poll(t, src, cursor)
	var keys []string
	for _, e := range heard.Events() {
		keys = append(keys, e.Post.Key)
	}
	if want := []string{"2@post.example", "3@post.example"}; !slices.Equal(keys, want) {
		t.Errorf("heard %v, want %v: the last one again, and what is new", keys, want)
	}
}

func TestStreamHearsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put("INBOX", letterNo(1), cameNo(1))
	src, _ := h.open()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	var keys []string
	err := src.(listen.Streamer).Stream(ctx, "", func(_ context.Context, events []lastword.Event, _ string) error {
		for _, e := range events {
			keys = append(keys, e.Post.Key)
			switch len(keys) {
			case 1, 2:
				h.put("INBOX", letterNo(len(keys)+1), cameNo(len(keys)+1))
			case 3:
				stop()
			}
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(keys) != 3 {
		t.Errorf("heard %v, ended with %v", keys, err)
	}
}

func TestBadCursor(t *testing.T) {
	t.Parallel()
	src, _ := newHouse(t).open()
	if err := src.Poll(t.Context(), "{", new(listentest.Heard).Hear); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
