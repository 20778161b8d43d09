package testserver

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"embed"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"
)

//go:embed mail
var mailFiles embed.FS

// MailOptions set up a mail server.
type MailOptions struct {
	// TokenInfo, where it is set, lets people sign in by XOAUTH2 and OAUTHBEARER
	// too: the address to which the token is appended, and which answers with a
	// JSON object whose "email" is the account (Dovecot's tokeninfo_url).
	TokenInfo string
}

// A Mail is a running Dovecot with IMAP and submission, and an OpenSMTPD that
// delivers into its mailboxes. Every account at schuhe.example and post.example
// exists, under one Password; mail to elsewhere is refused. The folders besides
// INBOX are "Gesendet" (the special use \Sent) and "Anfragen".
type Mail struct {
	IMAP, IMAPS             string // host:port, STARTTLS and TLS
	Submission, Submissions string // the same for outgoing mail
	Relay                   string // OpenSMTPD, for mail from strangers
	Password                string
	Roots                   *x509.CertPool // who signed the servers' certificate

	dir  string
	cmds []*exec.Cmd
	once sync.Once
}

// MailServer starts both servers and ends them when the test ends. It skips the
// test unless LASTWORD_TEST_SERVERS is set, and needs root, as they do.
func MailServer(t testing.TB, o MailOptions) *Mail {
	t.Helper()
	folder(t, "mail")
	if os.Getuid() != 0 {
		t.Fatal("testserver: Dovecot and OpenSMTPD can only be started by root")
	}
	m := &Mail{Password: "geheim-1", dir: openFolder(t)}
	t.Cleanup(m.Stop)
	ports := freePorts(t, 5)
	at := func(i int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i])) }
	m.IMAP, m.IMAPS, m.Submission, m.Submissions, m.Relay = at(0), at(1), at(2), at(3), at(4)
	m.Roots = certify(t, m.dir)
	m.configure(t, map[string]any{
		"Dir": m.dir, "Host": "mail.schuhe.example", "Password": m.Password, "TokenInfo": o.TokenInfo,
		"IMAP": ports[0], "IMAPS": ports[1], "Submission": ports[2], "Submissions": ports[3], "Relay": ports[4],
	})
	m.start(t, exec.Command("/usr/sbin/dovecot", "-F", "-c", filepath.Join(m.dir, "dovecot.conf")), 0)
	m.start(t, exec.Command("/bin/sh", filepath.Join(m.dir, "smtpd.sh"), filepath.Join(m.dir, "smtpd.conf")), syscall.CLONE_NEWNS)
	for _, addr := range []string{m.IMAP, m.IMAPS, m.Submission, m.Submissions, m.Relay} {
		m.await(t, addr)
	}
	return m
}

// openFolder makes a folder into which the servers' own users may look. Its name
// is short, as sockets demand.
func openFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lwmail")
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Logf("testserver: %v", err)
		}
	})
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	uid, err := strconv.Atoi(nobody.Uid)
	mails := filepath.Join(dir, "mail")
	if err = errors.Join(err, os.Chmod(dir, 0o755), os.Mkdir(mails, 0o755)); err == nil {
		err = os.Chown(mails, uid, -1)
	}
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	return dir
}

// freePorts finds ports of loopback on which nobody listens now.
func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("testserver: %v", err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// certify makes the servers' certificate.
func certify(t testing.TB, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	sheet := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Lastword test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	cert, err := x509.CreateCertificate(rand.Reader, sheet, sheet, &key.PublicKey, key)
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatalf("testserver: %v", err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	return roots
}

func (m *Mail) configure(t testing.TB, with map[string]any) {
	t.Helper()
	all := template.Must(template.ParseFS(mailFiles, "mail/*"))
	for _, name := range []string{"dovecot.conf", "smtpd.conf", "smtpd.sh"} {
		var text bytes.Buffer
		err := all.ExecuteTemplate(&text, name, with)
		if err == nil {
			err = os.WriteFile(filepath.Join(m.dir, name), text.Bytes(), 0o644)
		}
		if err != nil {
			t.Fatalf("testserver: %v", err)
		}
	}
	oauth := fmt.Sprintf("tokeninfo_url = %s\nusername_attribute = email\n", with["TokenInfo"])
	if err := os.WriteFile(filepath.Join(m.dir, "oauth2.conf"), []byte(oauth), 0o644); err != nil {
		t.Fatalf("testserver: %v", err)
	}
}

// start starts a server in a process group of its own, and in new namespaces.
func (m *Mail) start(t testing.TB, cmd *exec.Cmd, namespaces uintptr) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Unshareflags: namespaces}
	said, err := os.Create(filepath.Join(m.dir, filepath.Base(cmd.Path)+".out"))
	if err != nil {
		t.Fatalf("testserver: %v", err)
	}
	defer said.Close()
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatalf("testserver: start %s: %v", cmd.Path, err)
	}
	m.cmds = append(m.cmds, cmd)
}

// await waits until somebody listens there.
func (m *Mail) await(t testing.TB, addr string) {
	t.Helper()
	for limit := time.Now().Add(startLimit); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			if err := conn.Close(); err != nil {
				t.Logf("testserver: %v", err)
			}
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("testserver: nobody listens on %s: %v\n%s", addr, err, m.Log())
		}
	}
}

// Log is what the servers said so far.
func (m *Mail) Log() string {
	var all bytes.Buffer
	for _, name := range []string{"dovecot.out", "dovecot.log", "sh.out"} {
		said, err := os.ReadFile(filepath.Join(m.dir, name))
		if err == nil {
			fmt.Fprintf(&all, "%s:\n%s", name, said)
		}
	}
	return all.String()
}

// Stop ends the servers. It may be called more than once.
func (m *Mail) Stop() {
	m.once.Do(func() {
		for _, cmd := range m.cmds {
			// It may have ended by itself; then there is nothing to end.
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
			kill := time.AfterFunc(5*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
			// How it ended does not matter: its data goes with the folder.
			_ = cmd.Wait()
			kill.Stop()
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
	})
}

// Deliver sends a mail as a stranger's server would.
func (m *Mail) Deliver(t testing.TB, from, to, raw string) {
	t.Helper()
	if err := smtp.SendMail(m.Relay, nil, from, []string{to}, []byte(raw)); err != nil {
		t.Fatalf("testserver: deliver: %v\n%s", err, m.Log())
	}
}
