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
	"lastword/listen/feed"
	"lastword/listen/file"
	"lastword/listen/ghost"
	"lastword/listen/googlebusiness"
	"lastword/listen/googleplay"
	"lastword/listen/hackernews"
	"lastword/listen/mail"
	"lastword/listen/mastodon"
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
		x.New(), x.NewSearch(), x.NewStream(), youtube.New(), wordpress.New(), ghost.New(), blogger.New(),
		googlebusiness.New(), appstore.New(), googleplay.New(), hackernews.New(), discourse.New(),
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
// *lastword.Mistake that names its field.
func (p *places) Valid(c lastword.Channel) error {
	for _, known := range p.Connectors {
		if known.Info().Name != c.Connector {
			continue
		}
		settings := maps.Clone(c.Settings)
		if settings == nil {
			settings = map[string]string{}
		}
		maps.Copy(settings, c.Secrets)
		_, err := known.Open(listen.Account{Channel: c.ID, Settings: settings}, listen.Host{HTTP: p.Client(c), Log: p.Log, Now: p.Now})
		return err
	}
	return &lastword.Mistake{Key: "why.unknown_connector", Args: map[string]any{"Name": c.Connector}}
}
