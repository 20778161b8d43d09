package listen

import (
	"net/http"
	"sync"
	"time"
)

// A sunset notes when the interface that a channel asks will be no more: the place
// says so with each answer, weeks before (RFC 8594, the Sunset header).
type sunset struct {
	next http.RoundTripper

	mu sync.Mutex
	at time.Time
}

// watching returns a client like c whose answers are watched.
func (s *sunset) watching(c *http.Client) *http.Client {
	s.next = c.Transport
	if s.next == nil {
		s.next = http.DefaultTransport
	}
	watched := *c
	watched.Transport = s
	return &watched
}

// RoundTrip implements http.RoundTripper.
func (s *sunset) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err == nil {
		if at, bad := http.ParseTime(resp.Header.Get("Sunset")); bad == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.at.IsZero() || at.Before(s.at) {
				s.at = at
			}
		}
	}
	return resp, err
}

// ends is the earliest of what the answers of this run said and what the connector
// knows of the version that it speaks; zero where neither says anything.
func (s *sunset) ends(info Info) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.IsZero() || !info.Ends.IsZero() && info.Ends.Before(s.at) {
		return info.Ends
	}
	return s.at
}
