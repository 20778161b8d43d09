package bench

import (
	"os"
	"testing"
)

// A drawn stream is never said to be silent, and is soon when it is cut.
func TestSilenceOfADrawnStream(t *testing.T) {
	t.Parallel()
	s := drawnStream(20, 30, 1)
	row, err := s.measure(t.Context(), SilenceOptions{Cuts: 3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if row.Alarms != 0 || row.SilentP50 <= 0 || row.SilentP50 > 96 || row.Months < 5 {
		t.Errorf("%+v", row)
	}
}

// The feeds found in the wild are read as a browser would show them.
func TestFeedsFoundInTheWild(t *testing.T) {
	t.Parallel()
	notUnderRace(t)
	const data = "../../shared/data"
	if _, err := os.Stat(data + "/streams/feeds"); err != nil {
		t.Skip("the data to measure with is not here: " + data)
	}
	r, err := Feeds(t.Context(), FeedsOptions{Data: data})
	if err != nil || r.Documents == 0 || r.Read != r.Documents || r.Pieces == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// A few feeds are polled on time, and a short stream is heard whole.
func TestFeedsAndStreamAreMeasured(t *testing.T) {
	t.Parallel()
	var r FeedsReport
	if err := r.poll(t.Context(), FeedsOptions{Feeds: 5, Seconds: 1}); err != nil || r.Polls != 5 {
		t.Errorf("%+v, %v", r, err)
	}
	const data = "../../shared/data"
	if _, err := os.Stat(data + "/streams"); err != nil {
		t.Skip("the data to measure with is not here: " + data)
	}
	got, err := Stream(t.Context(), StreamOptions{Data: data, Memory: 4000, Wire: 2000})
	if err != nil || len(got.Rows) != 8 || got.Rows[1].Hits != 4 || got.Rows[3].Hits != 4 || got.Rows[5].Hits != 2 || got.Rows[7].Hits != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}
