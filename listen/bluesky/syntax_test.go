package bluesky

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// cases reads the lines of a syntax file of the protocol's interoperability
// suite.
func cases(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "streams", "atproto-interop", "syntax", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("left out: needs the interoperability cases in ../shared/data")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := lines.Text(); strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatalf("%s: %d cases, %v", name, len(all), lines.Err())
	}
	return all
}

func TestInteropSyntax(t *testing.T) {
	t.Parallel()
	tidOK := func(s string) bool { _, err := parseTID(s); return err == nil }
	for name, ok := range map[string]func(string) bool{
		"did": isDID[string], "handle": isHandle, "nsid": isNSID, "recordkey": isRecordKey[string], "tid": tidOK,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range cases(t, name+"_syntax_valid.txt") {
				if !ok(s) {
					t.Errorf("%q is valid, and was refused", s)
				}
			}
			for _, s := range cases(t, name+"_syntax_invalid.txt") {
				if ok(s) {
					t.Errorf("%q is invalid, and was taken", s)
				}
			}
		})
	}
}

// Of at-URIs we take the full form with a DID only; the suite has others too.
func TestInteropATURI(t *testing.T) {
	t.Parallel()
	taken := 0
	for _, s := range cases(t, "aturi_syntax_valid.txt") {
		if u, err := parseATURI(s); err == nil {
			taken++
			if u.String() != s {
				t.Errorf("%q became %q", s, u)
			}
		} else if parts := strings.Split(s, "/"); len(parts) == 5 && isDID(parts[2]) && !strings.Contains(s, "#") {
			t.Errorf("%q is a full URI with a DID, and was refused", s)
		}
	}
	if taken == 0 {
		t.Error("no case was of the full form")
	}
	for _, s := range cases(t, "aturi_syntax_invalid.txt") {
		if _, err := parseATURI(s); err == nil {
			t.Errorf("%q is invalid, and was taken", s)
		}
	}
}

func TestTIDsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := tid(rapid.Uint64Max(1<<63-1).Draw(t, "a"))
		b := tid(rapid.Uint64Max(1<<63-1).Draw(t, "b"))
		got, err := parseTID(a.String())
		if err != nil || got != a {
			t.Fatalf("%d written as %s was read as %d, %v", a, a, got, err)
		}
		if (a < b) != (a.String() < b.String()) {
			t.Fatalf("%s and %s do not sort as %d and %d", a, b, a, b)
		}
	})
}

// A record key must not change from one attempt to the next, nor be shared.
func TestReplyKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		of := tid(rapid.Uint64Max(1<<63-1).Draw(t, "voice"))
		at := atURI{did: "did:plc:ccccccccccccccccccccccca", collection: postCollection, rkey: of.String()}
		key := rapid.StringMatching(`[0-9]{1,19}`).Draw(t, "key")
		got := replyKey(at, key)
		if again := replyKey(at, key); again != got {
			t.Fatalf("one answer has the keys %s and %s", got, again)
		}
		if _, err := parseTID(got.String()); err != nil {
			t.Fatalf("%s is no TID", got)
		}
		if got>>hashBits != of>>hashBits {
			t.Fatalf("%s does not carry the time of the voice %s", got, of)
		}
		if other := replyKey(at, key+"0"); other == got {
			t.Fatalf("two answers share the key %s", got)
		}
	})
	free := atURI{did: "did:plc:ccccccccccccccccccccccca", collection: postCollection, rkey: "a-key-of-another-kind"}
	if _, err := parseTID(replyKey(free, "1").String()); err != nil || replyKey(free, "1") == replyKey(free, "2") {
		t.Errorf("a voice whose key carries no time: %s, %s", replyKey(free, "1"), replyKey(free, "2"))
	}
}

func FuzzParseATURI(f *testing.F) {
	f.Add("at://did:plc:ccccccccccccccccccccccca/app.bsky.feed.post/3mptbyo7dms2m")
	f.Add("at://did:web:a.test%3A80/a.b.c/self")
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := parseATURI(s); err == nil && u.String() != s {
			t.Errorf("%q became %q", s, u)
		}
	})
}
