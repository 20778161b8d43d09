package jobs

import (
	"testing"
	"time"
)

func TestHourly(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{"03:29:59": "03:30:00", "03:30:00": "04:30:00", "23:45:00": "00:30:00"} {
		at, err := time.Parse(time.TimeOnly, from)
		if err != nil {
			t.Fatal(err)
		}
		if got := (hourly{}).Next(at).Format(time.TimeOnly); got != want {
			t.Errorf("after %s comes %s, want %s", from, got, want)
		}
	}
}
