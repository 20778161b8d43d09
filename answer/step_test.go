package answer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lastword"
	"lastword/answer"
	"lastword/store"
)

// 620 people wish the same: about 580 of the answers differ, all are within the
// network's length, and drafting again adds nothing.
func TestDraftAnswersEverybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	as := h.drafted(620, nil)
	said, tokens := map[string]bool{}, map[string]bool{}
	for _, a := range as {
		said[a.Text], tokens[a.Token] = true, true
		if answer.Measure(h.net.Network, a.Text).Over || !strings.Contains(a.Text, "Viele haben darum gebeten.") {
			t.Errorf("draft %q", a.Text)
		}
		if a.Channel != h.channel.ID || a.Lang != "de" || len(a.Token) != 22 || strings.Contains(a.Text, "anbieten") {
			t.Errorf("draft %+v", a.Answer)
		}
	}
	if len(said) < 550 || len(tokens) != 620 {
		t.Errorf("%d different texts and %d pages for 620 people", len(said), len(tokens))
	}
	again, err := h.step.Draft(h.ctx, h.company.ID, as[0].Decision)
	h.must(err)
	if again != 0 {
		t.Errorf("drafting again added %d", again)
	}
}

func TestDraftsOf143PeopleAllDiffer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	said := map[string]bool{}
	for _, a := range h.drafted(143, nil) {
		said[a.Text] = true
	}
	if len(said) != 143 {
		t.Errorf("%d different texts for 143 people", len(said))
	}
}

func TestDraftSpeaksThePersonsLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	h.company.Public = "https://stimmen.muster.example/"
	h.must(h.db.SaveCompany(h.ctx, h.director, h.company))
	theme := h.say(3, func(p *lastword.Post) {
		p.Lang = map[string]string{"post-0": "en", "post-1": "de-CH", "post-2": "fr"}[p.Key]
		p.Private = p.Key == "post-2"
	})
	for _, v := range h.voices(3) {
		lang := map[string]string{"post-0": "en", "post-1": "de", "post-2": "fr"}[v.Key]
		h.must(h.db.SaveLabels(h.ctx, h.company.ID, []lastword.Label{{Voice: v.ID, Language: lang, Kinds: lastword.Problem, About: 1, Version: 2}}))
	}
	_, err := h.step.Draft(h.ctx, h.company.ID, h.decide(theme).ID)
	h.must(err)
	want := map[string][2]string{"post-0": {"en", "Many asked for it."}, "post-1": {"de-CH", "Viele haben"}, "post-2": {"de", "Viele haben"}}
	for _, a := range h.answers() {
		if w := want[a.Voice.Key]; a.Lang != w[0] || !strings.Contains(a.Text, w[1]) {
			t.Errorf("%s is answered in %s: %q", a.Voice.Key, a.Lang, a.Text)
		}
		if !strings.Contains(a.Text, "https://stimmen.muster.example/heard/"+a.Token) {
			t.Errorf("no link in %q", a.Text)
		}
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	as := h.drafted(3, nil)
	left := h.director
	left.Left = h.clock.Now()
	for _, m := range []lastword.Member{h.staff, left, {}} {
		if _, err := h.step.Release(h.ctx, m, consents(as...)); !errors.Is(err, lastword.ErrForbidden) {
			t.Errorf("%q releases: %v", m.Role, err)
		}
	}
	cs := append(consents(as[:2]...), consents(as[0])...)
	cs[1].Digest = as[2].Digest()
	o, err := h.step.Release(h.ctx, h.director, cs)
	h.must(err)
	if o != (answer.Outcome{Released: 1, Changed: 1}) {
		t.Errorf("outcome %+v", o)
	}
	log, err := h.db.AuditTail(h.ctx, h.company.ID, 0, 1)
	h.must(err)
	if e := log[0]; e.Act != "answers.released" || e.By != h.director.ID ||
		e.Detail != fmt.Sprintf(`{"count":2,"digest":%q}`, answer.DigestAll(cs[:2])) {
		t.Errorf("log says %+v", e)
	}
	var m *lastword.Mistake
	if _, err := h.step.Release(h.ctx, h.director, nil); !errors.As(err, &m) {
		t.Errorf("nothing released: %v", err)
	}
}

func TestReleaseByAllDirectors(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AllDirectors)
	a := h.drafted(1, nil)[0]
	if o := h.release(h.director, a); o.Waiting != 1 {
		t.Errorf("first director: %+v", o)
	}
	h.must(h.deliver(a.ID))
	if len(h.net.taken) != 0 {
		t.Fatal("went out on one director's word")
	}
	if o := h.release(h.second, a); o.Released != 1 {
		t.Errorf("second director: %+v", o)
	}
	h.must(h.deliver(a.ID))
	if got := h.net.taken[a.ID]; len(got) != 1 || got[0] != a.Text {
		t.Errorf("delivered %q, released %q", got, a.Text)
	}
}

