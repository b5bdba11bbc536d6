package giving

import (
	"html/template"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
)

// Cause is a crisis or a mission that money is set apart for.
type Cause struct {
	About  string        // "cases.crisis/0190…", "field.mission/0190…"
	Name   template.HTML // as staff read it
	Public template.HTML // as everybody does: a mission is told without where it goes
	Href   string
}

// Causes is what giving asks of whoever knows crises and missions.
type Causes interface {
	// Now are those that money can be set apart for, newest first.
	Now(c *web.Ctx, t *db.Tx) ([]Cause, error)
	// Open tells whether one can still be chosen.
	Open(t *db.Tx, about string) (bool, error)
	// Of is any of them, also after its end.
	Of(c *web.Ctx, t *db.Tx, about string) (Cause, error)
}

// rightCause refuses a cause that is none, or that comes with an envelope that has its
// own.
func (s *Service) rightCause(t *db.Tx, x *Spending) error {
	if x.About == "" {
		return nil
	}
	if x.Kind != Allocate || !x.Envelope.IsZero() {
		return fault.All{fault.New(fault.Invalid, "giving.cause.with_new").On("about")}
	}
	open := false
	if s.Causes != nil {
		var err error
		if open, err = s.Causes.Open(t, x.About); err != nil {
			return err
		}
	}
	if !open {
		return fault.All{fault.New(fault.Invalid, "giving.cause.wrong").On("about")}
	}
	return nil
}

// causesNow are the choices of the form.
func (s *Service) causesNow(c *web.Ctx, t *db.Tx, chosen string) (out []ui.Option, err error) {
	if s.Causes == nil {
		return nil, nil
	}
	all, err := s.Causes.Now(c, t)
	for _, x := range all {
		out = append(out, ui.Option{Value: x.About, Title: x.Name, Chosen: x.About == chosen})
	}
	return out, err
}

// causeOf is what an envelope is for; the zero Cause where words alone say so.
func (s *Service) causeOf(c *web.Ctx, t *db.Tx, about string) (Cause, error) {
	if about == "" || s.Causes == nil {
		return Cause{}, nil
	}
	return s.Causes.Of(c, t, about)
}
