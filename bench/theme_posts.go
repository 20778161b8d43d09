package bench

import (
	"bufio"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/demo"
	"lastword/theme"
	"lastword/understand"
)

// Posts that were invented about some companies, by what they want. What is learnt
// from sets of spoken commands says little of how like each other posts are that
// want the same, so these are calibrated with; those of the demo's company are not.
//
//go:embed posts/*.txt
var invented embed.FS

// A public is the posts about one company.
type public struct {
	name   string
	names  []string // of the company
	voices []intentVoice
}

// calibratingPosts are those that a calibration learns from.
func calibratingPosts() ([]public, error) {
	names, err := fs.Glob(invented, "posts/*.txt")
	if err != nil {
		return nil, fmt.Errorf("bench: invented posts: %w", err)
	}
	var all []public
	for _, file := range names {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "posts/"), ".txt")
		p := public{name: name, names: []string{name}}
		posts, err := inventedPosts(file)
		if err != nil {
			return nil, err
		}
		if p.voices, err = read(posts, p.names); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// A wanting is a post and what it wants.
type wanting struct {
	post lastword.Post
	want string
}

// inventedPosts reads a file: a line beginning with "##" tells what all that follow want.
func inventedPosts(file string) ([]wanting, error) {
	f, err := invented.Open(file)
	if err != nil {
		return nil, fmt.Errorf("bench: invented posts: %w", err)
	}
	defer f.Close()
	var all []wanting
	want := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		switch line := strings.TrimSpace(lines.Text()); {
		case strings.HasPrefix(line, "##"):
			want = strings.TrimSpace(line[2:])
		case line != "" && line[0] != '#':
			all = append(all, wanting{lastword.Post{Network: "bluesky", Key: fmt.Sprint(len(all)), Text: line}, want})
		}
	}
	return all, nil
}

// reportingPosts are those of the demo's company, of which no calibration knows.
func reportingPosts() (public, error) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	c := demo.Company(now)
	p := public{name: "demo", names: append([]string{c.Name}, c.Names...)}
	wishes, err := demo.Wishes()
	if err != nil {
		return p, err
	}
	of := map[string]string{}
	for _, w := range wishes {
		for _, key := range w.Keys {
			of[key] = w.Name
		}
	}
	events, err := demo.Posts(now)
	if err != nil {
		return p, err
	}
	var posts []wanting
	for _, e := range events {
		if !e.Post.Own {
			posts = append(posts, wanting{e.Post, of[e.Post.Key]})
		}
	}
	p.voices, err = read(posts, p.names)
	return p, err
}

// read understands posts as the house does, and leaves out what that keeps out of
// themes. Who wants nothing of the company wants the same as nobody else.
func read(posts []wanting, names []string) ([]intentVoice, error) {
	m, err := understand.Load()
	if err != nil {
		return nil, err
	}
	var voices []intentVoice
	for _, p := range posts {
		v := lastword.Voice{Post: p.post, Label: m.Label(p.post, names)}
		if v.Announces() {
			continue
		}
		v.ID = int64(len(voices) + 1)
		if p.want == "" || p.want == "-" {
			p.want = fmt.Sprint("nothing ", v.ID)
		}
		voices = append(voices, intentVoice{theme.ItemOf(v), p.want})
	}
	return voices, nil
}

// amid returns the posts with a quarter as many others among them, of people who
// talk of anything: a part of what is heard wants nothing.
func (p public) amid(said []theme.Example, seed uint64) (public, error) {
	var drawn []wanting
	rng := rand.New(rand.NewPCG(seed, 99))
	for range len(p.voices) / 4 {
		e := said[rng.IntN(len(said))]
		drawn = append(drawn, wanting{lastword.Post{Network: "bluesky", Key: fmt.Sprint("said ", len(drawn)), Text: e.Item.Text, Lang: e.Item.Lang}, ""})
	}
	others, err := read(drawn, p.names)
	if err != nil {
		return p, err
	}
	all := slices.Clone(p.voices)
	for i, v := range others {
		v.intent = "said " + fmt.Sprint(i)
		all = append(all, v)
	}
	p.voices = all
	return p, nil
}

// saidIn are the texts of a language.
func saidIn(lang, data string) ([]theme.Example, error) {
	said, err := theme.ReadSaid(data)
	return slices.DeleteFunc(said, func(e theme.Example) bool { return e.Item.Lang != lang }), err
}

// mixed returns the posts in random order.
func (p public) mixed(seed uint64) []intentVoice {
	es := make([]theme.Example, len(p.voices))
	for i, v := range p.voices {
		es[i] = theme.Example{Item: v.item, Set: p.name, Intent: v.intent}
	}
	return shuffled(es, p.name, seed)
}

// measurePosts gathers the posts of the demo's company, with meanings as they are
// shipped.
func (r *ThemeReport) measurePosts(ctx context.Context, seed uint64) error {
	p, err := reportingPosts()
	if err != nil {
		return err
	}
	set, err := gather(ctx, "Posts, invented", p.mixed(seed), nil, p.names...)
	r.Sets = append(r.Sets, set)
	return err
}
