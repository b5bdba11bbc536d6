package reach

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

func TestWhatSomebodyAlreadyHasIsNotAskedForThem(t *testing.T) {
	t.Parallel()
	packs := os.DirFS(filepath.Join(testkit.Root(t), "packs"))
	words, err := readLexicon()
	if err != nil {
		t.Fatal(err)
	}
	if words.sense, err = sense.Load(packs, "ma"); err != nil {
		t.Fatal(err)
	}
	set, err := service.Load(packs, ".")
	if err != nil {
		t.Fatal(err)
	}
	g, err := places.Load(packs, "ma")
	if err != nil {
		t.Fatal(err)
	}
	def, _ := set.Get("crisis_help")
	for text, want := range map[string][]string{
		"Nous avons déjà la nourriture, il faut 20 tentes": {"shelter"},
		"الماء موجود ولكن الناس بدون مأوى":                 {"shelter"},
		"dyour ta7o, nas kaybato 3la bra w lbrd bzaf":      {"warm", "shelter"},
		"pain": {"food"},
	} {
		a := forms.Answers{}
		words.fill(def, g, a, text)
		got, _ := a["need"].([]string)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q asks for %v, want %v", text, got, want)
		}
	}
}
