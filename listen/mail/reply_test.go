package mail_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"

	"lastword"
	"lastword/internal/httpx"
	"lastword/internal/letter"
	"lastword/listen"
	"lastword/listen/listentest"
	lwmail "lastword/listen/mail"
)

var answer = listen.Reply{Key: "4711", Made: now, Lang: "de", Text: "Guten Tag,\n\nja: Größe 38½ kommt im März.\n\nHerzlich\nMaria Ahlenbach"}

// question is a customer's mail, as it is heard.
func question(t *testing.T, h *house) (listen.Source, lastword.Post) {
	t.Helper()
	h.put("INBOX", strings.Replace(letterNo(7), "Subject:", "References: <5@post.example> <6@schuhe.example>\nReply-To: Eva privat <eva.privat@post.example>\nSubject: AW: Re:", 1), cameNo(7))
	src, _ := h.open()
	heard, _ := poll(t, src, "")
	return src, heard.Events()[0].Post
}

func TestAnswerInItsThread(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src, to := question(t, h)
	r := src.(listen.Replier)
	if _, found, err := r.Find(t.Context(), to, answer.Key); found || err != nil {
		t.Fatalf("found before it was sent: %v, %v", found, err)
	}
	receipt, err := r.Reply(t.Context(), to, answer)
	if err != nil {
		t.Fatal(err)
	}
	sent := h.post.sent()
	if len(sent) != 1 || sent[0].from != ours || sent[0].to != "eva.privat@post.example" {
		t.Fatalf("sent %+v", sent)
	}
	checkAnswer(t, sent[0].raw, receipt)
	if got, found, err := r.Find(t.Context(), to, answer.Key); err != nil || !found || got != receipt {
		t.Errorf("Find: %+v, %v, %v; want %+v", got, found, err, receipt)
	}
	if _, found, _ := r.Find(t.Context(), to, "4712"); found {
		t.Error("another key is found")
	}
	status, err := h.user.Status("Gesendet", &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil || *status.NumMessages != 1 || *status.NumUnseen != 0 {
		t.Errorf("in the folder of sent mails: %+v, %v", status, err)
	}
}

func checkAnswer(t *testing.T, raw string, receipt listen.Receipt) {
	t.Helper()
	m, err := mail.CreateReader(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From": `"Schuhhaus" <laden@schuhe.example>`, "To": `"Eva privat" <eva.privat@post.example>`, "Subject": "Re: Frage 7",
		"Message-Id": "<" + receipt.Key + ">", "In-Reply-To": "<7@post.example>", "Content-Language": "de", "Auto-Submitted": "",
		"References": "<5@post.example> <6@schuhe.example> <7@post.example>", "Date": now.Format(time.RFC1123Z),
	} {
		if got := strings.Join(strings.Fields(m.Header.Get(name)), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	p, err := m.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(p.Body)
	if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != answer.Text+"\n" {
		t.Errorf("the text is %q, %v", body, err)
	}
	for line := range bytes.SplitSeq([]byte(raw), []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line that not every server takes: %q", line)
		}
	}
	l, err := letter.Read([]byte(raw))
	if err != nil || l.Nature != letter.Personal || l.List.ID != "" {
		t.Errorf("it does not look as if a person wrote it: %+v, %v", l, err)
	}
}

// TestHostileHeaders proves that nothing of a stranger's mail can become a
// header, a recipient or a command of ours.
func TestHostileHeaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src, _ := h.open()
	to := lastword.Post{Network: "mail", Key: "1@x>\r\nBcc: all@x.example\r\nX: <y",
		Title: "Hallo\r\nBcc: all@x.example", Author: lastword.Author{Key: "a@b.example>\r\nRCPT TO:<all@x.example", Name: "A\r\nBcc: b"}}
	_, err := src.(listen.Replier).Reply(t.Context(), to, answer)
	for _, m := range h.post.sent() {
		l, bad := letter.Read([]byte(m.raw))
		if bad != nil || len(l.To) > 1 || strings.Contains(m.raw, "\nBcc:") || strings.Contains(m.to, "all@") {
			t.Errorf("sent to %q:\n%s", m.to, m.raw)
		}
	}
	if err != nil && !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestWhatTheServerRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at   string
		with error
		kind error
		key  string
	}{
		"no such person":   {"RCPT", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "who?"}, lastword.ErrInvalid, "why.mail_recipient"},
		"mailbox full":     {"RCPT", &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "full"}, lastword.ErrUnavailable, ""},
		"policy":           {"RCPT", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "no"}, lastword.ErrInvalid, "why.mail_refused"},
		"greylisted":       {"RCPT", &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later"}, lastword.ErrUnavailable, ""},
		"text refused":     {"DATA", &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "spam"}, lastword.ErrInvalid, "why.mail_refused"},
		"text later":       {"DATA", &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "busy"}, lastword.ErrUnavailable, ""},
		"sender not ours":  {"MAIL", &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not yours"}, lastword.ErrDenied, ""},
		"password refused": {"AUTH", smtp.ErrAuthFailed, lastword.ErrDenied, ""},
		"sign in later":    {"AUTH", &smtp.SMTPError{Code: 454, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "busy"}, lastword.ErrUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			src, to := question(t, h)
			h.post.tell(map[string]error{c.at: c.with})
			_, err := src.(listen.Replier).Reply(t.Context(), to, answer)
			var m *lastword.Mistake
			if !errors.Is(err, c.kind) || c.key != "" && (!errors.As(err, &m) || m.Key != c.key) {
				t.Errorf("got %v", err)
			}
			if _, found, err := src.(listen.Replier).Find(t.Context(), to, answer.Key); found || err != nil {
				t.Errorf("it was not sent, and is found: %v, %v", found, err)
			}
			h.post.tell(nil)
			if _, err := src.(listen.Replier).Reply(t.Context(), to, answer); err != nil || len(h.post.sent()) != 1 {
				t.Errorf("later: %v, sent %d", err, len(h.post.sent()))
			}
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	src, _ := newHouse(t).open()
	for name, c := range map[string]struct {
		to   lastword.Post
		want lastword.ReplyOption
	}{
		"a person":    {lastword.Post{Ref: `{"to":"a@b.example"}`}, lastword.ReplyOption{Private: true}},
		"from a file": {lastword.Post{Author: lastword.Author{Key: "a@b.example"}}, lastword.ReplyOption{Private: true}},
		"a list":      {lastword.Post{Ref: `{"list":true}`}, lastword.ReplyOption{ByHand: true, Why: "why.mail_list"}},
		"nobody":      {lastword.Post{Author: lastword.Author{Name: "Eva"}}, lastword.ReplyOption{Closed: true, Why: "why.mail_nobody"}},
	} {
		got := src.(listen.Chooser).Options(c.to)
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		_, err := src.(listen.Replier).Reply(t.Context(), c.to, answer)
		if !got[0].Open(now) || got[0].ByHand {
			if !errors.Is(err, lastword.ErrInvalid) {
				t.Errorf("%s: answered all the same: %v", name, err)
			}
		}
	}
}

func TestNoServerNoAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src, _ := h.open("smtp", "")
	if _, can := src.(listen.Replier); can {
		t.Error("it says that it can answer")
	}
	abilities, err := src.(listen.Checker).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range abilities {
		if a.Name == "reply" && (a.Can || a.Why != "why.mail_no_smtp") {
			t.Errorf("got %+v", a)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src, _ := h.open()
	got := map[string]bool{}
	abilities, err := src.(listen.Checker).Check(t.Context())
	for _, a := range abilities {
		got[a.Name] = a.Can
		if !a.Can && a.Why == "" {
			t.Errorf("%s cannot, and nobody knows why", a.Name)
		}
	}
	if err != nil || !got["hear"] || !got["stream"] || !got["reply"] || got["publish"] || got["edit"] || got["delete"] {
		t.Errorf("got %v, %v", got, err)
	}
	h.post.tell(map[string]error{"AUTH": smtp.ErrAuthFailed})
	abilities, err = src.(listen.Checker).Check(t.Context())
	if err != nil || abilities[2].Can || abilities[2].Why != "why.denied" {
		t.Errorf("got %+v, %v", abilities, err)
	}
}

// TestInnerNetworksAreOutOfReach sets a mailbox up that lies on this machine.
func TestInnerNetworksAreOutOfReach(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, _, _ := listentest.Host(nil, now)
	host.Dial = httpx.New(httpx.Options{}).Dial
	src, err := lwmail.Trusting(h.roots).Open(listen.Account{Settings: h.settings()}, host)
	if err != nil {
		t.Fatal(err)
	}
	var m *lastword.Mistake
	err = src.Poll(t.Context(), "", new(listentest.Heard).Hear)
	if !errors.As(err, &m) || m.Key != "connector.mail.error.inner" || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("got %v", err)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Ref: `{"to":"a@b.example"}`}, answer); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("Reply: %v", err)
	}
}

