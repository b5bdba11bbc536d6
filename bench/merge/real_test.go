package merge_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/twiza/twiza/bench/merge"
	"github.com/twiza/twiza/packs"
)

// data is where the real requests and labelled names lie on a developer's machine.
const data = "../../../shared/data"

func needsData(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(data, "names")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("what this is measured on is missing: ", err)
		}
		t.Skip("needs ../shared/data, which is not on this machine")
	}
}

func TestSpellingsOfOneNameAreToldFromOtherNames(t *testing.T) {
	t.Parallel()
	needsData(t)
	n, err := merge.NamePairs(data)
	if err != nil {
		t.Fatal(err)
	}
	if n.One < 500 || n.OneFound*100 < 92*n.One || n.OtherFound*100 > 10*n.Other || n.FebrlFound*100 < 75*n.Febrl {
		t.Errorf("%+v", n)
	}
}

func TestRealRequestsAreNotAllOneNeed(t *testing.T) {
	t.Parallel()
	needsData(t)
	r, err := merge.NewReader(packs.FS)
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.Real(data)
	if err != nil {
		t.Fatal(err)
	}
	if w.Requests < 900 || w.Labelled == 0 || w.Ours == 0 || w.Ours > 2*w.Requests {
		t.Errorf("%+v", w)
	}
}
