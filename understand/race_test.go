//go:build race

package understand_test

// slower is how much more time the race detector may take.
const slower = 10
