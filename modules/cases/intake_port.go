package cases

import (
	"context"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/rules"
	"github.com/twiza/twiza/shared/service"
)

// DeedImport is how a row of a file becomes a request; DeedTakeBack ends a
// request that was written down by mistake.
var (
	DeedImport   = deed.Deed{Name: "cases.import.take", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedTakeBack = deed.Deed{Name: "cases.case.take_back", Roles: desk}
)

// Judged is how a request would stand.
type Judged struct {
	Level   int
	Needs   []string
	Place   string
	Reasons []rules.Reason
}

// Judge says how a request would stand if it were asked now, or what is wrong
// with it. It keeps nothing.
func (o *Office) Judge(q Request) (Judged, error) {
	def, err := o.current(q.Service)
	if err != nil {
		return Judged{}, err
	}
	if q.Answers, err = o.valid(def, q); err != nil {
		return Judged{}, err
	}
	c, _, err := o.prepare(def, q)
	if err != nil {
		return Judged{}, err
	}
	hide(def, c)
	return Judged{c.Level, c.Needs, c.Place, c.Reasons}, nil
}

// TakeBack ends a request that was made of something by mistake, as long as
// nobody took it up and nobody called. The person is told nothing: they never
// held its receipt. Again is welcome.
func (o *Office) TakeBack(ctx context.Context, by actor.Actor, cid CaseID) error {
	return o.act(ctx, by, DeedTakeBack, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		switch {
		case c.Phase == service.Final && c.MergedInto.IsZero():
			return nil, deed.ErrNothingDone
		case c.Channel != "import", c.Phase != service.Open, !c.ContactedAt.IsZero(), !c.OwnedAt.IsZero():
			return nil, fault.New(fault.Conflict, "cases.case.cannot_now")
		}
		err := c.move(def, MoveRefuse, t.Now())
		return stateTold{State: c.State}, err
	})
}
