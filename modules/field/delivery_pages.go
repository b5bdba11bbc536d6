package field

import (
	"errors"
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// visitPage records what happened at a stop: a delivery, or why there was none.
type visitPage struct {
	ui.Frame
	Head     string // catalogue key of the heading
	ID       string // of the delivery, minted here: sent twice, it is recorded once
	Mission  string
	Team     template.HTML
	Stop     stopRow
	Units    []unitField
	NoGoods  bool
	Proof    ui.Choices
	Witness  string
	Relation []ui.Option
	Reasons  []ui.Option
}

// witnessPage reveals who stood by at a delivery, for a reason.
type witnessPage struct {
	ui.Frame
	Head    string
	Mission string
	Stop    stopRow
	Reasons []ui.Option
	Name    template.HTML // "" until the reason was given
}

// paperPage is a way-bill or a distribution list, to be printed. Nothing on it
// names a person: a sheet of paper gets lost.
type paperPage struct {
	ui.Frame
	Row     missionRow
	Base    template.HTML
	Planned time.Time
	Left    time.Time // zero while it has not set out
	Stops   []stopRow
	Lines   []lineRow
	Blank   []struct{} // empty rows for whoever is met on the way

	Back     time.Time // when it ended; zero while it has not
	Vehicles []vehicleRow
	Weight   weightRow
	Permit   permitRow
	Named    bool // plates and drivers are on it
	Secret   bool // there are some to show
}

func (s *Service) visit(c *web.Ctx) error {
	return s.showVisit(c, url.Values{"id": {id.New[Delivery](s.h.DB.Now()).String()}}, nil)
}

// showVisit shows the form of a stop; shown again, everything that was typed
// is kept save the code.
func (s *Service) showVisit(c *web.Ctx, v url.Values, wrong error) error {
	p := &visitPage{Head: "field.visit.title", ID: v.Get("id"), NoGoods: v.Get("no_goods") != "", Witness: v.Get("witness")}
	p.Kind, p.Title = ui.Staff, c.P.Text("field.visit.title")
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	sid, err := readID[Stop](c.R.PathValue("stop"))
	if err != nil {
		return err
	}
	err = s.inMission(c, DeedDeliver, func(_ *db.Tx, w *teller, j *Journey) error {
		if _, err := j.stop(sid); err != nil {
			return err
		}
		p.Mission, p.Team = j.ID.String(), w.teamName(w.team(j.Team))
		for _, row := range w.stops(j, false) {
			if row.Stop == sid.String() {
				p.Stop = row
			}
		}
		for _, l := range j.Goods {
			hint := c.P.T("field.manifest.aboard_n", "n", l.Aboard())
			p.Units = append(p.Units, unitField{"good_" + l.Good, w.good(l.Good), hint, v.Get("good_" + l.Good)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	proof := v.Get("proof")
	if proof == "" {
		proof = ByCode
	}
	p.Proof = ui.Choices{Name: "proof", Legend: c.P.T("field.visit.proof"), Error: p.Error("proof"), Options: []ui.Option{
		{Value: ByCode, Title: c.P.T("field.proof.code"), Example: c.P.T("field.proof.code_how"), Icon: "key", Colour: "teal", Chosen: proof == ByCode},
		{Value: ByWitness, Title: c.P.T("field.proof.witness"), Example: c.P.T("field.proof.witness_how"), Icon: "users", Colour: "blue", Chosen: proof == ByWitness}}}
	p.Relation = options(c.P, "field.relation.", Relations, v.Get("relation"))
	p.Reasons = options(c.P, "field.not_reached.", ReasonsNotReached, v.Get("reason"))
	return c.RenderStatus(status, "field_visit", p)
}

func (s *Service) deliverForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	d, err := readHandover(c, v)
	if err == nil {
		_, err = s.Deliver(c.Context(), actor.From(c.Context()), d)
	}
	if err != nil {
		return s.showVisit(c, v, err)
	}
	c.Flash("field.delivery.recorded")
	return c.Seek("/missions/" + d.Mission.String())
}

func readHandover(c *web.Ctx, v url.Values) (d Handover, err error) {
	if d.Mission, err = readID[Mission](c.R.PathValue("id")); err != nil {
		return d, err
	}
	if d.Stop, err = readID[Stop](c.R.PathValue("stop")); err != nil {
		return d, err
	}
	if d.ID, err = readID[Delivery](v.Get("id")); err != nil {
		return d, err
	}
	d.NoGoods, d.Proof, d.Code = v.Get("no_goods") != "", v.Get("proof"), Secret(v.Get("code"))
	d.Witness, d.Relation = v.Get("witness"), v.Get("relation")
	if d.Goods, err = readUnits(v, "good_"); err != nil { // say what else is wrong, too
		all, _ := errors.AsType[fault.All](err)
		for _, f := range d.tidy().wrong() {
			if f.Key != "field.delivery.nothing" {
				all = append(all, f)
			}
		}
		return d, all
	}
	return d, nil
}

func (s *Service) notReachedForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	sid, err := readID[Stop](c.R.PathValue("stop"))
	if err == nil {
		err = s.NotReached(c.Context(), actor.From(c.Context()), mid, sid, v.Get("reason"))
	}
	if err != nil {
		v.Set("id", id.New[Delivery](s.h.DB.Now()).String())
		return s.showVisit(c, v, err)
	}
	c.Flash("field.stop.not_reached_now")
	return c.Seek("/missions/" + mid.String())
}

func (s *Service) askWitness(c *web.Ctx) error { return s.witnessForm(c, "", "", nil) }

func (s *Service) showWitness(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	sid, err := readID[Stop](c.R.PathValue("stop"))
	if err != nil {
		return err
	}
	name, err := s.Witness(c.Context(), actor.From(c.Context()), mid, sid, v.Get("reason"))
	return s.witnessForm(c, name, v.Get("reason"), err)
}

func (s *Service) witnessForm(c *web.Ctx, name, reason string, wrong error) error {
	p := &witnessPage{Head: "field.witness.title", Reasons: options(c.P, "field.reveal.", ReasonsToReveal, reason)}
	p.Kind, p.Title = ui.Staff, c.P.Text("field.witness.title")
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	if name != "" {
		p.Name = isolated(name, "", "")
	}
	sid, err := readID[Stop](c.R.PathValue("stop"))
	if err != nil {
		return err
	}
	err = s.inMission(c, DeedWitness, func(t *db.Tx, w *teller, j *Journey) error {
		p.Mission = j.ID.String()
		for _, row := range w.stops(j, true) {
			if row.Stop == sid.String() {
				p.Stop = row
			}
		}
		if !p.Stop.Witness {
			return fault.New(fault.Missing, "field.delivery.no_witness")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "field_witness", p)
}

func (s *Service) waybill(c *web.Ctx) error {
	return s.paper(c, "field_waybill", "field.waybill.title", 0, nil)
}

// waybillNamed is the waybill with plates and drivers, which leaves a line.
func (s *Service) waybillNamed(c *web.Ctx) error {
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	crew, err := s.Drivers(c.Context(), actor.From(c.Context()), mid)
	if err != nil {
		return err
	}
	return s.paper(c, "field_waybill", "field.waybill.title", 0, crew)
}

func (s *Service) distributionList(c *web.Ctx) error {
	return s.paper(c, "field_list", "field.list.title", blankRows, nil)
}

// blankRows is how many empty rows a distribution list ends with, for whoever is
// met on the way.
const blankRows = 6

// paper shows a sheet to print.
func (s *Service) paper(c *web.Ctx, page, title string, blank int, crew []Crew) error {
	p, err := s.sheet(c, title, blank, crew)
	if err != nil {
		return err
	}
	return c.Render(page, p)
}

// sheet is what stands on one. blank is how many empty rows it ends with; crew is
// who drives, where the reader was told.
func (s *Service) sheet(c *web.Ctx, title string, blank int, crew []Crew) (*paperPage, error) {
	p := &paperPage{Blank: make([]struct{}, blank), Named: crew != nil}
	p.Kind, p.Title = ui.Print, c.P.Text(title)
	err := s.inMission(c, DeedMissionSee, func(_ *db.Tx, w *teller, j *Journey) error {
		p.Row = w.missionRows([]*Journey{j})[0]
		p.Planned, p.Left = j.PlannedAt, j.DepartedAt
		p.Base = w.place(w.team(j.Team).Base)
		p.Stops, p.Lines = w.stops(j, false), w.lines(j.Goods)
		w.squares(c, p.Stops, j)
		vehicles := w.vehicles(j)
		p.Vehicles, p.Weight, p.Permit = w.vehicleRows(vehicles, crew), w.weight(j, vehicles), w.permit(j, vehicles)
		p.Back = j.ClosedAt
		for _, x := range p.Vehicles {
			p.Secret = p.Secret || x.Secret
		}
		return nil
	})
	return p, err
}
