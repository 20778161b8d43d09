package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"lastword"
	"lastword/internal/httpx"
)

// How long a server may take to answer one command, and how much it may say in
// answer: no server that means well needs either.
const (
	commandLimit = time.Minute
	budget       = 4 << 20  // bytes of one answer
	fetchBudget  = 32 << 20 // bytes of a batch of mails
)

var errBudget = errors.New("mail: the server says more than it was asked for")

// A line is a connection that ends with its context, by its deadline, or when
// the other side says too much.
type line struct {
	net.Conn
	left  atomic.Int64 // bytes that may still be read
	timer *time.Timer
	free  func() bool
}

// dial connects. Everything the connection does ends when ctx does.
func (b *mailbox) dial(ctx context.Context, to server) (*line, error) {
	if b.host.Dial == nil {
		return nil, fmt.Errorf("mail: no connection may be made here: %w", lastword.ErrDenied)
	}
	conn, err := b.host.Dial(ctx, "tcp", to.addr())
	if err != nil {
		return nil, b.unreachable(ctx, to, err)
	}
	l := &line{Conn: conn}
	l.timer = time.AfterFunc(commandLimit, l.end)
	l.free = context.AfterFunc(ctx, l.end)
	l.allow(budget)
	return l, nil
}

// unreachable tells a server that is away from one that may not be reached and
// one that is not there.
func (b *mailbox) unreachable(ctx context.Context, to server, err error) error {
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, httpx.ErrInner):
		return fmt.Errorf("mail: %s: %w", to.host, &lastword.Mistake{Key: "connector.mail.error.inner", Kind: lastword.ErrDenied})
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("mail: %s: %w", to.host, &lastword.Mistake{Key: "connector.mail.error.no_host", Kind: lastword.ErrUnavailable})
	}
	return fmt.Errorf("mail: %s: %w: %w", to.host, err, lastword.ErrUnavailable)
}

// allow begins one command: a new deadline and a new budget.
func (l *line) allow(bytes int64) {
	l.left.Store(bytes)
	l.timer.Reset(commandLimit)
}

// rest lets the other side be silent: for that long, at most.
func (l *line) rest(most time.Duration) {
	l.left.Store(budget)
	l.timer.Reset(most)
}

// end closes the connection, whoever uses it.
func (l *line) end() {
	// It is over either way.
	_ = l.Conn.Close()
}

// Close lets go of the deadline too.
func (l *line) Close() error {
	l.timer.Stop()
	l.free()
	return l.Conn.Close()
}

// Read implements net.Conn.
func (l *line) Read(p []byte) (int, error) {
	if l.left.Load() <= 0 {
		return 0, errBudget
	}
	n, err := l.Conn.Read(p)
	l.left.Add(-int64(n))
	return n, err
}

// secure is how we speak TLS with a server.
func (b *mailbox) secure(to server) *tls.Config {
	return &tls.Config{ServerName: to.host, RootCAs: b.roots, MinVersion: tls.VersionTLS12}
}

// untrusted tells a certificate that a person must look at from a connection
// that broke.
func untrusted(err error) bool {
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &cert) || errors.As(err, &record)
}
