package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"lastword"
	"lastword/app"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"lastword": main}) }

// Every script is what somebody types, and what they read then.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("LASTWORD_DATA", filepath.Join(e.WorkDir, "data"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"company": company, "channel": channel, "tamper": tamper},
	})
}

// company makes a company with one director in the data folder, as the link of
// the first start does: company NAME DIRECTOR.
func company(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: company NAME DIRECTOR")
	}
	ctx := context.Background()
	db, err := app.Config{Data: ts.Getenv("LASTWORD_DATA"), Log: "warn"}.OpenStore(ctx)
	ts.Check(err)
	c, err := db.AddCompany(ctx, lastword.Company{Name: args[0], Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
	ts.Check(err)
	_, err = db.SaveMember(ctx, lastword.Member{Company: c.ID}, lastword.Member{Name: args[1], Role: lastword.Director, Lang: "de"})
	ts.Check(err)
	ts.Check(db.Close())
}

// channel connects a place: channel CONNECTOR NAME [SETTING VALUE]…
func channel(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args)%2 != 0 {
		ts.Fatalf("usage: channel CONNECTOR NAME [SETTING VALUE]…")
	}
	ctx := context.Background()
	db, err := app.Config{Data: ts.Getenv("LASTWORD_DATA"), Log: "warn"}.OpenStore(ctx)
	ts.Check(err)
	all, err := db.Companies(ctx)
	ts.Check(err)
	c := lastword.Channel{Connector: args[0], Name: args[1], All: true, Settings: map[string]string{}}
	for i := 2; i < len(args); i += 2 {
		c.Settings[args[i]] = args[i+1]
	}
	_, err = db.SaveChannel(ctx, lastword.Member{Company: all[0].ID}, c)
	ts.Check(err)
	ts.Check(db.Close())
}

// tamper does to the database what no program of ours would: tamper SQL.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tamper SQL")
	}
	db, err := sql.Open("sqlite", filepath.Join(ts.Getenv("LASTWORD_DATA"), "lastword.db"))
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), args[0])
	ts.Check(err)
	ts.Check(db.Close())
}
