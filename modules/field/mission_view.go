package field

import (
	"html/template"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
)

// missionsPage lists missions: those under way or planned, or those that ended.
type missionsPage struct {
	ui.Frame
	Ended   bool
	Rows    []missionRow
	Pager   ui.Pager
	CanPlan bool
}

type missionRow struct {
	ID     string
	Team   template.HTML
	Org    template.HTML
	Where  template.HTML // the first place it goes to
	State  string
	Since  time.Time
	Done   int // stops answered
	Stops  int
	Silent bool // on the way, and nothing heard for long
	Heard  time.Time
}

// caseRow is a case as a team sees it: no name, no phone.
type caseRow struct {
	ID      string
	Receipt string
	Level   int
	Place   template.HTML
	People  int
	Needs   []string // catalogue keys
	Due     time.Time
	Ours    bool // given to this team already
	Others  bool // another organisation goes to its commune
	Chosen  bool
}

type stopRow struct {
	caseRow
	Stop    string
	Seq     int
	State   string
	Reason  string
	At      time.Time
	Witness bool          // somebody stood by, and the reader may ask who
	Square  template.HTML // QR of its sign, on paper
	Link    string        // what the square says
}

type lineRow struct {
	Name, Unit                                 template.HTML
	Loaded, Delivered, Returned, Lost, Balance int
	Reason                                     string
	Kg                                         float64 // of what was loaded; 0 when nobody has weighed it
}

// unitField is a number to type for one good.
type unitField struct {
	Name  string
	Label template.HTML
	Hint  template.HTML
	Value string
}

type gapRow struct {
	Place  template.HTML
	Others []template.HTML
	Nearby []nearRow
}

type nearRow struct {
	Place template.HTML
	N     int
}

// missionNewPage plans a mission: first which team, then for whom.
type missionNewPage struct {
	ui.Frame
	ID      string
	TeamID  string
	Team    teamRow
	Teams   []teamRow // to choose from, while none is chosen
	Leave   string    // datetime-local
	Waiting []caseRow
	Gaps    []gapRow
}

// missionPage is one mission with what can be done next.
type missionPage struct {
	ui.Frame
	ID       string
	Team     template.HTML
	TeamID   string
	Org      template.HTML
	State    string
	Row      missionRow
	Planned  time.Time
	Stops    []stopRow
	Lines    []lineRow
	Gaps     []gapRow
	Waiting  []caseRow
	Loads    []unitField
	Backs    []unitField
	Lost     string
	LostGood []ui.Option
	LostWhy  []ui.Option
	Hinders  []template.HTML // what must be done before the next step
	Caravan  caravanSum
	Found    foundPanel
	Visits   []visitRow
	Talk     bool // it has a channel
	Can      can
}

// can is what the reader may do with a mission as it stands.
type can struct{ Add, Drop, Load, Depart, Cancel, Visit, Account, Close, Reveal bool }

func (s *Service) allowed(by actor.Actor, scope actor.Scope, j *Journey) (c can) {
	_, manages := by.May(manage, scope)
	_, goes := by.May(abroad, scope)
	c.Add, c.Reveal = manages && j.Open(), manages
	c.Drop = manages && j.State == Planned
	c.Load, c.Cancel = c.Drop, c.Drop
	c.Depart = goes && j.State == Planned
	c.Visit = goes && j.State == Departed
	c.Account, c.Close = c.Visit, c.Visit
	return c
}

func (w *teller) missionRows(all []*Journey) (out []missionRow) {
	for _, j := range all {
		row := missionRow{ID: j.ID.String(), Team: w.teamName(w.team(j.Team)), Org: w.org(j.Org), State: string(j.State), Since: j.Since(),
			Stops: len(j.Stops) + len(j.Visits), Done: len(j.Stops) - len(j.waiting()) + len(j.Visits) - j.toVisit(), Heard: j.ChangedAt}
		row.Silent = j.State == Departed && w.t.Now().Sub(j.ChangedAt) > w.silence
		place := w.team(j.Team).Base
		if len(j.Stops) > 0 {
			place = j.Stops[0].Place
		} else if len(j.Visits) > 0 {
			place = j.Visits[0].Place
		}
		row.Where = w.place(place)
		out = append(out, row)
	}
	return out
}

