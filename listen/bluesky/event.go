package bluesky

import (
	"bytes"
	"time"

	"lastword"
)

// A heard is one frame after it was judged: an event, or the reason why there
// is none, or nothing but a step forward in the stream.
type heard struct {
	event   lastword.Event
	isEvent bool
	reason  string // why it was left out; empty if it was not
	place   string
	seq, at int64 // position in the stream; 0 for a frame without one
	behind  bool  // the host says that our position is older than what it keeps
	failure error // the host says that this is the end
}

// Reasons for leaving something out.
const (
	dropUnreadable  = "frame-unreadable"   // bytes that are no frame
	dropUnknown     = "frame-kind-unknown" // a frame of a kind that came after us
	dropTooBig      = "frame-too-big"      // larger than any post can be
	dropRecord      = "record-unreadable"  // a post that breaks its lexicon
	dropOperation   = "operation-unknown"  // neither create, update nor delete
	dropLong        = "text-too-long"      // over what the lexicon allows; shown nowhere
	dropHidden      = "label-hide"         // labelled to be shown to nobody
	dropNoAppView   = "no-notifications"   // the account's service has none
	dropNoSearch    = "no-search"          // the network does not search for us
	dropNotice      = "notification-unreadable"
	dropMessage     = "message-unreadable"
	dropGroup       = "chat-group"   // said in a group, which is no direct message
	dropFrameFormat = "frame-format" // text where compressed bytes belong, or the reverse
)

// A listener says which posts of the stream are worth handing over.
type listener struct {
	own string // DID of the own account, or empty
	all bool   // every post; otherwise only what concerns own
}

// hear judges one frame. It keeps nothing of the frame's bytes.
func (l listener) hear(f frame) heard {
	h := heard{seq: f.seq, at: f.at}
	switch f.kind {
	case frameBroken:
		h.reason = dropUnreadable
	case frameUnknown:
		h.reason, h.place = dropUnknown, clip(string(f.what))
	case frameCommit:
		l.hearCommit(f, &h)
	case frameAccount:
		h.event, h.isEvent = accountEvent(f)
	case frameInfo:
		h.behind = string(f.name) == "OutdatedCursor"
	case frameFailure:
		h.failure = &streamFailure{name: clip(string(f.name)), message: clip(string(f.message))}
	}
	return h
}

func (l listener) hearCommit(f frame, h *heard) {
	if string(f.collection) != postCollection {
		return // a host that does not know our filter sends everything
	}
	at := atURI{did: string(f.did), collection: postCollection, rkey: string(f.rkey)}
	switch string(f.op) {
	case "create", "update":
		l.hearPost(f, at, h)
	case "delete":
		h.event, h.isEvent = deleted(at), true
	default:
		h.reason, h.place = dropOperation, at.String()
	}
}

func deleted(at atURI) lastword.Event {
	return lastword.Event{Op: lastword.Deleted, Post: lastword.Post{
		Network: network, Key: at.String(), Author: lastword.Author{Key: at.did},
	}}
}

func (l listener) hearPost(f frame, at atURI, h *heard) {
	edit := string(f.op) == "update"
	ours := l.all || l.concerns(f)
	if !ours && !edit {
		return
	}
	r, ok := readRecord(f.record)
	switch {
	case !ok:
		h.reason, h.place = dropRecord, at.String()
	case len(r.text) > maxBytes:
		h.reason, h.place = dropLong, at.String()
	case edit && (r.hidden || r.text == ""):
		// What was heard before must go.
		h.event, h.isEvent = deleted(at), true
	case r.hidden:
		h.reason, h.place = dropHidden, at.String()
	case r.text == "":
		// A picture without words is no voice.
	default:
		p := r.post(at, string(f.cid), time.UnixMicro(f.at))
		p.Own = l.own != "" && at.did == l.own
		h.event, h.isEvent = lastword.Event{Op: lastword.Said, Post: p}, true
		if edit && (l.all || !ours) {
			// It may no longer say what it was kept for.
			h.event.Op = lastword.Edited
		}
	}
}

// concerns reports whether a post was said by the own account or names it: in
// a mention, as parent or root of a reply, or as what is quoted. All of these
// are spelled with the account's DID, and a DID stands in a record for no other
// purpose; a text that holds one is a rare and harmless exception.
func (l listener) concerns(f frame) bool {
	return string(f.did) == l.own || bytes.Contains(f.record, []byte(l.own))
}

// accountEvent maps an account's state (lexicon com.atproto.sync.subscribeRepos
// #account). Deleted is for good; every other state in which the network does
// not show an account may end.
func accountEvent(f frame) (lastword.Event, bool) {
	ev := lastword.Event{Op: lastword.AccountAway}
	ev.Post.Network, ev.Post.Author.Key = network, string(f.did)
	switch {
	case f.active:
		ev.Op = lastword.AccountBack
	case string(f.status) == "deleted":
		ev.Op = lastword.AccountGone
	case string(f.status) == "desynchronized", string(f.status) == "throttled":
		return lastword.Event{}, false // about servers, not about the person
	}
	return ev, true
}

// clip bounds a stranger's words in a reason or an error.
func clip(s string) string {
	if len(s) > 120 {
		s = s[:120]
	}
	return s
}
