package file_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/listen/file"
)

// read imports whatever the fuzzer made and checks what holds of every import.
func read(t *testing.T, name string, content []byte) {
	d := newDesk(name, string(content))
	err := d.poll(with(name), d.hear)
	if err != nil && !errors.Is(err, lastword.ErrDenied) {
		t.Fatalf("an error that says nothing: %v", err)
	}
	for _, e := range d.events {
		p := e.Post
		if p.Text == "" || p.Key == "" || p.Network == "" || p.SaidAt.IsZero() || len(p.Text) > 64<<10 || !utf8.ValidString(p.Text+p.Title+p.Author.Name) {
			t.Fatalf("not a post: %+v", p)
		}
	}
	if err != nil {
		return
	}
	again := newDesk(name, string(content))
	for range len(d.events) + 2 {
		if err := again.poll(with(name), dieAfter(1, again)); err == nil {
			break
		}
	}
	if len(again.events) != len(d.events) {
		t.Fatalf("in pieces %d posts, at once %d", len(again.events), len(d.events))
	}
}

func FuzzJSONLines(f *testing.F) {
	f.Add([]byte("{\"text\":\"a\",\"time\":1}\n{\"user\":{\"id\":[1]}}\n"))
	f.Add([]byte("\xff\xfe{\x00\"\x00t\x00"))
	f.Fuzz(func(t *testing.T, b []byte) { read(t, "a.jsonl", b) })
}

func FuzzJSONArray(f *testing.F) {
	f.Add([]byte(`[{"text":"a\"}"},{"x":{"text":"b"}}`))
	f.Fuzz(func(t *testing.T, b []byte) { read(t, "a.json", append([]byte("[{"), b...)) })
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("id;text\n1;\"a\nb\"\n2;\"c\n3;d"))
	f.Add([]byte("text,\x00\r\r\"\"\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) { read(t, "a.csv", b) })
}

func FuzzMbox(f *testing.F) {
	f.Add([]byte(mailbox(2)))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x\n--b--\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		read(t, "a.mbox", append([]byte("From a Mon Mar  2 09:12:00 2026\nFrom: a@b.example\n"), b...))
	})
}

func FuzzFeed(f *testing.F) {
	f.Add([]byte(`<rss version="2.0"><channel><item><title>a</title></item></channel></rss>`))
	f.Fuzz(func(t *testing.T, b []byte) { read(t, "a.xml", append([]byte("<?xml version=\"1.0\"?>"), b...)) })
}

func FuzzPacked(f *testing.F) {
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newDesk("a", string(b))
		if err := d.poll(with("a"), d.hear); err != nil && !errors.Is(err, lastword.ErrDenied) {
			t.Fatal(err)
		}
	})
}

func FuzzGuess(f *testing.F) {
	f.Add([]byte("Datum;Text\n1.2.2026;ja\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		g := file.Guess(b)
		if _, err := file.ParseMapping(g.Mapping.String()); err != nil {
			t.Fatalf("%q: %v", g.Mapping, err)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	f.Add("31. Oktober 2017, 22:10 Uhr")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := file.ParseTime(s, time.UTC, true); ok && (got.Year() < 1989 || got.Year() > 2100) {
			t.Fatalf("%q is %v", s, got)
		}
	})
}
