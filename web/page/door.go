package page

import (
	"strconv"

	"github.com/a-h/templ"
)

// ErrorKey names the text of an answer of HTTP; what has no text of its own is
// told as our own fault.
func ErrorKey(what string, status int) string {
	switch status {
	case 403, 404, 409, 413, 422, 503:
		return what + "." + strconv.Itoa(status)
	}
	return what + ".500"
}

// ownName is a language's name in itself.
func ownName(lang string) string {
	if lang == "de" {
		return "Deutsch"
	}
	return "English"
}

func orBerlin(zone string) string {
	if zone == "" {
		return "Europe/Berlin"
	}
	return zone
}

// zones are offered; any other name of the time zone database may be typed.
func zones() []string {
	return []string{
		"Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Luxembourg", "Europe/London", "Europe/Paris",
		"Europe/Amsterdam", "Europe/Rome", "Europe/Madrid", "Europe/Warsaw", "Europe/Istanbul", "America/New_York",
		"America/Los_Angeles", "Asia/Tokyo", "UTC",
	}
}

// describedBy ties a field to what is wrong in it (WCAG 2.2, 3.3.1).
func describedBy(m Mistakes, field string) templ.Attributes {
	if m.For(field) == nil {
		return templ.Attributes{}
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "wrong-" + field}
}
