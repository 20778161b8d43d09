package lastword

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Digest names exactly what goes out, and where: SHA-256 in hex over the
// answer's voice, network, channel, language and text.
func (a Answer) Digest() string {
	return digest("answer", strconv.FormatInt(a.Company, 10), strconv.FormatInt(a.ID, 10),
		strconv.FormatInt(a.Voice, 10), a.Network, strconv.FormatInt(a.Channel, 10), a.Lang, a.Text)
}

// Digest names exactly what is decided: theme, verdict, day and reasons.
func (d Decision) Digest() string {
	reasons, err := json.Marshal(d.Reason) // keys in order; a map of strings cannot fail
	if err != nil {
		panic("lastword: a map of strings did not encode: " + err.Error())
	}
	when := ""
	if !d.When.IsZero() {
		when = d.When.UTC().Format("2006-01-02")
	}
	return digest("decision", strconv.FormatInt(d.Company, 10), strconv.FormatInt(d.ID, 10),
		strconv.FormatInt(d.Theme, 10), string(d.Verdict), when, string(reasons))
}

// digest hashes parts so that no two lists of parts hash alike.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s;", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Met reports whether enough directors released the content that digest names:
// one, or each who is active, as the rule says. It is never met by nobody.
func (r Rule) Met(members []Member, releases []Release, digest string) bool {
	released := func(m Member) bool {
		return m.MayRelease() && slices.ContainsFunc(releases, func(rel Release) bool {
			return rel.By == m.ID && rel.Digest == digest
		})
	}
	if !slices.ContainsFunc(members, released) {
		return false
	}
	return r == AnyDirector || !slices.ContainsFunc(members, func(m Member) bool {
		return m.MayRelease() && !released(m)
	})
}

// A Cleared answer may leave the house. Only Clear makes one; the outbox and
// the places take nothing else, and the zero value is refused by both.
type Cleared struct {
	answer Answer
	digest string
}

// Clear is the last word: it lets exactly this answer out if as many directors
// released exactly its content as the company's rule demands, and otherwise
// returns ErrForbidden.
func Clear(c Company, members []Member, releases []Release, a Answer) (Cleared, error) {
	d := a.Digest()
	if a.Text == "" || a.Company != c.ID || !c.Rule.Met(members, releases, d) {
		return Cleared{}, fmt.Errorf("answer %d is not released: %w", a.ID, ErrForbidden)
	}
	return Cleared{answer: a, digest: d}, nil
}

// Answer returns what was cleared, and whether anything was.
func (c Cleared) Answer() (Answer, bool) { return c.answer, c.digest != "" }

// Digest names the content that was cleared; it is empty for the zero value.
func (c Cleared) Digest() string { return c.digest }

// Seal returns the entry with Hash set over every other field, Prev included,
// so that the log is a chain (as in a hash chain of RFC 6962's kind, without
// the tree).
func (e Entry) Seal() Entry {
	e.Hash = digest(strconv.FormatInt(e.Company, 10), strconv.FormatInt(e.Seq, 10),
		strconv.FormatInt(e.At.UnixMilli(), 10), strconv.FormatInt(e.By, 10),
		e.Act, string(e.Subject), strconv.FormatInt(e.ID, 10), e.Detail, e.Prev)
	return e
}

// An Outcome counts what became of a release.
type Outcome struct {
	Released int // on their way now
	Handed   int // released, to be given by hand
	Waiting  int // wait for a further director
	Changed  int // left as they were: their text or state is no longer what was shown
}
