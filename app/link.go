package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"lastword"
	"lastword/store"
)

// firstLink is how long the link that makes the first director holds. A new one
// is printed at every start until somebody used one.
const firstLink = 24 * time.Hour

// invite makes the company and a link for its first director where there is
// nobody yet, and returns the link's address.
func invite(ctx context.Context, db *store.DB, c Config) (address string, err error) {
	all, err := db.Companies(ctx)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		fresh, err := db.AddCompany(ctx, lastword.Company{Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10, Public: c.Public})
		if err != nil {
			return "", err
		}
		all = append(all, fresh)
	}
	for _, company := range all {
		members, err := db.Members(ctx, company.ID)
		if err != nil {
			return "", err
		}
		if len(members) == 0 {
			return newLink(ctx, db, c, company.ID, 0, firstLink)
		}
	}
	return "", nil
}

// newLink makes a one-time link and returns its address.
func newLink(ctx context.Context, db *store.DB, c Config, company, member int64, lasts time.Duration) (string, error) {
	b := make([]byte, 18)
	_, _ = rand.Read(b) // crypto/rand.Read never fails (Go 1.24)
	secret := base64.RawURLEncoding.EncodeToString(b)
	err := db.NewLink(ctx, company, member, secret, time.Now().Add(lasts))
	return c.address() + "/start/" + secret, err
}

// address is where this server is reached by the people who work with it.
func (c Config) address() string {
	if c.Public != "" {
		return strings.TrimSuffix(c.Public, "/")
	}
	return "http://" + c.Listen
}

// SignInLink returns the address of a one-time link that signs a member in: by
// name or e-mail, or the first director where who is empty.
func SignInLink(ctx context.Context, db *store.DB, c Config, company int64, who string, lasts time.Duration) (string, error) {
	members, err := db.Members(ctx, company)
	if err != nil {
		return "", err
	}
	if len(members) == 0 && who == "" {
		return newLink(ctx, db, c, company, 0, lasts)
	}
	var names []string
	for _, m := range members {
		if !m.Left.IsZero() {
			continue
		}
		names = append(names, m.Name)
		if who == m.Name || who != "" && who == m.Email || who == "" && m.Role == lastword.Director {
			return newLink(ctx, db, c, company, m.ID, lasts)
		}
	}
	if len(names) == 0 {
		return "", errors.New("nobody works in this company any more")
	}
	return "", fmt.Errorf("nobody here is called %q; say one of: %s", who, strings.Join(names, ", "))
}
