package model

import (
	"context"
	"net/url"
	"strings"
	"time"

	"lastword"
	"lastword/internal/openai"
	"lastword/internal/text"
)

const tryWithin = 45 * time.Second

// sample is what leaves the house when somebody tries an endpoint, beside Reference.
const sample = "Guten Tag, gibt es den Schuh auch in halben Größen?"

// Try calls an endpoint once for each of its models with a text of ours, whether it
// is on or not, and tells what came of it.
func (s *Step) Try(ctx context.Context, company int64) (lastword.ModelTrial, error) {
	m, err := s.Store.Model(ctx, company)
	if err != nil {
		return lastword.ModelTrial{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	t := lastword.ModelTrial{Tried: true}
	if m.Embed != "" {
		texts := s.Reference
		if len(texts) == 0 {
			texts = []string{sample}
		}
		at, _, err := s.Client.Embed(ctx, server(m), m.Embed, texts)
		t.EmbedWhy = Why(err)
		if err == nil {
			t.Numbers = len(at[0])
			if s.Useful != nil && !s.Useful(at) {
				t.EmbedWhy = "model.why.flat"
			}
		}
		s.logTrial(company, "embeddings", err)
	}
	if m.Chat != "" {
		var said struct {
			Answer string `json:"answer"`
		}
		_, err := s.Client.Chat(ctx, server(m), m.Chat, trial(), &said)
		t.ChatWhy, t.Said = Why(err), text.CleanTo(said.Answer, 300)
		if err == nil && t.Said == "" {
			t.ChatWhy = Why(openai.ErrShape)
		}
		s.logTrial(company, "chat", err)
	}
	return t, nil
}

func (s *Step) logTrial(company int64, what string, err error) {
	if err != nil {
		s.Log.Info("endpoint tried", "company", company, "what", what, "err", err)
	}
}

func trial() lastword.Ask {
	return lastword.Ask{
		Name: "trial", Task: "Say in one short German sentence what the customer asks.", Most: 400,
		Data: []lastword.Datum{{ID: 1, Lang: "de", Text: sample}},
		Shape: map[string]any{"type": "object", "additionalProperties": false, "required": []string{"answer"},
			"properties": map[string]any{"answer": map[string]any{"type": "string"}}},
	}
}

// Check says what cannot be as it is set up.
func (s *Step) Check(m lastword.Model) error {
	u, err := url.Parse(m.Address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return &lastword.Mistake{Key: "mistake.model_address", Field: "address"}
	case u.Scheme == "http" && !s.inner(strings.ToLower(u.Host)) && !s.inner(strings.ToLower(u.Hostname())):
		return &lastword.Mistake{Key: "mistake.model_plain", Field: "address"}
	case m.Embed == "" && m.Chat == "":
		return &lastword.Mistake{Key: "mistake.model_none", Field: "embed"}
	case m.Budget < 1:
		return &lastword.Mistake{Key: "mistake.model_budget", Field: "budget"}
	}
	return nil
}

func (s *Step) inner(host string) bool { return s.Inner != nil && s.Inner(host) }

// EmbedRequest and ChatRequest are what leaves the house for an endpoint, byte by
// byte but for the key: for a director to see before it is switched on.
func EmbedRequest(m lastword.Model, said string) lastword.Outbound {
	return lastword.Outbound{Address: strings.TrimRight(m.Address, "/") + "/embeddings", Body: openai.EmbedBody(m.Embed, []string{Mask(said)})}
}

// ChatRequest is EmbedRequest for a question.
func ChatRequest(m lastword.Model, a lastword.Ask) lastword.Outbound {
	return lastword.Outbound{Address: strings.TrimRight(m.Address, "/") + "/chat/completions", Body: openai.ChatBody(m.Chat, masked(a))}
}
