package app

import (
	"context"
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/room"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/service"
)

// openRoom builds the operations room, and joins it to those whom it asks.
func (h *House) openRoom() error {
	rules, err := room.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Room = room.New(h.Deeds, h.Vault, h.Places, room.Ports{Rules: rules, Cases: roomCases{h.Cases, h.Sectors}, Field: roomField{h.Field}, Orgs: roomOrgs{orgs{h.People}, h.People}, Press: h.Press})
	h.Cases.UseDesk(h.desk)
	return nil
}

// desk puts the views of the room above the queue.
func (h *House) desk(c *web.Ctx, t *deed.Tx, filter url.Values) (*cases.Desk, error) {
	b, err := h.Room.Bar(c, t, filter)
	if err != nil {
		return nil, err
	}
	d := &cases.Desk{Filter: b.Filter, Shares: b.Shares, Print: c.Href("/queue/print?" + filter.Encode())}
	if b.Bulk {
		d.Bulk = c.Href("/queue/bulk?" + filter.Encode())
	}
	for _, v := range b.Views {
		d.Views = append(d.Views, cases.DeskView{Href: c.Href(v.Path), Name: v.Name, Current: v.Current})
	}
	return d, nil
}

// roomOrgs lets the room ask of organisations and of who works here.
type roomOrgs struct {
	orgs
	people *people.Service
}

func (x roomOrgs) Who(t *db.Tx, a actor.AccountID) (string, error) { return x.people.AccountName(t, a) }

// roomField lets the room ask of the field.
type roomField struct{ f *field.Service }

func (x roomField) Teams(t *db.Tx, by actor.Actor, lang string) (out []ui.Option, err error) {
	org := actor.OrganisationID{}
	if !by.Holds(actor.Dispatcher, actor.CrisisCell) {
		org = by.Org
	}
	all, err := x.f.Near(t, org, geo.Point{}, false, "", 100)
	for _, b := range all {
		name, _ := b.Names.In(lang)
		out = append(out, ui.Option{Value: b.Team.String(), Title: template.HTML(template.HTMLEscapeString(name))})
	}
	return out, err
}

func (x roomField) Delivered(t *db.Tx, from, till time.Time) (out []string, err error) {
	all, err := x.f.DeliveredBetween(t, from, till)
	for _, c := range all {
		out = append(out, c.String())
	}
	return out, err
}

// roomCases lets the room ask of cases.
type roomCases struct {
	o       *cases.Office
	sectors *cases.Sectors
}

func (x roomCases) Keys() []string                              { return cases.QueueKeys }
func (x roomCases) Sectors() []string                           { return x.sectors.Codes() }
func (x roomCases) Acts(by actor.Actor) []string                { return cases.BulkActs(by) }
func (x roomCases) Stale(by actor.Actor, v url.Values) []string { return x.o.StaleKeys(by, v) }

func caseIDs(all []string) (out []cases.CaseID) {
	for _, s := range all {
		if cid, err := id.Parse[cases.Case](s); err == nil { // what is none is nobody's
			out = append(out, cid)
		}
	}
	return out
}

func roomLines(all []cases.RoomLine) (out []room.Line) {
	for _, l := range all {
		out = append(out, room.Line{ID: l.ID, Receipt: l.Receipt, Level: l.Level, Title: l.Title, Place: l.Place, State: l.State, Owner: l.Owner,
			Due: l.Due, Late: l.Late, Over: l.Phase == service.Final, Since: l.MadeAt, People: l.People})
	}
	return out
}

func (x roomCases) Lines(c *web.Ctx, t *deed.Tx, v url.Values, most int) ([]room.Line, bool, error) {
	all, more, err := x.o.QueueLines(c, t, v, most)
	return roomLines(all), more, err
}

func (x roomCases) LinesOf(c *web.Ctx, t *deed.Tx, ids []string) ([]room.Line, error) {
	all, err := x.o.LinesOf(c, t, caseIDs(ids))
	return roomLines(all), err
}

