package cases

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// printPage offers blank forms of one service: one to anybody, a pile to staff.
type printPage struct {
	ui.Frame
	Service string
	Name    template.HTML
	Many    bool
	N       string
}

// sheetsPage is blank forms on paper, each with its own number.
type sheetsPage struct {
	ui.Frame
	Name      template.HTML
	Sheets    []SheetView
	Emergency []Emergency
}

// SheetView is one blank form.
type SheetView struct {
	Number    string
	QR        template.HTML
	Questions []PaperQuestion
}

// PaperQuestion is one question as paper asks it: boxes to tick, squares for
// digits, lines to write on.
type PaperQuestion struct {
	N       int
	Label   template.HTML
	Hint    template.HTML
	Many    bool
	Choices []ui.Option
	Squares []struct{} // for a number or a phone
	Lines   []template.HTML
}

// paperDeskPage is where staff take up a filled-in sheet by its number.
type paperDeskPage struct {
	ui.Frame
	Number   string
	Services []Tile
}

// paperUsedPage says that a sheet was typed in before.
type paperUsedPage struct {
	ui.Frame
	Number string
	At     time.Time
	Case   string // where to read it; "" for whoever may not
}

func (o *Office) printDoor(c *web.Ctx) error { return o.showPrint(c, c.R.URL.Query().Get("n"), nil) }

func (o *Office) showPrint(c *web.Ctx, n string, wrong error) error {
	def, err := o.form(c)
	if err != nil {
		return err
	}
	p := &printPage{Service: def.Code, Name: c.P.T(key(def, "text.name")), N: n, Many: actor.From(c.Context()).Holds(DeedTakeDown.Roles...)}
	if p.N == "" {
		p.N = "1"
	}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("cases.paper.title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_paper_print", p)
}

// printPaper mints the numbers and goes to the sheets. Each sheet takes one of
// the numbers that there are, so nobody takes them by the thousand.
func (o *Office) printPaper(c *web.Ctx) error {
	def, err := o.form(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	n := 1
	if s := v.Get("n"); s != "" {
		n = int(number(forms.Clean(s, false)))
	}
	by := actor.From(c.Context())
	if err := c.Site.Limit.Take("paper:"+c.From(), 30, time.Hour); err != nil {
		return o.showPrint(c, v.Get("n"), err)
	}
	batch, err := o.Print(c.Context(), by, def.Code, n, c.Lang())
	if err != nil {
		return o.showPrint(c, v.Get("n"), err)
	}
	return c.Seek("/paper/sheets/" + batch.String())
}

// showSheets is the sheets of one batch, ready for the printer.
func (o *Office) showSheets(c *web.Ctx) error {
	batch, err := id.Parse[batchKind](c.R.PathValue("batch"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	var all []Sheet
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error { all, err = sheets(t, batch); return err })
	if err == nil && len(all) == 0 {
		err = fault.New(fault.Missing, "cases.paper.batch_gone")
	}
	if err != nil {
		return err
	}
	def, err := o.current(all[0].Service)
	if err != nil {
		return err
	}
	p := &sheetsPage{Name: c.P.T(key(def, "text.name")), Emergency: o.emergency(c)}
	p.Kind, p.Title = ui.Print, c.P.Text("cases.paper.title")
	questions := o.onSheet(c, def)
	for _, s := range all {
		qr, err := crypt.QR(c.Address() + c.Href("/paper/"+s.Number.String()))
		if err != nil {
			return err
		}
		p.Sheets = append(p.Sheets, SheetView{Number: s.Number.String(), QR: qr, Questions: questions})
	}
	return c.Render("cases_paper_sheets", p)
}

// onSheet is the form of a service as paper asks it.
func (o *Office) onSheet(c *web.Ctx, def *service.Definition) (out []PaperQuestion) {
	for _, s := range def.Form.Steps() {
		for _, q := range s.Questions {
			if !q.Asks() {
				continue
			}
			x := PaperQuestion{N: len(out) + 1, Label: c.P.T(key(def, "question."+q.Name)), Many: q.Type == forms.TypeMany}
			if len(q.Relevant) > 0 && len(q.Hint) > 0 { // paper cannot leave it out
				x.Hint = c.P.T(key(def, "hint."+q.Name))
			}
			switch q.Type {
			case forms.TypeOne, forms.TypeMany:
				for _, k := range q.List.Choices {
					x.Choices = append(x.Choices, ui.Option{Value: k.Name, Title: c.P.T(key(def, "choice."+q.List.Name+"."+k.Name)), Digit: k.Digit, Icon: k.Icon})
				}
			case forms.TypePhone:
				x.Squares = make([]struct{}, 10)
			case forms.TypeInteger, forms.TypeDecimal:
				x.Squares = make([]struct{}, 4)
			case forms.TypePlace:
				x.Lines = []template.HTML{c.P.T("cases.place.province"), c.P.T("cases.place.commune"), c.P.T("cases.place.douar")}
			default:
				x.Lines = make([]template.HTML, 1)
				if q.Multiline() {
					x.Lines = make([]template.HTML, 2)
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// paperDesk asks for the number of a sheet, where nothing can read the square.
func (o *Office) paperDesk(c *web.Ctx) error { return o.showPaperDesk(c, "", nil) }

func (o *Office) showPaperDesk(c *web.Ctx, typed string, wrong error) error {
	all, err := o.tiles(c)
	if err != nil {
		return err
	}
	p := &paperDeskPage{Number: typed, Services: all}
	p.Kind, p.Nav, p.Title = ui.Staff, "queue", c.P.Text("cases.paper.desk")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_paper_desk", p)
}

func (o *Office) findPaper(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	n, err := receipt.Parse(v.Get("number"))
	if err != nil {
		return o.showPaperDesk(c, v.Get("number"), fault.All{asFault(err).On("number")})
	}
	return c.Seek("/paper/" + n.String())
}

// typePaper is the whole form for typing one sheet in, under the number that
// stands on it. A sheet that was typed in before says so.
func (o *Office) typePaper(c *web.Ctx) error {
	n, err := receipt.Parse(c.R.PathValue("number"))
	if err != nil {
		return fault.New(fault.Missing, "cases.paper.unknown")
	}
	var s Sheet
	used := &paperUsedPage{Number: n.String()}
	err = o.h.Look(c.Context(), actor.From(c.Context()), DeedTakeDown, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if s, err = printedSheet(t.Tx, n); err != nil || s.UsedAt.IsZero() {
			return err
		}
		k, err := getCase(t.Tx, s.Case)
		if fault.KindOf(err) == fault.Missing { // it went to the trained people alone
			return nil
		}
		if err == nil && sees(t.By, k) {
			used.Case = c.Href("/cases/" + k.ID.String())
		}
		return err
	})
	if err != nil {
		return err
	}
	if !s.UsedAt.IsZero() {
		used.At, used.Kind, used.Nav, used.Title = s.UsedAt, ui.Staff, "queue", c.P.Text("cases.paper.used_title")
		return c.RenderStatus(409, "cases_paper_used", used)
	}
	def, err := o.current(s.Service)
	if err != nil {
		return err
	}
	d := Draft{ID: id.New[draftKind](o.h.DB.Now()), Service: def.Code, Answers: forms.Answers{}, Around: Around{Paper: n.String()}}
	return o.showAll(c, def, d, nil, nil)
}
