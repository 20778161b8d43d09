package main

import (
	"context"
	"fmt"

	"lastword/bench"
)

type evalCmd struct {
	Kinds    evalKindsCmd    `cmd:"" help:"Wish, problem, praise, question."`
	Wishes   evalWishesCmd   `cmd:"" help:"The very words that carry a wish."`
	Feeling  evalFeelingCmd  `cmd:"" help:"Negative, neutral, positive."`
	About    evalAboutCmd    `cmd:"" help:"Whether a text is about the company."`
	Language evalLanguageCmd `cmd:"" help:"Which language a text is in."`
	All      evalAllCmd      `cmd:"" help:"All of these, on the shared data."`
	Learning evalLearningCmd `cmd:"" help:"What a company's corrections are worth."`
}

// Help tells what is measured on.
func (c *evalCmd) Help() string {
	return `Without --file the labelled sets of --shared are judged, each text by a model that
was trained without it. With --file the texts of a labelled file, JSON Lines as
docs/labelled.md describes them, are judged by the model that is shipped, or by
the one of --model. Intervals hold 95 of 100 resamplings, near-copies together.
A line that cannot be read is told on standard error with its number; the others
are measured, and the command ends with 1.`
}

type evalFlags struct {
	dataFlag
	reportFlag
	File   string `help:"Labelled file to measure on." placeholder:"FILE"`
	Model  string `help:"Folder of the model to judge --file with, as train writes it; the one that is shipped where none is named." placeholder:"DIR" type:"existingdir"`
	Errors int    `help:"How many misjudged texts to print for each label, with reasons." placeholder:"N"`
	Folds  int    `help:"Parts that are held out in turn." default:"5"`
	Seed   uint64 `help:"Seed of everything that is drawn." default:"1"`
}

// run measures and prints.
func (f evalFlags) run(ctx context.Context, s *streams, about []string, eval func(context.Context, bench.EvalOptions) (bench.EvalReport, error)) error {
	r, err := eval(ctx, bench.EvalOptions{Data: f.Shared, Folds: f.Folds, Seed: f.Seed, File: f.File, Model: f.Model,
		Errors: f.Errors, About: about, Err: s.err})
	if err := f.print(s, r, err); err != nil {
		return err
	}
	if r.Unread > 0 {
		return fmt.Errorf("%d lines could not be read", r.Unread)
	}
	return nil
}

type evalKindsCmd struct{ evalFlags }

// Run measures the kinds.
func (c *evalKindsCmd) Run(ctx context.Context, s *streams) error {
	return c.run(ctx, s, nil, bench.EvalKinds)
}

type evalWishesCmd struct{ evalFlags }

// Run measures the words of wishes.
func (c *evalWishesCmd) Run(ctx context.Context, s *streams) error {
	return c.run(ctx, s, nil, bench.EvalWishes)
}

type evalFeelingCmd struct{ evalFlags }

// Run measures the feeling.
func (c *evalFeelingCmd) Run(ctx context.Context, s *streams) error {
	return c.run(ctx, s, nil, bench.EvalFeeling)
}

type evalAboutCmd struct {
	evalFlags
	About string `help:"What the company and its products are called, with commas between." placeholder:"NAMES"`
}

// Run measures about-us.
func (c *evalAboutCmd) Run(ctx context.Context, s *streams) error {
	return c.run(ctx, s, split(c.About), bench.EvalAbout)
}

type evalLanguageCmd struct{ evalFlags }

// Run measures the languages.
func (c *evalLanguageCmd) Run(ctx context.Context, s *streams) error {
	return c.run(ctx, s, nil, bench.EvalLanguage)
}

type evalAllCmd struct {
	dataFlag
	reportFlag
	Errors int    `help:"How many misjudged texts to print for each label, with reasons." placeholder:"N"`
	Folds  int    `help:"Parts that are held out in turn." default:"5"`
	Seed   uint64 `help:"Seed of everything that is drawn." default:"1"`
}

// Run measures everything but what corrections are worth.
func (c *evalAllCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.EvalAll(ctx, bench.EvalOptions{Data: c.Shared, Folds: c.Folds, Seed: c.Seed, Errors: c.Errors, Err: s.err})
	return c.print(s, r, err)
}

type evalLearningCmd struct {
	dataFlag
	reportFlag
	Seeds int    `help:"How often each company's stream is dealt anew." default:"5"`
	Steps []int  `help:"After how many corrections is looked." default:"0,20,50,100,200"`
	Seed  uint64 `help:"Seed of everything that is drawn." default:"1"`
}

// Run measures what corrections are worth.
func (c *evalLearningCmd) Run(ctx context.Context, s *streams) error {
	r, err := bench.EvalLearning(ctx, bench.LearningOptions{Data: c.Shared, Seed: c.Seed, Seeds: c.Seeds, Steps: c.Steps})
	return c.print(s, r, err)
}
