package answer

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"lastword"
	"lastword/internal/text"
)

const (
	draftBatch = 500
	rewordings = 16 // how often a text that was said already is worded anew
)

// Draft drafts an answer to every voice behind a standing decision that has none
// yet, and returns how many are new. It may be called again at any time; for a
// decision that does not stand, or no longer, it does nothing.
func (s *Step) Draft(ctx context.Context, company, decision int64) (int, error) {
	d, err := s.Store.Decision(ctx, company, decision)
	if err != nil {
		return 0, fmt.Errorf("answer: decision %d: %w", decision, err)
	}
	if d.Stands.IsZero() || d.SupersededBy != 0 {
		return 0, nil
	}
	w, err := s.writer(ctx, d)
	if err != nil {
		return 0, err
	}
	total, after := 0, int64(0)
	for {
		rows, err := s.Store.ToAnswer(ctx, company, decision, after, draftBatch)
		if err != nil || len(rows) == 0 {
			return total, err
		}
		drafts, err := w.drafts(ctx, rows)
		if err != nil {
			return total, err
		}
		n, err := s.Store.SaveDrafts(ctx, company, drafts)
		if err != nil {
			return total, fmt.Errorf("answer: drafts of decision %d: %w", decision, err)
		}
		total += n
		after = rows[len(rows)-1].ID
	}
}

// writer writes the drafts of one decision.
type writer struct {
	*Step
	company  lastword.Company
	theme    lastword.Theme
	decision lastword.Decision
	by       string              // the director's name
	tone     []lastword.Phrase   // the company's own sentences, where it has any
	said     map[string]struct{} // texts of this decision, so that none is said twice
}

func (s *Step) writer(ctx context.Context, d lastword.Decision) (*writer, error) {
	c, err := s.Store.Company(ctx, d.Company)
	if err != nil {
		return nil, fmt.Errorf("answer: company %d: %w", d.Company, err)
	}
	t, err := s.Store.Theme(ctx, d.Company, d.Theme)
	if err != nil {
		return nil, fmt.Errorf("answer: theme %d: %w", d.Theme, err)
	}
	members, err := s.Store.Members(ctx, d.Company)
	if err != nil {
		return nil, fmt.Errorf("answer: members of %d: %w", d.Company, err)
	}
	tone, err := s.tone(ctx, d.Company)
	if err != nil {
		return nil, fmt.Errorf("answer: tone of %d: %w", d.Company, err)
	}
	return &writer{Step: s, tone: tone, company: c, theme: t, decision: d, by: director(members, d.By), said: map[string]struct{}{}}, nil
}

// director is the name under which letters go out: who decided, if that is a
// director, or else the first director.
func director(members []lastword.Member, by int64) string {
	active := slices.DeleteFunc(slices.Clone(members), func(m lastword.Member) bool { return !m.MayRelease() })
	slices.SortFunc(active, func(a, b lastword.Member) int {
		if (a.ID == by) != (b.ID == by) {
			if a.ID == by {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	if len(active) == 0 {
		return ""
	}
	return active[0].Name
}

func (w *writer) drafts(ctx context.Context, rows []lastword.VoiceRow) ([]lastword.Answer, error) {
	drafts := make([]lastword.Answer, 0, len(rows))
	for _, row := range rows {
		a, err := w.draft(ctx, row)
		if err != nil {
			return nil, fmt.Errorf("answer: draft to voice %d: %w", row.ID, err)
		}
		drafts = append(drafts, a)
	}
	return drafts, nil
}

func (w *writer) draft(ctx context.Context, row lastword.VoiceRow) (lastword.Answer, error) {
	way, err := w.Places.Route(ctx, row.Voice)
	if err != nil {
		return lastword.Answer{}, err
	}
	token, err := newToken(w.Rand)
	if err != nil {
		return lastword.Answer{}, err
	}
	lang := answerLang(row.Voice, w.company.Lang)
	return lastword.Answer{
		ID: w.Store.NewID(), Company: row.Company, Voice: row.ID, Identity: row.Identity,
		Theme: w.theme.ID, Decision: w.decision.ID, Channel: way.Channel, Network: row.Network,
		Lang: lang, Text: w.fresh(w.parts(row, way.Network, lang, token)), State: lastword.Draft, Why: way.Why,
		Token: token, Made: w.Now(),
	}, nil
}

// mail is the network whose answers are letters.
const mail = "mail"

// parts gathers what the answer to a voice is composed of, for the network as the
// way there has it, or else as it is everywhere.
func (w *writer) parts(row lastword.VoiceRow, n lastword.Network, lang, token string) Draft {
	if n.Name == "" {
		n = w.network(row.Network)
	}
	d := Draft{
		Network: n, Lang: lang, Kinds: row.Kinds, Asked: w.theme.Kinds,
		Verdict: w.decision.Verdict, When: w.decision.When,
		Reason: reasonIn(w.decision.Reason, primary(lang), w.company.Lang),
		Letter: row.Network == mail, To: text.Clean(row.Who.Name), By: w.by, House: w.company.Name,
		Seed: mix(uint64(row.ID)) ^ uint64(w.decision.ID),
	}
	if w.theme.NamedBy != 0 && primary(w.theme.Lang) == primary(lang) {
		d.Theme = w.theme.Name // a name by the machine is a label, not a word to a customer
	}
	d.own(w.tone, lang)
	if w.company.Public != "" {
		d.Link = strings.TrimRight(w.company.Public, "/") + "/heard/" + token
	}
	return d
}

// fresh words d so that it is not what somebody else is told word for word:
// networks take identical texts from one account for spam. The link, which is
// different for everybody, does not count: it may be left out.
func (w *writer) fresh(d Draft) string {
	link := d.Link
	for range rewordings {
		d.Link = ""
		bare := Worded(d)
		if _, said := w.said[bare]; !said {
			w.said[bare] = struct{}{}
			break
		}
		d.Seed = mix(d.Seed + 1)
	}
	d.Link = link
	return Worded(d)
}

// answerLang picks the language of an answer: that of the voice if we write it,
// as the place says it if that is another spelling of the same, or else the
// company's.
func answerLang(v lastword.Voice, company string) string {
	lang := cmp.Or(v.Language, primary(v.Lang), company)
	if !written(lang) {
		lang = company
	}
	if primary(lang) == "de" && isSwiss(v.Lang) {
		return "de-CH"
	}
	return primary(lang)
}

// reasonIn returns the reason in lang, or in the company's language, or in the
// first there is.
func reasonIn(reasons map[string]string, lang, company string) string {
	first := ""
	if langs := slices.Sorted(maps.Keys(reasons)); len(langs) > 0 {
		first = langs[0]
	}
	return cmp.Or(reasons[lang], reasons[company], reasons[first])
}

// newToken names a public page: 128 random bits as 22 characters of base64url
// (RFC 4648 §5), so that nobody finds a page by guessing.
func newToken(random io.Reader) (string, error) {
	var secret [16]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return "", fmt.Errorf("random token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}
