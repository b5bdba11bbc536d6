package field

import (
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
)

// caravanPage is where a mission gets its vehicles, its permit and its load,
// and where it is told of roads and of others who go the same way.
type caravanPage struct {
	ui.Frame
	ID       string
	Team     template.HTML
	State    string
	Vehicles []vehicleRow
	Weight   weightRow
	Permit   permitRow
	States   []ui.Option // of a permit
	Loads    []unitField
	Lines    []lineRow // what is aboard, once it cannot be changed here
	Gifts    []giftRow
	Legs     []legRow
	Ordered  bool // the stops stand in the order of the route
	Gaps     []gapRow
	Fresh    string // identifier of the next vehicle
	New      newVehicle
	Can      can
}

type newVehicle struct {
	Kinds, Roads, Offers             []ui.Option
	Kg, Litres, Seats, Plate, Driver string
	Number, Authority, Dated         string
}

type vehicleRow struct {
	ID, Kind          string
	Road              RoadClass
	Kg, Litres, Seats int
	Offered, Secret   bool // it is lent; somebody wrote down who drives
	Plate, Driver     template.HTML
}

// weightRow is a load beside what the vehicles take.
type weightRow struct {
	Kg, Litres         float64
	MostKg, MostLitres int64
	Over               []template.HTML
	Unweighed          []template.HTML
}

type permitRow struct {
	State, Number, Authority string
	Dated                    time.Time
	Needs                    []needRow
}

// needRow is a rule that wants a permit, in the reader's language, and whose it is.
type needRow struct {
	Name   template.HTML
	Source string
	Days   int
}

type giftRow struct {
	unitField
	Place template.HTML
	Until time.Time
}

type legRow struct {
	Place   template.HTML
	Receipt string
	Road    RoadState
	Reach   string // "", around or stopped
	Said    time.Time
	Code    string // of the place
}

// caravanSum is a caravan as the page of its mission shows it.
type caravanSum struct {
	Vehicles []vehicleRow
	Weight   weightRow
	Permit   permitRow
	Stopped  int             // stops that no vehicle gets to
	Hinders  []template.HTML // what keeps it from leaving
	Anyway   []ui.Option     // why it may leave though the roads are in its way
}

// caravan sums up vehicles, load, permit and roads of a mission, and says what
// keeps it from leaving.
func (w *teller) caravan(j *Journey, v url.Values) (out caravanSum) {
	vehicles := w.vehicles(j)
	out = caravanSum{Vehicles: w.vehicleRows(vehicles, nil), Weight: w.weight(j, vehicles), Permit: w.permit(j, vehicles)}
	if w.err != nil || j.State != Planned {
		return out
	}
	known, err := roadsNow(w.t)
	if err != nil {
		w.err = err
		return out
	}
	out.Stopped = len(w.unreachable(j, vehicles, known))
	_, err = w.ready(w.t, j, ReasonsAnyway[0]) // all but the roads, which a reason gets around
	for _, f := range faults(err) {
		out.Hinders = append(out.Hinders, w.p.T(f.Key, web.Pairs(f.Args)...))
	}
	if err != nil && len(out.Hinders) == 0 {
		w.err = err
	}
	if out.Stopped > 0 {
		out.Anyway = options(w.p, "field.anyway.", ReasonsAnyway, v.Get("anyway"))
	}
	return out
}

func (p *caravanPage) fill(w *teller, j *Journey, v url.Values) {
	team := w.team(j.Team)
	name, _ := team.Names.In(w.lang())
	p.Kind, p.Title, p.ID, p.State, p.Team = ui.Staff, w.p.Text("field.caravan.title", "team", name), j.ID.String(), string(j.State), w.teamName(team)
	vehicles := w.vehicles(j)
	p.Vehicles, p.Weight, p.Permit = w.vehicleRows(vehicles, nil), w.weight(j, vehicles), w.permit(j, vehicles)
	if j.State == Planned {
		p.Gaps = w.gapRows(j.Org, j.communes())
	}
	p.Legs, p.Ordered = w.legs(j)
	if p.Can.Load {
		p.loads(w, j, v)
	} else {
		p.Lines = w.lines(j.Goods)
	}
	if p.Can.Depart {
		p.fresh(w, j, v)
	}
}

