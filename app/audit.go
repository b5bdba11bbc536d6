package app

import (
	"errors"
	"html/template"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/modules/audit"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/web"
)

// openAudit joins the auditor's room to whatever it looks at.
func (h *House) openAudit() {
	h.Audit = audit.New(h.Deeds, h.Vault, h.Places.Country().Zone(), audit.Ports{All: h.audited, Path: h.auditPath})
}

func (h *House) audited(t *db.Tx, kind string) ([]string, error) {
	switch kind {
	case "gift", "payment":
		gifts, payments, err := giving.Subjects(t)
		if kind == "gift" {
			return gifts, err
		}
		return payments, err
	case "lot":
		return stock.Subjects(t)
	case "delivery":
		return field.DeliverySubjects(t)
	}
	return nil, fault.New(fault.Invalid, "audit.sample.kind_missing").On("kind")
}

// trail writes the steps of one thing, from the money to the family's number.
type trail struct {
	h   *House
	c   *web.Ctx
	t   *db.Tx
	out []audit.Step
}

func (h *House) auditPath(c *web.Ctx, t *db.Tx, subject string) ([]audit.Step, error) {
	noun, of, _ := strings.Cut(subject, "/")
	p := &trail{h: h, c: c, t: t}
	err := errors.New("app: nobody audits " + subject)
	switch noun {
	case "giving.gift":
		err = p.gift(of)
	case "giving.spending":
		err = p.payment(of)
	case "stock.lot":
		err = p.lotAlone(of)
	case "field.delivery":
		err = p.delivery(of)
	}
	return p.out, err
}

func (p *trail) step(depth int, href, key string, args ...any) {
	p.out = append(p.out, audit.Step{Depth: depth, Words: p.c.P.T("audit.step."+key, args...), Href: href})
}

func (p *trail) gift(gid string) error {
	g, f, parts, err := p.h.Giving.Followed(p.t, gid)
	if err != nil || g == nil {
		return err
	}
	currency := string(f.Currency)
	if g.Entry.IsZero() {
		p.step(0, "/treasury/"+f.Code, "gift_back", "number", p.c.P.Code(g.Receipt), "day", i18n.Date(g.BackAt))
		return nil
	}
	p.step(0, "/treasury/"+f.Code, "gift", "number", p.c.P.Code(g.Receipt), "sum", p.c.P.Money(g.Minor, currency))
	for _, x := range parts {
		if x.State != "paid" {
			p.step(1, "", x.State, "sum", p.c.P.Money(x.Minor, currency), "purpose", x.Envelope)
			continue
		}
		s, _, err := p.h.Giving.PaymentOf(p.t, x.Payment)
		if err != nil || s == nil {
			return err
		}
		p.step(1, "/treasury/"+f.Code, "paid", "sum", p.c.P.Money(x.Minor, currency), "number", p.c.P.Code(s.Number), "purpose", s.Purpose)
		p.paper(2, f.Code, s)
		runs, err := p.h.Stock.Became(p.t, x.Payment)
		if err != nil {
			return err
		}
		if err := p.runs(2, runs, x.Skip, x.Skip+x.Minor); err != nil {
			return err
		}
	}
	return nil
}

// paper tells what shows that a payment was made.
func (p *trail) paper(depth int, fund string, s *giving.Spending) {
	p.step(depth, "/treasury/"+fund+"#ended", "paper", "sum", s.Document[:min(16, len(s.Document))])
	if s.Line.IsZero() {
		p.step(depth, "", "on_way")
		return
	}
	p.step(depth, "", "by_bank")
}

// runs tells where units are that coins from one up to another bought, each family by
// its number. A run that the coins touch is told whole.
func (p *trail) runs(depth int, runs []stock.Run, from, to int64) error {
	for _, r := range runs {
		if r.To <= from || r.From >= to {
			continue
		}
		good := p.c.P.T(r.Good.Key)
		if r.State != stock.Handed {
			p.step(depth, "/depot", "units", "units", r.Units, "good", good, "state", p.c.P.T("stock.state."+string(r.State)))
			continue
		}
		_, family, href, err := p.family(r.Ref)
		switch {
		case err != nil:
			return err
		case href == "":
			p.step(depth, "", "given_lost", "units", r.Units, "good", good)
		default:
			p.step(depth, href, "given", "units", r.Units, "good", good, "family", family)
		}
	}
	return nil
}

// family is the delivery of a reference and the number of the family it was made to; href
// is "" where the records have neither any more.
func (p *trail) family(ref string) (d *field.Delivery, number template.HTML, href string, err error) {
	d, cid, _, err := p.h.Field.Handed(p.t, ref)
	if err != nil || d == nil {
		return nil, "", "", err
	}
	text, err := worksCases{p.h.Cases}.Receipt(p.t, cid.String())
	if err != nil || text == "" {
		return d, "", "", err
	}
	return d, p.c.P.Code(text), "/cases/" + cid.String(), nil
}

func (p *trail) payment(sid string) error {
	s, f, err := p.h.Giving.PaymentOf(p.t, sid)
	if err != nil || s == nil {
		return err
	}
	p.step(0, "/treasury/"+f.Code, "payment", "number", p.c.P.Code(s.Number), "sum", p.c.P.Money(s.Minor, string(f.Currency)), "purpose", s.Purpose)
	p.paper(1, f.Code, s)
	lots, err := p.h.Stock.BoughtWith(p.t, sid)
	if err != nil {
		return err
	}
	for _, l := range lots {
		if err := p.lot(1, l); err != nil {
			return err
		}
	}
	return nil
}

func (p *trail) lotAlone(lid string) error {
	l, ok, err := p.h.Stock.LotOf(p.t, lid)
	if err != nil || !ok {
		return err
	}
	return p.lot(0, l)
}

func (p *trail) lot(depth int, l stock.Lot) error {
	org, err := p.h.People.OrgName(p.t, l.Org, p.c.Lang())
	if err != nil {
		return err
	}
	runs, err := p.h.Stock.RunsOf(p.t, l)
	if err != nil {
		return err
	}
	good := template.HTML("")
	if len(runs) > 0 {
		good = p.c.P.T(runs[0].Good.Key)
	}
	p.step(depth, "/depot", "lot", "units", l.Units, "good", good, "org", org)
	for i := range runs { // a lot that was given has no coins: all of it is told
		runs[i].From, runs[i].To = int64(i), int64(i)+1
	}
	return p.runs(depth+1, runs, 0, int64(len(runs)))
}

func (p *trail) delivery(did string) error {
	d, family, href, err := p.family(did)
	if err != nil || d == nil {
		return err
	}
	p.step(0, href, "delivery", "family", family, "when", p.c.P.DateClock(d.At))
	for _, g := range (goods{p.h.Service}).Goods("") {
		if n := d.Goods[g.Code]; n > 0 {
			p.step(1, "", "handed", "units", n, "good", p.c.P.T(g.Key))
		}
	}
	p.step(1, "/missions/"+d.Mission.String(), d.Proof)
	return nil
}
