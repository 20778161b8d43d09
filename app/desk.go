package app

import (
	"context"

	"lastword"
	"lastword/theme"
)

// desk is what people do to themes from the pages.
type desk struct{ *theme.Step }

// Split makes a new theme of some voices and gives it a name, if there is one.
func (d desk) Split(ctx context.Context, m lastword.Member, from int64, voices []int64, name string) (int64, error) {
	id, err := d.Step.Split(ctx, m, from, voices)
	if err != nil || name == "" {
		return id, err
	}
	return id, d.Rename(ctx, m, id, name)
}

// Move places voices into a theme; 0 takes them out of any.
func (d desk) Move(ctx context.Context, m lastword.Member, voices []int64, to int64) error {
	if to == 0 {
		return d.Reject(ctx, m, voices)
	}
	return d.Step.Move(ctx, m, voices, to)
}
