package works

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// ordersPage lists the orders under way, or those that ended.
type ordersPage struct {
	ui.Frame
	Ended   bool
	Rows    []orderRow
	CanPlan bool
}

type orderRow struct {
	ID      string
	Place   template.HTML
	Org     template.HTML
	State   string
	Volume  int
	Since   time.Time
	Blocked int // open reports because of which nobody may work
}

// formPage makes an order.
type formPage struct {
	ui.Frame
	ID, Place, PlaceWas, Lat, Lon, Volume, Phone string
	Orgs                                         []ui.Option
	Found                                        ui.Choices
	Dangers                                      ui.Choices
}

// orderPage is one order with what can be done next; and the same on paper.
type orderPage struct {
	ui.Frame
	Row           orderRow
	Dangers       []template.HTML
	HasPhone      bool
	Blocks        []blockRow
	Apart         []apartRow
	StoppedFor    string // receipt
	Before, After []photoRow
	Reasons       []ui.Option
	At            time.Time // of printing
	CanBegin, CanStop, CanFinish, CanCancel,
	CanApart, CanBefore, CanAfter, CanLook bool
}

type blockRow struct {
	Case, Receipt string
	Place         template.HTML
	Metres        int // -1 when a point is missing
}

type apartRow struct{ Receipt, Reason string }

type photoRow struct {
	ID   string
	N    int
	At   time.Time
	Gone bool
}

// photoPage shows one picture.
type photoPage struct {
	ui.Frame
	Order   string
	Picture template.URL
}

// teller says in the reader's language what a page is put together from. The
// first thing that cannot be read is kept in err.
type teller struct {
	*Service
	c     *web.Ctx
	t     *db.Tx
	names map[actor.OrganisationID]string
	err   error
}

func (s *Service) teller(c *web.Ctx, t *db.Tx) *teller {
	return &teller{Service: s, c: c, t: t, names: map[actor.OrganisationID]string{}}
}

func (w *teller) org(o actor.OrganisationID) template.HTML {
	name, ok := w.names[o]
	if !ok && w.err == nil {
		name, w.err = w.Orgs.Name(w.t, o, w.c.Lang())
		w.names[o] = name
	}
	return bdi(name, "", "")
}

func bdi(text, lang, page string) template.HTML {
	safe := template.HTMLEscapeString(text)
	if lang == page || lang == "" {
		return template.HTML("<bdi>" + safe + "</bdi>")
	}
	return template.HTML(`<bdi lang="` + template.HTMLEscapeString(lang) + `" dir="` + i18n.Dir(i18n.Lang(lang)) + `">` + safe + `</bdi>`)
}

// place is a place with what it lies in, the smallest first, without the region.
func (w *teller) place(code string) template.HTML {
	path := w.places.Path(code)
	if len(path) == 0 {
		return w.c.P.T("works.place.unknown")
	}
	var out template.HTML
	for i := len(path) - 1; i >= 0 && (path[i].Kind != places.Region || out == ""); i-- {
		name, lang := path[i].Name(w.c.Lang())
		if out != "" {
			out += w.c.P.T("works.place.comma") + " "
		}
		out += bdi(name, lang, w.c.Lang())
	}
	return out
}

func (w *teller) row(o *Order) orderRow {
	r := orderRow{ID: o.ID.String(), Place: w.place(o.Place), Org: w.org(o.Org), State: string(o.State), Volume: o.Volume, Since: o.ChangedAt}
	if w.err == nil && (o.State == Planned || o.State == Stopped || o.State == Working) {
		found, err := w.blocking(w.t, o)
		w.err, r.Blocked = err, len(found)
	}
	return r
}

func (w *teller) blocks(o *Order) (rows []blockRow, apart []apartRow) {
	if w.err != nil || o.State == Done || o.State == Cancelled {
		return nil, nil
	}
	found, err := w.blocking(w.t, o)
	if w.err = err; err != nil {
		return nil, nil
	}
	for _, x := range found {
		rows = append(rows, blockRow{x.Case, x.Receipt, w.place(x.Place), o.metresTo(x)})
	}
	all, err := apartOf(w.t, o.ID)
	for i := 0; err == nil && i < len(all); i++ {
		var receipt string
		if receipt, err = w.Cases.Receipt(w.t, all[i].Case); err == nil {
			apart = append(apart, apartRow{receipt, all[i].Reason})
		}
	}
	w.err = err
	return rows, apart
}

func (w *teller) photos(o *Order) (before, after []photoRow) {
	if w.err != nil {
		return nil, nil
	}
	all, err := photosOf(w.t, o.ID)
	w.err = err
	over := w.t.Now().AddDate(0, 0, -w.Rules.KeepDays)
	for _, p := range all {
		row := photoRow{ID: p.ID.String(), At: p.MadeAt, Gone: p.MadeAt.Before(over)}
		if p.Moment == Before {
			row.N = len(before) + 1
			before = append(before, row)
		} else {
			row.N = len(after) + 1
			after = append(after, row)
		}
	}
	return before, after
}