// loads fills in the forms for what goes along: what the organisation has, and
// what was promised to it.
func (p *caravanPage) loads(w *teller, j *Journey, v url.Values) {
	for _, code := range w.loadable(j) {
		n := 0
		if l := j.Goods.line(code); l != nil {
			n = l.Loaded
		}
		f := unitField{Name: "load_" + code, Label: w.good(code), Value: typed(v, "load_"+code, n)}
		if g := w.stock[code]; g.Grams > 0 {
			f.Hint = w.p.T("field.load.each", "kg", w.p.Number(thousands(int64(g.Grams))), "litres", w.p.Number(thousands(int64(g.Millilitres))))
		}
		p.Loads = append(p.Loads, f)
	}
	had, err := giftsAboard(w.t, j.ID)
	if err != nil {
		w.err = err
		return
	}
	left, err := w.promised(w.t, j.Org)
	if err != nil {
		w.err = err
		return
	}
	for _, a := range had {
		if !slices.ContainsFunc(left, func(g Gift) bool { return g.Offer == a.Offer }) {
			left = append(left, Gift{Offer: a.Offer, Good: a.Good})
		}
	}
	for _, g := range left {
		n := 0
		for _, a := range had {
			if a.Offer == g.Offer {
				n = a.Units
			}
		}
		row := giftRow{unitField{"gift_" + g.Offer, w.good(g.Good), w.p.T("field.gift.left", "n", g.Units+n), typed(v, "gift_"+g.Offer, n)}, "", g.Until}
		if g.Place != "" {
			row.Place = w.place(g.Place)
		}
		p.Gifts = append(p.Gifts, row)
	}
}

// fresh fills in the forms for one more vehicle and for the permit.
func (p *caravanPage) fresh(w *teller, j *Journey, v url.Values) {
	n := &p.New
	for _, k := range Kinds {
		o := ui.Option{Value: k, Title: w.p.T("field.vehicle.kind." + k), Chosen: v.Get("kind") == k}
		if m, ok := w.means.Kind(k); ok {
			o.Title = w.p.T("field.vehicle.usually", "kind", w.p.T("field.vehicle.kind."+k), "kg", m.Kg)
		}
		n.Kinds = append(n.Kinds, o)
	}
	for _, r := range RoadClasses {
		n.Roads = append(n.Roads, ui.Option{Value: string(r), Title: w.p.T("field.vehicle.road." + string(r)), Chosen: v.Get("road") == string(r)})
	}
	lent, err := w.freeVehicles(w.t, j.Org)
	if err != nil {
		w.err = err
		return
	}
	for _, o := range lent {
		if slices.ContainsFunc(n.Offers, func(x ui.Option) bool { return x.Value == o.Offer }) {
			continue // two of one offer are chosen one after the other
		}
		n.Offers = append(n.Offers, ui.Option{Value: o.Offer, Chosen: v.Get("offer") == o.Offer,
			Title: w.p.T("field.vehicle.lent", "kind", w.p.T("field.vehicle.kind."+o.Kind), "kg", o.Kg, "until", w.p.Date(o.Until))})
	}
	n.Kg, n.Litres, n.Seats, n.Plate, n.Driver = v.Get("kg"), v.Get("litres"), v.Get("seats"), v.Get("plate"), v.Get("driver")
	n.Number, n.Authority, n.Dated = p.Permit.Number, p.Permit.Authority, ""
	if !p.Permit.Dated.IsZero() {
		n.Dated = p.Permit.Dated.In(w.zone).Format(time.DateOnly)
	}
	state := p.Permit.State
	if v.Has("permit") {
		state, n.Number, n.Authority, n.Dated = v.Get("permit"), v.Get("number"), v.Get("authority"), v.Get("dated")
	}
	for _, s := range PermitStates {
		p.States = append(p.States, ui.Option{Value: string(s), Title: w.p.T("field.permit.state." + string(s)), Chosen: state == string(s)})
	}
}

