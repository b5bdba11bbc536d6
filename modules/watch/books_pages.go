package watch

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
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
	Money     []accountRow
	Moves     []moveRow
	Count     int64
	MayExport bool
	MayClose  bool
	Closed    time.Time // the day up to which they are closed; zero: none
	Till      string
	Sound     Sound
}

// accountRow is an account of money and what it holds.
type accountRow struct {
	Code, Href string
	Kind       template.HTML
	Holds      template.HTML
}

// statementPage is what happened in one account.
type statementPage struct {
	ui.Frame
	Code  string
	Kind  template.HTML
	Lines []statementRow
	Next  string // address of the next page; "" is none
}

type statementRow struct {
	At           time.Time
	On           string
	About        template.HTML
	Moved, After template.HTML // what left is below zero
}

// goodRow is a good in all hands, and in each.
type goodRow struct {
	Name                    template.HTML
	Left, Road, Given, Lost int64
	Orgs                    []goodRow
}

// moveRow is one entry: what went where.
type moveRow struct {
	On    string
	At    time.Time
	About template.HTML
	Href  string // page of what it is about; "" where the reader may not open it
	Lines []template.HTML
}

func (s *Service) showBooks(c *web.Ctx) error { return s.booksAgain(c, "", nil) }

// booksAgain shows the ledger, with what is wrong about a day that was typed.
func (s *Service) booksAgain(c *web.Ctx, till string, wrong error) error {
	by := actor.From(c.Context())
	p := &booksPage{Frame: frame(c, "watch.books.title", ui.Staff), MayExport: by.Holds(booksExport.Roles...), MayClose: by.Holds(booksClose.Roles...), Till: till}
	p.Nav = "books"
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	b, err := s.books(c.Context(), by)
	if err != nil {
		return err
	}
	p.Count = b.Counts
	if p.Sound, err = s.sound(c); err != nil {
		return err
	}
	if b.Closed != "" {
		if p.Closed, err = time.Parse(time.DateOnly, b.Closed); err != nil {
			return err
		}
	}
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) { p.Goods, err = s.goods(c, t, b.Stock); return err }); err != nil {
		return err
	}
	for _, a := range b.Money {
		p.Money = append(p.Money, accountRow{Code: a.Code, Href: "/books/account?code=" + url.QueryEscape(a.Code), Kind: kindOf(c, a.Kind), Holds: c.P.Money(a.Balance, a.Asset)})
	}
	for _, e := range b.Last {
		p.Moves = append(p.Moves, s.move(c, by, e, b.Kinds))
	}
	return c.RenderStatus(status, "watch_books", p)
}

// closeForm closes the books up to a day.
func (s *Service) closeForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	till := strings.TrimSpace(arabic.Digits(v.Get("till")))
	if err := s.CloseBooks(c.Context(), actor.From(c.Context()), till); err != nil {
		return s.booksAgain(c, till, err)
	}
	c.Flash("watch.books.closed_now")
	return c.Seek("/books")
}

// showStatement is what happened in one account, in the order in which it was written.
func (s *Service) showStatement(c *web.Ctx) error {
	q := c.R.URL.Query()
	after, err := strconv.ParseInt(cmp.Or(q.Get("after"), "0"), 10, 64)
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	a, lines, err := s.statement(c.Context(), actor.From(c.Context()), q.Get("code"), after)
	if err != nil {
		return err
	}
	p := &statementPage{Frame: frame(c, "watch.books.statement", ui.Staff), Code: a.Code, Kind: kindOf(c, a.Kind)}
	p.Nav = "books"
	tell := func(n int64) template.HTML {
		if _, goods := s.lot(a.Asset); goods {
			return c.P.Number(n)
		}
		return c.P.Money(n, a.Asset)
	}
	for _, l := range lines {
		p.Lines = append(p.Lines, statementRow{l.MadeAt, l.ValueOn, aboutOf(c, l.About), tell(l.Amount), tell(l.After)})
	}
	if len(lines) == statementLines {
		p.Next = "/books/account?code=" + url.QueryEscape(a.Code) + "&after=" + strconv.FormatInt(lines[len(lines)-1].Seq, 10)
	}
	return c.Render("watch_statement", p)
}

// kindOf is a kind of account in words.
func kindOf(c *web.Ctx, k ledger.Kind) template.HTML { return c.P.T("watch.books.kind." + string(k)) }

// aboutOf is what an entry is about, in words; what nobody has a word for is shown by its
// noun.
func aboutOf(c *web.Ctx, about string) template.HTML {
	noun, _, _ := strings.Cut(about, "/")
	if key := "watch.books.about." + noun; c.Site.Cat.Has(key) {
		return c.P.T(key)
	}
	return ui.Isolated(noun)
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
	r := moveRow{On: e.ValueOn, At: e.MadeAt, About: aboutOf(c, e.About)}
	if id := mission(e); id != "" && s.Opens != nil && s.Opens(by, "/missions/"+id) {
		r.Href = "/missions/" + id
	}
	for _, x := range e.Postings {
		if x.Amount <= 0 {
			continue
		}
		kind := kinds[x.Account]
		if lot, ok := s.lot(x.Asset); ok {
			r.Lines = append(r.Lines, c.P.T("watch.books.to_"+string(kind), "n", x.Amount, "good", nameOf(c, lot)))
		} else {
			r.Lines = append(r.Lines, c.P.T("watch.books.money_to", "sum", c.P.Money(x.Amount, x.Asset), "where", kindOf(c, kind)))
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
