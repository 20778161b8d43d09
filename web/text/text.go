// Package text holds everything the house says to people, in German and in
// English, and sets numbers, dates and quotation marks as each reader expects
// them. The texts stand in de.toml and en.toml beside this file.
package text

import (
	"embed"
	"fmt"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed de.toml en.toml
var files embed.FS

// Langs lists the languages of the interface; the first is used where nothing
// else is known.
var Langs = [2]string{"de", "en"}

// Args fill the places of a text.
type Args map[string]any

// A Catalogue holds the texts of all languages. It does not change after Load
// and may be used by many at once.
type Catalogue struct {
	langs   map[string]*words
	matcher language.Matcher
}

// words are the texts of one language.
type words struct {
	lang    string
	plain   map[string]string // texts without places and plurals, the most of them
	keys    map[string]bool
	plural  map[string]bool // texts with a form of their own for one
	nothing map[string]bool // texts with words of their own for none
	loc     *i18n.Localizer
}

// Load reads the catalogue that is built into the program.
func Load() (*Catalogue, error) {
	bundle := i18n.NewBundle(language.German)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	c := &Catalogue{langs: map[string]*words{}, matcher: language.NewMatcher([]language.Tag{language.German, language.English})}
	for _, lang := range Langs {
		w, err := load(bundle, lang)
		if err != nil {
			return nil, err
		}
		c.langs[lang] = w
	}
	return c, nil
}

func load(bundle *i18n.Bundle, lang string) (*words, error) {
	name := lang + ".toml"
	raw, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	file, err := bundle.ParseMessageFileBytes(raw, name)
	if err != nil {
		return nil, fmt.Errorf("text: %s: %w", name, err)
	}
	w := &words{
		lang: lang, plain: map[string]string{}, keys: map[string]bool{}, plural: map[string]bool{},
		nothing: map[string]bool{}, loc: i18n.NewLocalizer(bundle, lang),
	}
	for _, m := range file.Messages {
		w.keys[m.ID] = true
		w.plural[m.ID] = m.One != ""
		if m.One == "" && m.Zero == "" && !strings.Contains(m.Other, "{{") {
			w.plain[m.ID] = m.Other
		}
		if m.Zero == "" {
			continue
		}
		// Neither language has a plural of its own for nothing (CLDR), and yet
		// "nothing" often wants other words.
		if err := bundle.AddMessages(file.Tag, &i18n.Message{ID: m.ID + nothing, Other: m.Zero}); err != nil {
			return nil, fmt.Errorf("text: %s: %s: %w", name, m.ID, err)
		}
		w.nothing[m.ID] = true
	}
	return w, nil
}

// nothing is added to the key of a text that is said of zero things.
const nothing = "/nothing"

// Pick chooses the language for a reader from what is known of them, best
// first: BCP 47 tags or Accept-Language headers. Empty ones are passed over.
func (c *Catalogue) Pick(known ...string) string {
	for _, k := range known {
		tags, _, err := language.ParseAcceptLanguage(k)
		if err != nil || len(tags) == 0 {
			continue // a browser may send anything: then the next source decides
		}
		if _, i, conf := c.matcher.Match(tags...); conf > language.No {
			return Langs[i]
		}
	}
	return Langs[0]
}

// Reader returns how to speak to someone who reads lang, in zone, at now. An
// unknown language is answered in the first of Langs.
func (c *Catalogue) Reader(lang string, zone *time.Location, now time.Time) Reader {
	w := c.langs[lang]
	if w == nil {
		w = c.langs[Langs[0]]
	}
	if zone == nil {
		zone = time.UTC
	}
	return Reader{words: w, Zone: zone, Now: now.In(zone)}
}

// A Reader is somebody who reads a page: their language, their zone, their now.
type Reader struct {
	words *words
	Zone  *time.Location
	Now   time.Time
}

// Lang returns the language as a BCP 47 tag: one of Langs.
func (r Reader) Lang() string { return r.words.lang }

// Has reports whether there is a text for key.
func (r Reader) Has(key string) bool { return r.words.keys[key] }

// T returns the text for key. A key without a text returns itself: a test
// makes sure that there is none.
func (r Reader) T(key string, args ...Args) string {
	if s, ok := r.words.plain[key]; ok {
		return s
	}
	return r.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: first(args)})
}

// N returns the text for key about n things, in the right plural; {{.N}} is n
// as the reader writes numbers.
func (r Reader) N(key string, n int, args ...Args) string {
	data := Args{"N": r.Num(n)}
	for k, v := range first(args) {
		data[k] = v
	}
	c := &i18n.LocalizeConfig{MessageID: key, TemplateData: data}
	switch {
	case n == 0 && r.words.nothing[key]:
		c.MessageID += nothing
	case r.words.plural[key]:
		c.PluralCount = n
	}
	return r.localize(c)
}

func (r Reader) localize(c *i18n.LocalizeConfig) string {
	s, err := r.words.loc.Localize(c)
	if err != nil {
		return c.MessageID
	}
	return s
}

func first(args []Args) Args {
	if len(args) == 0 {
		return Args{}
	}
	return args[0]
}
