package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/answer"
	"lastword/internal/httpx"
	"lastword/internal/openai"
	"lastword/model"
	"lastword/theme"
)

// patience is how long an endpoint may take for one answer: a model on a small
// machine of one's own is slow.
const patience = 3 * time.Minute

// lendModels makes the way out to companies' endpoints. Like that to channels it
// reaches hosts of the inner network only where the operator listed them.
func (a *App) lendModels(now func() time.Time) {
	a.lender = httpx.New(httpx.Options{Version: Version(), Public: a.Config.Public, Allow: a.Config.Inner,
		PerHost: 4, Pace: -1, Timeout: patience, Header: patience, MaxBody: 16 << 20})
	a.models = &model.Step{Store: a.DB, Client: &openai.Client{HTTP: a.lender.HTTP()}, Now: now, Log: a.Log, Useful: useful,
		Inner: func(host string) bool {
			return slices.ContainsFunc(a.Config.Inner, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), host) })
		}}
	for _, r := range theme.Reference() {
		a.models.Reference = append(a.models.Reference, r.Text)
	}
}

// useful reports whether a model tells apart what themes are made of, by where it
// puts their reference.
func useful(at []lastword.Direction) bool {
	by := map[int64]lastword.Direction{}
	for i, r := range theme.Reference() {
		by[r.Voice] = at[i]
	}
	return theme.NewSpace("", by) != nil
}

// models is what people do to their company's endpoint from the pages.
type models struct{ *App }

// Model returns the endpoint without its key.
func (m models) Model(ctx context.Context, company int64) (lastword.Model, error) {
	e, err := m.DB.Model(ctx, company)
	e.Key = ""
	return e, err
}

// Save checks and keeps where the endpoint is.
func (m models) Save(ctx context.Context, by lastword.Member, e lastword.Model) error {
	if err := m.models.Check(e); err != nil {
		return err
	}
	return m.DB.SaveModel(ctx, by, e)
}

// Uses, Try and State are those of model.Step.
func (m models) Uses(ctx context.Context, company int64) (embed, chat bool, err error) {
	return m.models.Uses(ctx, company)
}

// Try calls the endpoint once with a text of ours.
func (m models) Try(ctx context.Context, company int64) (lastword.ModelTrial, error) {
	return m.models.Try(ctx, company)
}

// State tells how the endpoint fares.
func (m models) State(ctx context.Context, company int64) (lastword.ModelState, error) {
	return m.models.State(ctx, company)
}

// firstMeant is how many of a company's latest voices are told to an endpoint that
// is switched on, and firstWorded how many of its themes.
const (
	firstMeant  = 5000
	firstWorded = 50
	meantAtOnce = 500
)

// Switch turns the endpoint on, by a director who saw what digest names, or off.
// What was heard before follows in the background.
func (m models) Switch(ctx context.Context, by lastword.Member, on bool, digest string) error {
	if !on {
		return m.DB.SwitchModel(ctx, by, false, "")
	}
	jobs, err := m.first(ctx, by.Company)
	if err != nil {
		return err
	}
	return m.DB.SwitchModel(ctx, by, true, digest, jobs...)
}

// first are the jobs that bring what was heard before to an endpoint.
func (m models) first(ctx context.Context, company int64) ([]lastword.Job, error) {
	voices, err := m.DB.SampleVoices(ctx, company, firstMeant)
	if err != nil {
		return nil, err
	}
	var placed, single []int64
	for _, v := range voices {
		if v.Theme != 0 {
			placed = append(placed, v.ID)
		} else if v.FitBy == 0 {
			single = append(single, v.ID)
		}
	}
	var jobs []lastword.Job
	for ids := range slices.Chunk(placed, meantAtOnce) {
		jobs = append(jobs, lastword.Job{Kind: lastword.Mean, Company: company, IDs: ids})
	}
	for ids := range slices.Chunk(single, meantAtOnce) {
		jobs = append(jobs, lastword.Job{Kind: lastword.Gather, Company: company, IDs: ids})
	}
	themes, err := m.DB.Themes(ctx, company, lastword.ThemeFilter{Order: lastword.BySize, Limit: firstWorded})
	if err != nil {
		return nil, err
	}
	for _, t := range themes {
		jobs = append(jobs, lastword.Job{Kind: lastword.Word, Company: company, IDs: []int64{t.ID}})
	}
	return append(jobs, lastword.Job{Kind: lastword.Tone, Company: company}), nil
}

// Preview is what leaves the house: the requests as they would be made now, byte by
// byte but for the key, with voices and answers of the company. real is false where
// it has none yet, and a text of ours stands for them.
func (m models) Preview(ctx context.Context, company int64) (requests []lastword.Outbound, real bool, err error) {
	e, err := m.DB.Model(ctx, company)
	if err != nil || e.Address == "" {
		return nil, false, err
	}
	voices, real, err := m.examples(ctx, company)
	if err != nil {
		return nil, false, err
	}
	if e.Embed != "" {
		requests = append(requests, model.EmbedRequest(e, theme.ItemOf(voices[0]).Text))
	}
	if e.Chat == "" {
		return requests, real, nil
	}
	c, err := m.DB.Company(ctx, company)
	if err != nil {
		return nil, false, err
	}
	requests = append(requests, model.ChatRequest(e, theme.WordingAsk(c, voices)))
	own, err := m.DB.OwnAnswers(ctx, company, c.Lang, 16)
	if err != nil {
		return nil, false, err
	}
	return append(requests, model.ChatRequest(e, answer.ToneAsk(c.Lang, own))), real, nil
}

// examples are the voices of the company's largest theme as they would be sent, or
// else its latest public voice, or a text of ours.
func (m models) examples(ctx context.Context, company int64) (voices []lastword.Voice, real bool, err error) {
	themes, err := m.DB.Themes(ctx, company, lastword.ThemeFilter{Order: lastword.BySize, Limit: 1})
	if err != nil {
		return nil, false, err
	}
	if len(themes) > 0 {
		if voices, err = theme.Shown(ctx, m.DB, company, themes[0].ID); err != nil || len(voices) > 0 {
			return voices, true, err
		}
	}
	latest, err := m.DB.SampleVoices(ctx, company, 200)
	if err != nil {
		return nil, false, err
	}
	for _, v := range latest {
		if !v.Private && !v.Hidden && !v.Own && v.GoneAt.IsZero() && v.Text != "" {
			return []lastword.Voice{v}, true, nil
		}
	}
	ours := lastword.Voice{Post: lastword.Post{Text: theme.Reference()[0].Text}, Label: lastword.Label{Language: "de"}}
	return []lastword.Voice{ours}, false, nil
}
