package page

import (
	"slices"
	"strings"
	"unicode"

	"lastword"
)

// connectorTitle names a kind of place; its network where the catalogue has no
// words for it.
func (f *Frame) connectorTitle(name, network string) string {
	if key := "connector." + name + ".title"; f.Has(key) {
		return f.T(key)
	}
	return f.Network(network)
}

// connectorHelp says what a kind of place brings and how it is set up, line by
// line, if the catalogue knows.
func (f *Frame) connectorHelp(name string) string {
	if key := "connector." + name + ".help"; f.Has(key) {
		return f.T(key)
	}
	return ""
}

// connectorBrings is the first paragraph of connectorHelp: the others say how the
// place is set up.
func (f *Frame) connectorBrings(name string) string {
	brings, _, _ := strings.Cut(f.connectorHelp(name), "\n")
	return brings
}

// field says something of a setting.
func (f *Frame) field(connector, field, what string) string {
	if key := "connector." + connector + ".field." + field + "." + what; f.Has(key) {
		return f.T(key)
	}
	if what == "label" {
		return field
	}
	return ""
}

// healthOf is one word for how a channel fares.
func (f *Frame) healthOf(c lastword.Channel) string {
	if c.Paused {
		return "paused"
	}
	return string(c.Health.State)
}

// kept tells that a secret is there although it is not shown.
func (f *Frame) kept(c lastword.Channel) string {
	if c.ID == 0 {
		return ""
	}
	return f.T("channel.kept")
}

// dropped says why an item was left out: the connector's own short constant
// where the catalogue has no words for it.
func (f *Frame) dropped(reason string) string {
	key := "dropped." + strings.Join(strings.FieldsFunc(strings.ToLower(reason), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "_")
	if f.Has(key) {
		return f.T(key)
	}
	return reason
}

func (v ChannelView) rests() (n int) {
	for _, s := range v.Fields {
		if s.Rest {
			n++
		}
	}
	return n
}

// wrongInRest reports whether a setting that is kept out of the way is wrong.
func (v ChannelView) wrongInRest() bool {
	return slices.ContainsFunc(v.Fields, func(s SettingView) bool {
		return s.Rest && slices.ContainsFunc(v.Mistakes, func(m *lastword.Mistake) bool { return m.Field == s.Name })
	})
}

func (v ChannelView) action() string {
	if v.Channel.ID == 0 {
		return "/channels"
	}
	return to("channels", v.Channel.ID)
}
