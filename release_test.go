package lastword_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lastword"
)

func someAnswer() lastword.Answer {
	return lastword.Answer{ID: 7, Company: 1, Voice: 3, Channel: 4, Network: "bluesky", Lang: "de", Text: "Das machen wir."}
}

// Whatever goes out, and where, is in the digest; what does not leave is not.
func TestAnswerDigestNamesWhatGoesOut(t *testing.T) {
	t.Parallel()
	seen := map[string]int{someAnswer().Digest(): -1}
	for i, change := range []func(*lastword.Answer){
		func(a *lastword.Answer) { a.ID++ },
		func(a *lastword.Answer) { a.Company++ },
		func(a *lastword.Answer) { a.Voice++ },
		func(a *lastword.Answer) { a.Channel++ },
		func(a *lastword.Answer) { a.Network = "x" },
		func(a *lastword.Answer) { a.Lang = "en" },
		func(a *lastword.Answer) { a.Text += " " },
		func(a *lastword.Answer) { a.Lang, a.Text = "deD", "as machen wir." }, // the same bytes, divided elsewhere
		func(a *lastword.Answer) { a.ID, a.Company = a.Company, a.ID },
	} {
		a := someAnswer()
		change(&a)
		if former, taken := seen[a.Digest()]; taken {
			t.Errorf("change %d has the digest of %d", i, former)
		}
		seen[a.Digest()] = i
	}
	same := someAnswer()
	same.State, same.Why, same.Made = lastword.Failed, "why.denied", time.Unix(1, 0)
	if same.Digest() != someAnswer().Digest() {
		t.Error("the digest depends on what does not go out")
	}
}

func TestDecisionDigest(t *testing.T) {
	t.Parallel()
	some := func() lastword.Decision {
		return lastword.Decision{ID: 7, Company: 1, Theme: 3, Verdict: lastword.Later, When: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
			Reason: map[string]string{"de": "Uns fehlen die Leute.", "en": "We lack the people."}}
	}
	for i, change := range []func(*lastword.Decision){
		func(d *lastword.Decision) { d.ID++ },
		func(d *lastword.Decision) { d.Company++ },
		func(d *lastword.Decision) { d.Theme++ },
		func(d *lastword.Decision) { d.Verdict = lastword.No },
		func(d *lastword.Decision) { d.When = d.When.AddDate(0, 0, 1) },
		func(d *lastword.Decision) { d.When = time.Time{} },
		func(d *lastword.Decision) { d.Reason["de"] = "Uns fehlt das Geld." },
		func(d *lastword.Decision) { delete(d.Reason, "en") },
		func(d *lastword.Decision) {
			d.Reason["de"], d.Reason["en"] = d.Reason["en"], d.Reason["de"]
		},
	} {
		d := some()
		change(&d)
		if d.Digest() == some().Digest() {
			t.Errorf("change %d is not in the digest", i)
		}
	}
	same := some()
	same.When = same.When.Add(5 * time.Hour)
	same.Stands, same.SupersededBy = time.Unix(1, 0), 9
	if same.Digest() != some().Digest() {
		t.Error("the digest depends on more than the day, or on what comes later")
	}
}

// drawMembers invents who works here, and releases by anybody of anything.
func drawMembers(t *rapid.T) ([]lastword.Member, []lastword.Release) {
	var members []lastword.Member
	var releases []lastword.Release
	for i := range rapid.IntRange(0, 5).Draw(t, "members") {
		m := lastword.Member{ID: int64(i + 1), Company: 1,
			Role: rapid.SampledFrom([]lastword.Role{lastword.Director, lastword.Director, lastword.Staff, lastword.Adviser, "owner"}).Draw(t, "role")}
		if rapid.IntRange(0, 4).Draw(t, "left") == 0 {
			m.Left = time.Unix(1, 0)
		}
		members = append(members, m)
	}
	for range rapid.IntRange(0, 8).Draw(t, "releases") {
		releases = append(releases, lastword.Release{By: rapid.Int64Range(0, 6).Draw(t, "by"),
			Digest: rapid.SampledFrom([]string{"this", "other", ""}).Draw(t, "digest")})
	}
	return members, releases
}

