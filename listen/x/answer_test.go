package x_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// Who did not summon us is answered by hand, with the answer already written.
func TestNotSummoned(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	src := a.account()
	to := lastword.Post{Network: "x", Key: "17", Text: "Hobelwerk drückt", Ref: `{"id":"18"}`}
	ways := src.(listen.Chooser).Options(to)
	if len(ways) != 1 || !ways[0].ByHand || ways[0].Why != "why.x_not_summoned" || ways[0].At != "https://x.com/intent/post?in_reply_to=18&text=" {
		t.Errorf("ways %+v", ways)
	}
	if _, err := src.(listen.Replier).Reply(t.Context(), to, listen.Reply{Key: "1", Made: a.now, Text: "Danke"}); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("answered all the same: %v", err)
	}
	if asked := a.asks(); len(asked) > 0 {
		t.Errorf("X was asked: %v", asked)
	}
}

func TestReplyFindEditRemove(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	id := a.say(time.Minute, "@hobelwerk drückt", mentioning("hobelwerk"))
	src := a.account()
	h, err := poll(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	e, _ := heard(h.Events(), id)
	r := listen.Reply{Key: "5", Made: a.now, Text: "A & B, siehe schuh.de/44 bitte."}
	finder := src.(listen.Finder)
	if _, found, err := finder.FindReply(t.Context(), e.Post, r); err != nil || found {
		t.Fatalf("found before it was given: %v, %v", found, err)
	}
	got, err := src.(listen.Replier).Reply(t.Context(), e.Post, r)
	if err != nil || got.URL != "https://x.com/hobelwerk/status/"+got.Key {
		t.Fatalf("%+v, %v", got, err)
	}
	// X puts the name and its own address into what it shows.
	a.mu.Lock()
	p := a.posts[len(a.posts)-1]
	p["text"] = "@mia A &amp; B, siehe https://t.co/xyz bitte."
	a.mu.Unlock()
	if again, found, err := finder.FindReply(t.Context(), e.Post, r); err != nil || !found || again.Key != got.Key {
		t.Errorf("not found again: %+v, %v, %v", again, found, err)
	}
	if _, found, err := finder.FindReply(t.Context(), e.Post, listen.Reply{Key: "6", Made: a.now, Text: "Etwas anderes"}); err != nil || found {
		t.Errorf("another answer is found: %v, %v", found, err)
	}
	ed := src.(listen.Editor)
	if err := ed.Edit(t.Context(), got.Key, listen.Reply{Key: "5", Text: "Neu"}); err != nil {
		t.Error(err)
	}
	if err := ed.Remove(t.Context(), got.Key); err != nil {
		t.Error(err)
	}
	if err := ed.Remove(t.Context(), got.Key); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("removed twice: %v", err)
	}
	if err := ed.Remove(t.Context(), "../users"); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("no id: %v", err)
	}
	// A link in it (0.20), what was looked through to find it (2 × 0.001), the
	// edit (0.015), two removals (2 × 0.01).
	if got, want := a.spent(), "2026-11 26000, 2026-11 237000"; got != want {
		t.Errorf("spent %s, want %s", got, want)
	}
}

