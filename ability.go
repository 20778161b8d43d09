package lastword

import "time"

// An Ability is something that an account can do at its place, or cannot and why.
type Ability struct {
	Name  string    // "hear", "stream", "search", "reply", "publish", "edit", "delete"
	Can   bool      //
	Why   string    // a key of the catalogue, where it cannot, can in part, or will soon be unable to
	Until time.Time // when it ends unless somebody acts; zero: it does not
	Act   bool      // it could, if a person granted or applied for more: a scope, a review
}

// AbilityNames are what a channel may be for, in the order in which it is told.
func AbilityNames() []string {
	return []string{"hear", "stream", "search", "reply", "publish", "edit", "delete"}
}

// A Probe is what a place said when it was asked what a channel may do there.
type Probe struct {
	Channel   int64
	At        time.Time // of the answer; zero: there is none yet
	Why       string    // a key of the catalogue, where nothing could be learnt
	Refused   bool      // Why asks a person to act, and waiting does not help
	Abilities []Ability
	Next      time.Time // when it is asked again; names this asking until then
}

// endsSoon is how long before its end an access raises its hand: two weeks, so
// that nobody's holidays are longer.
const endsSoon = 14 * 24 * time.Hour

// Need is what a person should do about a channel, as a key of the catalogue,
// and until when where that matters. Empty: nothing.
func (p Probe) Need(now time.Time) (why string, until time.Time) {
	if p.Refused {
		return p.Why, time.Time{}
	}
	for _, a := range p.Abilities {
		if !a.Until.IsZero() && a.Until.Before(now.Add(endsSoon)) && (until.IsZero() || a.Until.Before(until)) {
			why, until = "why.ends_soon", a.Until
		}
	}
	if why != "" {
		return why, until
	}
	for _, a := range p.Abilities {
		if a.Act && !a.Can {
			return a.Why, time.Time{}
		}
	}
	return "", time.Time{}
}

// A SigningIn is a sign-in at a place that somebody began in these pages. Only
// the browser that began it can end it, once.
type SigningIn struct {
	Company, Channel int64
	State            string            // secret: it goes to the place and comes back; only its digest is kept
	Session          string            // the browser's, as a digest
	Redirect         string            // address to which the place sends the person back
	Kept             map[string]string // what the connector needs at the end; kept under seal
	Until            time.Time
}
