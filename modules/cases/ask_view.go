package cases

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// Asking is one question as a page shows it: exactly one of its parts is set.
type Asking struct {
	Field   *ui.Field
	Choices *ui.Choices
	Place   *PlaceAsking
	Note    template.HTML
}

// PlaceAsking is the question "where": own words with a search, lists from
// province to douar, and the phone's own position.
type PlaceAsking struct {
	Name      string
	Legend    template.HTML
	Hint      template.HTML
	Error     template.HTML
	Large     bool
	Text      string
	Found     []ui.Option // what the words may mean
	Chosen    string      // name of the place chosen so far
	ChosenSay template.HTML
	Code      string
	Lists     []PlaceList
	Where     ui.Where
	Searched  bool
	ShortLink bool // the words hold a map link that says no place
}

// PlaceList is one level of the lists.
type PlaceList struct {
	Name    string
	Label   template.HTML
	Options []ui.Option
}

func key(def *service.Definition, part string) string { return "service." + def.Code + "." + part }

// asking shows one question with its answer so far and what was wrong.
func (o *Office) asking(c *web.Ctx, def *service.Definition, q *forms.Question, a forms.Answers, f *ui.Frame, large bool, posted url.Values) Asking {
	label := c.P.T(key(def, "question."+q.Name))
	var hint template.HTML
	if len(q.Hint) > 0 {
		hint = c.P.T(key(def, "hint."+q.Name))
	}
	switch q.Type {
	case forms.TypeNote:
		return Asking{Note: label}
	case forms.TypeOne, forms.TypeMany:
		ch := &ui.Choices{Name: q.Name, Legend: label, Hint: hint, Error: f.Error(q.Name), Many: q.Type == forms.TypeMany, Large: large,
			Spare: !q.MayBeRequired(), Say: c.P.Text(key(def, "question."+q.Name))}
		for _, x := range q.List.Choices {
			opt := ui.Option{Value: x.Name, Title: c.P.T(key(def, "choice."+q.List.Name+"."+x.Name)), Icon: x.Icon, Colour: x.Colour, Digit: x.Digit,
				Chosen: a.Text(q.Name) == x.Name && q.Type == forms.TypeOne || contains(a.List(q.Name), x.Name)}
			if len(x.Hint) > 0 {
				opt.Example = c.P.T(key(def, "choice_hint."+q.List.Name+"."+x.Name))
			}
			ch.Options = append(ch.Options, opt)
		}
		return Asking{Choices: ch}
	case forms.TypePlace:
		p := o.askPlace(c, q, a.Place(q.Name), posted)
		p.Legend, p.Hint, p.Error, p.Large = label, hint, f.Error(q.Name), large
		return Asking{Place: p}
	}
	return Asking{Field: plainField(q, a, label, hint, f, large, posted)}
}

func plainField(q *forms.Question, a forms.Answers, label, hint template.HTML, f *ui.Frame, large bool, posted url.Values) *ui.Field {
	value := answerText(a[q.Name])
	if posted != nil { // what was typed, right or wrong
		value = posted.Get(q.Name)
	}
	kind, fill := "text", ""
	switch {
	case q.Type == forms.TypePhone:
		kind, fill = "tel", "tel"
	case q.Type == forms.TypeInteger || q.Type == forms.TypeDecimal:
		kind = "number"
	case q.Multiline():
		kind = "textarea"
	}
	field, err := f.Field(q.Name, label, value, "type", kind, "hint", hint, "spare", !q.MayBeRequired(), "large", large, "short", kind == "number", "fill", fill)
	if err != nil {
		field.Error = template.HTML(template.HTMLEscapeString(err.Error()))
	}
	return &field
}

func answerText(v forms.Value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case interface{ String() string }:
		return v.String()
	case forms.Phone:
		return string(v)
	}
	return ""
}

