package match

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lastword"
)

func TestParseCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"Aufzug kaputt", "Aufzug kaputt"},
		{"Aufzug UND kaputt", "Aufzug kaputt"},
		{"a ODER b c", "a OR b c"},
		{"(a OR b) c", "(a OR b) c"},
		{"((a)) (b (c))", "a b c"},
		{"NICHT NOT a", "--a"},
		{"a -(b c)", "a -(b c)"},
		{"„guten   Morgen“ «x»", `"guten Morgen" "x"`},
		{"(a OR \"b c\") NEAR/03 d NEAR/0 e*x", ""},
		{"(a OR \"b c\") NEAR/03 d NEAR/0 exx*", `(a OR "b c") NEAR/3 d NEAR/0 exx*`},
		{"AUTHOR:@Anna author:\"b c\"", `author:anna author:"b c"`},
		{"site:https://www.Example.org/x", "site:www.example.org"},
		{"lang:de_AT is:REPLY network:Bluesky", "lang:de-at is:reply network:bluesky"},
		{"e-mail 10:30 https://example.org/a", "e-mail 10:30 https://example.org/a"},
		{"and or not near", "and or not near"},
		{"a OR -b", "a OR -b"},
		{"東京*", "東京*"},
	} {
		q, err := Parse(c.text)
		if (err == nil) != (c.want != "") {
			t.Errorf("Parse(%q): %v", c.text, err)
		} else if q.String() != c.want {
			t.Errorf("Parse(%q) = %q, want %q", c.text, q, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, key, place string // place: the part of text that is pointed at
	}{
		{"", ErrEmpty, ""},
		{" \t", ErrEmpty, ""},
		{"bahn (kaputt", ErrOpen, "("},
		{"bahn (", ErrOpen, "("},
		{"bahn) kaputt", ErrClose, ")"},
		{") bahn", ErrClose, ")"},
		{`bahn "kaputt`, ErrQuote, `"`},
		{`bahn ""`, ErrEmptyPhrase, `""`},
		{`bahn „!“`, ErrEmptyPhrase, `„!“`},
		{"bahn ()", ErrEmptyGroup, "()"},
		{"bahn OR", ErrOperand, "OR"},
		{"ODER bahn", ErrOperand, "ODER"},
		{"bahn AND OR zug", ErrOperand, "AND"},
		{"(bahn NOT)", ErrOperand, "NOT"},
		{"bahn NEAR/3", ErrOperand, "NEAR/3"},
		{"bahn NEAR zug", ErrNear, "NEAR"},
		{"bahn NEAR/x zug", ErrNear, "NEAR/x"},
		{"bahn NEAR/101 zug", ErrNear, "NEAR/101"},
		{"bahn NEAR/2 (zug bus)", ErrNearOperand, "(zug bus)"},
		{"bahn NEAR/2 -zug", ErrNearOperand, "-"},
		{"is:own NEAR/2 zug", ErrNearOperand, "is:own"},
		{"-bahn NOT zug", ErrNegative, "-bahn NOT zug"},
		{"NOT (bahn OR zug)", ErrNegative, "NOT (bahn OR zug)"},
		{"bahn farbe:rot", ErrField, "farbe:rot"},
		{"bahn author:", ErrValue, "author:"},
		{"bahn author:a*", ErrValue, "author:a*"},
		{"bahn is:question", ErrValue, "is:question"},
		{"zug ba*", ErrWildShort, "ba*"},
		{"zug *ba*", ErrWildShort, "*ba*"},
		{"zug due*", ErrWildShort, "due*"},
		{"zug *", ErrWildShort, "*"},
		{"zug ba*hn", ErrWildInside, "ba*hn"},
		{"zug - bahn", ErrEmptyTerm, "-"},
		{"zug 😡", ErrEmptyTerm, "😡"},
	} {
		_, err := Parse(c.text)
		var e *SyntaxError
		if !errors.As(err, &e) || e.Key != c.key {
			t.Errorf("Parse(%q): %v, want %s", c.text, err, c.key)
			continue
		}
		if got := c.text[e.Offset : e.Offset+e.Length]; got != c.place {
			t.Errorf("Parse(%q) points at %q, want %q", c.text, got, c.place)
		}
		if !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("Parse(%q): %v is not ErrInvalid", c.text, err)
		}
	}
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, good, bad, key string }{
		{"bytes", strings.Repeat("x", MaxBytes), strings.Repeat("x", MaxBytes+1), ErrTooLong},
		{"depth", nested("(", ")", MaxDepth), nested("(", ")", MaxDepth+1), ErrTooDeep},
		{"nots", nested("NOT ", "", MaxDepth), nested("NOT ", "", MaxDepth+1), ErrTooDeep},
		{"minuses", nested("-", "", MaxDepth), nested("-", "", 3000), ErrTooDeep},
		{"terms", strings.Repeat("ab ", MaxTerms), strings.Repeat("ab ", MaxTerms+1), ErrTooMany},
		{"words of a phrase", `"` + strings.Repeat("ab ", MaxTerms) + `"`, `"` + strings.Repeat("ab ", MaxTerms) + `" ab`, ErrTooMany},
	} {
		if _, err := Parse(c.good); err != nil {
			t.Errorf("%s: just enough: %v", c.name, err)
		}
		_, err := Parse(c.bad)
		var e *SyntaxError
		if !errors.As(err, &e) || e.Key != c.key {
			t.Errorf("%s: one too many: %v, want %s", c.name, err, c.key)
		}
	}
}

