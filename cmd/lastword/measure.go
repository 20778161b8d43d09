package main

import (
	"context"
	"encoding/json"
	"fmt"

	"lastword/bench"
	"lastword/theme"
	"lastword/understand"
)

// A dataFlag names the folder of labelled data.
type dataFlag struct {
	Shared string `help:"Folder of the labelled data and streams to measure with." default:"../shared/data" placeholder:"DIR" type:"path"`
}

// A reportFlag says in which form a report is printed.
type reportFlag struct {
	JSON bool `help:"Print the figures as JSON."`
}

// print prints a report.
func (f reportFlag) print(s *streams, report fmt.Stringer, err error) error {
	if err != nil {
		return err
	}
	if !f.JSON {
		_, err := fmt.Fprintln(s.out, report)
		return err
	}
	enc := json.NewEncoder(s.out)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

type trainCmd struct {
	dataFlag
	Into  string `help:"Folder to write the models of understanding to." default:"understand/model" placeholder:"DIR" type:"path"`
	Sense string `help:"Folder to write what words mean to." default:"theme/model" placeholder:"DIR" type:"path"`
	Seed  uint64 `help:"Seed of everything that is drawn." default:"1"`
}

// Run makes the models that are shipped.
func (c *trainCmd) Run(s *streams) error {
	report, err := understand.Train(c.Shared, c.Into, c.Seed)
	if err != nil {
		return err
	}
	texts, size, err := theme.Train(c.Shared, c.Sense, c.Seed)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%+v\nmeanings learnt from %d texts, %d bytes\n", report, texts, size)
	return err
}

type benchCmd struct {
	Match    benchMatchCmd    `cmd:"" help:"How fast saved queries are asked, against brute force."`
	Pipeline benchPipelineCmd `cmd:"" help:"Posts a second from the wire to the store."`
	Pages    benchPagesCmd    `cmd:"" help:"How long pages take with a million voices."`
	Alarms   benchAlarmsCmd   `cmd:"" help:"How often a real stream rings the alarm, and how often by chance."`
	Themes   benchThemesCmd   `cmd:"" help:"How well and how fast voices are gathered into themes."`
	Stream   benchStreamCmd   `cmd:"" help:"Bluesky's stream: events a second decoded and matched, and an outage caught up with."`
	Feeds    benchFeedsCmd    `cmd:"" help:"Feeds: what of real ones is read, and ten thousand polled on time."`
	Silence  benchSilenceCmd  `cmd:"" help:"False alarms of silence on replayed streams, and the time until a true one."`
}

type benchMatchCmd struct {
	dataFlag
	reportFlag
	Sizes  []int  `help:"Numbers of queries." default:"1000,10000,100000"`
	Rounds int    `help:"How often each timing is taken." default:"5"`
	Seed   uint64 `help:"Seed of queries and samples." default:"1"`
}

// Run measures the queries.
func (c *benchMatchCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.Match(ctx, bench.MatchOptions{Data: c.Shared, Sizes: c.Sizes, Rounds: c.Rounds, Seed: c.Seed})
	return c.print(s, r, err)
}

type benchPipelineCmd struct {
	dataFlag
	reportFlag
	Posts    int    `help:"Posts that hit." default:"50000"`
	Sparse   int    `help:"Posts of which one in a thousand hits." default:"2000000"`
	Database string `help:"PostgreSQL to measure as well; a server of its own is started where none is given and one is installed." placeholder:"URL"`
}

// Run measures the road of a voice.
func (c *benchPipelineCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.Pipeline(ctx, bench.PipelineOptions{Data: c.Shared, Posts: c.Posts, Sparse: c.Sparse, Postgres: c.Database})
	return c.print(s, r, err)
}

type benchPagesCmd struct {
	dataFlag
	reportFlag
	Voices int    `help:"Voices in the store." default:"1000000"`
	Rounds int    `help:"How often each page is asked for." default:"200"`
	Folder string `help:"Folder to keep the filled store in, for another run." placeholder:"DIR" type:"path"`
}

// Run measures the pages.
func (c *benchPagesCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.Pages(ctx, bench.PagesOptions{Data: c.Shared, Voices: c.Voices, Folder: c.Folder, Rounds: c.Rounds})
	return c.print(s, r, err)
}

type benchThemesCmd struct {
	dataFlag
	reportFlag
	Voices int    `help:"Instead, gather so many made-up voices and tell what that costs." placeholder:"N"`
	Seed   uint64 `help:"Seed of the order of the voices."`
}

// Run measures the themes.
func (c *benchThemesCmd) Run(ctx context.Context, s *streams) error {
	if c.Voices > 0 {
		r, err := bench.ManyVoices(ctx, c.Seed, c.Voices)
		return c.print(s, r, err)
	}
	r, err := bench.Themes(ctx, bench.ThemeOptions{Data: c.Shared, Seed: c.Seed})
	return c.print(s, r, err)
}

type benchAlarmsCmd struct {
	dataFlag
	reportFlag
	Seed uint64 `help:"Seed of chance."`
}

// Run measures the alarms.
func (c *benchAlarmsCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.Alarms(ctx, bench.ThemeOptions{Data: c.Shared, Seed: c.Seed})
	return c.print(s, r, err)
}

type benchStreamCmd struct {
	dataFlag
	reportFlag
	Memory int `help:"Events that are decoded and matched in memory." default:"1000000"`
	Wire   int `help:"Events that come over a socket on loopback." default:"200000"`
}

// Run measures the stream.
func (c *benchStreamCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.Stream(ctx, bench.StreamOptions{Data: c.Shared, Memory: c.Memory, Wire: c.Wire})
	return c.print(s, r, err)
}

type benchFeedsCmd struct {
	dataFlag
	reportFlag
	Feeds   int `help:"Feeds on a server on loopback." default:"10000"`
	Seconds int `help:"How long their polls are spread over." default:"60"`
}

// Run measures the feeds.
func (c *benchFeedsCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.Feeds(ctx, bench.FeedsOptions{Data: c.Shared, Feeds: c.Feeds, Seconds: c.Seconds})
	return c.print(s, r, err)
}

type benchSilenceCmd struct {
	dataFlag
	reportFlag
	Cuts int    `help:"How often each stream is made to fall silent." default:"40"`
	Seed uint64 `help:"Seed of the cuts and of drawn streams." default:"1"`
}

// Run measures the alarm of silence.
func (c *benchSilenceCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.Silence(ctx, bench.SilenceOptions{Data: c.Shared, Cuts: c.Cuts, Seed: c.Seed})
	return c.print(s, r, err)
}
