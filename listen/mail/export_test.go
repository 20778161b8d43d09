package mail

import (
	"context"
	"crypto/x509"

	"lastword/listen"
)

// Trusting returns a connector that trusts servers whose certificate those roots
// signed.
func Trusting(roots *x509.CertPool) *Connector { return &Connector{roots: roots} }

// Kept lets a source read the account's secrets anew.
func Kept(src listen.Source, kept func(context.Context) (map[string]string, error)) {
	switch s := src.(type) {
	case *mailbox:
		s.tokens.host.Kept = kept
	case *answering:
		s.tokens.host.Kept = kept
	}
}
