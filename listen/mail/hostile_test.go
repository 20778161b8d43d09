package mail_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/mail"
)

// A stage is an IMAP server that says what it is told to. Say answers a command,
// given without its tag; an empty answer ends the connection.
type stage struct {
	*house
	greeting string
	say      func(tag, command string) string
}

// end ends the connection after an answer.
const end = "\x00end"

const greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE] at your service\r\n"

func (s *stage) start() string {
	l := s.listen()
	var served sync.WaitGroup
	served.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { s.serve(c) })
		}
	})
	s.t.Cleanup(func() {
		if err := l.Close(); err != nil {
			s.t.Log(err)
		}
		served.Wait()
	})
	return l.Addr().String()
}

func (s *stage) serve(c net.Conn) {
	defer c.Close()
	if _, err := c.Write([]byte(s.greeting)); err != nil {
		return
	}
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		tag, command, _ := strings.Cut(lines.Text(), " ")
		said := s.say(tag, command)
		if said == "" {
			return
		}
		said, last := strings.CutSuffix(said, end)
		if _, err := c.Write([]byte(said)); err != nil || last {
			return
		}
	}
}

// usual answers what every server answers alike: one folder with three mails.
func usual(tag, command string) string {
	word, _, _ := strings.Cut(command, " ")
	switch word {
	case "SELECT", "EXAMINE":
		return "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n" + tag + " OK [READ-ONLY] done\r\n"
	case "UID":
		if strings.HasPrefix(command, "UID SEARCH") {
			return "* SEARCH 1 2 3\r\n" + tag + " OK done\r\n"
		}
		return fetched(command) + tag + " OK done\r\n"
	case "LOGOUT":
		return "* BYE\r\n" + tag + " OK\r\n"
	}
	return tag + " OK done\r\n"
}

// fetched are those of the three mails that a command names.
func fetched(command string) (all string) {
	set := strings.Fields(command)[2]
	for uid := 1; uid <= 3; uid++ {
		var from, to int
		if n, _ := fmt.Sscanf(set, "%d:%d", &from, &to); n == 1 {
			to = from
		}
		if from <= uid && uid <= to {
			raw := strings.ReplaceAll(letterNo(uid), "\n", "\r\n")
			all += fmt.Sprintf("* %d FETCH (UID %d FLAGS () INTERNALDATE \"22-Nov-2026 10:0%d:00 +0000\" BODY[]<0> {%d}\r\n%s)\r\n", uid, uid, uid, len(raw), raw)
		}
	}
	return all
}

func (s *stage) source() (listen.Source, map[string]int) {
	return s.open("imap", "tls://"+s.start(), "smtp", "")
}

func newStage(t testing.TB, say func(tag, command string) string) *stage {
	h := &house{t: t}
	h.tls, h.roots = papers(t)
	return &stage{house: h, greeting: greeting, say: say}
}

func TestTheStageIsHeard(t *testing.T) {
	t.Parallel()
	src, drops := newStage(t, usual).source()
	heard, cursor := poll(t, src, "")
	if len(heard.Events()) != 3 || len(drops) != 0 {
		t.Fatalf("heard %+v, dropped %v", heard.Events(), drops)
	}
	if again, _ := poll(t, src, cursor); len(again.Batches) != 0 {
		t.Errorf("then heard %+v", again.Batches)
	}
}

func TestRefusalsAreJudgedByTheirCodes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		greeting, login, open string
		kind                  error
		wait                  time.Duration
	}{
		"password":       {login: "NO [AUTHENTICATIONFAILED] no", kind: lastword.ErrDenied},
		"no code":        {login: "NO the server is unavailable", kind: lastword.ErrDenied},
		"expired":        {login: "NO [EXPIRED] no", kind: lastword.ErrDenied},
		"later":          {login: "NO [UNAVAILABLE] wrong password", kind: lastword.ErrUnavailable},
		"bad":            {login: "BAD what", kind: lastword.ErrUnavailable},
		"away":           {greeting: "* BYE later\r\n", kind: lastword.ErrUnavailable},
		"silent":         {greeting: "\r\n", kind: lastword.ErrUnavailable},
		"not IMAP":       {greeting: "HTTP/1.1 400 Bad Request\r\n\r\n", kind: lastword.ErrUnavailable},
		"too many":       {login: "OK", open: "NO [LIMIT] too many", kind: lastword.ErrUnavailable, wait: 10 * time.Minute},
		"no such folder": {login: "OK", open: "NO [NONEXISTENT] who?", kind: lastword.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, func(tag, command string) string {
				switch word, _, _ := strings.Cut(command, " "); word {
				case "AUTHENTICATE":
					return tag + " " + c.login + "\r\n"
				case "EXAMINE", "SELECT":
					return tag + " " + c.open + "\r\n"
				}
				return usual(tag, command)
			})
			if c.greeting != "" {
				s.greeting = c.greeting
			}
			src, _ := s.source()
			err := src.Poll(t.Context(), "", new(listentest.Heard).Hear)
			var wait *listen.RetryAfter
			if !errors.Is(err, c.kind) || errors.As(err, &wait) != (c.wait > 0) || c.wait > 0 && wait.Wait != c.wait {
				t.Errorf("got %v, want %v", err, c.kind)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

// TestOneBadMailDoesNotStopTheRest: the connection ends whenever the second mail
// is asked for.
func TestOneBadMailDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"the connection ends": "",
		"a broken answer":     "* 2 FETCH (UID 2 INTERNALDATE \"gestern\" FLAGS (\r\n",
		"the server says no":  "%s NO [SERVERBUG] cannot\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, drops := newStage(t, func(tag, command string) string {
				fetches := strings.HasPrefix(command, "UID FETCH")
				if fetches && strings.Contains(fetched(command), "UID 2 ") {
					return strings.ReplaceAll(answer, "%s", tag)
				}
				return usual(tag, command)
			}).source()
			keys, cursor, failures := map[string]int{}, "", 0
			for range 10 {
				err := src.Poll(t.Context(), cursor, func(_ context.Context, events []lastword.Event, next string) error {
					cursor = next
					for _, e := range events {
						keys[e.Post.Key]++
					}
					return nil
				})
				if err == nil {
					break
				}
				if !errors.Is(err, lastword.ErrUnavailable) {
					t.Fatalf("got %v", err)
				}
				failures++
			}
			if len(keys) != 2 || keys["1@post.example"] != 1 || keys["3@post.example"] != 1 || drops[mail.Unreadable] != 1 || failures != 4 {
				t.Errorf("heard %v, dropped %v after %d failures", keys, drops, failures)
			}
		})
	}
}