// The rule in other words: gather who must release and who did.
func TestRuleIsMet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		members, releases := drawMembers(t)
		directors, did := map[int64]bool{}, map[int64]bool{}
		for _, m := range members {
			if m.Role == lastword.Director && m.Left.IsZero() {
				directors[m.ID] = true
			}
		}
		for _, r := range releases {
			if r.Digest == "this" && directors[r.By] {
				did[r.By] = true
			}
		}
		if got := lastword.AnyDirector.Met(members, releases, "this"); got != (len(did) > 0) {
			t.Fatalf("any: %v, with %v of %v", got, did, directors)
		}
		all := len(did) > 0 && maps.Equal(did, directors)
		for _, rule := range []lastword.Rule{lastword.AllDirectors, "", "some"} { // an unknown rule is the strict one
			if got := rule.Met(members, releases, "this"); got != all {
				t.Fatalf("%q: %v, with %v of %v", rule, got, did, directors)
			}
		}
	})
}

func TestClear(t *testing.T) {
	t.Parallel()
	company := lastword.Company{ID: 1, Rule: lastword.AnyDirector}
	members := []lastword.Member{{ID: 1, Role: lastword.Director}, {ID: 2, Role: lastword.Staff}}
	release := func(by int64, a lastword.Answer) []lastword.Release {
		return []lastword.Release{{By: by, Digest: a.Digest()}}
	}
	a := someAnswer()
	c, err := lastword.Clear(company, members, release(1, a), a)
	got, ok := c.Answer()
	if err != nil || !ok || got != a || c.Digest() != a.Digest() {
		t.Fatalf("%+v, %v, %v", got, ok, err)
	}
	changed, empty, foreign := a, a, a
	changed.Text, empty.Text, foreign.Company = "Das machen wir nicht.", "", 2
	for what, refused := range map[string]func() (lastword.Cleared, error){
		"nobody":     func() (lastword.Cleared, error) { return lastword.Clear(company, members, nil, a) },
		"staff":      func() (lastword.Cleared, error) { return lastword.Clear(company, members, release(2, a), a) },
		"other text": func() (lastword.Cleared, error) { return lastword.Clear(company, members, release(1, changed), a) },
		"no text":    func() (lastword.Cleared, error) { return lastword.Clear(company, members, release(1, empty), empty) },
		"another company": func() (lastword.Cleared, error) {
			return lastword.Clear(company, members, release(1, foreign), foreign)
		},
		"no members": func() (lastword.Cleared, error) { return lastword.Clear(company, nil, release(1, a), a) },
	} {
		c, err := refused()
		if _, ok := c.Answer(); ok || !errors.Is(err, lastword.ErrForbidden) || c.Digest() != "" {
			t.Errorf("%s: cleared: %v, %v", what, ok, err)
		}
	}
	if _, ok := (lastword.Cleared{}).Answer(); ok {
		t.Error("the zero value is cleared")
	}
}

// A change of any field of an entry shows in its hash, and so in all after it.
func TestSealCoversEverything(t *testing.T) {
	t.Parallel()
	some := lastword.Entry{Company: 1, Seq: 2, At: time.UnixMilli(3), By: 4, Act: "a", Subject: lastword.OfAnswer, ID: 5, Detail: "{}", Prev: "p"}
	hashes := []string{some.Seal().Hash}
	for _, change := range []func(*lastword.Entry){
		func(e *lastword.Entry) { e.Company++ },
		func(e *lastword.Entry) { e.Seq++ },
		func(e *lastword.Entry) { e.At = e.At.Add(time.Millisecond) },
		func(e *lastword.Entry) { e.By++ },
		func(e *lastword.Entry) { e.Act = "b" },
		func(e *lastword.Entry) { e.Subject = lastword.OfTheme },
		func(e *lastword.Entry) { e.ID++ },
		func(e *lastword.Entry) { e.Detail = "{ }" },
		func(e *lastword.Entry) { e.Prev = "q" },
	} {
		e := some
		change(&e)
		hashes = append(hashes, e.Seal().Hash)
	}
	slices.Sort(hashes)
	if len(slices.Compact(hashes)) != 10 {
		t.Error("a change does not show")
	}
	if again := some.Seal().Seal(); again != some.Seal() {
		t.Error("sealing twice changes the entry")
	}
}

