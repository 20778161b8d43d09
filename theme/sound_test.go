package theme

import (
	"fmt"
	"testing"

	"lastword"
)

// framed is a machine that has a theme whose voices have in common only how they ask,
// as what they ask for is what others speak of, and one whose voices ask for the same.
func framed(t *testing.T) (c *Clusterer, frame, subject *cluster) {
	t.Helper()
	id := int64(0)
	c = New(Config{NewID: func() int64 { id++; return id }})
	about := [4]string{"Klettverschluss", "Schnürsenkel", "Rolltreppe", "Fahrkarten"}
	var nodes []*node
	for i := range 40 {
		text := fmt.Sprintf("%s verbessern, wort%dx kram%dy", about[i%4], i, i)
		if i >= 32 {
			text = fmt.Sprintf("Haltet mich auf dem Laufenden über %s, wort%dx", about[i%4], i)
		}
		c.Assign(Item{ID: int64(i + 1), Text: text, Lang: "de", Kinds: lastword.Wish})
	}
	nodes = c.crowd.nodes
	themes := [2]*cluster{{id: 1001, fixed: true}, {id: 1002, fixed: true}}
	for _, n := range nodes {
		n.home = nil
	}
	for _, th := range themes {
		c.themes[th.id] = th
		c.index.enter(th)
	}
	for i, n := range nodes {
		switch {
		case i >= 32:
			n.home = themes[0]
		case i%4 == 0:
			n.home = themes[1]
		}
	}
	others := map[string]*cluster{}
	for i, n := range nodes[:32] {
		if i%4 != 0 {
			th := others[about[i%4]]
			if th == nil {
				th = &cluster{id: int64(1002 + i), fixed: true}
				others[about[i%4]], c.themes[th.id] = th, th
				c.index.enter(th)
			}
			n.home = th
		}
	}
	c.rebuild(c.members())
	c.hearAll(c.members())
	return c, themes[0], themes[1]
}

func TestAThemeOfFramesIsLessSound(t *testing.T) {
	t.Parallel()
	_, frame, subject := framed(t)
	a, b := frame.sound, subject.sound
	if a.Heard != 1 || b.Heard != 1 {
		t.Fatal("the themes were not heard")
	}
	if a.Drawn < 2*b.Drawn || a.Called < 2*b.Called {
		t.Errorf("what each asks for draws it elsewhere by %.2f, called %.2f; of those who ask for the same %.2f, %.2f",
			a.Drawn, a.Called, b.Drawn, b.Called)
	}
	if a.Strewn <= b.Strewn {
		t.Errorf("it is strewn over %.2f others a voice, the other theme over %.2f", a.Strewn, b.Strewn)
	}
}

// Of a theme that was founded since all were gathered nothing is known, and a machine
// that starts again knows as much as before.
func TestSoundIsKnownAfterGathering(t *testing.T) {
	t.Parallel()
	c, _, of := heard(t, "Klettverschluss")
	before := of["straps"].sound
	if before.Heard != 1 || before.Tied <= 0 || before.Key <= 0 {
		t.Fatalf("%+v after all were gathered", before)
	}
	if young := (&cluster{id: 9}).sound; young != (Sound{}) {
		t.Errorf("%+v of a young theme", young)
	}
	var recent []lastword.Voice
	for _, n := range c.crowd.nodes {
		v := lastword.Voice{ID: n.item.ID, Post: lastword.Post{Text: n.item.Text}}
		v.Language, v.Kinds, v.Version, v.About, v.Fit = n.item.Lang, n.item.Kinds, 1, 1, n.fit
		if th := n.theme(); th != nil {
			v.Theme = th.id
		}
		recent = append(recent, v)
	}
	var themes []lastword.Theme
	for _, th := range c.Changed(7) {
		if th.Into == 0 {
			themes = append(themes, th)
		}
	}
	again, err := Restore(Config{NewID: c.cfg.NewID}, themes, recent)
	if err != nil {
		t.Fatal(err)
	}
	after := again.themes[of["straps"].id].sound
	if after.Heard != 1 || after.Tied < before.Tied-0.2 || after.Key < before.Key-0.2 {
		t.Errorf("%+v after a restart, before %+v", after, before)
	}
}
