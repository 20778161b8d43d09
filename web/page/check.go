package page

import (
	"strings"

	"lastword"
)

// A CheckView asks about doubtful voices of one theme together.
type CheckView struct {
	Scope    lastword.Theme // the theme whose voices are asked about; zero for all
	Rows     []lastword.VoiceRow
	Theme    lastword.Theme // that the machine has put the rows into
	Examples []lastword.VoiceRow
	Themes   []lastword.Theme
	Left     int
	Seconds  int
	Skip     string
}

// scope is where the check goes on.
func (v CheckView) scope() string {
	if v.Scope.ID != 0 {
		return to("themes", v.Scope.ID, "check")
	}
	return "/check"
}

func (v CheckView) next() string {
	if v.Skip != "" {
		return v.scope() + "?skip=" + v.Skip
	}
	return v.scope()
}

// skip leaves these voices, and those left before, for later.
func (v CheckView) skip() string {
	const most = 60 // then the first ones are asked about again
	skipped := strings.FieldsFunc(v.Skip, func(r rune) bool { return r == ',' })
	for _, r := range v.Rows {
		skipped = append(skipped, id(r.ID))
	}
	return v.scope() + "?skip=" + strings.Join(skipped[max(len(skipped)-most, 0):], ",")
}

// alone asks about one of the voices by itself, so that it can be put elsewhere.
func (v CheckView) alone(r lastword.VoiceRow) string {
	return v.scope() + "?voice=" + id(r.ID) + "&theme=" + id(v.Theme.ID) + "&skip=" + v.Skip
}
