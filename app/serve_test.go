package app

import (
	"context"
)

// running opens the house's program in this process, lets it listen, work and
// serve for f, and stops it as a signal would.
func (h *house) running(f func(a *App, at string)) {
	h.Helper()
	h.inside(func(a *App) {
		l, err := listener(h.Context(), h.config.Listen)
		h.must(err)
		ctx, stop := context.WithCancel(context.WithoutCancel(h.Context()))
		done := make(chan error, 1)
		go func() { done <- a.Serve(ctx, l) }()
		defer func() {
			stop()
			h.must(<-done)
		}()
		f(a, "http://"+l.Addr().String())
	})
}
