package round

import (
	"html/template"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// conflictsPage is what waits for a person, each with the two accounts side by side.
type conflictsPage struct {
	ui.Frame
	Rows    []conflictRow
	Reasons []ui.Option
	Wrong   string // the record whose form is shown again
}

type conflictRow struct {
	ID      string
	Why     string
	Kind    string
	Receipt string // of the case, when it is known
	Mission string
	Mine    side // as the phone says it
	Theirs  side // as it is on record
	Both    bool // keeping both can be asked for
	Choice  string
	Reasons []ui.Option
}

// side is one account of a stop.
type side struct {
	Who     template.HTML
	At      time.Time
	Got     time.Time // when it reached the house, of what a phone says
	What    string    // catalogue key
	Goods   []template.HTML
	NoGoods bool
	Reason  string // catalogue key
	Proof   string // catalogue key
	Skewed  bool
}

const conflictsShown = 100

func (s *Service) showConflicts(c *web.Ctx) error { return s.conflicts(c, "", "", nil) }

func (s *Service) conflicts(c *web.Ctx, again, choice string, wrong []ui.FieldError) error {
	by := actor.From(c.Context())
	p := &conflictsPage{Frame: ui.Frame{Title: c.P.Text("round.conflicts.title"), Kind: ui.Staff, Nav: "round", Errors: wrong}, Wrong: again}
	for _, r := range ReasonsToSettle {
		p.Reasons = append(p.Reasons, ui.Option{Value: r, Title: c.P.T("round.reason." + r)})
	}
	err := s.h.Look(c.Context(), by, DeedConflictList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		var orgs []actor.OrganisationID
		for _, g := range by.Grants {
			if g.Role == actor.Coordinator && g.Recognised && !slices.Contains(orgs, g.Org) {
				orgs = append(orgs, g.Org)
			}
		}
		all, err := waitingRecords(t.Tx, orgs, conflictsShown)
		if err == nil && len(orgs) == 0 {
			all, err = ownWaiting(t.Tx, by.Account, conflictsShown)
		}
		for i := range all {
			if err != nil {
				return err
			}
			var row conflictRow
			row, err = s.conflictRow(c.P, t, &all[i])
			if row.Reasons = p.Reasons; row.ID == again {
				row.Choice = choice
			}
			if maySettle(by, &all[i]) {
				p.Rows = append(p.Rows, row)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status = http.StatusUnprocessableEntity
	}
	return c.RenderStatus(status, "round_conflicts", p)
}

func (s *Service) conflictRow(p *i18n.Printer, t *deed.Tx, r *Record) (row conflictRow, err error) {
	row = conflictRow{ID: r.ID.String(), Why: r.Why, Kind: string(r.Kind), Mission: r.Mission, Both: true}
	said, err := s.open(r)
	if err != nil {
		return row, err
	}
	row.Mine = side{At: r.MadeAt, Got: r.GotAt, What: "round.kind." + string(r.Kind), Goods: s.goods(p, said.body.Goods), NoGoods: said.body.NoGoods, Skewed: r.Skewed}
	if row.Mine.Who, err = s.who(t, r.Account); err != nil {
		return row, err
	}
	switch r.Kind {
	case KindDelivery:
		row.Mine.Proof = "field.proof." + said.body.Proof
	case KindNotReached:
		if slices.Contains(s.Field.ReasonsNotReached(), said.body.Reason) {
			row.Mine.Reason = "field.not_reached." + said.body.Reason
		}
	}
	if r.Why == whyCut {
		return row, nil
	}
	at, err := s.Field.Stands(t.Tx, r.Mission, r.Stop)
	if err != nil {
		return row, err
	}
	if row.Receipt, err = s.Cases.Receipt(t.Tx, at.Case); err != nil && fault.KindOf(err) != fault.Missing {
		return row, err
	}
	row.Theirs = side{At: at.At, What: "round.kind." + at.State}
	switch {
	case at.Delivery != "":
		row.Theirs.What, row.Theirs.Goods, row.Theirs.NoGoods, row.Theirs.Proof = "round.kind.delivery", s.goods(p, at.Goods), len(at.Goods) == 0, "field.proof."+at.Proof
	case at.State == "not_reached":
		row.Theirs.Reason = "field.not_reached." + at.Reason
	case at.Mission == "closed":
		row.Theirs.What = "round.kind.closed"
	default:
		row.Theirs.What = "round.kind.moved"
	}
	row.Theirs.Who, err = s.who(t, at.Account)
	return row, err
}

// who is the name of a colleague; "" when nobody is named.
func (s *Service) who(t *deed.Tx, account actor.AccountID) (template.HTML, error) {
	if account.IsZero() {
		return "", nil
	}
	name, err := s.People.AccountName(t.Tx, account)
	if fault.KindOf(err) == fault.Missing {
		return "", nil
	}
	return plain(name), err
}

func (s *Service) goods(p *i18n.Printer, units map[string]int) (out []template.HTML) {
	keys := s.Field.GoodKeys()
	for _, code := range slices.Sorted(maps.Keys(units)) {
		name := plain(code)
		if key := keys[code]; key != "" {
			name = p.T(key)
		}
		out = append(out, p.T("round.side.good", "good", name, "n", units[code]))
	}
	return out
}

func (s *Service) settleForm(c *web.Ctx) error {
	rid, err := id.Parse[Record](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "round.record.missing")
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	out, err := s.Settle(c.Context(), actor.From(c.Context()), rid, v.Get("choice"), v.Get("reason"))
	if wrong, ok := c.FieldErrors(err); ok {
		return s.conflicts(c, rid.String(), v.Get("choice"), wrong)
	}
	if err != nil {
		return err
	}
	c.Flash(out.Key)
	return c.Seek("/round/conflicts")
}
