package demo_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"lastword"
	"lastword/demo"
)

// moments are at midnight, in the evening, and across both changes of the clock.
func moments() []time.Time {
	return []time.Time{
		time.Date(2026, 11, 23, 23, 1, 0, 0, time.UTC),
		time.Date(2027, 1, 9, 18, 40, 0, 0, time.UTC),
		time.Date(2027, 4, 2, 22, 30, 0, 0, time.UTC),
		time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC),
	}
}

func heard(t *testing.T) []lastword.Post {
	t.Helper()
	events, err := demo.Posts(moments()[0])
	if err != nil {
		t.Fatal(err)
	}
	var posts []lastword.Post
	for _, e := range events {
		posts = append(posts, e.Post)
	}
	return posts
}

func coming(t *testing.T) (posts []lastword.Post, waits []time.Duration) {
	t.Helper()
	for n := 0; ; n++ {
		e, wait, ok, err := demo.Later(n, moments()[0])
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return posts, waits
		}
		posts, waits = append(posts, e.Post), append(waits, wait)
	}
}

func TestSixWeeksThatEndNow(t *testing.T) {
	t.Parallel()
	for _, now := range moments() {
		events, err := demo.Posts(now)
		if err != nil {
			t.Fatal(err)
		}
		last := time.Time{}
		for _, e := range events {
			said := e.Post.SaidAt
			if said.Before(last) || !said.Before(now) || now.Sub(said) >= 42*24*time.Hour {
				t.Errorf("%v: %s was said at %v", now, e.Post.Key, said)
			}
			last = said
		}
		if now.Sub(last) > time.Hour || now.Sub(events[0].Post.SaidAt) < 40*24*time.Hour {
			t.Errorf("%v: the posts reach from %v to %v", now, events[0].Post.SaidAt, last)
		}
	}
}

func TestEnoughVoicesFromEverywhere(t *testing.T) {
	t.Parallel()
	posts := heard(t)
	networks := map[string]int{}
	for _, p := range posts {
		networks[p.Network]++
		if p.Text == "" || p.Author.Key == "" || p.Author.Name == "" || p.Private != (p.Network == "mail") {
			t.Errorf("not whole: %+v", p)
		}
	}
	if len(posts) < 450 {
		t.Errorf("%d posts", len(posts))
	}
	for _, name := range []string{"bluesky", "mastodon", "x", "facebook", "instagram", "mail", "reviews"} {
		if networks[name] < 30 {
			t.Errorf("%d posts from %s", networks[name], name)
		}
	}
	if networks["feed"] == 0 || networks["hackernews"] == 0 || networks["hackernews"] > 20 {
		t.Errorf("got %v", networks)
	}
}

