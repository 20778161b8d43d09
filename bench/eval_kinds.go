package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/understand"
)

// Labels of rows that are counted besides the four kinds.
const (
	companyWish = 4 + iota
	forumWish
	hotelWish
)

// EvalKinds measures wish, problem, praise and question on the German posts, each
// judged by a model that has not learnt it, and beside them the wish on company
// posts alone, without those of a citizens' assembly, and on English suggestions
// by the shipped model, which has learnt nothing from them; or the four kinds on a
// labelled file.
func EvalKinds(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "kinds", Seed: o.Seed}, time.Now()
	e := kindsEval{r: &r, wrong: mistakeList{most: o.Errors}, sheet: newSheet("wish", "problem", "praise", "question")}
	if o.File == "" {
		e.sheet = newSheet("wish", "problem", "praise", "question", "wish, company posts", "wish, English forum", "wish, English hotels")
	}
	r.Confusion = newConfusion(true, "wish", "problem", "praise", "question", "other")
	if err := o.rows(ctx, &r, e.see); err != nil {
		return r, fmt.Errorf("bench: eval kinds: %w", err)
	}
	if r.Rows == 0 {
		return r, fmt.Errorf("bench: eval kinds: no line says its \"kinds\": %w", lastword.ErrInvalid)
	}
	r.Accuracy = ratio(e.right, float64(r.Rows))
	e.pace.note(&r)
	if o.File == "" {
		if err := e.english(o); err != nil {
			return r, fmt.Errorf("bench: eval kinds: %w", err)
		}
	}
	r.Labels, r.MeanF1, r.MeanF1Interval = e.sheet.report(o.Seed, 4)
	for _, l := range r.Labels[:4] {
		r.ECE += l.ECE / 4
	}
	r.Misjudged = e.wrong.worst(func(row *rowJudged, label string) []understand.Reason {
		return row.model.Reasons(row.post(), label)
	})
	r.finish(start)
	return r, nil
}

type kindsEval struct {
	r     *EvalReport
	sheet *sheet
	pace  pace
	wrong mistakeList
	right float64
}

func (e *kindsEval) see(row *rowJudged) {
	if row.Kinds == nil {
		return
	}
	j := e.pace.judge(row, nil)
	is := *row.Kinds
	for i, k := range lastword.AllKinds {
		said, does := j.Kinds&k != 0, is&k != 0
		e.sheet.add(row.group, i, said, does, j.P[i])
		if said != does {
			e.wrong.add(row, k.String(), does, j.P[i], is.String())
		}
	}
	if len(e.sheet.names) > 4 && row.set != "kinds klimarat" {
		e.sheet.add(row.group, companyWish, j.Kinds&lastword.Wish != 0, is&lastword.Wish != 0, j.P[0])
	}
	for _, a := range columnsOf(is) {
		for _, b := range columnsOf(j.Kinds) {
			e.r.Confusion.Counts[a][b]++
		}
	}
	e.r.Rows++
	e.right += one(j.Kinds == is)
}

// columnsOf are the places of kinds in a confusion: 4 is none of them.
func columnsOf(k lastword.Kinds) []int {
	var all []int
	for i, one := range lastword.AllKinds {
		if k&one != 0 {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return []int{4}
	}
	return all
}

// english asks the shipped model about sentences from a software forum and hotel
// reviews that people judged to be suggestions or not.
func (e *kindsEval) english(o EvalOptions) error {
	m, err := understand.Load()
	if err != nil {
		return err
	}
	for label, set := range map[int]string{forumWish: "trialA", hotelWish: "trialB"} {
		data, err := os.ReadFile(filepath.Join(o.Data, "kinds", "semeval2019-t9-"+set+".en.jsonl"))
		if err != nil {
			return err
		}
		var texts []string
		var are []bool
		for line := range strings.Lines(string(data)) {
			var row struct {
				Text       string
				Suggestion bool
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				return fmt.Errorf("%s: %w", set, err)
			}
			texts, are = append(texts, row.Text), append(are, row.Suggestion)
		}
		for i, group := range understand.Groups(texts) {
			l := m.Label(lastword.Post{Text: texts[i], Lang: "en"}, nil)
			e.sheet.add(group, label, l.Kinds&lastword.Wish != 0, are[i], l.P[0])
		}
	}
	return nil
}

// EvalWishes measures the words that carry a wish, on texts that are one: precision
// and recall are of words, Accuracy is the share with exactly the words that a
// person marked, signs at the edges apart.
func EvalWishes(ctx context.Context, o EvalOptions) (EvalReport, error) {
	o = o.complete()
	r, start := EvalReport{What: "words of wishes", Seed: o.Seed}, time.Now()
	s, p, wrong := newSheet("words, wish found", "words, any wish"), pace{}, mistakeList{most: o.Errors}
	s.sure = false
	exact := 0.0
	err := o.rows(ctx, &r, func(row *rowJudged) {
		if row.Wish == nil {
			return
		}
		r.Rows++
		j := p.judge(row, nil)
		e := wordsShared(j.Wish, *row.Wish)
		s.count(row.group, 1, e)
		if j.Wish == "" {
			return
		}
		s.count(row.group, 0, e)
		if slices.Equal(text.Words(j.Wish), text.Words(*row.Wish)) {
			exact++
			return
		}
		wrong.add(row, "words", false, j.P[0], fmt.Sprintf("%q; said: %q", *row.Wish, j.Wish))
	})
	if err != nil {
		return r, fmt.Errorf("bench: eval wishes: %w", err)
	}
	if r.Rows == 0 {
		return r, fmt.Errorf("bench: eval wishes: no line says the words of its \"wish\": %w", lastword.ErrInvalid)
	}
	r.Labels, r.MeanF1, r.MeanF1Interval = s.report(o.Seed, 1)
	r.Accuracy = ratio(exact, float64(r.Rows))
	r.Misjudged = wrong.worst(func(*rowJudged, string) []understand.Reason { return nil })
	p.note(&r)
	r.finish(start)
	return r, nil
}