func (w *teller) vehicles(j *Journey) []Vehicle {
	if w.err != nil {
		return nil
	}
	all, err := vehiclesOf(w.t, j.ID)
	w.err = err
	return all
}

// vehicleRows are vehicles with who drives them, where the reader was told.
func (w *teller) vehicleRows(all []Vehicle, crew []Crew) (out []vehicleRow) {
	for _, v := range all {
		row := vehicleRow{ID: v.ID.String(), Kind: v.Kind, Road: v.Road, Kg: v.Kg, Litres: v.Litres, Seats: v.Seats, Offered: v.Offer != "",
			Secret: v.Plate != nil || v.Driver != nil}
		for _, c := range crew {
			if c.Vehicle == v.ID {
				row.Plate, row.Driver = isolated(c.Plate, "", ""), isolated(c.Driver, "", "")
			}
		}
		out = append(out, row)
	}
	return out
}

// thousands is whole grams as kilograms.
func thousands(n int64) float64 { return float64(n) / 1000 }

func (w *teller) weight(j *Journey, vehicles []Vehicle) weightRow {
	b, r := w.burden(j.Goods), room(vehicles)
	out := weightRow{Kg: thousands(b.Grams), Litres: thousands(b.Millilitres), MostKg: r.Grams / 1000, MostLitres: r.Millilitres / 1000}
	for _, f := range b.over(vehicles) {
		out.Over = append(out.Over, w.p.T(f.Key, web.Pairs(f.Args)...))
	}
	for _, g := range b.Unweighed {
		out.Unweighed = append(out.Unweighed, w.good(g))
	}
	return out
}

func (w *teller) permit(j *Journey, vehicles []Vehicle) (out permitRow) {
	if w.err != nil {
		return out
	}
	p, err := permitOf(w.t, j.ID)
	w.err = err
	out = permitRow{State: string(p.State), Number: p.Number, Authority: p.Authority, Dated: p.Dated}
	for _, r := range w.means.Needed(vehicles, w.burden(j.Goods)) {
		name, lang := places.In(r.Names, w.lang())
		out.Needs = append(out.Needs, needRow{isolated(name, lang, w.lang()), r.Source, r.Days})
	}
	if p.State == NotNeeded && len(out.Needs) > 0 {
		out.State = noPermit
	}
	return out
}

// noPermit is shown where rules want a permit and nobody has spoken of one.
const noPermit = "missing"

// legs is the way of a mission in the order of its route, and whether its stops
// stand in that order.
func (w *teller) legs(j *Journey) (out []legRow, ordered bool) {
	if w.err != nil {
		return nil, false
	}
	all, err := w.routeOf(w.t, j)
	if err != nil {
		w.err = err
		return nil, false
	}
	ids := make([]CaseID, len(all))
	for i, l := range all {
		ids[i] = l.stop.Case
	}
	briefs, err := w.cases.Briefs(w.t, ids)
	if err != nil {
		w.err = err
	}
	receipts := map[CaseID]string{}
	for _, b := range briefs {
		receipts[b.ID] = b.Receipt
	}
	ordered = true
	for i, l := range all {
		ordered = ordered && j.Stops[i].ID == l.stop.ID
		row := legRow{Place: w.place(l.stop.Place), Receipt: receipts[l.stop.Case], Road: l.road.State, Said: l.road.Since, Code: l.stop.Place}
		row.Reach = map[Reach]string{Around: "around", GetsNot: "stopped"}[l.reach]
		out = append(out, row)
	}
	return out, ordered
}
