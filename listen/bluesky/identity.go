package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"lastword"
)

// maxDocument bounds a DID document, in bytes.
const maxDocument = 1 << 20

// A resolver finds accounts.
type resolver struct {
	client    client
	directory string // https://host of the PLC directory
	appview   string // https://host that resolves handles for everyone
}

// handle returns the DID of a handle. It returns an error that wraps
// lastword.ErrInvalid where there is none.
func (r resolver) handle(ctx context.Context, handle string) (string, error) {
	return resolveHandle(ctx, func(k call, out any) error {
		k.base = r.appview
		_, err := r.client.do(ctx, k, out)
		return err
	}, handle)
}

func resolveHandle(ctx context.Context, do func(call, any) error, handle string) (string, error) {
	var got struct{ DID string }
	err := do(call{nsid: "com.atproto.identity.resolveHandle", query: url.Values{"handle": {handle}}}, &got)
	if err != nil {
		return "", err
	}
	if !isDID(got.DID) {
		return "", fmt.Errorf("bluesky: handle %s: %w", handle, errors.Join(lastword.ErrInvalid, errSyntax))
	}
	return got.DID, ctx.Err()
}

// A document is what we read of a DID document.
type document struct {
	Service []struct {
		ID              string          `json:"id"`
		Type            string          `json:"type"`
		ServiceEndpoint json.RawMessage `json:"serviceEndpoint"`
	} `json:"service"`
}

// service returns the address of the PDS that holds the account.
// It returns lastword.ErrGone where the account is no more.
func (r resolver) service(ctx context.Context, did string) (string, error) {
	at, err := r.place(did)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return "", fmt.Errorf("bluesky: %s: %w", clip(did), errors.Join(lastword.ErrInvalid, err))
	}
	resp, err := r.client.http.Do(req)
	if err != nil {
		return "", fmt.Errorf("bluesky: document of %s: %w", clip(did), unreachable(ctx, err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	switch {
	case err != nil:
		return "", fmt.Errorf("bluesky: document of %s: %w", clip(did), unreachable(ctx, err))
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return "", fmt.Errorf("bluesky: %s: %w", clip(did), lastword.ErrGone)
	case resp.StatusCode != http.StatusOK:
		return "", fmt.Errorf("bluesky: document of %s: status %d: %w", clip(did), resp.StatusCode, lastword.ErrUnavailable)
	}
	return r.endpoint(did, body)
}

// place returns where the document of a DID lies: did:plc in the directory,
// did:web on its host (AT Protocol, "Blessed DID Methods").
func (r resolver) place(did string) (string, error) {
	method, id, _ := strings.Cut(strings.TrimPrefix(did, "did:"), ":")
	switch {
	case method == "plc":
		return r.directory + "/" + did, nil
	case method == "web" && isHandle(id):
		return "https://" + id + "/.well-known/did.json", nil
	}
	return "", fmt.Errorf("bluesky: DID method of %s: %w", clip(did), errors.Join(lastword.ErrInvalid, errSyntax))
}

func (r resolver) endpoint(did string, body []byte) (string, error) {
	var doc document
	if err := json.Unmarshal(body, &doc); err != nil {
		return "", fmt.Errorf("bluesky: document of %s: %w", clip(did), errors.Join(lastword.ErrUnavailable, err))
	}
	for _, s := range doc.Service {
		var at string
		if !strings.HasSuffix(s.ID, "#atproto_pds") || s.Type != "AtprotoPersonalDataServer" {
			continue
		}
		if json.Unmarshal(s.ServiceEndpoint, &at) != nil {
			continue
		}
		if base, err := baseURL(at, r.plain()); err == nil {
			return base, nil
		}
	}
	return "", fmt.Errorf("bluesky: %s names no service: %w", clip(did), lastword.ErrGone)
}

// plain reports whether addresses without TLS are good: only where the
// operator's own directory has none, as in a test network.
func (r resolver) plain() bool { return strings.HasPrefix(r.directory, "http://") }

// baseURL checks the address of a server and returns it as scheme://host.
func baseURL(s string, plain bool) (string, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", errSyntax
	}
	switch u.Scheme {
	case "wss":
		u.Scheme = "https"
	case "ws":
		u.Scheme = "http"
	}
	ok := u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && strings.Trim(u.Path, "/") == ""
	if !ok || u.Scheme != "https" && (u.Scheme != "http" || !plain) {
		return "", errSyntax
	}
	return u.Scheme + "://" + u.Host, nil
}