// A refused answer is gone with its post, or will never be taken; a token, a
// scope or a limit is another matter.
func TestRefusedAnswers(t *testing.T) {
	t.Parallel()
	summoned := func(id string) lastword.Post {
		return lastword.Post{Network: "x", Key: id, Ref: `{"id":"` + id + `","m":["hobelwerk"]}`}
	}
	for name, c := range map[string]struct {
		code int
		kind string
		gone bool
		want error
	}{
		"gone":      {403, "about:blank", true, lastword.ErrGone},
		"never":     {403, "about:blank", false, lastword.ErrInvalid},
		"forbidden": {403, "client-forbidden", false, lastword.ErrDenied},
		"invalid":   {400, "invalid-request", false, lastword.ErrInvalid},
		"capped":    {429, "usage-capped", false, lastword.ErrDenied},
		"limit":     {429, "rate-limit-exceeded", false, lastword.ErrUnavailable},
		"broken":    {503, "about:blank", false, lastword.ErrUnavailable},
		"unpaid":    {402, "about:blank", false, lastword.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t)
			id := a.say(time.Minute, "@hobelwerk", mentioning("hobelwerk"))
			if c.gone {
				a.gone[id] = "resource-not-found"
			}
			a.fail = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == "POST" {
					w.Header().Set("x-rate-limit-reset", strconv.FormatInt(a.now.Add(7*time.Minute).Unix(), 10))
					problem(w, c.code, c.kind)
				}
				return r.Method == "POST"
			}
			_, err := a.account().(listen.Replier).Reply(t.Context(), summoned(id), listen.Reply{Key: "1", Made: a.now, Text: "Danke"})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			var wait *listen.RetryAfter
			if name == "limit" && (!errors.As(err, &wait) || wait.Wait != 7*time.Minute) {
				t.Errorf("waits %+v", wait)
			}
		})
	}
	a := newArchive(t)
	_, err := a.account("scope", "tweet.read users.read").(listen.Replier).Reply(t.Context(), summoned("1"), listen.Reply{Key: "1", Text: "Danke"})
	wantMistake(t, err, "connector.x.error.scope")
}

func TestThread(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	src := a.account()
	text := strings.TrimSpace(strings.Repeat("Wir hören zu und antworten jedem. ", 20))
	posts := 0
	a.fail = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "POST" {
			return false
		}
		if posts++; posts == 2 {
			problem(w, 503, "about:blank")
			return true
		}
		return false
	}
	r := listen.Reply{Key: "9", Made: a.now, Text: text}
	if _, err := src.(listen.Publisher).Publish(t.Context(), r); !errors.Is(err, lastword.ErrUnavailable) {
		t.Fatalf("%v", err)
	}
	got, err := src.(listen.Publisher).Publish(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	after := ""
	for i, p := range a.posts {
		if i == 0 && p["id"] != got.Key {
			t.Errorf("the receipt is of %s", got.Key)
		}
		if refs, _ := p["referenced_tweets"].([]map[string]string); i > 0 && (len(refs) != 1 || refs[0]["id"] != after) {
			t.Errorf("part %d hangs on %v", i, refs)
		}
		after = p["id"].(string)
		said = append(said, p["text"].(string))
	}
	if strings.Join(said, " ") != text || len(said) != 3 {
		t.Errorf("published in %d parts: %q", len(said), said)
	}
}

