package page

import (
	"strings"

	"lastword"
	"lastword/web/text"
)

// quoted is a voice in one line, in the quotation marks of its language.
func (f *Frame) quoted(v lastword.Voice) string { return f.begun(v, 400) }

// mostGist is how many bytes of a voice tell what it is about.
const mostGist = 110

// whole reports whether the gist of v is all of it.
func whole(v lastword.Voice) bool { return v.Title == "" && len(v.Text) <= mostGist }

// gist is the beginning of what was said.
func (f *Frame) gist(v lastword.Voice) string { return f.begun(v, mostGist) }

func (f *Frame) begun(v lastword.Voice, most int) string {
	if !v.GoneAt.IsZero() {
		return f.T("voice.gone")
	}
	open, end := text.Marks(lang(v))
	words := v.Text
	if v.Title != "" {
		words = v.Title + " – " + words
	}
	return open + strings.Join(strings.Fields(shorten(words, most)), " ") + end
}

// shorten cuts at a space near most bytes, and says so.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := strings.LastIndexByte(s[:most], ' ')
	if cut < most/2 {
		cut = most
		for cut > 0 && s[cut]&0xC0 == 0x80 { // not within a character of UTF-8
			cut--
		}
	}
	return s[:cut] + " …"
}

// countOf says how many, or that there are more than were counted.
func (f *Frame) countOf(key string, n, most int) string {
	if n >= most {
		return f.T("count.more", text.Args{"N": f.Num(most)})
	}
	return f.N(key, n)
}

func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// failedDo says why an answer failed and what to do about it.
func (f *Frame) failedDo(why string) string {
	if key := "why_do." + strings.TrimPrefix(why, "why."); f.Has(key) {
		return f.Why(why) + " " + f.T(key)
	}
	return f.Why(why) + " " + f.T("why_do.unknown")
}

// deniedWhy reports whether an answer failed because its channel has no access,
// which is mended at the channel.
func deniedWhy(why string) bool { return strings.TrimPrefix(why, "why.") == "denied" }
