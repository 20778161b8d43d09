package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"lastword"
	"lastword/app"
	"lastword/store"
)

// A companyFlag picks the company where there are several.
type companyFlag struct {
	Company string `help:"Company by name or number, where the store holds several." placeholder:"NAME"`
}

// pick returns the company that is meant.
func (f companyFlag) pick(ctx context.Context, db *store.DB) (lastword.Company, error) {
	all, err := db.Companies(ctx)
	if err != nil {
		return lastword.Company{}, err
	}
	for _, c := range all {
		if f.Company == "" && len(all) == 1 || f.Company == c.Name || f.Company == strconv.FormatInt(c.ID, 10) {
			return c, nil
		}
	}
	if len(all) == 0 {
		return lastword.Company{}, errors.New("there is no company yet: run lastword serve and open the link it prints")
	}
	names := ""
	for _, c := range all {
		names += fmt.Sprintf("\n  %d  %s", c.ID, c.Name)
	}
	return lastword.Company{}, fmt.Errorf("say which company with --company:%s", names)
}

type exportCmd struct {
	app.Config
	companyFlag
	File string `arg:"" optional:"" help:"File to write; standard output if absent." type:"path"`
}

// Run writes everything of a company as JSON Lines.
func (c *exportCmd) Run(ctx context.Context, s *streams) error {
	return withStore(ctx, c.Config, func(db *store.DB) error {
		company, err := c.pick(ctx, db)
		if err != nil {
			return err
		}
		return writeTo(c.File, s.out, func(w io.Writer) error { return db.Export(ctx, company.ID, w) })
	})
}

// withStore opens the store for f.
func withStore(ctx context.Context, c app.Config, f func(*store.DB) error) error {
	db, err := c.OpenStore(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}

// writeTo writes a file that is complete or not there, or to out where no name
// is given.
func writeTo(name string, out io.Writer, f func(io.Writer) error) error {
	if name == "" || name == "-" {
		return f(out)
	}
	part := name + ".part"
	w, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = f(w)
	if err == nil {
		err = w.Sync()
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, name)
}

type backupCmd struct {
	app.Config
	WithoutKey bool   `help:"Leave out the key of the credentials: channels then have to be connected anew after a restore."`
	File       string `arg:"" help:"File to write." type:"path"`
}

// Run writes everything into one file.
func (c *backupCmd) Run(ctx context.Context, s *streams) error {
	return withStore(ctx, c.Config, func(db *store.DB) error {
		return writeTo(c.File, s.out, func(w io.Writer) error { return db.Backup(ctx, w, !c.WithoutKey) })
	})
}

type restoreCmd struct {
	app.Config
	File string `arg:"" help:"Backup to read." type:"existingfile"`
}

// Run fills an empty folder or database from a backup.
func (c *restoreCmd) Run(ctx context.Context, s *streams) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	if err := errors.Join(c.Restore(ctx, f), f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Restored from %s into %s.\n", c.File, c.Data)
	return err
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no entry of the log was changed, added or removed afterwards."`
}

type auditVerifyCmd struct{ app.Config }

// Run checks the chain of every company.
func (c *auditVerifyCmd) Run(ctx context.Context, s *streams) error {
	return withStore(ctx, c.Config, func(db *store.DB) error {
		all, err := db.Companies(ctx)
		if err != nil {
			return err
		}
		var broken []error
		for _, company := range all {
			n, head, err := db.VerifyAudit(ctx, company.ID)
			if err != nil {
				broken = append(broken, fmt.Errorf("%s: %w", company.Name, err))
				continue
			}
			fmt.Fprintf(s.out, "%s: %d entries hold; head %s\n", company.Name, n, head)
		}
		return errors.Join(broken...)
	})
}

type linkCmd struct {
	app.Config
	companyFlag
	Member string        `help:"Member by name or e-mail; the first director if absent." placeholder:"NAME"`
	For    time.Duration `help:"How long the link holds." default:"1h"`
}

// Run prints a one-time link that signs a member in.
func (c *linkCmd) Run(ctx context.Context, s *streams) error {
	return withStore(ctx, c.Config, func(db *store.DB) error {
		company, err := c.pick(ctx, db)
		if err != nil {
			return err
		}
		address, err := app.SignInLink(ctx, db, c.Config, company.ID, c.Member, c.For)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(s.out, address)
		return err
	})
}