// A part of an answer is given below the part before, though nobody summons us
// there, at the price of a post of our own; and it is found again.
func TestAnswersGoOn(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	id := a.say(time.Minute, "@hobelwerk drückt", mentioning("hobelwerk"))
	src := a.account("recheck", "0")
	h, err := poll(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	e, _ := heard(h.Events(), id)
	first, err := src.(listen.Replier).Reply(t.Context(), e.Post, listen.Reply{Key: "5", Made: a.now, Text: "Erstens ja."})
	if err != nil {
		t.Fatal(err)
	}
	below := src.(listen.Threader).After(e.Post, first)
	more := listen.Reply{Key: "6", Made: a.now, Text: "Zweitens im März."}
	if _, found, err := src.(listen.Finder).FindReply(t.Context(), below, more); err != nil || found {
		t.Errorf("found before it was given: %v, %v", found, err)
	}
	before := a.spent()
	second, err := src.(listen.Replier).Reply(t.Context(), below, more)
	if err != nil {
		t.Fatal(err)
	}
	if again, found, err := src.(listen.Finder).FindReply(t.Context(), below, more); err != nil || !found || again.Key != second.Key {
		t.Errorf("not found again: %+v, %v, %v", again, found, err)
	}
	if before == a.spent() {
		t.Error("a part cost nothing")
	}
}

// Pictures go out with the first part, with what they show, once.
func TestPictures(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	src := a.account()
	if m := src.(listen.Mannered).Manner(t.Context()); m.Pictures != 4 || m.LongAlt != 1000 {
		t.Errorf("manner %+v", m)
	}
	picture := func(n byte, alt string) listen.Picture {
		return listen.Picture{Picture: lastword.Picture{Type: "image/png", Alt: alt}, Bytes: []byte{n, 2, 3}}
	}
	p := listen.Post{Key: "9", Made: a.now, Said: a.now, Parts: []string{"Der Hobel ist da.", "Ab Mai."}, Pictures: []listen.Picture{picture(1, "Ein Hobel"), picture(2, "")}}
	broken := true
	a.fail = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/2/tweets" && r.Method == "POST" && len(a.posts) == 1 && broken {
			broken = false
			problem(w, 503, "about:blank")
			return true
		}
		return false
	}
	post := src.(listen.Poster).Post
	if got, err := post(t.Context(), p); !errors.Is(err, lastword.ErrUnavailable) || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	got, err := post(t.Context(), p)
	if err != nil || len(got) != 2 || len(a.posts) != 2 || len(a.media) != 2 {
		t.Fatalf("%v, %v: %d posts, %d pictures", got, err, len(a.posts), len(a.media))
	}
	if one := a.media["1900000000000000000"]; one.alt != "Ein Hobel" || string(one.bytes) != "\x01\x02\x03" {
		t.Errorf("the first picture: %+v", one)
	}
	if keys := fmt.Sprint(a.posts[0]["attachments"]); keys != "map[media_keys:[3_1900000000000000000 3_1900000000000000001]]" {
		t.Errorf("the first part shows %s", keys)
	}
	if keys := fmt.Sprint(a.posts[1]["attachments"]); keys != "map[media_keys:[]]" {
		t.Errorf("the second part shows %s", keys)
	}
	if err := src.(listen.Editor).Edit(t.Context(), got[0].Key, listen.Reply{Text: "Der Hobel ist nun da."}); err != nil {
		t.Fatal(err)
	}
	if keys := fmt.Sprint(a.posts[2]["attachments"]); keys != "map[media_keys:[3_1900000000000000000 3_1900000000000000001]]" {
		t.Errorf("changed, it shows %s", keys)
	}
	// Two posts and one of which nothing was heard (3 × 0.015), what the first
	// picture shows (0.005), looking through what is there, and the edit (0.015).
	if said := strings.Split(a.spent(), ", ")[1]; said != "2026-11 66000" {
		t.Errorf("spent %s", a.spent())
	}
}

// Who signed in before pictures were asked for is told, and publishes without.
func TestPicturesWithoutTheRight(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	src := a.account("scope", "tweet.read tweet.write users.read offline.access")
	if m := src.(listen.Mannered).Manner(t.Context()); m.Pictures != 0 {
		t.Errorf("manner %+v", m)
	}
	all, err := src.(listen.Checker).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.Name == "publish" && (!one.Can || one.Why != "why.x_no_pictures") {
			t.Errorf("publish: %+v", one)
		}
	}
	p := listen.Post{Key: "9", Made: a.now, Parts: []string{"Der Hobel ist da."}, Pictures: []listen.Picture{{Bytes: []byte("x")}}}
	_, err = src.(listen.Poster).Post(t.Context(), p)
	wantMistake(t, err, "connector.x.error.pictures")
	if len(a.posts) != 0 || len(a.media) != 0 {
		t.Error("something went out")
	}
	p.Pictures = make([]listen.Picture, 5)
	if _, err := a.account().(listen.Poster).Post(t.Context(), p); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("five pictures: %v", err)
	}
	p.Pictures = []listen.Picture{{Bytes: []byte("x"), Picture: lastword.Picture{Alt: "x"}}}
	_, err = a.account("budget", "0.017").(listen.Poster).Post(t.Context(), p)
	wantMistake(t, err, "connector.x.error.used")
	if len(a.media) != 0 {
		t.Error("a picture was brought that no post could follow")
	}
}
