package bluesky

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lastword"
)

const inventedV1 = `{"did":"did:plc:ccccccccccccccccccccccca","time_us":1783175888160588,"kind":"commit","commit":{"rev":"3mptbypqszz2h","operation":"create","collection":"app.bsky.feed.post","rkey":"3mptbyo7dms2m","record":{"$type":"app.bsky.feed.post","createdAt":"2026-07-04T14:38:06.055Z","langs":["de","en"],"facets":[{"index":{"byteStart":0,"byteEnd":4},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"x"}]}],"reply":{"parent":{"cid":"bafyparent","uri":"at://did:plc:vvvvvvvvvvvvvvvvvvvvvvva/app.bsky.feed.post/3mpt6d6eu5k2p"},"root":{"cid":"bafyroot","uri":"at://did:plc:vvvvvvvvvvvvvvvvvvvvvvva/app.bsky.feed.post/3mpt6d6eu5k2a"}},"text":"Die \"Zwinge\" hält nicht.\nSchade! \ud83d\ude22"},"cid":"bafyexample"}}`

const inventedV2 = `{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":28101,"did":"did:plc:ccccccccccccccccccccccca","time":"2026-07-04T14:38:08.160588Z","rev":"3mptbypqszz2h","operation":"create","collection":"app.bsky.feed.post","rkey":"3mptbyo7dms2m","cid":"bafyexample","record":{"$type":"app.bsky.feed.post","createdAt":"2026-07-04T14:38:06.055Z","langs":["de"],"text":"Die Zwinge hält nicht."}}}`

func TestFrameV1(t *testing.T) {
	t.Parallel()
	h := listener{all: true}.hear(readV1([]byte(inventedV1)))
	want := lastword.Post{
		Network: "bluesky",
		Key:     "at://did:plc:ccccccccccccccccccccccca/app.bsky.feed.post/3mptbyo7dms2m",
		URL:     "https://bsky.app/profile/did:plc:ccccccccccccccccccccccca/post/3mptbyo7dms2m",
		Author:  lastword.Author{Key: "did:plc:ccccccccccccccccccccccca", URL: "https://bsky.app/profile/did:plc:ccccccccccccccccccccccca"},
		Text:    "Die \"Zwinge\" hält nicht.\nSchade! 😢",
		Lang:    "de",
		SaidAt:  time.Date(2026, 7, 4, 14, 38, 6, 55e6, time.UTC),
		Parent:  "at://did:plc:vvvvvvvvvvvvvvvvvvvvvvva/app.bsky.feed.post/3mpt6d6eu5k2p",
		Root:    "at://did:plc:vvvvvvvvvvvvvvvvvvvvvvva/app.bsky.feed.post/3mpt6d6eu5k2a",
		Ref:     `{"cid":"bafyexample","root":{"uri":"at://did:plc:vvvvvvvvvvvvvvvvvvvvvvva/app.bsky.feed.post/3mpt6d6eu5k2a","cid":"bafyroot"}}`,
	}
	if diff := cmp.Diff(want, h.event.Post); diff != "" || !h.isEvent || h.at != 1783175888160588 {
		t.Errorf("heard %v at %d, differs (-want +got):\n%s", h.isEvent, h.at, diff)
	}
}

func TestFrameV2(t *testing.T) {
	t.Parallel()
	h := listener{all: true}.hear(readV2([]byte(inventedV2)))
	if !h.isEvent || h.seq != 28101 || h.at != 1783175888160588 || h.event.Post.Text != "Die Zwinge hält nicht." {
		t.Errorf("heard %+v", h)
	}
}

func TestLabelsOfAuthors(t *testing.T) {
	t.Parallel()
	labelled := func(op, val string) frame {
		s := strings.Replace(inventedV2, `"text":`, `"labels":{"$type":"com.atproto.label.defs#selfLabels","values":[{"val":"x"},{"val":"`+val+`"}]},"text":`, 1)
		return readV2([]byte(strings.Replace(s, `"create"`, `"`+op+`"`, 1)))
	}
	all := listener{all: true}
	if h := all.hear(labelled("create", "!no-unauthenticated")); !h.isEvent || !h.event.Post.Private {
		t.Errorf("!no-unauthenticated: %+v, want a private post", h)
	}
	if h := all.hear(labelled("create", "!hide")); h.isEvent || h.reason != "label-hide" {
		t.Errorf("!hide: %+v, want it left out", h)
	}
	if h := all.hear(labelled("update", "!takedown")); !h.isEvent || h.event.Op != lastword.Deleted {
		t.Errorf("an edit to !takedown: %+v, want what was heard taken back", h)
	}
}

