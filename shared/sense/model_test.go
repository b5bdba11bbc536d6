package sense_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/sense"
)

func TestTheModelIsLearntFromTheSentencesThatLieBesideIt(t *testing.T) {
	t.Parallel()
	all, of, err := sense.ReadTaught(os.DirFS("../../packs/ma"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := sense.ReadModel(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	if m.Of != of {
		t.Error("the sentences or the list of words have changed: run twiza pack learn packs/ma")
	}
	if keys := sense.KeysOf(all); !slices.Equal(m.Keys, keys) {
		t.Errorf("the model knows %v, the sentences say %v", m.Keys, keys)
	}
}

func TestLearningTwiceGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	l, err := sense.LoadList(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	some := []sense.Taught{}
	for i, s := range []string{"عطشانين وبلا ماء", "nous avons soif", "merci à tous", "شكرا لكم", "no water at all", "we are fine", "lma makaynch", "labas 3lina"} {
		one := sense.Taught{Text: s + strings.Repeat(" 1", i)}
		if i%4 < 2 {
			one.Says = []string{"needs.water"}
		}
		some = append(some, one, one)
	}
	a, err := sense.Learn(l, []string{"needs.water"}, some).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	b, err := sense.Learn(l, []string{"needs.water"}, some).Bytes()
	if err != nil || string(a) != string(b) {
		t.Errorf("%d and %d bytes differ: %v", len(a), len(b), err)
	}
}

func TestWordsOfDistressAreNeedsAndNothingElse(t *testing.T) {
	t.Parallel()
	l := lexicon(t)
	for _, text := range []string{"كأنها قنبلة، الدم في كل مكان والناس ماتت", "c'était comme une bombe, du sang partout, des morts", "it was like a bomb, blood everywhere, people dead", "b7al chi 9onbola, dem, mouta",
		"الله اكبر الله اكبر", "vive le Maroc, à bas la misère, nous voulons nos droits", "نحتج على تأخر المساعدات", "guerre attaque explosion arme"} {
		for _, key := range l.Read(text).Keys() {
			if !strings.HasPrefix(key, "needs.") && !strings.HasPrefix(key, "weak.") && !slices.Contains([]string{"danger", "maybe_danger", "people", "households", "unserved", "served"}, key) {
				t.Errorf("%q is read as %q", text, key)
			}
		}
	}
}
