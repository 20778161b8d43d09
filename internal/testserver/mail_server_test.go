package testserver_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"lastword/internal/testserver"
)

func TestServerMailDeliversAndListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	m := testserver.MailServer(t, testserver.MailOptions{})
	m.Deliver(t, "eva@post.example", "laden@schuhe.example", "Subject: Frage\r\n\r\nHallo\r\n")
	c, err := imapclient.DialTLS(m.IMAPS, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: m.Roots}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("laden@schuhe.example", m.Password).Wait(); err != nil {
		t.Fatalf("%v\n%s", err, m.Log())
	}
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		box, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if box.NumMessages == 1 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("nothing came\n%s", m.Log())
		}
	}
	for _, at := range []string{m.IMAP, m.IMAPS, m.Submission, m.Submissions, m.Relay} {
		if open := reachableFromOutside(t, "tcp://"+at); open != "" {
			t.Errorf("%s answers on %s, want loopback only", at, open)
		}
	}
	m.Stop()
	if conn, err := net.DialTimeout("tcp", m.Relay, time.Second); err == nil {
		t.Errorf("%s still answers after Stop", conn.RemoteAddr())
	}
	if !strings.Contains(m.Log(), "dovecot.log") {
		t.Error("the servers left no log")
	}
}