func TestOnlyWhatConcernsAnAccount(t *testing.T) {
	t.Parallel()
	with := func(old, now string) frame { return readV2([]byte(strings.Replace(inventedV2, old, now, 1))) }
	own := "did:plc:hhhhhhhhhhhhhhhhhhhhhhha"
	us := listener{own: own}
	if h := us.hear(with("", "")); h.isEvent {
		t.Errorf("a post about something else was heard: %+v", h)
	}
	for what, f := range map[string]frame{
		"mention": with(`"text":`, `"facets":[{"features":[{"$type":"app.bsky.richtext.facet#mention","did":"`+own+`"}]}],"text":`),
		"reply":   with(`"text":`, `"reply":{"root":{"uri":"at://`+own+`/app.bsky.feed.post/3k"},"parent":{"uri":"at://x"}},"text":`),
		"quote":   with(`"text":`, `"embed":{"$type":"app.bsky.embed.record","record":{"cid":"x","uri":"at://`+own+`/app.bsky.feed.post/3k"}},"text":`),
		"delete":  with(`"create"`, `"delete"`),
	} {
		if h := us.hear(f); !h.isEvent || h.event.Post.Own {
			t.Errorf("%s: %+v, want a stranger's event", what, h)
		}
	}
	if h := us.hear(with("did:plc:ccccccccccccccccccccccca", own)); !h.isEvent || !h.event.Post.Own {
		t.Errorf("our own post: %+v, want it marked as our own", h)
	}
}

func TestSaidAtIsBoundedByWhatTheNetworkSaw(t *testing.T) {
	t.Parallel()
	seen := time.Date(2026, 7, 4, 12, 0, 0, 0, time.UTC)
	for claim, want := range map[string]time.Time{
		"2026-07-04T11:59:00Z":      seen.Add(-time.Minute),
		"2026-07-04T13:30:00+02:00": seen.Add(-30 * time.Minute),
		"2031-01-01T00:00:00Z":      seen,
		"0000-01-01T00:00:00Z":      seen,
		"yesterday":                 seen,
		"":                          seen,
	} {
		if got := saidAt(claim, seen); !got.Equal(want) {
			t.Errorf("saidAt(%q) = %v, want %v", claim, got, want)
		}
	}
}

func TestRecordedFrames(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "streams", "bluesky-jetstream-v1.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("left out: needs the recorded frames in ../shared/data")
	}
	if err != nil {
		t.Fatal(err)
	}
	said, gone, frames := 0, 0, 0
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		frames++
		h := listener{all: true}.hear(readV1(line))
		compare(t, line, readV1)
		switch {
		case h.reason != "" || h.at == 0:
			t.Errorf("frame %d was left out: %s", frames, h.reason)
		case h.isEvent && h.event.Op == lastword.Said:
			said++
		case h.isEvent && h.event.Op == lastword.Deleted:
			gone++
		}
	}
	// One of the four posts is a picture without words.
	if frames != 76 || said != 3 || gone != 1 {
		t.Errorf("%d frames: %d posts and %d deletions, want 76: 3 and 1", frames, said, gone)
	}
}

// compare reads a frame both ways: what encoding/json reads slowly and surely,
// we must read too.
func compare(t testing.TB, b []byte, read func([]byte) frame) {
	t.Helper()
	want, ok := tree(b)
	f := read(b)
	if !ok || f.kind != frameCommit {
		return
	}
	commit, did := want.in("commit"), want.str("did")
	if f.seq > 0 {
		commit, did = want.in("payload"), want.in("payload").str("did")
	}
	got := [5]string{string(f.op), string(f.collection), string(f.rkey), string(f.cid), string(f.did)}
	if plain := [5]string{commit.str("operation"), commit.str("collection"), commit.str("rkey"), commit.str("cid"), did}; got != plain {
		t.Errorf("%s: read %q, want %q", b, got, plain)
	}
	compareRecord(t, f.record)
}

func compareRecord(t testing.TB, b []byte) {
	t.Helper()
	want, ok := tree(b)
	r, readable := readRecord(b)
	if !ok || !readable {
		return
	}
	langs, isList := want["langs"].([]any)
	lang := ""
	for i := 0; isList && i < len(langs) && lang == ""; i++ {
		if s, ok := langs[i].(string); ok {
			lang = s
		}
	}
	got := [5]string{r.text, r.created, r.lang, r.reply.Parent.URI, r.reply.Root.CID}
	reply := want.in("reply")
	if plain := [5]string{want.str("text"), want.str("createdAt"), lang, reply.in("parent").str("uri"), reply.in("root").str("cid")}; got != plain {
		t.Errorf("%s: read %q, want %q", b, got, plain)
	}
}

// An object is JSON as encoding/json builds it.
type object map[string]any

func (o object) in(name string) object  { sub, _ := o[name].(map[string]any); return sub }
func (o object) str(name string) string { s, _ := o[name].(string); return s }

// tree builds an object, unless it names a member twice: which one counts is
// then nobody's rule.
func tree(b []byte) (o object, ok bool) {
	return o, json.Unmarshal(b, &o) == nil && !hasTwins(json.NewDecoder(bytes.NewReader(b)))
}

