package page

import (
	"lastword"
	"lastword/web/text"
)

// change says what was put right: only what changed, or what was confirmed.
func (f *Frame) change(was, now lastword.Meaning) string {
	var said []string
	if was.Kinds != now.Kinds {
		said = append(said, f.T("learnt.instead", text.Args{"Now": f.Kinds(now.Kinds), "Was": f.Kinds(was.Kinds)}))
	}
	if was.Feeling != now.Feeling {
		said = append(said, f.T("learnt.instead", text.Args{
			"Now": f.T("feeling." + now.Feeling.String()), "Was": f.T("feeling." + was.Feeling.String())}))
	}
	if len(said) == 0 {
		return f.T("learnt.kept", text.Args{"Now": f.Kinds(now.Kinds)})
	}
	return f.List(said)
}
