package app

import (
	"context"
	"fmt"
	"time"

	"lastword"
)

// nightHour is the hour of a company's clock in which its themes are put in order.
const nightHour = 3

// night leaves a Tidy job for each company in whose zone it is night.
func (a *App) night(ctx context.Context, _ lastword.Job) error {
	companies, err := a.DB.Companies(ctx)
	if err != nil {
		return fmt.Errorf("night: %w", err)
	}
	var jobs []lastword.Job
	for _, c := range companies {
		if hourOf(c, a.now()) == nightHour {
			jobs = append(jobs, lastword.Job{Kind: lastword.Tidy, Company: c.ID})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	return a.DB.Enqueue(ctx, jobs...)
}

// hourOf is the hour of a company's clock; of UTC where its zone is not known.
func hourOf(c lastword.Company, t time.Time) int {
	in, err := time.LoadLocation(c.Zone)
	if err != nil {
		in = time.UTC
	}
	return t.In(in).Hour()
}
