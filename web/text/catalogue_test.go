package text_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"lastword"
	"lastword/web/text"
)

// families are keys that the code puts together from a beginning and a value.
// Where the values are listed, exactly they must be there; nil lets any be.
func families() map[string][]string {
	verdicts := make([]string, len(lastword.Verdicts))
	for i, v := range lastword.Verdicts {
		verdicts[i] = string(v)
	}
	does := append(slices.Clone(verdicts), strings.Fields("question_yes question_later question_no problem_yes problem_no praise_yes praise_no")...)
	places := strings.Fields("today themes voices people answers check decisions channels queries settings log posts")
	states := strings.Fields("draft released sent handed failed withdrawn")
	items := strings.Fields("alarm release due decide single check mend post care hand know")
	kinds := strings.Fields("wish problem praise question none")
	feelings := strings.Fields("negative neutral positive")
	codes := strings.Fields("403 404 409 413 422 500 503")
	health := strings.Fields("fine waiting failing refused silent done paused")
	return map[string][]string{
		"nav.key.": places, "verdict.": verdicts, "verdict_does.": does, "given.": strings.Fields("question praise"), "answering.": strings.Fields("question praise"),
		"kind.": kinds, "kinds.": kinds, "kind_key.": kinds, "feeling.": feelings, "feeling_key.": feelings,
		"circle.": strings.Fields("open decided closed aside"), "span.": strings.Fields("today week month"),
		"role.": strings.Fields("director staff adviser"), "role_may.": strings.Fields("director staff adviser"),
		"rule.": strings.Fields("any all"), "stage.": append(strings.Fields("customer prospect partner press"), "unknown"),
		"weekday.": strings.Fields("0 1 2 3 4 5 6"), "month.": strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12"),
		"month_short.": strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12"), "person.weight.": strings.Fields("0 1 2 3"),
		"item_title.": append(slices.Clone(items), "further"), "item_do.": items, "item.": append(items, "cost", "all"),
		"first.": strings.Fields("query channel goon done"), "first_why.": strings.Fields("query channel goon"),
		"first_do.": strings.Fields("query channel goon"), "answer_tab.": states, "answer_state.": states, "answer_means.": states,
		"answer_act.": strings.Fields("withdraw undo retry given"), "unit.": strings.Fields("graphemes characters weighted utf16 emojibytes bytes"),
		"error_title.": codes, "error_why.": codes, "error_do.": codes, "health.": health, "health_means.": health, "worry.": strings.Fields("silent ends"),
		"grammar.":       strings.Fields("and or not phrase near wild tag author site lang network is"),
		"keys.":          append(strings.Fields("next previous open verdict reason release edit undo correct check aside go search help"), "title", "close"),
		"courier.kind.":  strings.Fields("voice_heard voice_gone theme_decided answer_delivered answer_failed"),
		"courier.state.": strings.Fields("waiting sent failed dropped"),
		"ability.":       append(lastword.AbilityNames(), "title", "not_yet", "told", "can", "cannot"),
		"post_state.":    append(strings.Fields("taken removed"), slices.DeleteFunc(slices.Clone(states), func(s string) bool { return s == "handed" || s == "withdrawn" })...),
		"network.":       nil, "tongue.": nil, "dropped.": nil, "act.": nil, "connector.": nil, "why_do.": nil,
		"why.": nil, "nav.": append(places, "skip", "main", "more", "signout", "switch", "key"),
	}
}

// entries reads a catalogue as key → the text of each plural form.
func entries(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	var tree map[string]any
	if _, err := toml.DecodeFile(lang+".toml", &tree); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	collect(out, "", tree)
	return out
}

func collect(out map[string]map[string]string, prefix string, tree map[string]any) {
	for k, v := range tree {
		switch v := v.(type) {
		case string:
			out[prefix+k] = map[string]string{"other": v}
		case map[string]any:
			if _, plural := v["other"]; !plural {
				collect(out, prefix+k+".", v)
				continue
			}
			forms := map[string]string{}
			for form, s := range v {
				forms[form], _ = s.(string)
			}
			out[prefix+k] = forms
		}
	}
}

var slot = regexp.MustCompile(`{{\.(\w+)}}`)

