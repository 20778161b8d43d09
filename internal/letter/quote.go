package letter

import (
	"regexp"
	"strings"
)

// Unquoted returns what the writer of a mail said in it: without the signature
// ("-- ", RFC 3676 §4.3), without the lines quoted from others and the line
// that introduces them, and without a forwarded or copied history below. It
// returns nothing if there is nothing else.
func Unquoted(mail string) string {
	lines := strings.Split(strings.ReplaceAll(mail, "\r\n", "\n"), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		switch n := introduction(lines[i:]); {
		case signature(lines[i]), history(lines[i:]):
			i = len(lines)
		case n > 0 && !quotes(lines[i+n:]): // the copy below is not marked: all of it is theirs
			i = len(lines)
		case n > 0:
			i += n - 1
		case quoted(lines[i]), device.MatchString(lines[i]):
		default:
			kept = append(kept, lines[i])
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

func signature(line string) bool { return strings.TrimRight(line, " \t\r") == "--" }

func quoted(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), ">") }

// device is what telephones write under a mail.
var device = regexp.MustCompile(`(?i)^\s*(von meinem .{2,40} gesendet|gesendet (von|mit) .{2,40}|sent (from|with) my? ?.{2,40}|diese nachricht wurde von meinem .{2,60} gesendet\.?)\s*$`)

// "Am 3. März 2026 um 14:02 schrieb Anna <anna@…>:", "On … Anna wrote:", "Le …
// a écrit :"; a colon ends it, on this line or one of the next two.
var (
	introStart = regexp.MustCompile(`(?i)^\s*(am|on|le|il)\s.*\d`)
	introEnd   = regexp.MustCompile(`(?i)(schrieb|schrieben|geschrieben|wrote|a écrit|ha scritto)\b.{0,120}:\s*$`)
)

// introduction returns how many lines introduce a quotation, 0 if none does.
func introduction(lines []string) int {
	if !introStart.MatchString(lines[0]) {
		return 0
	}
	for n := 1; n <= min(3, len(lines)); n++ {
		if joined := strings.Join(lines[:n], " "); len(joined) < 400 && introEnd.MatchString(joined) {
			return n
		}
	}
	return 0
}

// quotes reports whether the next line that is not blank is quoted.
func quotes(lines []string) bool {
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			return quoted(line)
		}
	}
	return true
}

var (
	original = regexp.MustCompile(`(?i)^\s*[-_]{2,}\s*(ursprüngliche nachricht|original(nachricht| message)|weitergeleitete nachricht|forwarded message|anfang der weitergeleiteten nachricht)\s*[-_]*\s*$`)
	sentFrom = regexp.MustCompile(`(?i)^\s*\*?(von|from|de)\s*:\*?\s+\S`)
	sentOn   = regexp.MustCompile(`(?i)^\s*\*?(gesendet|datum|sent|date|an|to|envoyé)\s*:\*?\s+\S`)
)

// history reports whether a copied mail begins here: a line that says so, or
// the block of sender, date and recipient that office programs write.
func history(lines []string) bool {
	if original.MatchString(lines[0]) {
		return true
	}
	return len(lines) > 1 && sentFrom.MatchString(lines[0]) && sentOn.MatchString(lines[1])
}