func (x roomCases) Revisions(t *deed.Tx, ids []string) (map[string]int64, error) {
	all, err := x.o.Revisions(t, caseIDs(ids))
	out := map[string]int64{}
	for cid, n := range all {
		out[cid.String()] = n
	}
	return out, err
}

func bulkOf(w room.What) (b cases.Bulk, err error) {
	b = cases.Bulk{ID: w.Bulk, Act: w.Act, Sector: w.Sector}
	if err := b.Team.UnmarshalText([]byte(w.Team)); err != nil {
		return b, fault.New(fault.Invalid, "room.bulk.team_missing").On("team")
	}
	return b, nil
}

func (x roomCases) Hinder(ctx context.Context, by actor.Actor, w room.What, items []room.Item) ([]error, error) {
	b, err := bulkOf(w)
	if err != nil {
		return nil, err
	}
	var ids []cases.CaseID
	var seen []int64
	for _, i := range items {
		cid, err := caseNamed(i.Case)
		if err != nil {
			return nil, err
		}
		ids, seen = append(ids, cid), append(seen, i.Seen)
	}
	return x.o.Hinder(ctx, by, b, ids, seen)
}

func (x roomCases) Do(ctx context.Context, by actor.Actor, w room.What, i room.Item, keep func(*db.Tx, []byte, int64) error) error {
	b, err := bulkOf(w)
	if err != nil {
		return err
	}
	cid, err := caseNamed(i.Case)
	if err != nil {
		return err
	}
	return x.o.DoBulk(ctx, by, b, cid, i.Seen, func(t *deed.Tx, was []byte, after int64) error { return keep(t.Tx, was, after) })
}

func (x roomCases) Undo(ctx context.Context, by actor.Actor, w room.What, i room.Item, keep func(*db.Tx) error) error {
	cid, err := caseNamed(i.Case)
	if err != nil {
		return err
	}
	return x.o.UndoBulk(ctx, by, w.Bulk, cid, i.After, i.Was, func(t *deed.Tx) error { return keep(t.Tx) })
}

func (x roomCases) Shift(t *db.Tx, area string, org actor.OrganisationID, since time.Time, most int) (out room.Shift, err error) {
	s, err := x.o.Shift(t, area, org, since, most)
	out = room.Shift{OverdueN: s.OverdueN, TakenN: s.TakenN, AnswerN: s.AnswerN, BlockedN: s.BlockedN}
	for _, c := range s.Overdue {
		out.Overdue = append(out.Overdue, c.String())
	}
	for _, c := range s.Taken {
		out.Taken = append(out.Taken, c.String())
	}
	for _, w := range s.Waits {
		out.Waits = append(out.Waits, room.WaitOn(w))
	}
	for _, k := range s.Blocked {
		out.Blocked = append(out.Blocked, room.BlockedPart{Task: k.Task.String(), Case: k.Case.String(), Sector: k.Sector, Reason: k.Reason, Since: k.Since})
	}
	return out, err
}

func (x roomCases) Happened(t *db.Tx, by actor.Actor, from, till time.Time) (room.Week, error) {
	w, err := x.o.Happened(t, by, from, till)
	return room.Week(w), err
}

func (x roomCases) Reached(t *db.Tx, by actor.Actor, ids []string) (int, error) {
	return x.o.Reached(t, by, ids)
}

func (x roomCases) Longest(t *db.Tx, by actor.Actor, most int) (out []string, err error) {
	all, err := x.o.LongestOpen(t, by, most)
	for _, c := range all {
		out = append(out, c.String())
	}
	return out, err
}

func (x roomCases) Forgotten(t *db.Tx, by actor.Actor, most int) (out []room.Forgotten, err error) {
	all, err := x.o.ForgottenFor(t, by, most)
	for _, f := range all {
		out = append(out, room.Forgotten(f))
	}
	return out, err
}
