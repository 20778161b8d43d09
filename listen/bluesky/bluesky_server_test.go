package bluesky_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/internal/picture"
	"lastword/internal/testserver"
	"lastword/listen"
	"lastword/listen/bluesky"
)

// A house is a company with an account at a real PDS, and a customer.
type house struct {
	pds      *testserver.ATProto
	company  testserver.User
	customer testserver.User
	password string // the company's app password
}

func newHouse(t *testing.T) house {
	pds := testserver.PDS(t)
	h := house{pds: pds, company: pds.User(t, "hobelwerk"), customer: pds.User(t, "frieda")}
	h.password = pds.AppPassword(t, h.company, "lastword")
	return h
}

func (h house) settings(password string) map[string]string {
	return map[string]string{
		"handle": h.company.Handle, "password": password, "service": h.pds.PDS,
		"directory": h.pds.PLC, "appview": h.pds.PDS,
		"hosts": "http://127.0.0.1:1", // no stream: nothing listens there
	}
}

// channel opens the company's account.
func (h house) channel(t *testing.T, settings map[string]string) answering {
	t.Helper()
	src, err := bluesky.NewAccount().Open(listen.Account{Settings: settings}, newHost(t).Host)
	if err != nil {
		t.Fatal(err)
	}
	return src.(answering)
}

// An answering is a source with an account.
type answering interface {
	listen.Source
	listen.Replier
	listen.Publisher
}

