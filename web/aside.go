package web

import (
	"maps"
	"net/http"
	"slices"

	"lastword"
	"lastword/listen"
	"lastword/web/page"
)

const (
	gapsShown   = 5
	placesShown = 3 // of each reason beside the channel
	placesMost  = 100
)

// leftOut reads what a channel could not bring: the times of which something may be
// missing, and the items that were set aside.
func (s *site) leftOut(v *visit, c lastword.Channel, view *page.ChannelView) error {
	gaps, err := s.Store.PlacesAside(v.ctx(), v.company.ID, c.ID, listen.Gap, 0, gapsShown)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		of, from, until := listen.Spanned(g.Place)
		if !until.IsZero() {
			view.Gaps = append(view.Gaps, page.GapView{Of: of, From: from, Until: until})
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(c.Health.Dropped)) {
		if reason == listen.Gap && len(view.Gaps) > 0 {
			continue
		}
		one := page.AsideView{Reason: reason, N: int(c.Health.Dropped[reason])}
		if one.Places, err = s.Store.PlacesAside(v.ctx(), v.company.ID, c.ID, reason, 0, placesShown); err != nil {
			return err
		}
		view.Aside = append(view.Aside, one)
	}
	return nil
}

// setAside lists what a channel set aside for one reason. (GET
// /channels/aside/{id})
func (s *site) setAside(v *visit) error {
	c, _, err := s.channelOf(v)
	if err != nil {
		return err
	}
	view := page.AsideList{Channel: c, Reason: v.r.FormValue("reason")}
	view.Places, err = s.Store.PlacesAside(v.ctx(), v.company.ID, c.ID, view.Reason, v.number("before"), placesMost+1)
	if err != nil {
		return err
	}
	if len(view.Places) > placesMost {
		view.Places = view.Places[:placesMost]
		view.Next = view.Places[placesMost-1].ID
	}
	f := s.frame(v, page.AtChannels, v.read.T("channel.title"))
	return v.showAs(http.StatusOK, f, page.AsidePage(f, view))
}

// spendingOf reads what a channel costs; nil where its place asks no money.
func (s *site) spendingOf(v *visit, c lastword.Channel) (*lastword.Spending, error) {
	sum, pays, err := s.Channels.Spending(v.ctx(), v.company.ID, c.ID)
	if err != nil || !pays {
		return nil, err
	}
	return &sum, nil
}

// forecast asks what a channel will cost. (POST /channels/{id}/forecast)
func (s *site) forecast(v *visit) error {
	c, _, err := s.channelOf(v)
	if err != nil {
		return err
	}
	return s.forecastOf(v, c)
}

// forecastOf asks and leads to the channel, where the forecast stands. A place that
// does not answer is told; what the channel may cost is bounded all the same.
func (s *site) forecastOf(v *visit, c lastword.Channel) error {
	asked, err := s.Channels.Forecast(v.ctx(), v.company.ID, c.ID)
	switch {
	case err != nil:
		s.Log.Info("no forecast", "channel", c.ID, "connector", c.Connector, "err", err)
		key := "flash.check_failed"
		if statusOf(err) == http.StatusServiceUnavailable {
			key = "flash.unreachable"
		}
		v.tell(page.Flash{Key: key, N: 1, Name: c.Name, Warn: true})
	case asked:
		v.tell(page.Flash{Key: "flash.forecast", N: 1, Name: c.Name})
	}
	return v.redirect(to("channels", c.ID))
}
