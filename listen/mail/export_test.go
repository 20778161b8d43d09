package mail

import "crypto/x509"

// Trusting returns a connector that trusts servers whose certificate those roots
// signed.
func Trusting(roots *x509.CertPool) *Connector { return &Connector{roots: roots} }
