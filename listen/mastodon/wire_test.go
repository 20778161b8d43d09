package mastodon_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// streaming serves one stream, as server-sent events or over a websocket.
func (s *server) streaming(w http.ResponseWriter, r *http.Request) {
	socket := r.Header.Get("Upgrade") == "websocket"
	name := strings.ReplaceAll(strings.Trim(strings.TrimPrefix(r.URL.Path, "/api/v1/streaming"), "/"), "/", ":")
	if socket {
		name = r.URL.Query().Get("stream")
	}
	if tag := r.URL.Query().Get("tag"); tag != "" {
		name += " " + tag
	}
	switch {
	case socket && !s.sockets, !socket && !s.events:
		refuse(w, http.StatusNotFound)
		return
	case !s.knows(r):
		refuse(w, http.StatusUnauthorized)
		return
	}
	ch := make(chan string, 100)
	send := s.sender(w, r, socket)
	if send == nil {
		return
	}
	s.mu.Lock()
	s.taps[name] = append(s.taps[name], ch)
	s.mu.Unlock()
	for {
		select {
		case <-r.Context().Done():
			return
		case e, open := <-ch:
			if !open || !send(name, e) {
				return
			}
		}
	}
}

func (s *server) sender(w http.ResponseWriter, r *http.Request, socket bool) func(name, event string) bool {
	if !socket {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, ":)\n")
		flush := func() { w.(http.Flusher).Flush() }
		flush()
		return func(_, e string) bool {
			event, payload, isEvent := strings.Cut(e, "\n")
			if !isEvent {
				fmt.Fprint(w, e)
			} else {
				fmt.Fprintf(w, ":thump\nevent: %s\ndata: %s\n\n", event, strings.ReplaceAll(payload, "\n", " "))
			}
			flush()
			return true
		}
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{s.token}})
	if err != nil {
		s.t.Log(err)
		return nil
	}
	ctx := conn.CloseRead(r.Context())
	return func(name, e string) bool {
		event, payload, isEvent := strings.Cut(e, "\n")
		message := e
		if isEvent {
			message = fmt.Sprintf(`{"stream":[%q],"event":%q,"payload":%s}`, name, event, quoted(payload))
		}
		return conn.Write(ctx, websocket.MessageText, []byte(message)) == nil
	}
}
