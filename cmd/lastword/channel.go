package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"lastword/app"
)

type channelCmd struct {
	Check channelCheckCmd `cmd:"" help:"Ask every place now what its channel may do there: hear, answer, publish; and why not, and until when."`
}

type channelCheckCmd struct {
	app.Config
	companyFlag
	Lang    string `help:"Language of the answer, de or en; that of the terminal if absent." placeholder:"LANG"`
	Channel string `arg:"" optional:"" help:"Channel by name or number; all if absent."`
}

// Help says what the exit code means.
func (*channelCheckCmd) Help() string {
	return "Works beside a running server. Exits with 1 where a channel needs somebody."
}

// Run asks and tells.
func (c *channelCheckCmd) Run(ctx context.Context, s *streams) (err error) {
	a, err := app.OpenBeside(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	company, err := c.pick(ctx, a.DB)
	if err != nil {
		return err
	}
	all, needy, err := a.CheckChannels(ctx, company, c.Channel, c.lang(), s.out)
	switch {
	case err != nil:
		return err
	case all == 0:
		return errors.New("no channel is connected yet: open Channels in the pages")
	case needy > 0:
		return fmt.Errorf("%d of %d channels need somebody", needy, all)
	}
	return nil
}

// lang is the language of who reads: as asked for, else as the terminal is set
// (POSIX, LC_ALL before LC_MESSAGES before LANG); empty for none.
func (c *channelCheckCmd) lang() string {
	for _, set := range []string{c.Lang, os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")} {
		set, _, _ = strings.Cut(set, ".")
		if set == "" {
			continue
		}
		if set == "C" || set == "POSIX" {
			return ""
		}
		return strings.ReplaceAll(set, "_", "-")
	}
	return ""
}
