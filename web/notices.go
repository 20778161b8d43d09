package web

import (
	"time"

	"lastword"
	"lastword/web/page"
)

// notice is what somebody should do about a channel; false if nothing.
func (s *site) notice(c lastword.Channel, p lastword.Probe, now time.Time) (page.Notice, bool) {
	n := page.Notice{Channel: c.ID, Name: c.Name, Connector: c.Connector, Network: c.Connector}
	info, err := s.connector(c.Connector)
	if err == nil {
		n.Network, n.SignIn = info.Network.Name, signsIn(info, c)
	}
	switch {
	case c.Paused:
	case c.Health.State == lastword.Refused:
		n.Why = c.Health.Why
	default:
		n.Why, n.Until = p.Need(now)
	}
	switch {
	case n.Why != "" || c.Paused || c.Health.State == lastword.Done:
	case c.Health.State == lastword.Silent:
		n.Why, n.SignIn = "worry.silent", false
	case page.EndsSoon(c.Health, now):
		n.Why, n.SignIn = "worry.ends", false
	}
	return n, n.Why != ""
}

// notices are those of all channels, for the beginning of the day.
func (s *site) notices(v *visit) ([]page.Notice, error) {
	list, err := s.Store.Channels(v.ctx(), v.company.ID)
	if err != nil {
		return nil, err
	}
	probes, err := s.Store.Probes(v.ctx(), v.company.ID)
	if err != nil {
		return nil, err
	}
	var all []page.Notice
	for _, c := range list {
		if n, needs := s.notice(c, probes[c.ID], v.now); needs {
			all = append(all, n)
		}
	}
	return all, nil
}
