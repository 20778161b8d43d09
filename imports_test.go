package lastword_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our own packages each folder may import; the first
// line that fits a folder counts. It is the map of the program: change it on
// purpose, and say why in the commit.
var mayImport = []struct {
	folder  string
	imports []string
}{
	{".", nil}, // the shared words
	{"internal/*", []string{".", "internal/*"}},
	{"store", []string{".", "internal/*", "store/*"}},
	{"store/storetest", []string{".", "store", "internal/*"}},
	{"store/*", nil},
	{"listen/all", []string{"listen", "listen/*"}},
	{"listen/listentest", []string{".", "listen", "internal/*"}},
	{"listen", []string{".", "internal/*"}},
	{"listen/*", []string{".", "listen", "internal/*"}}, // a connector knows no other
	{"web", []string{".", "internal/*", "web/*", "listen", "match", "understand", "theme", "discuss", "decide", "answer", "people", "brief", "represent"}},
	{"web/*", []string{".", "internal/*", "web/*"}},
	{"demo", []string{".", "internal/*"}}, // invented posts, no program
	{"app", []string{".", "*", "*/*"}},    // the only places where all meet
	{"bench", []string{".", "*", "*/*"}},
	{"cmd/*", []string{".", "app", "bench", "store", "theme", "understand"}},
	{"*", []string{".", "internal/*"}}, // a step knows no other step
	{"*/*", []string{".", "internal/*"}},
}

func TestImports(t *testing.T) {
	const module = "lastword"
	files, judged := token.NewFileSet(), 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder := path.Dir(filepath.ToSlash(name))
		for _, imp := range f.Imports {
			of, ok := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), module)
			if !ok {
				continue
			}
			of = path.Join(".", strings.TrimPrefix(of, "/"))
			judged++
			if !allowed(folder, of) {
				t.Errorf("%s: %s may not import %s", files.Position(imp.Pos()), folder, of)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if judged == 0 {
		t.Error("no import was judged: is the module path right?")
	}
}

func allowed(folder, imported string) bool {
	for _, rule := range mayImport {
		if fits(rule.folder, folder) {
			return slices.ContainsFunc(rule.imports, func(p string) bool { return fits(p, imported) })
		}
	}
	return false
}

func fits(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
