package lastword_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A source is one of our files, parsed.
type source struct {
	name string // with slashes, from the root
	file *ast.File
}

func sources(t *testing.T) (all []source, at *token.FileSet) {
	t.Helper()
	at = token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		f, err := parser.ParseFile(at, name, nil, parser.SkipObjectResolution)
		all = append(all, source{filepath.ToSlash(name), f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, at
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// declared are the functions of a folder's files, tests or not.
func declared(all []source, folder string, tests bool) map[string]bool {
	found := map[string]bool{}
	for _, s := range all {
		if s.isTest() != tests || folder != "*" && path.Dir(s.name) != folder {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				found[f.Name.Name] = true
			}
		}
	}
	return found
}

// promises are the names of the cases of storetest, as its table spells them.
func promises(t *testing.T, all []source) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, s := range all {
		if s.name != "store/storetest/storetest.go" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, isText := pair.Key.(*ast.BasicLit)
			if test, isName := pair.Value.(*ast.Ident); isText && isName && strings.HasPrefix(test.Name, "test") {
				found[strings.Trim(key.Value, `"`)] = true
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Fatal("no case of storetest was found")
	}
	return found
}

var (
	inTicks  = regexp.MustCompile("`([^`]+)`")
	inQuotes = regexp.MustCompile(`"([^"]+)"`)
	aTest    = regexp.MustCompile(`^(Test|Fuzz)\w+$`)
	aFile    = regexp.MustCompile(`^[\w/]+(\.go)?$`)
	aMethod  = regexp.MustCompile(`^([\w/]+)\.([A-Z]\w+)$`)
)

// named are the groups of all matches.
func named(p *regexp.Regexp, text string) (names []string) {
	for _, m := range p.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// Each promise names where it holds and what fails when it is broken; both must
// be there.
func TestInvariantsAreHeld(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("INVARIANTS.md")
	if err != nil {
		t.Fatal(err)
	}
	all, _ := sources(t)
	tests, cases := declared(all, "*", true), promises(t, all)
	rows := 0
	for line := range strings.Lines(string(raw)) {
		for _, name := range named(inTicks, line) {
			if aTest.MatchString(name) && !tests[name] {
				t.Errorf("there is no test %s", name)
			}
		}
		columns := strings.Split(line, " | ")
		if len(columns) != 4 || !strings.Contains(columns[1], "**") {
			continue
		}
		rows++
		held := 0
		for _, name := range named(inTicks, columns[3]) {
			if !aTest.MatchString(name) {
				t.Errorf("row %d: %q is no name of a test", rows, name)
			}
			held++
		}
		for _, name := range named(inQuotes, columns[3]) {
			if !cases[name] {
				t.Errorf("row %d: storetest has no case %q", rows, name)
			}
			held++
		}
		if held == 0 {
			t.Errorf("row %d: no test holds it", rows)
		}
		for _, name := range named(inTicks, columns[2]) {
			checkPlace(t, all, name)
		}
	}
	if rows < 7 {
		t.Errorf("%d promises were read: has the table changed?", rows)
	}
}

// checkPlace finds a file, or a function of a folder; other words are words.
func checkPlace(t *testing.T, all []source, name string) {
	t.Helper()
	if m := aMethod.FindStringSubmatch(name); m != nil {
		folder := m[1]
		if folder == "lastword" || folder == "Rule" {
			folder = "."
		}
		if !declared(all, folder, false)[m[2]] {
			t.Errorf("there is no %s", name)
		}
		return
	}
	if strings.Contains(name, "/") && aFile.MatchString(name) || strings.HasSuffix(name, ".go") {
		if _, err := os.Stat(filepath.FromSlash(name)); err != nil {
			t.Errorf("there is no %s", name)
		}
	}
}

// Every goroutine has an owner who waits for it; these are the owners.
func TestGoStatements(t *testing.T) {
	t.Parallel()
	owners := []string{"app", "bench", "listen", "internal/jobs"}
	all, at := sources(t)
	for _, s := range all {
		folder := path.Dir(s.name)
		mayStart := slices.ContainsFunc(owners, func(o string) bool { return folder == o || strings.HasPrefix(folder, o+"/") })
		if s.isTest() || mayStart {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a goroutine begins here", at.Position(g.Pos()))
			}
			return true
		})
	}
}
