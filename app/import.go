package app

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/file"
)

// ImportOptions say what to import, and how to talk to whoever asked for it.
type ImportOptions struct {
	Company int64
	Mapping string // of the columns of tables; empty: guessed
	Network string // of rows that do not say theirs
	Zone    string // of times that do not say theirs; empty: the company's
	Yes     bool   // take the guess without asking
	Files   []string
	In      io.Reader
	Out     io.Writer // the report
	Err     io.Writer // progress
	Ask     bool      // a person sits at the other end
}

// Import hears files, one after the other. One that was cut off goes on where
// the last batch was stored; one that was heard before brings nothing new. A
// file that cannot be read does not stop the next.
func Import(ctx context.Context, c Config, o ImportOptions) error {
	options := c.storeOptions(c.logger())
	options.Join = true
	a, err := open(ctx, c, options, shipped())
	if err != nil {
		return err
	}
	var failed []error
	for _, name := range o.Files {
		if err := a.importFile(ctx, o, name); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", filepath.Base(name), inWords(err)))
		}
		if ctx.Err() != nil {
			break
		}
	}
	// A store that takes nothing now would let us wait for ever.
	if a.DB.Alone() && !errors.Is(errors.Join(failed...), lastword.ErrUnavailable) {
		failed = append(failed, a.digest(ctx, o))
	}
	return errors.Join(again(errors.Join(failed...)), a.Close())
}

