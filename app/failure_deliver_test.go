package app

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lastword"
	"lastword/internal/badplace"
)

// awaitRow waits until the answer to the n-th customer is as wanted.
func (c *customers) awaitRow(n int, what string, limit time.Duration, yes func(lastword.AnswerRow) bool) {
	c.Helper()
	c.beside(func(a *App) {
		await(c, what, limit, func() bool {
			return slices.ContainsFunc(c.all(a), func(row lastword.AnswerRow) bool { return row.Voice.Key == c.asked(n) && yes(row) })
		})
	})
}

// asked is the key of what the n-th customer asked.
func (c *customers) asked(n int) string { return "at://" + did(n) + "/app.bsky.feed.post/" + rkey(n) }

// isForgotten proves that the answer to the n-th customer was taken back, never
// sent, and that nothing of what that customer said is left.
func (c *customers) isForgotten(a *App, n int) {
	c.Helper()
	for _, r := range c.pds.Records() {
		if r.Parent == c.asked(n) {
			c.Errorf("what is gone was answered: %+v", r)
		}
	}
	i := slices.IndexFunc(c.all(a), func(row lastword.AnswerRow) bool { return row.Voice.Key == c.asked(n) })
	row := c.all(a)[i]
	if row.State != lastword.Withdrawn || row.Why != "why.gone" || !row.Sent.IsZero() {
		c.Errorf("the answer is %s (%s), sent %v", row.State, row.Why, row.Sent)
	}
	if row.Voice.Text != "" || row.Voice.GoneAt.IsZero() {
		c.Errorf("the voice still reads %q, gone at %v", row.Voice.Text, row.Voice.GoneAt)
	}
	if found := c.searched(a, "die "+strconv.Itoa(n+1)+"., die fragt"); len(found) != 0 {
		c.Errorf("what is gone is still found: %+v", found)
	}
}

// A customer who deletes the post while the answer to it waits for a place that
// does not take it is not answered. All others are.
func TestDeletedOnTheWay(t *testing.T) {
	t.Parallel()
	c := newCustomers(t, "", 2)
	c.inside(func(a *App) { c.release(a, 2) })
	var up atomic.Bool
	c.pds.OnCreate = func(int) badplace.Fault {
		if up.Load() {
			return badplace.Fine
		}
		return badplace.Broken
	}
	p := c.serve()
	b := c.signIn(p)
	await(t, "both deliveries are tried and the stream is heard", longest, func() bool {
		return c.pds.Tries() > 1 && c.stream.Connections() > 0
	})
	c.stream.Delete(did(0), rkey(0))
	c.awaitRow(0, "the answer is withdrawn", longest, func(r lastword.AnswerRow) bool { return r.State == lastword.Withdrawn })
	up.Store(true)
	c.awaitRow(1, "the other one is answered", longest, func(r lastword.AnswerRow) bool { return r.State == lastword.Sent })
	status, page, err := b.get("/answers?state=withdrawn")
	if err != nil || status != http.StatusOK || !strings.Contains(page, "Der Beitrag ist dort gelöscht.") {
		t.Errorf("the page says %d, %v: %s", status, err, page)
	}
	p.stop()
	c.inside(func(a *App) {
		c.isForgotten(a, 0)
		c.themesCount(a)
		c.auditHolds(a)
	})
	if got := c.pds.Records(); len(got) != 1 || got[0].Parent != c.asked(1) {
		t.Errorf("at the place stands %+v", got)
	}
}

// A post that the place says is gone at the moment of delivery is not answered,
// though nobody had told of its end.
func TestGoneAtDelivery(t *testing.T) {
	t.Parallel()
	c := newCustomers(t, "", 2)
	c.inside(func(a *App) { c.release(a, 2) })
	c.pds.Unask(c.asked(0))
	p := c.serve()
	c.awaitRow(0, "the answer is withdrawn", longest, func(r lastword.AnswerRow) bool { return r.State == lastword.Withdrawn })
	c.awaitRow(1, "the other one is answered", longest, func(r lastword.AnswerRow) bool { return r.State == lastword.Sent })
	p.stop()
	c.inside(func(a *App) {
		c.isForgotten(a, 0)
		c.themesCount(a)
		c.auditHolds(a)
	})
	if n := c.pds.Tries(); n != 1 {
		t.Errorf("%d records were written, want the other one's alone", n)
	}
}

