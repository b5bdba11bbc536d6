package app

import (
	"go/ast"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

func TestTheWordsOfTheWholeHouseAreGoodInFourLanguages(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	for _, problem := range i18n.Check(h.Site.Cat) {
		t.Error(problem)
	}
}

// What handlers say by themselves no gallery can show: so every page is read
// in the pseudo-language by those who between them see all. Names, places and
// what was put on stage are data.
func TestNoHandlerSaysAWordByItself(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	s.h.Site.Langs = append(i18n.Langs(), i18n.QPS)
	s.handler = s.h.Handler()
	names := s.names()
	aloud := s.aloud(names)
	read := map[string]bool{}
	for _, v := range visitors {
		for _, d := range s.h.allDoors() {
			if d.Method != "GET" || d.API || read[d.Path] {
				continue
			}
			w := knock(s.handler, "GET", "/qps"+strings.TrimPrefix(s.setFor(d, v).path, "/fr"), v.token, nil)
			if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			read[d.Path] = true
			known := names
			if strings.HasPrefix(d.Path, "/prompts/") {
				known = aloud
			}
			for _, said := range i18n.Unspoken(w.Body.String()) {
				if left := strange(html.UnescapeString(said), known); left != "" {
					t.Errorf("%s as %s says by itself %q, in %q", d.Path, v.name, left, said)
				}
			}
		}
	}
	if len(read) < 30 {
		t.Errorf("only %d pages were read", len(read))
	}
}

// names is every word of a name that a page may show as it is: places,
// languages, and who was put on stage.
func (s *stage) names() map[string]bool {
	all := map[string]bool{}
	add := func(text string) {
		for _, w := range wordsIn(text) {
			all[w] = true
		}
	}
	for _, kind := range []string{places.Region, places.Province, places.Commune, places.Douar} {
		for _, p := range s.h.Places.All(kind) {
			for _, name := range p.Names {
				add(name)
			}
		}
	}
	for _, spoken := range s.h.Places.Country().Spoken {
		add(spoken.Code)
		for _, name := range spoken.Names {
			add(name)
		}
	}
	for _, e := range s.h.Places.Country().Emergency {
		for _, name := range e.Names {
			add(name)
		}
	}
	for _, l := range (ui.Frame{}).Languages() {
		add(l.Name + " " + l.Short)
	}
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) error { // the offices of the State too, which the pack brings
		orgs, err := s.h.People.Organisations(t)
		for _, o := range orgs {
			add(o.Names.AR + " " + o.Names.FR + " " + o.Names.ZGH)
		}
		return err
	}))
	add("Idder Iv Aicha Brahim Association Agadir Tamga Azur جمعية Équipe the bridge is gone nobody came uploader target")
	for l, text := range campaignTexts { // what somebody wrote, as people read it: with how to be left in peace
		add(text + " " + s.h.Site.Cat.For(i18n.Lang(l), s.h.Site.Zone).Text("reach.campaign.stop"))
	}
	for _, l := range (ui.Frame{}).Languages() { // what people pass on of a fund, in each language
		add(s.h.Site.Cat.For(i18n.Lang(l.Code), s.h.Site.Zone).Text("giving.share.text", "name", "الثلج Neige", "basis", "Loi", "link", "http qps funds "+l.Code))
	}
	add("list.csv besoin commune nom food")                                               // the file that was uploaded
	add("Tri T twiza attestation code organisation minutes shifts from to made holder Z") // of a call, of a volunteer, and what is signed: the same in every language
	add("Bâtiments Copernicus attribution")                                               // what somebody said of a map that they brought in
	maps, err := damage.ReadRules(packs.FS, "ma")                                         // where its levels come from is the pack's
	s.must(err)
	for _, m := range maps.Mappings {
		add(m.Source)
	}
	add("Neige Loi Bois bois")                          // of a fund: its name, its law, what money is set apart for
	add("il faut tentes")                               // what somebody wrote in a chat
	add("le bleu")                                      // what somebody calls their phone
	visits, err := round.ReadVisits(packs.FS, "visits") // their questions are the pack's
	s.must(err)
	for _, f := range visits {
		for _, q := range f.Form.Questions {
			add(q.Label["ar"])
			if q.List == nil {
				continue
			}
			for _, c := range q.List.Choices {
				add(c.Label["ar"])
			}
		}
	}
	add("envelope/neige/u-1 fee fund giver paid suspense depot/blanket/shovel stock") // codes of accounts, as in the files for accountants
	add("digit")                                                                      // the sentence that was recorded
	return all
}

// aloud is names with the words that are to be recorded: the recorder shows
// them in another language than the page's.
func (s *stage) aloud(names map[string]bool) map[string]bool {
	all := maps.Clone(names)
	for _, l := range s.h.Reach.VoiceLangs() {
		for _, p := range s.h.Reach.PromptTexts(l.Written) {
			for _, w := range wordsIn(p.Name + " " + p.Text) {
				all[w] = true
			}
		}
	}
	return all
}

func wordsIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// journalCode is what auditors read as it is in the journal: state=taken, field.team,
// an identifier or its last eight signs, which may be letters alone.
var journalCode = regexp.MustCompile(`^[a-z0-9_.]+=\S*$|^[a-z_]+(\.[a-z_]+)+$|^[0-9a-f-]{36}$|^[0-9a-f]{8}$`)

// strange is the words of a text that are no names; what holds a digit is an
// identifier.
func strange(said string, names map[string]bool) string {
	var left []string
	said = strings.Join(slices.DeleteFunc(strings.Fields(said), journalCode.MatchString), " ")
	for _, w := range wordsIn(said) {
		if !spelled(w, names) && strings.ContainsFunc(w, unicode.IsLetter) && !strings.ContainsFunc(w, unicode.IsDigit) {
			left = append(left, w)
		}
	}
	return strings.Join(left, " ")
}

// spelled tells whether a word is a name, or several whose comma was taken out
// because a catalogue said it.
func spelled(w string, names map[string]bool) bool {
	if names[w] {
		return true
	}
	for i := range w {
		if i > 0 && names[w[:i]] && spelled(w[i:], names) {
			return true
		}
	}
	return false
}

func TestWhateverTheHouseDoesByItselfIsToldInWords(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	found := 0
	sources(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			var name ast.Expr
			switch n := n.(type) {
			case *ast.KeyValueExpr: // actor.Actor{System: "lease"}
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "System" {
					name = n.Value
				}
			case *ast.CallExpr: // System("import")
				if fn, ok := n.Fun.(*ast.Ident); ok && fn.Name == "System" && len(n.Args) == 1 {
					name = n.Args[0]
				}
			}
			if lit, ok := name.(*ast.BasicLit); ok {
				chore, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found++
				if !h.Site.Cat.Has("role.system_" + chore) {
					t.Errorf("%s acts as the house's %q, and no catalogue has role.system_%s", file, chore, chore)
				}
			}
			return true
		})
	})
	if found < 5 {
		t.Errorf("only %d doings of the house were found: they are written in another way now", found)
	}
	for _, r := range append([]actor.Role{"person", "self"}, actor.Roles...) {
		if !h.Site.Cat.Has("role." + string(r)) {
			t.Errorf("no catalogue has role.%s", r)
		}
	}
}
