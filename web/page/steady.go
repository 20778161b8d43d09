package page

import (
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lastword"
	"lastword/web/text"
)

// A GapView is a time of which something may be missing for good.
type GapView struct {
	Of          string // what it is missing of; empty: of the whole channel
	From, Until time.Time
}

// An AsideView is what a channel left out for one reason.
type AsideView struct {
	Reason string
	N      int
	Places []lastword.Unreadable // the latest
}

// endsSoon is how long before its end an interface raises its hand.
const endsSoon = 8 * 7 * 24 * time.Hour

// EndsSoon reports whether the interface that is spoken to will be no more in
// weeks.
func EndsSoon(h lastword.Health, now time.Time) bool {
	return !h.Ends.IsZero() && h.Ends.Sub(now) < endsSoon
}

// quietArgs fill the sentence on a silence.
func (f *Frame) quietArgs(q lastword.Quiet) text.Args {
	return text.Args{"Since": f.Full(q.Since), "Usual": f.Num(int(q.Usual + 0.5))}
}

// gap says of when something may be missing.
func (f *Frame) gap(g GapView) string {
	if g.From.IsZero() {
		return f.T("channel.gap_until", text.Args{"Until": f.Full(g.Until)})
	}
	return f.T("channel.gap", text.Args{"From": f.Full(g.From), "Until": f.Full(g.Until)})
}

// money writes millionths of a US dollar.
func (f *Frame) money(micros int64) string {
	cents := (micros + 5000) / 10_000
	return f.T("cost.dollars", text.Args{"Whole": f.Num(int(cents / 100)), "Cents": twoDigits(cents % 100)})
}

// Undecided reports whether the channel waits for somebody who has seen what it
// will cost.
func (v ChannelView) Undecided() bool { return v.Costs && v.Channel.Paused }

// meterMax is money as a meter takes it.
func meterMax(micros int64) string { return itoa(int(max(micros, 0) / 10_000)) }

func twoDigits(n int64) string { return itoa(int(n/10)) + itoa(int(n%10)) }

// asideHref leads to what a channel set aside for one reason.
func asideHref(channel int64, reason string, before int64) templ.SafeURL {
	q := url.Values{"reason": {reason}}
	if before != 0 {
		q.Set("before", id(before))
	}
	return templ.SafeURL(to("channels", "aside", channel) + "?" + q.Encode())
}

// placeLink leads to where an item stands that was set aside; empty where that is
// nowhere to be seen.
func placeLink(place string) templ.SafeURL {
	if strings.HasPrefix(place, "https://") || strings.HasPrefix(place, "http://") {
		return templ.URL(place)
	}
	// AT URIs of Bluesky have a page: at://did/app.bsky.feed.post/key
	if rest, ok := strings.CutPrefix(place, "at://"); ok {
		if did, key, ok := strings.Cut(rest, "/app.bsky.feed.post/"); ok {
			return templ.URL("https://bsky.app/profile/" + did + "/post/" + key)
		}
	}
	return ""
}
