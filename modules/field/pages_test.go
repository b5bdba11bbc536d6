package field

import (
	"bytes"
	"html/template"
	"strings"
	"testing"
	"unicode"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

func TestTheWordsArePrintable(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range i18n.Check(c) {
		t.Error(wrong)
	}
}

func TestEveryDeedAndEveryCodeHasItsWords(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	var keys []string
	for _, d := range Deeds {
		keys = append(keys, "deed."+d.Name)
	}
	for prefix, codes := range map[string][]string{
		"field.skill.": Skills, "field.lost.": ReasonsLost, "field.not_reached.": append([]string{reasonCancelled}, ReasonsNotReached...),
		"field.relation.": Relations, "field.reveal.": ReasonsToReveal, "field.language.": otherLanguages,
		"field.team.state.": {string(Ready), string(Away), string(Disbanded)}, "field.stop.state.": {string(Waiting), string(Delivered), string(NotReached)},
		"field.mission.state.": {string(Planned), string(Departed), string(Closed), string(Cancelled)}, "field.proof.": {ByCode, ByWitness},
		"field.vehicle.kind.": Kinds, "field.road.source.": RoadSources, "field.anyway.": ReasonsAnyway, "field.road.state.": {"open", "rough", "foot", "closed", "unknown"},
		"field.vehicle.road.": {string(Road), string(Track), string(Path), string(Air)}, "field.permit.state.": {noPermit, string(NotNeeded), string(Asked), string(Granted), string(Refused)},
		"field.means.why_": {"stopped", "around", "air", "unknown", "passes", "far", "offered", "declared", "nobody", "trips", "distance"},
		"field.team.why_":  {"busy", "free", "near", "language", "language_far"},
	} {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	for _, k := range keys {
		if !c.Has(k) {
			t.Errorf("nobody says %s", k)
		}
	}
}

func TestEveryPageFitsItsDataInEveryLanguage(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	set := pageSet(t, c, i18n.FR)
	for _, e := range gallery() {
		if err := templatecheck.CheckHTML(set.Lookup(e.Template), e.Page); err != nil {
			t.Errorf("%s: %v", e.Template, err)
		}
	}
	for _, l := range append(i18n.Langs(), i18n.QPS) {
		set := pageSet(t, c, l)
		for i, e := range gallery() {
			body := show(t, set, l, e.Template, e.Page)
			for _, bad := range []string{"style=", "<script>", "onclick", "ZgotmplZ", "⟦field", "%!"} {
				if strings.Contains(body, bad) && (l != i18n.QPS || bad != "⟦field") {
					t.Errorf("%s %d (%s) holds %s", e.Template, i, l, bad)
				}
			}
			if n := strings.Count(body, "<h1"); n != 1 {
				t.Errorf("%s %d (%s) has %d headings of the first rank", e.Template, i, l, n)
			}
			for _, at := range strings.Split(body, `href="#`)[1:] {
				name, _, _ := strings.Cut(at, `"`)
				if !strings.Contains(body, ` id="`+name+`"`) {
					t.Errorf("%s %d (%s) points at #%s, which is not there", e.Template, i, l, name)
				}
			}
		}
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("asked for and not there: %v", missing)
	}
}

func show(t *testing.T, set *template.Template, l i18n.Lang, name string, page interface{ Shell() *ui.Frame }) string {
	t.Helper()
	var b bytes.Buffer
	f := page.Shell()
	f.Lang, f.Dir, f.Path = string(l), i18n.Dir(l), "/x"
	if err := set.ExecuteTemplate(&b, name, page); err != nil {
		t.Errorf("%s (%s): %v", name, l, err)
	}
	return b.String()
}

func TestNothingIsWrittenIntoThePagesByHand(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	set := pageSet(t, c, i18n.QPS)
	for _, e := range gallery() {
		body := show(t, set, i18n.QPS, e.Template, e.Page)
		_, body, _ = strings.Cut(body, "<main")
		body, _, _ = strings.Cut(body, "</main>")
		for _, said := range i18n.Unspoken("<main" + body) {
			if !invented(said) {
				t.Errorf("%s says %q by itself", e.Template, said)
			}
		}
	}
}

// invented tells whether words are data of the examples.
func invented(said string) bool {
	for _, data := range []string{"Étoile 4", "L’Étoile à huit branches", "L’Étoile", "Ouirgane", "Tizi Oussem", "·", "Imlil", "Asni", "Ijoukak", "Aghbar", "Amizmiz", "Sauvetage", "Premiers secours",
		"Tachelhit", "Darija", "Les Quatre Mulets", "Le Pain de l’aube", "Couverture", "Panier alimentaire", "Panier", "panier", "pièce", "Lahcen A.", "Voisin", "Ancien", "Route coupée", "Route", "Danger",
		"Autorisation du gouverneur", "Province d’Al Haouz", "Law 18-18", "12345 – A – 26", "Camion prêté", "Camion", "Piste", "Demandée", "Accordée", "Vital", "Urgent", "Ouverte", "Fermée", "Vu", "Signalé",
		"Guide", "La preuve", "Code", "Témoin", "Compétences", "Mulets", "Cuisine", "Langues", "Quel lieu", "Trois-Sources", "Cassé", "Mouillé", "Réclamation", "Audit", "01999999-0000-7000-8000-00000000000"} {
		said = strings.ReplaceAll(said, data, "")
	}
	return !strings.ContainsFunc(said, unicode.IsLetter)
}
