package understand

import (
	"fmt"
	"slices"

	"lastword"
	"lastword/internal/text"
)

// Version names what the shipped models and rules say. A voice labelled under
// another one is labelled anew. It rises with every change of either.
const Version = 5

// A Model understands posts. It never changes, so any number of goroutines may
// use it.
type Model struct {
	languages *languages
	heads     map[string]*head // "de", "en", and "" for all others
	own       *own             // what one company taught; nil for the shipped model
}

// Learn makes a Model out of labelled texts; the same out of the same texts and
// seed. Where sets lack the samples, or the examples of a language, the Model
// cannot tell languages, or judges that language as any unknown one; Train
// ships no such model. Without German examples it is lastword.ErrInvalid.
func Learn(sets Sets, seed uint64) (*Model, error) {
	german, english := sets.in("de"), sets.in("en")
	if len(german) == 0 {
		return nil, fmt.Errorf("understand: learn: no German examples: %w", lastword.ErrInvalid)
	}
	m := &Model{heads: map[string]*head{"de": learnHead(german, seed, false), "": learnHead(german, seed, true)}}
	if len(english) > 0 {
		m.heads["en"] = learnHead(english, seed, false)
	}
	if len(sets.Samples) == 0 {
		return m, nil
	}
	var err error
	m.languages, err = learnLanguages(sets.withPosts(), seed)
	return m, err
}

// LearnLanguages makes a Model that tells languages, and nothing else. It is
// lastword.ErrInvalid unless the samples are of 16 languages.
func LearnLanguages(sets Sets, seed uint64) (*Model, error) {
	langs, err := learnLanguages(sets.withPosts(), seed)
	return &Model{languages: langs}, err
}

// in returns the examples in one language.
func (s Sets) in(lang string) []Example {
	var examples []Example
	for _, e := range s.Examples {
		if e.Lang == lang {
			examples = append(examples, e)
		}
	}
	return examples
}

// withPosts returns the samples and some of the examples, each text once, since
// people post in another style than newspapers print.
func (s Sets) withPosts() []Sample {
	const every = 8
	samples := slices.Clone(s.Samples)
	for i, e := range s.Examples {
		if i%every == 0 && !e.again {
			samples = append(samples, Sample{Text: e.Text, Lang: e.Lang, Words: wholePost})
		}
	}
	return samples
}

// Label says what post means to a company that is called by names. Wish is a
// substring of post.Text, or empty. Language is empty where nothing tells it.
func (m *Model) Label(post lastword.Post, names []string) lastword.Label {
	return onlyWishes(m.read(post, names, false).Label)
}

// onlyWishes takes the words of a wish from a label that is none.
func onlyWishes(label lastword.Label) lastword.Label {
	if label.Kinds&lastword.Wish == 0 {
		label.Wish = ""
	}
	return label
}

// read is Judge with the words that come closest to a wish, in any case. heard
// says that a channel or a query of the company's brought the post.
func (m *Model) read(post lastword.Post, names []string, heard bool) Judgement {
	r := readings.Get().(*reading)
	defer readings.Put(r)
	return m.readInto(r, post, names, heard)
}

// readInto is read with the text left in r.
func (m *Model) readInto(r *reading, post lastword.Post, names []string, heard bool) Judgement {
	s, from := post.Text, 0
	if post.Title != "" {
		s = post.Title + "\n" + post.Text
		from = len(s) - len(post.Text)
	}
	r.take(s)
	j := Judgement{Label: lastword.Label{Version: Version, Language: m.languages.detect(s, r.tokens, post.Lang)}}
	r.speaks(j.Language)
	j.About = r.about(&post, names)
	if heard && j.About == aboutNothing {
		j.About = aboutHeard
	}
	toUs := len(names) > 0 && j.About >= ours
	if toUs {
		r.address()
	}
	m.judge(&j, r, from, toUs)
	return j
}

// Language returns the BCP 47 primary tag of the language of s, or "" where
// nothing tells it. said is what the place says, a weak hint that may be empty.
func (m *Model) Language(s, said string) string {
	return m.languages.detect(s, text.Tokens(s), said)
}

// judge fills in all but the language and whether it is about the company.
func (m *Model) judge(j *Judgement, r *reading, from int, toUs bool) {
	h := m.head(j.Language)
	score, shift := m.own.listen(h.score)
	v := r.judge(score, from)
	if v.wish != (text.Span{}) {
		j.Wish = r.wishWords(v.wish)
	}
	h.conclude(j, &v, shift, toUs)
}

// conclude fills in what follows from the verdict v.
func (h *head) conclude(j *Judgement, v *verdict, shift *shift, toUs bool) {
	x := inputsOf(v)
	for kind := range j.P {
		p := shift.kind(h.Opinions[kind].probability(&x), kind)
		j.P[kind] = p
		if p >= float64(h.Least[kind]) {
			j.Kinds |= lastword.AllKinds[kind]
		}
	}
	j.Notice, j.Offensive = h.Opinions[outNotice].probability(&x), h.Opinions[outOffensive].probability(&x)
	h.feel(j, v, shift, toUs)
}

// feel fills in the feeling.
func (h *head) feel(j *Judgement, v *verdict, shift *shift, toUs bool) {
	x, mood := moodOf(v), &h.Mood
	if toUs {
		mood = &h.Customer
	}
	j.Feelings = shift.feelings(mood.probabilities(&x))
	i := mood.choose(j.Feelings)
	j.Feeling, j.PFeeling = lastword.Feeling(i)+lastword.Negative, j.Feelings[i]
}

func (m *Model) head(lang string) *head {
	if h := m.heads[lang]; h != nil {
		return h
	}
	return m.heads[""]
}
