package hands

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
)

// whereAsked is the question "where is it": own words with a search, lists from
// province to douar, and the phone's own position, as whoever asks for help is
// asked it.
type whereAsked struct {
	Legend   template.HTML // "" asks where a thing is
	Error    template.HTML
	Text     string
	Code     string
	Say      template.HTML // the place chosen so far
	Found    []ui.Option   // what the words may mean
	Searched bool
	Lists    []whereList
}

type whereList struct {
	Name    string
	Label   template.HTML
	Options []ui.Option
}

var listLevels = []string{places.Province, places.Commune, places.Douar}

// askWhere narrows down from what is known: the words typed, the place chosen,
// the list opened so far.
func (s *Service) askWhere(c *web.Ctx, v url.Values, wrong template.HTML) whereAsked {
	code := s.readWhere(v)
	out := whereAsked{Error: wrong, Text: forms.Clean(v.Get("place.text"), false), Code: code}
	if code != "" {
		out.Say = s.placeSay(c, code)
	}
	if out.Searched = v.Get("act") == "search"; out.Searched {
		for _, found := range s.places.Search(out.Text, "", 6) {
			if found.Place.Code != code {
				out.Found = append(out.Found, ui.Option{Value: found.Place.Code, Title: s.placeSay(c, found.Place.Code), Name: "place.code"})
			}
		}
	}
	if v.Get("act") != "list" && v.Get("place.province") == "" {
		return out // the names of all provinces are a third of the page
	}
	chosen := map[string]string{}
	for _, p := range s.places.Path(code) {
		chosen[p.Kind] = p.Code
	}
	var provinces []*places.Place
	for _, r := range s.places.Children("") {
		provinces = append(provinces, s.places.Children(r.Code)...)
	}
	out.Lists = append(out.Lists, s.whereList(c, places.Province, provinces, chosen[places.Province]))
	for i, level := range listLevels[1:] {
		above := chosen[listLevels[i]]
		if all := s.places.Children(above); above != "" && len(all) > 0 {
			out.Lists = append(out.Lists, s.whereList(c, level, all, chosen[level]))
		}
	}
	return out
}

func (s *Service) whereList(c *web.Ctx, level string, all []*places.Place, chosen string) whereList {
	l := whereList{Name: "place." + level, Label: c.P.T("hands.place." + level)}
	for _, p := range all {
		name, _ := p.Name(c.Lang()) // an option holds text alone
		l.Options = append(l.Options, ui.Option{Value: p.Code, Title: template.HTML(template.HTMLEscapeString(name)), Chosen: p.Code == chosen})
	}
	return l
}

// readWhere is the place that a form means: the deepest list that was changed,
// or the place that was ticked, or the commune around the phone's position. A
// list that belongs to another parent than the one above it is not believed.
func (s *Service) readWhere(v url.Values) string {
	listed := ""
	for _, level := range listLevels {
		x := v.Get("place." + level)
		if _, ok := s.places.Get(x); !ok || listed != "" && !s.places.Within(x, listed) {
			break
		}
		listed = x
	}
	ticked, was := v.Get("place.code"), v.Get("place.was")
	if _, ok := s.places.Get(ticked); !ok {
		ticked = ""
	}
	switch {
	case listed != "" && listed != s.listed(was) && (ticked == "" || ticked == was):
		return listed
	case ticked != "" || v.Has("place.code"):
		return ticked
	case listed != "":
		return listed
	}
	lat, err1 := strconv.ParseFloat(v.Get("lat"), 64)
	lon, err2 := strconv.ParseFloat(v.Get("lon"), 64)
	if err1 == nil && err2 == nil {
		if near := s.places.Nearest(geo.Point{Lat: lat, Lon: lon}, places.Commune, 1); len(near) == 1 && near[0].Km < 40 {
			return near[0].Place.Code
		}
	}
	return ""
}

// listed is how far the lists show a place.
func (s *Service) listed(code string) (deepest string) {
	for _, p := range s.places.Path(code) {
		if p.Kind != places.Region {
			deepest = p.Code
		}
	}
	return deepest
}

// placeSay is a place with what it lies in, the smallest first.
func (s *Service) placeSay(c *web.Ctx, code string) template.HTML {
	path := s.places.Path(code)
	var parts []string
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].Kind == places.Region && len(parts) > 0 {
			continue
		}
		name, lang := path[i].Name(c.Lang())
		parts = append(parts, string(saidIn(name, lang, c.Lang())))
	}
	if len(parts) == 0 {
		return c.P.T("hands.place.unknown")
	}
	return template.HTML(strings.Join(parts, string(c.P.T("hands.place.comma"))+" "))
}

// saidIn is a text with a direction of its own, marked with its language when
// that is not the page's.
func saidIn(text, lang, page string) template.HTML {
	safe := template.HTMLEscapeString(text)
	if lang == page || lang == "" {
		return template.HTML("<bdi>" + safe + "</bdi>")
	}
	return template.HTML(`<bdi lang="` + template.HTMLEscapeString(lang) + `" dir="` + i18n.Dir(i18n.Lang(lang)) + `">` + safe + `</bdi>`)
}
