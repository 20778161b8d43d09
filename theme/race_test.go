//go:build race

package theme

const raceEnabled = true
