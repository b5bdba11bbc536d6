package giving

import (
	"context"
	"errors"
	"html/template"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// Earmark is what gifts to a fund may be given for, and for nothing else: money that
// came for it lies in accounts of its own, which the ledger empties for nothing else.
type Earmark struct {
	ID       EarmarkID
	Fund     FundID
	N        int
	Names    map[string]string // by language
	OpenedAt time.Time
	ClosedAt time.Time // zero: numbers are handed out for it
}

type EarmarkID = id.Of[Earmark]

// mostEarmarks of one fund are open at once: whoever gives reads all of them.
const mostEarmarks = 12

// Name is what an earmark is called in a language, or else in French.
func (e *Earmark) Name(lang string) string {
	if n := e.Names[lang]; n != "" {
		return n
	}
	return e.Names["fr"]
}

// tag is what the ledger calls an earmark; "" for none.
func (f *Fund) tag(e *Earmark) string {
	if e == nil {
		return ""
	}
	return f.Code + "/e-" + itoa(e.N)
}

// account is where what came for an earmark waits; without one, what came for anything.
func (f *Fund) waiting(e *Earmark) ledger.Account {
	a := f.account(ledger.Fund)
	if e != nil {
		a.Code, a.Earmark = string(ledger.Fund)+"/"+f.tag(e), f.tag(e)
	}
	return a
}

// setApart is the account of an envelope. What is set apart of earmarked money stays
// earmarked.
func (f *Fund) setApart(env *Envelope, e *Earmark) ledger.Account {
	a := f.envelope(ledger.Envelope, env.N)
	a.Earmark = f.tag(e)
	return a
}

// OpenEarmark lets people give for one purpose. The same again is welcome.
func (s *Service) OpenEarmark(ctx context.Context, by actor.Actor, code string, e Earmark) error {
	var all fault.All
	for _, l := range []string{"ar", "fr"} {
		if e.Names[l] = strings.TrimSpace(e.Names[l]); e.Names[l] == "" || utf8.RuneCountInString(e.Names[l]) > mostName {
			all = append(all, fault.New(fault.Invalid, "giving.fund.name_wrong").On("name_"+l))
		}
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	err := s.h.Do(ctx, by, DeedEarmark, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		f, err := fundByCode(t.Tx, code)
		if err != nil {
			return err
		}
		e.Fund, e.OpenedAt = f.ID, t.Now()
		fresh, open, err := addEarmark(t.Tx, &e)
		if err != nil {
			return err
		}
		if !fresh {
			return deed.ErrNothingDone
		}
		if open > mostEarmarks {
			return fault.All{fault.New(fault.Invalid, "giving.earmark.many", "n", mostEarmarks).On("name_ar")}
		}
		if _, err := s.open(t, f.waiting(&e)); err != nil {
			return err
		}
		return s.tellEarmark(t, f, &e, "opened")
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// CloseEarmark hands out no more numbers for a purpose. What comes by those that were
// handed out is its own still.
func (s *Service) CloseEarmark(ctx context.Context, by actor.Actor, eid EarmarkID) error {
	return s.h.Do(ctx, by, DeedUnmark, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		e, err := earmarkByID(t.Tx, eid)
		if err != nil {
			return err
		}
		f, err := fundByID(t.Tx, e.Fund)
		if err != nil {
			return err
		}
		done, err := closeEarmark(t.Tx, eid, t.Now())
		if err != nil {
			return err
		}
		if !done {
			return fault.New(fault.Conflict, "giving.earmark.closed")
		}
		return s.tellEarmark(t, f, e, "closed")
	})
}

// tellEarmark leaves the lines of an earmark, in the journal and in the public log, which
// commits to its names.
func (s *Service) tellEarmark(t *deed.Tx, f *Fund, e *Earmark, kind string) error {
	subject := "giving.earmark/" + e.ID.String()
	if _, err := s.tellPublic(t, subject, "", map[string]string{"fund": "fund/" + f.tag(e), "kind": kind}, e.Names); err != nil {
		return err
	}
	return t.Tell(subject, struct {
		Fund    string `json:"fund"`
		Earmark int    `json:"earmark"`
	}{f.Code, e.N})
}

// chosen is the earmark of a form; nil where none was chosen. One that is closed, or of
// another fund, is refused.
func (s *Service) chosen(t *db.Tx, f *Fund, eid EarmarkID) (*Earmark, error) {
	if eid.IsZero() {
		return nil, nil
	}
	e, err := earmarkByID(t, eid)
	switch {
	case fault.KindOf(err) == fault.Missing, err == nil && (e.Fund != f.ID || !e.ClosedAt.IsZero()):
		return nil, fault.All{fault.New(fault.Invalid, "giving.earmark.wrong").On("earmark")}
	case err != nil:
		return nil, err
	}
	return e, nil
}

// earmarkRow is an earmark as people read it.
type earmarkRow struct {
	ID        string
	Name      template.HTML
	Came      int64 // without what banks kept
	Waits     int64
	Set, Paid int64
	Open      bool
}

// markIn is a row with the currency that it is told in.
type markIn struct {
	earmarkRow
	Currency string
}

// In is the row in a currency.
func (r earmarkRow) In(currency string) markIn { return markIn{r, currency} }

// earmarkRows are those of a fund, with what the ledger has of each; envelopes are the
// fund's. Those that are closed and never got anything are left out.
func (s *Service) earmarkRows(t *db.Tx, f *Fund, envelopes []envelopeRow, lang string) (out []earmarkRow, err error) {
	all, err := earmarksOf(t, f.ID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	held, err := ledger.HeldUnder(t, string(ledger.Fund)+"/"+f.Code+"/")
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		r := earmarkRow{ID: e.ID.String(), Name: ui.Isolated(e.Name(lang)), Waits: held[f.waiting(e).Code], Open: e.ClosedAt.IsZero()}
		for _, x := range envelopes {
			if x.earmark == e.ID {
				r.Set, r.Paid = r.Set+x.Left, r.Paid+x.Paid
			}
		}
		if r.Came = r.Waits + r.Set + r.Paid; r.Open || r.Came > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// earmarkChoices are what can be chosen in a form.
func earmarkChoices(rows []earmarkRow, chosen string) (out []ui.Option) {
	for _, r := range rows {
		if r.Open {
			out = append(out, ui.Option{Value: r.ID, Title: r.Name, Chosen: r.ID == chosen})
		}
	}
	return out
}
