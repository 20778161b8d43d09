// Package mail hears a mailbox and answers from it: IMAP in (RFC 3501, 9051),
// submission out (RFC 6409).
//
// A voice is a mail that a person wrote to the address of the account. Mails of
// programs, lists, bounces and what a filter marked as spam are left out, each
// counted by its reason. Nothing is changed in the mailbox: folders are opened
// to read only, so that nothing is marked as seen; but the copy of an answer is
// put into the folder of sent mails.
//
// That a mail is moved or deleted in the mailbox says nothing of its writer,
// whose it is not to take back: a mailbox brings no edits and no deletions.
//
// # Cursor
//
// For each folder its UIDVALIDITY, and the greatest UID that was heard (RFC 3501
// §2.3.1.1). Where the server counts anew, the folder is read again from a day
// before the last mail that was heard; Message-IDs make that harmless.
//
// # Nobody is answered twice
//
// The Message-ID of an answer follows from the voice and the idempotency key, so
// that Find can ask the folder of sent mails for it (SEARCH HEADER, RFC 3501
// §6.4.4). Between the moment in which the server took the mail and the moment
// in which its copy is there lies an instant that no protocol of mail closes;
// a second attempt then carries the same Message-ID, by which mailboxes know
// doubles.
package mail

import (
	"crypto/x509"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// Name is the connector's name, and that of its network.
const Name = "mail"

// Connector implements listen.Connector and listen.Authorizer.
type Connector struct {
	roots *x509.CertPool // who may sign a server's certificate; nil: whom the machine trusts
}

// New returns the connector of mailboxes.
func New() *Connector { return &Connector{} }

const (
	every = 5 * time.Minute // between two looks into folders that cannot be waited for
	pace  = 2 * time.Second // no mailbox provider takes that for a mass mailing
)

// Info implements listen.Connector.
func (*Connector) Info() listen.Info {
	return listen.Info{
		Name: Name, Network: lastword.Network{Name: Name, Title: "E-Mail", Reply: true},
		Every: every, Pace: pace, Stream: true, All: true, SignIn: listen.SignIn{Offered: true, Enter: true},
		Fields: []listen.Field{
			{Name: "address", Required: true},
			{Name: "sender"},
			{Name: "password", Secret: true},
			{Name: "provider", Door: true},
			{Name: "tenant", Door: true},
			{Name: "clientid", Door: true},
			{Name: "clientsecret", Secret: true, Door: true},
			{Name: "refreshtoken", Secret: true, Seldom: true, Granted: true},
			{Name: "user", Seldom: true},
			{Name: "imap", Seldom: true},
			{Name: "smtp", Seldom: true},
			{Name: "folders", Default: "INBOX"},
			{Name: "own", Seldom: true},
			{Name: "lists", Default: "no"},
			{Name: "back", Default: "30"},
		},
	}
}

// account is what the settings say.
type account struct {
	address string // ours, in lower case
	sender  string // our name
	user    string
	imap    server
	smtp    server // no host: nothing can be sent
	folders []string
	own     map[string]bool // our addresses
	lists   bool            // hear what came through lists
	back    time.Duration

	password string
	oauth    grant
}

// Open implements listen.Connector.
func (c *Connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	a, err := read(acct.Settings)
	if err != nil {
		return nil, err
	}
	box := &mailbox{account: a, host: host, roots: c.roots, tokens: &tokens{grant: a.oauth, host: host}}
	if a.smtp.host == "" {
		return box, nil
	}
	return &answering{box}, nil
}

func read(set map[string]string) (a account, err error) {
	word := func(name string) string { return strings.TrimSpace(set[name]) }
	if a.address, err = address(word("address")); err != nil {
		return a, err
	}
	known := providerOf(a.address, word("provider"))
	a.user, a.sender = word("user"), word("sender")
	if a.user == "" {
		a.user = a.address
	}
	a.password = set["password"]
	if known, err = known.of(word("tenant")); err != nil {
		return a, err
	}
	a.oauth = grant{provider: known, client: word("clientid"), secret: word("clientsecret"), refresh: word("refreshtoken")}
	if a.imap, err = serverOf("imap", word("imap"), known.imap, imapPorts); err != nil {
		return a, err
	}
	if a.smtp, err = serverOf("smtp", word("smtp"), known.smtp, smtpPorts); err != nil {
		return a, err
	}
	if err := a.enough(word("imap") != "", word("provider")); err != nil {
		return a, err
	}
	a.folders = split(word("folders"))
	if len(a.folders) == 0 {
		a.folders = []string{"INBOX"}
	}
	if a.own, err = addresses(a.address, word("own")); err != nil {
		return a, err
	}
	a.lists = truth(word("lists"))
	a.back, err = days(word("back"))
	return a, err
}

// enough reports what is missing to sign in. Who has not signed in at the
// provider yet may be opened: Authorize does that.
func (a account) enough(named bool, provider string) error {
	switch {
	case provider != "" && a.oauth.provider.token == "":
		return wrong("provider", "provider")
	case a.imap.host == "" && !named:
		return wrong("imap", "imap_missing")
	case a.oauth.wanted() && a.oauth.client == "":
		return wrong("clientid", "client_missing")
	case !a.oauth.wanted() && a.password == "":
		return wrong("password", "password_missing")
	}
	return nil
}

func wrong(field, key string) error {
	return &lastword.Mistake{Key: "connector.mail.error." + key, Field: field}
}

// address reads one mail address, in lower case.
func address(s string) (string, error) {
	at, err := mail.ParseAddress(s)
	if err != nil || at.Name != "" || len(s) > 254 || !strings.Contains(at.Address, ".") {
		return "", wrong("address", "address")
	}
	return strings.ToLower(at.Address), nil
}

func addresses(ours, list string) (map[string]bool, error) {
	own := map[string]bool{ours: true}
	for _, s := range split(list) {
		at, err := address(s)
		if err != nil {
			return nil, wrong("own", "own")
		}
		own[at] = true
	}
	return own, nil
}

func split(list string) (words []string) {
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

func truth(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "ja", "true", "1":
		return true
	}
	return false
}

const maxBack = 3650 // days

func days(s string) (time.Duration, error) {
	if s == "" {
		s = "30"
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxBack {
		return 0, wrong("back", "back")
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

// domainOf is what stands behind the at sign.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// mailbox is one opened account. Several goroutines may use it: each call signs
// in by itself.
type mailbox struct {
	account
	host   listen.Host
	roots  *x509.CertPool
	tokens *tokens
}

// answering is a mailbox from which mails can be sent.
type answering struct{ *mailbox }

// errorf names the mailbox's server, and nothing of its credentials.
func (b *mailbox) errorf(kind error, format string, args ...any) error {
	return fmt.Errorf("mail: %s: %s: %w", b.imap.host, fmt.Sprintf(format, args...), kind)
}