// askPlace narrows down from what is known: the words typed, the place chosen,
// the list opened so far.
func (o *Office) askPlace(c *web.Ctx, q *forms.Question, p forms.Place, posted url.Values) *PlaceAsking {
	out := &PlaceAsking{Name: q.Name, Text: p.Text, Code: p.Code}
	if p.HasPoint {
		out.Where = ui.Where{Lat: strconv.FormatFloat(p.Lat, 'f', 5, 64), Lon: strconv.FormatFloat(p.Lon, 'f', 5, 64)}
	}
	_, out.ShortLink = geo.ShortLink(p.Text)
	if p.Code != "" {
		out.ChosenSay = o.placeSay(c, p.Code)
		out.Chosen = p.Code
	}
	if out.Searched = posted.Get("act") == "search"; out.Searched {
		for _, found := range o.places.Search(p.Text, "", 6) {
			out.Found = append(out.Found, ui.Option{Value: found.Place.Code, Title: o.placeSay(c, found.Place.Code), Name: q.Name + ".code"})
		}
	}
	// The names of all provinces are a third of the page: only who asks for the
	// lists gets them.
	if posted.Get("act") != "list" && posted.Get(q.Name+".province") == "" {
		return out
	}
	province, commune, douar := "", "", ""
	for _, step := range o.places.Path(p.Code) {
		switch step.Kind {
		case "province":
			province = step.Code
		case "commune":
			commune = step.Code
		case "douar":
			douar = step.Code
		}
	}
	out.Lists = append(out.Lists, o.placeList(c, q.Name+".province", "cases.place.province", o.provinces(), province))
	if province != "" {
		out.Lists = append(out.Lists, o.placeList(c, q.Name+".commune", "cases.place.commune", o.places.Children(province), commune))
	}
	if commune != "" {
		if douars := o.places.Children(commune); len(douars) > 0 {
			out.Lists = append(out.Lists, o.placeList(c, q.Name+".douar", "cases.place.douar", douars, douar))
		}
	}
	return out
}

func (o *Office) provinces() (all []*places.Place) {
	for _, r := range o.places.Children("") {
		all = append(all, o.places.Children(r.Code)...)
	}
	return all
}

func (o *Office) placeList(c *web.Ctx, name, label string, all []*places.Place, chosen string) PlaceList {
	l := PlaceList{Name: name, Label: c.P.T(label)}
	for _, p := range all {
		name, _ := p.Name(c.Lang()) // an option holds text alone
		l.Options = append(l.Options, ui.Option{Value: p.Code, Title: template.HTML(template.HTMLEscapeString(name)), Chosen: p.Code == chosen})
	}
	return l
}

// named is a place's name, marked with its language when that is another.
func named(c *web.Ctx, p *places.Place) template.HTML {
	name, lang := p.Name(c.Lang())
	return marked(c, name, lang)
}

func marked(c *web.Ctx, text, lang string) template.HTML {
	safe := template.HTMLEscapeString(text)
	if lang == c.Lang() || lang == "" {
		return template.HTML("<bdi>" + safe + "</bdi>")
	}
	dir := "ltr"
	if lang == "ar" {
		dir = "rtl"
	}
	return template.HTML(`<bdi lang="` + lang + `" dir="` + dir + `">` + safe + `</bdi>`)
}

// placeSay is a place with what it lies in, smallest first.
func (o *Office) placeSay(c *web.Ctx, code string) template.HTML {
	path := o.places.Path(code)
	var parts []string
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].Kind == "region" && len(parts) > 0 {
			continue
		}
		parts = append(parts, string(named(c, path[i])))
	}
	return template.HTML(strings.Join(parts, string(c.P.T("cases.place.comma"))))
}

// fromPlace gathers what the place question posted: a place that was pointed
// at, or the deepest list that was chosen. Of a place that stood on the page
// already and a list that was changed below it, the list is the later word;
// whoever says "somewhere else" and changes no list means their own words.
func (o *Office) fromPlace(v url.Values, name string) {
	for _, k := range []string{"lat", "lon"} {
		if x := v.Get(k); x != "" && v.Get(name+"."+k) == "" {
			v.Set(name+"."+k, x)
		}
	}
	code, was := v.Get(name+".code"), v.Get(name+".was")
	listed := o.fromLists(v, name)
	changed := listed != o.listed(was)
	switch {
	case v.Get("act") == "list" && v.Has(name+".province"), !v.Has(name + ".code"):
		code = listed
	case changed && listed != "" && (code == "" || code == was):
		code = listed
	}
	v.Set(name+".code", code)
}

// fromLists is the deepest place chosen from the lists. A list that belongs to
// another parent than the one chosen above it is not believed.
func (o *Office) fromLists(v url.Values, name string) (code string) {
	for _, level := range listLevels {
		x := v.Get(name + "." + level)
		if x == "" || code != "" && !o.places.Within(x, code) {
			break
		}
		code = x
	}
	return code
}

// listed is how far the lists show a place.
func (o *Office) listed(code string) (deepest string) {
	for _, p := range o.places.Path(code) {
		if known(listLevels, p.Kind) {
			deepest = p.Code
		}
	}
	return deepest
}

var listLevels = []string{"province", "commune", "douar"}

func contains(list []string, s string) bool { return known(list, s) }