// TestLanguages goes by small words, as the posts do not all say their language.
func TestLanguages(t *testing.T) {
	t.Parallel()
	german := regexp.MustCompile(`(?i)\b(ich|und|nicht|der|die|das|ist|es|mit|für|bei|wann|ein|zu|auf|bitte|wir|den|im|wo|von|hat)\b|[äöüß]`)
	english := regexp.MustCompile(`(?i)\b(the|and|my|is|of|to|you|please|with|for|it|out|they|this)\b`)
	count := map[string]int{}
	posts := heard(t)
	for _, p := range posts {
		switch de, en := len(german.FindAllString(p.Text, -1)), len(english.FindAllString(p.Text, -1)); {
		case de > en:
			count["de"]++
		case en > de:
			count["en"]++
		}
		if p.Lang != "" && !slices.Contains([]string{"de", "en", "fr", "tr", "gsw"}, p.Lang) {
			t.Errorf("%s is in %q", p.Key, p.Lang)
		}
	}
	share := func(lang string) float64 { return float64(count[lang]) / float64(len(posts)) }
	if share("de") < 0.62 || share("de") > 0.78 || share("en") < 0.2 || share("en") > 0.33 {
		t.Errorf("%.2f German, %.2f English", share("de"), share("en"))
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	posts := heard(t)
	byKey := map[string]lastword.Post{}
	for _, p := range posts {
		if _, twice := byKey[p.Key]; twice {
			t.Errorf("%s twice", p.Key)
		}
		byKey[p.Key] = p
	}
	replies, own := 0, 0
	for _, p := range posts {
		if p.Own {
			own++
		}
		if p.Own != (p.Author.Key == "ahlenbach") {
			t.Errorf("%s: own %v, though by %s", p.Key, p.Own, p.Author.Key)
		}
		if p.Parent == "" {
			continue
		}
		replies++
		parent, root := byKey[p.Parent], byKey[p.Root]
		if parent.Network != p.Network || root.Network != p.Network || root.Parent != "" || !parent.SaidAt.Before(p.SaidAt) {
			t.Errorf("%s does not follow %s in the thread of %s", p.Key, p.Parent, p.Root)
		}
	}
	if replies < 30 || own < 10 {
		t.Errorf("%d replies, %d our own", replies, own)
	}
}

// copies are the posts written to be nearly the same as another.
var copies = regexp.MustCompile(`^RT |^📰|^Weitergeleitet|👇$|^geklaut|DEALZ|^Fünf vegane|^Ahlenbach zieht|^🔥`)

// TestEveryPostIsItsOwn: no two posts share more than half of their words,
// but for those that are copies on purpose.
func TestEveryPostIsItsOwn(t *testing.T) {
	t.Parallel()
	later, _ := coming(t)
	posts := append(heard(t), later...)
	near := 0
	for i, p := range posts {
		for _, q := range posts[:i] {
			if likeness(p.Text, q.Text) <= 0.5 {
				continue
			}
			near++
			if !copies.MatchString(p.Text) && !copies.MatchString(q.Text) {
				t.Errorf("%s and %s:\n%s\n%s", q.Key, p.Key, q.Text, p.Text)
			}
		}
	}
	if near < 5 {
		t.Errorf("only %d near-copies", near)
	}
}

// likeness is the share of common words (Jaccard).
func likeness(a, b string) float64 {
	of := func(s string) map[string]bool {
		words := map[string]bool{}
		for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			words[w] = true
		}
		return words
	}
	x, y, common := of(a), of(b), 0
	for w := range x {
		if y[w] {
			common++
		}
	}
	return float64(common) / float64(max(1, len(x)+len(y)-common))
}

func TestWishesDifferInSize(t *testing.T) {
	t.Parallel()
	wishes, err := demo.Wishes()
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, p := range heard(t) {
		keys[p.Key] = true
	}
	small, large := 1000, 0
	for _, w := range wishes {
		small, large = min(small, len(w.Keys)), max(large, len(w.Keys))
		for _, k := range w.Keys {
			if !keys[k] {
				t.Errorf("%s: no post %s", w.Name, k)
			}
		}
	}
	if len(wishes) < 16 || len(wishes) > 22 || large < 40 || large > 55 || small < 6 || small > 12 {
		t.Errorf("%d wishes, from %d to %d voices", len(wishes), small, large)
	}
	for _, past := range demo.Decisions(moments()[0]) {
		if !slices.ContainsFunc(wishes, func(w demo.Wish) bool { return w.Name == past.Wish }) {
			t.Errorf("a decision on %q, which nobody wished", past.Wish)
		}
	}
}

func TestMoreComesIn(t *testing.T) {
	t.Parallel()
	posts, waits := coming(t)
	if len(posts) != 60 {
		t.Errorf("%d posts", len(posts))
	}
	known := map[string]bool{}
	for _, p := range heard(t) {
		known[p.Key] = true
	}
	for i, p := range posts {
		if waits[i] < 5*time.Second || waits[i] > 20*time.Second || known[p.Key] || p.Parent != "" && !known[p.Parent] {
			t.Errorf("after %v: %+v", waits[i], p)
		}
		known[p.Key] = true
	}
}

