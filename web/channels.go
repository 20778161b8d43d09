package web

import (
	"maps"
	"net/http"
	"slices"

	"lastword"
	"lastword/listen"
	"lastword/web/page"
)

// channels lists the places that are connected and those that can be.
// (GET /channels)
func (s *site) channels(v *visit) error {
	list, err := s.Store.Channels(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	probes, err := s.Store.Probes(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view := page.ChannelsView{}
	for _, c := range list {
		row := page.ChannelRow{Channel: c, Network: c.Connector}
		if info, err := s.connector(c.Connector); err == nil {
			row.Network = info.Network.Name
		}
		row.Notice, _ = s.notice(c, probes[c.ID], v.now)
		view.Rows = append(view.Rows, row)
	}
	for _, c := range s.Connectors {
		if !c.Hidden {
			view.Offers = append(view.Offers, page.Offer{Name: c.Name, Network: c.Network.Name, Account: needsAccount(c), Free: !takesAccount(c), Replies: c.Network.Reply})
		}
	}
	f := s.frame(v, page.AtChannels, v.read.T("nav.channels"))
	return v.showAs(http.StatusOK, f, page.Channels(f, view))
}

// needsAccount reports whether a place cannot be heard without signing in.
func needsAccount(c listen.Info) bool {
	return c.SignIn.Only || slices.ContainsFunc(c.Fields, func(f listen.Field) bool { return f.Secret && f.Required })
}

// takesAccount reports whether a place can be heard by an account.
func takesAccount(c listen.Info) bool {
	return slices.ContainsFunc(c.Fields, func(f listen.Field) bool { return f.Secret })
}

func (s *site) connector(name string) (listen.Info, error) {
	i := slices.IndexFunc(s.Connectors, func(c listen.Info) bool { return c.Name == name })
	if i < 0 {
		return listen.Info{}, lastword.ErrNotFound
	}
	return s.Connectors[i], nil
}

// newChannel asks for what a place needs. (GET /channels/new/{connector})
func (s *site) newChannel(v *visit) error {
	info, err := s.connector(v.r.PathValue("connector"))
	if err != nil || info.Hidden {
		return lastword.ErrNotFound
	}
	c := lastword.Channel{Connector: info.Name, All: info.All, Settings: map[string]string{}}
	for _, f := range info.Fields {
		c.Settings[f.Name] = f.Default
	}
	name, err := s.freshName(v, info)
	if err != nil {
		return err
	}
	c.Name = name
	return s.showChannel(v, http.StatusOK, info, c, nil)
}

// freshName is what the first account of a kind is called; of places of which there
// are many people name each.
func (s *site) freshName(v *visit, info listen.Info) (string, error) {
	if !info.All {
		return "", nil
	}
	all, err := s.Store.Channels(v.ctx(), v.company.ID)
	if slices.ContainsFunc(all, func(c lastword.Channel) bool { return c.Name == info.Network.Title }) {
		return "", err
	}
	return info.Network.Title, err
}

// channel shows how a connected place fares. (GET /channels/{id})
func (s *site) channel(v *visit) error {
	c, info, err := s.channelOf(v)
	if err != nil {
		return err
	}
	return s.showChannel(v, http.StatusOK, info, c, nil)
}

// channelOf reads the channel of the address. A connector that this program no
// longer has leaves the channel to be seen and removed.
func (s *site) channelOf(v *visit) (lastword.Channel, listen.Info, error) {
	id, err := v.id("id")
	if err != nil {
		return lastword.Channel{}, listen.Info{}, err
	}
	c, err := s.Store.Channel(v.ctx(), v.company.ID, id)
	if err != nil {
		return c, listen.Info{}, err
	}
	info, err := s.connector(c.Connector)
	if err != nil {
		info = listen.Info{Name: c.Connector, Network: lastword.Network{Name: c.Connector}}
	}
	return c, info, nil
}

func (s *site) showChannel(v *visit, status int, info listen.Info, c lastword.Channel, wrong page.Mistakes) error {
	view := page.ChannelView{Channel: c, Connector: info.Name, Network: info.Network.Name, All: info.All, Costs: info.Costs, Mistakes: wrong}
	for _, f := range info.Fields {
		if f.Granted && info.SignIn.Enter {
			continue // nobody types what signing in brings
		}
		view.Fields = append(view.Fields, page.SettingView{
			Name: f.Name, Secret: f.Secret, Required: f.Required && !f.Granted && !(f.Secret && c.ID != 0),
			Value: c.Settings[f.Name], Door: f.Door, Rest: !f.Door && (f.Seldom || f.Granted || !f.Required && f.Default != ""),
		})
	}
	view.SignIn = s.access(v, info, c)
	if c.ID != 0 && info.Hook && s.Hook != nil {
		view.Hook, view.HookShared = s.Hook(c.ID), info.Shared != ""
	}
	if c.ID != 0 {
		if err := s.fares(v, &view); err != nil {
			return err
		}
	}
	f := s.frame(v, page.AtChannels, v.read.T("channel.title"))
	return v.showAs(status, f, page.ChannelPage(f, view))
}

// fares adds how a connected place fares.
func (s *site) fares(v *visit, view *page.ChannelView) (err error) {
	c := view.Channel
	if view.Spending, err = s.spendingOf(v, c); err != nil {
		return err
	}
	if err := s.leftOut(v, c, view); err != nil {
		return err
	}
	probes, err := s.Store.Probes(v.ctx(), v.company.ID)
	view.Probe = probes[c.ID]
	view.Notice, _ = s.notice(c, view.Probe, v.now)
	return err
}

// readChannel reads the form into a channel; secrets left empty stay as stored.
func (s *site) readChannel(v *visit, info listen.Info, c lastword.Channel) lastword.Channel {
	c.Name, c.Connector = v.word("name"), info.Name
	c.All = info.All || v.word("all") == "1"
	c.Settings, c.Secrets = map[string]string{}, nil
	for _, f := range info.Fields {
		value := v.word("set." + f.Name)
		switch {
		case !f.Secret:
			c.Settings[f.Name] = value
		case value != "":
			if c.Secrets == nil {
				c.Secrets = map[string]string{}
			}
			c.Secrets[f.Name] = value
		}
	}
	return c
}

// checkChannel answers what is wrong with a channel's settings. Where somebody is
// about to sign in, what that brings is not missed.
func (s *site) checkChannel(v *visit, info listen.Info, c lastword.Channel, signing bool) (wrong page.Mistakes, err error) {
	wrong = need("name", c.Name, 120)
	for _, f := range info.Fields {
		missing := f.Required && (!f.Secret && c.Settings[f.Name] == "" || f.Secret && c.ID == 0 && c.Secrets[f.Name] == "")
		if missing && !(signing && f.Granted) {
			wrong = append(wrong, &lastword.Mistake{Key: "mistake.empty", Field: f.Name})
		}
	}
	if len(wrong) > 0 {
		return wrong, nil
	}
	err = s.Channels.Open(v.ctx(), c, signing)
	if more, ok := asMistakes(err); ok {
		return more, nil
	}
	return nil, err
}

// connect adds a channel. (POST /channels)
func (s *site) connect(v *visit) error {
	info, err := s.connector(v.word("connector"))
	if err != nil || info.Hidden {
		return lastword.ErrNotFound
	}
	return s.keepChannel(v, info, lastword.Channel{Company: v.company.ID, Made: v.now})
}

// changeChannel changes a channel's settings. (POST /channels/{id})
func (s *site) changeChannel(v *visit) error {
	c, info, err := s.channelOf(v)
	if err != nil {
		return err
	}
	return s.keepChannel(v, info, c)
}

func (s *site) keepChannel(v *visit, info listen.Info, c lastword.Channel) error {
	was := c
	c = s.readChannel(v, info, c)
	signing := info.SignIn.Offered && v.word("signin") != ""
	asks := info.Costs && (c.ID == 0 || !maps.Equal(was.Settings, c.Settings))
	if asks {
		c.Paused = true // until somebody has seen what it will cost
	}
	wrong, err := s.checkChannel(v, info, c, signing)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return s.showChannel(v, http.StatusUnprocessableEntity, info, c, wrong)
	}
	if signing {
		return s.beginSignIn(v, info, c, true)
	}
	if c, err = s.Store.SaveChannel(v.ctx(), v.member, c); err != nil {
		return err
	}
	if asks {
		return s.forecastOf(v, c)
	}
	if err := s.Channels.PollNow(v.ctx(), v.company.ID, c.ID); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.connected", N: 1, Name: c.Name})
	return v.redirect(to("channels", c.ID))
}

// pause stops listening to a place, or goes on. (POST /channels/{id}/pause)
func (s *site) pause(v *visit) error {
	c, _, err := s.channelOf(v)
	if err != nil {
		return err
	}
	c.Paused, c.Secrets = v.word("paused") == "1", nil
	if _, err := s.Store.SaveChannel(v.ctx(), v.member, c); err != nil {
		return err
	}
	key := "flash.resumed"
	if c.Paused {
		key = "flash.paused"
	}
	v.tell(page.Flash{Key: key, N: 1, Name: c.Name})
	return v.redirect(to("channels", c.ID))
}

// check asks a place what the channel may do there, and says what is wrong.
// (POST /channels/{id}/check)
func (s *site) check(v *visit) error {
	c, info, err := s.channelOf(v)
	if err != nil {
		return err
	}
	probe, err := s.Channels.Probe(v.ctx(), v.company.ID, c.ID)
	if err != nil {
		return err
	}
	flash := page.Flash{Key: "flash.checked", N: 1, Name: c.Name}
	switch {
	case probe.Refused:
		return s.showChannel(v, http.StatusUnprocessableEntity, info, c, page.Mistakes{{Key: probe.Why}})
	case probe.Why == "why.unavailable":
		flash.Key, flash.Warn = "flash.unreachable", true
	case probe.Why != "":
		flash.Key, flash.Warn = "flash.check_failed", true
	default:
		if err := s.Channels.PollNow(v.ctx(), v.company.ID, c.ID); err != nil {
			return err
		}
	}
	v.tell(flash)
	return v.redirect(to("channels", c.ID))
}

// disconnect removes a channel; what was heard stays. (POST /channels/{id}/delete)
func (s *site) disconnect(v *visit) error {
	c, _, err := s.channelOf(v)
	if err != nil {
		return err
	}
	if err := s.Store.DeleteChannel(v.ctx(), v.member, c.ID); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.disconnected", N: 1, Name: c.Name})
	return v.redirect("/channels")
}
