package field

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// teller says in the reader's language what a page is put together from. The
// first thing that cannot be read is kept in err, and the page is not shown.
type teller struct {
	*Service
	p     *i18n.Printer
	zone  *time.Location
	t     *db.Tx
	names map[actor.OrganisationID]string
	teams map[TeamID]*Team
	stock map[string]Good
	out   *abroadNow // where teams are; read when first asked for
	err   error
}

func (s *Service) teller(c *web.Ctx, t *db.Tx) *teller {
	w := &teller{Service: s, p: c.P, zone: c.Site.Zone, t: t, names: map[actor.OrganisationID]string{}, teams: map[TeamID]*Team{}, stock: map[string]Good{}}
	for _, g := range s.goods.Goods("") {
		w.stock[g.Code] = g
	}
	return w
}

func (w *teller) lang() string { return string(w.p.Lang()) }

func (w *teller) plainOrg(org actor.OrganisationID) string {
	name, ok := w.names[org]
	if !ok && w.err == nil {
		name, w.err = w.orgs.Name(w.t, org, w.lang())
		w.names[org] = name
	}
	return name
}

func (w *teller) org(org actor.OrganisationID) template.HTML {
	return isolated(w.plainOrg(org), "", w.lang())
}

func (w *teller) team(tid TeamID) *Team {
	m, ok := w.teams[tid]
	if !ok && w.err == nil {
		if m, w.err = getTeam(w.t, tid); w.err == nil {
			w.teams[tid] = m
		}
	}
	if m == nil {
		return &Team{}
	}
	return m
}

func (w *teller) teamName(m *Team) template.HTML {
	name, lang := m.Names.In(w.lang())
	return isolated(name, lang, w.lang())
}

// isolated is a text with a direction of its own, marked with its language
// when that is not the page's.
func isolated(text, lang, page string) template.HTML {
	safe := template.HTMLEscapeString(text)
	if lang == page || lang == "" {
		return template.HTML("<bdi>" + safe + "</bdi>")
	}
	dir := i18n.Dir(i18n.Lang(lang))
	return template.HTML(`<bdi lang="` + template.HTMLEscapeString(lang) + `" dir="` + dir + `">` + safe + `</bdi>`)
}

// place is a place with what it lies in, the smallest first, without the region.
func (w *teller) place(code string) template.HTML {
	path := w.places.Path(code)
	if len(path) == 0 {
		return w.p.T("field.place.unknown")
	}
	var parts []string
	for i := len(path) - 1; i >= 0 && (path[i].Kind != places.Region || len(parts) == 0); i-- {
		name, lang := path[i].Name(w.lang())
		parts = append(parts, string(isolated(name, lang, w.lang())))
	}
	return template.HTML(strings.Join(parts, string(w.p.T("field.place.comma"))+" "))
}

func (w *teller) plainPlace(code string) string {
	if p, ok := w.places.Get(code); ok {
		name, _ := p.Name(w.lang())
		return name
	}
	return w.p.Text("field.place.unknown")
}

func (w *teller) good(code string) template.HTML {
	if g, ok := w.stock[code]; ok {
		return w.p.T(g.Key)
	}
	return isolated(code, "", "")
}

// unit is what a good is counted in; "" when that goes without saying.
func (w *teller) unit(code string) template.HTML {
	if key := w.stock[code].Unit; key != "" {
		return w.p.T(key)
	}
	return ""
}

func (w *teller) plainGood(code string) string {
	if g, ok := w.stock[code]; ok {
		return w.p.Text(g.Key)
	}
	return code
}

// spoken is what a language is called.
func (w *teller) spoken(code string) template.HTML {
	for _, l := range w.places.Country().Spoken {
		if l.Code == code {
			if name := l.Names[w.lang()]; name != "" {
				return isolated(name, "", w.lang())
			}
			return isolated(l.Names[w.places.Country().Default], w.places.Country().Default, w.lang())
		}
	}
	return w.p.T("field.language." + code)
}

func (w *teller) keys(prefix string, codes []string) (out []template.HTML) {
	for _, code := range codes {
		out = append(out, w.p.T(prefix+code))
	}
	return out
}

// options are the answers to choose from, each a key of the catalogue.
func options(p *i18n.Printer, prefix string, codes []string, chosen ...string) (out []ui.Option) {
	for _, code := range codes {
		o := ui.Option{Value: code, Title: p.T(prefix + code)}
		for _, c := range chosen {
			o.Chosen = o.Chosen || c == code
		}
		out = append(out, o)
	}
	return out
}

// wrongs puts what was wrong on a form that is shown again, and tells with
// which status. An error that is not about the form goes on to the error page.
func wrongs(c *web.Ctx, f *ui.Frame, wrong error) (status int, err error) {
	if wrong == nil {
		return 200, nil
	}
	errs, ok := c.FieldErrors(wrong)
	if !ok {
		return 0, wrong
	}
	f.Errors = errs
	switch fault.KindOf(wrong) {
	case fault.Conflict:
		return 409, nil
	case fault.Limited:
		return 429, nil
	}
	return 422, nil
}

// readID reads an identifier from the address or a form; one that is none
// belongs to nothing.
func readID[T any](text string) (id.Of[T], error) {
	out, err := id.Parse[T](text)
	if err != nil {
		return out, fault.New(fault.Missing, "error.missing")
	}
	return out, nil
}

// readNumber reads a whole number as people type it, in any digits; nothing is 0.
func readNumber(v url.Values, name string) (int, *fault.Fault) {
	text := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, arabic.Digits(v.Get(name)))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxUnits {
		return 0, fault.New(fault.Invalid, "field.manifest.number_wrong", "most", maxUnits).On(name)
	}
	return n, nil
}

// readUnits reads the numbers of a form whose names begin so: load_blanket.
func readUnits(v url.Values, prefix string) (map[string]int, error) {
	out, all := map[string]int{}, fault.All{}
	for name := range v {
		good, ok := strings.CutPrefix(name, prefix)
		if !ok || v.Get(name) == "" && prefix != "load_" {
			continue
		}
		n, wrong := readNumber(v, name)
		if wrong != nil {
			all = append(all, wrong)
			continue
		}
		out[good] = n
	}
	return out, all.OrNil()
}
