package bench

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// eachFeed reads the documents below folder that are feeds by their names, in
// the order of their paths.
func eachFeed(folder string, do func(name string, body []byte)) error {
	var paths []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := strings.ToLower(filepath.Ext(path)); !d.IsDir() && slices.Contains([]string{".xml", ".json", ".rss", ".atom"}, ext) {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		do(filepath.Base(path), body)
	}
	return nil
}
