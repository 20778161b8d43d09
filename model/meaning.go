package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"lastword"
	"lastword/internal/openai"
)

// within is how long one batch of texts may take; what is not known by then is
// left to the program itself.
const within = 4 * time.Minute

// Directions tells where texts lie, as the company's model for embeddings says,
// and in which space that is: directions of different spaces say nothing about
// each other. Texts that are not known are asked about only where ask is set.
// Whatever fails, those that are known come back, and an error is never one: the
// caller goes on without the others. An empty space means that the company uses
// no such model. A text of ours, which nobody said, has a Voice below 0.
func (s *Step) Directions(ctx context.Context, company int64, said []lastword.Saying, ask bool) (space string, at map[int64]lastword.Direction) {
	m, err := s.Store.Model(ctx, company)
	if err != nil || !m.On || m.Embed == "" {
		if err != nil {
			s.Log.Warn("endpoint not read", "company", company, "err", err)
		}
		return "", nil
	}
	space = Space(m)
	texts := make([]string, len(said))
	digests := make([]string, len(said))
	for i, t := range said {
		texts[i] = Mask(t.Text)
		digests[i] = digestOf(texts[i])
	}
	known, err := s.Store.Directions(ctx, company, space, digests)
	if err != nil {
		s.Log.Warn("directions not read", "company", company, "err", err)
		return space, nil
	}
	if ask {
		s.learn(ctx, m, said, texts, digests, known)
	}
	at = make(map[int64]lastword.Direction, len(known))
	for i, t := range said {
		if d, ok := known[digests[i]]; ok {
			at[t.Voice] = d
		}
	}
	return space, at
}

// Space names what directions may be compared with each other.
func Space(m lastword.Model) string { return m.Address + " " + m.Embed }

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// learn asks about the texts that are not known, and keeps what it learns batch
// by batch. It ends at the first failure.
func (s *Step) learn(ctx context.Context, m lastword.Model, said []lastword.Saying, texts, digests []string, known map[string]lastword.Direction) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var b unknown
	began, times := time.Now(), 0
	asked := map[string]bool{}
	for i := range said {
		if _, ok := known[digests[i]]; ok || asked[digests[i]] || texts[i] == "" {
			continue
		}
		asked[digests[i]] = true
		b.add(max(said[i].Voice, 0), digests[i], texts[i])
		if len(b.texts) == openai.MostTexts {
			if !s.learnSome(ctx, m, &b, known) {
				return
			}
			times++
			if spent := time.Since(began); spent+2*spent/time.Duration(times) > within {
				return // it is slow, which is no failure
			}
		}
	}
	if len(b.texts) > 0 {
		s.learnSome(ctx, m, &b, known)
	}
}

// unknown are texts to ask about.
type unknown struct {
	voices         []int64
	digests, texts []string
}

func (u *unknown) add(voice int64, digest, text string) {
	u.voices, u.digests, u.texts = append(u.voices, voice), append(u.digests, digest), append(u.texts, text)
}

func (s *Step) learnSome(ctx context.Context, m lastword.Model, u *unknown, known map[string]lastword.Direction) bool {
	defer func() { *u = unknown{} }()
	cost := int64(0)
	for _, t := range u.texts {
		cost += estimate(t)
	}
	var at []lastword.Direction
	err := s.paid(ctx, m, cost, func(ctx context.Context) (took int64, err error) {
		at, took, err = s.Client.Embed(ctx, server(m), m.Embed, u.texts)
		return took, err
	})
	if err != nil {
		s.Log.Info("texts are compared without the endpoint", "company", m.Company, "texts", len(u.texts), "err", err)
		return false
	}
	for i, d := range at {
		known[u.digests[i]] = d
	}
	if err := s.Store.SaveDirections(context.WithoutCancel(ctx), m.Company, Space(m), u.voices, u.digests, at); err != nil {
		s.Log.Warn("directions not kept", "company", m.Company, "err", err)
	}
	return true
}
