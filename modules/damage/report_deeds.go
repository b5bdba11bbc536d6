package damage

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
)

var (
	desk  = []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Agent}
	judge = []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Agent, actor.Coordinator, actor.Leader}
	guard = []actor.Role{actor.CrisisCell, actor.Dispatcher}
)

// The deeds on what citizens tell.
var (
	DeedTell    = deed.Deed{Name: "damage.report.tell", Open: true}
	DeedPublic  = deed.Deed{Name: "damage.claim.public", Open: true}
	DeedClaims  = deed.Deed{Name: "damage.claim.list", Roles: staff}
	DeedConfirm = deed.Deed{Name: "damage.claim.confirm", Roles: judge}
	DeedRefute  = deed.Deed{Name: "damage.claim.refute", Roles: judge}
	DeedLocate  = deed.Deed{Name: "damage.claim.locate", Roles: desk}
	DeedAside   = deed.Deed{Name: "damage.report.set_aside", Roles: guard}
	DeedBack    = deed.Deed{Name: "damage.report.bring_back", Roles: guard}
	DeedReveal  = deed.Deed{Name: "damage.report.reveal", Roles: desk}
	DeedForget  = deed.Deed{Name: "damage.report.forget"} // the house itself
)

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{
	DeedList, DeedBring, DeedMap, DeedAccept, DeedWithdraw, DeedRestore, DeedDrop,
	DeedTell, DeedPublic, DeedClaims, DeedConfirm, DeedRefute, DeedLocate, DeedAside, DeedBack, DeedReveal, DeedForget,
	DeedPhotoAdd, DeedPhotoLook, DeedPhotoShow, DeedPhotoHide,
}

