package mastodon_test

import (
	"fmt"
	"testing"
	"time"

	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/mastodon"
)

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"instance": "werkstatt.example", "token": token, "tags": "hobelwerk"}
	listentest.Exercise(t, mastodon.New().Account(), settings)
	listentest.Exercise(t, mastodon.New().Open(), settings)
	listentest.Exercise(t, mastodon.New().Open(), map[string]string{"instance": "werkstatt.example", "tags": "schuhe"})
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	t.Run("mentions", func(t *testing.T) {
		t.Parallel()
		s, h := newServer(t), newHost(t)
		promises(t, s, toot{acct: "mia@elsewhere.example", mention: true}, func() listen.Source { return s.open(h) })
	})
	t.Run("a hashtag, without an account", func(t *testing.T) {
		t.Parallel()
		s, h := newServer(t), newHost(t)
		promises(t, s, toot{acct: "mia@elsewhere.example", tags: []string{"schuhe"}}, func() listen.Source { return s.public(h, "tags", "#Schuhe") })
	})
	t.Run("a public timeline", func(t *testing.T) {
		t.Parallel()
		s, h := newServer(t), newHost(t)
		promises(t, s, toot{acct: "mia"}, func() listen.Source { return s.public(h, "timeline", "local") })
	})
	t.Run("a search", func(t *testing.T) {
		t.Parallel()
		s, h := newServer(t), newHost(t)
		promises(t, s, toot{acct: "mia"}, func() listen.Source { return s.public(h, "token", token, "search", "Wort") })
	})
}

func promises(t *testing.T, s *server, like toot, open func() listen.Source) {
	n, at := 0, s.now.Add(-10*time.Hour)
	grow := func(more int) {
		for range more {
			n++
			at = at.Add(time.Minute)
			p := like
			p.text, p.at = fmt.Sprintf("Wort %d", n), at
			s.say(p)
		}
	}
	grow(130)
	listentest.ExerciseSource(t, listentest.Place{Network: "mastodon", Open: open, Grow: func() { grow(3) }})
}
