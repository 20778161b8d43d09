package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/app"
	"lastword/store"
	"lastword/theme"
	"lastword/understand"
)

type clusterCmd struct {
	companyFlag
	Data   string `help:"Folder of a company whose themes the posts may belong to; nothing is written there." placeholder:"DIR" type:"existingdir"`
	Themes bool   `help:"Print the themes behind the posts, largest first: name, voices, three quotes, whether it rises."`
	Hold   int    `help:"Posts to hear, at least, before one is written, as those that follow decide with it; 0 writes each at once." default:"20000"`
}

// Help explains the form of the posts.
func (*clusterCmd) Help() string {
	return `Reads one JSON object a line from standard input; "text" is required, "id", "time" (RFC 3339) and "lang" may be there. ` +
		`Writes each line in its order with "theme" (a number, or null for none) and "confidence" (0 to 1; from ` +
		strconv.FormatFloat(lastword.Sure, 'f', 2, 64) + ` on it may be answered with its theme). ` +
		`A line that cannot be read is told on standard error and written with a null theme.`
}

// Run gathers the posts of standard input into themes.
func (c *clusterCmd) Run(ctx context.Context, s *streams) error {
	model, err := understand.Load()
	if err != nil {
		return err
	}
	g := &gathering{model: model, hold: c.Hold, out: bufio.NewWriter(s.out), errs: s.err, places: map[int64]theme.Placement{}}
	if c.Themes {
		g.groups = map[int64]*group{}
	}
	if err := c.wake(ctx, g); err != nil {
		return err
	}
	if err := g.read(ctx, s.in); err != nil {
		return err
	}
	if c.Themes {
		err = g.print()
	}
	return errors.Join(err, g.out.Flush())
}

// wake makes the machine: a fresh one, or one that knows a company's themes.
func (c *clusterCmd) wake(ctx context.Context, g *gathering) error {
	cfg := theme.Config{NewID: func() int64 { g.newest++; return g.newest }}
	if c.Data == "" {
		g.machine = theme.New(cfg)
		return nil
	}
	return withStore(ctx, app.Config{Data: c.Data, Log: "warn"}, func(db *store.DB) error {
		company, err := c.pick(ctx, db)
		if err != nil {
			return err
		}
		themes, _, err := db.LiveThemes(ctx, company.ID)
		if err != nil {
			return err
		}
		_, lessons, err := db.Lessons(ctx, company.ID, understand.MostLessons)
		if err != nil {
			return err
		}
		g.model = g.model.Taught(lessons)
		recent, err := db.SampleVoices(ctx, company.ID, 5000)
		if err != nil {
			return err
		}
		for _, t := range themes {
			g.newest = max(g.newest, t.ID)
		}
		for _, v := range recent {
			g.voice = max(g.voice, v.ID)
		}
		g.names = append([]string{company.Name}, company.Names...)
		cfg.Names = g.names
		g.machine, err = theme.Restore(cfg, themes, recent)
		return err
	})
}

// A gathering is posts on their way through the machine.
type gathering struct {
	machine *theme.Clusterer
	model   *understand.Model
	names   []string
	newest  int64 // theme
	voice   int64 // number of the last post
	hold    int
	waiting []waiting
	places  map[int64]theme.Placement // of those that wait
	groups  map[int64]*group          // nil where nobody asked for them
	out     *bufio.Writer
	errs    io.Writer
}

// A waiting line is written when it is known where its post belongs.
type waiting struct {
	line  []byte
	voice lastword.Voice // ID 0: the line could not be read
}

func (g *gathering) read(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := g.post(lines.Bytes())
		if err != nil {
			fmt.Fprintf(g.errs, "line %d: %v\n", n, err)
		}
		g.waiting = append(g.waiting, waiting{bytes.Clone(lines.Bytes()), v})
		if v.ID != 0 {
			g.note(g.machine.Assign(theme.ItemOf(v)))
		}
		if len(g.waiting) > g.hold+g.hold/4 { // many at once, as moving up the rest takes time
			if err := g.write(g.hold); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the posts: %w", err)
	}
	g.note(g.machine.Consolidate())
	return g.write(0)
}

// note remembers where posts are that still wait.
func (g *gathering) note(placed []theme.Placement) {
	for _, p := range placed {
		g.places[p.Voice] = p
	}
}

// post reads a line and understands what it says. A blank line is no post and no
// mistake.
func (g *gathering) post(line []byte) (lastword.Voice, error) {
	var v lastword.Voice
	if len(bytes.TrimSpace(line)) == 0 {
		return v, nil
	}
	fields, err := fieldsOf(line)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(fields["text"], &v.Text); err != nil || v.Text == "" {
		return v, errors.New(`"text" is missing, empty or no string`)
	}
	v.Label = g.model.Label(v.Post, g.names)
	if lang := stringOf(fields["lang"]); lang != "" {
		v.Language, _, _ = strings.Cut(strings.ToLower(lang), "-")
	}
	v.SaidAt = moment(stringOf(fields["time"]))
	g.voice++
	v.ID = g.voice
	return v, nil
}