// slots are the places that a text leaves open.
func slots(forms map[string]string) []string {
	found := map[string]bool{}
	for _, m := range slot.FindAllStringSubmatch(forms["other"], -1) {
		found[m[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	all := map[string]map[string]map[string]string{}
	for _, lang := range text.Langs {
		all[lang] = entries(t, lang)
	}
	first := all[text.Langs[0]]
	for _, lang := range text.Langs {
		for key, forms := range all[lang] {
			if first[key] == nil || all[text.Langs[1]][key] == nil {
				t.Errorf("%s is in %s alone", key, lang)
				continue
			}
			if !slices.Equal(slots(forms), slots(first[key])) {
				t.Errorf("%s: %s leaves open %v, %s %v", key, lang, slots(forms), text.Langs[0], slots(first[key]))
			}
			for form, s := range forms {
				if s == "" || strings.Contains(s, "!") || strings.Contains(s, "  ") {
					t.Errorf("%s.%s in %s: %q", key, form, lang, s)
				}
			}
		}
	}
}

// literals are all strings in the program's sources that could be a key.
func literals(t *testing.T) (mine, all map[string]bool) {
	t.Helper()
	mine, all = map[string]bool{}, map[string]bool{}
	quoted := regexp.MustCompile("[\"`]([a-z][a-z_-]*(?:\\.[a-z0-9_-]+)*\\.?)[\"`]")
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		source := strings.HasSuffix(name, ".templ") || strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_templ.go")
		if err != nil || d.IsDir() || !source || strings.HasSuffix(name, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(name)
		for _, m := range quoted.FindAllStringSubmatch(string(raw), -1) {
			all[m[1]] = true
			if strings.HasPrefix(filepath.ToSlash(name), "../../web/") {
				mine[m[1]] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return mine, all
}

func family(key string) (prefix string, values []string, ok bool) {
	for p, v := range families() {
		if strings.HasPrefix(key, p) && len(p) > len(prefix) {
			prefix, values, ok = p, v, true
		}
	}
	return prefix, values, ok
}

func TestNoTextIsLeftOver(t *testing.T) {
	t.Parallel()
	_, all := literals(t)
	for key := range entries(t, text.Langs[0]) {
		if all[key] {
			continue
		}
		p, values, ok := family(key)
		if !ok || values != nil && !slices.Contains(values, strings.TrimPrefix(key, p)) {
			t.Errorf("nothing says %q", key)
		}
	}
}

// madeUp are the keys of mistakes that connectors and steps put together: where
// the last part is written in their sources, and what stands before it.
var madeUp = []struct{ folder, written, before string }{
	{"feed", `\bmistake\("([a-z_-]+)"`, "connector.feed.mistake."},
	{"feed", `\breturn "([a-z_]+)", (?:true|false)`, "connector.feed.mistake."},
	{"bluesky", `\bmistake\(\w+, "([a-z_-]+)"`, "connector.bluesky.error."},
	{"mastodon", `\b(?:mistake|because)\([\w.]+, "([a-z_-]+)"`, "connector.mastodon.error."},
	{"mastodon", `"connector\.mastodon\.error\.([a-z_-]+)"`, "connector.mastodon.error."},
	{"wordpress", `"(connector\.wordpress\.[a-z_.-]+[a-z])"`, ""},
	{"ghost", `"(connector\.ghost\.[a-z_.-]+[a-z])"`, ""},
	{"../internal/google", `"(connector\.google\.[a-z_.-]+[a-z])"`, ""},
	{"appstore", `"(connector\.appstore\.[a-z_.-]+[a-z])"`, ""},
	{"googleplay", `"(connector\.googleplay\.[a-z_.-]+[a-z])"`, ""},
	{"googlebusiness", `"(connector\.googlebusiness\.[a-z_.-]+[a-z])"`, ""},
	{"blogger", `"(connector\.blogger\.[a-z_.-]+[a-z])"`, ""},
	{"youtube", `"(connector\.youtube\.[a-z_.-]+[a-z])"`, ""},
	{"file", `"(connector\.file\.[a-z_]+)"`, ""},
	{"telegram", `\bmistake\(\w+, "([a-z_-]+)"`, "connector.telegram.error."},
	{"telegram", `"((?:connector\.telegram\.error|why)\.[a-z_]+)"`, ""},
	{"matrix", `\bmistake\(\w+, "([a-z_-]+)"`, "connector.matrix.error."},
	{"matrix", `"((?:connector\.matrix\.error|why)\.[a-z_]+)"`, ""},
	{"mail", `"(why\.[a-z_]+)"`, ""},
	{"../theme", `Mistake\{Key: "([a-z_.]+)"`, ""},
	{"../decide", `Mistake\{Key: "([a-z_.]+)"`, ""},
	{"../represent", `Mistake\{Key: "([a-z_.]+)"`, ""},
	{"../represent", `add\("([a-z_.]+)"`, ""},
	{"../answer", `Mistake\{Key: "([a-z_.]+)"`, ""},
}

// What a connector or a step may tell a person is in the catalogue: the bare key
// would be shown otherwise.
func TestMistakesHaveTheirTexts(t *testing.T) {
	t.Parallel()
	have := entries(t, text.Langs[0])
	for _, m := range madeUp {
		sources, err := filepath.Glob(filepath.Join("../../listen", m.folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, name := range sources {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, what := range regexp.MustCompile(m.written).FindAllStringSubmatch(string(raw), -1) {
				found++
				if key := m.before + what[1]; have[key] == nil && !strings.HasSuffix(name, "_test.go") {
					t.Errorf("%s: %q has no text", name, key)
				}
			}
		}
		if found < 2 {
			t.Errorf("%s writes no keys as %s any more", m.folder, m.written)
		}
	}
}

func TestNoTextIsMissing(t *testing.T) {
	t.Parallel()
	have := entries(t, text.Langs[0])
	for p, values := range families() {
		for _, v := range values {
			if have[p+v] == nil && p+v != "nav.key" {
				t.Errorf("%q has no text", p+v)
			}
		}
	}
	mine, all := literals(t)
	sections := map[string]bool{}
	for key := range have {
		sections[key[:strings.IndexByte(key, '.')]] = true
	}
	for lit := range all {
		section, rest, dotted := strings.Cut(lit, ".")
		theirs := section == "mistake" || section == "why" || section == "query"
		if !dotted || rest == "" || strings.HasSuffix(lit, ".") || strings.HasSuffix(lit, ".js") || have[lit] != nil || !theirs && !mine[lit] || !sections[section] {
			continue
		}
		t.Errorf("%q is said but has no text", lit)
	}
}
