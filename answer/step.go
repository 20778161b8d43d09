package answer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/internal/length"
	"lastword/internal/text"
)

// Step is the hull around answering. Its methods may be called by many at a
// time. Who may not is told lastword.ErrForbidden; what is wrong in what
// somebody entered is a *lastword.Mistake.
type Step struct {
	Store  Store
	Places Places
	Now    func() time.Time
	Rand   io.Reader // for the names of public pages: crypto/rand.Reader
	Log    *slog.Logger

	Words Words   // nil: no company has a language model
	Tones Phrases // the sentences that it found
}

// A Consent is a director's word that exactly the content which Digest names
// may go out.
type Consent struct {
	ID     int64
	Digest string
}

// Outcome counts what became of a release.
type Outcome = lastword.Outcome

// Digest names exactly what goes out, and where; a Consent repeats it.
func Digest(a lastword.Answer) string { return a.Digest() }

const mostAtOnce = 100_000 // answers in one act

// Do does a DraftJob (IDs are decisions) or a Deliver job (IDs are answers). It
// may be done twice. An error means that it should be done again; where a place
// asked for a pause, the error has a method RetryIn() time.Duration.
func (s *Step) Do(ctx context.Context, job lastword.Job) error {
	for _, id := range job.IDs {
		if err := s.do(ctx, job, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Step) do(ctx context.Context, job lastword.Job, id int64) error {
	switch job.Kind {
	case lastword.DraftJob:
		_, err := s.Draft(ctx, job.Company, id)
		return err
	case lastword.Deliver:
		return s.deliver(ctx, job.Company, id)
	}
	return fmt.Errorf("answer: a job of kind %q: %w", job.Kind, lastword.ErrInvalid)
}

// Edit changes the text of a draft, or of a failed answer, which then is a draft
// again. The text is cleaned and must fit its network. Every member may; a text
// edited after a release needs a new one, for it is another content.
func (s *Step) Edit(ctx context.Context, m lastword.Member, id int64, what string) error {
	if !m.Left.IsZero() {
		return forbidden("edit", m)
	}
	what = text.Clean(what)
	if what == "" {
		return &lastword.Mistake{Key: "mistake.answer_empty", Field: "text"}
	}
	l, parts, err := s.Fitting(ctx, m.Company, id, what)
	if err != nil {
		return err
	}
	if l.Over && len(parts) == 1 {
		return &lastword.Mistake{Key: "mistake.answer_too_long", Field: "text",
			Args: map[string]any{"Used": l.Used, "Limit": l.Limit, "Unit": string(l.Unit)}}
	}
	return s.Store.EditAnswer(ctx, m.Company, id, m.ID, what)
}

// Fitting says how a text of an answer goes out by the way that it would take now:
// its length as the network counts it, and its parts, more than one where it
// becomes a thread.
func (s *Step) Fitting(ctx context.Context, company, id int64, what string) (Length, []string, error) {
	row, err := s.Store.AnswerRow(ctx, company, id)
	if err != nil {
		return Length{}, nil, fmt.Errorf("answer %d: %w", id, err)
	}
	n := s.network(row.Network)
	n.Thread = 0
	v, err := s.Store.VoiceRow(ctx, company, row.Answer.Voice)
	if err != nil {
		return Length{}, nil, fmt.Errorf("answer %d: its voice: %w", id, err)
	}
	way, err := s.Places.Route(ctx, v.Voice)
	if err != nil {
		return Length{}, nil, fmt.Errorf("answer %d: its way: %w", id, err)
	}
	if way.Network.Name != "" && way.Channel == row.Channel {
		n = way.Network
	}
	return Measure(n, what), length.Thread(n, what), nil
}

// network is what is known of a network; nothing known means no limit.
func (s *Step) network(name string) lastword.Network {
	if n, ok := s.Places.Network(name); ok {
		return n
	}
	return lastword.Network{Name: name, Title: name}
}

// Release is a director's consent to these contents. Each goes out once as many
// directors as the company's rule demands consented to exactly it; whose text or
// state is no longer what was shown is left as it is and counted as Changed. The
// log gets one entry for all, with a digest over their digests.
func (s *Step) Release(ctx context.Context, m lastword.Member, consents []Consent) (Outcome, error) {
	if !m.MayRelease() {
		return Outcome{}, forbidden("release", m)
	}
	consents = unique(consents)
	if err := bounded(len(consents)); err != nil {
		return Outcome{}, err
	}
	at := s.Now()
	releases := make([]lastword.Release, len(consents))
	ids := make([]int64, len(consents))
	for i, c := range consents {
		ids[i] = c.ID
		releases[i] = lastword.Release{Company: m.Company, Subject: lastword.OfAnswer, ID: c.ID, Digest: c.Digest, By: m.ID, At: at}
	}
	entry, err := s.entry(m, "answers.released", ids, detail{Count: len(ids), Digest: DigestAll(consents)})
	if err != nil {
		return Outcome{}, err
	}
	return s.Store.ReleaseAnswers(ctx, m.Company, releases, entry)
}

// unique sorts consents by answer and keeps one for each.
func unique(consents []Consent) []Consent {
	consents = slices.Clone(consents)
	slices.SortFunc(consents, func(a, b Consent) int {
		if a.ID != b.ID {
			return int(max(-1, min(1, a.ID-b.ID)))
		}
		return strings.Compare(a.Digest, b.Digest)
	})
	return slices.CompactFunc(consents, func(a, b Consent) bool { return a.ID == b.ID })
}

// DigestAll returns one digest for many consents, as the log keeps it: SHA-256 in hex
// over their digests, sorted, each with a line feed after it.
func DigestAll(consents []Consent) string {
	digests := make([]string, len(consents))
	for i, c := range consents {
		digests[i] = c.Digest + "\n"
	}
	slices.Sort(digests)
	sum := sha256.Sum256([]byte(strings.Join(digests, "")))
	return hex.EncodeToString(sum[:])
}

// Withdraw takes answers back for good and opens their voices again. Every
// member may withdraw drafts; what directors released or what failed after it,
// only a director. What is on its way already stays.
func (s *Step) Withdraw(ctx context.Context, m lastword.Member, ids []int64) error {
	if !m.Left.IsZero() {
		return forbidden("withdraw", m)
	}
	from := []lastword.AnswerState{lastword.Draft}
	if m.MayRelease() {
		from = append(from, lastword.Failed, lastword.HandedOver, lastword.Released)
	}
	_, err := s.move(ctx, m, "answers.withdrawn", ids, from, lastword.Withdrawn, "why.withdrawn")
	return err
}

// Undo takes released answers back to drafts unless an attempt to deliver them
// was made; it returns lastword.ErrConflict where none could be taken back. The
// store forgets their releases, so that they need new ones.
func (s *Step) Undo(ctx context.Context, m lastword.Member, ids []int64) error {
	if !m.MayRelease() {
		return forbidden("undo", m)
	}
	n, err := s.move(ctx, m, "answers.undone", ids, []lastword.AnswerState{lastword.Released}, lastword.Draft, "")
	if err == nil && n == 0 {
		return fmt.Errorf("answer: nothing left to undo: %w", lastword.ErrConflict)
	}
	return err
}

// Retry is a director's new consent to failed answers as they stand: they become
// drafts and are released anew, with whatever other directors consented to of
// exactly these texts. Between the two steps nothing can be lost: a draft is
// what waits for a release. The delivery then first looks whether an earlier
// attempt did arrive.
func (s *Step) Retry(ctx context.Context, m lastword.Member, ids []int64) error {
	if !m.MayRelease() {
		return forbidden("retry", m)
	}
	var consents []Consent
	for _, id := range ids {
		row, err := s.Store.AnswerRow(ctx, m.Company, id)
		if err != nil {
			return fmt.Errorf("answer %d: %w", id, err)
		}
		if row.State == lastword.Failed {
			consents = append(consents, Consent{ID: id, Digest: row.Digest()})
		}
	}
	if len(consents) == 0 {
		return fmt.Errorf("answer: nothing failed here: %w", lastword.ErrConflict)
	}
	if _, err := s.move(ctx, m, "answers.retried", ids, []lastword.AnswerState{lastword.Failed}, lastword.Draft, ""); err != nil {
		return err
	}
	_, err := s.Release(ctx, m, consents)
	return err
}

// GivenByHand closes the circle of a handed-over answer that m gave by hand.
// Directors and staff may.
func (s *Step) GivenByHand(ctx context.Context, m lastword.Member, id int64) error {
	if !m.MayRelease() && (m.Role != lastword.Staff || !m.Left.IsZero()) {
		return forbidden("give by hand", m)
	}
	entry, err := s.entry(m, "answer.given", []int64{id}, detail{Count: 1})
	if err != nil {
		return err
	}
	return s.Store.GiveByHand(ctx, m.Company, id, "", entry)
}

func (s *Step) move(ctx context.Context, m lastword.Member, act string, ids []int64, from []lastword.AnswerState, to lastword.AnswerState, why string) (int, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if err := bounded(len(ids)); err != nil {
		return 0, err
	}
	entry, err := s.entry(m, act, ids, detail{Count: len(ids), IDs: ids})
	if err != nil {
		return 0, err
	}
	return s.Store.MoveAnswers(ctx, m.Company, ids, from, to, why, entry)
}

func bounded(n int) error {
	switch {
	case n == 0:
		return &lastword.Mistake{Key: "mistake.nothing_chosen"}
	case n > mostAtOnce:
		return &lastword.Mistake{Key: "mistake.too_many", Args: map[string]any{"Limit": mostAtOnce}}
	}
	return nil
}

// detail is what the log keeps of an act on answers.
type detail struct {
	Count  int     `json:"count"`
	Digest string  `json:"digest,omitempty"`
	IDs    []int64 `json:"ids,omitempty"`
}

// entry is about one answer, or, where there are several, about none by id.
func (s *Step) entry(m lastword.Member, act string, ids []int64, what detail) (lastword.Entry, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return lastword.Entry{}, fmt.Errorf("answer: entry %s: %w", act, err)
	}
	e := lastword.Entry{Company: m.Company, At: s.Now(), By: m.ID, Act: act, Subject: lastword.OfAnswer, Detail: string(body)}
	if len(ids) == 1 {
		e.ID = ids[0]
	}
	return e, nil
}

func forbidden(act string, m lastword.Member) error {
	return fmt.Errorf("answer: member %d may not %s: %w", m.ID, act, lastword.ErrForbidden)
}

// keyOf returns the text of the catalogue that tells a person of err.
func keyOf(err error, otherwise string) string {
	var mistake *lastword.Mistake
	if errors.As(err, &mistake) {
		return mistake.Key
	}
	return otherwise
}
