package appstore_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	stdpem "encoding/pem"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lastword/listen"
	"lastword/listen/appstore"
	"lastword/listen/listentest"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// A shop is Apple, in the shape of its documentation. It proves every token.
type shop struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	pem     string
	mu      sync.Mutex
	answers map[string]func(r *http.Request, body []byte) (int, string) // by method, host and path
	asked   []string
	later   time.Duration // by which the shop's clock is ahead of now
}

// skew sets the shop's clock.
func (s *shop) skew(d time.Duration) { s.mu.Lock(); s.later = d; s.mu.Unlock() }

func newShop(t *testing.T) *shop {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, key: key, answers: map[string]func(*http.Request, []byte) (int, string){},
		pem: string(stdpem.EncodeToMemory(&stdpem.Block{Type: "PRIVATE KEY", Bytes: der}))}
	s.says("GET api.appstoreconnect.apple.com/v1/apps/123456789/customerReviews", recorded(t, "reviews"))
	s.says("GET itunes.apple.com/de/rss/customerreviews/page=1/id=123456789/sortby=mostrecent/json", recorded(t, "feed"))
	return s
}

func recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (s *shop) on(name string, f func(*http.Request, []byte) (int, string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[name] = f
}

func (s *shop) says(name, body string) {
	s.on(name, func(*http.Request, []byte) (int, string) { return 200, body })
}

func (s *shop) refuses(name string, status int, code string) {
	s.on(name, func(*http.Request, []byte) (int, string) {
		return status, `{"errors":[{"id":"x","status":"` + http.StatusText(status) + `","code":"` + code + `","title":"as the test wants","detail":""}]}`
	})
}

func (s *shop) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	name := r.Method + " " + r.URL.Host + r.URL.Path
	s.asked = append(s.asked, name)
	answer := s.answers[name]
	s.mu.Unlock()
	if err := s.prove(r); err != nil {
		s.t.Errorf("%s: %v", name, err)
	}
	status, said := 404, `{"errors":[{"status":"404","code":"NOT_FOUND"}]}`
	if answer != nil {
		status, said = answer(r, body)
	}
	h := http.Header{}
	if status == 429 {
		h.Set("Retry-After", "77")
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(said)), Request: r, ProtoMajor: 1}, nil
}

// prove checks a token as "Generating Tokens for API Requests" wants it, and that
// none goes elsewhere.
func (s *shop) prove(r *http.Request) error {
	token, has := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.URL.Host != "api.appstoreconnect.apple.com" {
		if has {
			return errors.New("a token goes elsewhere")
		}
		return nil
	}
	s.mu.Lock()
	now := now.Add(s.later)
	s.mu.Unlock()
	claims := jwt.MapClaims{}
	t, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return &s.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience("appstoreconnect-v1"), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithExpirationRequired())
	if err != nil {
		return err
	}
	end, err := claims.GetExpirationTime()
	if err != nil || end.Sub(now) > 20*time.Minute || t.Header["kid"] != "KEY1" || claims["iss"] != "issuer" && claims["sub"] != "user" {
		return errors.New("a token that Apple would refuse")
	}
	return nil
}

func (s *shop) open(more ...string) (listen.Source, map[string]int) {
	s.t.Helper()
	settings := map[string]string{"app": "https://apps.apple.com/de/app/schuhe/id123456789?l=de", "country": "de", "issuer": "issuer", "keyid": "KEY1", "key": s.pem}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	host, drops, _ := listentest.Host(&http.Client{Transport: s}, now)
	src, err := appstore.New().Open(listen.Account{Channel: 1, Settings: settings}, host)
	if err != nil {
		s.t.Fatal(err)
	}
	return src, drops
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
