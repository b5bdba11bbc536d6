package hands

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
)

// The deeds on a call for people.
var (
	DeedCallMake  = deed.Deed{Name: "hands.call.make", Roles: runs}
	DeedCallClose = deed.Deed{Name: "hands.call.close", Roles: runs}
	DeedCallSee   = deed.Deed{Name: "hands.call.see", Roles: []actor.Role{actor.Coordinator, actor.Leader, actor.CrisisCell, actor.Dispatcher, actor.Auditor}}
	DeedCallRead  = deed.Deed{Name: "hands.call.read", Open: true}
	DeedRemind    = deed.Deed{Name: "hands.shift.remind"} // the house alone
)

// CallTold is what others hear of a call for people.
type CallTold struct {
	Call     CallID               `json:"call"`
	Org      actor.OrganisationID `json:"org"`
	State    CallState            `json:"state"`
	Place    string               `json:"place"`
	Wanted   int                  `json:"wanted"`
	Placed   int                  `json:"placed"`
	Skill    string               `json:"skill,omitempty"`
	Spoken   string               `json:"spoken,omitempty"`
	Children bool                 `json:"children,omitempty"`
	Mission  string               `json:"mission,omitempty"`
	From     time.Time            `json:"from"`
	To       time.Time            `json:"to"`
}

func (c *Call) told() CallTold {
	return CallTold{c.ID, c.Org, c.State, c.Place, c.Wanted, c.Placed, c.Skill, c.Spoken, c.Children, c.Shift.Mission, c.Shift.From, c.Shift.To}
}

func callSubject(cid CallID) string { return "hands.call/" + cid.String() }

func (s *Service) callScope(c *Call) actor.Scope {
	return actor.Scope{Org: c.Org, Path: s.path(c.Place)}
}

// checkCall tidies a call for people and says everything that is wrong with it.
func (s *Service) checkCall(c *Call) error {
	c.Kind = People
	for _, text := range []*string{&c.Words.AR, &c.Words.FR, &c.Shift.Meet.AR, &c.Shift.Meet.FR} {
		*text = tidy(*text)
	}
	c.Demands = known(c.Demands, Efforts)
	c.Until = c.Shift.To
	all := c.wrong(s.h.DB.Now())
	if _, ok := s.places.Commune(c.Place); !ok {
		all = append(all, fault.New(fault.Invalid, "hands.place.unknown").On("place"))
	}
	if c.Spoken != "" && !slices.Contains(s.languagesSpoken(), c.Spoken) {
		all = append(all, fault.New(fault.Invalid, "hands.form.choose").On("spoken"))
	}
	return all.OrNil()
}

// MakeCall calls for people, in the name of a recognised organisation. Its
// identifier is minted where the form was opened: sent twice, it is one call.
func (s *Service) MakeCall(ctx context.Context, by actor.Actor, c Call) error {
	if err := s.checkCall(&c); err != nil {
		return err
	}
	return welcomed(s.h.Do(ctx, by, DeedCallMake, func(t *deed.Tx) error {
		if err := t.Allow(s.callScope(&c)); err != nil {
			return err
		}
		if c.Org.IsZero() {
			c.Org = t.As().Org
		}
		if ok, err := s.orgs.Recognised(t.Tx, c.Org); err != nil || !ok { // M22
			return cmp.Or(err, error(fault.New(fault.Denied, "hands.call.not_recognised")))
		}
		if err := s.missionOf(t.Tx, &c); err != nil {
			return err
		}
		c.State, c.MadeAt, c.ChangedAt, c.Shift.ID = Open, t.Now(), t.Now(), id.New[Shift](t.Now())
		fresh, err := addCall(t.Tx, &c)
		if err != nil {
			return err
		}
		if !fresh {
			old, err := getCall(t.Tx, c.ID)
			if err == nil && !old.same(&c) {
				err = fault.New(fault.Conflict, "hands.form.id_taken")
			}
			return cmp.Or(err, deed.ErrNothingDone)
		}
		return t.Tell(callSubject(c.ID), c.told())
	}))
}

// missionOf refuses a mission that is not the organisation's to call for.
func (s *Service) missionOf(t *db.Tx, c *Call) error {
	if c.Shift.Mission == "" {
		return nil
	}
	all, err := s.crew.Missions.Planned(t, c.Org)
	if err == nil && !slices.ContainsFunc(all, func(j Journey) bool { return j.ID == c.Shift.Mission }) {
		err = fault.New(fault.Invalid, "hands.call.mission_unknown").On("mission")
	}
	return err
}

