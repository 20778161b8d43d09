package app

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"lastword"
	"lastword/web/text"
)

// OpenBeside opens the program beside a server that may run, for commands that
// need its places.
func OpenBeside(ctx context.Context, c Config) (*App, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	o := c.storeOptions(c.logger())
	o.Join = true
	return open(ctx, c, o, shipped())
}

// checkedAtOnce is how many places are asked at the same time.
const checkedAtOnce = 8

// CheckChannels asks the places of a company's channels now, or that of one
// channel by its name or number, and tells out what each may do, in a language.
// It returns how many channels there are and how many need somebody.
func (a *App) CheckChannels(ctx context.Context, company lastword.Company, which, lang string, out io.Writer) (all, needy int, err error) {
	texts, err := text.Load()
	if err != nil {
		return 0, 0, err
	}
	zone, err := time.LoadLocation(company.Zone)
	if err != nil {
		zone = time.UTC
	}
	r := texts.Reader(texts.Pick(lang, company.Lang), zone, a.now())
	list, err := a.channelsNamed(ctx, company.ID, which)
	if err != nil {
		return 0, 0, err
	}
	probes := make([]lastword.Probe, len(list))
	var asking errgroup.Group
	asking.SetLimit(checkedAtOnce)
	for i, c := range list {
		asking.Go(func() (err error) {
			probes[i], err = channels{a}.Probe(ctx, company.ID, c.ID)
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return 0, 0, err
	}
	for i, c := range list {
		needs, err := tellChannel(out, r, c, probes[i])
		if err != nil {
			return 0, 0, err
		}
		if needs {
			needy++
		}
	}
	return len(list), needy, nil
}

// channelsNamed lists a company's channels, or the one that is meant.
func (a *App) channelsNamed(ctx context.Context, company int64, which string) ([]lastword.Channel, error) {
	list, err := a.DB.Channels(ctx, company)
	if err != nil || which == "" {
		return list, err
	}
	var names []string
	for _, c := range list {
		if which == c.Name || which == strconv.FormatInt(c.ID, 10) {
			return []lastword.Channel{c}, nil
		}
		names = append(names, c.Name)
	}
	return nil, fmt.Errorf("no channel is called %q; there are: %s: %w", which, strings.Join(names, ", "), lastword.ErrNotFound)
}

// tellChannel writes what a channel may do, and reports whether it needs somebody.
func tellChannel(out io.Writer, r text.Reader, c lastword.Channel, p lastword.Probe) (needs bool, err error) {
	kind := c.Connector
	if key := "connector." + c.Connector + ".title"; r.Has(key) {
		kind = r.T(key)
	}
	fmt.Fprintf(out, "%s (%s)\n", c.Name, kind)
	if err := tellAbilities(out, r, p.Abilities); err != nil {
		return false, err
	}
	state, why, until := stateOf(c, p, r.Now)
	if state == "" {
		_, err = fmt.Fprintln(out)
		return false, err
	}
	line := []string{r.T("health." + string(state))}
	if why != "" {
		line = []string{line[0] + ":", reason(r, why)}
	}
	if !until.IsZero() {
		line = append(line, r.T("access.until", text.Args{"Day": r.Short(until)}))
	}
	_, err = fmt.Fprintf(out, "  %s\n\n", strings.Join(line, " "))
	return state == lastword.Refused, err
}

// stateOf is one word for a channel that is not simply fine, and why.
func stateOf(c lastword.Channel, p lastword.Probe, now time.Time) (state lastword.HealthState, why string, until time.Time) {
	need, until := p.Need(now)
	switch {
	case c.Paused:
		return "paused", "", time.Time{}
	case need != "":
		return lastword.Refused, need, until
	case p.Why != "":
		return lastword.Failing, p.Why, time.Time{}
	}
	return "", "", time.Time{}
}

func tellAbilities(out io.Writer, r text.Reader, all []lastword.Ability) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, a := range all {
		can := r.T("ability.cannot")
		if a.Can {
			can = r.T("ability.can")
		}
		more := reason(r, a.Why)
		if !a.Until.IsZero() {
			more = strings.TrimSpace(more + " " + r.T("access.until", text.Args{"Day": r.Short(a.Until)}))
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", r.T("ability."+a.Name), can, more)
	}
	return table.Flush()
}

// reason is the text of a key that a place's connector gave.
func reason(r text.Reader, why string) string {
	for _, key := range []string{why, "why." + why} {
		if r.Has(key) {
			return r.T(key)
		}
	}
	return why
}
