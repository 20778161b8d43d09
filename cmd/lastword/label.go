package main

import (
	"context"
	"errors"
	"math"
	"strings"

	"lastword"
	"lastword/app"
	"lastword/store"
	"lastword/understand"
)

type labelCmd struct {
	About string `help:"What the company and its products are called, with commas between." placeholder:"NAMES"`
	Data  string `help:"Folder of a company: its names count, and what it taught." placeholder:"DIR" type:"existingdir"`
	companyFlag
}

// Help tells what comes in and goes out.
func (c *labelCmd) Help() string {
	return `Reads JSON Lines from standard input, an object a line with at least "text", and
writes each again, in the same order, with these fields added:

  language   BCP 47 primary tag, or "" where nothing tells it
  kinds      probability of wish, problem, praise, question
  wish       the very words of the text that carry the wish, or null
  feeling    probability of negative, neutral, positive
  about      probability that it is about the company of --about or --data
  offensive  probability that it insults or abuses
  notice     probability that no customer speaks: a notice, a headline, an
             advertisement, a bot

"title", "lang", "url" and "author" are used where they are there. A line that
cannot be read is told on standard error and written as it is.`
}

// Run labels posts.
func (c *labelCmd) Run(ctx context.Context, s *streams) error {
	m, err := understand.Load()
	if err != nil {
		return err
	}
	m, names, err := c.company(ctx, m)
	if err != nil {
		return err
	}
	return eachLine(s, func(l *line) error {
		post, err := postOf(l)
		if err != nil {
			return err
		}
		return addJudgement(l, m.Judge(post, names))
	})
}

// company returns what the company is called, and the model with what it taught.
func (c *labelCmd) company(ctx context.Context, m *understand.Model) (*understand.Model, []string, error) {
	names := split(c.About)
	if c.Data == "" {
		return m, names, nil
	}
	err := withStore(ctx, app.Config{Data: c.Data}, func(db *store.DB) error {
		company, err := c.pick(ctx, db)
		if err != nil {
			return err
		}
		names = append(append(names, company.Name), company.Names...)
		_, lessons, err := db.Lessons(ctx, company.ID, understand.MostLessons)
		m = m.Taught(lessons)
		return err
	})
	return m, names, err
}

// split reads names with commas between.
func split(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// postOf reads what a line says of a post.
func postOf(l *line) (lastword.Post, error) {
	var p lastword.Post
	if _, ok := l.values["text"]; !ok {
		return p, errors.New(`it has no "text"`)
	}
	var err error
	for _, f := range []struct {
		key  string
		into *string
	}{{"text", &p.Text}, {"title", &p.Title}, {"lang", &p.Lang}, {"url", &p.URL}, {"parent", &p.Parent}} {
		if *f.into, err = l.text(f.key); err != nil {
			return p, err
		}
	}
	return p, nil
}

func addJudgement(l *line, j understand.Judgement) error {
	var wish *string
	if j.Wish != "" {
		wish = &j.Wish
	}
	kinds := map[string]float64{}
	for i, k := range lastword.AllKinds {
		kinds[k.String()] = rounded(j.P[i])
	}
	feeling := map[string]float64{}
	for i, p := range j.Feelings {
		feeling[(lastword.Feeling(i) + lastword.Negative).String()] = rounded(p)
	}
	for _, f := range []struct {
		key   string
		value any
	}{
		{"language", j.Language}, {"kinds", kinds}, {"wish", wish}, {"feeling", feeling},
		{"about", rounded(j.About)}, {"offensive", rounded(j.Offensive)}, {"notice", rounded(j.Notice)},
	} {
		if err := l.add(f.key, f.value); err != nil {
			return err
		}
	}
	return nil
}

// rounded keeps four digits: more are chance.
func rounded(p float64) float64 { return math.Round(p*1e4) / 1e4 }
