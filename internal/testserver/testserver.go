// Package testserver runs real servers of other makers for the tests: what a
// connector proves against them, it proves against what users connect.
//
// They are installed once, by the script install beside this file, and started
// by each test that wants one, on loopback, in a folder of the test's own.
package testserver

import (
	"os"
	"path/filepath"
	"testing"
)

// wanted is the environment variable that turns the real servers on.
const wanted = "LASTWORD_TEST_SERVERS"

// folder returns where the server of the given name is installed. It skips the
// test where real servers are not wanted, and fails it where they are wanted
// and missing: a machine that should prove something may not skip in silence.
func folder(t testing.TB, name string) string {
	t.Helper()
	if os.Getenv(wanted) == "" {
		t.Skipf("left out: needs a real server (%s); run make test-servers", name)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("testserver: no cache folder: %v", err)
	}
	dir := filepath.Join(cache, "lastword-test", name)
	if _, err := os.Stat(filepath.Join(dir, "stamp")); err != nil {
		t.Fatalf("testserver: %s is not installed (internal/testserver/install does it): %v", name, err)
	}
	return dir
}
