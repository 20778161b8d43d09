package bench

import (
	"context"
	"errors"
)

// PagesOptions say what Pages measures.
type PagesOptions struct {
	Data   string
	Voices int
	Folder string
}

// A PagesReport says how long pages take.
type PagesReport struct{}

// String returns the report as a table.
func (PagesReport) String() string { return "" }

// Pages measures the pages.
func Pages(context.Context, PagesOptions) (PagesReport, error) {
	return PagesReport{}, errors.New("not yet")
}
