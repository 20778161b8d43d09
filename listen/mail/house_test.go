package mail_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/mail"
)

const (
	ours   = "laden@schuhe.example"
	secret = "geheim"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// papers are a server's certificate, and who trusts it.
func papers(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, roots
}

// house is a mailbox with both its servers, in memory.
type house struct {
	t    testing.TB
	user *imapmemserver.User
	caps imap.CapSet
	imap string // address
	smtp string

	tls   *tls.Config
	roots *x509.CertPool
	post  *office
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, user: imapmemserver.NewUser(ours, secret), post: &office{}}
	h.tls, h.roots = papers(t)
	for _, name := range []string{"INBOX", "Gesendet", "Anfragen"} {
		if err := h.user.Create(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	h.imap = h.serveIMAP()
	h.smtp = h.serveSMTP()
	return h
}

func (h *house) listen() net.Listener {
	h.t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", h.tls)
	if err != nil {
		h.t.Fatal(err)
	}
	return l
}

func (h *house) serveIMAP() string {
	memory := imapmemserver.New()
	memory.AddUser(h.user)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIdle: {}, imap.CapSpecialUse: {}},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: true, // it stands behind TLS
	})
	l := h.listen()
	var served sync.WaitGroup
	served.Go(func() { _ = s.Serve(l) }) // it always ends with an error
	h.t.Cleanup(func() {
		if err := errors.Join(l.Close(), s.Close()); err != nil && !errors.Is(err, net.ErrClosed) {
			h.t.Log(err)
		}
		served.Wait()
	})
	return l.Addr().String()
}

func (h *house) serveSMTP() string {
	s := smtp.NewServer(h.post)
	s.Domain, s.AllowInsecureAuth, s.ErrorLog = "mail.example", true, log.New(io.Discard, "", 0)
	l := h.listen()
	var served sync.WaitGroup
	served.Go(func() { _ = s.Serve(l) }) // it always ends with an error
	h.t.Cleanup(func() {
		if err := errors.Join(l.Close(), s.Close()); err != nil && !errors.Is(err, net.ErrClosed) {
			h.t.Log(err)
		}
		served.Wait()
	})
	return l.Addr().String()
}

// put puts a mail into a folder, as delivered at a time.
func (h *house) put(folder, raw string, came time.Time, flags ...imap.Flag) {
	h.t.Helper()
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	if _, err := h.user.Append(folder, literal{strings.NewReader(raw)}, &imap.AppendOptions{Time: came, Flags: flags}); err != nil {
		h.t.Fatal(err)
	}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (h *house) settings(more ...string) map[string]string {
	set := map[string]string{"address": ours, "password": secret, "imap": "tls://" + h.imap, "smtp": "tls://" + h.smtp, "sender": "Schuhhaus"}
	for i := 0; i < len(more); i += 2 {
		set[more[i]] = more[i+1]
	}
	return set
}

func (h *house) open(more ...string) (listen.Source, map[string]int) {
	h.t.Helper()
	host, drops, _ := listentest.Host(nil, now)
	host.Dial = new(net.Dialer).DialContext
	src, err := mail.Trusting(h.roots).Open(listen.Account{Channel: 1, Settings: h.settings(more...)}, host)
	if err != nil {
		h.t.Fatal(err)
	}
	return src, drops
}

// letterNo is a customer's mail, written n minutes after the first.
func letterNo(n int) string {
	return fmt.Sprintf("From: Eva <eva@post.example>\nTo: %s\nSubject: Frage %d\nDate: %s\nMessage-ID: <%d@post.example>\n\nNummer %d?\n",
		ours, n, cameNo(n).Format(time.RFC1123Z), n, n)
}

func cameNo(n int) time.Time { return now.Add(-24*time.Hour + time.Duration(n)*time.Minute) }

// office is an SMTP server that keeps what it takes, or refuses as it is told.
type office struct {
	mu     sync.Mutex
	mails  []sentMail
	refuse map[string]error // by command: AUTH, MAIL, RCPT, DATA
}

type sentMail struct{ from, to, raw string }

func (o *office) NewSession(*smtp.Conn) (smtp.Session, error) { return &counter{office: o}, nil }

func (o *office) told(command string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refuse[command]
}

func (o *office) tell(refuse map[string]error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuse = refuse
}

func (o *office) sent() []sentMail {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]sentMail(nil), o.mails...)
}

type counter struct {
	*office
	mail   sentMail
	signed bool
}

func (c *counter) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *counter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != ours || password != secret {
			return smtp.ErrAuthFailed
		}
		c.signed = true
		return c.told("AUTH")
	}), nil
}

func (c *counter) Mail(from string, _ *smtp.MailOptions) error {
	if !c.signed {
		return smtp.ErrAuthRequired
	}
	c.mail.from = from
	return c.told("MAIL")
}

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.mail.to = to
	return c.told("RCPT")
}

func (c *counter) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := c.told("DATA"); err != nil {
		return err
	}
	c.mail.raw = string(raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mails = append(c.mails, c.mail)
	return nil
}

func (c *counter) Reset()        { c.mail = sentMail{} }
func (c *counter) Logout() error { return nil }
