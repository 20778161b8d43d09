package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/httpx"
)

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestDoAsksAndReads(t *testing.T) {
	t.Parallel()
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Total", "7")
		_, _ = io.WriteString(w, `{"Said":"`+strings.Join([]string{r.Method, r.URL.RawQuery, r.Header.Get("Content-Type"), r.Header.Get("X-Key")}, " ")+`","Body":`+string(body)+`}`)
	})
	var got struct {
		Said string
		Body any
	}
	h, err := api.Do(t.Context(), http.DefaultClient, api.Request{URL: at + "/a?b=1", Query: url.Values{"c": {"ä"}}, JSON: []int{1},
		Header: http.Header{"x-key": {"k"}}}, &got)
	if err != nil || h.Get("X-Total") != "7" || got.Said != "POST b=1&c=%C3%A4 application/json k" {
		t.Errorf("got %+v, %v, %v", got, h, err)
	}
}

func TestDoFails(t *testing.T) {
	t.Parallel()
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			_, _ = io.WriteString(w, "<html>maintenance")
		case "/half":
			_, _ = io.WriteString(w, `{"A":[1,`)
		case "/wrong":
			_, _ = io.WriteString(w, `{"A":"text of a stranger"}`)
		case "/huge":
			_, _ = io.WriteString(w, `"`+strings.Repeat("x", api.MaxAnswer)+`"`)
		case "/none":
			w.WriteHeader(http.StatusNotModified)
		case "/busy":
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"code":"slow"}`)
		}
	})
	var out struct{ A []int }
	for path, want := range map[string][]error{
		"/page?token=abc": {api.ErrMalformed, lastword.ErrUnavailable}, "/half": {api.ErrMalformed}, "/wrong": {api.ErrMalformed},
		"/none": {api.ErrMalformed}, "/huge": {httpx.ErrTooLarge, lastword.ErrInvalid}, "/busy": {lastword.ErrUnavailable},
	} {
		_, err := api.Do(t.Context(), http.DefaultClient, api.Request{URL: at + path}, &out)
		for _, w := range want {
			if !errors.Is(err, w) {
				t.Errorf("%s: %v, want %v", path, err, w)
			}
		}
		if err != nil && (strings.Contains(err.Error(), "abc") || strings.Contains(err.Error(), "stranger")) {
			t.Errorf("%s: the error says too much: %v", path, err)
		}
		if body, status, refused := api.Refusal(err); (path == "/busy") != refused || refused && (status != 429 || string(body) != `{"code":"slow"}`) {
			t.Errorf("%s: refusal %q %d %v", path, body, status, refused)
		}
		if wait, ok := httpx.RetryAfter(err); path == "/busy" && (!ok || wait != 17*time.Second) {
			t.Errorf("wait %v %v", wait, ok)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := api.Do(ended, http.DefaultClient, api.Request{URL: at}, nil); !errors.Is(err, context.Canceled) || errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("an ended context: %v", err)
	}
	if _, err := api.Do(t.Context(), http.DefaultClient, api.Request{URL: "http://[x"}, nil); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("no address: %v", err)
	}
}
