package answer

import (
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// A Draft is all that a drafted answer is made of. None of it is a customer's
// own text.
type Draft struct {
	Network lastword.Network
	Lang    string // BCP 47: "de…" or "en…"; "de-CH" and "de-LI" are written with ss
	Kinds   lastword.Kinds
	Asked   lastword.Kinds // the kinds of the theme, which Reason goes by
	Verdict lastword.Verdict
	When    time.Time // for Later: the day
	Reason  string    // one sentence
	Theme   string    // a name a person gave, in Lang; or empty
	Link    string    // where to read more; or empty
	Letter  bool      // with greeting and closing
	To      string    // for a letter: as the person signs
	By      string    // for a letter: the director
	House   string    // for a letter: the company
	Seed    uint64    // picks among sentences that say the same
	Opens   []string  // own sentences of the company before the decision; or none
	Ends    []string  // and after it
}

// Compose words the answer in our own fixed sentences. The same draft always
// reads the same; another Seed says the same in other words. The text is clean
// (text.Clean) and fits the network as Fit does.
func Compose(d Draft) string { return text.Clean(Fit(d.Network, partsOf(d))) }

// partsOf are the sentences of an answer, spelled as they stand in it.
func partsOf(d Draft) Parts {
	w, pick := wordsIn(d.Lang), picker{seed: d.Seed}
	tone := toneOf(d.Kinds)
	p := Parts{
		Thanks:   pick.from(1, ours(d.Opens, w.thanks(tone))),
		Verdict:  strings.ReplaceAll(pick.from(2, w.verdict(d.Verdict, d.Kinds.Want())), "{day}", w.day(d.When)),
		Reason:   d.Reason,
		Courtesy: pick.from(3, ours(d.Ends, w.courtesy(d.Verdict))),
		Link:     d.Link,
	}
	switch {
	case d.tells():
		p.Verdict, p.Reason = sentence(d.Reason), ""
	case d.argues():
		p.Lead = pick.from(4, w.leads())
	}
	if d.Link != "" {
		p.LinkLead = pick.from(5, w.links())
	}
	if d.Theme != "" {
		p.Topic = strings.ReplaceAll(pick.from(6, w.topics()), "{theme}", d.Theme)
	}
	if d.Letter {
		p.Greeting = w.greeting(d.To)
		p.Closing = join("\n", pick.from(7, w.closings()), d.By, d.House)
	}
	return spelled(d, w, p)
}

// spelled cleans the parts and gives them their capitals. After the comma of a
// German greeting the letter goes on in small letters. In Swiss spelling names
// of people and companies keep their ß.
func spelled(d Draft, w words, p Parts) Parts {
	swiss := isSwiss(d.Lang)
	ours := text.Clean
	if swiss {
		letters := strings.NewReplacer("ß", "ss", "„", "«", "“", "»")
		ours = func(s string) string { return letters.Replace(text.Clean(s)) }
	}
	p.Thanks, p.Verdict, p.Courtesy = ours(p.Thanks), ours(p.Verdict), sentence(ours(p.Courtesy))
	p.Topic, p.Lead, p.Reason = ours(p.Topic), ours(p.Lead), sentence(ours(p.Reason))
	if swiss && d.Letter { // no comma after the greeting, and a capital
		p.Greeting = strings.TrimSuffix(p.Greeting, ",")
		p.Closing = strings.Replace(p.Closing, "Grüße", "Grüsse", 1)
	}
	p.Verdict = capital(p.Verdict) // after the topic's colon too: it is a whole sentence
	if !strings.HasSuffix(p.Greeting, ",") || !w.small() {
		p.Thanks = capital(p.Thanks)
	}
	return p
}

// toneOf says what a voice is met with first: a problem with regret, a wish and
// praise with thanks.
func toneOf(k lastword.Kinds) lastword.Kinds {
	if k&lastword.Problem != 0 {
		return lastword.Problem
	}
	return k.Want()
}

// tells reports whether Reason is the whole answer: people asked, and the director
// said it.
func (d Draft) tells() bool {
	return d.Asked.Want() == lastword.Question && d.Reason != "" && (d.Verdict == lastword.Yes || d.Verdict == lastword.No)
}

// argues reports whether Reason says why, and not what is asked back, how a problem
// is put right, or thanks.
func (d Draft) argues() bool {
	if d.Verdict == lastword.Yes {
		want := d.Asked.Want()
		return want != lastword.Problem && want != lastword.Praise
	}
	return d.Verdict != lastword.AskBack
}

// picker chooses among wordings, the same for the same seed and slot.
type picker struct{ seed uint64 }

func (p picker) from(slot uint64, variants []string) string {
	if len(variants) == 0 {
		return ""
	}
	return variants[mix(p.seed+slot*0x9E3779B97F4A7C15)%uint64(len(variants))]
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of x
// touches every bit of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// isSwiss reports whether lang is German as written in Switzerland or
// Liechtenstein, where ß is not used.
func isSwiss(lang string) bool {
	lang = strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
	return lang == "de-ch" || lang == "de-li"
}