// ClaimTold is what others hear of a claim.
type ClaimTold struct {
	What    string   `json:"what,omitempty"`
	Place   string   `json:"place,omitempty"`
	State   Standing `json:"state,omitempty"`
	Sources int      `json:"sources,omitempty"`
	Report  string   `json:"report,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

func claimSubject(cid ClaimID) string { return "damage.claim/" + cid.String() }
func privateAt(rid ReportID) string   { return crypt.At("damage_report.private", rid.String()) }

// mostWords is how long what a citizen writes may be, in letters.
const mostWords = 600

// Tell takes a report in. Sent twice, it is one report; it joins what others told
// of the same thing at the same place in the last days, or begins a claim.
func (s *Service) Tell(ctx context.Context, by actor.Actor, r Report, p Private) (out Report, err error) {
	p.Words, p.Where = forms.Clean(p.Words, true), forms.Clean(p.Where, false)
	if err := s.wrongReport(&r, &p); err != nil {
		return out, err
	}
	if r.Place == "" && p.Where != "" {
		if a := s.places.Resolve(p.Where, places.Hint{At: r.At, HasPoint: r.HasPoint}); a.Sure {
			r.Place = a.Candidates[0].Place.Code
		}
	}
	if r.Place == "" && r.HasPoint {
		if near := s.places.Nearest(r.At, places.Commune, 1); len(near) == 1 && near[0].Km <= communeReach {
			r.Place = near[0].Place.Code
		}
	}
	if p.Phone != "" {
		r.Phone = s.vault.Index("phone", p.Phone)
	}
	r.Org = ownOrg(by)
	if err := s.sealReport(&r, p); err != nil {
		return out, err
	}
	for try := 1; ; try++ {
		out, err = s.tell(ctx, by, r)
		if f, ok := errors.AsType[*fault.Fault](err); ok && f.Key == "error.exists" && try < 5 { // a number drawn twice, or sent twice at once
			continue
		}
		return out, welcome(err)
	}
}

// communeReach is how far from a commune's centre, in km, a point may lie to be
// taken for it; staff see that it was a guess.
const communeReach = 25

func (s *Service) wrongReport(r *Report, p *Private) error {
	var wrong fault.All
	if !slices.Contains(Whats, r.What) {
		wrong = append(wrong, fault.New(fault.Invalid, "damage.report.what_missing").On("what"))
	}
	if _, ok := s.places.Get(r.Place); !ok {
		r.Place = ""
	}
	if r.HasPoint && !r.At.Valid() {
		r.HasPoint = false
	}
	if at, ok := geo.Parse(p.Where); ok && !r.HasPoint { // a map link, pasted
		r.At, r.HasPoint = at, true
	}
	if r.Place == "" && !r.HasPoint && p.Where == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "damage.report.where_missing").On("place"))
	}
	if len([]rune(p.Words)) > mostWords {
		wrong = append(wrong, fault.New(fault.Invalid, "damage.report.words_long", "most", mostWords).On("words"))
	}
	if len([]rune(p.Where)) > mostWords {
		wrong = append(wrong, fault.New(fault.Invalid, "damage.report.words_long", "most", mostWords).On("place"))
	}
	return wrong.OrNil()
}

func (s *Service) sealReport(r *Report, p Private) error {
	if r.ID.IsZero() {
		return fault.New(fault.Invalid, "error.unreadable")
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return err
	}
	r.Digest = s.vault.Index("damage told", strings.Join([]string{r.What, r.Place, string(plain)}, "\x00"))
	if p != (Private{}) {
		r.Sealed = s.vault.Seal(privateAt(r.ID), plain)
	}
	return nil
}

func (s *Service) tell(ctx context.Context, by actor.Actor, r Report) (Report, error) {
	err := s.h.Do(ctx, by, DeedTell, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		switch old, err := findReport(t.Tx, r.ID); {
		case err != nil:
			return err
		case old != nil && string(old.Digest) == string(r.Digest):
			r.Receipt, r.Claim = old.Receipt, old.Claim
			return deed.ErrNothingDone
		case old != nil:
			return fault.New(fault.Conflict, "damage.report.id_taken")
		}
		var err error
		if r.Receipt, err = freshNumber(t.Tx); err != nil {
			return err
		}
		r.MadeAt = t.Now()
		c, err := s.claimFor(t.Tx, &r)
		if err != nil {
			return err
		}
		r.Claim = c.ID
		if err := addReport(t.Tx, &r); err != nil {
			return err
		}
		c.LastAt = t.Now()
		if err := s.resettle(t.Tx, &c); err != nil {
			return err
		}
		return t.Tell(claimSubject(c.ID), ClaimTold{What: c.What, Place: c.Place, State: c.State, Sources: c.Sources, Report: r.ID.String()})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return r, err
}

func freshNumber(t *db.Tx) (n receipt.Number, err error) {
	for {
		if n, err = receipt.New(rand.Reader); err != nil {
			return n, err
		}
		if taken, err := numberTaken(t, n); err != nil || !taken {
			return n, err
		}
	}
}

// claimFor is the claim that a report joins, or a new one.
func (s *Service) claimFor(t *db.Tx, r *Report) (c Claim, err error) {
	if r.Place != "" {
		like, err := claimsLike(t, r.What, r.Place, t.Now().Add(-time.Duration(s.rules.Reports.Together)))
		if err != nil {
			return c, err
		}
		for _, x := range like {
			others, err := reportsOf(t, x.ID)
			if err != nil {
				return c, err
			}
			if joins(r, others) {
				return x, nil
			}
		}
	}
	c = Claim{ID: id.New[Claim](t.Now()), What: r.What, State: Unverified, Sources: 1, Reports: 1, FirstAt: t.Now(), LastAt: t.Now(), StateAt: t.Now(), Revision: 1}
	s.put(&c, r.Place)
	return c, addClaim(t, &c)
}

// put says where a claim lies.
func (s *Service) put(c *Claim, code string) {
	c.Place, c.Path = code, nil
	for _, p := range s.places.Path(code) {
		if slices.Contains([]string{places.Region, places.Province, places.Commune}, p.Kind) {
			c.Path = append(c.Path, p.Code)
		}
	}
}

func (c *Claim) scope() actor.Scope {
	path := c.Path
	if c.Place != "" && !slices.Contains(path, c.Place) {
		path = append(slices.Clone(path), c.Place)
	}
	return actor.Scope{Path: path}
}

// Reveal opens what a person wrote and the phone they left. It leaves a line.
func (s *Service) Reveal(ctx context.Context, by actor.Actor, cid ClaimID, rid ReportID) (p Private, err error) {
	err = s.onClaim(ctx, by, DeedReveal, cid, func(t *deed.Tx, c *Claim) (told ClaimTold, err error) {
		r, err := getReport(t.Tx, rid)
		switch {
		case err != nil:
			return told, err
		case r.Claim != cid, r.Sealed == nil:
			return told, fault.New(fault.Missing, "error.missing")
		}
		plain, err := s.vault.Open(privateAt(rid), r.Sealed)
		if err == nil {
			err = json.Unmarshal(plain, &p)
		}
		return ClaimTold{Report: rid.String()}, err
	})
	return p, err
}

// forgetReports takes away what names people, a while after they told. The house
// does it by itself.
func (s *Service) forgetReports(ctx context.Context) error {
	var old []Report
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		old, err = oldReports(t, t.Now().Add(-time.Duration(s.rules.Reports.Forget)), mostTold)
		return err
	})
	for _, r := range old {
		err = errors.Join(err, s.h.Do(ctx, actor.Actor{System: "retention"}, DeedForget, func(t *deed.Tx) error {
			return errors.Join(t.AllowAny(), forgetReport(t.Tx, r.ID), t.Tell(claimSubject(r.Claim), ClaimTold{Report: r.ID.String()}))
		}))
	}
	return err
}

// Roads are the claims that tell of a road or a bridge, the latest first, for
// whoever keeps the states of roads.
func (s *Service) Roads(t *db.Tx, limit int) ([]Claim, error) {
	return roadClaims(t, t.Now().Add(-time.Duration(s.rules.Reports.Together)), limit)
}

// ownOrg is the organisation that somebody signed in acts for.
func ownOrg(by actor.Actor) actor.OrganisationID {
	if !by.Known() {
		return actor.OrganisationID{}
	}
	return by.Org
}

// readPhone reads the phone that somebody left; none is none.
func (s *Service) readPhone(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	n, err := phone.Parse(text, s.places.Country().Phone.Prefix)
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return "", fault.All{f.On("phone")}
	}
	return n.String(), err
}
