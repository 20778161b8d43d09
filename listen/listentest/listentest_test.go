package listentest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// line is a place with numbered posts; a fault makes its source break one
// promise.
type line struct {
	posts int
	fault string
}

func (l *line) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	if l.fault != "deaf to the context" {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	n := 0
	if cursor != "" {
		n, _ = strconv.Atoi(cursor)
	}
	if l.fault == "forgets the cursor" {
		n = 0
	}
	for ; n < l.posts; n++ {
		next := n + 1
		if l.fault == "cursor runs ahead" {
			next = l.posts
		}
		err := hear(ctx, []lastword.Event{l.event(n)}, strconv.Itoa(next))
		switch {
		case err != nil && l.fault == "swallows errors":
			return nil
		case err != nil && l.fault == "goes on after errors":
		case err != nil:
			return err
		}
		if l.fault != "deaf to the context" && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (l *line) event(n int) lastword.Event {
	p := lastword.Post{Network: "line", Key: fmt.Sprint(n), Text: "x", SaidAt: time.Unix(int64(n), 0)}
	switch l.fault {
	case "newest first":
		p.SaidAt = time.Unix(int64(-n), 0)
	case "other network":
		p.Network = "other"
	case "no key":
		p.Key = ""
	}
	return lastword.Event{Post: p}
}

func place(fault string) Place {
	l := &line{posts: 4, fault: fault}
	p := Place{Network: "line", Open: func() listen.Source { return l }, Grow: func() { l.posts++ }}
	if fault == "does not grow" {
		p.Grow = func() {}
	}
	return p
}

func TestExerciseSourcePassesAGoodOne(t *testing.T) {
	t.Parallel()
	ExerciseSource(t, place(""))
}

func TestExerciseSourceCatches(t *testing.T) {
	t.Parallel()
	for fault, check := range map[string]func(context.Context, Place) error{
		"newest first":         wellFormed,
		"other network":        wellFormed,
		"no key":               wellFormed,
		"cursor runs ahead":    everyCursor,
		"forgets the cursor":   theEnd,
		"swallows errors":      hearFails,
		"goes on after errors": hearFails,
		"deaf to the context":  contextEnds,
		"does not grow":        growing,
	} {
		if err := check(t.Context(), place("")); err != nil {
			t.Errorf("a good source: %v", err)
		}
		if err := check(t.Context(), place(fault)); err == nil {
			t.Errorf("a source that %q passes", fault)
		}
	}
}

func TestExerciseSourceBoundsAPoll(t *testing.T) {
	t.Parallel()
	p := place("")
	p.Open = func() listen.Source { return stuck{} }
	p.Limit = 20 * time.Millisecond
	if err := wellFormed(t.Context(), p); !errors.Is(err, errTooLong) {
		t.Errorf("a poll without an end: %v", err)
	}
}

type stuck struct{}

func (stuck) Poll(ctx context.Context, _ string, _ listen.Hear) error { <-ctx.Done(); return ctx.Err() }

type made struct {
	info listen.Info
	open func(listen.Account, listen.Host) (listen.Source, error)
}

func (m made) Info() listen.Info { return m.info }

func (m made) Open(a listen.Account, h listen.Host) (listen.Source, error) { return m.open(a, h) }

func TestExerciseCatches(t *testing.T) {
	t.Parallel()
	good := listen.Info{
		Name: "line", Network: lastword.Network{Name: "line", Title: "Line"}, Every: time.Hour,
		Fields: []listen.Field{{Name: "url", Required: true}},
	}
	careful := func(a listen.Account, _ listen.Host) (listen.Source, error) {
		if strings.TrimSpace(a.Settings["url"]) == "" {
			return nil, &lastword.Mistake{Key: "missing", Field: "url"}
		}
		return stuck{}, nil
	}
	settings := map[string]string{"url": "x"}
	Exercise(t, made{good, careful}, settings)

	for name, spoil := range map[string]func(*listen.Info){
		"name":     func(i *listen.Info) { i.Name = "My Line" },
		"network":  func(i *listen.Info) { i.Network.Title = "" },
		"limit":    func(i *listen.Info) { i.Network.Limit = 10 },
		"schedule": func(i *listen.Info) { i.Every = 0 },
		"field":    func(i *listen.Info) { i.Fields = append(i.Fields, i.Fields[0]) },
		"secret":   func(i *listen.Info) { i.Fields = []listen.Field{{Name: "key", Secret: true, Default: "k"}} },
	} {
		bad := good
		spoil(&bad)
		if len(info(bad)) != 1 {
			t.Errorf("a bad %s: %v", name, info(bad))
		}
	}
	offers := good
	offers.SignIn.Offered = true
	grants := good
	grants.Fields = []listen.Field{{Name: "token", Granted: true}}
	for name, i := range map[string]listen.Info{"offers to sign in": offers, "grants what nobody does": grants} {
		if len(signing(made{i, careful})) != 1 {
			t.Errorf("a connector that %q passes", name)
		}
	}
	streams := good
	streams.Stream = true
	for name, c := range map[string]made{
		"is careless": {good, func(listen.Account, listen.Host) (listen.Source, error) { return stuck{}, nil }},
		"calls out": {good, func(a listen.Account, h listen.Host) (listen.Source, error) {
			if _, err := h.HTTP.Get("https://a.example"); err == nil {
				return nil, errors.New("reached")
			}
			return careful(a, h)
		}},
		"does not open":   {good, func(listen.Account, listen.Host) (listen.Source, error) { return nil, errors.New("no") }},
		"does not stream": {streams, careful},
		"names no field":  {good, func(listen.Account, listen.Host) (listen.Source, error) { return nil, &lastword.Mistake{Key: "k"} }},
	} {
		if len(opening(c, settings)) == 0 {
			t.Errorf("a connector that %q passes", name)
		}
	}
}
