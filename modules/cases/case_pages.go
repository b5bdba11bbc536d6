package cases

import (
	"errors"
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
	Ground      []GroundLine // what maps say of the place
	HasWords    bool
	HasPhone    bool
	HasName     bool
	Erased      bool
	Open        *Opened
	Voices      []Line
	Recordings  []Recording
	Fieldwork   *Fieldwork
	MergedInto  *Line
	Alike       []AlikeLine
	Joint       *Joint // what it carries for all its voices; nil when it has none
	Owner       template.HTML
	Last        LastView // who answers for it in the last resort
	LeaseTill   time.Time
	Lease       Lease
	Version     int64
	Team        string
	Candidates  []CandidateLine
	Teams       TeamsNote // what the candidates do not tell
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
	AskServed   bool // an organisation may ask whether another one serves the family already
}

// Can is what the reader may do here now; what they may not has no button.
type Can struct {
	Claim, Release, Assign, Contact, Confirm, Silence, Refuse, Redirect, Reopen, Merge, Unmerge, Reveal, Locate, Urgency, Path, Plan, Understand bool
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
	Heard   Heard // what the house read in them
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
	Whys   []template.HTML // every reason why it stands where it stands
}

// TeamsNote is what is said beside the teams that might go.
type TeamsNote struct {
	Asked  []template.HTML // skills
	Lacks  bool            // nobody free has them
	Others bool            // another organisation has somebody who does
}

// takenPage says that somebody else was first, and lets the case be opened anyway.
type takenPage struct {
	ui.Frame
	ID  string
	Who string
	At  time.Time
}

// takenMeanwhile tells whether somebody wanted to take what another took since
// their page was made.
func takenMeanwhile(err error) bool {
	f, ok := errors.AsType[*fault.Fault](err)
	return ok && f.Key == "cases.case.taken_by"
}

func (o *Office) showTaken(c *web.Ctx, cid CaseID, err error) error {
	f, _ := errors.AsType[*fault.Fault](err)
	p := &takenPage{ID: cid.String()}
	p.Who, _ = f.Args["who"].(string)
	p.At, _ = f.Args["since"].(time.Time)
	p.Kind, p.Nav, p.Title = ui.Staff, "queue", c.P.Text("cases.taken.title")
	return c.RenderStatus(409, "cases_taken", p)
}

// casePage is one case on a page of its own.
type casePage struct {
	ui.Frame
	D Detail
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
	o.freshGround(c.Context())
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
		Left: line.Left, Late: line.Late, Due: k.DueAt, Place: line.Place, Owner: line.Owner, LeaseTill: k.LeaseTill, Lease: line.Lease, Version: k.Revision, Channel: k.Channel, MadeAt: k.MadeAt,
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
	if d.Last, err = o.lastView(c, t.Tx, k); err != nil {
		return nil, err
	}
	d.Trail, err = o.trail(c, t, k)
	return d, err
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
		said := Words{Text: w}
		if said.Heard, err = o.heardIn(c, def, cid, w); err != nil {
			return err
		}
		open.Words = append(open.Words, said)
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
			if takenMeanwhile(err) {
				return o.showTaken(c, cid, err)
			}
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