func nested(open, end string, depth int) string {
	return strings.Repeat(open, depth) + "bahn" + strings.Repeat(end, depth)
}

func TestKeysAreComplete(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, k := range Keys() {
		if !strings.HasPrefix(k, "query.") || seen[k] {
			t.Errorf("key %q is misspelt or listed twice", k)
		}
		seen[k] = true
	}
	for _, text := range []string{"", "(", ")", `"`, `""`, "()", "-", "OR", "NEAR", "a NEAR/1 (b c)", "-a", "x:y", "is:x", "ab*", "abc*d"} {
		var e *SyntaxError
		if _, err := Parse(text); !errors.As(err, &e) || !seen[e.Key] {
			t.Errorf("Parse(%q): %v has no listed key", text, err)
		}
	}
}

func TestCanonicalRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q, err := Parse(genQuery(t, rapid.IntRange(0, 6).Draw(t, "depth")))
		if err != nil {
			t.Skip(err)
		}
		again, err := Parse(q.String())
		if err != nil {
			t.Fatalf("%q does not parse: %v", q, err)
		}
		if again.String() != q.String() {
			t.Fatalf("%q became %q", q, again)
		}
		p := genPost(t)
		if again.Matches(p) != q.Matches(p) {
			t.Fatalf("%q judges %q another way when parsed again", q, p.Text)
		}
	})
}

// FuzzParse: no text brings the parser down; an error points into the text, and
// what parses has a canonical form that parses to itself.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`(Aufzug OR Fahrstuhl) NEAR/5 (kaputt ODER "außer Betrieb") -lang:en`, `author:@x site:"a b" #*bahn* „a`,
		"((((", "NOT NOT -a", "a NEAR/", "\xff\"\xff\"", "*", "-*", `a"b"c`, "is:is:own", "\u2028a", "site:\xff", "@*abc*",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(text) {
				t.Fatalf("%q: error %+v points nowhere", text, err)
			}
			return
		}
		again, err := Parse(q.String())
		if err != nil || again.String() != q.String() {
			t.Fatalf("%q: canonical %q becomes %q, %v", text, q, again, err)
		}
	})
}

func TestEveryday(t *testing.T) {
	t.Parallel()
	for query, wants := range map[string]bool{
		"der OR die OR the": true, "der -gewinnspiel": true, "lang:de": true, "heute": true,
		"Hobelwerk": false, "schuh* kaputt": false, `"kundendienst"`: false, "@hobelwerk": false,
	} {
		q, err := Parse(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if n, of := q.Everyday(); n > 0 != wants || of != 40 {
			t.Errorf("%s wants %d of %d everyday posts", query, n, of)
		}
	}
}
