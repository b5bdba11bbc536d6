package cases

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// Detail is a case as staff work on it. What names a person is masked unless
// Open, which happens only on the page that answers a journalled reveal.
type Detail struct {
	ID, Receipt string
	Level       int
	Rank        int
	Title       template.HTML
	State       template.HTML
	Phase       string
	Left        template.HTML
	Late        bool
	Due         time.Time
	Reasons     []template.HTML
	Facts       []ui.Pair
	Place       template.HTML
	Approx      template.HTML
	HasWords    bool
	HasPhone    bool
	HasName     bool
	Erased      bool
	Open        *Opened
	Voices      []Line
	Recordings  []Recording
	MergedInto  *Line
	Alike       []AlikeLine
	Owner       template.HTML
	LeaseTill   time.Time
	Team        string
	Candidates  []CandidateLine
	Tasks       []TaskLine
	TasksCan    TasksCan
	Trail       []TrailLine
	Notes       int
	Can         Can
	Consents    []ConsentLine
	CanShare    bool // the person may tell the reader who shall have news
	Shares      bool // a relative may have news now
	AskConsent  bool // somebody must ask the person whether the helper may act for them
	RefuseWhy   []ui.Option
	RedirectWhy []ui.Option
	RevealWhy   []ui.Option
	Found       []ui.Option // places that the search found
	PlaceQuery  string
	PlaceWords  string        // the person's own words for the place, for whoever may locate it
	Missing     template.HTML // what nobody has said yet
	Spoken      template.HTML
	Channel     string
	MadeAt      time.Time
	MissionNew  string
}

// Can is what the reader may do here now; what they may not has no button.
type Can struct {
	Claim, Release, Assign, Contact, Confirm, Silence, Refuse, Redirect, Reopen, Merge, Unmerge, Reveal, Locate, Urgency, Path, Plan bool
}

// Opened is what a reveal shows, once.
type Opened struct {
	Name    string
	Phone   string
	Words   []Words
	Pairs   []ui.Pair
	Notes   []Note
	Because template.HTML
}

// Words is what a person said, in their own language.
type Words struct {
	Text    string
	Lang    string
	Receipt string
}

// AlikeLine is a case that may be the same, and why.
type AlikeLine struct {
	Line
	Why     template.HTML
	Verdict string
}

// CandidateLine is a team that might go.
type CandidateLine struct {
	ID     string
	Name   template.HTML
	Org    template.HTML
	Km     template.HTML
	Why    template.HTML
	Free   bool
	Skills []template.HTML
	First  bool
}

// TrailLine is one journal line in words.
type TrailLine struct {
	Seq   int64
	At    time.Time
	Label template.HTML
	Who   template.HTML
	Facts []template.HTML
}

// casePage is one case on a page of its own.
type casePage struct {
	ui.Frame
	D Detail
}

// pathPage is the whole path of a case from the journal, for the auditor and
// for the person, printable in the reader's language.
type pathPage struct {
	ui.Frame
	Receipt string
	Service template.HTML
	Place   template.HTML
	Lines   []TrailLine
	AsOf    time.Time
}

func (o *Office) caseID(c *web.Ctx) (CaseID, error) {
	cid, err := id.Parse[Case](c.R.PathValue("id"))
	if err != nil {
		return cid, fault.New(fault.Missing, "error.missing")
	}
	return cid, nil
}

func (o *Office) showCase(c *web.Ctx) error { return o.casePage(c, nil, nil) }

