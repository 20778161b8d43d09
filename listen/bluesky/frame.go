package bluesky

import (
	"bytes"
	"time"
)

// A wire is a dialect of Jetstream.
type wire int

// The dialects: v1 is frozen and served at /subscribe, v2 is the XRPC
// subscription network.bsky.jetstream.subscribeEvents.
const (
	wireV1 wire = 1
	wireV2 wire = 2
)

// A frameKind says what a frame is about.
type frameKind uint8

const (
	frameBroken  frameKind = iota // cannot be read
	frameUnknown                  // can be read, and is of a kind that we do not know
	frameCommit
	frameAccount
	frameOther   // identity and sync: nothing that a voice hangs on
	frameInfo    // advice about the stream; moves no cursor
	frameFailure // the last frame: name and message say why
)

// A frame is one message of the stream. Its slices live as long as the bytes it
// was read from.
type frame struct {
	kind       frameKind
	what       []byte // the kind as the wire names it
	did        []byte
	seq        int64 // v2: number of the event at that host
	at         int64 // when Jetstream saw it, Unix microseconds
	op         []byte
	collection []byte
	rkey       []byte
	cid        []byte
	record     []byte
	active     bool
	status     []byte
	name       []byte
	message    []byte
}

// readV1 reads a frame of the v1 wire.
func readV1(b []byte) frame {
	var f frame
	s := scanner{b: b}
	for more := s.enter('{'); more; more = s.next('{') {
		switch string(s.key()) {
		case "did":
			f.did = s.bytes()
		case "time_us":
			f.at = s.integer()
		case "kind":
			f.what = s.bytes()
		case "commit":
			f.readCommit(&s)
		case "account":
			f.readAccount(&s)
		default:
			s.skip()
		}
	}
	return f.judge(s.done(), wireV1)
}

// v2Prefix opens the name of every kind of payload.
var v2Prefix = []byte("network.bsky.jetstream.subscribeEvents#")

// readV2 reads a frame of the v2 wire, whose subprotocol is xrpc.v1.json.
func readV2(b []byte) frame {
	var f frame
	var envelope []byte
	s := scanner{b: b}
	for more := s.enter('{'); more; more = s.next('{') {
		switch string(s.key()) {
		case "$type":
			envelope = s.bytes()
		case "payload":
			f.readPayload(&s)
		case "error":
			f.name = s.bytes()
		case "message":
			f.message = s.bytes()
		default:
			s.skip()
		}
	}
	if string(envelope) == "error" && s.done() {
		return frame{kind: frameFailure, name: f.name, message: f.message}
	}
	if string(envelope) != "message" {
		f.what = envelope
		return f.judge(s.done() && len(envelope) > 0, 0)
	}
	return f.judge(s.done(), wireV2)
}

func (f *frame) readPayload(s *scanner) {
	for more := s.enter('{'); more; more = s.next('{') {
		key := s.key()
		switch string(key) {
		case "$type":
			f.what = bytes.TrimPrefix(s.bytes(), v2Prefix)
		case "seq":
			f.seq = s.integer()
		case "did":
			f.did = s.bytes()
		case "time":
			f.at = micros(s.bytes())
		case "account":
			f.readAccount(s)
		case "name":
			f.name = s.bytes()
		case "message":
			f.message = s.bytes()
		default:
			f.readOperation(s, key)
		}
	}
}

func (f *frame) readCommit(s *scanner) {
	for more := s.enter('{'); more; more = s.next('{') {
		f.readOperation(s, s.key())
	}
}

// readOperation reads what both wires say alike of a commit.
func (f *frame) readOperation(s *scanner, key []byte) {
	switch string(key) {
	case "operation":
		f.op = s.bytes()
	case "collection":
		f.collection = s.bytes()
	case "rkey":
		f.rkey = s.bytes()
	case "cid":
		f.cid = s.bytes()
	case "record":
		f.record = s.raw()
	default:
		s.skip()
	}
}

func (f *frame) readAccount(s *scanner) {
	for more := s.enter('{'); more; more = s.next('{') {
		switch string(s.key()) {
		case "active":
			f.active = s.is("true")
		case "status":
			f.status = s.bytes()
		default:
			s.skip()
		}
	}
}

// judge sets the kind of a frame that was read. No wire (0) means that its
// envelope is unknown.
func (f frame) judge(readable bool, of wire) frame {
	switch {
	case !readable:
		return frame{kind: frameBroken}
	case of == 0:
		f.kind = frameUnknown
		return f
	}
	switch string(f.what) {
	case "commit":
		f.kind = frameCommit
	case "account":
		f.kind = frameAccount
	case "identity", "sync":
		f.kind = frameOther
	case "info":
		f.kind = frameInfo
		return f
	default:
		f.kind = frameUnknown
		return f
	}
	if !isDID(f.did) || f.at <= 0 || of == wireV2 && f.seq <= 0 || !f.whole() {
		return frame{kind: frameBroken}
	}
	return f
}

// whole reports whether a commit has all that its operation needs.
func (f *frame) whole() bool {
	if f.kind != frameCommit {
		return true
	}
	if len(f.collection) == 0 || !isRecordKey(f.rkey) {
		return false
	}
	return string(f.op) == "delete" || len(f.record) > 0 && len(f.cid) > 0
}

// micros reads a time as the protocol writes it (a profile of RFC 3339) and
// returns Unix microseconds, or 0.
func micros(b []byte) int64 {
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return 0
	}
	return t.UnixMicro()
}
