package app

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// The program brings the time zones along. A host that has them hides whether it
// does, so that the program's parts are asked.
func TestZonesAreBroughtAlong(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "lastword/cmd/lastword").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
		t.Error("the program has no time zones of its own")
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "Europe/Vienna", "Europe/Zurich"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for month, want := range map[time.Month]int{time.January: 3600, time.July: 7200} {
			if _, got := time.Date(2026, month, 1, 12, 0, 0, 0, zone).Zone(); got != want {
				t.Errorf("%s is %d s ahead in %s, want %d", name, got, month, want)
			}
		}
	}
}
