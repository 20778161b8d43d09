package bluesky

import "lastword"

// Decode reads one frame of the v1 wire of Jetstream as the open stream is
// read: ok is false for what is no event, which is most. It keeps nothing of the
// bytes. It is here for those who measure or replay; a channel reads by itself.
func Decode(frame []byte) (e lastword.Event, ok bool) {
	h := listener{all: true}.hear(readV1(frame))
	return h.event, h.isEvent
}

// DecodeV2 is Decode for the v2 wire.
func DecodeV2(frame []byte) (e lastword.Event, ok bool) {
	h := listener{all: true}.hear(readV2(frame))
	return h.event, h.isEvent
}
