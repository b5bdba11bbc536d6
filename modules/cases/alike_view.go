package cases

import (
	"html/template"
	"math"
	"slices"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/linkage"
)

// AlikeLine is a case that may be the same as the one of the page, and why.
type AlikeLine struct {
	Line
	Pair
}

// Pair is two cases that may be one, side by side, for somebody who decides.
// Nothing in it names a person.
type Pair struct {
	A, B    Line
	Band    string // very_likely, likely
	Chance  template.HTML
	Why     []template.HTML // what speaks for it
	But     []template.HTML // what speaks against it
	Asker   bool            // the person who asked said so
	Rows    []PairRow
	CanJoin bool
	CanPart bool
	At      int // its place in the list
}

// PairRow is one thing that both tell, or tell differently.
type PairRow struct {
	Name, A, B template.HTML
	Same       bool
}

// Joint is what a case carries for all who told of the need.
type Joint struct {
	Voices int // how many reports there are, its own among them
	People int // the most that one of them told of
	Needs  []template.HTML
}

// jointOf is nil for a case to which nothing was joined.
func (o *Office) jointOf(t *db.Tx, k *Case, joined []*Case) (*Joint, error) {
	if len(joined) == 0 {
		return nil, nil
	}
	return &Joint{Voices: len(joined) + 1, People: k.People}, nil
}

// alikeLines are the cases that may tell of the same need as one, and that its
// reader may see, the most probable first.
func (o *Office) alikeLines(c *web.Ctx, t *deed.Tx, k *Case) (out []AlikeLine, err error) {
	pairs, err := likenesses(t.Tx, k.ID)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(pairs, func(a, b Likeness) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		}
		return 0
	})
	seen := map[CaseID]bool{k.ID: true}
	for _, l := range pairs {
		other, err := getCase(t.Tx, elseOf(l, k.ID))
		if err != nil {
			return nil, err
		}
		if other, err = root(t.Tx, other); err != nil {
			return nil, err
		}
		if l.Verdict != "" || l.Band == linkage.Unlikely.String() || seen[other.ID] || o.maySee(t, other) != nil {
			continue
		}
		seen[other.ID] = true
		p, err := o.pair(c, t, k, other, l)
		if err != nil {
			return nil, err
		}
		out = append(out, AlikeLine{p.B, *p})
	}
	return out, nil
}

func elseOf(l Likeness, cid CaseID) CaseID {
	if l.A == cid {
		return l.B
	}
	return l.A
}

// pair puts two cases side by side.
func (o *Office) pair(c *web.Ctx, t *deed.Tx, a, b *Case, l Likeness) (*Pair, error) {
	x, err := o.line(c, t.Tx, a)
	if err != nil {
		return nil, err
	}
	y, err := o.line(c, t.Tx, b)
	if err != nil {
		return nil, err
	}
	p := &Pair{A: x, B: y, Band: l.Band, Chance: c.P.T("cases.alike.band." + l.Band), Asker: l.Asker}
	for _, r := range l.Reasons {
		if r.Weight < 0 {
			p.But = append(p.But, o.because(c, r.Key, a, b))
		} else {
			p.Why = append(p.Why, o.because(c, r.Key, a, b))
		}
	}
	nothing := c.P.T("cases.ask.not_said")
	row := func(name string, left, right template.HTML) {
		if left == "" {
			left = nothing
		}
		if right == "" {
			right = nothing
		}
		p.Rows = append(p.Rows, PairRow{c.P.T(name), left, right, left == right})
	}
	row("cases.alike.row.needs", x.Title, y.Title)
	row("cases.case.place", x.Place, y.Place)
	row("cases.alike.row.people", howMany(c, a.People), howMany(c, b.People))
	row("cases.alike.row.told", c.P.DateClock(a.MadeAt), c.P.DateClock(b.MadeAt))
	row("cases.alike.row.way", c.P.T("cases.channel."+a.Channel), c.P.T("cases.channel."+b.Channel))
	row("cases.alike.row.state", withOwner(x), withOwner(y))
	_, may := t.By.May(DeedMerge.Roles, a.Scope())
	_, there := t.By.May(DeedMerge.Roles, b.Scope())
	p.CanPart = may && there
	p.CanJoin = p.CanPart && a.Service == b.Service && joinable(a, b)
	return p, nil
}

func howMany(c *web.Ctx, n int) template.HTML {
	if n == 0 {
		return ""
	}
	return c.P.Number(int64(n))
}

func withOwner(l Line) template.HTML {
	if l.Owner == "" {
		return l.State
	}
	return l.State + " · " + l.Owner
}

// joinable tells whether one of two cases can be joined to the other: one that
// nobody works on yet.
func joinable(a, b *Case) bool {
	if leads(a, b) {
		a, b = b, a
	}
	return a.Phase == "open" && b.Phase != "final"
}

// because is a reason in words; how far two places lie apart stands in it.
func (o *Office) because(c *web.Ctx, key string, a, b *Case) template.HTML {
	if (key == linkage.Near || key == linkage.Far) && a.HasPoint && b.HasPoint {
		km := geo.Distance(a.At, b.At)
		if km < 1 {
			return c.P.T("cases.alike.why."+key+"_metres", "metres", int(math.Max(1, math.Round(km*10))*100))
		}
		return c.P.T("cases.alike.why."+key+"_km", "km", int(math.Round(km)))
	}
	return c.P.T("cases.alike.why." + key)
}
