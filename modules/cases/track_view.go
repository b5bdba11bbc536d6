package cases

import (
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// trackPage is how a request stands, for the person who made it.
type trackPage struct {
	ui.Frame
	Receipt   string
	Ticket    ui.Ticket
	Icon      string
	Colour    string
	Now       template.HTML
	NowMore   template.HTML
	Stages    ui.Timeline
	Asked     []ui.Pair
	CanAnswer bool
	CanReopen bool
	CanRate   bool
	CanErase  bool
	CodeHint  bool
	Stars     []ui.Option
	Looks     []LookLine
	JoinedTo  bool
	Closed    bool
	Erased    bool
	Late      template.HTML
	Last      LastView
	Shared    bool // others use this phone
	CanShare  bool
	Shares    time.Time // since when a relative may have news; zero when none may
	Zone      Zone
}

// LookLine is one reading of the person's file, as the person reads it.
type LookLine struct {
	At     time.Time
	Who    template.HTML
	Reason template.HTML
}

func (o *Office) fillTrack(c *web.Ctx, t *db.Tx, p *trackPage, own, k *Case) error {
	def, err := o.def(t, k)
	if err != nil {
		return err
	}
	state, _ := def.State(k.State)
	p.Kind, p.Nav = ui.Form, "track"
	p.Receipt = own.Receipt.String()
	p.Title = c.P.Text("cases.track.page_title", "receipt", own.Receipt.Groups())
	p.Ticket = ui.Ticket{Code: own.Receipt.String(), At: own.MadeAt}
	p.Icon, p.Colour = state.Icon, "saf"
	p.Now = c.P.T(key(def, "state."+k.State))
	p.JoinedTo = own != k
	p.Closed, p.Erased = k.Phase == service.Final, !own.ErasedAt.IsZero()
	_, yes := def.Move(k.State, MoveYes)
	_, again := def.Move(k.State, MoveReopen)
	p.CanAnswer, p.CanReopen = yes, again && k.ErasedAt.IsZero()
	p.CanRate = k.Phase == service.Final || k.Phase == service.Waiting
	p.CanErase = own.Phase == service.Final && own.ErasedAt.IsZero()
	p.CodeHint = (k.Phase == service.Owned || k.Phase == service.Moving) && byAsker(own.Channel)
	for n := 5; n >= 1; n-- {
		p.Stars = append(p.Stars, ui.Option{Value: strconv.Itoa(n), Title: c.P.T("cases.rate." + strconv.Itoa(n))})
	}
	if k.Phase == service.Open && k.DueAt.Before(o.h.DB.Now()) {
		p.Late = c.P.T("cases.track.late", "due", k.DueAt)
	}
	if p.Last, err = o.lastView(c, t, k); err != nil {
		return err
	}
	if p.NowMore, err = o.endReason(c, t, def, k); err != nil {
		return err
	}
	if p.Stages, err = o.stages(c, t, def, k); err != nil {
		return err
	}
	if p.Looks, err = o.looks(c, t, own, k); err != nil {
		return err
	}
	p.Shared, p.CanShare = c.Shared(), own.ErasedAt.IsZero()
	if s, asked, err := consentTo(t, own.ID, aboutShare); err != nil {
		return err
	} else if asked && s.given() {
		p.Shares = s.MadeAt
	}
	return o.fillAsked(c, t, p, own)
}

// fillAsked shows the person their own answers; the phone stays masked, for
// the screen may be somebody else's.
func (o *Office) fillAsked(c *web.Ctx, t *db.Tx, p *trackPage, own *Case) error {
	def, err := o.def(t, own)
	if err != nil {
		return err
	}
	open, err := own.answers()
	if err != nil {
		return err
	}
	p.Asked = o.pairs(c, def, open, "")
	private, err := o.unseal(own)
	if err != nil {
		return err
	}
	n := private.Phone(def.Bind.Phone)
	p.Zone = zone(c, o.h.DB.Now(), n != "" && !strings.HasPrefix(string(n), "+"+o.places.Country().Phone.Prefix))
	if n != "" {
		p.Asked = append(p.Asked, ui.Pair{Name: c.P.T(key(def, "question."+def.Bind.Phone)), Value: c.P.PhoneMasked(string(n))})
	}
	return nil
}

// endReason is why a request was refused or passed on, for the person.
func (o *Office) endReason(c *web.Ctx, t *db.Tx, def *service.Definition, k *Case) (template.HTML, error) {
	if k.Phase != service.Final {
		return "", nil
	}
	trail, err := deed.Trail(t, subject(k.ID))
	if err != nil {
		return "", err
	}
	for i := len(trail) - 1; i >= 0; i-- {
		var told stateTold
		switch trail[i].Deed {
		case DeedRefuse.Name, DeedRedirect.Name:
			err := json.Unmarshal(trail[i].Told, &told)
			return c.P.T(key(def, word(deed.Deed{Name: trail[i].Deed})+"."+told.Reason)), err
		case DeedConfirm.Name, DeedConfirmFor.Name, DeedSilence.Name:
			return "", nil
		}
	}
	return "", nil
}

// stages tells the way of a case from its journal lines: what was done, when
// and by whom, what is now, and what comes next.
func (o *Office) stages(c *web.Ctx, t *db.Tx, def *service.Definition, k *Case) (out ui.Timeline, err error) {
	trail, err := deed.Trail(t, subject(k.ID))
	if err != nil {
		return nil, err
	}
	done, last := map[string]int{}, ""
	for _, r := range trail {
		state := reached(r, def)
		if state == "" || state == last {
			continue
		}
		last = state
		stage := ui.Stage{State: "done", Title: c.P.T(key(def, "state."+state)), At: r.At}
		if !r.Org.IsZero() {
			name, err := o.orgs.Name(t, r.Org, c.Lang())
			if err != nil {
				return nil, err
			}
			stage.By = template.HTML("<bdi>" + template.HTMLEscapeString(name) + "</bdi>")
		}
		if at, twice := done[state]; twice { // came to the same state again: the later one counts
			out = append(out[:at], out[at+1:]...)
			for s, i := range done {
				if i > at {
					done[s] = i - 1
				}
			}
		}
		done[state] = len(out)
		out = append(out, stage)
	}
	if len(out) > 0 {
		last := &out[len(out)-1]
		last.State = "cur"
		if s, ok := def.State(k.State); ok {
			last.Icon = s.Icon
		}
		if k.Phase == service.Final {
			last.State = "done"
		}
	}
	for _, s := range def.Ahead(k.State) {
		out = append(out, ui.Stage{State: "todo", Title: c.P.T(key(def, "state."+s))})
	}
	return out, nil
}

// reached is the state that a journal line led to, or "" when it led nowhere.
func reached(r deed.Record, def *service.Definition) string {
	if r.Deed == DeedAsk.Name || r.Deed == DeedTakeDown.Name || r.Deed == DeedImport.Name {
		return def.Start()
	}
	var told stateTold
	if json.Unmarshal(r.Told, &told) != nil {
		return ""
	}
	if _, ok := def.State(told.State); !ok {
		return ""
	}
	return told.State
}

// looks are the readings of what names the person, and of who stood by for
// them, in the order of time: the person may know.
func (o *Office) looks(c *web.Ctx, t *db.Tx, own, k *Case) (out []LookLine, err error) {
	ids := []CaseID{own.ID}
	if own != k {
		ids = append(ids, k.ID)
	}
	for _, cid := range ids {
		opened, err := opened(t, cid)
		if err != nil {
			return nil, err
		}
		for _, x := range opened {
			if out, err = o.addLook(c, t, out, x, c.P.T(x.Reason)); err != nil {
				return nil, err
			}
		}
		if o.teams == nil {
			continue
		}
		witnessed, err := o.teams.Witnessed(t, cid)
		if err != nil {
			return nil, err
		}
		for _, x := range witnessed {
			if out, err = o.addLook(c, t, out, x, c.P.T("cases.track.witness", "why", c.P.T(x.Reason))); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(out, func(a, b LookLine) int { return a.At.Compare(b.At) })
	return out, nil
}

// listened is hearing the person's own voice (shared/reach): it opens a part of
// their file as much as reading does.
const listened = "reach.note.listen"

// opened lists who opened what a case says of its person.
func opened(t *db.Tx, cid CaseID) (out []Look, err error) {
	trail, err := deed.Trail(t, subject(cid))
	for _, r := range trail {
		if r.Deed == listened {
			out = append(out, Look{r.At, r.Org, r.Role, "deed." + listened})
			continue
		}
		if r.Deed != DeedReveal.Name {
			continue
		}
		var told revealTold
		if err := unmarshal(r.Told, &told); err != nil {
			return nil, err
		}
		out = append(out, Look{r.At, r.Org, r.Role, "cases.reveal." + told.Reason})
	}
	return out, err
}

func (o *Office) addLook(c *web.Ctx, t *db.Tx, out []LookLine, x Look, why template.HTML) ([]LookLine, error) {
	who := c.P.T(roleKey(x.Role))
	if !x.Org.IsZero() {
		name, err := o.orgs.Name(t, x.Org, c.Lang())
		if err != nil {
			return nil, err
		}
		who = c.P.T("cases.track.who", "role", who, "org", name)
	}
	return append(out, LookLine{x.At, who, why}), nil
}
