package file_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen/file"
)

// real returns a file of real posts, kept beside the project and never in it.
func real(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../../shared/data", name))
	if err != nil {
		t.Skipf("no real posts here: %v", err)
	}
	return string(raw)
}

// TestMobasa: every one of the 4,129 rows, each with its own time.
func TestMobasa(t *testing.T) {
	t.Parallel()
	content := real(t, "sentiment/mobasa-dev.de.jsonl")
	got, d := imported(t, "mobasa-dev.de.jsonl", content)
	if len(got) != 4129 || len(d.dropped) != 0 {
		t.Fatalf("%d posts, dropped %v", len(got), d.dropped)
	}
	for i, line := range strings.Split(strings.TrimSpace(content), "\n") {
		var row struct{ ID, Text, Time string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		said, err := time.Parse(time.RFC3339, row.Time)
		if err != nil || got[i].Key != row.ID || !got[i].SaidAt.Equal(said) {
			t.Errorf("row %d: %+v", i+1, got[i])
		}
		if strings.Join(strings.Fields(got[i].Text), " ") != strings.Join(strings.Fields(row.Text), " ") {
			t.Logf("row %d: text cleaned", i+1)
		}
	}
}

// TestGermeval: every one of the 2,325 rows; 1,130 of them have a time.
func TestGermeval(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "germeval2017-dev.de.jsonl", real(t, "sentiment/germeval2017-dev.de.jsonl"))
	timed, keys := 0, map[string]bool{}
	for _, p := range got {
		keys[p.Key] = true
		if !p.SaidAt.Equal(noon) {
			timed++
		}
	}
	if len(got) != 2325 || len(keys) != 2325 || timed != 1130 || len(d.dropped) != 0 {
		t.Errorf("%d posts, %d keys, %d with a time, dropped %v", len(got), len(keys), timed, d.dropped)
	}
}

// TestTwcs: 5,000 posts of support desks, with the desks' own told apart.
func TestTwcs(t *testing.T) {
	t.Parallel()
	content := real(t, "streams/twcs-excerpt.en.csv")
	got, d := imported(t, "twcs-excerpt.en.csv", content, "network", "x", "lang", "en")
	if len(got) != 5000 || len(d.dropped) != 0 {
		t.Fatalf("%d posts, dropped %v", len(got), d.dropped)
	}
	byKey := map[string]lastword.Post{}
	for _, p := range got {
		byKey[p.Key] = p
	}
	replies, later, own := 0, 0, 0
	for _, p := range got {
		if p.Own {
			own++
		}
		if _, err := strconv.Atoi(p.Author.Key); p.Own == (err == nil) {
			t.Errorf("own %v, though by %s", p.Own, p.Author.Key)
		}
		if parent, ok := byKey[p.Parent]; ok {
			replies++
			if !p.SaidAt.Before(parent.SaidAt) {
				later++
			}
		}
		if strings.Contains(p.Parent, ".") || p.SaidAt.Year() != 2017 && p.SaidAt.Year() > 2018 {
			t.Errorf("got %+v", p)
		}
	}
	t.Logf("%d of 5,000 are the desks' own; %d reply to one in the file, %d of them later than it", own, replies, later)
	if len(byKey) != 5000 || replies < 3000 || later != replies {
		t.Errorf("%d keys, %d replies, %d later", len(byKey), replies, later)
	}
}

// TestRealFeeds reads the feeds found in the wild.
func TestRealFeeds(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("../../../shared/data/streams/feeds"), "*/spec/sample_feeds/*.xml")
	if err != nil || len(files) == 0 {
		t.Skip("no real feeds here")
	}
	read, entries := 0, 0
	for _, name := range files {
		d := newDesk(filepath.Base(name), real(t, "streams/feeds/"+name))
		if err := d.poll(with(filepath.Base(name)), d.hear); err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		read++
		entries += len(d.events)
	}
	t.Logf("%d of %d feeds read, %d entries", read, len(files), entries)
	if read < len(files)*3/4 {
		t.Errorf("only %d of %d feeds read", read, len(files))
	}
}

// BenchmarkImport measures rows a second, each format over the same real posts.
func BenchmarkImport(b *testing.B) {
	for _, c := range []struct{ name, path string }{
		{"jsonl", "sentiment/mobasa-dev.de.jsonl"}, {"csv", "streams/twcs-excerpt.en.csv"},
	} {
		content := real(b, c.path)
		for _, packed := range []string{"", ".zst"} {
			data := []byte(content)
			if packed != "" {
				data = zstandard(b, content)
			}
			b.Run(c.name+packed, func(b *testing.B) {
				d := newDesk(c.path+packed, string(data))
				b.SetBytes(int64(len(content)))
				for b.Loop() {
					d.events, d.cursor = nil, ""
					if err := d.poll(with(c.path+packed), d.hear); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(d.events)*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// TestGuessOnRealTables shows what a person is asked to confirm.
func TestGuessOnRealTables(t *testing.T) {
	t.Parallel()
	look, err := file.Inspect(t.Context(), "twcs.csv", seeker{strings.NewReader(real(t, "streams/twcs-excerpt.en.csv"))})
	if err != nil {
		t.Fatal(err)
	}
	const want = "text=text,time=created_at,id=tweet_id,in_reply_to=in_response_to_tweet_id,author_id=author_id,inbound=inbound"
	if got := look.Table.Mapping.String(); got != want || look.Charset != "utf-8" || look.Format != file.CSV {
		t.Errorf("got %s\n%+v", got, look)
	}
}
