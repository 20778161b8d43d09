package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"

	"lastword"
)

// helo is how mail programs name a machine whose own name is nobody's concern: a
// literal of loopback (RFC 5321 §4.1.3).
const helo = "[127.0.0.1]"

// submit hands a mail to the submission server (RFC 6409). When it returns nil,
// the server has taken it over; where the connection ends before it said so, it
// may have.
func (b *mailbox) submit(ctx context.Context, to string, raw []byte) error {
	c, l, err := b.submission(ctx)
	if err != nil {
		return err
	}
	defer l.Close()
	options := &smtp.MailOptions{Size: int64(len(raw))}
	if !ascii(to + b.address) {
		if ok, _ := c.Extension("SMTPUTF8"); !ok {
			return recipientGone(errors.New("the server takes no address of that script"))
		}
		options.UTF8 = true
	}
	l.allow(budget)
	if err := c.Mail(b.address, options); err != nil {
		return b.refused(ctx, "from", err)
	}
	l.allow(budget)
	if err := c.Rcpt(to, nil); err != nil {
		return b.refused(ctx, "to", err)
	}
	l.allow(budget)
	w, err := c.Data()
	if err != nil {
		return b.refused(ctx, "data", err)
	}
	_, err = w.Write(raw)
	if err = errors.Join(err, w.Close()); err != nil {
		return b.refused(ctx, "data", err)
	}
	// It is sent; a server that is in a hurry need not hear the goodbye.
	_ = c.Quit()
	return nil
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}

// submission connects and signs in. A token that the server refuses is renewed
// once.
func (b *mailbox) submission(ctx context.Context) (*smtp.Client, *line, error) {
	c, l, err := b.signInToSend(ctx)
	if b.oauth.wanted() && errors.Is(err, lastword.ErrDenied) && b.tokens.spent() {
		return b.signInToSend(ctx)
	}
	return c, l, err
}

func (b *mailbox) signInToSend(ctx context.Context) (*smtp.Client, *line, error) {
	l, err := b.dial(ctx, b.smtp)
	if err != nil {
		return nil, nil, err
	}
	c, err := b.greet(ctx, l)
	if err == nil {
		err = b.prove(ctx, c)
	}
	if err != nil {
		// What failed is told; that the rest of it fails too says nothing more.
		_ = l.Close()
		return nil, nil, err
	}
	return c, l, nil
}

// greet speaks with the server as far as its extensions, over TLS.
func (b *mailbox) greet(ctx context.Context, l *line) (c *smtp.Client, err error) {
	if b.smtp.start {
		c, err = smtp.NewClientStartTLS(l, b.secure(b.smtp))
	} else {
		secure := tls.Client(l, b.secure(b.smtp))
		if err = secure.HandshakeContext(ctx); err == nil {
			c = smtp.NewClient(secure)
		}
	}
	if err == nil {
		err = c.Hello(helo)
	}
	if untrusted(err) && ctx.Err() == nil {
		return nil, fmt.Errorf("mail: %s: %w: %w", b.smtp.host, err, &lastword.Mistake{Key: "connector.mail.error.tls", Kind: lastword.ErrDenied})
	}
	return c, b.refused(ctx, "connect", err)
}

// prove signs in. A server of an own network that offers no way to may know us
// by our address; if it does not, it refuses the mail.
func (b *mailbox) prove(ctx context.Context, c *smtp.Client) error {
	offered, list := c.Extension("AUTH")
	has := func(name string) bool {
		for word := range strings.FieldsSeq(list) {
			if strings.EqualFold(word, name) {
				return true
			}
		}
		return false
	}
	mechanism, err := b.mechanism(ctx, b.smtp, has)
	switch {
	case err != nil || !offered:
		return err
	case mechanism == nil:
		return fmt.Errorf("mail: %s: it takes no password: %w", b.smtp.host, lastword.ErrDenied)
	}
	err = c.Auth(mechanism)
	if err != nil && ctx.Err() == nil && refusedToken(mechanism, err) {
		return fmt.Errorf("mail: %s: sign in: %w: %w", b.smtp.host, err, lastword.ErrDenied)
	}
	return b.refused(ctx, "auth", err)
}

// refused gives a server's answer its kind, by its codes (RFC 5321 §4.2.1, RFC
// 3463): 4yz passes, 5yz does not.
func (b *mailbox) refused(ctx context.Context, at string, err error) error {
	var no *smtp.SMTPError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &no) || no.Code/100 == 4:
		return fmt.Errorf("mail: %s: %s: %w: %w", b.smtp.host, at, err, lastword.ErrUnavailable)
	case at == "auth", at == "connect", at == "from", needsAct(no):
		return fmt.Errorf("mail: %s: %s: %w: %w", b.smtp.host, at, err, lastword.ErrDenied)
	case at == "to" && no.EnhancedCode[1] != 7:
		return recipientGone(err)
	}
	return refusedText(err)
}

// needsAct reports whether the server wants us to sign in, or in another way
// (RFC 4954 §6).
func needsAct(no *smtp.SMTPError) bool {
	return no.Code == 530 || no.Code == 534 || no.Code == 535 || no.Code == 538
}
