package page

import (
	"net/url"
	"strings"
)

func joinLines(names []string) string { return strings.Join(names, "\n") }

// act says what an entry of the log tells; an act without words of ours is
// shown as the log keeps it.
func (f *Frame) act(name string) string {
	if key := "act." + strings.NewReplacer(" ", "_", ".", "_").Replace(name); f.Has(key) {
		return f.T(key)
	}
	return name
}

func head8(hash string) string { return hash[:min(len(hash), 8)] }

func voicesFor(search string) string { return "/voices?" + url.Values{"q": {search}}.Encode() }

// Places lists all places of the bar, the most used first.
func Places() []Place { return append(bar(), more()...) }
