package brief

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"lastword"
)

const (
	alarmWorth  = 1e6 // more than all else together
	importance  = 3   // of a person's weight against one voice
	postWorth   = 60  // of a post whose time comes, against one voice: it goes by without a word
	alarmVoices = 5   // fewer a day are chance
	alarmTimes  = 3   // so many times the mean of the days before
	chunk       = 5   // voices or answers that are chosen together: they fit a minute
	mostChunks  = 200 // of one kind and theme; the last holds the rest
)

// candidates lists all that could be done, in the order of a briefing.
func candidates(s Situation) []Item {
	var all []Item
	due := dueThemes(s)
	alarm := burning(s, due)
	for i, t := range s.Themes {
		all = append(all, ofTheme(s, t, i == alarm, due)...)
	}
	all = append(all, ofDue(s)...)
	for i := range s.Alone {
		all = append(all, single(&s.Alone[i], s.Now))
	}
	for _, p := range s.Care {
		all = append(all, Item{Kind: Care, Person: p.ID, Title: p.Name, Voices: p.Voices, Seconds: Cost(careEffort()), Worth: careWorth(p, s.Now)})
	}
	all = append(all, chunks(Item{Kind: Hand}, s.Totals.Handed, handEffort(), 1.5)...)
	all = append(all, chunks(Item{Kind: Mend}, s.Totals.Failed, mendEffort(), 1.5)...)
	if n := s.Totals.Posts; n > 0 {
		all = append(all, Item{Kind: Post, Voices: n, Seconds: atMostAMinute(Cost(postEffort().times(n))), Worth: postWorth * float64(n)})
	}
	if know, ok := worthKnowing(s); ok {
		all = append(all, know)
	}
	slices.SortStableFunc(all, inOrder)
	return all
}

// single is a voice that is answered by itself. What wants nothing weighs little.
func single(v *lastword.VoiceRow, now time.Time) Item {
	worth := 1.0
	if v.Kinds&^lastword.Praise == 0 {
		worth = 0.3
	}
	worth += importance * float64(v.Person.Weight)
	worth *= 1 + min(30, max(0, now.Sub(v.SaidAt).Hours()/24))/30
	worth *= 1 + max(0, -float64(v.Feeling))/2
	words := len(strings.Fields(v.Text))
	want := v.Label.Want()
	return Item{Kind: Single, Voice: v, Want: want, Voices: 1, Worth: worth,
		Seconds: atMostAMinute(Cost(singleEffort(words, want == lastword.Question)))}
}

// dueThemes are decided anew through their decision, not as open themes.
func dueThemes(s Situation) map[int64]bool {
	due := map[int64]bool{}
	for _, d := range s.Due {
		due[d.Theme] = true
	}
	return due
}

func ofTheme(s Situation, t ThemeFact, burns bool, due map[int64]bool) []Item {
	it := Item{Theme: t.ID, Title: t.Name, Decision: t.Decision, Want: t.Kinds.Want()}
	var all []Item
	if burns || t.Decision == 0 && !due[t.ID] && t.Open > 0 {
		one := it
		one.Kind, one.Voices, one.Worth = Decide, t.Open, themeWorth(t, s.Now)
		one.Seconds = atMostAMinute(Cost(decideEffort(t.Words)))
		if burns {
			one.Kind, one.Worth = Alarm, one.Worth+alarmWorth
		}
		all = append(all, one)
	}
	if t.Drafts > 0 {
		one := it
		one.Kind, one.Voices = Release, t.Drafts
		one.Seconds, one.Worth = Cost(releaseEffort()), 2*float64(t.Drafts)+importance*float64(t.Important)
		all = append(all, one)
	}
	it.Kind = Check
	return append(all, chunks(it, t.Doubtful, checkEffort(), 0.5)...)
}

func ofDue(s Situation) []Item {
	facts := map[int64]ThemeFact{}
	for _, t := range s.Themes {
		facts[t.ID] = t
	}
	var all []Item
	for _, d := range s.Due {
		t := facts[d.Theme]
		overdue := min(30, max(0, s.Now.Sub(d.When).Hours()/24))
		all = append(all, Item{Kind: Due, Theme: d.Theme, Decision: d.ID, Title: t.Name, Want: t.Kinds.Want(), Voices: t.Voices,
			Seconds: atMostAMinute(Cost(decideEffort(t.Words))),
			Worth:   (float64(t.Voices) + 5) * (1 + overdue/10) * 1.5}) // it was promised
	}
	return all
}

// atMostAMinute bounds what a theme with many words is planned with: nobody
// reads on when the decision is clear, and an item must fit some budget.
func atMostAMinute(seconds int) int { return min(60, seconds) }

// chunks splits work that is the same n times, so that as much of it is chosen
// as fits; what is chosen is put together again.
func chunks(it Item, n int, e Effort, worth float64) []Item {
	var all []Item
	for ; n > 0 && len(all) < mostChunks; n -= chunk {
		it.Voices = min(n, chunk)
		it.Seconds, it.Worth = Cost(e.times(it.Voices)), worth*float64(it.Voices)
		if len(all) == mostChunks-1 {
			it.Voices = n
			it.Seconds, it.Worth = Cost(e.times(n)), worth*float64(n)
		}
		all = append(all, it)
	}
	return all
}

