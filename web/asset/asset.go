// Package asset holds the style sheet, the script and the mark of the pages,
// each under an address that changes with its content, so that browsers may
// keep them for ever.
package asset

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed *.css *.js *.svg *.webmanifest
var files embed.FS

// A Set is the assets by name and by address.
type Set struct {
	addresses map[string]string
	files     map[string]file
}

type file struct {
	name string
	data []byte
}

// Load reads the assets that are built into the program.
func Load() (*Set, error) {
	s := &Set{addresses: map[string]string{}, files: map[string]file{}}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("asset: %w", err)
	}
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("asset: %w", err)
		}
		sum := sha256.Sum256(data)
		address := "/asset/" + hex.EncodeToString(sum[:8]) + "/" + e.Name()
		s.addresses[e.Name()], s.files[address] = address, file{e.Name(), data}
	}
	return s, nil
}

// Address returns where the asset of that name is served; empty if there is none.
func (s *Set) Address(name string) string { return s.addresses[name] }

// ServeHTTP answers GET /asset/{hash}/{name}. An address with another hash is
// not found: a page that names it is older than this program.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", contentType(f.name))
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.data))
}

// contentType is our own, because the system's table may lack one.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/manifest+json"
}
