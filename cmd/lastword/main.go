// Lastword lets managing directors hear their customers on social media, decide,
// and answer every one of them, in ten minutes a day.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"lastword/app"
)

// A program is every command, with the flags that they share.
type program struct {
	Config kong.ConfigFlag `help:"Read settings from a TOML file." env:"LASTWORD_CONFIG" placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" help:"Run Lastword. The first start prints a one-time link which makes the first director."`
	Demo    demoCmd    `cmd:"" help:"Run a throw-away company and print one link that signs you in as its director."`
	Import  importCmd  `cmd:"" help:"Hear what is in files: JSON Lines, CSV, mbox, RSS or Atom."`
	Cluster clusterCmd `cmd:"" help:"Gather the posts of standard input, JSON Lines, into themes."`
	Export  exportCmd  `cmd:"" help:"Write everything of a company as JSON Lines."`
	Backup  backupCmd  `cmd:"" help:"Write everything into one file, to restore from."`
	Restore restoreCmd `cmd:"" help:"Fill an empty folder or database from a backup."`
	Link    linkCmd    `cmd:"" help:"Print a one-time link that signs a member in."`
	Channel channelCmd `cmd:"" help:"Check the channels."`
	Audit   auditCmd   `cmd:"" help:"Check the log that only grows."`
	Label   labelCmd   `cmd:"" help:"Say what posts mean: language, kinds, feeling; JSON Lines in and out."`
	Length  lengthCmd  `cmd:"" help:"Say how long texts are as a network counts; JSON Lines in and out."`
	Train   trainCmd   `cmd:"" help:"Make the models that are shipped, from labelled data."`
	Bench   benchCmd   `cmd:"" help:"Measure speed."`
	Eval    evalCmd    `cmd:"" help:"Measure quality on labelled data."`
	Shown   configCmd  `cmd:"" name:"config" help:"Print the settings that hold, without secrets."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run does one command and returns the code to exit with: 0, 1 for a failure,
// 2 for a mistake in the command line.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var p program
	exit := -1
	parser, err := kong.New(&p,
		kong.Name("lastword"),
		kong.Description("Hear your customers on social media, decide, and answer every one of them, in ten minutes a day."),
		kong.UsageOnError(), kong.Writers(out, errs), kong.Exit(func(code int) { exit = code }),
		kong.Configuration(settings), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&streams{in, out, errs}),
		kong.Vars{"version": app.Version()},
	)
	if err != nil {
		fmt.Fprintln(errs, "lastword:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help was shown
	}
	if err != nil {
		fmt.Fprintln(errs, "lastword:", err)
		fmt.Fprintln(errs, "Try: lastword --help")
		return 2
	}
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(errs, "lastword:", err)
		return 1
	}
	return 0
}
