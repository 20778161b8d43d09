package web

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/web/page"
	"lastword/web/text"
)

// need asks for a text of at most so many characters in a field.
func need(field, value string, most int) page.Mistakes {
	if value == "" {
		return page.Mistakes{{Key: "mistake.empty", Field: field}}
	}
	return atMost(field, value, most)
}

func atMost(field, value string, most int) page.Mistakes {
	if utf8.RuneCountInString(value) > most {
		return page.Mistakes{{Key: "mistake.long", Field: field, Args: map[string]any{"Max": most}}}
	}
	return nil
}

func checkLang(lang string) page.Mistakes {
	if !slices.Contains(text.Langs[:], lang) {
		return page.Mistakes{{Key: "mistake.lang", Field: "lang"}}
	}
	return nil
}

// checkZone accepts names of the IANA time zone database.
func checkZone(zone string) page.Mistakes {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return page.Mistakes{{Key: "mistake.zone", Field: "zone"}}
	}
	return nil
}

// checkEmail accepts a bare address (RFC 5322 §3.4.1).
func checkEmail(email string) page.Mistakes {
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email {
		return page.Mistakes{{Key: "mistake.email", Field: "email"}}
	}
	return nil
}

// checkBase accepts an address that customers can open.
func checkBase(field, address string) page.Mistakes {
	u, err := url.Parse(address)
	if address != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "") {
		return page.Mistakes{{Key: "mistake.address", Field: field}}
	}
	return nil
}

// lines splits what was entered in several lines, leaving out empty ones.
func lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// asMistakes turns a step's error into what a form shows, if it is a mistake.
func asMistakes(err error) (page.Mistakes, bool) {
	var m *lastword.Mistake
	if !asMistake(err, &m) {
		return nil, false
	}
	return page.Mistakes{m}, true
}
