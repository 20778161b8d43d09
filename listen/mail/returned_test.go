package mail_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/store"
)

// TestReturnedThroughTheHouse answers a mail, is told by a report that the answer
// did not arrive, and sends it anew on a director's second word; the old report,
// heard once more, changes nothing then.
func TestReturnedThroughTheHouse(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h := newHouse(t)
	clock := now
	db, err := store.Open(t.Context(), store.Options{Folder: t.TempDir(), Now: func() time.Time { return clock }})
	must(err)
	t.Cleanup(func() { must(db.Close()) })
	company, err := db.AddCompany(t.Context(), lastword.Company{Name: "Schuhwerk", Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
	must(err)
	anna, err := db.SaveMember(t.Context(), lastword.Member{Company: company.ID}, lastword.Member{Name: "Anna", Role: lastword.Director, Lang: "de"})
	must(err)
	channel, err := db.SaveChannel(t.Context(), anna, lastword.Channel{Connector: "mail", Name: "Laden", All: true})
	must(err)
	lease, err := db.LeaseOne(t.Context(), "test", company.ID, channel.ID, clock.Add(24*time.Hour*365))
	must(err)
	src, _ := h.open()
	hearAll := func() (saved lastword.Saved) {
		t.Helper()
		must(src.Poll(t.Context(), "", func(ctx context.Context, events []lastword.Event, at string) error {
			got, err := db.SaveHeard(ctx, lease, at, events, nil)
			saved.New, saved.Returned = saved.New+got.New, saved.Returned+got.Returned
			return err
		}))
		return saved
	}
	h.put("INBOX", "From: Eva <eva@post.example>\nMessage-ID: <1@post.example>\nSubject: Halbe Größen\n\nGibt es die Stiefel in 38,5?", now.Add(-time.Hour))
	if got := hearAll(); got.New != 1 {
		t.Fatalf("heard %+v", got)
	}
	voices, err := db.FindVoices(t.Context(), company.ID, lastword.VoiceFilter{})
	must(err)
	voice := voices[0]
	_, mark, err := db.LiveThemes(t.Context(), company.ID)
	must(err)
	theme := lastword.Theme{ID: db.NewID(), Company: company.ID, Name: "Halbe Größen", Lang: "de"}
	_, err = db.SavePlacements(t.Context(), company.ID, mark, []lastword.Theme{theme}, []lastword.Membership{{Voice: voice.ID, Theme: theme.ID, Fit: 1}})
	must(err)
	entry := lastword.Entry{Company: company.ID, By: anna.ID, Act: "test", Subject: lastword.OfTheme, Detail: "{}"}
	word := func(s lastword.Subject, id int64, digest string) lastword.Release {
		return lastword.Release{Company: company.ID, Subject: s, ID: id, Digest: digest, By: anna.ID, At: clock}
	}
	d := lastword.Decision{ID: db.NewID(), Company: company.ID, Theme: theme.ID, Verdict: lastword.Yes, Reason: map[string]string{"de": "Ja."}, By: anna.ID}
	d, err = db.ConsentDecision(t.Context(), d, true, word(lastword.OfDecision, d.ID, d.Digest()), entry)
	must(err)
	id := db.NewID()
	_, err = db.SaveDrafts(t.Context(), company.ID, []lastword.Answer{{ID: id, Company: company.ID, Voice: voice.ID, Identity: voice.Identity, Theme: theme.ID,
		Decision: d.ID, Channel: channel.ID, Network: "mail", Lang: "de", Text: "Ja, ab März.", Token: "t", Made: clock}})
	must(err)
	row := func() lastword.AnswerRow {
		t.Helper()
		row, err := db.AnswerRow(t.Context(), company.ID, id)
		must(err)
		return row
	}
	send := func() string {
		t.Helper()
		_, err := db.ReleaseAnswers(t.Context(), company.ID, []lastword.Release{word(lastword.OfAnswer, id, row().Digest())}, entry)
		must(err)
		out, err := db.Outgoing(t.Context(), company.ID, id)
		must(err)
		if out.Attempts != 0 {
			t.Errorf("%d attempts: the server would be asked, and say that it is there", out.Attempts)
		}
		must(db.Attempted(t.Context(), company.ID, id, clock))
		a, _ := out.Cleared.Answer()
		got, err := src.(listen.Replier).Reply(t.Context(), out.To.Post, listen.Reply{Key: strconv.FormatInt(id, 10), Made: a.Made, Text: a.Text, Lang: a.Lang})
		must(err)
		must(db.Delivered(t.Context(), company.ID, id, got.Key, got.URL, clock))
		return got.Key
	}
	native := send()
	h.put("INBOX", report+"\n\n"+strings.Replace(delivery("failed", native), "5.1.1", "5.2.2", 1), clock.Add(10*time.Second))
	if got := hearAll(); got.Returned != 1 {
		t.Fatalf("heard %+v", got)
	}
	if a := row(); a.State != lastword.Failed || a.Why != "why.mail_full" || !a.Sent.IsZero() || a.Voice.Circle != lastword.Decided {
		t.Errorf("after it came back: %s %s, circle %d", a.State, a.Why, a.Voice.Circle)
	}
	clock = clock.Add(48 * time.Hour)
	must(db.EditAnswer(t.Context(), company.ID, id, anna.ID, "Ja, ab März gibt es sie."))
	send()
	if got := hearAll(); got.Returned != 0 || row().State != lastword.Sent {
		t.Errorf("the old report, heard again: %+v, %s", got, row().State)
	}
	if n := len(h.post.sent()); n != 2 {
		t.Errorf("sent %d mails", n)
	}
}
