package field

import (
	"errors"
	"html/template"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/pdf"
	"github.com/twiza/twiza/platform/web"
)

// The sheets of a mission as files: for whoever prints at a shop, or sends them on.
// They hold what the printed pages hold, and never a plate or a driver.

func (s *Service) waybillFile(c *web.Ctx) error {
	p, err := s.sheet(c, "field.waybill.title", 0, nil)
	if err != nil {
		return err
	}
	d, err := p.begin(c)
	if err != nil {
		return err
	}
	if err := errors.Join(p.printVehicles(c, d), p.printLoad(c, d), p.printWay(c, d)); err != nil {
		return err
	}
	return signedBelow(c, d, "waybill.pdf", "field.waybill.store", "field.waybill.driver", "field.waybill.control")
}

func (s *Service) listFile(c *web.Ctx) error {
	p, err := s.sheet(c, "field.list.title", blankRows, nil)
	if err != nil {
		return err
	}
	d, err := p.begin(c)
	if err != nil {
		return err
	}
	var rows [][]pdf.Cell
	for _, x := range p.Stops {
		row := []pdf.Cell{{Text: c.P.Plain(x.Seq)}, {Text: coded(c, x.Receipt)}, {Text: i18n.PlainOf(x.Place)}, {}, {}, {}, {Code: x.Link}}
		if x.People > 0 {
			row[3].Text = c.P.Plain(x.People)
		}
		rows = append(rows, row)
	}
	for range p.Blank { // for whoever is met on the way
		rows = append(rows, []pdf.Cell{{High: handHigh}, {}, {}, {}, {}, {}, {}})
	}
	err = d.Table(columns(c, "field.list.number", "field.stop.case", "field.stop.place", "field.list.people", "field.list.given", "field.list.sign", "field.list.square"), rows)
	if err != nil {
		return err
	}
	d.Small(c.P.Text("field.list.note") + " " + c.P.Text("field.list.square_how"))
	return signedBelow(c, d, "list.pdf", "field.waybill.driver", "field.list.witness")
}

// begin writes the heading and what the sheet is of.
func (p *paperPage) begin(c *web.Ctx) (*pdf.Doc, error) {
	d, err := pdf.New(p.Title, string(c.P.Lang()), c.P.Dir() == "rtl", func(page, of int) string {
		return c.P.Text("field.paper.page", "page", page, "of", of, "mission", p.Row.ID)
	})
	if err != nil {
		return nil, err
	}
	d.Heading(p.Title)
	leaves := p.Planned
	if !p.Left.IsZero() {
		leaves = p.Left
	}
	for _, fact := range [][2]string{{"field.team.team", i18n.PlainOf(p.Row.Team)}, {"field.team.org", i18n.PlainOf(p.Row.Org)}, {"field.team.base", i18n.PlainOf(p.Base)},
		{"field.waybill.leaves", c.P.Plain(leaves)}} {
		d.Text(c.P.Text("field.paper.fact", "name", c.P.Text(fact[0]), "value", fact[1]))
	}
	return d, nil
}

func (p *paperPage) printVehicles(c *web.Ctx, d *pdf.Doc) error {
	if len(p.Vehicles) == 0 {
		return nil
	}
	var rows [][]pdf.Cell
	for _, x := range p.Vehicles {
		rows = append(rows, []pdf.Cell{{Text: c.P.Text("field.vehicle.kind." + x.Kind)}, {Text: c.P.Plain(x.Kg)}, {}, {}})
	}
	d.Heading(c.P.Text("field.vehicle.vehicles"))
	return d.Table(columns(c, "field.vehicle.vehicle", "field.vehicle.kg", "field.vehicle.plate", "field.vehicle.driver"), rows)
}

func (p *paperPage) printLoad(c *web.Ctx, d *pdf.Doc) error {
	var rows [][]pdf.Cell
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return c.P.Plain(n)
	}
	for _, x := range p.Lines {
		rows = append(rows, []pdf.Cell{{Text: withUnit(x.Name, x.Unit)}, {Text: c.P.Plain(x.Loaded)}, {Text: count(x.Delivered)}, {Text: count(x.Returned)}, {Text: count(x.Lost)}})
	}
	d.Heading(c.P.Text("field.waybill.load"))
	if len(rows) == 0 {
		d.Text(c.P.Text("field.manifest.empty"))
		return nil
	}
	return d.Table(columns(c, "field.manifest.good", "field.manifest.loaded", "field.manifest.delivered", "field.manifest.returned", "field.manifest.lost"), rows)
}

func (p *paperPage) printWay(c *web.Ctx, d *pdf.Doc) error {
	var rows [][]pdf.Cell
	for _, x := range p.Stops {
		needs := make([]template.HTML, 0, len(x.Needs))
		for _, k := range x.Needs {
			needs = append(needs, c.P.T(k))
		}
		comma := c.P.Text("field.place.comma") + " "
		said := ""
		for i, n := range needs {
			if i > 0 {
				said += comma
			}
			said += i18n.PlainOf(n)
		}
		rows = append(rows, []pdf.Cell{{Text: c.P.Plain(x.Seq)}, {Text: coded(c, x.Receipt)}, {Text: i18n.PlainOf(x.Place)}, {Text: said}})
	}
	d.Heading(c.P.Text("field.mission.stops"))
	if len(rows) == 0 {
		d.Text(c.P.Text("field.mission.no_stops_yet"))
		return nil
	}
	return d.Table(columns(c, "field.list.number", "field.stop.case", "field.stop.place", "field.stop.needs"), rows)
}

// handHigh is what a line that is written by hand takes, in points.
const handHigh = 24

// wide are the columns that need more room than a number does.
var wide = map[string]float64{"field.stop.case": 2, "field.stop.place": 3, "field.stop.needs": 4, "field.list.people": 1.7, "field.list.given": 2, "field.list.sign": 2.2, "field.manifest.delivered": 1.5, "field.manifest.returned": 1.5, "field.list.square": 2, "field.manifest.good": 3,
	"field.vehicle.vehicle": 2, "field.vehicle.plate": 2, "field.vehicle.driver": 3}

func columns(c *web.Ctx, keys ...string) (out []pdf.Col) {
	for _, k := range keys {
		out = append(out, pdf.Col{Name: c.P.Text(k), Share: max(1.2, wide[k])})
	}
	return out
}

func coded(c *web.Ctx, number string) string {
	if number == "" {
		return ""
	}
	if _, err := receipt.Parse(number); err != nil {
		return number
	}
	return i18n.PlainOf(c.P.Code(number))
}

// signedBelow leaves a line for each who signs, and hands the file over.
func signedBelow(c *web.Ctx, d *pdf.Doc, name string, who ...string) error {
	row := make([]pdf.Cell, 0, len(who))
	for range who {
		row = append(row, pdf.Cell{High: 2 * handHigh})
	}
	if err := d.Table(columns(c, who...), [][]pdf.Cell{row}); err != nil {
		return err
	}
	body, err := d.Bytes()
	if err != nil {
		return err
	}
	return c.Download(name, "application/pdf", body)
}

// withUnit is what is carried and in what it is counted: "Blanket (piece)".
func withUnit(name, unit template.HTML) string {
	if unit == "" {
		return i18n.PlainOf(name)
	}
	return i18n.PlainOf(name + " (" + unit + ")")
}
