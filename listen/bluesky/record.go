package bluesky

import (
	"encoding/json"
	"time"

	"lastword"
)

// network is the name under which posts, people and lengths of this place are
// kept.
const network = "bluesky"

// The limits of a post's text, by the lexicon app.bsky.feed.post.
const (
	maxGraphemes = 300
	maxBytes     = 3000
)

// A strongRef names one version of a record (lexicon com.atproto.repo.strongRef).
type strongRef struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// A replyRef says where in a thread a post stands.
type replyRef struct {
	Root   strongRef `json:"root"`
	Parent strongRef `json:"parent"`
}

// A ref is what Post.Ref keeps for a later answer.
type ref struct {
	CID  string     `json:"cid"`
	Root *strongRef `json:"root,omitempty"` // nil where the post opens its thread
}

// A record is what we read of a post.
type record struct {
	kind    string
	text    string
	created string
	lang    string
	reply   replyRef
	hidden  bool // labelled !hide or !takedown
	private bool // labelled !no-unauthenticated
}

// readRecord reads a record of the lexicon app.bsky.feed.post. Facets and
// embeds are passed by: the text is kept exactly as it was said.
func readRecord(b []byte) (r record, ok bool) {
	s := scanner{b: b}
	if s.peek() != '{' {
		return r, false
	}
	for more := s.enter('{'); more; more = s.next('{') {
		switch string(s.key()) {
		case "$type":
			r.kind = s.text()
		case "text":
			r.text = s.text()
		case "createdAt":
			r.created = s.text()
		case "langs":
			r.lang = firstText(&s)
		case "reply":
			r.reply = readReply(&s)
		case "labels":
			r.readSelfLabels(&s)
		default:
			s.skip()
		}
	}
	return r, s.done() && r.kind == postCollection
}

func firstText(s *scanner) string {
	first := ""
	for more := s.enter('['); more; more = s.next('[') {
		if t := s.text(); first == "" {
			first = t
		}
	}
	return first
}

func readReply(s *scanner) (r replyRef) {
	for more := s.enter('{'); more; more = s.next('{') {
		switch string(s.key()) {
		case "root":
			r.Root = readRef(s)
		case "parent":
			r.Parent = readRef(s)
		default:
			s.skip()
		}
	}
	return r
}

func readRef(s *scanner) (r strongRef) {
	for more := s.enter('{'); more; more = s.next('{') {
		switch string(s.key()) {
		case "uri":
			r.URI = s.text()
		case "cid":
			r.CID = s.text()
		default:
			s.skip()
		}
	}
	return r
}

// readSelfLabels reads the labels that an author put on a post of their own
// (lexicon com.atproto.label.defs#selfLabels).
func (r *record) readSelfLabels(s *scanner) {
	for more := s.enter('{'); more; more = s.next('{') {
		if string(s.key()) != "values" {
			s.skip()
			continue
		}
		for more := s.enter('['); more; more = s.next('[') {
			for more := s.enter('{'); more; more = s.next('{') {
				if string(s.key()) == "val" {
					r.label(s.text())
				} else {
					s.skip()
				}
			}
		}
	}
}

// label obeys the labels that bind every client: hidden and taken down is shown
// to nobody, and "!no-unauthenticated" is not shown to people who are not signed
// in there, so it is never quoted outside.
func (r *record) label(val string) {
	switch val {
	case "!hide", "!takedown":
		r.hidden = true
	case "!no-unauthenticated":
		r.private = true
	}
}

// post makes of a record what the rest of the program understands. seen is when
// the network saw it: what an author claims may be earlier, never later.
func (r *record) post(at atURI, cid string, seen time.Time) lastword.Post {
	p := lastword.Post{
		Network: network,
		Key:     at.String(),
		URL:     at.web(),
		Author:  lastword.Author{Key: at.did, URL: profileURL(at.did)},
		Text:    r.text,
		Lang:    r.lang,
		SaidAt:  saidAt(r.created, seen),
		Private: r.private,
	}
	kept := ref{CID: cid}
	if _, err := parseATURI(r.reply.Parent.URI); err == nil {
		p.Parent, p.Root = r.reply.Parent.URI, r.reply.Root.URI
		kept.Root = &r.reply.Root
	}
	b, err := json.Marshal(kept)
	if err == nil { // always: two strings cannot fail to be written
		p.Ref = string(b)
	}
	return p
}

// saidAt bounds an author's claim by what the network saw. A claim that cannot
// be read, or lies before 1970, counts for nothing.
func saidAt(claim string, seen time.Time) time.Time {
	t, err := time.Parse(time.RFC3339Nano, claim)
	if err != nil || t.After(seen) || t.Unix() < 0 {
		return seen.UTC()
	}
	return t.UTC()
}