// again tells what to do after a failure that may pass.
func again(err error) error {
	if !errors.Is(err, lastword.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w\nWhat was taken is kept. Mend the cause, then run the same command again: it goes on from there", err)
}

// An importing is one file on its way in.
type importing struct {
	*App
	ImportOptions
	leased  lastword.Leased
	name    string
	saved   lastword.Saved
	dropped map[string]int64
	unread  []lastword.Unreadable // since the last batch
	listed  []lastword.Unreadable // the first ones, for the report
	started time.Time
	from    int64 // bytes read before this run
	shown   time.Time
}

func (a *App) importFile(ctx context.Context, o ImportOptions, name string) error {
	path, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	mapping, err := o.mapping(ctx, path)
	if err != nil {
		return err
	}
	c, err := a.fileChannel(ctx, o, path, mapping)
	if err != nil {
		return err
	}
	l, err := a.DB.LeaseOne(ctx, a.runner.Owner, o.Company, c.ID, a.now().Add(importLease))
	if err != nil {
		return err
	}
	i := &importing{App: a, ImportOptions: o, leased: l, name: path, dropped: map[string]int64{}, started: a.now()}
	heard := i.hear(ctx)
	return errors.Join(heard, i.finish(context.WithoutCancel(ctx), heard))
}

// importLease is how long one import holds its file at the most without a
// renewal.
const importLease = 10 * time.Minute

// mapping looks at the file, shows which column it takes for what, and asks
// where somebody is there to answer.
func (o ImportOptions) mapping(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	look, err := file.Inspect(ctx, path, f)
	if err = errors.Join(err, f.Close()); err != nil || look.Format != file.CSV {
		return "", err
	}
	if o.Mapping != "" {
		_, err := file.ParseMapping(o.Mapping)
		return o.Mapping, err
	}
	fmt.Fprintf(o.Err, "%s is a table. Taken for what:\n\n%s\n", filepath.Base(path), look.Table)
	if o.Yes || !o.Ask {
		return look.Table.Mapping.String(), nil
	}
	return o.ask(look.Table.Mapping)
}

// ask lets a person correct the guess.
func (o ImportOptions) ask(guess file.Mapping) (string, error) {
	lines := bufio.NewScanner(o.In)
	for {
		fmt.Fprintf(o.Err, "Enter takes it; or write it anew, as in %s\n> ", guess)
		if !lines.Scan() {
			return guess.String(), lines.Err()
		}
		said := strings.TrimSpace(lines.Text())
		if said == "" {
			return guess.String(), nil
		}
		if m, err := file.ParseMapping(said); err == nil {
			return m.String(), nil
		}
		fmt.Fprintln(o.Err, "That could not be read. Roles and columns are joined by =, pairs by a comma.")
	}
}

// fileChannel finds or makes the channel of a file. It is paused: no server
// reads files by itself.
func (a *App) fileChannel(ctx context.Context, o ImportOptions, path, mapping string) (lastword.Channel, error) {
	settings := map[string]string{"file": path, "mapping": mapping, "network": o.Network, "zone": o.Zone}
	if o.Zone == "" {
		c, err := a.DB.Company(ctx, o.Company)
		if err != nil {
			return lastword.Channel{}, err
		}
		settings["zone"] = c.Zone
	}
	all, err := a.DB.Channels(ctx, o.Company)
	if err != nil {
		return lastword.Channel{}, err
	}
	for _, c := range all {
		if c.Connector == "file" && maps.Equal(c.Settings, settings) {
			return c, nil
		}
	}
	fresh := lastword.Channel{Company: o.Company, Connector: "file", Name: filepath.Base(path), Settings: settings, All: true, Paused: true}
	if err := a.places.Valid(fresh, false); err != nil {
		return fresh, err
	}
	return a.DB.SaveChannel(ctx, lastword.Member{Company: o.Company}, fresh)
}

// hear reads the file to its end.
func (i *importing) hear(ctx context.Context) error {
	src, err := file.New().Open(listen.Account{Channel: i.leased.ID, Settings: i.leased.Settings}, listen.Host{
		Log: i.Log, Now: i.now, Dropped: i.drop,
		Files: func(name string) (io.ReadSeekCloser, error) { return os.Open(name) },
	})
	if err != nil {
		return err
	}
	if p, ok := file.ProgressOf(i.leased.Cursor); ok {
		i.from = p.Read
	}
	return src.Poll(ctx, i.leased.Cursor, i.save)
}

// drop counts an item that could not be read or was changed.
func (i *importing) drop(reason, place string) {
	i.dropped[reason]++
	u := lastword.Unreadable{Place: place, Reason: reason}
	i.unread = append(i.unread, u)
	if len(i.listed) < mostListed {
		i.listed = append(i.listed, u)
	}
}

// mostListed is how many items a report names; the channel's page has them all.
const mostListed = 20

// save keeps a batch with the cursor after it.
func (i *importing) save(ctx context.Context, events []lastword.Event, cursor string) error {
	saved, err := i.DB.SaveHeard(ctx, i.leased, cursor, events, nil)
	if err != nil {
		return err
	}
	i.saved.New += saved.New
	i.saved.Known += saved.Known
	i.saved.Edited += saved.Edited
	i.saved.Refused += saved.Refused
	if err := i.DB.SaveUnreadable(ctx, i.Company, i.leased.ID, i.unread); err != nil {
		return err
	}
	i.unread = i.unread[:0]
	i.progress(cursor)
	return i.DB.Renew(ctx, i.leased, i.now().Add(importLease))
}

// progress draws how far the file is, how fast, and how long it will take.
func (i *importing) progress(cursor string) {
	p, ok := file.ProgressOf(cursor)
	if !ok || p.Size == 0 || i.now().Sub(i.shown) < time.Second/4 && !p.Done {
		return
	}
	i.shown = i.now()
	share := float64(p.Read) / float64(p.Size)
	taken := i.now().Sub(i.started)
	rate := float64(i.saved.New+i.saved.Known) / max(taken.Seconds(), .001)
	left := ""
	if read := p.Read - i.from; read > 0 && !p.Done {
		rest := time.Duration(float64(taken) * float64(p.Size-p.Read) / float64(read))
		left = ", " + rest.Round(time.Second).String() + " left"
	}
	width := int(30 * share)
	fmt.Fprintf(i.Err, "\r%s [%s%s] %3.0f %%  %.0f rows/s%s   ", filepath.Base(i.name),
		strings.Repeat("#", width), strings.Repeat(".", 30-width), 100*share, rate, left)
}

// finish gives the lease back and reports.
func (i *importing) finish(ctx context.Context, heard error) error {
	h := lastword.Health{State: lastword.Done, LastTry: i.now(), Dropped: i.dropped}
	if heard != nil {
		h.State, h.Why = lastword.Waiting, ""
	}
	err := errors.Join(i.DB.SaveUnreadable(ctx, i.Company, i.leased.ID, i.unread), i.DB.Release(ctx, i.leased, h))
	fmt.Fprintln(i.Err)
	i.report()
	return err
}

// report says exactly what became of the file.
func (i *importing) report() {
	fmt.Fprintf(i.Out, "%s: %d taken, %d already known, %d changed, %d refused\n", filepath.Base(i.name),
		i.saved.New, i.saved.Known, i.saved.Edited, i.refused())
	for _, reason := range slices.SortedFunc(maps.Keys(i.dropped), func(a, b string) int {
		return cmp.Or(cmp.Compare(i.dropped[b], i.dropped[a]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(i.Out, "  %d × %s\n", i.dropped[reason], reason)
	}
	if i.saved.Refused > 0 {
		fmt.Fprintf(i.Out, "  %d × erased or objected to before\n", i.saved.Refused)
	}
	for _, u := range i.listed {
		fmt.Fprintf(i.Out, "    %s: %s\n", u.Place, u.Reason)
	}
	if all := i.told(); all > len(i.listed) {
		fmt.Fprintf(i.Out, "    and %d more, on the channel's page\n", all-len(i.listed))
	}
}

// refused counts the rows that were left out; reasons that end in "kept" are of
// rows that were taken.
func (i *importing) refused() int {
	n := i.saved.Refused
	for reason, count := range i.dropped {
		if !strings.HasSuffix(reason, ", kept") {
			n += int(count)
		}
	}
	return n
}

func (i *importing) told() int {
	n := 0
	for _, count := range i.dropped {
		n += int(count)
	}
	return n
}
