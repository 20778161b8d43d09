package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-message/charset"
	"github.com/emersion/go-sasl"

	"lastword"
	"lastword/listen"
)

// A session is one IMAP connection, signed in.
type session struct {
	*imapclient.Client
	box  *mailbox
	line *line
	caps imap.CapSet
	news chan struct{} // something changed in the open folder
}

// signIn connects and signs in. A token that the server refuses is renewed once.
func (b *mailbox) signIn(ctx context.Context) (*session, error) {
	s, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	err = s.authenticate(ctx)
	if b.oauth.wanted() && errors.Is(err, lastword.ErrDenied) && b.tokens.spent() {
		s.leave()
		if s, err = b.connect(ctx); err != nil {
			return nil, err
		}
		err = s.authenticate(ctx)
	}
	if err != nil {
		s.leave()
		return nil, err
	}
	s.line.allow(budget)
	s.caps = s.Caps()
	return s, nil
}

// connect speaks with the server as far as its capabilities.
func (b *mailbox) connect(ctx context.Context) (*session, error) {
	l, err := b.dial(ctx, b.imap)
	if err != nil {
		return nil, err
	}
	s := &session{box: b, line: l, news: make(chan struct{}, 1)}
	options := &imapclient.Options{
		TLSConfig:             b.secure(b.imap),
		WordDecoder:           &mime.WordDecoder{CharsetReader: charset.Reader},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: s.heard},
	}
	if b.imap.start {
		s.Client, err = imapclient.NewStartTLS(l, options)
	} else {
		secure := tls.Client(l, b.secure(b.imap))
		if err = secure.HandshakeContext(ctx); err == nil {
			s.Client = imapclient.New(secure, options)
			err = s.WaitGreeting()
		}
	}
	if err != nil {
		// What failed is told; that the rest of it fails too says nothing more.
		_ = l.Close()
		return nil, s.failed(ctx, "connect", err)
	}
	if s.caps = s.Caps(); s.caps == nil {
		s.leave()
		return nil, s.failed(ctx, "capability", errors.New("no answer"))
	}
	return s, nil
}

// heard is called by the reader of the connection and must not wait.
func (s *session) heard(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case s.news <- struct{}{}:
	default: // it will look anyway
	}
}

func (s *session) authenticate(ctx context.Context) error {
	s.line.allow(budget)
	mechanism, err := s.box.mechanism(ctx, s.box.imap, func(name string) bool { return s.caps.Has(imap.AuthCap(name)) })
	switch {
	case err != nil:
		return err
	case mechanism != nil:
		err = s.Authenticate(mechanism)
	case s.caps.Has(imap.CapLoginDisabled):
		return s.box.errorf(lastword.ErrDenied, "it takes no password")
	default:
		err = s.Login(s.box.user, s.box.password).Wait()
	}
	var no *imap.Error
	refused := errors.As(err, &no) && no.Type == imap.StatusResponseTypeNo && !passing(no.Code)
	if err != nil && ctx.Err() == nil && (refused || refusedToken(mechanism, err)) {
		return s.box.errorf(lastword.ErrDenied, "sign in: %s", err)
	}
	return s.failed(ctx, "sign in", err)
}

// mechanism is how to sign in at a server that offers what has reports; nil where
// it offers nothing that we speak.
func (b *mailbox) mechanism(ctx context.Context, to server, has func(string) bool) (sasl.Client, error) {
	if b.oauth.wanted() {
		token, err := b.tokens.access(ctx)
		if err != nil {
			return nil, err
		}
		if has(xoauth2Name) || !has(sasl.OAuthBearer) {
			return &xoauth2{user: b.user, token: token}, nil
		}
		return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: b.user, Token: token, Host: to.host}), nil
	}
	switch {
	case has(sasl.Plain):
		return sasl.NewPlainClient("", b.user, b.password), nil
	case has(sasl.Login):
		return sasl.NewLoginClient(b.user, b.password), nil
	}
	return nil, nil
}

// passing reports whether a refusal may pass by itself (RFC 5530 §3).
func passing(code imap.ResponseCode) bool {
	switch code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug:
		return true
	}
	return false
}

// tooMany is how long we stay away where others hold all connections.
const tooMany = 10 * time.Minute

// failed gives an error its kind by its code, never by its text.
func (s *session) failed(ctx context.Context, doing string, err error) error {
	var no *imap.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case untrusted(err):
		return fmt.Errorf("mail: %s: %s: %w: %w", s.box.imap.host, doing, err, &lastword.Mistake{Key: "connector.mail.error.tls", Kind: lastword.ErrDenied})
	case !errors.As(err, &no):
		return s.box.errorf(lastword.ErrUnavailable, "%s: %s", doing, err)
	}
	err = s.box.errorf(lastword.ErrUnavailable, "%s: %s", doing, err)
	switch no.Code {
	case imap.ResponseCodeLimit, imap.ResponseCodeInUse:
		return &listen.RetryAfter{Wait: tooMany, Err: err}
	case imap.ResponseCodeNoPerm, imap.ResponseCodeAuthorizationFailed, imap.ResponseCodePrivacyRequired,
		imap.ResponseCodeExpired, imap.ResponseCodeContactAdmin, imap.ResponseCodeAuthenticationFailed:
		return s.box.errorf(lastword.ErrDenied, "%s: %s", doing, no)
	}
	return err
}

// leave ends the session. The goodbye may fail where the connection did.
func (s *session) leave() {
	s.line.rest(2 * time.Second)
	if s.State() != imap.ConnStateLogout {
		_ = s.Logout().Wait()
	}
	_ = s.Close()
	_ = s.line.Close()
}

// open opens a folder to read only. A folder that is not there is a mistake in
// the settings.
func (s *session) open(ctx context.Context, folder string) (*imap.SelectData, error) {
	s.line.allow(budget)
	data, err := s.Select(folder, &imap.SelectOptions{ReadOnly: true, CondStore: s.caps.Has(imap.CapCondStore)}).Wait()
	var no *imap.Error
	if errors.As(err, &no) && no.Type == imap.StatusResponseTypeNo && !passing(no.Code) {
		return nil, fmt.Errorf("mail: %s: folder %q: %w: %w", s.box.imap.host, folder, no, wrong("folders", "folder"))
	}
	return data, s.failed(ctx, "open folder", err)
}