func TestContactsHaveSpoken(t *testing.T) {
	t.Parallel()
	spoke := map[string]bool{}
	later, _ := coming(t)
	for _, p := range append(heard(t), later...) {
		spoke[p.Network+" "+p.Author.Key] = true
	}
	several := 0
	for _, c := range demo.Contacts() {
		if len(c.Identities) > 1 {
			several++
		}
		for _, id := range c.Identities {
			if !spoke[id.Network+" "+id.Author.Key] {
				t.Errorf("%s never spoke as %s on %s", c.Person.Name, id.Author.Key, id.Network)
			}
		}
		if c.Person.Stage == "" || c.Person.Weight < 1 || c.Person.Weight > 3 {
			t.Errorf("got %+v", c.Person)
		}
	}
	if several < 2 {
		t.Errorf("%d persons with two identities", several)
	}
}

func TestTheCompany(t *testing.T) {
	t.Parallel()
	now := moments()[0]
	roles := map[lastword.Role]int{}
	ids := map[int64]lastword.Member{}
	for _, m := range demo.Members(now) {
		roles[m.Role]++
		ids[m.ID] = m
	}
	if roles[lastword.Director] != 2 || roles[lastword.Adviser] != 1 || roles[lastword.Staff] < 2 {
		t.Errorf("got %v", roles)
	}
	for _, past := range demo.Decisions(now) {
		d := past.Decision
		if !ids[d.By].MayRelease() || d.Made.After(d.Stands) || d.Stands.After(now) || d.Reason["de"] == "" || d.Reason["en"] == "" {
			t.Errorf("got %+v", d)
		}
		if (d.Verdict == lastword.Later) != d.When.After(now) {
			t.Errorf("%s by %v", d.Verdict, d.When)
		}
	}
	c := demo.Company(now)
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Lang != "de" || c.Minutes != 10 {
		t.Errorf("got %+v, %v", c, err)
	}
	if n := len(demo.Goals(now)); n < 3 || n > 4 {
		t.Errorf("%d goals", n)
	}
	if n := len(demo.Queries(now)); n < 4 || n > 6 {
		t.Errorf("%d queries", n)
	}
}

// TestNobodyRealIsNamed: neither brands nor addresses that exist.
func TestNobodyRealIsNamed(t *testing.T) {
	t.Parallel()
	brands := regexp.MustCompile(`(?i)\b(adidas|nike|puma|reebok|asics|salomon|lowa|meindl|hanwag|haflinger|birkenstock|ricosta|superfit|elefanten|salamander|gabor|rieker|ecco|camper|veja|vans|converse|timberland|mammut|scarpa|mammut|jack wolfskin|vaude|gore-?tex|vibram|velcro|kevlar|zalando|amazon|deichmann|görtz|trustpilot|dhl|hermes|dpd|gls|ups|paypal|klarna|iphone|android|ipad|google|tesa|uhu|pattex|ikea|lidl|aldi|globetrotter|bergfreunde|haix|elten|uvex|atlas|dr\.? martens)\b`)
	address := regexp.MustCompile(`[\w.+-]+@([\w-]+(\.[\w-]+)+)|https?://([\w.-]+)|\b[\w-]+\.(de|com|net|org|at|ch|eu|info|shop)\b`)
	later, _ := coming(t)
	for _, p := range append(heard(t), later...) {
		all := strings.Join([]string{p.Title, p.Text, p.Author.Name, p.Author.Key, p.URL}, "\n")
		if m := brands.FindString(all); m != "" {
			t.Errorf("%s names %s", p.Key, m)
		}
		for _, m := range address.FindAllString(all, -1) {
			if !strings.HasSuffix(m, ".example") {
				t.Errorf("%s holds the address %s", p.Key, m)
			}
		}
	}
}
