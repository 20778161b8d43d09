package mail_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/testserver"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/mail"
)

func openServer(t *testing.T, m *testserver.Mail, client *http.Client, settings map[string]string) (listen.Source, *map[string]string) {
	t.Helper()
	kept := map[string]string{}
	host, _, _ := listentest.Host(client, time.Now())
	host.Now, host.Dial = time.Now, new(net.Dialer).DialContext
	host.Keep = func(_ context.Context, secrets map[string]string) error {
		for k, v := range secrets {
			kept[k] = v
		}
		return nil
	}
	src, err := mail.Trusting(m.Roots).Open(listen.Account{Settings: settings}, host)
	if err != nil {
		t.Fatal(err)
	}
	return src, &kept
}

func serverSettings(m *testserver.Mail, address string) map[string]string {
	return map[string]string{"address": address, "sender": "Schuhhaus", "password": m.Password, "imap": "tls://" + m.IMAPS, "smtp": "tls://" + m.Submissions}
}

const fromEva = "From: Eva <eva@post.example>\r\nTo: laden@schuhe.example\r\nSubject: =?utf-8?Q?Gr=C3=B6=C3=9Fe?=\r\n" +
	"Message-ID: <q1@post.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n\r\nGibt es die auch in 38?\r\n-- \r\nEva\r\n"

// TestServerMailCircle: a customer writes, the mailbox hears it while it waits,
// the answer reaches the customer in the thread, and their thanks are heard.
func TestServerMailCircle(t *testing.T) {
	t.Parallel()
	m := testserver.MailServer(t, testserver.MailOptions{})
	laden, _ := openServer(t, m, nil, serverSettings(m, ours))
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	m.Deliver(t, "eva@post.example", ours, strings.ReplaceAll(strings.ReplaceAll(fromEva, "q1", "q0"), "38", "37"))
	var posts []lastword.Post
	var delivered time.Time
	err := laden.(listen.Streamer).Stream(ctx, "", func(_ context.Context, events []lastword.Event, _ string) error {
		for _, e := range events {
			posts = append(posts, e.Post)
		}
		switch {
		case len(posts) == 1 && delivered.IsZero():
			delivered = time.Now()
			m.Deliver(t, "eva@post.example", ours, fromEva)
		case len(posts) == 2:
			stop()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(posts) != 2 {
		t.Fatalf("heard %+v, %v\n%s", posts, err, m.Log())
	}
	t.Logf("heard %s after it was sent", time.Since(delivered).Round(time.Millisecond))
	to := posts[1]
	if to.Key != "q1@post.example" || to.Title != "Größe" || to.Text != "Gibt es die auch in 38?" {
		t.Errorf("heard %+v", to)
	}
	replies := laden.(listen.Replier)
	receipt, err := replies.Reply(t.Context(), to, answer)
	if err != nil {
		t.Fatalf("%v\n%s", err, m.Log())
	}
	if got, found, err := replies.Find(t.Context(), to, answer.Key); !found || err != nil || got != receipt {
		t.Errorf("Find: %+v, %v, %v", got, found, err)
	}
	if _, found, err := replies.Find(t.Context(), to, "1"); found || err != nil {
		t.Errorf("another is found: %v, %v", found, err)
	}
	eva, _ := openServer(t, m, nil, map[string]string{"address": "eva@post.example", "password": m.Password, "imap": "starttls://" + m.IMAP})
	got := await(t, eva, 1)[0]
	if got.Key != receipt.Key || got.Parent != "q1@post.example" || got.Root != "q1@post.example" || got.Text != answer.Text || got.Title != "Re: Größe" || got.Author.Name != "Schuhhaus" {
		t.Errorf("the customer reads %+v", got)
	}
	sent, _ := openServer(t, m, nil, merged(serverSettings(m, ours), "folders", "Gesendet"))
	if copy := await(t, sent, 1)[0]; !copy.Own || copy.Key != receipt.Key || copy.Parent != to.Key {
		t.Errorf("in the folder of sent mails lies %+v", copy)
	}
}

func merged(m map[string]string, more ...string) map[string]string {
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

// await polls until n voices are there.
func await(t *testing.T, src listen.Source, n int) (posts []lastword.Post) {
	t.Helper()
	cursor := ""
	for limit := time.Now().Add(2 * time.Minute); len(posts) < n; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("only %d of %d came", len(posts), n)
		}
		heard, next := poll(t, src, cursor)
		cursor = next
		for _, e := range heard.Events() {
			posts = append(posts, e.Post)
		}
	}
	return posts
}

func TestServerMailRefusals(t *testing.T) {
	t.Parallel()
	m := testserver.MailServer(t, testserver.MailOptions{})
	wrong, _ := openServer(t, m, nil, merged(serverSettings(m, ours), "password", "falsch"))
	if err := wrong.Poll(t.Context(), "", new(listentest.Heard).Hear); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("a wrong password: %v", err)
	}
	to := lastword.Post{Network: "mail", Key: "x@y", Ref: `{"to":"eva@post.example"}`}
	if _, err := wrong.(listen.Replier).Reply(t.Context(), to, answer); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("a wrong password, sending: %v", err)
	}
	laden, _ := openServer(t, m, nil, merged(serverSettings(m, ours), "smtp", "starttls://"+m.Submission))
	abilities, err := laden.(listen.Checker).Check(t.Context())
	if err != nil || !abilities[1].Can || !abilities[2].Can {
		t.Errorf("Check: %+v, %v", abilities, err)
	}
	to.Ref = `{"to":"eva@nowhere.example"}`
	var mistake *lastword.Mistake
	if _, err := laden.(listen.Replier).Reply(t.Context(), to, answer); !errors.As(err, &mistake) || mistake.Key != "why.mail_recipient" {
		t.Errorf("a person who is not there: %v", err)
	}
	nowhere, _ := openServer(t, m, nil, merged(serverSettings(m, ours), "folders", "INBOX,Nirgends"))
	if err := nowhere.Poll(t.Context(), "", new(listentest.Heard).Hear); !errors.As(err, &mistake) || mistake.Key != "connector.mail.error.folder" {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestServerMailToken signs in by OAuth 2.0, for hearing and for sending.
func TestServerMailToken(t *testing.T) {
	t.Parallel()
	info := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != "access-1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"email": ours})
	}))
	t.Cleanup(info.Close)
	m := testserver.MailServer(t, testserver.MailOptions{TokenInfo: info.URL + "/?token="})
	i := &issuer{kept: "refresh-0"}
	set := merged(serverSettings(m, ours), "provider", "google", "clientid", "app", "refreshtoken", "refresh-0", "password", "")
	laden, kept := openServer(t, m, i.client(t), set)
	m.Deliver(t, "eva@post.example", ours, fromEva)
	to := await(t, laden, 1)[0]
	if _, err := laden.(listen.Replier).Reply(t.Context(), to, answer); err != nil {
		t.Fatalf("%v\n%s", err, m.Log())
	}
	if (*kept)["refreshtoken"] != "refresh-1" || len(i.asked) != 1 {
		t.Errorf("kept %v after %d questions", *kept, len(i.asked))
	}
	i.mu.Lock()
	i.n = 7 // the next token is one that the server does not know
	i.mu.Unlock()
	other, _ := openServer(t, m, i.client(t), merged(set, "refreshtoken", "refresh-1"))
	if err := other.Poll(t.Context(), "", new(listentest.Heard).Hear); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("a token that it does not know: %v", err)
	}
}
