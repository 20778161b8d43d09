package meta

import (
	"context"
	"fmt"
	"time"

	"lastword"
)

// How long a place may take to fetch what a post shows, in looks and between them.
const (
	looks = 30
	look  = 2 * time.Second
)

// Fetched waits until a place has fetched what a container shows, whose state tells
// ("status" of Threads, "status_code" of Instagram). Where it could not, that is
// broken.
func Fetched(ctx context.Context, state func(context.Context) (string, error), broken error) error {
	for range looks {
		now, err := state(ctx)
		if err != nil {
			return err
		}
		switch now {
		case "FINISHED", "PUBLISHED":
			return nil
		case "ERROR", "EXPIRED":
			return broken
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(look):
		}
	}
	return fmt.Errorf("meta: the picture is not ready: %w", lastword.ErrUnavailable)
}
