package matrix

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"lastword"
	"lastword/internal/api"
	"lastword/listen"
)

// DecodeSync reads an answer of /sync as it would be heard, asking nobody.
func DecodeSync(raw []byte, client *http.Client) (events []lastword.Event, err error) {
	var got synced
	if err := json.Unmarshal(raw, &got); err != nil {
		return nil, api.ErrMalformed
	}
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	s := &source{host: listen.Host{HTTP: client, Dropped: func(string, string) {}, Now: func() time.Time { return now }}, user: "@lind:firma.example", token: "t",
		base: "https://firma.example", back: 24 * time.Hour, rooms: map[string]bool{}, senders: map[string]string{}, names: map[string]string{}}
	for _, room := range sorted(got.Rooms.Join) {
		j := got.Rooms.Join[room]
		j.Timeline.Limited = false
		more, err := s.heard(context.Background(), room, j, cursor{Since: "s"})
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	for _, room := range sorted(got.Rooms.Invite) {
		s.inviter(got.Rooms.Invite[room].State.Events)
	}
	return events, nil
}
