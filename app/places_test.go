package app

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"lastword/web/text"
)

// Every kind of place that is offered explains itself and each of its settings,
// in both languages.
func TestEveryConnectorIsExplained(t *testing.T) {
	t.Parallel()
	all, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"de", "en"} {
		r := all.Reader(lang, time.UTC, time.Now())
		for _, c := range shipped() {
			i := c.Info()
			keys := []string{"network." + i.Network.Name}
			if !i.Hidden {
				keys = append(keys, "connector."+i.Name+".title", "connector."+i.Name+".help")
			}
			for _, f := range i.Fields {
				if i.Hidden {
					break // nobody fills it in
				}
				keys = append(keys, "connector."+i.Name+".field."+f.Name+".label", "connector."+i.Name+".field."+f.Name+".help")
			}
			for _, key := range keys {
				if !r.Has(key) {
					t.Errorf("%s: no %s", lang, key)
				}
			}
		}
	}
}

// Every reason that a place may give is in the catalogue.
func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	all, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	reasons := regexp.MustCompile(`"(connector\.[a-z]+\.error\.[a-z-]+[a-z]|why\.[a-z_]+)"`)
	quoted := map[string][]*regexp.Regexp{
		"x":          {regexp.MustCompile(`"(connector\.x\.error\.[a-z_]+|why\.[a-z_]+)"`), regexp.MustCompile(`(?:mistake\((?:field\w+|f\.Name), |told\(|what :?= )"([a-z_]+)"`)},
		"discourse":  {regexp.MustCompile(`"(connector\.discourse\.error\.[a-z_]+|why\.[a-z_]+)"`), regexp.MustCompile(`mistake\(field\w+, "([a-z_]+)"`)},
		"hackernews": {regexp.MustCompile(`"(connector\.hackernews\.error\.[a-z_]+)"`)},
		"facebook":   {reasons, regexp.MustCompile(`mistake\(field\w+, "([a-z-]+)"`)},
		"instagram":  {reasons, regexp.MustCompile(`mistake\(field\w+, "([a-z-]+)"`)},
		"threads":    {reasons, regexp.MustCompile(`mistake\(field\w+, "([a-z-]+)"`)},
		"linkedin":   {reasons, regexp.MustCompile(`(?:mistake\(field\w+, |told\(|key :?= )"([a-z-]+)"`)},
		"meta":       {reasons, regexp.MustCompile(`(?:mistake\(|return )"([a-z-]+)"`)},
	}
	for place, patterns := range quoted {
		found := 0
		folder := "../listen/"
		if place == "meta" { // what the places of Meta share
			folder = "../internal/"
		}
		files, err := filepath.Glob(folder + place + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			code, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range patterns {
				for _, m := range p.FindAllSubmatch(code, -1) {
					key := string(m[1])
					if !regexp.MustCompile(`\.`).MatchString(key) {
						key = "connector." + place + ".error." + key
					}
					found++
					for _, lang := range []string{"de", "en"} {
						if !all.Reader(lang, time.UTC, time.Now()).Has(key) {
							t.Errorf("%s: %s: no %s", name, lang, key)
						}
					}
				}
			}
		}
		if found == 0 {
			t.Errorf("%s gives no reason: nothing is proved", place)
		}
		t.Logf("%s: %d reasons", place, found)
	}
}
