package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword"
	"lastword/internal/text"
)

// A company may let a language model learn how it opens and ends its answers, from
// those that its people worded by hand. What is learnt are sentences before and
// after the decision, kept until they are learnt anew, and shown to the directors.
// Verdict, day, reason and link stay our own and the director's words: no model
// words them, and no customer's word goes into what it is asked.

// Words asks a company's language model; see model.Step.Ask.
type Words interface {
	Uses(ctx context.Context, company int64) (embed, chat bool, err error)
	Ask(ctx context.Context, company int64, a lastword.Ask, into any) error
}

// Phrases keeps a company's own sentences.
type Phrases interface {
	Phrases(ctx context.Context, company int64) ([]lastword.Phrase, error)
	// SavePhrases replaces those of a language.
	SavePhrases(ctx context.Context, company int64, lang string, ps []lastword.Phrase) error
	// OwnAnswers returns the latest answers that people worded by hand and that went
	// out, newest first.
	OwnAnswers(ctx context.Context, company int64, lang string, most int) ([]lastword.AnswerRow, error)
	// Leave leaves jobs.
	Leave(ctx context.Context, next ...lastword.Job) error
}

const (
	mostOwn    = 16 // answers that a tone is learnt from
	leastOwn   = 3
	leastTone  = 4                 // sentences worth keeping
	enoughOwn  = 4                 // sentences from which on ours are left out
	toneLasts  = 7 * 24            // hours until it is learnt anew
	longPhrase = 160               // characters
	opens      = "open"            // before the decision
	closesWith = "end"             // after it
	anyKind    = lastword.Kinds(0) // a sentence for every kind
)

// tone returns the company's own sentences, none where no model is used, and leaves
// a job to learn them where that is due.
func (s *Step) tone(ctx context.Context, company int64) ([]lastword.Phrase, error) {
	if s.Words == nil {
		return nil, nil
	}
	_, chat, err := s.Words.Uses(ctx, company)
	if err != nil || !chat {
		return nil, err
	}
	ps, err := s.Tones.Phrases(ctx, company)
	if err != nil {
		return nil, err
	}
	if len(ps) == 0 || s.Now().Sub(ps[len(ps)-1].Made).Hours() > toneLasts {
		err = s.Tones.Leave(ctx, lastword.Job{Kind: lastword.Tone, Company: company})
	}
	return ps, err
}

// Learn does a Tone job: it lets the company's language model find sentences in
// the tone of its former answers.
func (s *Step) Learn(ctx context.Context, job lastword.Job) error {
	if s.Words == nil {
		return nil
	}
	_, chat, err := s.Words.Uses(ctx, job.Company)
	if err != nil || !chat {
		return err
	}
	for _, lang := range [...]string{"de", "en"} {
		if err := s.learn(ctx, job.Company, lang); err != nil {
			return fmt.Errorf("answer: tone of company %d: %w", job.Company, err)
		}
	}
	return nil
}

func (s *Step) learn(ctx context.Context, company int64, lang string) error {
	own, err := s.Tones.OwnAnswers(ctx, company, lang, mostOwn)
	if err != nil || len(own) < leastOwn {
		return err
	}
	var said Toned
	err = s.Words.Ask(ctx, company, ToneAsk(lang, own), &said)
	if err != nil {
		s.Log.Info("no tone learnt", "company", company, "err", err)
		return nil // the sentences that are there stay, or ours do
	}
	ps := said.Checked(lang, own)
	if len(ps) < leastTone {
		return nil
	}
	return s.Tones.SavePhrases(ctx, company, lang, ps)
}

