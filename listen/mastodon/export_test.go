package mastodon

import (
	"encoding/json"
	"io"
	"time"

	"lastword"
	"lastword/listen"
)

// Hurry makes a source that streams do in milliseconds what it does in minutes.
func Hurry(s listen.Source) {
	inner, ok := s.(*source)
	if !ok {
		inner = s.(*account).source
	}
	inner.rhythm = rhythm{
		round: 20 * time.Millisecond, look: 50 * time.Millisecond, retry: 1 << 30,
		silence: 5 * time.Second, beat: 5 * time.Millisecond,
	}
}

// Retry makes a source try its streams anew after n rounds, and takes a stream
// for broken that is silent for so long.
func Retry(s listen.Source, n int, silence time.Duration) {
	inner := s.(*account).source
	inner.rhythm.retry, inner.rhythm.silence = n, silence
}

// Plain is what is read of markup.
func Plain(content string) string { return plain(content) }

// Count is how long a text is at a server of that version.
func Count(version, text string) int { return instance{version: version, perURL: 23}.count(text) }

// BaseURL is where a typed address leads.
func BaseURL(typed string) (string, error) { return baseURL(typed) }

// DecodePost reads a status as it would be kept.
func DecodePost(raw []byte) (lastword.Post, bool) {
	it := readStatus(raw)
	if it.status == nil {
		return lastword.Post{}, false
	}
	return it.status.post(instance{domain: "werkstatt.example", most: 500}, "1"), true
}

// DecodeNotification reports whether raw is a notification of something said.
func DecodeNotification(raw []byte) bool { return readNotification(raw).status != nil }

// DecodeEvents counts what a stream brings, and what is left out of it.
func DecodeEvents(body io.Reader) (events, dropped int) {
	_ = readEvents(body, func() {}, func(f frame) bool { // it always ends with the body
		if f.reason != "" {
			dropped++
		} else {
			events++
		}
		return true
	})
	return events, dropped
}

// DecodeSocketFrame returns the event of a message and its payload.
func DecodeSocketFrame(raw []byte) (event, payload string) {
	f := readSocketFrame(raw)
	return f.event, string(f.payload)
}

// Look makes the source look at the latest voices at each poll.
func Look(s listen.Source) { s.(*account).rhythm.look = 0 }

// DecodeInstance returns what is known of a server from its answer.
func DecodeInstance(raw []byte) (domain, streaming string, most, perURL, api int, err error) {
	var a instanceAnswer
	err = json.Unmarshal(raw, &a)
	in := a.instance("https://werkstatt.example")
	return in.domain, in.streaming, in.most, in.perURL, in.api, err
}
