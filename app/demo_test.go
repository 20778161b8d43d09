package app

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"lastword"
)

// TestDemo opens the throw-away company as a visitor does: by the link on the
// first line, twice, and finds a company at work.
func TestDemo(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- Demo(ctx, "127.0.0.1:0", in) }()
	lines := bufio.NewReader(out)
	link, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // what follows is for people
	for range 2 {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		visitor := &http.Client{Jar: jar, Timeout: time.Minute}
		resp, err := visitor.Get(strings.TrimSpace(link))
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(page), "Ahlenbach") {
			t.Errorf("the link leads to %s, %v", resp.Status, err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("the demo ended with %v", err)
	}
}

// TestDemoCompany looks at what the demo has made of its posts.
func TestDemoCompany(t *testing.T) {
	t.Parallel()
	p, err := setUpDemo(t.Context(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Log: "error"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	n, err := p.DB.CountVoices(t.Context(), p.company.ID, lastword.VoiceFilter{}, 10_000)
	if err != nil || n < 450 {
		t.Errorf("%d voices, %v", n, err)
	}
	decided, err := p.DB.Decisions(t.Context(), p.company.ID, 0, 10)
	if err != nil || len(decided) == 0 {
		t.Errorf("%d decisions, %v", len(decided), err)
	}
	themes, err := p.DB.Themes(t.Context(), p.company.ID, lastword.ThemeFilter{Limit: 100})
	if err != nil || len(themes) < 10 {
		t.Errorf("%d themes, %v", len(themes), err)
	}
	if _, _, err := p.DB.VerifyAudit(t.Context(), p.company.ID); err != nil {
		t.Error(err)
	}
}
