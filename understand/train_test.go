package understand_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"lastword/understand"
)

// What is shipped is what training makes.
func TestShippedModelsAreTrained(t *testing.T) {
	t.Parallel()
	const data = "../../shared/data"
	switch _, err := os.Stat(data); {
	case slower > 1:
		t.Skip("too slow under the race detector; the same test runs without it")
	case err != nil:
		t.Skip("the labelled texts are not here: ", err)
	case runtime.GOARCH != "amd64":
		t.Skip("the shipped model was trained on amd64; elsewhere math.Exp differs in its last bit")
	}
	folder := t.TempDir()
	report, err := understand.Train(data, folder, understand.Seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(report)
	for name := range report.Files {
		again, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		ships, err := os.ReadFile(filepath.Join("model", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again, ships) {
			t.Errorf("%s is not what training makes", name)
		}
	}
}

func TestTrainNeedsItsData(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := understand.Train(t.TempDir(), folder, 1); err == nil {
		t.Error("trained without data")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