func TestStrangersCertificate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host, _, _ := listentest.Host(nil, now)
	host.Dial = new(net.Dialer).DialContext
	src, err := lwmail.New().Open(listen.Account{Settings: h.settings()}, host)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"hear": src.Poll(t.Context(), "", new(listentest.Heard).Hear),
		"reply": func() error {
			_, err := src.(listen.Replier).Reply(t.Context(), lastword.Post{Ref: `{"to":"a@b.example"}`}, answer)
			return err
		}(),
	} {
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Key != "connector.mail.error.tls" || !errors.Is(err, lastword.ErrDenied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	for field, settings := range map[string]string{
		"address": "address=Laden", "imap": "imap=http://x.example", "smtp": "smtp=x.example:0", "back": "back=-1", "own": "own=chef",
		"provider": "provider=aol", "clientid": "provider=google", "password": "password=",
	} {
		set := map[string]string{"address": "laden@schuhe.example", "password": "x", "imap": "imap.schuhe.example", "smtp": "smtp.schuhe.example:587"}
		name, value, _ := strings.Cut(settings, "=")
		set[name] = value
		_, err := lwmail.New().Open(listen.Account{Settings: set}, listen.Host{})
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Field != field || !strings.HasPrefix(m.Key, "connector.mail.error.") {
			t.Errorf("%s: %v", settings, err)
		}
	}
}

// TestManySubjects: one "Re: ", whatever stood before.
func TestManySubjects(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Frage": "Re: Frage", "RE: AW: Antw: Frage": "Re: Frage", "Re[2]: WG: x": "Re: x", "": "Re: Ihre Nachricht", "Reh im Garten": "Re: Reh im Garten",
	} {
		h := newHouse(t)
		src, _ := h.open()
		to := lastword.Post{Key: "1@b.example", Title: title, Ref: `{"to":"a@b.example"}`}
		if _, err := src.(listen.Replier).Reply(context.Background(), to, answer); err != nil {
			t.Fatal(err)
		}
		m, err := mail.CreateReader(strings.NewReader(h.post.sent()[0].raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.Header.Subject(); got != want || err != nil {
			t.Errorf("%q: %q, %v", title, got, err)
		}
	}
}
