package damage

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// claimsPage is what citizens told, for those who find out whether it is so.
type claimsPage struct {
	ui.Frame
	State string
	Tabs  []tab
	Rows  []claimRow
	Pager ui.Pager
}

type claimRow struct {
	ID              string
	What            string
	Place           template.HTML // "" while nobody knows where
	State           Standing
	Sources         int
	Reports         int
	FirstAt, LastAt time.Time
}

// claimPage is one thing that was told, with all that is known of it.
type claimPage struct {
	ui.Frame
	claimRow
	Code      string
	Reported  []reportRow
	Words     []wordRow
	Confirms  []ui.Option
	Refutes   []ui.Option
	Asides    []ui.Option
	Query     string
	Found     []ui.Option
	CanJudge  bool
	CanAside  bool
	CanOpen   bool
	CanLocate bool
	CanShow   bool
	CanLook   bool
}

type reportRow struct {
	ID, Receipt string
	At          time.Time
	Source      string // phone, browser, organisation, unknown
	Org         template.HTML
	Point       string // exact, for staff alone
	Sealed      bool
	Aside       string
	Photos      []photoRow
	Open        *Private // on the page that answers a reveal
}

type photoRow struct {
	ID      string
	N       int
	Gone    bool
	ShownAt time.Time
}

type wordRow struct {
	Confirms bool
	Reason   string
	Official bool
	Who      template.HTML
	At       time.Time
}

const claimsPerPage = 40

var standings = []Standing{Unverified, Told, Disputed, Confirmed, Refuted, Aside}

func (s *Service) showClaims(c *web.Ctx) error {
	v := c.R.URL.Query()
	p := &claimsPage{State: v.Get("state")}
	if !slices.Contains(standings, Standing(p.State)) {
		p.State = ""
	}
	p.Kind, p.Nav, p.Title = ui.Staff, "damage_reports", c.P.Text("damage.claims.title")
	p.Tabs = append(p.Tabs, tab{c.Href("/damage/reports"), "damage.claims.all", p.State == ""})
	for _, st := range standings {
		p.Tabs = append(p.Tabs, tab{c.Href("/damage/reports?state=" + string(st)), "damage.state_short." + string(st), p.State == string(st)})
	}
	f := claimFind{state: p.State, limit: claimsPerPage}
	if at, claim, ok := strings.Cut(v.Get("after"), "~"); ok {
		if us, err := strconv.ParseInt(at, 10, 64); err == nil {
			f.after, f.afterI = time.UnixMicro(us), claim
		}
	}
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedClaims, func(t *deed.Tx) error {
		all, err := listClaims(t.Tx, f)
		for i := range all {
			if t.Allow(all[i].scope()) == nil {
				p.Rows = append(p.Rows, s.claimRow(c, &all[i]))
			}
		}
		if n := len(all); err == nil && n == claimsPerPage {
			p.Pager.More = c.Href("/damage/reports?" + url.Values{"state": {p.State}, "after": {strconv.FormatInt(all[n-1].LastAt.UnixMicro(), 10) + "~" + all[n-1].ID.String()}}.Encode())
		}
		p.Pager.Shown, p.Pager.Step = len(p.Rows), claimsPerPage
		if err != nil {
			return err
		}
		return t.AllowAny()
	})
	if err != nil {
		return err
	}
	return c.Render("damage_claims", p)
}

func (s *Service) claimRow(c *web.Ctx, k *Claim) claimRow {
	row := claimRow{ID: k.ID.String(), What: k.What, State: k.State, Sources: k.Sources, Reports: k.Reports, FirstAt: k.FirstAt, LastAt: k.LastAt}
	if k.Place != "" {
		row.Place = s.placeSay(c, k.Place)
	}
	return row
}

func (s *Service) claimID(c *web.Ctx) (ClaimID, error) {
	cid, err := id.Parse[Claim](c.R.PathValue("id"))
	if err != nil {
		return cid, fault.New(fault.Missing, "error.missing")
	}
	return cid, nil
}

func (s *Service) showClaim(c *web.Ctx) error { return s.claimPage(c, ReportID{}, nil, nil) }

