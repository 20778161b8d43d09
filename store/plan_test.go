package store_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"lastword"
	"lastword/store"
	"lastword/store/storetest"
)

// TestNothingReadsAWholeCompany looks at how SQLite goes about every statement
// of the common tests: the tables that grow with what is heard may be read from
// end to end only by an export, or by a list that stops at its limit.
func TestNothingReadsAWholeCompany(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t testing.TB, c *storetest.Clock) *store.DB {
		db := open(t, store.Options{Folder: t.TempDir(), Now: c.Now})
		t.Cleanup(func() {
			plans, err := store.Plans(context.WithoutCancel(t.Context()), db)
			if err != nil {
				t.Error(err)
			}
			for text, plan := range plans {
				if i := slices.IndexFunc(plan, func(step string) bool { return walks(text, step) }); i >= 0 && !mayWalk(text) {
					t.Errorf("%s\n%s", plan[i], text)
				}
			}
		})
		return db
	})
}

// wide are steps that narrow a table down to a company, or to one of its networks.
var wide = regexp.MustCompile(`^(?:SEARCH|SCAN) (\w+)(?: USING (?:COVERING |PRIMARY |INTEGER PRIMARY )?(?:INDEX \w+|KEY)(?: \(company=\?(?: AND network=\?)?\))?)?$`)

// walks reports whether a step of a plan reads one of the large tables widely.
func walks(text, step string) bool {
	found := wide.FindStringSubmatch(step)
	if found == nil {
		return false
	}
	for _, table := range []string{"voice", "identity", "person", "hit", "theme_identity"} {
		if found[1] == table || regexp.MustCompile(`\b`+table+` `+found[1]+`\b`).MatchString(text) {
			return true
		}
	}
	return false
}

// export is a statement that takes all of a company's rows, or all rows.
var export = regexp.MustCompile(`^SELECT (\*|[\w\s,]+) FROM \w+(\s+WHERE company = \?( ORDER BY id)?)?$`)

func mayWalk(text string) bool {
	return export.MatchString(text) || strings.Contains(text, " LIMIT ?") || strings.HasPrefix(text, requeued)
}

// requeued finds what a restored store has still to understand.
const requeued = "SELECT company, id FROM voice WHERE version = 0"

// The databases compare with the very number of lastword.Sure, and so do the
// indexes on doubtful voices: a voice in between would be answered unasked.
func TestSureIsOneNumber(t *testing.T) {
	t.Parallel()
	if got, err := strconv.ParseFloat(store.Sure, 64); err != nil || got != lastword.Sure {
		t.Errorf("the store compares with %s, lastword.Sure is %v", store.Sure, lastword.Sure)
	}
	for _, dialect := range []string{"sqlite", "postgres"} {
		b, err := os.ReadFile("migrations/" + dialect + "/00001_start.sql")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "theme <> 0 AND fit < "+store.Sure+" AND fit_by = 0") {
			t.Errorf("%s: the index on doubtful voices holds another number than %s", dialect, store.Sure)
		}
	}
}
