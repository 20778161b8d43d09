package bench

import "testing"

// notUnderRace leaves a test that only computes to the run without the race
// detector, which takes ten times as long for it.
func notUnderRace(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("runs without the race detector")
	}
}
