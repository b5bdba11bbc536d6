package watch

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/ledger"
)

// booksPage is where goods are by the ledger, and what moved last.
type booksPage struct {
	ui.Frame
	Goods     []goodRow
	Moves     []moveRow
	Count     int64
	MayExport bool
}

// goodRow is a good in all hands, and in each.
type goodRow struct {
	Name                    template.HTML
	Left, Road, Given, Lost int64
	Orgs                    []goodRow
}

// moveRow is one entry: what went where.
type moveRow struct {
	On      string
	At      time.Time
	Mission string // page of the mission; "" where the reader may not open it
	Lines   []moveLine
}

type moveLine struct {
	Good template.HTML
	Kind ledger.Kind // where it came
	N    int64
}

func (s *Service) showBooks(c *web.Ctx) error {
	by := actor.From(c.Context())
	b, err := s.books(c.Context(), by)
	if err != nil {
		return err
	}
	p := &booksPage{Frame: frame(c, "watch.books.title", ui.Staff), Count: b.Counts, MayExport: by.Holds(booksExport.Roles...)}
	p.Nav = "books"
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) { p.Goods, err = s.goods(c, t, b.Stock); return err }); err != nil {
		return err
	}
	for _, e := range b.Last {
		p.Moves = append(p.Moves, s.move(c, by, e, b.Kinds))
	}
	return c.Render("watch_books", p)
}

// goods are the lines by good, the most given first, with whose they are.
func (s *Service) goods(c *web.Ctx, t *db.Tx, all []stockLine) (out []goodRow, err error) {
	at := map[string]int{}
	for _, l := range all {
		i, ok := at[l.Good]
		if !ok {
			i = len(out)
			at[l.Good], out = i, append(out, goodRow{Name: nameOf(c, l.Lot)})
		}
		name, err := s.people.OrgName(t, l.Org, string(c.Lang()))
		if err != nil {
			return nil, err
		}
		r := goodRow{Name: ui.Isolated(name), Left: l.left(), Road: l.Road, Given: l.Given, Lost: l.Lost}
		g := &out[i]
		g.Left, g.Road, g.Given, g.Lost, g.Orgs = g.Left+r.Left, g.Road+r.Road, g.Given+r.Given, g.Lost+r.Lost, append(g.Orgs, r)
	}
	byGiven := func(a, b goodRow) int {
		return cmp.Or(cmp.Compare(b.Given, a.Given), cmp.Compare(b.Left, a.Left), cmp.Compare(a.Name, b.Name))
	}
	for _, g := range out {
		slices.SortFunc(g.Orgs, byGiven)
	}
	slices.SortFunc(out, byGiven)
	return out, nil
}

// move is an entry as people read it: what came where; what it left is on the line
// before.
func (s *Service) move(c *web.Ctx, by actor.Actor, e ledger.Entry, kinds map[ledger.AccountID]ledger.Kind) moveRow {
	r := moveRow{On: e.ValueOn, At: e.MadeAt}
	if id := mission(e); id != "" && s.Opens != nil && s.Opens(by, "/missions/"+id) {
		r.Mission = "/missions/" + id
	}
	for _, x := range e.Postings {
		if lot, ok := s.lot(x.Asset); ok && x.Amount > 0 {
			r.Lines = append(r.Lines, moveLine{nameOf(c, lot), kinds[x.Account], x.Amount})
		}
	}
	return r
}

// nameOf is a good in the reader's language, or its code where nobody names it any more.
func nameOf(c *web.Ctx, l Lot) template.HTML {
	if l.Key == "" {
		return ui.Isolated(l.Good)
	}
	return c.P.T(l.Key)
}

func (s *Service) booksFile(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	as := f.Get("as")
	body, err := s.BooksFile(c.Context(), actor.From(c.Context()), as)
	if err != nil {
		return err
	}
	name := "twiza-ledger-" + s.h.DB.Now().Format("20060102-150405")
	switch as {
	case booksCSV:
		return c.Download(name+".csv", "text/csv; charset=utf-8", body)
	case booksSheet:
		return c.Download(name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body)
	}
	return c.Download(name+".journal", "text/plain; charset=utf-8", body)
}
