package web

import (
	"io/fs"
	"testing"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

func TestEverySentenceOfTheEdgeIsThereInFourLanguages(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load([]fs.FS{Locale, ui.Locale}...)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range i18n.Check(cat) {
		t.Error(line)
	}
}