// CloseCall ends a call. Who has a place keeps it; who was asked and has not
// answered is asked no more.
func (s *Service) CloseCall(ctx context.Context, by actor.Actor, cid CallID) error {
	return welcomed(s.h.Do(ctx, by, DeedCallClose, func(t *deed.Tx) error {
		c, err := holdCall(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.callScope(c)); err != nil {
			return err
		}
		if c.State == Closed || t.By.System != "" && t.Now().Before(c.Until) {
			return deed.ErrNothingDone
		}
		c.State, c.ChangedAt = Closed, t.Now()
		all, err := placingsOf(t.Tx, cid)
		for _, p := range all {
			if err == nil && (p.State == Asked || p.State == TooLate || p.State == Offered) {
				p.State = Silent
				err = savePlacing(t.Tx, p)
			}
		}
		if err := cmp.Or(err, saveCall(t.Tx, c)); err != nil {
			return err
		}
		return t.Tell(callSubject(cid), c.told())
	}))
}

// Saw counts that somebody opened the page of a call. Counts are written down
// once a minute: a crowd that reads writes nothing.
func (s *Service) Saw(cid CallID) {
	s.crew.mu.Lock()
	defer s.crew.mu.Unlock()
	if s.crew.saw == nil {
		s.crew.saw = map[CallID]int{}
	}
	s.crew.saw[cid]++
}

func (s *Service) writeSaw(ctx context.Context) error {
	s.crew.mu.Lock()
	counted := s.crew.saw
	s.crew.saw = nil
	s.crew.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	err := s.h.DB.Write(ctx, func(t *db.Tx) error {
		for _, cid := range slices.SortedFunc(maps.Keys(counted), func(a, b CallID) int { return cmp.Compare(a.String(), b.String()) }) {
			if err := countSaw(t, cid, counted[cid]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.crew.mu.Lock()
		defer s.crew.mu.Unlock()
		if s.crew.saw == nil {
			s.crew.saw = map[CallID]int{}
		}
		for cid, n := range counted {
			s.crew.saw[cid] += n
		}
	}
	return err
}

// roundBatch is how many calls are looked after at a turn.
const roundBatch = 200

// Round does what the clock asks for: ends calls whose time is over, reminds
// people of the shift that they promised, writes down who saw what.
func (s *Service) Round(ctx context.Context) error {
	var over, soon []CallID
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		if over, err = runOut(t, roundBatch); err == nil {
			soon, err = toRemind(t, time.Duration(s.crew.Rules.Remind.Before), roundBatch)
		}
		return err
	})
	for _, cid := range over {
		err = cmp.Or(err, s.CloseCall(ctx, actor.Actor{System: "calls"}, cid))
	}
	for _, cid := range soon {
		err = cmp.Or(err, s.remind(ctx, cid))
	}
	return cmp.Or(err, s.writeSaw(ctx))
}

// remindTold says how many were reminded.
type remindTold struct {
	Call   CallID `json:"call"`
	People int    `json:"people"`
}

// remind asks everybody with a place whether they still come, once a shift.
func (s *Service) remind(ctx context.Context, cid CallID) error {
	return welcomed(s.h.Do(ctx, actor.Actor{System: "calls"}, DeedRemind, func(t *deed.Tx) error {
		c, err := holdCall(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.callScope(c)); err != nil {
			return err
		}
		if first, err := markReminded(t.Tx, c.Shift.ID); err != nil || !first {
			return cmp.Or(err, deed.ErrNothingDone)
		}
		all, err := placingsOf(t.Tx, cid)
		if err != nil {
			return err
		}
		n := 0
		for _, p := range all {
			if p.State != Placed {
				continue
			}
			n++
			if err := s.question(t, QuestionShift, c, p, c.Shift.From); err != nil {
				return err
			}
		}
		return t.Tell(callSubject(cid), remindTold{cid, n})
	}))
}

// What a volunteer is asked by text message.
const (
	QuestionCall  = "hands.call"  // will you come?
	QuestionFree  = "hands.free"  // a place is free again: will you come?
	QuestionShift = "hands.shift" // it begins soon: do you come?
)

var asks = map[string]string{QuestionCall: "hands.sms.ask", QuestionFree: "hands.sms.free", QuestionShift: "hands.sms.remind"}

// question puts one to the phone of a volunteer.
func (s *Service) question(t *deed.Tx, kind string, c *Call, p *Placing, until time.Time) error {
	v, err := getVolunteer(t.Tx, p.Volunteer)
	if err != nil {
		return err
	}
	person, err := s.open(v)
	if err != nil || person.Phone == "" {
		return err
	}
	return s.crew.Phones.Ask(t, reach.Question{Kind: kind, Subject: placingSubject(p.ID), Phone: string(person.Phone), Lang: v.Lang,
		Line: reach.Line{Key: asks[kind], Args: s.callArgs(t.Tx, c, v.Lang)}, Until: until})
}

// callArgs are what a message says of a call: who calls, where, when.
func (s *Service) callArgs(t *db.Tx, c *Call, lang string) []any {
	place := ""
	if p, ok := s.places.Get(c.Place); ok {
		place, _ = p.Name(lang)
	}
	meet, _ := c.Shift.Meet.In(lang)
	return []any{"org", s.orgName(t, c.Org, lang), "place", place, "meet", meet, "date", i18n.Date(c.Shift.From), "from", i18n.Clock(c.Shift.From), "to", i18n.Clock(c.Shift.To)}
}
