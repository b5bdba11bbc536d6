package cases

import (
	"encoding/json"
	"html/template"
	"strconv"
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
	p.CodeHint = (k.Phase == service.Owned || k.Phase == service.Moving) && (own.Channel == "web" || own.Channel == "api")
	for n := 5; n >= 1; n-- {
		p.Stars = append(p.Stars, ui.Option{Value: strconv.Itoa(n), Title: c.P.T("cases.rate." + strconv.Itoa(n))})
	}
	if k.Phase == service.Open && k.DueAt.Before(o.h.DB.Now()) {
		p.Late = c.P.T("cases.track.late", "due", k.DueAt)
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
	if n := private.Phone(def.Bind.Phone); n != "" {
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

// looks are the readings of the person's file, which the person may know.
func (o *Office) looks(c *web.Ctx, t *db.Tx, own, k *Case) (out []LookLine, err error) {
	subjects := []string{subject(own.ID)}
	if own != k {
		subjects = append(subjects, subject(k.ID))
	}
	for _, s := range subjects {
		trail, err := deed.Trail(t, s)
		if err != nil {
			return nil, err
		}
		for _, r := range trail {
			if r.Deed != DeedReveal.Name {
				continue
			}
			var told revealTold
			if err := unmarshal(r.Told, &told); err != nil {
				return nil, err
			}
			who := c.P.T(roleKey(r.Role))
			if !r.Org.IsZero() {
				name, err := o.orgs.Name(t, r.Org, c.Lang())
				if err != nil {
					return nil, err
				}
				who = c.P.T("cases.track.who", "role", who, "org", name)
			}
			out = append(out, LookLine{r.At, who, c.P.T("cases.reveal." + told.Reason)})
		}
	}
	return out, nil
}
