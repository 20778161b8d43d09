package page

import (
	"regexp"
	"strings"
)

// A Help says how a place is set up: what it brings, then paragraphs and steps.
type Help struct {
	Brings string
	Rest   []HelpPart
}

// A HelpPart is a paragraph, or steps to go.
type HelpPart struct {
	Words []Piece
	Steps [][]Piece
}

// step begins a line that is one of several steps.
var step = regexp.MustCompile(`^\d+\. `)

// helpOf divides a text of the catalogue: its first line, and lines of which some are
// numbered.
func helpOf(s string) Help {
	brings, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	h := Help{Brings: brings}
	for line := range strings.SplitSeq(rest, "\n") {
		line = strings.TrimSpace(line)
		number := step.FindString(line)
		last := len(h.Rest) - 1
		switch {
		case line == "":
		case number == "":
			h.Rest = append(h.Rest, HelpPart{Words: doors(line)})
		case last >= 0 && h.Rest[last].Steps != nil:
			h.Rest[last].Steps = append(h.Rest[last].Steps, doors(line[len(number):]))
		default:
			h.Rest = append(h.Rest, HelpPart{Steps: [][]Piece{doors(line[len(number):])}})
		}
	}
	return h
}

// door is where one goes to set a place up: its address as it stands in the texts.
var door = regexp.MustCompile(`\b(?:console\.x\.com|developers\.facebook\.com|linkedin\.com/developers/apps|console\.cloud\.google\.com|bsky\.app/settings/app-passwords)`)

// doors marks the addresses in a text that one goes to.
func doors(s string) (all []Piece) {
	from := 0
	for _, at := range door.FindAllStringIndex(s, -1) {
		if at[0] > from {
			all = append(all, Piece{Text: s[from:at[0]]})
		}
		all = append(all, Piece{Text: s[at[0]:at[1]], Mark: true})
		from = at[1]
	}
	if from < len(s) {
		all = append(all, Piece{Text: s[from:]})
	}
	return all
}
