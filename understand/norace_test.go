//go:build !race

package understand_test

const slower = 1
