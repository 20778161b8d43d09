package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lastword"
)

// What a place lets nobody keep for long goes in time, though nobody hears its
// channel: it is held, or removed. What others heard of the same network stays.
func TestExpire(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 2, 30, 0, 0, time.UTC)
	c := Config{Data: t.TempDir(), Log: "error"}
	o := c.storeOptions(slog.New(slog.DiscardHandler))
	o.Now = func() time.Time { return now }
	a, err := open(t.Context(), c, o, shipped())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	a.now = o.Now
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	company, err := a.DB.AddCompany(t.Context(), lastword.Company{Name: "Lind", Names: []string{"Lind"}, Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
	must(err)
	director, err := a.DB.SaveMember(t.Context(), lastword.Member{Company: company.ID}, lastword.Member{Name: "Anna Lind", Role: lastword.Director, Lang: "de"})
	must(err)
	// heard keeps one voice through a channel, with the cursor that its place left.
	channel := func(connector string, settings map[string]string) lastword.Channel {
		t.Helper()
		ch, err := a.DB.SaveChannel(t.Context(), director, lastword.Channel{Connector: connector, Name: connector, All: true, Settings: settings})
		must(err)
		return ch
	}
	heard := func(ch lastword.Channel, network, key, cursor string) {
		t.Helper()
		l, err := a.DB.LeaseOne(t.Context(), "test", company.ID, ch.ID, now.Add(time.Minute))
		must(err)
		_, err = a.DB.SaveHeard(t.Context(), l, cursor, []lastword.Event{{Post: lastword.Post{Network: network, Key: key, Text: "Gesagt: " + key, SaidAt: now.Add(-time.Minute), Author: lastword.Author{Key: "a"}}}}, nil)
		must(err)
		must(a.DB.Release(t.Context(), l, lastword.Health{State: lastword.Fine, LastTry: now}))
	}
	there := func() string {
		t.Helper()
		var all []string
		for _, network := range []string{"linkedin", "youtube"} {
			keys, err := a.DB.VoiceKeys(context.Background(), company.ID, network, "", 100)
			must(err)
			all = append(all, keys...)
		}
		return strings.Join(all, " ")
	}
	swept := func() string { return fmt.Sprintf(`{"of":"UC1","swept":%d}`, now.Unix()) }
	held, removed, longer := channel("linkedin", nil), channel("linkedin", nil), channel("linkedin", map[string]string{"keep": "96"})
	file, tube, quiet := channel("file", nil), channel("youtube", nil), channel("youtube", nil)
	heard(held, "linkedin", "l1", "{}")
	heard(removed, "linkedin", "l2", "{}")
	heard(longer, "linkedin", "l3", "{}")
	heard(file, "linkedin", "l4", "{}")
	heard(tube, "youtube", "y1", swept())
	heard(quiet, "youtube", "y2", swept())
	held.Paused = true
	_, err = a.DB.SaveChannel(t.Context(), director, held)
	must(err)
	must(a.DB.DeleteChannel(t.Context(), director, removed.ID))
	must(a.DB.DeleteChannel(t.Context(), director, channel("feed", nil).ID)) // its place bounds nothing
	hour := func(later time.Duration) {
		t.Helper()
		now = now.Add(later)
		must(a.hourly(t.Context(), lastword.Job{Kind: lastword.Night}))
	}
	hour(46 * time.Hour)
	if got := there(); got != "l1 l2 l3 l4 y1 y2" {
		t.Errorf("after 46 hours: %s", got)
	}
	heard(held, "linkedin", "l5", "{}") // by a push, just before it was held
	hour(90 * time.Minute)
	if got := there(); got != "l3 l4 l5 y1 y2" {
		t.Errorf("after 47½ hours: %s", got)
	}
	if gone, err := a.DB.GoneChannels(t.Context(), company.ID); err != nil || len(gone) != 0 {
		t.Errorf("of the removed channel nothing is kept, and it is remembered: %v, %v", gone, err)
	}
	now = now.Add(30 * 24 * time.Hour)
	heard(tube, "youtube", "y3", swept()) // one is heard on, the other not
	hour(0)
	if got := there(); got != "l4 y1 y3" {
		t.Errorf("after a month: %s", got)
	}
}