// ToneAsk asks for sentences in the tone of former answers of the company. Of a
// letter only what stands between greeting and closing is shown, and nobody's name.
func ToneAsk(lang string, own []lastword.AnswerRow) lastword.Ask {
	a := lastword.Ask{Name: "tone", Most: 1500, Task: "The texts are former answers of this company to customers, written by its director. " +
		"Find the tone in which they open and end. Write sentences in that tone, in " + tongue(lang) + ": " +
		"for each of the kinds \"wish\", \"problem\", \"praise\" and \"question\" six with place \"open\", that thank or regret before anything is decided; " +
		"and eight of kind \"any\" with place \"end\", that say goodbye or invite to write again. " +
		"Each stands on its own, fits any subject, has at most 120 characters, and holds no name, number, date, promise, decision, address or greeting. " +
		"In German say Sie, never du."}
	for i, o := range own {
		a.Data = append(a.Data, lastword.Datum{ID: i + 1, Lang: primary(o.Lang), Text: bare(o)})
	}
	str := func(values ...string) map[string]any { return map[string]any{"type": "string", "enum": values} }
	a.Shape = map[string]any{"type": "object", "additionalProperties": false, "required": []string{"sentences"},
		"properties": map[string]any{"sentences": map[string]any{"type": "array", "items": map[string]any{
			"type": "object", "additionalProperties": false, "required": []string{"kind", "place", "text"},
			"properties": map[string]any{"kind": str("wish", "problem", "praise", "question", "any"), "place": str(opens, closesWith),
				"text": map[string]any{"type": "string"}}}}}}
	return a
}

func tongue(lang string) string {
	if lang == "de" {
		return "German"
	}
	return "English"
}

// bare is the body of an answer, without the names of the person it went to.
func bare(o lastword.AnswerRow) string {
	body := o.Text
	if parts := strings.Split(body, "\n\n"); o.Network == mail && len(parts) > 2 {
		body = strings.Join(parts[1:len(parts)-1], "\n\n")
	}
	for _, name := range append(strings.Fields(o.Who.Name), o.Who.Handle) {
		if utf8.RuneCountInString(name) > 1 {
			body = strings.ReplaceAll(body, name, "[name]")
		}
	}
	return body
}

// Toned is what a language model says of a tone: foreign text.
type Toned struct {
	Sentences []struct {
		Kind  string `json:"kind"`
		Place string `json:"place"`
		Text  string `json:"text"`
	} `json:"sentences"`
}

// Checked returns those of the sentences that may stand in an answer: nothing in
// them binds the company, and none repeats a former answer's name of somebody.
func (t Toned) Checked(lang string, own []lastword.AnswerRow) []lastword.Phrase {
	kinds := map[string]lastword.Kinds{"wish": lastword.Wish, "problem": lastword.Problem, "praise": lastword.Praise,
		"question": lastword.Question, "any": anyKind}
	var ps []lastword.Phrase
	for _, s := range t.Sentences {
		k, known := kinds[s.Kind]
		p := lastword.Phrase{Lang: lang, Kinds: k, Ends: s.Place == closesWith, Text: strings.TrimSpace(s.Text)}
		if !known || s.Place != opens && s.Place != closesWith || !harmless(lang, p.Text) || names(p.Text, own) ||
			slices.ContainsFunc(ps, func(q lastword.Phrase) bool { return q.Ends == p.Ends && q.Kinds == p.Kinds && q.Text == p.Text }) {
			continue
		}
		if ps = append(ps, p); len(ps) == 60 {
			break
		}
	}
	return ps
}

// names reports whether a text names somebody who was answered.
func names(s string, own []lastword.AnswerRow) bool {
	words := text.Words(s)
	return slices.ContainsFunc(own, func(o lastword.AnswerRow) bool {
		return slices.ContainsFunc(text.Words(o.Who.Name+" "+o.Who.Handle), func(n string) bool {
			return utf8.RuneCountInString(n) > 2 && slices.Contains(words, n) && !text.Stop(o.Lang, n)
		})
	})
}

// harmless reports whether a sentence may stand in any answer, whatever is decided:
// short prose of the language that promises, decides and gives away nothing.
func harmless(lang, s string) bool {
	n, words := utf8.RuneCountInString(s), text.Words(s)
	if n < 8 || n > longPhrase || text.Clean(s) != s || strings.Contains(s, "\n") || strings.ContainsAny(s, "<>{}[]|`\\*_#@=/\"„“”«»%€$£:;") ||
		strings.ContainsFunc(s, unicode.IsDigit) || !strings.ContainsAny(s[len(s)-1:], ".!?") || len(text.Sentences(s)) > 2 {
		return false
	}
	for _, t := range text.Tokens(s) {
		if t.Kind == text.URL || t.Kind == text.Mention {
			return false
		}
	}
	own := 0
	for _, w := range words {
		if text.Stop(lang, w) {
			own++
		}
		if lang == "de" && slices.Contains(familiar[:], w) {
			return false
		}
		if slices.ContainsFunc(binding[:], func(b string) bool { return strings.HasPrefix(w, b) }) {
			return false
		}
	}
	return own > 0 || len(words) < 4
}