func fieldsOf(line []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil || fields == nil {
		return nil, errors.New("no JSON object")
	}
	return fields, nil
}

// stringOf returns a field's text, or "" where it is none.
func stringOf(field json.RawMessage) string {
	var s string
	if json.Unmarshal(field, &s) != nil {
		return ""
	}
	return s
}

// moment reads a time; one that cannot be read counts for no trend.
func moment(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// write writes all but the last lines that wait.
func (g *gathering) write(keep int) error {
	n := max(len(g.waiting)-keep, 0)
	for _, w := range g.waiting[:n] {
		p := g.places[w.voice.ID]
		delete(g.places, w.voice.ID)
		p.Theme = g.machine.Home(p.Theme)
		if w.voice.ID != 0 && g.groups != nil {
			g.count(w.voice, p)
		}
		if _, err := g.out.Write(append(marked(w.line, p), '\n')); err != nil {
			return err
		}
	}
	g.waiting = slices.Delete(g.waiting, 0, n)
	if keep == 0 {
		return g.out.Flush() // whoever waits for each line shall have it
	}
	return nil
}

// marked returns a line with its place. One that is no JSON object becomes one.
func marked(line []byte, p theme.Placement) []byte {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil
	}
	in := "null"
	if p.Theme != 0 {
		in = strconv.FormatInt(p.Theme, 10)
	}
	mark := fmt.Sprintf(`"theme":%s,"confidence":%s}`, in, strconv.FormatFloat(p.Fit, 'f', 4, 64))
	fields, err := fieldsOf(line)
	switch {
	case err != nil:
		line, _ = json.Marshal(map[string]string{"line": string(line)}) // strings always can be
	case fields["theme"] != nil || fields["confidence"] != nil:
		delete(fields, "theme")
		delete(fields, "confidence")
		line, _ = json.Marshal(fields) // read from JSON just now
	}
	head := bytes.TrimRight(line[:len(line)-1], " \t\r\n")
	if len(head) > 1 {
		head = append(head[:len(head):len(head)], ',')
	}
	return append(head[:len(head):len(head)], mark...)
}

// A group is what is told of a theme.
type group struct {
	ID     int64            `json:"theme"`
	Name   string           `json:"name"`
	Voices int              `json:"voices"` // near-copies counted once
	Copies int              `json:"copies"`
	Sure   int              `json:"sure"` // may be answered together
	Rises  bool             `json:"rising"`
	Quotes []string         `json:"quotes"`
	days   map[int]int      // voices by day since 1970
	shown  []lastword.Voice // some of them, to quote from
}

// mostShown voices of a theme are kept to quote from.
const mostShown = 60

func (g *gathering) count(v lastword.Voice, p theme.Placement) {
	if p.Theme == 0 {
		return
	}
	t := g.groups[p.Theme]
	if t == nil {
		t = &group{ID: p.Theme, days: map[int]int{}}
		g.groups[p.Theme] = t
	}
	if v.Fit, v.CopyOf = p.Fit, p.CopyOf; v.CopyOf != 0 {
		t.Copies++
		return
	}
	t.Voices++
	if v.Fit >= lastword.Sure {
		t.Sure++
	}
	if !v.SaidAt.IsZero() {
		t.days[dayOf(v.SaidAt)]++
	}
	if len(t.shown) < mostShown {
		t.shown = append(t.shown, v)
	}
}

func dayOf(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }

// print writes the themes, largest first.
func (g *gathering) print() error {
	first, last := g.span()
	var all []*group
	for id, t := range g.groups {
		if home := g.machine.Home(id); home != id && g.groups[home] != nil {
			g.groups[home].take(t) // lines written before the two became one
			continue
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *group) int { return cmp.Or(cmp.Compare(b.Voices, a.Voices), cmp.Compare(a.ID, b.ID)) })
	for _, t := range all {
		t.Name, t.Rises = g.machine.Name(t.ID), t.rises(first, last)
		for _, id := range theme.Quotes(t.shown, 3) {
			at := slices.IndexFunc(t.shown, func(v lastword.Voice) bool { return v.ID == id })
			t.Quotes = append(t.Quotes, t.shown[at].Text)
		}
		line, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if _, err := g.out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// take adds a theme that went into this one.
func (t *group) take(o *group) {
	t.Voices, t.Copies, t.Sure = t.Voices+o.Voices, t.Copies+o.Copies, t.Sure+o.Sure
	for day, n := range o.days {
		t.days[day] += n
	}
}

// span returns the first and the last day on which something was said.
func (g *gathering) span() (first, last int) {
	for _, t := range g.groups {
		for day := range t.days {
			if last == 0 || day < first {
				first = day
			}
			last = max(last, day)
		}
	}
	return first, last
}

// rises tests a theme by its days.
func (t *group) rises(first, last int) bool {
	daily := make([]int, last-first+1)
	for day, n := range t.days {
		daily[day-first] = n
	}
	_, rising := theme.Rising(daily)
	return rising
}
