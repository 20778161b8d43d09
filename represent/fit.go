package represent

import (
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/internal/length"
	"lastword/internal/markdown"
	"lastword/internal/text"
)

// longThread is how many posts a thread may have before it gives way to a few
// words and a link, where the whole can be read in the company's own blog.
const longThread = 4

// A Home is where the whole story can be read.
type Home struct {
	URL     string
	Version int64 // that must stand before anybody is sent there
}

// Fit makes of a story what goes out in a place. Nothing of it is cut off: what is
// longer than a post becomes a thread where the place has threads; what is longer
// than a thread should be, or than a place without threads takes, becomes its
// first sentences with a link to home, if there is one. What still does not fit
// is told by Wrong.
func Fit(m lastword.Manner, s lastword.Story, home Home) lastword.Content {
	c := lastword.Content{Lang: s.Lang, Due: s.Due, Pictures: s.Pictures[:min(len(s.Pictures), m.Pictures)]}
	if m.Title {
		return withTitle(m, s, c)
	}
	whole := markdown.Plain(s.Text)
	if whole == "" {
		whole = s.Title
	}
	c.Parts = []string{whole}
	holds := m.Holding(c)
	if m.Thread {
		c.Parts = length.Split(holds, whole)
	}
	long := len(c.Parts) > longThread || !m.Thread && length.Measure(holds, whole).Over
	if long && home.URL != "" {
		if short := teaser(holds, s.Title, whole, home.URL); short != "" {
			c.Parts, c.Cites = []string{short}, home.Version
		}
	}
	return carded(m, s.Card, c)
}

// withTitle is for places whose posts have a headline: the story's own, or else
// its first line.
func withTitle(m lastword.Manner, s lastword.Story, c lastword.Content) lastword.Content {
	title, body := s.Title, s.Text
	if title == "" {
		first, rest, _ := strings.Cut(strings.TrimSpace(body), "\n")
		if plain := markdown.Plain(first); strings.TrimSpace(rest) != "" && utf8.RuneCountInString(plain) <= max(m.LongTitle, 1) {
			title, body = plain, strings.TrimSpace(rest)
		}
	}
	if !m.Markup {
		body = markdown.Plain(body)
	}
	c.Title, c.Parts = title, []string{body}
	return carded(m, s.Card, c)
}

// carded adds the card of the first part's link, where the place shows one that
// is brought along and no pictures take its room.
func carded(m lastword.Manner, card lastword.Card, c lastword.Content) lastword.Content {
	if m.Cards && len(c.Pictures) == 0 && card.Title != "" && length.First(c.Parts[0]) == card.URL {
		c.Card = card
	}
	return c
}

// teaser is the title and as many first sentences as there is room for, with the
// address behind; or "" where not even the address fits.
func teaser(n lastword.Network, title, whole, address string) string {
	first, _, _ := strings.Cut(whole, "\n\n")
	sentences := text.Sentences(first)
	for k := len(sentences); k >= 0; k-- {
		var parts []string
		if title != "" {
			parts = append(parts, title)
		}
		if k > 0 {
			parts = append(parts, strings.TrimSpace(first[:sentences[k-1].End]))
		}
		if short := strings.Join(append(parts, address), "\n\n"); len(parts) > 0 && !length.Measure(n, short).Over {
			return short
		}
	}
	if !length.Measure(n, address).Over {
		return address
	}
	return ""
}

// LeftOut counts the pictures of a story that a place does not take.
func LeftOut(m lastword.Manner, s lastword.Story) int { return max(len(s.Pictures)-m.Pictures, 0) }

// Wrong says what keeps a content from going out in a place; nothing where it may.
func Wrong(m lastword.Manner, c lastword.Content) []*lastword.Mistake {
	var wrong []*lastword.Mistake
	add := func(key string, args map[string]any) { wrong = append(wrong, &lastword.Mistake{Key: key, Args: args}) }
	if m.Title && c.Title == "" {
		add("mistake.story_title", nil)
	}
	if used := utf8.RuneCountInString(c.Title); m.Title && m.LongTitle > 0 && used > m.LongTitle {
		add("mistake.story_title_long", map[string]any{"Used": used, "Limit": m.LongTitle})
	}
	if len(c.Parts) > 1 && !m.Thread {
		add("mistake.story_thread", nil)
	}
	for i, part := range c.Parts {
		if strings.TrimSpace(part) == "" {
			add("mistake.story_empty", nil)
		}
		if l := length.Measure(m.Holding(c), part); l.Over {
			add("mistake.story_long", map[string]any{"Part": i + 1, "Used": l.Used, "Limit": l.Limit})
		}
	}
	for i, p := range c.Pictures {
		if strings.TrimSpace(p.Alt) == "" {
			add("mistake.story_alt", map[string]any{"Picture": i + 1})
		}
		if used := utf8.RuneCountInString(p.Alt); m.LongAlt > 0 && used > m.LongAlt {
			add("mistake.story_alt_long", map[string]any{"Picture": i + 1, "Used": used, "Limit": m.LongAlt})
		}
	}
	if m.Pictured && len(c.Pictures) == 0 {
		add("mistake.story_pictured", nil)
	}
	if len(c.Pictures) > m.Pictures {
		add("mistake.story_pictures", map[string]any{"Limit": m.Pictures})
	}
	return wrong
}

// WrongOf says what keeps a version of a story from going out. One that changes what
// stands has as many parts as that: a place edits post by post.
func WrongOf(m lastword.Manner, v lastword.Version, all []lastword.Version) []*lastword.Mistake {
	wrong := Wrong(m, v.Content)
	for _, old := range all {
		if v.Replaces != 0 && old.ID == v.Replaces && len(old.Parts) != len(v.Parts) {
			wrong = append(wrong, &lastword.Mistake{Key: "mistake.story_change_parts", Args: map[string]any{"Stands": len(old.Parts), "Parts": len(v.Parts)}})
		}
	}
	return wrong
}

// divider is the line that a person writes between the parts of a thread.
const divider = "\n---\n"

// Divided are the parts of a thread as a person wrote them.
func Divided(s string) []string {
	var parts []string
	for _, part := range strings.Split("\n"+strings.ReplaceAll(s, "\r\n", "\n")+"\n", divider) {
		if part = text.Clean(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// Joined are the parts of a thread as a person edits them.
func Joined(parts []string) string { return strings.Join(parts, "\n"+divider+"\n") }
