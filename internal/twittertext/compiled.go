package twittertext

import (
	"regexp"
	"sync"
)

// compiled makes a regular expression on its first use.
func compiled(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
