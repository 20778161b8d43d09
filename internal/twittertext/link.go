package twittertext

import (
	"html"
	"strings"
	"unicode/utf8"
)

// Where X's pages are, by the names that the conformance suite expects.
const (
	profiles = "https://twitter.com/"
	search   = "https://twitter.com/search?q="
	unseen   = "<span style='position:absolute;left:-9999px;'>"
)

// Link makes links of the entities of a text, web addresses with a scheme only.
// The text is HTML already and stays as it is between them.
func Link(text string) string { return LinkEntities(text, entities(text, false), nil) }

// A Display is how X shows one of its short addresses.
type Display struct {
	Text string // what is shown, with an ellipsis where it was cut
	URL  string // where it leads
}

// LinkEntities makes links of the given entities, which are in order and do not
// overlap. Shown names, by address, what stands for it.
func LinkEntities(text string, found []Entity, shown map[string]Display) string {
	var b strings.Builder
	from := 0
	for _, e := range found {
		b.WriteString(text[from:e.Start])
		link(&b, text[e.Start:e.End], e, shown)
		from = e.End
	}
	b.WriteString(text[from:])
	return b.String()
}

func link(b *strings.Builder, as string, e Entity, shown map[string]Display) {
	name := html.EscapeString(e.Text)
	_, sign := utf8.DecodeRuneInString(as)
	switch e.Kind {
	case URL:
		linkURL(b, e.Text, shown)
	case Mention:
		class, to := "username", name
		if e.List != "" {
			class, to = "list-slug", name+html.EscapeString(e.List)
		}
		b.WriteString(as[:sign] + `<a class="tweet-url ` + class + `" href="` + profiles + to + `">` + to + `</a>`)
	case Hashtag:
		class := "hashtag"
		if r, _ := utf8.DecodeRuneInString(e.Text); leftward(r) {
			class += " rtl"
		}
		b.WriteString(`<a href="` + search + `%23` + name + `" title="#` + name + `" class="tweet-url ` + class + `">` + as[:sign] + name + `</a>`)
	case Cashtag:
		b.WriteString(`<a href="` + search + `%24` + name + `" title="$` + name + `" class="tweet-url cashtag">$` + name + `</a>`)
	}
}

func linkURL(b *strings.Builder, url string, shown map[string]Display) {
	to := url
	if schemeLength(url) == 0 {
		to = "http://" + url
	}
	b.WriteString(`<a href="` + html.EscapeString(to) + `"`)
	d, known := shown[url]
	if !known {
		b.WriteString(`>` + html.EscapeString(url) + `</a>`)
		return
	}
	b.WriteString(` title="` + html.EscapeString(d.URL) + `">` + d.html() + `</a>`)
}

// html shows what X shows, and lets whoever copies it have the whole address.
func (d Display) html() string {
	core := strings.ReplaceAll(d.Text, "…", "")
	before, after, found := strings.Cut(d.URL, core)
	if !found {
		return html.EscapeString(d.Text)
	}
	ellipsis := func(there bool) string {
		if there {
			return "…"
		}
		return ""
	}
	hidden := func(s string) string { return unseen + html.EscapeString(s) + `</span>` }
	return `<span class='tco-ellipsis'>` + ellipsis(strings.HasPrefix(d.Text, "…")) + unseen + `&nbsp;</span></span>` +
		hidden(before) + `<span class='js-display-url'>` + html.EscapeString(core) + `</span>` + hidden(after) +
		`<span class='tco-ellipsis'>` + unseen + `&nbsp;</span>` + ellipsis(strings.HasSuffix(d.Text, "…")) + `</span>`
}

// leftward letters are those of Hebrew and Arabic.
func leftward(r rune) bool {
	return 0x0590 <= r && r <= 0x06FF || 0x0750 <= r && r <= 0x077F || 0xFE70 <= r && r <= 0xFEFF
}
