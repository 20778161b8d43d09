package listentest

import (
	"context"
	"maps"
	"sync"
)

// Keeping is a listen.Host's Keep that keeps secrets in a map, as the store does.
func Keeping(secrets map[string]string, mu *sync.Mutex) func(context.Context, map[string]string) error {
	return func(_ context.Context, more map[string]string) error {
		mu.Lock()
		defer mu.Unlock()
		maps.Copy(secrets, more)
		maps.DeleteFunc(secrets, func(_, secret string) bool { return secret == "" })
		return nil
	}
}

// Kept is a listen.Host's Kept that reads the map of Keeping.
func Kept(secrets map[string]string, mu *sync.Mutex) func(context.Context) (map[string]string, error) {
	return func(context.Context) (map[string]string, error) {
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(secrets), nil
	}
}
