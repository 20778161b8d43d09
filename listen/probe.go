package listen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lastword"
)

// tryWithin is how long a place may take to tell.
const tryWithin = 20 * time.Second

// errHeard ends a trial: the place is there and lets us hear.
var errHeard = errors.New("listen: heard")

// Probe asks a channel's place what it may do there. The channel needs its
// secrets. Where the connector is no Checker, what it knows to do is told
// without asking; reach lets it try to hear first. Of the probe, At, Why,
// Refused and Abilities are set.
func (p *Places) Probe(ctx context.Context, c lastword.Channel, reach bool) (probe lastword.Probe) {
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	probe.Channel, probe.At = c.ID, p.Now()
	source, err := open(p.Connectors, c, p.host(c), p.Hook)
	var abilities []Ability
	if err == nil {
		abilities, err = p.abilities(ctx, c, source, reach)
	}
	switch {
	case err == nil:
		probe.Abilities = inOrder(abilities)
	case errors.Is(err, context.DeadlineExceeded):
		probe.Why = "why.unavailable"
	default:
		probe.Why, probe.Refused = why(err), refused(err)
	}
	return probe
}

// abilities are what a source can. A connector that panics on what a stranger
// sent fails like any other.
func (p *Places) abilities(ctx context.Context, c lastword.Channel, source Source, reach bool) (all []Ability, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("listen: %s panicked: %v", c.Connector, r)
		}
	}()
	if asked, ok := source.(Checker); ok {
		return asked.Check(ctx)
	}
	if reach {
		err := source.Poll(ctx, c.Cursor, func(context.Context, []lastword.Event, string) error { return errHeard })
		if err != nil && !errors.Is(err, errHeard) {
			return nil, err
		}
	}
	return known(source, connector(p.Connectors, c.Connector).Info()), nil
}

// known are the abilities that follow from what a source is.
func known(source Source, info Info) []Ability {
	_, replies := source.(Replier)
	_, publishes := source.(Publisher)
	_, edits := source.(Editor)
	all := []Ability{
		{Name: "hear", Can: true}, {Name: "stream", Can: info.Stream}, {Name: "reply", Can: replies && info.Network.Reply},
		{Name: "publish", Can: publishes}, {Name: "edit", Can: edits}, {Name: "delete", Can: edits},
	}
	if info.Network.Reply && !replies {
		all[2].Why = "why.no_account"
	} else if !all[2].Can {
		all[2].Why = "why.by_hand"
	}
	return all
}

// inOrder tells all abilities that there are, each with a reason where it is
// missing.
func inOrder(told []Ability) (all []Ability) {
	for _, name := range lastword.AbilityNames() {
		a := Ability{Name: name}
		for _, t := range told {
			if t.Name == name {
				a = t
			}
		}
		if a.Can && a.Name == "stream" {
			a.Why = "" // told as the reason against
		}
		if !a.Can && a.Why == "" {
			a.Why = "why.not_offered"
		}
		all = append(all, a)
	}
	return all
}