// themeWorth is how much a decision settles: who waits, who they are, for how
// long, whether it grows, and how they feel.
func themeWorth(t ThemeFact, now time.Time) float64 {
	worth := float64(t.Open) + importance*float64(t.Important)
	if !t.First.IsZero() {
		worth *= 1 + min(30, max(0, now.Sub(t.First).Hours()/24))/30
	}
	if rising(t.Daily) {
		worth *= 1.5
	}
	return worth * (1 + max(0, -t.Feeling)/2)
}

func careWorth(p lastword.Person, now time.Time) float64 {
	silent := 0.0
	if !p.LastHeard.IsZero() {
		silent = min(365, max(0, now.Sub(p.LastHeard).Hours()/24)) / 90
	}
	return max(0.5, float64(p.Weight)*(importance+silent))
}

// rising reports whether the last three days brought more than the days before
// them would lead to expect by chance: by two standard deviations of a Poisson
// count, and at least three voices.
func rising(daily []int) bool {
	const last = 3
	if len(daily) <= last {
		return false
	}
	before, recent := daily[:len(daily)-last], sum(daily[len(daily)-last:])
	expected := float64(sum(before)) / float64(len(before)) * last
	return recent >= 3 && float64(recent) > expected+2*math.Sqrt(max(1, expected))
}

// burning returns the index of the theme that is most on fire, or -1: felt
// negatively, not decided, and today at least five voices, three times as many as on
// an average day before, and more than chance brings once in a hundred days, however
// many themes are looked at.
func burning(s Situation, due map[int64]bool) int {
	worst, most := -1, 0.0
	for i, t := range s.Themes {
		if t.Decision != 0 || due[t.ID] || t.Feeling > -0.3 || len(t.Daily) < 2 {
			continue
		}
		today, before := t.Daily[len(t.Daily)-1], t.Daily[:len(t.Daily)-1]
		mean := float64(sum(before)) / float64(len(before))
		heat := float64(today) * -t.Feeling
		if today >= alarmVoices && float64(today) >= alarmTimes*mean && heat > most &&
			surge(today, before) < alarmChance/float64(len(s.Themes)) {
			worst, most = i, heat
		}
	}
	return worst
}

// alarmChance is how likely an alarm may be on a day on which nothing happened.
const alarmChance = 0.01

// surge is the probability of so many voices or more on a day like those before. How
// many come in a day is taken as negative binomial: talk scatters more than chance
// alone, as one post brings the next, and few days tell little about their mean. The
// size is the smaller one of what the mean's own uncertainty gives (the predictive
// distribution of a Poisson count after a gamma prior) and of what the scatter of the
// days gives by the method of moments.
func surge(today int, before []int) float64 {
	n, all := float64(len(before)), float64(sum(before))+0.5
	mean, square := all/n, 0.0
	for _, d := range before {
		square += (float64(d) - mean) * (float64(d) - mean)
	}
	size := all
	if scatter := square / max(n-1, 1) / mean; scatter > 1 {
		size = min(size, mean/(scatter-1))
	}
	p, below := size/(size+mean), 0.0
	for k := range today {
		x := float64(k)
		a, _ := math.Lgamma(x + size)
		b, _ := math.Lgamma(size)
		c, _ := math.Lgamma(x + 1)
		below += math.Exp(a - b - c + size*math.Log(p) + x*math.Log1p(-p))
	}
	return max(1-below, 0)
}

// worthKnowing is the good news of the day: the theme that people praise most
// and that is alive this week.
func worthKnowing(s Situation) (Item, bool) {
	var best ThemeFact
	praise := 0.0
	for _, t := range s.Themes {
		recent := sum(t.Daily[max(0, len(t.Daily)-7):])
		if p := float64(recent) * t.Feeling; t.Feeling > 0.3 && p > praise {
			best, praise = t, p
		}
	}
	return Item{Kind: Know, Theme: best.ID, Title: best.Name, Voices: best.Voices,
		Seconds: Cost(knowEffort()), Worth: 2}, praise > 0
}

func sum(days []int) int {
	total := 0
	for _, n := range days {
		total += n
	}
	return total
}

// inOrder is the order in which a director would want to go: by kind, then what
// brings most a second, then by id.
func inOrder(a, b Item) int {
	if c := cmp.Compare(rank(a.Kind), rank(b.Kind)); c != 0 {
		return c
	}
	if c := cmp.Compare(rate(b), rate(a)); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Theme, b.Theme), cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Person, b.Person), cmp.Compare(voiceOf(a), voiceOf(b)))
}

func voiceOf(it Item) int64 {
	if it.Voice == nil {
		return 0
	}
	return it.Voice.ID
}

// rank is the place of a kind in a briefing.
func rank(k Kind) int {
	return slices.Index([]Kind{Alarm, Release, Due, Decide, Single, Check, Mend, Post, Care, Hand, Know}, k)
}

// rate is worth a second. Chunks of one piece of work differ in length and must
// stay together, so it is compared for equal work by what a single one costs.
func rate(it Item) float64 {
	if it.Kind == Check || it.Kind == Hand || it.Kind == Mend {
		return it.Worth / float64(max(1, it.Voices))
	}
	return it.Worth / float64(it.Seconds)
}
