package listen

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"time"

	"lastword"
)

// signWithin is how long a place may take while somebody signs in there.
const signWithin = 20 * time.Second

// Authorize begins signing in at the place of a channel, which needs its secrets
// and no id; see Authorizer. The address is one of the web.
func (p *Places) Authorize(ctx context.Context, c lastword.Channel, redirect, state string) (address string, kept map[string]string, err error) {
	ctx, cancel := context.WithTimeout(ctx, signWithin)
	defer cancel()
	by, err := p.authorizer(c)
	if err != nil {
		return "", nil, err
	}
	address, kept, err = by.Authorize(ctx, p.account(c), p.host(c), redirect, state)
	if err != nil {
		return "", nil, fmt.Errorf("listen: sign in at %s: %w", c.Connector, err)
	}
	at, err := url.Parse(address) // some of it is what the place says
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Hostname() == "" || at.User != nil {
		return "", nil, fmt.Errorf("listen: %s signs people in at no address of the web: %w", c.Connector, lastword.ErrUnavailable)
	}
	return at.String(), kept, nil
}

// Exchange ends signing in with what the place sent the person back with, and
// returns what is to be kept of it: settings, and secrets.
func (p *Places) Exchange(ctx context.Context, c lastword.Channel, begun lastword.SigningIn, answer url.Values) (settings, secrets map[string]string, err error) {
	ctx, cancel := context.WithTimeout(ctx, signWithin)
	defer cancel()
	by, err := p.authorizer(c)
	if err != nil {
		return nil, nil, err
	}
	got, err := by.Exchange(ctx, p.account(c), p.host(c), begun.Redirect, begun.Kept, answer)
	if err != nil {
		return nil, nil, fmt.Errorf("listen: signed in at %s: %w", c.Connector, err)
	}
	settings, secrets = map[string]string{}, maps.Clone(got)
	for _, f := range by.Info().Fields {
		if value, there := got[f.Name]; there && !f.Secret {
			settings[f.Name] = value
			delete(secrets, f.Name)
		}
	}
	return settings, secrets, nil
}

// An authorizer is a Connector at whose place people sign in.
type authorizer interface {
	Connector
	Authorizer
}

func (p *Places) authorizer(c lastword.Channel) (authorizer, error) {
	by, ok := connector(p.Connectors, c.Connector).(authorizer)
	if !ok {
		return nil, fmt.Errorf("listen: nobody signs in at %q: %w", c.Connector, lastword.ErrNotFound)
	}
	return by, nil
}

func (p *Places) account(c lastword.Channel) Account {
	settings := map[string]string{}
	maps.Copy(settings, c.Settings)
	maps.Copy(settings, c.Secrets)
	acct := Account{Channel: c.ID, Settings: settings}
	if p.Hook != nil {
		acct.Hook = p.Hook(c.ID)
	}
	return acct
}