// hasTwins reads one value.
func hasTwins(dec *json.Decoder) bool {
	tok, err := dec.Token()
	opening, isDelim := tok.(json.Delim)
	if err != nil || !isDelim {
		return false
	}
	seen := map[string]bool{}
	for dec.More() {
		if opening == '{' {
			key, err := dec.Token()
			name, isName := key.(string)
			if err != nil || !isName || seen[name] {
				return true
			}
			seen[name] = true
		}
		if hasTwins(dec) {
			return true
		}
	}
	_, err = dec.Token()
	return err != nil
}

// Whatever a person writes must come out as it went in, in any order of members
// and among others that we do not know.
func TestFramesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		odd := rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "odd")
		record := map[string]any{"$type": postCollection, "text": text, "createdAt": "2026-01-01T00:00:00Z", "langs": []string{"de"},
			"zeta": map[string]any{"a": odd, "b": []any{1.5e9, nil, true, map[string]any{}}}, "embed": odd}
		commit := map[string]any{"operation": "create", "collection": postCollection, "rkey": "3k", "cid": "bafy", "record": record, "aux": odd}
		b, err := json.Marshal(map[string]any{"did": "did:plc:c", "kind": "commit", "time_us": 1.7e15, "commit": commit, "more": odd})
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "spaced") {
			var spaced bytes.Buffer
			if err := json.Indent(&spaced, b, "\t", "  "); err != nil {
				t.Fatal(err)
			}
			b = spaced.Bytes()
		}
		var want struct{ Text string }
		if err := json.Unmarshal(must(json.Marshal(map[string]string{"text": text})), &want); err != nil {
			t.Fatal(err)
		}
		f := readV1(b)
		r, ok := readRecord(f.record)
		if f.kind != frameCommit || !ok || r.text != want.Text {
			t.Fatalf("%s: kind %d, record %v %+v", b, f.kind, ok, r)
		}
	})
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func FuzzReadV1(f *testing.F) { fuzzFrames(f, readV1) }
func FuzzReadV2(f *testing.F) { fuzzFrames(f, readV2) }

func fuzzFrames(f *testing.F, read func([]byte) frame) {
	for _, s := range []string{inventedV1, inventedV2, `{}`, `{"$type":"error","error":"ConsumerTooSlow"}`, `[[[[[`, `{"a":"\`, `{"kind":"commit","commit":{"record":{"text":5}}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fr := read(b)
		h := listener{all: true}.hear(fr)
		if h.isEvent && h.event.Op == lastword.Said {
			if _, err := parseATURI(h.event.Post.Key); err != nil || len(h.event.Post.Text) > maxBytes {
				t.Errorf("a post with the key %q and %d bytes was handed over", h.event.Post.Key, len(h.event.Post.Text))
			}
		}
		compare(t, b, read)
	})
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte(`{"$type":"app.bsky.feed.post","text":"a\u00e4","langs":["de"],"reply":{"root":{"uri":"x"}},"labels":{"values":[{"val":"!hide"}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		compareRecord(t, b)
	})
}

func FuzzDictionary(f *testing.F) {
	f.Add([]byte("\x37\xa4\x30\xec\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := readDictionary(b); err == nil && d.id == 0 {
			t.Error("a dictionary without a number was taken")
		}
	})
}

func BenchmarkPost(b *testing.B)   { benchmark(b, []byte(inventedV2), readV2) }
func BenchmarkPostV1(b *testing.B) { benchmark(b, []byte(inventedV1), readV1) }
func BenchmarkReject(b *testing.B) {
	benchmark(b, []byte(strings.Replace(inventedV2, "feed.post\"", "feed.like\"", 1)), readV2)
}
func BenchmarkAccount(b *testing.B) {
	benchmark(b, []byte(`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#account","seq":4,"did":"did:plc:c","time":"2026-07-04T14:38:08.160588Z","account":{"active":true,"did":"did:plc:c","seq":1,"time":"x"}}}`), readV2)
}

func benchmark(b *testing.B, bytes []byte, read func([]byte) frame) {
	b.SetBytes(int64(len(bytes)))
	b.ReportAllocs()
	all := listener{all: true}
	for b.Loop() {
		if h := all.hear(read(bytes)); h.reason != "" {
			b.Fatal(h.reason)
		}
	}
}

// What it costs to do the same with encoding/json.
func BenchmarkPlainPost(b *testing.B) {
	b.SetBytes(int64(len(inventedV2)))
	b.ReportAllocs()
	for b.Loop() {
		var f struct {
			Payload struct {
				Seq                                         int64
				DID, Time, Operation, Collection, RKey, CID string
				Record                                      struct {
					Text, CreatedAt string
					Langs           []string
				}
			}
		}
		if err := json.Unmarshal([]byte(inventedV2), &f); err != nil {
			b.Fatal(err)
		}
	}
}
