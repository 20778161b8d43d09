package main

import (
	"context"
	"os"

	"lastword"
	"lastword/app"
	"lastword/store"
)

type importCmd struct {
	app.Config
	companyFlag
	Map     string   `help:"Which column means what, where the guess is wrong: text=Kommentar,time=Datum,author=Name." placeholder:"MAPPING"`
	Network string   `help:"Network that the rows come from, where they do not say." placeholder:"NAME"`
	Yes     bool     `help:"Take the guessed columns without asking." short:"y"`
	Files   []string `arg:"" help:"Files to hear." type:"existingfile"`
}

// Run imports files, one after the other.
func (c *importCmd) Run(ctx context.Context, s *streams) error {
	var company lastword.Company
	err := withStore(ctx, c.Config, func(db *store.DB) (err error) {
		company, err = c.pick(ctx, db)
		return err
	})
	if err != nil {
		return err
	}
	return app.Import(ctx, c.Config, app.ImportOptions{
		Company: company.ID, Mapping: c.Map, Network: c.Network, Yes: c.Yes, Files: c.Files,
		In: s.in, Out: s.out, Err: s.err, Ask: terminal(s.in),
	})
}

// terminal reports whether a person sits at the other end.
func terminal(in any) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
