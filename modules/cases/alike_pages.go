package cases

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/linkage"
)

// alikePage is where pairs that may be one need are judged, the most probable
// first, by hand or by keyboard.
type alikePage struct {
	ui.Frame
	Pairs      []Pair
	Shown      int
	VeryLikely int
	Likely     int
	More       bool   // there are more than are counted
	May        bool   // the reader may decide
	Undo       int    // what the reader decided last, and can take back
	At         int    // the pair under the hand
	Of         string // the one case whose pairs stand here; empty for all
}

// alikePreview shows what will be joined before it is.
type alikePreview struct {
	ui.Frame
	Pairs []Pair
}

const (
	pairsCounted = 300
	pairsShown   = 20
)

// alikeDoor lists what may be one need within the reader's reach.
func (o *Office) alikeDoor(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &alikePage{May: by.Holds(DeedMerge.Roles...)}
	p.Kind, p.Nav, p.Title = ui.Staff, "alike", c.P.Text("cases.alike.title")
	p.At, _ = strconv.Atoi(c.R.URL.Query().Get("at"))
	only, _ := id.Parse[Case](c.R.URL.Query().Get("case")) // anything else than a name is all of them
	if !only.IsZero() {
		p.Of = only.String()
	}
	err := o.h.Look(c.Context(), by, DeedAlikeSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		pairs, err := o.openPairs(c, t, only, pairsShown, func(l Likeness) {
			if l.Band == linkage.VeryLikely.String() {
				p.VeryLikely++
			} else {
				p.Likely++
			}
		})
		if err != nil {
			return err
		}
		p.Pairs, p.Shown, p.More = pairs, len(pairs), p.VeryLikely+p.Likely >= pairsCounted
		_, n, err := lastJudged(t.Tx, by.Account, t.Now().Add(-undoFor))
		p.Undo = int(n)
		return err
	})
	if err != nil {
		return err
	}
	if p.At = min(p.At, p.Shown-1); p.At < 0 {
		p.At = 0
	}
	return c.Render("cases_alike", p)
}

// openPairs are pairs of which the reader sees both cases, each pair once; each is
// asked to be counted. only names the case that they are of; zero for any.
func (o *Office) openPairs(c *web.Ctx, t *deed.Tx, only CaseID, most int, counted func(Likeness)) (out []Pair, err error) {
	all, err := openLikenesses(t.Tx, reachOf(t.By, DeedAlikeSee.Roles), only, pairsCounted)
	if err != nil {
		return nil, err
	}
	seen := map[[2]CaseID]bool{}
	for _, l := range all {
		x, y := ordered(l.A, l.B)
		if seen[[2]CaseID{x, y}] {
			continue
		}
		seen[[2]CaseID{x, y}] = true
		two, err := casesOf(t.Tx, []CaseID{x, y})
		if err != nil {
			return nil, err
		}
		if len(two) != 2 || o.maySee(t, two[0]) != nil || o.maySee(t, two[1]) != nil {
			continue
		}
		if counted(l); len(out) >= most {
			continue
		}
		a, b := two[0], two[1]
		if !leads(a, b) { // what carries the work stands first
			a, b = b, a
		}
		p, err := o.pair(c, t, a, b, l)
		if err != nil {
			return nil, err
		}
		p.At = len(out)
		out = append(out, *p)
	}
	return out, t.AllowAny()
}

// decideAlike takes what somebody decided: of one pair, or of those that stood on
// the preview.
func (o *Office) decideAlike(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	pairs, err := pairsFrom(v)
	if err != nil {
		return err
	}
	verdict := v.Get("act")
	done, left, err := o.Decide(c.Context(), actor.From(c.Context()), verdict, pairs)
	to := whereDecided(v)
	switch {
	case err != nil && done == 0:
		return kindly(c, err, to)
	case left > 0 && verdict == "same" && faultKey(err) == "cases.alike.told_apart":
		c.Flash("cases.alike.told_apart")
	case left > 0:
		c.Flash("cases.alike.some_left")
	case verdict == "same":
		c.Flash("cases.alike.joined_now")
	default:
		c.Flash("cases.case.apart_now")
	}
	return c.Seek(to)
}

// whereDecided is the list that somebody decided in: that of all, or of one case.
func whereDecided(v url.Values) string {
	q := url.Values{}
	if at := v.Get("at"); at != "" {
		q.Set("at", strconv.FormatInt(max(0, number(at)), 10))
	}
	if of, err := id.Parse[Case](v.Get("of")); err == nil {
		q.Set("case", of.String())
	}
	if len(q) == 0 {
		return "/alike"
	}
	return "/alike?" + q.Encode()
}

// kindly tells whoever came second what is so, on the page itself: somebody else
// decided the pair meanwhile.
func kindly(c *web.Ctx, err error, to string) error {
	switch {
	case fault.KindOf(err) != fault.Conflict:
		return err
	case faultKey(err) == "cases.alike.told_apart":
		c.Flash("cases.alike.told_apart")
	default:
		c.Flash("cases.alike.meanwhile")
	}
	return c.Seek(to)
}

func faultKey(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Key
	}
	return ""
}

func pairsFrom(v url.Values) (out [][2]CaseID, err error) {
	for _, text := range v["pair"] {
		x, y, _ := strings.Cut(text, " ")
		a, err1 := id.Parse[Case](x)
		b, err2 := id.Parse[Case](y)
		if err := errors.Join(err1, err2); err != nil || len(out) >= pairsCounted {
			return nil, fault.New(fault.Missing, "error.missing")
		}
		out = append(out, [2]CaseID{a, b})
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "cases.alike.choose")
	}
	return out, nil
}

// named is a case as a button or somebody's fingers name it: by its identifier, or
// by its receipt where the house proposed nothing.
func (o *Office) named(c *web.Ctx, by actor.Actor, text string) (cid CaseID, err error) {
	if cid, err = id.Parse[Case](text); err == nil {
		return cid, nil
	}
	n, err := receipt.Parse(text)
	if err != nil {
		return cid, fault.All{asFault(err).On("into")}
	}
	if cid, err = o.Find(c.Context(), by, n); fault.KindOf(err) == fault.Missing {
		err = fault.All{asFault(err).On("into")}
	}
	return cid, err
}

// previewAlike shows every pair that is very likely one need and that can be
// joined, to be looked over before they are joined together.
func (o *Office) previewAlike(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &alikePreview{}
	p.Kind, p.Nav, p.Title = ui.Staff, "alike", c.P.Text("cases.alike.preview")
	err := o.h.Look(c.Context(), by, DeedMerge, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := o.openPairs(c, t, CaseID{}, pairsCounted, func(Likeness) {})
		for _, x := range all {
			if x.Band == linkage.VeryLikely.String() && x.CanJoin {
				p.Pairs = append(p.Pairs, x)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("cases_alike_preview", p)
}

// undoAlike takes back what the doer decided last.
func (o *Office) undoAlike(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	to := whereDecided(v)
	if _, err := o.UndoDecided(c.Context(), actor.From(c.Context())); err != nil {
		return kindly(c, err, to)
	}
	c.Flash("cases.alike.undone_now")
	return c.Seek(to)
}
