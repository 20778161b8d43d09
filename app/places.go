package app

import (
	"maps"

	"lastword"
	"lastword/listen"
	"lastword/listen/appstore"
	"lastword/listen/blog"
	"lastword/listen/blogger"
	"lastword/listen/bluesky"
	"lastword/listen/discourse"
	"lastword/listen/facebook"
	"lastword/listen/feed"
	"lastword/listen/file"
	"lastword/listen/ghost"
	"lastword/listen/googlebusiness"
	"lastword/listen/googleplay"
	"lastword/listen/hackernews"
	"lastword/listen/instagram"
	"lastword/listen/linkedin"
	"lastword/listen/mail"
	"lastword/listen/mastodon"
	"lastword/listen/matrix"
	"lastword/listen/telegram"
	"lastword/listen/threads"
	"lastword/listen/webhook"
	"lastword/listen/wordpress"
	"lastword/listen/x"
	"lastword/listen/youtube"
)

// shipped are the kinds of place that the program knows, in the order in which
// they are offered.
func shipped() []listen.Connector {
	fediverse := mastodon.New()
	return []listen.Connector{
		bluesky.NewAccount(), bluesky.New(), mail.New(), fediverse.Account(), fediverse.Open(),
		x.New(), x.NewSearch(), x.NewStream(), facebook.New(), instagram.New(), threads.New(), linkedin.New(), youtube.New(), wordpress.New(), ghost.New(), blogger.New(),
		googlebusiness.New(), appstore.New(), googleplay.New(), hackernews.New(), discourse.New(),
		telegram.New(), matrix.New(),
		feed.New(nil), webhook.New(), file.New(), blog.New(),
	}
}

// places are the connected places, and what is known of those that are not.
type places struct{ *listen.Places }

// Network tells what a network allows; false if nothing is known of it.
func (p *places) Network(name string) (lastword.Network, bool) {
	if n, ok := p.Places.Network(name); ok {
		return n, true
	}
	return Network(name)
}

// Valid checks a channel's settings without calling out: a wrong one is a
// *lastword.Mistake that names its field. Granted says that what signing in
// brings is not there yet, and is not missed.
func (p *places) Valid(c lastword.Channel, granted bool) error {
	for _, known := range p.Connectors {
		info := known.Info()
		if info.Name != c.Connector {
			continue
		}
		settings := map[string]string{}
		maps.Copy(settings, c.Settings)
		maps.Copy(settings, c.Secrets)
		for _, f := range info.Fields {
			if granted && f.Granted && f.Required && settings[f.Name] == "" {
				settings[f.Name] = "granted-later"
			}
		}
		_, err := known.Open(listen.Account{Channel: c.ID, Settings: settings}, listen.Host{HTTP: p.Client(c), Log: p.Log, Now: p.Now})
		return err
	}
	return &lastword.Mistake{Key: "why.unknown_connector", Args: map[string]any{"Name": c.Connector}}
}