// TestEndlessAnswers: a server may not fill our memory.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 40<<20)
	for name, at := range map[string]string{"greeting": "", "folder": "EXAMINE", "search": "UID SEARCH", "mail": "UID FETCH"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, func(tag, command string) string {
				switch {
				case at == "UID FETCH" && strings.HasPrefix(command, at):
					return fmt.Sprintf("* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n", len(long)) + long
				case at != "" && strings.HasPrefix(command, at):
					return "* OK " + long
				}
				return usual(tag, command)
			})
			if at == "" {
				s.greeting = "* OK " + long
			}
			src, _ := s.source()
			if err := src.Poll(t.Context(), "", new(listentest.Heard).Hear); !errors.Is(err, lastword.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestRangesThatNameEverything: a search that claims four billion mails.
func TestRangesThatNameEverything(t *testing.T) {
	t.Parallel()
	src, _ := newStage(t, func(tag, command string) string {
		if strings.HasPrefix(command, "UID SEARCH") {
			return "* ESEARCH (TAG \"" + tag + "\") UID ALL 1:4294967295\r\n" + tag + " OK\r\n"
		}
		if strings.HasPrefix(command, "UID FETCH") {
			return ""
		}
		return usual(tag, command)
	}).source()
	if err := src.Poll(t.Context(), "", new(listentest.Heard).Hear); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestASilentServerIsLeft(t *testing.T) {
	t.Parallel()
	block := make(chan struct{})
	defer close(block)
	src, _ := newStage(t, func(tag, command string) string {
		if strings.HasPrefix(command, "UID SEARCH") {
			<-block
		}
		return usual(tag, command)
	}).source()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := src.Poll(ctx, "", new(listentest.Heard).Hear); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// FuzzServer lets a server say anything, after it was signed in to.
func FuzzServer(f *testing.F) {
	s := newStage(f, nil)
	var mu sync.Mutex
	var said []byte
	s.say = func(tag, command string) string {
		mu.Lock()
		defer mu.Unlock()
		switch word, _, _ := strings.Cut(command, " "); word {
		case "AUTHENTICATE":
			return tag + " OK\r\n"
		case "CAPABILITY":
			return "* CAPABILITY IMAP4rev1\r\n" + tag + " OK\r\n"
		case "EXAMINE", "LOGOUT":
			return usual(tag, command)
		}
		if len(said) == 0 {
			return ""
		}
		answer := strings.ReplaceAll(string(said), "TAG", tag) + end
		said = nil
		return answer
	}
	at := s.start()
	f.Add([]byte("* SEARCH 1 2\r\nTAG OK\r\n"))
	f.Add([]byte("* ESEARCH (TAG \"TAG\") UID ALL 1:*\r\nTAG OK\r\n"))
	f.Add([]byte("* 1 FETCH (UID 1 BODY[]<0> {3}\r\nabc)\r\nTAG NO [LIMIT]\r\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		mu.Lock()
		said = answer
		mu.Unlock()
		one := *s.house
		one.t = t
		src, _ := one.open("imap", "tls://"+at, "smtp", "")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		err := src.Poll(ctx, "", new(listentest.Heard).Hear)
		known := errors.Is(err, lastword.ErrUnavailable) || errors.Is(err, lastword.ErrDenied) || errors.Is(err, lastword.ErrInvalid) || ctx.Err() != nil
		if err != nil && !known {
			t.Fatalf("an error that says nothing: %v", err)
		}
	})
}