func TestDelivered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	a := h.drafted(1, nil)[0]
	h.release(h.director, a)
	for range 3 {
		h.must(h.deliver(a.ID))
	}
	got := h.answer(a.ID)
	if got.State != lastword.Sent || got.URL != fmt.Sprint("https://net.example/", a.ID) || got.Voice.Circle != lastword.Closed {
		t.Errorf("delivered %+v", got)
	}
	if len(h.net.taken[a.ID]) != 1 || h.net.asked != 0 {
		t.Errorf("given %d times, asked for %d times", len(h.net.taken[a.ID]), h.net.asked)
	}
}

// waitError is how a place says for how long it wants to be left alone.
type waitError struct{ time.Duration }

func (e *waitError) Error() string          { return "wait " + e.String() }
func (e *waitError) Unwrap() error          { return lastword.ErrUnavailable }
func (e *waitError) RetryIn() time.Duration { return e.Duration }

func TestUndelivered(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err   error
		after time.Duration
		state lastword.AnswerState
		why   string
	}{
		{fmt.Errorf("post: %w", lastword.ErrGone), 0, lastword.Withdrawn, "why.gone"},
		{fmt.Errorf("token: %w", lastword.ErrDenied), 0, lastword.Failed, "why.denied"},
		{fmt.Errorf("text: %w", lastword.ErrInvalid), 0, lastword.Failed, "why.invalid"},
		{&lastword.Mistake{Key: "why.too_old"}, 0, lastword.Failed, "why.too_old"},
		{lastword.ErrForbidden, 0, lastword.HandedOver, "why.by_hand"},
		{lastword.ErrUnavailable, 71 * time.Hour, lastword.Released, ""},
		{lastword.ErrUnavailable, 73 * time.Hour, lastword.Failed, "why.unreachable"},
		{errors.New("our own fault"), 0, lastword.Released, ""},
		{&waitError{time.Minute}, 0, lastword.Released, ""},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.err, tt.after), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, lastword.AnyDirector)
			a := h.drafted(1, nil)[0]
			h.release(h.director, a)
			h.net.fail = []error{tt.err}
			h.clock.add(tt.after)
			err := h.deliver(a.ID)
			if again := tt.state == lastword.Released; again != errors.Is(err, tt.err) || again != (err != nil) {
				t.Errorf("the job says %v", err)
			}
			if got := h.answer(a.ID); got.State != tt.state || got.Why != tt.why {
				t.Errorf("%s, %q; want %s, %q", got.State, got.Why, tt.state, tt.why)
			}
			var wait interface{ RetryIn() time.Duration }
			if w, ok := tt.err.(*waitError); ok && (!errors.As(err, &wait) || wait.RetryIn() != w.Duration) {
				t.Errorf("the wait is lost: %v", err)
			}
		})
	}
}

func TestVoiceGoneMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	as := h.drafted(2, nil)
	h.release(h.director, as...)
	_, err := h.db.SaveHeard(h.ctx, h.channel, "d", []lastword.Event{
		{Op: lastword.Deleted, Post: as[0].Voice.Post}, {Op: lastword.AccountAway, Post: as[1].Voice.Post}}, nil)
	h.must(err)
	h.must(h.deliver(as[0].ID))
	if err := h.deliver(as[1].ID); !errors.Is(err, lastword.ErrUnavailable) {
		t.Errorf("an account that is away: %v", err)
	}
	h.clock.add(73 * time.Hour)
	h.must(h.deliver(as[1].ID))
	if len(h.net.taken) != 0 {
		t.Errorf("answered what is gone: %v", h.net.taken)
	}
	for i, a := range as {
		if got := h.answer(a.ID); got.State != lastword.Withdrawn {
			t.Errorf("answer %d is %s, %q", i, got.State, got.Why)
		}
	}
}

// lagging is the store of another process that learned of a deletion only after
// the answer was taken from the outbox.
type lagging struct{ *store.DB }

func (l lagging) Outgoing(ctx context.Context, company, id int64) (lastword.Outgoing, error) {
	o, err := l.DB.Outgoing(ctx, company, id)
	o.To.GoneAt = time.Unix(1, 0)
	return o, err
}

func TestVoiceGoneAtTheLastMoment(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	a := h.drafted(1, nil)[0]
	h.release(h.director, a)
	h.step.Store = lagging{h.db}
	h.must(h.deliver(a.ID))
	if got := h.answer(a.ID); got.State != lastword.Withdrawn || got.Why != "why.gone" || len(h.net.taken) != 0 {
		t.Errorf("%s, %q, after %d replies", got.State, got.Why, len(h.net.taken))
	}
}