// claimPage shows a claim; with the words of one report open, on the page that
// answers its reveal and on no other.
func (s *Service) claimPage(c *web.Ctx, opened ReportID, open *Private, wrong error) error {
	cid, err := s.claimID(c)
	if err != nil {
		return err
	}
	p := &claimPage{Query: c.R.URL.Query().Get("place")}
	p.Frame.Kind, p.Nav = ui.Staff, "damage_reports"
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedClaims, func(t *deed.Tx) error {
		k, err := getClaim(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(k.scope()); err != nil {
			return err
		}
		p.claimRow, p.Code = s.claimRow(c, &k), k.Place
		can := func(d deed.Deed) bool { _, ok := t.By.May(d.Roles, k.scope()); return ok }
		p.CanJudge, p.CanAside, p.CanOpen, p.CanLocate, p.CanShow, p.CanLook = can(DeedConfirm), can(DeedAside), can(DeedReveal), can(DeedLocate), can(DeedPhotoShow), can(DeedPhotoLook)
		if p.Reported, err = s.reportRows(c, t, cid, opened, open); err != nil {
			return err
		}
		p.Words, err = s.wordRows(c, t, cid)
		return err
	})
	if err != nil {
		return err
	}
	p.Title = c.P.Text("damage.what." + p.What)
	p.Confirms, p.Refutes, p.Asides = options(c, "damage.reason.", ConfirmReasons), options(c, "damage.reason.", RefuteReasons), options(c, "damage.reason.", AsideReasons)
	if p.Query != "" && p.CanLocate {
		for _, x := range s.places.Search(p.Query, "", 8) {
			p.Found = append(p.Found, ui.Option{Name: "place", Value: x.Place.Code, Title: s.placeSay(c, x.Place.Code)})
		}
	}
	return c.RenderStatus(status, "damage_claim", p)
}

func (s *Service) reportRows(c *web.Ctx, t *deed.Tx, cid ClaimID, opened ReportID, open *Private) (out []reportRow, err error) {
	reports, err := reportsOf(t.Tx, cid)
	if err != nil {
		return nil, err
	}
	for _, r := range reports {
		row := reportRow{ID: r.ID.String(), Receipt: r.Receipt.String(), At: r.MadeAt, Sealed: r.Sealed != nil, Aside: r.SetAside, Source: "unknown"}
		switch {
		case !r.Org.IsZero():
			row.Source = "organisation"
			if row.Org, err = s.orgName(c, t, r.Org); err != nil {
				return nil, err
			}
		case r.Phone != nil:
			row.Source = "phone"
		case r.Device != nil:
			row.Source = "browser"
		}
		if r.HasPoint {
			row.Point = r.At.String()
		}
		if r.ID == opened {
			row.Open = open
		}
		pictures, err := photosOf(t.Tx, r.ID)
		if err != nil {
			return nil, err
		}
		for i, x := range pictures {
			row.Photos = append(row.Photos, photoRow{x.ID.String(), i + 1, x.Body == nil, x.ShownAt})
		}
		out = append(out, row)
	}
	return out, nil
}

func (s *Service) wordRows(c *web.Ctx, t *deed.Tx, cid ClaimID) (out []wordRow, err error) {
	words, err := wordsOf(t.Tx, cid)
	for _, w := range words {
		row := wordRow{Confirms: w.Confirms, Reason: w.Reason, Official: w.Official, At: w.At}
		if !w.Org.IsZero() {
			if row.Who, err = s.orgName(c, t, w.Org); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, err
}

func (s *Service) orgName(c *web.Ctx, t *deed.Tx, org actor.OrganisationID) (template.HTML, error) {
	if s.orgs == nil {
		return "", nil
	}
	name, err := s.orgs.Name(t.Tx, org, c.Lang())
	if fault.KindOf(err) == fault.Missing {
		return "", nil
	}
	return bdi(name), err
}

// onClaimForm is a POST on a claim that comes back to its page.
func (s *Service) onClaimForm(done string, act func(*web.Ctx, actor.Actor, ClaimID, url.Values) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		cid, err := s.claimID(c)
		if err != nil {
			return err
		}
		v, err := c.Form()
		if err != nil {
			return err
		}
		if err := act(c, actor.From(c.Context()), cid, v); err != nil {
			if _, fields := c.FieldErrors(err); fields {
				return s.claimPage(c, ReportID{}, nil, err)
			}
			return err
		}
		c.Flash(done)
		return c.Seek("/damage/reports/" + cid.String())
	}
}

func reportOf(c *web.Ctx) (ReportID, error) {
	rid, err := id.Parse[Report](c.R.PathValue("report"))
	if err != nil {
		return rid, fault.New(fault.Missing, "error.missing")
	}
	return rid, nil
}

// revealForm answers a POST with the page itself: what it shows is on no address.
func (s *Service) revealForm(c *web.Ctx) error {
	cid, err := s.claimID(c)
	if err != nil {
		return err
	}
	rid, err := reportOf(c)
	if err != nil {
		return err
	}
	p, err := s.Reveal(c.Context(), actor.From(c.Context()), cid, rid)
	if err != nil {
		return err
	}
	return s.claimPage(c, rid, &p, nil)
}
