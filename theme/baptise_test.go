package theme

import "testing"

// A noun is put as it heads a list, as far as the voices tell what that is.
func TestNominative(t *testing.T) {
	t.Parallel()
	c := New(Config{NewID: func() int64 { return 1 }})
	for _, said := range []string{"bei meinem Liegestuhl klemmt es, alle Liegestuhle klemmen", "Ich lag auf Liegestuhlen", "es sind zu viele Rosinen drin, eine Rosine genügt"} {
		c.nouns.learn(clues(Item{Text: said, Lang: "de"}))
	}
	for said, want := range map[string]string{"Liegestuhlen": "Liegestuhle", "Rosinen": "Rosinen", "Neue Liegestuhlen": "Neue Liegestuhlen", "Fahnen": "Fahnen"} {
		if got := c.nominative(said); got != want {
			t.Errorf("%q becomes %q, want %q", said, got, want)
		}
	}
}

// Who is spoken of with a title is a person, but for a thing that is also spoken of
// without one.
func TestPersonsAreTold(t *testing.T) {
	t.Parallel()
	c := New(Config{NewID: func() int64 { return 1 }})
	for _, said := range []string{"danke an Frau Yilmaz für alles", "die nette Frau Yilmaz wieder", "hier ist Herr Schalter der Chef",
		"am Schalter steht keiner", "an welchem Schalter denn", "wieder war jeder Schalter zu", "zum Schalter bitte"} {
		c.nouns.learn(clues(Item{Text: said, Lang: "de"}))
	}
	ns := c.weighed(c.read(Item{Text: "Yilmaz Schalter", Lang: "de"}))
	if !ns[0].frames || ns[0].carries {
		t.Error("Frau Yilmaz is taken for a thing")
	}
	if ns[1].frames || !ns[1].carries {
		t.Error("a counter is taken for a person")
	}
}
