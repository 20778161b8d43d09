package theme

import (
	"cmp"
	"context"
	"math"
	"slices"

	"lastword"
)

// A lesson collects what one act of a person changes in the themes' models.
type lesson struct {
	step     *Step
	company  int64
	names    []string
	embedder Embedder
	themes   map[int64]*lastword.Theme
	before   map[int64]trust // of themes whose voices were judged, before that
}

func (s *Step) lesson(ctx context.Context, company int64) (*lesson, error) {
	c, err := s.Store.Company(ctx, company)
	if err != nil {
		return nil, err
	}
	names := append([]string{c.Name}, c.Names...)
	return &lesson{s, company, names, s.embedder(names), map[int64]*lastword.Theme{}, map[int64]trust{}}, nil
}

// theme returns a voice's theme, read once.
func (l *lesson) theme(ctx context.Context, id int64) (*lastword.Theme, error) {
	if t := l.themes[id]; t != nil {
		return t, nil
	}
	t, err := l.step.live(ctx, l.company, id)
	if err != nil {
		return nil, err
	}
	if len(t.Model) == 0 {
		t.Model = model{}.encode() // a theme made by hand: it learns from here on
	}
	l.themes[id] = &t
	return &t, nil
}

// move takes a voice out of its theme's model and into that of another; to 0 is
// none.
func (l *lesson) move(ctx context.Context, v lastword.Voice, to int64) error {
	if v.Theme == to {
		return l.affirm(ctx, v)
	}
	if err := l.heed(ctx, v, false); err != nil {
		return err
	}
	var from, into lastword.Theme
	a, b := &from, &into
	var err error
	if v.Theme != 0 {
		if a, err = l.theme(ctx, v.Theme); err != nil {
			return err
		}
	}
	if to != 0 {
		if b, err = l.theme(ctx, to); err != nil {
			return err
		}
	}
	rest, more, err := Move(l.embedder, ItemOf(v), a.Model, b.Model)
	a.Model, b.Model = rest, more
	return err
}

// affirm lets a voice count more in its own theme's model; once only.
func (l *lesson) affirm(ctx context.Context, v lastword.Voice) error {
	if v.Theme == 0 || v.FitBy != 0 {
		return nil
	}
	if err := l.heed(ctx, v, true); err != nil {
		return err
	}
	t, err := l.theme(ctx, v.Theme)
	if err != nil {
		return err
	}
	t.Model, err = Affirm(l.embedder, ItemOf(v), t.Model)
	return err
}

// heed learns from a person's word on a voice that the machine had placed how far
// it can be trusted with the others of that theme.
func (l *lesson) heed(ctx context.Context, v lastword.Voice, belongs bool) error {
	if v.Theme == 0 || v.FitBy != 0 || v.CopyOf != 0 {
		return nil
	}
	t, err := l.theme(ctx, v.Theme)
	if err != nil {
		return err
	}
	m, err := decode(t.Model)
	if err != nil {
		return err
	}
	before, known := l.before[t.ID]
	if !known {
		before = m.trust
		l.before[t.ID] = before
	}
	m.trust = m.trust.told(before.alone(v.Fit), belongs)
	t.Model = m.encode()
	return nil
}

// refit judges anew the voices that the machine put into themes of which
// somebody has just judged some, but for those: surer, or less sure.
func (l *lesson) refit(ctx context.Context, judged []lastword.Membership) ([]lastword.Membership, error) {
	var ms []lastword.Membership
	for _, t := range l.changed() {
		before, ok := l.before[t.ID]
		if !ok {
			continue
		}
		m, err := decode(t.Model)
		if err != nil {
			return nil, err
		}
		placed, err := l.step.Desk.PlacedVoices(ctx, l.company, t.ID, mostRefitted)
		if err != nil {
			return nil, err
		}
		for _, v := range placed {
			if slices.ContainsFunc(judged, func(j lastword.Membership) bool { return j.Voice == v.ID }) {
				continue
			}
			if fit := m.trust.fit(before.alone(v.Fit)); math.Abs(fit-v.Fit) >= steady {
				ms = append(ms, lastword.Membership{Voice: v.ID, Theme: t.ID, Fit: fit, CopyOf: v.CopyOf})
			}
		}
	}
	return ms, nil
}

// mostRefitted is how many of a theme's voices are judged anew at once. The others
// are when the machine next looks at all of them.
const mostRefitted = 5000

// changed returns the themes with their new models, by rising ID.
func (l *lesson) changed() []lastword.Theme {
	ts := make([]lastword.Theme, 0, len(l.themes))
	for _, t := range l.themes {
		ts = append(ts, *t)
	}
	slices.SortFunc(ts, func(a, b lastword.Theme) int { return cmp.Compare(a.ID, b.ID) })
	return ts
}

// drafts returns a job for each standing decision that has voices to answer
// now: those of the given themes.
func (l *lesson) drafts(themes ...int64) []lastword.Job {
	var jobs []lastword.Job
	for _, t := range l.changed() {
		if slices.Contains(themes, t.ID) {
			jobs = append(jobs, draft(t)...)
		}
	}
	return jobs
}

// split makes a theme of voices of t, and takes them out of t's model.
func (l *lesson) split(t *lastword.Theme, vs []lastword.Voice) (lastword.Theme, error) {
	part, items := l.begun(vs)
	var err error
	t.Model, part.Model, err = Split(l.embedder, t.Model, items)
	return part, err
}

// found makes a theme of voices that are in none.
func (l *lesson) found(vs []lastword.Voice) (lastword.Theme, error) {
	t, items := l.begun(vs)
	if len(vs) == 1 {
		t.Kinds = vs[0].Label.Want()
	}
	var err error
	_, t.Model, err = Split(l.embedder, nil, items)
	return t, err
}

// begun is a theme of voices that has no model yet, and what they are to one.
func (l *lesson) begun(vs []lastword.Voice) (lastword.Theme, []Item) {
	items, count := make([]Item, len(vs)), cluster{n: float32(len(vs))}
	for i, v := range vs {
		items[i] = ItemOf(v)
		count.countKinds(v.Kinds, 1)
		count.countLang(v.Language)
	}
	return lastword.Theme{ID: l.step.Store.NewID(), Company: l.company, Name: l.name(vs, count.lang),
		Kinds: count.mostKinds(), Lang: count.lang}, items
}

// name names a theme that a person makes of voices, by words that were said in
// public: others who join it later read its name. Where all of them are private it is
// called by what the first of them is.
func (l *lesson) name(vs []lastword.Voice, lang string) string {
	if open := slices.DeleteFunc(slices.Clone(vs), func(v lastword.Voice) bool { return !public(v) }); len(open) > 0 {
		return Name(open, l.names)
	}
	kinds := map[lastword.Kinds]string{lastword.Wish: "Wish", lastword.Problem: "Problem", lastword.Question: "Question", lastword.Praise: "Praise", 0: "Request"}
	if lang == "de" {
		kinds = map[lastword.Kinds]string{lastword.Wish: "Wunsch", lastword.Problem: "Problem", lastword.Question: "Frage", lastword.Praise: "Lob", 0: "Anliegen"}
	}
	return kinds[vs[0].Label.Want()]
}
