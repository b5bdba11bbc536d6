package cases

import (
	"html/template"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

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
	d.Ground = o.groundLines(c, k.Place)
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
	if d.Alike, err = o.alikeLines(c, t, k); err != nil {
		return err
	}
	if d.Joint, err = o.jointOf(t.Tx, k, joined); err != nil {
		return err
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
	d.Can.Understand = can(DeedUnderstand, "") && k.Phase != service.Final && k.MergedInto.IsZero()
	d.Can.Plan = k.Phase == service.Owned && !k.Team.IsZero()
	if d.Can.Plan {
		d.MissionNew = "/missions/new?team=" + k.Team.String() + "&case=" + k.ID.String()
	}
	d.Team = k.Team.String()
	d.AskServed = can(DeedServed, "") && !k.Org.IsZero() && k.Phase != service.Final && o.ours(t, k)
}

// ours tells whether the reader may read names here: for an organisation, only
// in what it answers for.
func (o *Office) ours(t *deed.Tx, k *Case) bool {
	g, ok := t.By.May(DeedReveal.Roles, k.Scope())
	if !ok || !g.Role.ForOrganisation() {
		return ok
	}
	owner, err := root(t.Tx, k)
	return err == nil && g.Org == owner.Org
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
	found, err := o.teams.Propose(t.Tx, org, k, 6)
	if err != nil {
		return err
	}
	d.Teams = teamsNote(c, found)
	for i, x := range found.Teams {
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
		for _, b := range x.Why {
			l.Whys = append(l.Whys, c.P.T(b.Key, b.Args...))
		}
		d.Candidates = append(d.Candidates, l)
	}
	return nil
}

// teamsNote says what the list of teams cannot: which skills are asked for, and
// who else could be asked when nobody free has them.
func teamsNote(c *web.Ctx, p Proposed) (n TeamsNote) {
	for _, s := range p.Asked {
		n.Asked = append(n.Asked, c.P.T("field.skill."+s))
	}
	n.Lacks, n.Others = p.Lacks, p.Others
	return n
}