func TestUndoWithdrawEdit(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	as := h.drafted(3, nil)
	h.release(h.director, as...)
	h.must(h.deliver(as[0].ID))
	if err := h.step.Undo(h.ctx, h.staff, ids(as)); !errors.Is(err, lastword.ErrForbidden) {
		t.Errorf("staff undoes: %v", err)
	}
	h.must(h.step.Undo(h.ctx, h.director, ids(as)))
	if err := h.step.Undo(h.ctx, h.director, ids(as)); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("undone twice: %v", err)
	}
	h.must(h.deliver(as[1].ID))
	h.must(h.step.Edit(h.ctx, h.staff, as[1].ID, " Das machen\u202e wir. "))
	if got := h.answer(as[1].ID); got.State != lastword.Draft || got.Text != "Das machen wir." || got.EditedBy != h.staff.ID {
		t.Errorf("edited %+v", got.Answer)
	}
	if o := h.release(h.director, as[1]); o.Changed != 1 {
		t.Errorf("released what is no longer there: %+v", o)
	}
	var m *lastword.Mistake
	if err := h.step.Edit(h.ctx, h.staff, as[1].ID, strings.Repeat("ä", 301)); !errors.As(err, &m) || m.Key != "mistake.answer_too_long" {
		t.Errorf("too long: %v", err)
	}
	if err := h.step.Edit(h.ctx, h.staff, as[1].ID, " \u200b "); !errors.As(err, &m) || m.Key != "mistake.answer_empty" {
		t.Errorf("empty: %v", err)
	}
	if err := h.step.Edit(h.ctx, h.staff, as[0].ID, "Zu spät."); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("what was sent is changed: %v", err)
	}
	h.must(h.step.Withdraw(h.ctx, h.staff, ids(as)))
	for i, want := range []lastword.AnswerState{lastword.Sent, lastword.Withdrawn, lastword.Withdrawn} {
		if got := h.answer(as[i].ID); got.State != want {
			t.Errorf("answer %d is %s, want %s", i, got.State, want)
		}
	}
	if len(h.net.taken) != 1 {
		t.Errorf("%d went out, want 1", len(h.net.taken))
	}
}

// An attempt that arrived though it seemed to fail is found when a director
// tries again, not made again.
func TestRetryFindsWhatArrived(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	a := h.drafted(1, nil)[0]
	h.release(h.director, a)
	h.net.fail, h.net.lose = []error{lastword.ErrDenied}, true
	h.must(h.deliver(a.ID))
	if err := h.step.Retry(h.ctx, h.staff, []int64{a.ID}); !errors.Is(err, lastword.ErrForbidden) {
		t.Errorf("staff retries: %v", err)
	}
	h.must(h.step.Retry(h.ctx, h.director, []int64{a.ID}))
	if got := h.answer(a.ID); got.State != lastword.Released {
		t.Fatalf("retried answer is %s", got.State)
	}
	h.must(h.deliver(a.ID))
	if got := h.answer(a.ID); got.State != lastword.Sent || len(h.net.taken[a.ID]) != 1 {
		t.Errorf("%s after %d replies", got.State, len(h.net.taken[a.ID]))
	}
	if err := h.step.Retry(h.ctx, h.director, []int64{a.ID}); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("retried what was sent: %v", err)
	}
}

func TestByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	h.net.byHand = true
	a := h.drafted(1, nil)[0]
	if o := h.release(h.director, a); o.Handed != 1 || a.Why != "why.by_hand" {
		t.Errorf("outcome %+v, why %q", o, a.Why)
	}
	adviser := h.staff
	adviser.Role = lastword.Adviser
	if err := h.step.GivenByHand(h.ctx, adviser, a.ID); !errors.Is(err, lastword.ErrForbidden) {
		t.Errorf("adviser gives: %v", err)
	}
	h.must(h.step.GivenByHand(h.ctx, h.staff, a.ID))
	if got := h.answer(a.ID); got.State != lastword.Sent || got.Voice.Circle != lastword.Closed {
		t.Errorf("given %+v", got)
	}
}

// Whatever a network does, whatever fails and however often jobs run: nobody
// gets two answers, and nothing that was not released.
func TestNobodyIsAnsweredTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, lastword.AnyDirector)
	rapid.Check(t, func(r *rapid.T) {
		h.clock.add(time.Hour)
		h.net.fail, h.net.lose, h.net.taken = nil, false, map[int64][]string{}
		as := h.drafted(3, nil)
		h.net.lose = rapid.Bool().Draw(r, "lose")
		kinds := []error{nil, lastword.ErrUnavailable, lastword.ErrDenied, lastword.ErrInvalid, errors.New("odd"), &waitError{time.Second}}
		h.net.fail = rapid.SliceOfN(rapid.SampledFrom(kinds), 0, 12).Draw(r, "fail")
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			a := h.answer(rapid.SampledFrom(as).Draw(r, "answer").ID)
			var err error
			switch rapid.IntRange(0, 5).Draw(r, "act") {
			case 0:
				_, err = h.step.Release(h.ctx, h.director, consents(a))
			case 1:
				err = h.step.Undo(h.ctx, h.director, []int64{a.ID})
			case 2:
				err = h.step.Retry(h.ctx, h.director, []int64{a.ID})
			case 3:
				err = h.step.Edit(h.ctx, h.staff, a.ID, fmt.Sprint("Anders: ", len(h.net.fail)))
			default:
				err = h.deliver(a.ID)
			}
			if errors.Is(err, lastword.ErrForbidden) {
				r.Fatal(err)
			}
		}
		for id, texts := range h.net.taken {
			if len(texts) != 1 {
				r.Fatalf("answer %d went out %d times", id, len(texts))
			}
		}
	})
}
