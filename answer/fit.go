package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword"
)

// Parts are the sentences of an answer in the order in which they are said. Any
// may be empty. Greeting and Closing make it a letter: they stand in paragraphs
// of their own.
type Parts struct {
	Greeting string
	Thanks   string
	Topic    string // leads into Verdict: what it is about
	Verdict  string
	Lead     string // leads into Reason, and goes with it
	Reason   string
	Courtesy string
	LinkLead string // leads to Link, and goes with it
	Link     string // a web address; it is left out rather than cut
	Closing  string
}

const ellipsis = "…"

// Fit joins the parts to a text that n takes. Where they are too long it leaves
// out, in this order, courtesy, topic, link and thanks; then it shortens the
// reason at the border of a word with an ellipsis, leaves it out, and at last
// keeps as many words of the verdict alone as there is room for.
func Fit(n lastword.Network, p Parts) string {
	fits := func(p Parts) bool { return !Measure(n, p.text()).Over }
	for _, drop := range []func(*Parts){
		func(*Parts) {},
		func(p *Parts) { p.Courtesy = "" },
		func(p *Parts) { p.Topic = "" },
		func(p *Parts) { p.LinkLead, p.Link = "", "" },
		func(p *Parts) { p.Thanks = "" },
	} {
		if drop(&p); fits(p) {
			return p.text()
		}
	}
	shorter := func(s string) Parts { p := p; p.Reason = s; return p }
	if reason := shorten(p.Reason, func(s string) bool { return fits(shorter(s)) }); reason != "" {
		return shorter(reason).text()
	}
	if p = (Parts{Verdict: p.Verdict}); fits(p) {
		return p.text()
	}
	p.Verdict = shorten(p.Verdict, func(s string) bool { return fits(Parts{Verdict: s}) })
	return p.text()
}

// text joins what is there.
func (p Parts) text() string {
	body := join(" ", p.Thanks, join(" ", p.Topic, p.Verdict), told(p.Lead, p.Reason), p.Courtesy)
	link := told(p.LinkLead, p.Link)
	if p.Greeting == "" && p.Closing == "" {
		return join(" ", body, link)
	}
	return join("\n\n", p.Greeting, body, link, p.Closing)
}

// told is what with its lead, or nothing where there is nothing to tell.
func told(lead, what string) string {
	if what == "" {
		return ""
	}
	return join(" ", lead, what)
}

func join(by string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, by)
}

// shorten returns the longest beginning of s, whole words and an ellipsis, that
// fits; or "" if not even one word does. It never cuts within a word, and so
// never within a web address.
func shorten(s string, fits func(string) bool) string {
	words := strings.Fields(s)
	for n := len(words) - 1; n > 0; n-- {
		short := strings.TrimRightFunc(strings.Join(words[:n], " "), closes) + ellipsis
		if fits(short) {
			return short
		}
	}
	return ""
}

// closes reports whether r is a mark that looks wrong before an ellipsis. What
// ends a web address stays.
func closes(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(".,;:!?–-„“(", r)
}

// sentence begins with a capital letter and ends with a mark.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	last, _ := utf8.DecodeLastRuneInString(s)
	if !strings.ContainsRune(".!?…", last) && !strings.HasSuffix(strings.TrimRight(s, "“”\"»«)"), ".") {
		s += "."
	}
	return capital(s)
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
