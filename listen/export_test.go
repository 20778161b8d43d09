package listen

import "time"

// Backoff shows how long a channel that fails is left alone.
func Backoff(n int, asked time.Duration, chance float64) time.Duration {
	return backoff(n, asked, chance)
}
