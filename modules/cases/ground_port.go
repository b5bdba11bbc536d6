package cases

import (
	"context"
	"errors"
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/rules"
	"github.com/twiza/twiza/shared/service"
)

// Ground is what cases asks of whoever keeps maps of damage.
type Ground interface {
	// Fresh makes sure that the others are no older than a few seconds.
	Fresh(ctx context.Context) error
	// Levels are how bad what was seen of a place is, and how strong it shook, 0
	// to 4; 0 when nobody says.
	Levels(place string) (seen, shaken int)
	// Lines put what maps say of a place into words, each with its source.
	Lines(c *web.Ctx, place string) []GroundLine
	// Harm is the level of each commune that some map speaks of, for maps.
	Harm() map[string]int
}

// GroundLine is what one map says of a place: its level in words, and why.
type GroundLine struct{ Level, Why template.HTML }

// UseGround is called while the house is built.
func (o *Office) UseGround(g Ground) { o.ground = g }

// freshGround reads what changed. A map that cannot be read shuts the door on
// nobody: what was known before counts.
func (o *Office) freshGround(ctx context.Context) {
	if o.ground == nil {
		return
	}
	if err := o.ground.Fresh(ctx); err != nil {
		o.h.Log.Error("maps of damage were not read", "problem", err.Error())
	}
}

func (o *Office) groundAt(place string) (seen, shaken int) {
	if o.ground == nil {
		return 0, 0
	}
	return o.ground.Levels(place)
}

func (o *Office) groundLines(c *web.Ctx, place string) []GroundLine {
	if o.ground == nil || place == "" {
		return nil
	}
	return o.ground.Lines(c, place)
}

func (o *Office) harm() map[string]int {
	if o.ground == nil {
		return nil
	}
	return o.ground.Harm()
}

// DeedWeigh is the house itself raising a request because of what a map says of
// its place.
var DeedWeigh = deed.Deed{Name: "cases.case.weigh"}

// weighTold is the line of a request that rose.
type weighTold struct {
	From    int      `json:"from"`
	To      int      `json:"to"`
	Reasons []string `json:"reasons"`
}

// mostWeighed bounds how many requests one map weighs again.
const mostWeighed = 20_000

// Raise weighs the open requests at these places again, by the rules of today,
// and tells how many rose. Reasons that were known before change nothing, so that
// what a person decided about them stands; nobody is lowered, and nobody comes
// before people in danger now.
func (o *Office) Raise(ctx context.Context, codes []string) (n int, err error) {
	o.freshGround(ctx)
	seen := map[CaseID]bool{}
	for _, code := range codes {
		var all []CaseID
		if err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) { all, err = openAt(t, code, mostWeighed-len(seen)); return err }); err != nil {
			return n, err
		}
		for _, cid := range all {
			if seen[cid] {
				continue
			}
			seen[cid] = true
			switch err := o.weigh(ctx, cid); {
			case err == nil:
				n++
			case !errors.Is(err, deed.ErrNothingDone):
				return n, err
			}
		}
		if len(seen) >= mostWeighed {
			o.h.Log.Warn("not every request was weighed again", "weighed", len(seen))
			return n, nil
		}
	}
	return n, nil
}

// weigh raises one request, or tells deed.ErrNothingDone.
func (o *Office) weigh(ctx context.Context, cid CaseID) error {
	return o.h.Do(ctx, actor.Actor{System: "damage", Channel: "system"}, DeedWeigh, func(t *deed.Tx) error {
		return o.actIn(t, DeedWeigh, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
			if c.Phase != service.Open && c.Phase != service.Owned || !c.MergedInto.IsZero() || !c.ErasedAt.IsZero() {
				return nil, deed.ErrNothingDone
			}
			today, err := o.current(c.Service)
			if err != nil {
				return nil, err
			}
			fresh, err := o.newReasons(today, c)
			if err != nil {
				return nil, err
			}
			if len(fresh) == 0 || fresh[0].Level >= c.Level {
				return nil, deed.ErrNothingDone
			}
			told := weighTold{From: c.Level, To: fresh[0].Level}
			for _, r := range fresh {
				told.Reasons = append(told.Reasons, r.Code)
			}
			c.raise(def, fresh, t.Now())
			return told, nil
		})
	})
}

// raise adds reasons that were not there, the most urgent first.
func (c *Case) raise(def *service.Definition, fresh []rules.Reason, now time.Time) {
	c.Level, c.Reasons, c.ChangedAt = min(c.Level, fresh[0].Level), rules.Union(c.Reasons, fresh), now
	if due, ok := def.Due(MoveReceive, c.Level, c.MadeAt); ok && c.Phase == service.Open && due.Before(c.DueAt) {
		c.DueAt = due
	}
}

// newReasons are those that the rules give today and that the case did not have.
// What would give a restricted concern away is none.
func (o *Office) newReasons(def *service.Definition, c *Case) ([]rules.Reason, error) {
	a, err := c.answers()
	if err != nil {
		return nil, err
	}
	private, err := o.unseal(c)
	if err != nil {
		return nil, err
	}
	for name, v := range private {
		a[name] = v
	}
	_, all, err := def.Prioritise(a, o.surroundings(c))
	return slices.DeleteFunc(all, func(r rules.Reason) bool {
		return def.Hidden(r.Code) || slices.ContainsFunc(c.Reasons, func(x rules.Reason) bool { return x.Code == r.Code })
	}), err
}

// HeardFrom counts the requests of each place that came since a moment.
func (o *Office) HeardFrom(t *db.Tx, since time.Time) (map[string]int, error) {
	return heardFrom(t, since)
}