// familiar are the words of who says du.
var familiar = [...]string{"du", "dich", "dir", "dein", "deine", "deinen", "deiner", "deinem", "euch", "euer", "eure", "euren"}

// binding are the beginnings of words by which a company may bind itself, decide or
// pass on an order, in German and English.
var binding = [...]string{
	"versprech", "versprich", "versproch", "garant", "kostenlos", "gratis", "rabatt", "gutschein", "erstatt", "rückerstatt", "entschädig",
	"umsetz", "beheb", "ändern", "einführ", "liefern", "lieferung", "entscheid", "entschied", "beschloss", "beschließ", "zusag", "zugesagt", "ablehn", "abgelehnt",
	"bald", "morgen", "woche", "monat", "nächst", "frist", "sofort", "haftung", "verpflicht", "anweis", "ignor", "freigab", "freigeb", "genehmig",
	"promis", "guarant", "free", "refund", "discount", "voucher", "compensat", "implement", "fix", "chang", "deliver", "ship", "decid", "decision",
	"soon", "tomorrow", "week", "month", "immediately", "liab", "oblig", "instruct", "system", "prompt", "approv", "releas",
	"nein", "abgelehn", "denied", "reject", "declin",
}

// own are the company's sentences that fit a draft.
func (d *Draft) own(ps []lastword.Phrase, lang string) {
	small := d.Letter && wordsIn(lang).small() && !isSwiss(lang)
	for _, p := range ps {
		fits := true
		if small && !p.Ends {
			p.Text, fits = lowered(p.Text)
		}
		switch {
		case !fits:
		case p.Lang != primary(lang):
		case p.Ends && d.Verdict != lastword.AskBack: // there the end asks for an answer
			d.Ends = append(d.Ends, p.Text)
		case !p.Ends && (p.Kinds == anyKind || p.Kinds == toneOf(d.Kinds)):
			d.Opens = append(d.Opens, p.Text)
		}
	}
}

// lowered begins a German sentence as it goes on after the comma of a greeting; ok
// is false where its first word may be a noun.
func lowered(s string) (string, bool) {
	first, _, _ := strings.Cut(s, " ")
	switch word := strings.ToLower(strings.Trim(first, ",.!")); word {
	case "ihr", "ihre", "ihren", "ihrem", "ihnen", "sie":
		return s, true
	case "danke", "vielen", "herzlichen", "besten", "schön", "das", "dass", "es", "wir", "gern", "gut", "toll", "für", "ganz", "so", "ein", "eine", "wie":
		return strings.ToLower(s[:1]) + s[1:], true
	}
	return s, unicode.IsLower([]rune(s)[0])
}

// ours returns own sentences, and the program's beside them where they are few.
func ours(own, program []string) []string {
	if len(own) >= enoughOwn {
		return own
	}
	return append(slices.Clone(own), program...)
}

// Worded is Compose with the company's own sentences, or without them where a fact
// would be lost for them: what is decided, why, when, and where to read it.
func Worded(d Draft) string {
	plain := d
	plain.Opens, plain.Ends = nil, nil
	built := Compose(plain)
	if len(d.Opens)+len(d.Ends) == 0 {
		return built
	}
	said := Compose(d)
	if Measure(d.Network, said).Over {
		return built
	}
	for _, fact := range facts(plain) {
		if strings.Contains(built, fact) && !strings.Contains(said, fact) {
			return built
		}
	}
	return said
}

// facts are the parts of an answer that no wording may touch.
func facts(d Draft) []string {
	p := partsOf(d)
	all := []string{p.Verdict, p.Reason, p.Link, p.Greeting, p.Closing}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}
