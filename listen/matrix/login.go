package matrix

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"lastword"
)

// What is kept between runs among the secrets.
const (
	keptToken   = "accesstoken"
	keptRefresh = "refreshtoken"
)

// signedIn returns the token of the account, and signs in where there is none.
func (s *source) signedIn(ctx context.Context) (string, error) {
	s.mu.Lock()
	token := s.token
	s.mu.Unlock()
	if token != "" {
		return token, nil
	}
	return s.renew(ctx, "", nil)
}

// renew returns another token than the one that is not taken any more: one that
// another run of the account was given meanwhile, one for the refresh token
// ("Refreshing access tokens"), or one for the password. Where there is nothing of
// it, refused is why.
func (s *source) renew(ctx context.Context, old string, refused error) (string, error) {
	if s.host.Kept != nil {
		kept, err := s.host.Kept(ctx)
		if err != nil {
			return "", fmt.Errorf("matrix: read tokens: %w", err)
		}
		if kept[keptToken] != "" && kept[keptToken] != old {
			s.take(session{Token: kept[keptToken], Refresh: kept[keptRefresh]})
			return kept[keptToken], nil
		}
	}
	s.mu.Lock()
	refresh := s.refresh
	s.mu.Unlock()
	if refresh != "" {
		got, err := s.enter(ctx, "/refresh", map[string]any{"refresh_token": refresh})
		if err == nil || !is(err, "M_UNKNOWN_TOKEN", "M_FORBIDDEN") {
			return got.Token, err
		}
	}
	if strings.TrimSpace(s.password) == "" {
		return "", refused
	}
	got, err := s.enter(ctx, "/login", map[string]any{
		"type": "m.login.password", "identifier": map[string]string{"type": "m.id.user", "user": s.user}, "password": s.password,
		"device_id": "LASTWORD" + strconv.FormatInt(s.channel, 10), "initial_device_display_name": "Lastword", "refresh_token": true,
	})
	if is(err, "M_FORBIDDEN") {
		return "", fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.matrix.error.login", Field: fieldPassword, Kind: lastword.ErrDenied})
	}
	return got.Token, err
}

// A session is what a server gives to who signs in.
type session struct {
	User    string `json:"user_id"`
	Token   string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// enter gets a token, and keeps it before it is used.
func (s *source) enter(ctx context.Context, path string, body map[string]any) (session, error) {
	var got session
	if err := s.send(ctx, request{method: http.MethodPost, path: v3 + path, body: body}, "", &got); err != nil {
		return session{}, err
	}
	switch {
	case got.Token == "":
		return session{}, fmt.Errorf("matrix: signed in without a token: %w", lastword.ErrUnavailable)
	case got.User != "" && got.User != s.user:
		return session{}, mistake(fieldUser, "another")
	case got.Refresh == "" && path == "/refresh": // the old one goes on being good
		got.Refresh, _ = body["refresh_token"].(string)
	}
	if s.host.Keep != nil && s.channel != 0 {
		if err := s.host.Keep(ctx, map[string]string{keptToken: got.Token, keptRefresh: got.Refresh}); err != nil {
			return session{}, fmt.Errorf("matrix: keep the token: %w", err)
		}
	}
	s.take(got)
	return got, nil
}

func (s *source) take(got session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.refresh = got.Token, got.Refresh
}
