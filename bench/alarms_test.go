package bench

import "testing"

// Alarms are rare on a real stream, and rarer still by chance.
func TestAlarms(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("too slow under the race detector; the same test runs without it")
	}
	r, err := Alarms(t.Context(), needThemes(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	if r.Voices < 4000 || r.Themes < 20 || r.False > 0.1 || float64(r.Alarms)/r.Months > 1 {
		t.Errorf("%d voices, %d themes, %d alarms, %.3f false a month", r.Voices, r.Themes, r.Alarms, r.False)
	}
}
