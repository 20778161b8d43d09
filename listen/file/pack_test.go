package file_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"lastword"
	"lastword/listen"
	"lastword/listen/file"
	"lastword/listen/listentest"
)

func gzipped(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, s string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(s), nil)
}

func utf16le(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// rows is a table of n rows with quoted newlines, and the same as JSON Lines.
func rows(n int) (table, jsonl string) {
	var a, b strings.Builder
	a.WriteString("nr;Datum;Verfasser;Kommentar\n")
	for i := range n {
		fmt.Fprintf(&a, "%d;%d.03.2026 10:%02d;Kundin %d;\"Größe %d\nfehlt mir; \"\"schade\"\"\"\n", i+1, i%28+1, i%60, i, i)
		fmt.Fprintf(&b, "{\"id\":%d,\"text\":\"Größe %d fehlt mir\",\"author\":\"Kundin %d\"}\n", i+1, i, i)
	}
	return a.String(), b.String()
}

// strayQuotes is a table of n rows in which no quote is ever closed, though
// none but the first is refused: the others are read each by itself.
func strayQuotes(n int) string {
	var b strings.Builder
	b.WriteString("nr;Kommentar;Verfasser\n")
	for i := range n {
		fmt.Fprintf(&b, "%d;Absatz bei \"%d\";\"Eva\n", i+1, i)
	}
	return b.String()
}

// TestKilledAnywhere stops an import after any batch and goes on with the last
// saved cursor: every row arrives exactly once, whatever the packing.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	table, jsonl := rows(2600)
	files := map[string][]byte{
		"a.csv": []byte(table), "b.csv.gz": gzipped(t, table), "c.csv": utf16le(table), "d.csv.zst": zstandard(t, table),
		"e.jsonl": []byte(jsonl), "f.jsonl.zst": zstandard(t, jsonl), "g.json": []byte("[" + strings.ReplaceAll(jsonl, "}\n", "},\n") + "]"),
		"h.mbox": []byte(mailbox(1300)),
		"j.csv":  []byte(strayQuotes(2600)),
		"i.csv":  []byte(strings.Replace(table, "\n", "\nstray;1.1.2026;x;\"never closed\n", 1)),
	}
	for name, content := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := newDesk(name, string(content))
			if err := whole.poll(with(name), whole.hear); err != nil {
				t.Fatal(err)
			}
			parts := newDesk(name, string(content))
			for kills := 0; ; kills++ {
				err := parts.poll(with(name), dieAfter(1, parts))
				if err == nil {
					break
				}
				if !errors.Is(err, errKilled) || kills > 50 {
					t.Fatal(err)
				}
			}
			if got, want := fmt.Sprint(posts(parts.events)), fmt.Sprint(posts(whole.events)); got != want || len(whole.events) < 1300 {
				t.Errorf("in pieces %d posts, at once %d", len(parts.events), len(whole.events))
			}
			if fmt.Sprint(parts.dropped) != fmt.Sprint(whole.dropped) {
				t.Errorf("in pieces dropped %v, at once %v", parts.dropped, whole.dropped)
			}
		})
	}
}

var errKilled = errors.New("killed")

// dieAfter takes n batches, and is killed when it is given the next.
func dieAfter(n int, d *desk) func(context.Context, []lastword.Event, string) error {
	return func(ctx context.Context, events []lastword.Event, cursor string) error {
		if n--; n < 0 {
			return errKilled
		}
		return d.hear(ctx, events, cursor)
	}
}

func TestAFileThatChanged(t *testing.T) {
	t.Parallel()
	name, rows := "wachsend.jsonl", "{\"text\":\"eins\"}\n{\"text\":\"zwei\"}\n"
	d := newDesk(name, rows)
	for _, step := range []struct {
		content string
		want    int // posts so far
	}{
		{rows, 2},
		{rows, 2},
		{rows + "{\"text\":\"drei\"}\n", 3},
		{"{\"text\":\"ganz anders\"}\n" + rows, 6},
		{rows, 8}, // shorter: another file
	} {
		d.files[name] = []byte(step.content)
		if err := d.poll(with(name), d.hear); err != nil {
			t.Fatal(err)
		}
		if len(d.events) != step.want {
			t.Errorf("after %q: %d posts, want %d", step.content, len(d.events), step.want)
		}
	}
}

func TestProgressGrows(t *testing.T) {
	t.Parallel()
	_, jsonl := rows(2600)
	for name, content := range map[string][]byte{"a.jsonl": []byte(jsonl), "a.jsonl.gz": gzipped(t, jsonl)} {
		d := newDesk(name, string(content))
		last := file.Progress{}
		err := d.poll(with(name), func(_ context.Context, events []lastword.Event, cursor string) error {
			p, ok := file.ProgressOf(cursor)
			if !ok || p.Read < last.Read || p.Line <= last.Line && !p.Done || p.Size != int64(len(content)) || p.Fraction() > 1 {
				t.Errorf("%s: progress %+v after %+v", name, p, last)
			}
			last = p
			return nil
		})
		if err != nil || !last.Done {
			t.Errorf("%s: %v, %+v", name, err, last)
		}
	}
	if _, ok := file.ProgressOf(`{"seen":[1]}`); ok {
		t.Error("another connector's cursor has progress")
	}
}

// TestPromises runs what every connector promises.
func TestPromises(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, file.New(), with("a.jsonl"))
	_, jsonl := rows(1300)
	d := newDesk("a.jsonl", jsonl)
	listentest.ExerciseSource(t, listentest.Place{
		Network: "file",
		Open: func() listen.Source {
			src, err := file.New().Open(account("a.jsonl"), d.host())
			if err != nil {
				t.Fatal(err)
			}
			return src
		},
		Grow: func() { d.files["a.jsonl"] = append(d.files["a.jsonl"], "{\"text\":\"noch eins\"}\n"...) },
	})
}

// TestForeignCursor hands over cursors that nobody made.
func TestForeignCursor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk("a.csv", "id,text\n1,eins\n2,zwei\n")
		d.cursor = rapid.OneOf(rapid.String(), rapid.Just(`{"at":-5,"head":3}`), rapid.Just(`{"at":9999999,"digest":"x"}`)).Draw(t, "cursor")
		if err := d.poll(with("a.csv"), d.hear); err != nil || len(d.events) != 2 {
			t.Fatalf("got %d posts, %v", len(d.events), err)
		}
	})
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, jsonl := rows(2600)
	d := newDesk("a.jsonl.gz", string(gzipped(t, strings.Repeat(jsonl, 20))))
	src, err := file.New().Open(account("a.jsonl.gz"), d.host())
	if err != nil {
		t.Fatal(err)
	}
	err = src.Poll(ctx, "", func(c context.Context, e []lastword.Event, cursor string) error {
		cancel()
		return d.hear(c, e, cursor)
	})
	if !errors.Is(err, context.Canceled) || len(d.events) > 52_000-500 {
		t.Errorf("after %d posts: %v", len(d.events), err)
	}
}

// TestBomb is a small file that grows without measure.
func TestBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("decompresses 256 MB")
	}
	t.Parallel()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := w.EncodeAll(make([]byte, 300<<20), nil)
	d := newDesk("bombe.jsonl.zst", string(bomb))
	if err := d.poll(with("bombe.jsonl.zst"), d.hear); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("%d bytes that become 300 MB: got %v", len(bomb), err)
	}
}