func (w *teller) caseRow(b Brief) caseRow {
	place := ""
	if path := b.path(); len(path) > 0 {
		place = path[len(path)-1]
	}
	return caseRow{ID: b.ID.String(), Receipt: b.Receipt, Level: b.Level, Place: w.place(place), People: b.People, Needs: b.NeedKeys, Due: b.Due}
}

// waiting are the cases that a team can be sent to, and where others go already.
func (w *teller) waiting(org actor.OrganisationID, team TeamID, chosen []string) (rows []caseRow, communes []string) {
	const most = 40
	if w.err != nil {
		return nil, nil
	}
	briefs, err := w.cases.Waiting(w.t, org, team, most)
	if err != nil {
		w.err = err
		return nil, nil
	}
	at := make([]string, len(briefs))
	for i, b := range briefs {
		if at[i] = w.stopFor(b, MissionID{}, 0).Commune; at[i] != "" && !slices.Contains(communes, at[i]) {
			communes = append(communes, at[i])
		}
	}
	others, err := goingTo(w.t, org, communes)
	if err != nil {
		w.err = err
	}
	for i, b := range briefs {
		row := w.caseRow(b)
		row.Ours, row.Others, row.Chosen = b.Team == team, len(others[at[i]]) > 0, slices.Contains(chosen, row.ID)
		rows = append(rows, row)
	}
	return rows, communes
}

func (w *teller) gapRows(org actor.OrganisationID, communes []string) (out []gapRow) {
	if w.err != nil {
		return nil
	}
	all, err := w.gaps(w.t, org, communes)
	w.err = err
	for _, g := range all {
		row := gapRow{Place: w.place(g.Commune)}
		for _, o := range g.Others {
			row.Others = append(row.Others, w.org(o))
		}
		for _, n := range g.Nearby {
			row.Nearby = append(row.Nearby, nearRow{w.place(n.Place), n.Waiting})
		}
		out = append(out, row)
	}
	return out
}

func (w *teller) stops(j *Journey, reveals bool) (out []stopRow) {
	if w.err != nil || len(j.Stops) == 0 {
		return nil
	}
	var ids []CaseID
	for _, stop := range j.Stops {
		ids = append(ids, stop.Case)
	}
	briefs, err := w.cases.Briefs(w.t, ids)
	if err != nil {
		w.err = err
		return nil
	}
	of := map[CaseID]Brief{}
	for _, b := range briefs {
		of[b.ID] = b
	}
	for _, stop := range j.Stops {
		row := stopRow{Stop: stop.ID.String(), Seq: stop.Seq, State: string(stop.State), Reason: stop.Reason, At: stop.ChangedAt}
		if b, ok := of[stop.Case]; ok {
			row.caseRow = w.caseRow(b)
		} else {
			row.caseRow = caseRow{ID: stop.Case.String(), Place: w.place(stop.Place)}
		}
		if reveals && stop.State == Delivered && w.err == nil {
			d, err := deliveryAt(w.t, stop.ID)
			w.err = err
			row.Witness = d != nil && d.Witness != nil
		}
		out = append(out, row)
	}
	return out
}

func (w *teller) lines(goods Manifest) (out []lineRow) {
	for _, l := range goods {
		kg := thousands(int64(l.Loaded) * int64(w.stock[l.Good].Grams))
		out = append(out, lineRow{w.good(l.Good), w.unit(l.Good), l.Loaded, l.Delivered, l.Returned, l.Lost, l.Aboard(), l.LostReason, kg})
	}
	return out
}

// loadable is what can be loaded for the services that a journey's cases ask
// for, and what is loaded already.
func (w *teller) loadable(j *Journey) (codes []string) {
	add := func(code string) {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	services := map[string]bool{}
	for _, stop := range j.Stops {
		services[stop.Service] = true
	}
	if len(services) == 0 {
		services[""] = true
	}
	for _, service := range slices.Sorted(maps.Keys(services)) {
		for _, g := range w.Service.goods.Goods(service) {
			add(g.Code)
		}
	}
	for _, l := range j.Goods {
		add(l.Good)
	}
	return codes
}

// typed is what somebody wrote in a field, or else what is on record.
func typed(v map[string][]string, name string, known int) string {
	if all, ok := v[name]; ok && len(all) > 0 {
		return all[0]
	}
	if known == 0 {
		return ""
	}
	return strconv.Itoa(known)
}
