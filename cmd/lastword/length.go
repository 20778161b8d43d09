package main

import (
	"fmt"

	"lastword/app"
)

type lengthCmd struct {
	Network string `required:"" help:"Whose rules count: x, bluesky, mastodon, threads, linkedin, …" placeholder:"NAME"`
}

// Help tells what comes in and goes out.
func (c *lengthCmd) Help() string {
	return `Reads JSON Lines from standard input, an object a line with at least "text", and
writes each again, in the same order, with "length" as the network counts it,
"limit" (0 where none matters), "unit" and "over".`
}

// Run counts texts as a network does.
func (c *lengthCmd) Run(s *streams) error {
	n, ok := app.Network(c.Network)
	if !ok {
		return fmt.Errorf("no network is called %q; these are known: %v", c.Network, app.NetworkNames())
	}
	return eachLine(s, func(l *line) error {
		post, err := postOf(l)
		if err != nil {
			return err
		}
		m := app.Measure(n, post.Text)
		for _, f := range []struct {
			key   string
			value any
		}{{"length", m.Used}, {"limit", m.Limit}, {"unit", m.Unit}, {"over", m.Over}} {
			if err := l.add(f.key, f.value); err != nil {
				return err
			}
		}
		return nil
	})
}
