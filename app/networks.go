package app

import (
	"lastword"
	"lastword/answer"
)

// elsewhere are networks that voices may come from (in files, by hand) and that
// no connector of ours answers in: answers are fitted to them and handed over
// for one click. Limits as the networks state them; where none is known that
// matters, 0.
var elsewhere = []lastword.Network{
	{Name: "x", Title: "X", Limit: 280, Unit: lastword.Weighted},
	{Name: "mastodon", Title: "Mastodon", Limit: 500, Unit: lastword.Characters},
	{Name: "facebook", Title: "Facebook", Limit: 8000, Unit: lastword.Characters},
	{Name: "instagram", Title: "Instagram", Limit: 2200, Unit: lastword.Characters},
	{Name: "threads", Title: "Threads", Limit: 500, Unit: lastword.EmojiBytes},
	{Name: "linkedin", Title: "LinkedIn", Limit: 1250, Unit: lastword.Characters},
	{Name: "youtube", Title: "YouTube", Limit: 10_000, Unit: lastword.Characters},
	{Name: "reddit", Title: "Reddit", Limit: 10_000, Unit: lastword.Characters},
	{Name: "hackernews", Title: "Hacker News"},
	{Name: "discourse", Title: "Discourse", Limit: 32_000, Unit: lastword.Characters},
	{Name: "telegram", Title: "Telegram", Limit: 4096, Unit: lastword.UTF16},
	{Name: "matrix", Title: "Matrix", MaxBytes: 32_000},
	{Name: "reviews", Title: "Bewertungen", Limit: 4000, Unit: lastword.Characters},
	{Name: "mail", Title: "E-Mail"},
	{Name: "bluesky", Title: "Bluesky", Limit: 300, Unit: lastword.Graphemes, MaxBytes: 3000},
	{Name: "feed", Title: "Feed"},
	{Name: "file", Title: "Datei"},
}

// Network tells what a network allows, as far as that does not depend on who
// asks; false if nothing is known of it.
func Network(name string) (lastword.Network, bool) {
	for _, n := range elsewhere {
		if n.Name == name {
			return n, true
		}
	}
	return lastword.Network{}, false
}

// NetworkNames lists the networks of which something is known.
func NetworkNames() []string {
	names := make([]string, len(elsewhere))
	for i, n := range elsewhere {
		names[i] = n.Name
	}
	return names
}

// Measure says how long a text is as a network counts it.
func Measure(n lastword.Network, text string) answer.Length { return answer.Measure(n, text) }