func (o *Office) casePage(c *web.Ctx, open *Opened, wrong error) error {
	cid, err := o.caseID(c)
	if err != nil {
		return err
	}
	p := &casePage{}
	p.Kind, p.Nav = ui.Staff, "queue"
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = o.h.Look(c.Context(), actor.From(c.Context()), DeedSee, func(t *deed.Tx) error {
		k, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := o.maySee(t, k); err != nil {
			return err
		}
		d, err := o.detail(c, t, k)
		if err == nil {
			p.D = *d
			p.D.Open = open
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Title = c.P.Text("cases.case.title", "receipt", id.Of[Case]{}.String()+groups(p.D.Receipt))
	return c.RenderStatus(status, "cases_case", p)
}

// maySee: a case that another organisation owns is seen as taken, with who has
// it, by those who might have gone: no more than the list shows anyway.
func (o *Office) maySee(t *deed.Tx, k *Case) error {
	s := k.Scope()
	if err := t.Allow(s); err == nil {
		return nil
	}
	s.Org = actor.OrganisationID{}
	return t.Allow(s)
}

func (o *Office) detail(c *web.Ctx, t *deed.Tx, k *Case) (*Detail, error) {
	def, err := o.def(t.Tx, k)
	if err != nil {
		return nil, err
	}
	line, err := o.line(c, t.Tx, k)
	if err != nil {
		return nil, err
	}
	d := &Detail{ID: line.ID, Receipt: line.Receipt, Level: k.Level, Rank: k.Rank, Title: line.Title, State: line.State, Phase: string(k.Phase),
		Left: line.Left, Late: line.Late, Due: k.DueAt, Place: line.Place, Owner: line.Owner, LeaseTill: k.LeaseTill, Channel: k.Channel, MadeAt: k.MadeAt,
		HasPhone: k.PhoneKey != nil, Erased: !k.ErasedAt.IsZero(), PlaceQuery: c.R.URL.Query().Get("place")}
	for _, r := range k.Reasons {
		d.Reasons = append(d.Reasons, c.P.T(key(def, "reason."+r.Code), web.Pairs(r.Args)...))
	}
	if err := o.facts(c, def, k, d); err != nil {
		return nil, err
	}
	if err := o.related(c, t, k, d); err != nil {
		return nil, err
	}
	o.may(t, def, k, d)
	if !d.Can.Locate {
		d.PlaceWords = ""
	}
	if err := o.candidates(c, t, k, d); err != nil {
		return nil, err
	}
	if err := o.tasks(c, t, k, d); err != nil {
		return nil, err
	}
	if err := o.consented(c, t, def, k, d); err != nil {
		return nil, err
	}
	if err := o.recorded(t, k, d); err != nil {
		return nil, err
	}
	d.Trail, err = o.trail(c, t, k)
	return d, err
}

// facts are the open answers, and which of the private ones were given.
func (o *Office) facts(c *web.Ctx, def *service.Definition, k *Case, d *Detail) error {
	open, err := k.answers()
	if err != nil {
		return err
	}
	d.Facts = o.pairs(c, def, open, "")
	for _, s := range o.places.Country().Spoken {
		if s.Code == k.Spoken {
			name, lang := places.In(s.Names, c.Lang())
			d.Spoken = marked(c, name, lang)
		}
	}
	if k.Place == "" {
		d.Missing = c.P.T("cases.case.place_not_known")
	} else if _, km, ok := o.places.Point(k.Place); ok && km > 0 {
		d.Approx = c.P.T("cases.case.place_about", "km", km)
	}
	private, err := o.unseal(k)
	if err != nil {
		return err
	}
	d.HasWords, d.HasName = private.Has(def.Bind.Text), private.Has(def.Bind.Name)
	d.PlaceWords = private.Place(def.Bind.Place).Text
	if q := d.PlaceQuery; q != "" {
		for _, found := range o.places.Search(q, "", 8) {
			d.Found = append(d.Found, ui.Option{Name: "place", Value: found.Place.Code, Title: o.placeSay(c, found.Place.Code)})
		}
	}
	return nil
}

func (o *Office) related(c *web.Ctx, t *deed.Tx, k *Case, d *Detail) error {
	joined, err := voices(t.Tx, k.ID)
	if err != nil {
		return err
	}
	for _, v := range joined {
		if o.maySee(t, v) != nil {
			continue
		}
		l, err := o.line(c, t.Tx, v)
		if err != nil {
			return err
		}
		d.Voices = append(d.Voices, l)
	}
	if !k.MergedInto.IsZero() {
		into, err := getCase(t.Tx, k.MergedInto)
		if err != nil {
			return err
		}
		if o.maySee(t, into) == nil {
			l, err := o.line(c, t.Tx, into)
			if err != nil {
				return err
			}
			d.MergedInto = &l
		}
	}
	alike, err := likenesses(t.Tx, k.ID)
	if err != nil {
		return err
	}
	for _, a := range alike {
		if !a.Other.MergedInto.IsZero() || a.Verdict != "" || o.maySee(t, a.Other) != nil {
			continue
		}
		l, err := o.line(c, t.Tx, a.Other)
		if err != nil {
			return err
		}
		d.Alike = append(d.Alike, AlikeLine{Line: l, Why: c.P.T("cases.alike." + a.Reason)})
	}
	return o.maySee(t, k)
}

// may works out which buttons the page has.
func (o *Office) may(t *deed.Tx, def *service.Definition, k *Case, d *Detail) {
	can := func(x deed.Deed, move string) bool {
		g, ok := t.By.May(x.Roles, k.Scope())
		if !ok || !def.May(word(x), g.Role) {
			return false
		}
		if move == "" {
			return true
		}
		_, ok = def.Move(k.State, move)
		return ok && k.MergedInto.IsZero()
	}
	d.Can = Can{
		Claim: can(DeedClaim, MoveClaim) && k.Org.IsZero(), Release: can(DeedRelease, MoveRelease) && !k.Org.IsZero(),
		Assign: can(DeedAssign, MoveAssign), Contact: can(DeedContact, "") && k.Phase != service.Final,
		Confirm: can(DeedConfirmFor, MoveYes), Silence: can(DeedSilence, MoveSilence) && !k.CalledAt.IsZero(),
		Refuse: can(DeedRefuse, MoveRefuse), Redirect: can(DeedRedirect, MoveRedirect), Reopen: can(DeedReopenFor, MoveReopen) && k.ErasedAt.IsZero(),
		Merge: can(DeedMerge, "") && k.MergedInto.IsZero(), Unmerge: can(DeedUnmerge, "") && !k.MergedInto.IsZero() && k.ErasedAt.IsZero(),
		Reveal: can(DeedReveal, "") && k.ErasedAt.IsZero() && (k.Sealed != nil) && o.ours(t, k), Locate: can(DeedLocate, "") && k.Phase != service.Final,
		Urgency: can(DeedUrgency, "") && k.Phase != service.Final, Path: t.By.Holds(DeedPath.Roles...),
	}
	d.Can.Plan = k.Phase == service.Owned && !k.Team.IsZero()
	if d.Can.Plan {
		d.MissionNew = "/missions/new?team=" + k.Team.String() + "&case=" + k.ID.String()
	}
	d.Team = k.Team.String()
}

// ours tells whether the reader may read names here: for an organisation, only
// in what it answers for.
func (o *Office) ours(t *deed.Tx, k *Case) bool {
	g, ok := t.By.May(DeedReveal.Roles, k.Scope())
	return ok && (!g.Role.ForOrganisation() || g.Org == k.Org)
}

func (o *Office) candidates(c *web.Ctx, t *deed.Tx, k *Case, d *Detail) error {
	d.RefuseWhy, d.RedirectWhy, d.RevealWhy = nil, nil, nil
	def, err := o.def(t.Tx, k)
	if err != nil {
		return err
	}
	for _, r := range def.Reasons("refuse") {
		d.RefuseWhy = append(d.RefuseWhy, ui.Option{Value: r, Title: c.P.T(key(def, "refuse."+r))})
	}
	for _, r := range def.Reasons("redirect") {
		d.RedirectWhy = append(d.RedirectWhy, ui.Option{Value: r, Title: c.P.T(key(def, "redirect."+r))})
	}
	for _, r := range revealReasons {
		d.RevealWhy = append(d.RevealWhy, ui.Option{Value: r, Title: c.P.T("cases.reveal." + r)})
	}
	if !d.Can.Assign || o.teams == nil {
		return nil
	}
	org := k.Org
	if g, ok := t.By.May(DeedAssign.Roles, k.Scope()); ok && g.Role.ForOrganisation() {
		org = g.Org
	}
	all, err := o.teams.Near(t.Tx, org, k, 6)
	if err != nil {
		return err
	}
	for i, x := range all {
		name, err := o.orgs.Name(t.Tx, x.Org, c.Lang())
		if err != nil {
			return err
		}
		team, lang := x.Names.In(c.Lang())
		l := CandidateLine{ID: x.Team.String(), Name: marked(c, team, lang),
			Org: template.HTML("<bdi>" + template.HTMLEscapeString(name) + "</bdi>"), Why: c.P.T(x.Reason), Free: x.Free, First: i == 0 && x.Free}
		if x.HasKm {
			l.Km = c.P.T("cases.case.km", "km", int(x.Km+.5))
		}
		for _, s := range x.Skills {
			l.Skills = append(l.Skills, c.P.T("field.skill."+s))
		}
		d.Candidates = append(d.Candidates, l)
	}
	return nil
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
		p.Lines, err = o.trail(c, t, k)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("cases_path", p)
}

// reveal answers a POST with the page itself: what it shows is on no address.
func (o *Office) reveal(c *web.Ctx) error {
	cid, err := o.caseID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	reason := v.Get("reason")
	p, err := o.Reveal(c.Context(), actor.From(c.Context()), cid, reason)
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.casePage(c, nil, err)
		}
		return err
	}
	def, err := o.defOf(c, cid)
	if err != nil {
		return err
	}
	open := &Opened{Because: c.P.T("cases.reveal." + reason), Notes: p.Notes, Name: p.Answers.Text(def.Bind.Name), Phone: string(p.Answers.Phone(def.Bind.Phone))}
	if w := p.Answers.Text(def.Bind.Text); w != "" {
		open.Words = append(open.Words, Words{Text: w})
	}
	rest := p.Answers.Clone()
	for _, x := range []string{def.Bind.Name, def.Bind.Phone, def.Bind.Text, def.Bind.Secret} {
		delete(rest, x) // the word is nobody's but the person's
	}
	open.Pairs = o.pairs(c, def, rest, "")
	return o.casePage(c, open, nil)
}

// doing is a POST on a case that comes back to its page.
func (o *Office) doing(done string, fn func(*web.Ctx, actor.Actor, CaseID, func(string) string) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		cid, err := o.caseID(c)
		if err != nil {
			return err
		}
		v, err := c.Form()
		if err != nil {
			return err
		}
		if err := fn(c, actor.From(c.Context()), cid, v.Get); err != nil {
			if _, fields := c.FieldErrors(err); fields {
				return o.casePage(c, nil, err)
			}
			return err
		}
		c.Flash(done)
		return c.Seek("/cases/" + cid.String())
	}
}

func parsePhone(text, prefix string) (string, error) {
	n, err := phone.Parse(text, prefix)
	return n.String(), err
}

func phoneEnd(p forms.Phone) string { return phone.Number(p).Last4() }