// A password that was changed at the place fails answers and says what to do.
// Once it is entered and a director tries again, they arrive once: the one that
// had arrived before the failure too.
func TestPasswordRevoked(t *testing.T) {
	t.Parallel()
	c := newCustomers(t, "", 2)
	c.inside(func(a *App) { c.release(a, 2) })
	c.pds.Kept = func(n int) {
		if n == 1 {
			c.pds.Revoke("neu!-neu!-neu!-neu!")
		}
	}
	c.pds.OnCreate = func(n int) badplace.Fault {
		if n == 1 {
			return badplace.Cut // kept, and nobody hears of it
		}
		return badplace.Fine
	}
	p := c.serve()
	c.awaitStates(longest, lastword.Failed)
	b := c.signIn(p)
	for _, row := range c.answers {
		status, page, err := b.get("/answers/" + strconv.FormatInt(row.ID, 10))
		if err != nil || status != http.StatusOK {
			t.Fatalf("the answer's page: %d, %v", status, err)
		}
		for _, want := range []string{"Das Netz weist unsere Zugangsdaten ab.", "Melden Sie die Quelle neu an und versuchen Sie es dann noch einmal."} {
			if !strings.Contains(page, want) {
				t.Errorf("the answer's page does not say %q", want)
			}
		}
	}
	p.stop()
	p = c.serve() // what failed does not go out by itself
	b = c.signIn(p)
	c.sees(b, "/answers?state=failed", "Das Netz weist unsere Zugangsdaten ab.")
	c.newPassword(b, "neu!-neu!-neu!-neu!")
	c.sends(b, "/answers/retry", url.Values{})
	c.awaitStates(longest, lastword.Sent)
	p.stop()
	c.inside(c.answeredOnce)
}

// newPassword enters another app password on the channel's page.
func (c *customers) newPassword(b *browser, password string) {
	c.Helper()
	form := url.Values{"name": {c.channel.Name}, "set.password": {password}}
	for name, value := range c.channel.Settings {
		form.Set("set."+name, value)
	}
	c.sends(b, "/channels/"+strconv.FormatInt(c.channel.ID, 10), form)
}

// sees opens a page and expects words on it.
func (h *house) sees(b *browser, path string, words ...string) {
	h.Helper()
	status, page, err := b.get(path)
	if err != nil || status != http.StatusOK {
		h.Fatalf("%s: %d, %v", path, status, err)
	}
	for _, want := range words {
		if !strings.Contains(page, want) {
			h.Errorf("%s does not say %q", path, want)
		}
	}
}

// sends a form that must be taken.
func (h *house) sends(b *browser, path string, form url.Values) {
	h.Helper()
	if status, page, err := b.post(path, form); err != nil || status != http.StatusOK {
		h.Fatalf("%s: %d, %v: %s", path, status, err, page)
	}
}

// A place that asks to be left alone is left alone, over a restart in the middle
// of the waiting too, and then gets each answer once.
func TestLimitedIsHeeded(t *testing.T) {
	t.Parallel()
	const n = 2
	c := newCustomers(t, "", n)
	c.inside(func(a *App) { c.release(a, n) })
	c.pds.Limit(8 * time.Second)
	p := c.serve()
	await(t, "the place asks for a pause", longest, func() bool { return c.pds.Hasty() > 0 })
	p.stop()
	p = c.serve()
	c.awaitStates(longest, lastword.Sent)
	p.stop()
	if hasty := c.pds.Hasty(); hasty > n {
		t.Errorf("%d attempts during the pause that the place asked for, want one for an answer at most", hasty)
	}
	if got := c.pds.Faults()[badplace.Limited]; got != c.pds.Hasty() {
		t.Errorf("%d attempts were refused, %d came too early", got, c.pds.Hasty())
	}
	c.inside(c.answeredOnce)
}

// A place that is down, and through a restart still is, gets each answer once
// when it is back. Meanwhile nothing has failed: there is nothing to be done.
func TestPlaceDownAndBack(t *testing.T) {
	t.Parallel()
	c := newCustomers(t, "", 2)
	c.inside(func(a *App) { c.release(a, 2) })
	c.pds.Away(true)
	p := c.serve()
	await(t, "the place is tried", longest, func() bool { return c.pds.Vain() > 2 })
	b := c.signIn(p)
	c.sees(b, "/answers?state=released", "Linkshänder")
	p.stop()
	before := c.pds.Vain()
	p = c.serve()
	await(t, "the place is tried after the restart", longest, func() bool { return c.pds.Vain() > before })
	c.beside(func(a *App) {
		for _, row := range c.all(a) {
			if row.State != lastword.Released {
				t.Errorf("while the place is down an answer is %s (%s)", row.State, row.Why)
			}
		}
	})
	c.pds.Away(false)
	c.awaitStates(longest, lastword.Sent)
	p.stop()
	c.inside(c.answeredOnce)
}