func someVersion() lastword.Version {
	return lastword.Version{ID: 7, Company: 1, Story: 3, Channel: 4, Network: "bluesky", Content: lastword.Content{Title: "Weite", Parts: []string{"Das machen wir.", "Bald."}, Lang: "de",
		Card: lastword.Card{URL: "https://a.example", Title: "A"}, Pictures: []lastword.Picture{{Digest: "d", Type: "image/png", Alt: "ein Leisten"}}, Due: time.Unix(9, 0)}}
}

// Whatever goes out of a post, where and when, is in the digest; what does not leave
// is not.
func TestVersionDigestNamesWhatGoesOut(t *testing.T) {
	t.Parallel()
	seen := map[string]int{someVersion().Digest(): -1}
	for i, change := range []func(*lastword.Version){
		func(v *lastword.Version) { v.ID++ },
		func(v *lastword.Version) { v.Company++ },
		func(v *lastword.Version) { v.Story++ },
		func(v *lastword.Version) { v.Channel++ },
		func(v *lastword.Version) { v.Network = "x" },
		func(v *lastword.Version) { v.Replaces = 5 },
		func(v *lastword.Version) { v.Title += "!" },
		func(v *lastword.Version) { v.Parts = []string{"Das machen wir. Bald."} },
		func(v *lastword.Version) { v.Parts = []string{"Bald.", "Das machen wir."} },
		func(v *lastword.Version) { v.Lang = "en" },
		func(v *lastword.Version) { v.Card.URL = "https://b.example" },
		func(v *lastword.Version) { v.Card.Picture = "e" },
		func(v *lastword.Version) { v.Pictures = nil },
		func(v *lastword.Version) { v.Pictures[0].Alt = "ein Schuh" },
		func(v *lastword.Version) { v.Pictures[0].Digest = "e" },
		func(v *lastword.Version) { v.Due = v.Due.Add(time.Minute) },
		func(v *lastword.Version) { v.Due = time.Time{} },
		func(v *lastword.Version) { v.Cites = 8 },
	} {
		v := someVersion()
		change(&v)
		if former, taken := seen[v.Digest()]; taken {
			t.Errorf("change %d has the digest of %d", i, former)
		}
		seen[v.Digest()] = i
	}
	same := someVersion()
	same.State, same.Why, same.ByHand, same.Due = lastword.Failed, "why.denied", 3, same.Due.In(time.FixedZone("x", 3600))
	if same.Digest() != someVersion().Digest() {
		t.Error("the digest depends on what does not go out, or on how a clock shows a moment")
	}
}

func TestClearVersion(t *testing.T) {
	t.Parallel()
	company := lastword.Company{ID: 1, Rule: lastword.AnyDirector}
	members := []lastword.Member{{ID: 1, Role: lastword.Director}, {ID: 2, Role: lastword.Staff}}
	release := func(by int64, v lastword.Version) []lastword.Release {
		return []lastword.Release{{By: by, Digest: v.Digest()}}
	}
	v := someVersion()
	c, err := lastword.ClearVersion(company, members, release(1, v), v)
	v.Parts[0] = "Das machen wir nicht." // after it was cleared
	got, ok := c.Version()
	if err != nil || !ok || got.Parts[0] != "Das machen wir." || got.Digest() != c.Digest() {
		t.Fatalf("%+v, %v, %v", got, ok, err)
	}
	changed, empty, foreign := someVersion(), someVersion(), someVersion()
	changed.Pictures[0].Alt, empty.Parts, foreign.Company = "anders", nil, 2
	for what, err := range map[string]error{
		"nobody":          second(lastword.ClearVersion(company, members, nil, someVersion())),
		"staff":           second(lastword.ClearVersion(company, members, release(2, someVersion()), someVersion())),
		"other words":     second(lastword.ClearVersion(company, members, release(1, changed), someVersion())),
		"no words":        second(lastword.ClearVersion(company, members, release(1, empty), empty)),
		"another company": second(lastword.ClearVersion(company, members, release(1, foreign), foreign)),
		"joint directors": second(lastword.ClearVersion(lastword.Company{ID: 1, Rule: lastword.AllDirectors}, append(members, lastword.Member{ID: 3, Role: lastword.Director}), release(1, someVersion()), someVersion())),
	} {
		if !errors.Is(err, lastword.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, ok := (lastword.ClearedVersion{}).Version(); ok {
		t.Error("the zero value is cleared")
	}
}

func second[T any](_ T, err error) error { return err }
