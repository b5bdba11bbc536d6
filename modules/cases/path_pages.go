package cases

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// pathPage is the whole path of a case from the journal, for the auditor and
// for the person, printable in the reader's language.
type pathPage struct {
	ui.Frame
	Receipt string
	Service template.HTML
	Place   template.HTML
	Last    LastView
	Lines   []TrailLine
	AsOf    time.Time
}

// TrailLine is one journal line in words.
type TrailLine struct {
	Seq   int64
	At    time.Time
	Label template.HTML
	Who   template.HTML
	Facts []template.HTML
}

// trail is the journal of a case and of the voices joined to it, in words.
func (o *Office) trail(c *web.Ctx, t *deed.Tx, k *Case) (out []TrailLine, err error) {
	lines, err := deed.Trail(t.Tx, subject(k.ID))
	if err != nil {
		return nil, err
	}
	def, err := o.def(t.Tx, k)
	if err != nil {
		return nil, err
	}
	for _, r := range lines {
		l := TrailLine{Seq: r.Seq, At: r.At, Label: c.P.T("deed." + r.Deed), Who: c.P.T(roleKey(r.Role))}
		if !r.Org.IsZero() {
			name, err := o.orgs.Name(t.Tx, r.Org, c.Lang())
			if err != nil {
				return nil, err
			}
			l.Who = c.P.T("cases.track.who", "role", l.Who, "org", name)
		}
		if l.Facts, err = o.factsOf(c, t.Tx, k, def, r); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// DeedPath is reading the whole path of a case.
var DeedPath = deed.Deed{Name: "cases.case.path", Roles: []actor.Role{actor.Auditor, actor.CrisisCell, actor.Dispatcher}}

func (o *Office) path(c *web.Ctx) error {
	cid, err := o.caseID(c)
	if err != nil {
		return err
	}
	p := &pathPage{AsOf: o.h.DB.Now()}
	p.Kind, p.Nav, p.Title = ui.Print, "queue", c.P.Text("cases.path.title")
	err = o.h.Look(c.Context(), actor.From(c.Context()), DeedPath, func(t *deed.Tx) error {
		k, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(k.Scope()); err != nil {
			return err
		}
		def, err := o.def(t.Tx, k)
		if err != nil {
			return err
		}
		p.Receipt, p.Service = k.Receipt.String(), c.P.T(key(def, "text.name"))
		if k.Place != "" {
			p.Place = o.placeSay(c, k.Place)
		}
		if p.Last, err = o.lastView(c, t.Tx, k); err != nil {
			return err
		}
		p.Lines, err = o.trail(c, t, k)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("cases_path", p)
}