func (h house) ask(t *testing.T, text string, more map[string]any) (lastword.Post, string) {
	t.Helper()
	record := map[string]any{"$type": "app.bsky.feed.post", "text": text,
		"createdAt": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
	for k, v := range more {
		record[k] = v
	}
	uri, cid := h.pds.Post(t, h.customer, record)
	return lastword.Post{Network: "bluesky", Key: uri}, cid
}

// A poster publishes threads, pictures and cards, and takes them down.
type poster interface {
	listen.Poster
	listen.Remover
}

// photo is a picture that every place takes.
func photo(t *testing.T) listen.Picture {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	p, body, err := picture.Take(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p.Alt = "Ein Hobel für die linke Hand"
	return listen.Picture{Picture: p, Bytes: body}
}

// embedded is what a post brings along.
type embedded struct {
	Value struct {
		Embed struct {
			Type   string `json:"$type"`
			Images []struct {
				Alt   string
				Image struct {
					MimeType string
					Size     int
				}
				AspectRatio struct{ Width, Height int }
			}
			External struct {
				URI, Title, Description string
				Thumb                   struct{ Size int }
			}
		}
	}
}

func (h house) embed(t *testing.T, uri string) embedded {
	t.Helper()
	parts := strings.Split(uri, "/")
	var got embedded
	h.pds.Call(t, "com.atproto.repo.getRecord?repo="+parts[2]+"&collection="+parts[3]+"&rkey="+parts[4], "", nil, &got)
	return got
}

func (h house) testThread(t *testing.T) {
	c := h.channel(t, h.settings(h.password)).(poster)
	before := len(h.posts(t))
	p := listen.Post{Key: "61", Made: time.Now().Add(-time.Hour), Said: time.Now(), Lang: "de", Pictures: []listen.Picture{photo(t)},
		Parts: []string{"Der Hobel für Linkshänder ist da.", "Er liegt gut in der Hand: https://hobelwerk.example/links", "Ab Mai im Laden."}}
	// A former attempt brought out the first two parts, and nobody heard of it.
	cut := p
	cut.Parts = p.Parts[:2]
	if _, err := c.Post(t.Context(), cut); err != nil {
		t.Fatal(err)
	}
	var got []listen.Receipt
	for range 2 { // and once more
		var err error
		if got, err = c.Post(t.Context(), p); err != nil || len(got) != 3 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if n := len(h.posts(t)) - before; n != 3 {
		t.Errorf("%d posts, want 3", n)
	}
	first, second, third := h.get(t, got[0].Key), h.get(t, got[1].Key), h.get(t, got[2].Key)
	if second.Value.Reply.Parent.URI != first.URI || second.Value.Reply.Root.CID != first.CID ||
		third.Value.Reply.Parent.URI != second.URI || third.Value.Reply.Parent.CID != second.CID || third.Value.Reply.Root.URI != first.URI {
		t.Errorf("the thread: %+v, %+v", second.Value.Reply, third.Value.Reply)
	}
	e := h.embed(t, got[0].Key).Value.Embed
	if e.Type != "app.bsky.embed.images" || len(e.Images) != 1 || e.Images[0].Alt != p.Pictures[0].Alt ||
		e.Images[0].Image.Size != len(p.Pictures[0].Bytes) || e.Images[0].AspectRatio.Width != 40 {
		t.Errorf("the picture: %+v", e)
	}
	other := p
	other.Parts = []string{"Etwas anderes."}
	if _, err := c.Post(t.Context(), other); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("other words under the same key: %v", err)
	}
	for range 2 {
		for _, r := range got {
			if err := c.Remove(t.Context(), r.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(h.posts(t)) - before; n != 0 {
		t.Errorf("%d posts after they were taken down", n)
	}
}

func (h house) testCard(t *testing.T) {
	c := h.channel(t, h.settings(h.password)).(poster)
	thumb := photo(t)
	p := listen.Post{Key: "62", Made: time.Now(), Said: time.Now(), Lang: "de", Parts: []string{"Mehr: https://hobelwerk.example/links"},
		Card: listen.Card{Card: lastword.Card{URL: "https://hobelwerk.example/links", Title: "Links", Description: "Für Linkshänder"}, Thumb: &thumb}}
	got, err := c.Post(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	e := h.embed(t, got[0].Key).Value.Embed
	if e.Type != "app.bsky.embed.external" || e.External.URI != p.Card.URL || e.External.Title != "Links" || e.External.Thumb.Size != len(thumb.Bytes) {
		t.Errorf("the card: %+v", e)
	}
}

// A kept is a post as the PDS gives it back.
type kept struct {
	URI, CID string
	Value    struct {
		Text      string
		CreatedAt string
		Langs     []string
		Reply     struct{ Root, Parent struct{ URI, CID string } }
		Facets    []struct {
			Index    struct{ ByteStart, ByteEnd int }
			Features []struct {
				Type          string `json:"$type"`
				URI, DID, Tag string
			}
		}
	}
}

func (h house) get(t *testing.T, uri string) kept {
	t.Helper()
	parts := strings.Split(uri, "/")
	var got kept
	h.pds.Call(t, "com.atproto.repo.getRecord?repo="+parts[2]+"&collection="+parts[3]+"&rkey="+parts[4], "", nil, &got)
	return got
}

func (h house) posts(t *testing.T) []kept {
	t.Helper()
	var got struct{ Records []kept }
	h.pds.Call(t, "com.atproto.repo.listRecords?collection=app.bsky.feed.post&repo="+h.company.DID, "", nil, &got)
	return got.Records
}

// The parts share one server, in this order, because a start takes seconds.
func TestServerPDS(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	t.Run("an answer stands under the question with its references and facets", h.testReply)
	t.Run("an answer to a reply keeps the thread's root", h.testRoot)
	t.Run("the next part stands below the part before", h.testGoesOn)
	t.Run("the same answer twice is one post, and is found", h.testOnce)
	t.Run("an edited question is answered in its present version", h.testEdited)
	t.Run("a deleted question cannot be answered", h.testDeleted)
	t.Run("a post of our own is published once", h.testPublish)
	t.Run("a thread with a picture stands once, and is taken down", h.testThread)
	t.Run("a post with the card of its link", h.testCard)
	t.Run("what the lexicon refuses is invalid, and nothing is left", h.testRefused)
	t.Run("a service without notifications is heard as such", h.testNoNotifications)
	t.Run("a service without an AppView tells no names", h.testNoNames)
	t.Run("the service is found by the handle", h.testFound)
	t.Run("a session outlives its access token", h.testRefresh)
	t.Run("a revoked app password needs a person", h.testRevoked)
	t.Run("a stopped server is unavailable", h.testStopped)
}

func (h house) testReply(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	q, cid := h.ask(t, "Gibt es den Hobel auch für Linkshänder?", nil)
	made := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	text := "Grüß Gott @frieda.test 👋 und @niemand.test – ja: https://hobelwerk.example/links?x=1. #Hobel"
	got, err := c.Reply(t.Context(), q, listen.Reply{Key: "41", Made: made, Text: text, Lang: "de"})
	if err != nil {
		t.Fatal(err)
	}
	post := h.get(t, got.Key)
	v := post.Value
	if v.Text != text || v.CreatedAt != "2026-03-02T09:30:00.000Z" || len(v.Langs) != 1 || v.Langs[0] != "de" {
		t.Errorf("the PDS keeps %+v", v)
	}
	if v.Reply.Parent.URI != q.Key || v.Reply.Parent.CID != cid || v.Reply.Root != v.Reply.Parent {
		t.Errorf("reply = %+v, want root and parent %s %s", v.Reply, q.Key, cid)
	}
	marked := map[string]string{}
	for _, f := range v.Facets {
		marked[text[f.Index.ByteStart:f.Index.ByteEnd]] = f.Features[0].URI + f.Features[0].DID + f.Features[0].Tag
	}
	want := map[string]string{
		"@frieda.test": h.customer.DID, "https://hobelwerk.example/links?x=1": "https://hobelwerk.example/links?x=1", "#Hobel": "Hobel",
	}
	if len(marked) != len(want) {
		t.Errorf("facets mark %q, want %q", marked, want)
	}
	for part, what := range want {
		if marked[part] != what {
			t.Errorf("facet over %q = %q, want %q", part, marked[part], what)
		}
	}
	if want := "https://bsky.app/profile/" + h.company.DID + "/post/"; !strings.HasPrefix(got.URL, want) {
		t.Errorf("URL = %s, want %s…", got.URL, want)
	}
}

func (h house) testRoot(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	first, rootCID := h.ask(t, "Der Griff wird heiß.", nil)
	root := map[string]any{"uri": first.Key, "cid": rootCID}
	second, cid := h.ask(t, "Sehr heiß.", map[string]any{"reply": map[string]any{"root": root, "parent": root}})
	got, err := c.Reply(t.Context(), second, listen.Reply{Key: "42", Made: time.Now(), Text: "Danke, wir kümmern uns."})
	if err != nil {
		t.Fatal(err)
	}
	r := h.get(t, got.Key).Value.Reply
	if r.Root.URI != first.Key || r.Root.CID != rootCID || r.Parent.URI != second.Key || r.Parent.CID != cid {
		t.Errorf("reply = %+v, want root %s and parent %s", r, first.Key, second.Key)
	}
}

func (h house) testGoesOn(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	q, cid := h.ask(t, "Wie lange hält die Klinge?", nil)
	first, err := c.Reply(t.Context(), q, listen.Reply{Key: "421", Made: time.Now(), Text: "Erstens lange."})
	if err != nil {
		t.Fatal(err)
	}
	below := c.(listen.Threader).After(q, first)
	more := listen.Reply{Key: "422", Made: time.Now(), Text: "Zweitens schleifen wir sie nach."}
	if _, found, err := c.Find(t.Context(), below, more.Key); err != nil || found {
		t.Fatalf("found before it was given: %v, %v", found, err)
	}
	second, err := c.Reply(t.Context(), below, more)
	if err != nil {
		t.Fatal(err)
	}
	if r := h.get(t, second.Key).Value.Reply; r.Root.URI != q.Key || r.Root.CID != cid || r.Parent.URI != first.Key {
		t.Errorf("reply = %+v, want root %s and parent %s", r, q.Key, first.Key)
	}
	if again, found, err := c.Find(t.Context(), below, more.Key); err != nil || !found || again.Key != second.Key {
		t.Errorf("found again: %+v, %v, %v", again, found, err)
	}
}

func (h house) testOnce(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	q, _ := h.ask(t, "Wann kommt die Schraubzwinge wieder?", nil)
	if _, found, err := c.Find(t.Context(), q, "43"); err != nil || found {
		t.Fatalf("Find before = %v, %v, want not found", found, err)
	}
	before := len(h.posts(t))
	answer := listen.Reply{Key: "43", Made: time.Now(), Text: "Im Mai."}
	first, err := c.Reply(t.Context(), q, answer)
	if err != nil {
		t.Fatal(err)
	}
	// A new source knows nothing of the first attempt.
	second, err := h.channel(t, h.settings(h.password)).Reply(t.Context(), q, answer)
	if err != nil || second != first {
		t.Errorf("second Reply = %+v, %v, want %+v", second, err, first)
	}
	if n := len(h.posts(t)); n != before+1 {
		t.Errorf("the account has %d posts more, want one", n-before)
	}
	if r, found, err := c.Find(t.Context(), q, "43"); err != nil || !found || r != first {
		t.Errorf("Find = %+v, %v, %v, want %+v", r, found, err, first)
	}
	if _, found, err := c.Find(t.Context(), q, "44"); err != nil || found {
		t.Errorf("Find of another key = %v, %v, want not found", found, err)
	}
}

func (h house) testEdited(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	q, old := h.ask(t, "Habt ihr Birnholz?", nil)
	var now struct{ CID string }
	h.pds.Call(t, "com.atproto.repo.putRecord", h.customer.Access, map[string]any{
		"repo": h.customer.DID, "collection": "app.bsky.feed.post", "rkey": q.Key[strings.LastIndex(q.Key, "/")+1:],
		"record": map[string]any{"$type": "app.bsky.feed.post", "text": "Habt ihr auch Birnbaumholz?", "createdAt": "2026-03-02T09:30:00.000Z"},
	}, &now)
	got, err := c.Reply(t.Context(), q, listen.Reply{Key: "45", Made: time.Now(), Text: "Ja."})
	if err != nil {
		t.Fatal(err)
	}
	if cid := h.get(t, got.Key).Value.Reply.Parent.CID; cid != now.CID || cid == old {
		t.Errorf("parent cid = %s, want %s, not %s", cid, now.CID, old)
	}
}

func (h house) testDeleted(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	q, _ := h.ask(t, "Das nehme ich zurück.", nil)
	h.pds.Delete(t, h.customer, q.Key)
	if _, err := c.Reply(t.Context(), q, listen.Reply{Key: "46", Made: time.Now(), Text: "Schade."}); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("Reply to a deleted post: %v, want lastword.ErrGone", err)
	}
	nobody := lastword.Post{Key: "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3mptbyo7dms2m"}
	if _, err := c.Reply(t.Context(), nobody, listen.Reply{Key: "47", Made: time.Now(), Text: "Hallo?"}); !errors.Is(err, lastword.ErrGone) {
		t.Errorf("Reply to a vanished account: %v, want lastword.ErrGone", err)
	}
}

func (h house) testPublish(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	r := listen.Reply{Key: "48", Made: time.Now(), Text: "Heute offene Werkstatt.", Lang: "de"}
	first, err := c.Publish(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := c.Publish(t.Context(), r); err != nil || second != first {
		t.Errorf("second Publish = %+v, %v, want %+v", second, err, first)
	}
	other := r
	other.Text = "Heute geschlossen."
	if _, err := c.Publish(t.Context(), other); err == nil {
		t.Error("another text under the same key was taken for the first one")
	}
	if v := h.get(t, first.Key).Value; v.Text != r.Text || v.Reply.Parent.URI != "" {
		t.Errorf("the PDS keeps %+v", v)
	}
}

func (h house) testRefused(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	before := len(h.posts(t))
	_, err := c.Publish(t.Context(), listen.Reply{Key: "49", Made: time.Now(), Text: "Hallo.", Lang: "no language at all"})
	if !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("Publish in no language: %v, want lastword.ErrInvalid", err)
	}
	if n := len(h.posts(t)); n != before {
		t.Errorf("%d posts were left behind", n-before)
	}
}

func (h house) testNoNotifications(t *testing.T) {
	host := newHost(t)
	src, err := bluesky.NewAccount().Open(listen.Account{Settings: h.settings(h.password)}, host.Host)
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Poll(t.Context(), "", noHear(t)); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Poll: %v, want lastword.ErrUnavailable of the stream", err)
	}
	if host.drops()["no-notifications"] != 1 {
		t.Errorf("dropped %v, want no-notifications once", host.drops())
	}
}

func (h house) testNoNames(t *testing.T) {
	src := h.channel(t, h.settings(h.password))
	got, err := src.(listen.Namer).Names(t.Context(), []string{h.customer.DID})
	if len(got) != 0 || !errors.Is(err, lastword.ErrDenied) { // 401 AuthMissing
		t.Errorf("Names = %v, %v, want none and lastword.ErrDenied", got, err)
	}
}

func (h house) testFound(t *testing.T) {
	set := h.settings(h.password)
	delete(set, "service")
	r, err := h.channel(t, set).Publish(t.Context(), listen.Reply{Key: "50", Made: time.Now(), Text: "Gefunden."})
	if err != nil || h.get(t, r.Key).Value.Text != "Gefunden." {
		t.Errorf("Publish without a service set = %+v, %v", r, err)
	}
}

func (h house) testRefresh(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	if _, err := c.Publish(t.Context(), listen.Reply{Key: "51", Made: time.Now(), Text: "Eins."}); err != nil {
		t.Fatal(err)
	}
	bluesky.SpoilAccess(c)
	if _, err := c.Publish(t.Context(), listen.Reply{Key: "52", Made: time.Now(), Text: "Zwei."}); err != nil {
		t.Errorf("Publish with a token that ran out: %v", err)
	}
	if n := bluesky.Logins(c); n != 1 {
		t.Errorf("signed in %d times, want once and a refresh", n)
	}
}

func (h house) testRevoked(t *testing.T) {
	password := h.pds.AppPassword(t, h.company, "short-lived")
	c := h.channel(t, h.settings(password))
	if _, err := c.Publish(t.Context(), listen.Reply{Key: "53", Made: time.Now(), Text: "Drei."}); err != nil {
		t.Fatal(err)
	}
	h.pds.Revoke(t, h.company, "short-lived")
	bluesky.SpoilAccess(c) // the PDS lets an access token live on for its hours
	if _, err := c.Publish(t.Context(), listen.Reply{Key: "54", Made: time.Now(), Text: "Vier."}); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("Publish after the app password was revoked: %v, want lastword.ErrDenied", err)
	}
	fresh := h.channel(t, h.settings(password))
	if err := fresh.Poll(t.Context(), "", noHear(t)); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("Poll with the revoked password: %v, want lastword.ErrDenied", err)
	}
}

func (h house) testStopped(t *testing.T) {
	c := h.channel(t, h.settings(h.password))
	q, _ := h.ask(t, "Seid ihr noch da?", nil)
	if _, _, err := c.Find(t.Context(), q, "55"); err != nil {
		t.Fatal(err)
	}
	h.pds.Stop()
	answer := listen.Reply{Key: "55", Made: time.Now(), Text: "Ja."}
	if _, err := c.Reply(t.Context(), q, answer); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Reply: %v, want lastword.ErrUnavailable", err)
	}
	if _, _, err := c.Find(t.Context(), q, "55"); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Find: %v, want lastword.ErrUnavailable", err)
	}
	if err := c.Poll(t.Context(), "", noHear(t)); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("Poll: %v, want lastword.ErrUnavailable", err)
	}
	fresh := h.channel(t, h.settings(h.password))
	if _, err := fresh.Publish(t.Context(), answer); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("sign in: %v, want lastword.ErrUnavailable", err)
	}
}

// A post written by another's hand and decoded as the stream would carry it.
func TestRefKeepsWhatAnAnswerNeeds(t *testing.T) {
	t.Parallel()
	p := bluesky.DecodeRecord(`{"$type":"app.bsky.feed.post","text":"Ja","createdAt":"2026-03-02T09:30:00Z"}`)
	var ref struct{ CID string }
	if err := json.Unmarshal([]byte(p.Ref), &ref); err != nil || ref.CID == "" {
		t.Errorf("Ref = %s, %v, want the cid", p.Ref, err)
	}
}
