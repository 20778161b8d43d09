package bench

import (
	"fmt"
	"strings"
	"testing"

	"lastword"
)

func TestReadLabelled(t *testing.T) {
	t.Parallel()
	var told []string
	rows, err := ReadLabelled(strings.NewReader(`{"text":"Bitte mehr Grün","kinds":["wish","question"],"wish":"mehr Grün","feeling":"positive","about":false,"language":"DE","id":7}

nonsense
{"text":"  "}
{"text":"a","kinds":[],"feeling":null}
{"text":"a","wish":""}
{"text":"a","kinds":"wish"}
`), func(line int, err error) { told = append(told, fmt.Sprint(line, " ", err)) })
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	r := rows[0]
	if r.Line != 1 || *r.Kinds != lastword.Wish|lastword.Question || *r.Wish != "mehr Grün" || *r.Feeling != lastword.Positive || *r.About || r.Language != "de" {
		t.Errorf("got %+v", r)
	}
	if r := rows[1]; r.Line != 5 || r.Kinds == nil || *r.Kinds != 0 || r.Feeling != nil || r.About != nil {
		t.Errorf("got %+v", r)
	}
	want := []string{"3 this is no JSON object", `4 it has no "text"`, `6 "wish" is not found`, `7 "kinds" is a string`}
	for i, w := range want {
		if i >= len(told) || !strings.HasPrefix(told[i], w) {
			t.Errorf("told %q, want %q", told, want)
			break
		}
	}
}

func FuzzReadLabelled(f *testing.F) {
	f.Add(`{"text":"a","kinds":["wish"],"wish":"a","feeling":"neutral","about":true}`)
	f.Add("{\"text\":\"\xff\"}\n[]\nnull\n\"x\"")
	f.Fuzz(func(t *testing.T, file string) {
		bad := 0
		rows, err := ReadLabelled(strings.NewReader(file), func(line int, err error) {
			if line < 1 || err == nil {
				t.Errorf("line %d: %v", line, err)
			}
			bad++
		})
		if err != nil {
			return
		}
		for _, r := range rows {
			if r.Text == "" || r.Line < 1 || r.Wish != nil && !strings.Contains(r.Text, *r.Wish) {
				t.Errorf("row %+v", r)
			}
		}
		if lines := strings.Count(file, "\n") + 1; len(rows)+bad > lines {
			t.Errorf("%d rows and %d bad of %d lines", len(rows), bad, lines)
		}
	})
}
