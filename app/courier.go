package app

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/internal/stdhook"
	"lastword/notice"
)

// noticeWithin is how long another program may take to answer.
const noticeWithin = 20 * time.Second

// sendNotices makes the way out to companies' other programs. Like that to channels
// it reaches hosts of the inner network only where the operator listed them.
func (a *App) sendNotices() {
	a.courier = httpx.New(httpx.Options{Version: Version(), Public: a.Config.Public, Allow: a.Config.Inner,
		PerHost: 4, Pace: -1, Timeout: noticeWithin, Header: noticeWithin, MaxBody: 1 << 20})
	a.notices = &notice.Step{Store: a.DB, HTTP: a.courier.HTTP(), Now: a.now, Log: a.Log,
		Inner: func(host string) bool {
			return slices.ContainsFunc(a.Config.Inner, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), host) })
		}}
}

// couriers is what people do to their company's courier from the pages.
type couriers struct{ *App }

// Courier returns the courier without its keys.
func (c couriers) Courier(ctx context.Context, company int64) (lastword.Courier, error) {
	kept, err := c.DB.Courier(ctx, company)
	kept.Key, kept.Former = "", ""
	return kept, err
}

// Save checks and keeps where notices go, and which.
func (c couriers) Save(ctx context.Context, by lastword.Member, courier lastword.Courier) error {
	if err := c.notices.Check(courier); err != nil {
		return err
	}
	return c.DB.SaveCourier(ctx, by, courier)
}

// NewKey gives the courier a new key and returns it.
func (c couriers) NewKey(ctx context.Context, by lastword.Member) (string, error) {
	key, err := stdhook.NewKey(rand.Reader)
	if err != nil {
		return "", err
	}
	return key, c.DB.RenewCourierKey(ctx, by, key)
}

// Switch turns the courier on, by a director who saw what digest names, or off.
func (c couriers) Switch(ctx context.Context, by lastword.Member, on bool, digest string) error {
	return c.DB.SwitchCourier(ctx, by, on, digest)
}

// Try sends a test and waits for what comes of it.
func (c couriers) Try(ctx context.Context, company int64) (lastword.CourierTrial, error) {
	return c.notices.Try(ctx, company)
}

// Notices lists the latest notices.
func (c couriers) Notices(ctx context.Context, company int64, most int) ([]lastword.Notice, error) {
	return c.DB.Notices(ctx, company, most)
}

// Preview is what leaves the house, one of each kind, byte by byte but for the
// headers: of the latest that there is, or invented where there is nothing yet.
func (c couriers) Preview(ctx context.Context, company int64) (requests []lastword.Outbound, real bool, err error) {
	courier, err := c.DB.Courier(ctx, company)
	if err != nil || courier.Address == "" {
		return nil, false, err
	}
	real = true
	for _, kind := range courier.Kinds {
		subject, err := c.latest(ctx, courier, kind)
		if err != nil {
			return nil, false, err
		}
		telling := invented(kind, c.now())
		if subject != 0 {
			if telling, err = c.DB.Tellable(ctx, company, kind, subject); err != nil {
				return nil, false, err
			}
			telling.Made = c.now()
		}
		real = real && subject != 0
		if body, there := notice.Body(telling); there {
			requests = append(requests, lastword.Outbound{Address: courier.Address, Body: body})
		}
	}
	return requests, real, nil
}

// looked is how far back a preview looks for something that may be shown.
const looked = 50

// latest finds the latest subject of a kind that the courier would be told of; 0:
// none.
func (c couriers) latest(ctx context.Context, courier lastword.Courier, kind lastword.NoticeKind) (int64, error) {
	shown := func(v lastword.Voice) bool {
		return v.GoneAt.IsZero() && !v.Hidden && !v.Own && (courier.Private || !v.Private)
	}
	switch kind {
	case lastword.VoiceHeard:
		filter := lastword.VoiceFilter{Limit: looked, Query: courier.Query}
		voices, err := c.DB.FindVoices(ctx, courier.Company, filter)
		for _, v := range voices {
			if shown(v.Voice) {
				return v.ID, err
			}
		}
		return 0, err
	case lastword.ThemeDecided:
		decisions, err := c.DB.Decisions(ctx, courier.Company, courier.Theme, looked)
		for _, d := range decisions {
			if !d.Stands.IsZero() {
				return d.ID, err
			}
		}
		return 0, err
	}
	state := lastword.Sent
	if kind == lastword.AnswerFailed {
		state = lastword.Failed
	}
	answers, err := c.DB.Answers(ctx, courier.Company, lastword.AnswerFilter{State: []lastword.AnswerState{state}, Theme: courier.Theme, Limit: looked})
	for _, row := range answers {
		if shown(row.Voice) {
			return row.ID, err
		}
	}
	return 0, err
}

// invented stands for what is not there yet.
func invented(kind lastword.NoticeKind, now time.Time) lastword.Telling {
	t := lastword.Telling{Notice: lastword.Notice{Kind: kind, Made: now}}
	t.Voice.ID, t.Voice.SaidAt = 1001, now.Add(-time.Hour)
	t.Voice.Post.Network, t.Voice.Post.Key, t.Voice.Post.URL = "mastodon", "https://social.example/1001", "https://social.example/@mia/1001"
	t.Voice.Text, t.Voice.Lang = "Gibt es die Stiefel auch in halben Größen?", "de"
	t.Voice.Who.Author = lastword.Author{Key: "mia@social.example", Handle: "mia", Name: "Mia Kurz"}
	t.Theme = lastword.Theme{ID: 2001, Name: "Halbe Größen", Voices: 12}
	t.Decision = lastword.Decision{ID: 3001, Verdict: lastword.Yes, Reason: map[string]string{"de": "Ab März gibt es halbe Größen.", "en": "Half sizes will be available from March."}}
	t.Answer = lastword.Answer{ID: 4001, Network: "mastodon", Lang: "de", Text: "Ja: Ab März gibt es halbe Größen.", Sent: now, URL: "https://social.example/@lind/4001"}
	if kind == lastword.AnswerFailed {
		t.Answer.Sent, t.Answer.URL, t.Answer.Why = time.Time{}, "", "why.unreachable"
	}
	return t
}
