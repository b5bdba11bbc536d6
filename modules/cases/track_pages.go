package cases

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// trackDoorPage asks for the receipt and what belongs to it.
type trackDoorPage struct {
	ui.Frame
	Number string
	Calls  []Emergency
}

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

// trackOtherPage is how a complaint or a concern stands.
type trackOtherPage struct {
	ui.Frame
	Ticket ui.Ticket
	State  template.HTML
	Answer string
	Due    time.Time
	Open   bool
}

// complainPage is the form for a complaint.
type complainPage struct {
	ui.Frame
	ID      string
	Kinds   ui.Choices
	Text    string
	Receipt string // of the case
}

// complainedPage is the complaint's own receipt.
type complainedPage struct {
	ui.Frame
	Ticket     ui.Ticket
	Restricted bool
}

const trackCookie = "track"

func (o *Office) trackDoor(c *web.Ctx) error {
	return o.showTrackDoor(c, c.R.URL.Query().Get("number"), nil)
}

func (o *Office) showTrackDoor(c *web.Ctx, number string, wrong error) error {
	p := &trackDoorPage{Number: number, Calls: o.emergency(c)}
	p.Nav, p.Title = "track", c.P.Text("cases.track.title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_track_door", p)
}

// openTrack lets the holder of a receipt in. Tries are limited per receipt and
// per address: four digits are few.
func (o *Office) openTrack(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	var wrong fault.All
	number, err := receipt.Parse(v.Get("number"))
	if err != nil {
		wrong = append(wrong, asFault(err).On("number"))
	}
	typed := v.Get("word")
	if typed == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.track.word_missing").On("word"))
	}
	if len(wrong) > 0 {
		return o.showTrackDoor(c, v.Get("number"), wrong)
	}
	if err := c.Site.Limit.Take("track:"+c.From(), 60, 15*time.Minute); err != nil {
		return o.showTrackDoor(c, v.Get("number"), err)
	}
	if err := c.Site.Limit.Take("track:"+number.String(), 6, 15*time.Minute); err != nil {
		return o.showTrackDoor(c, v.Get("number"), err)
	}
	h, err := o.Recognise(c.Context(), number, typed)
	if fault.KindOf(err) == fault.Missing {
		return o.showTrackDoor(c, v.Get("number"), fault.All{fault.New(fault.Invalid, "cases.track.no_match").On("word")})
	}
	if err != nil {
		return err
	}
	http.SetCookie(c.W, &http.Cookie{Name: trackCookie, Value: o.pass(h, o.h.DB.Now()), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
	return c.Seek("/track/open")
}

// closeTrack forgets, on a phone that others use too.
func (o *Office) closeTrack(c *web.Ctx) error {
	http.SetCookie(c.W, &http.Cookie{Name: trackCookie, Path: "/", MaxAge: -1})
	return c.Seek("/track")
}

// holds is who the reader's browser was recognised as.
func (o *Office) holds(c *web.Ctx) (h Holder, ok bool) {
	k, err := c.R.Cookie(trackCookie)
	if err != nil {
		return h, false
	}
	return o.holder(k.Value, o.h.DB.Now())
}

func (o *Office) track(c *web.Ctx) error {
	h, ok := o.holds(c)
	switch {
	case !ok:
		return c.Seek("/track")
	case !h.Concern.IsZero():
		return o.trackConcern(c, h.Concern)
	case !h.Complaint.IsZero():
		return o.trackComplaint(c, h.Complaint)
	}
	return o.trackCase(c, h.Case)
}

func (o *Office) trackCase(c *web.Ctx, cid CaseID) error {
	p := &trackPage{}
	err := o.h.Look(c.Context(), actor.From(c.Context()), DeedTrack, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		own, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		k := own
		if !own.MergedInto.IsZero() { // the work goes on under the other number
			if k, err = getCase(t.Tx, own.MergedInto); err != nil {
				return err
			}
		}
		return o.fillTrack(c, t.Tx, p, own, k)
	})
	if err != nil {
		return err
	}
	return c.Render("cases_track", p)
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
	p.CanAnswer, p.CanReopen = yes, again
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

// mine is the case that the reader's browser may act on.
func (o *Office) mine(c *web.Ctx) (CaseID, error) {
	h, ok := o.holds(c)
	if !ok || h.Case.IsZero() {
		return CaseID{}, fault.New(fault.Denied, "cases.track.open_again")
	}
	return h.Case, nil
}

// acting is the case that carries the work: the one it was merged into, if any.
func (o *Office) acting(c *web.Ctx) (CaseID, error) {
	cid, err := o.mine(c)
	if err != nil {
		return cid, err
	}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := getCase(t, cid)
		if err == nil && !k.MergedInto.IsZero() {
			cid = k.MergedInto
		}
		return err
	})
	return cid, err
}

func (o *Office) answerTrack(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := o.acting(c)
	if err != nil {
		return err
	}
	if err := o.Confirm(c.Context(), person(), DeedConfirm, cid, Answer(v.Get("answer"))); err != nil {
		return err
	}
	c.Flash("cases.track.answered")
	return c.Seek("/track/open")
}

func (o *Office) reopenTrack(c *web.Ctx) error {
	cid, err := o.acting(c)
	if err != nil {
		return err
	}
	if err := o.Reopen(c.Context(), person(), DeedReopen, cid); err != nil {
		return err
	}
	c.Flash("cases.track.reopened")
	return c.Seek("/track/open")
}

func (o *Office) rateTrack(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := o.acting(c)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(v.Get("stars"))
	if err := o.Rate(c.Context(), cid, n); err != nil {
		return err
	}
	c.Flash("cases.track.rated")
	return c.Seek("/track/open")
}

func (o *Office) eraseTrack(c *web.Ctx) error {
	cid, err := o.mine(c)
	if err != nil {
		return err
	}
	if err := o.Erase(c.Context(), person(), cid); err != nil {
		return err
	}
	c.Flash("cases.track.erased")
	return o.closeTrack(c)
}

// person is the holder of a receipt, acting for themselves.
func person() actor.Actor { return actor.Actor{Channel: "web"} }

func (o *Office) complainForm(c *web.Ctx) error {
	cid, err := o.mine(c)
	if err != nil {
		return c.Seek("/track")
	}
	return o.showComplain(c, cid, id.New[Complaint](o.h.DB.Now()).String(), "", "", nil)
}

func (o *Office) showComplain(c *web.Ctx, cid CaseID, pid, kind, text string, wrong error) error {
	p := &complainPage{ID: pid, Text: text}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("cases.complaint.title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := getCase(t, cid)
		if err != nil {
			return err
		}
		def, err := o.def(t, k)
		if err != nil {
			return err
		}
		p.Receipt = k.Receipt.String()
		p.Kinds = ui.Choices{Name: "kind", Legend: c.P.T("cases.complaint.kind"), Error: p.Error("kind")}
		for _, x := range def.Complaints {
			p.Kinds.Options = append(p.Kinds.Options, ui.Option{Value: x.Code, Title: c.P.T(key(def, "complaint."+x.Code)), Chosen: x.Code == kind})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_complain", p)
}

func (o *Office) complain(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := o.mine(c)
	if err != nil {
		return err
	}
	pid, err := id.Parse[Complaint](v.Get("id"))
	if err != nil {
		return fault.New(fault.Invalid, "error.unreadable")
	}
	if err := c.Site.Limit.Take("complain:"+c.From(), 20, time.Hour); err != nil {
		return err
	}
	number, restricted, err := o.Complain(c.Context(), cid, pid, v.Get("kind"), v.Get("text"), c.Lang())
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.showComplain(c, cid, pid.String(), v.Get("kind"), v.Get("text"), err)
		}
		return err
	}
	p := &complainedPage{Ticket: ui.Ticket{Code: number.String(), At: o.h.DB.Now(), Label: c.P.T("cases.complaint.receipt")}, Restricted: restricted}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("cases.complaint.done")
	return c.Render("cases_complained", p)
}

func (o *Office) trackConcern(c *web.Ctx, nid ConcernID) error {
	p := &trackOtherPage{}
	err := o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		n, err := getConcern(t, nid)
		if err != nil {
			return err
		}
		p.Ticket = ui.Ticket{Code: n.Receipt.String(), At: n.MadeAt}
		p.State, p.Due, p.Open = c.P.T("cases.concern.state_"+n.State), n.DueAt, n.State == "open"
		return nil
	})
	return o.showOther(c, p, err)
}

func (o *Office) trackComplaint(c *web.Ctx, pid ComplaintID) error {
	p := &trackOtherPage{}
	err := o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		x, err := db.One(t, scanComplaint, `SELECT `+complaintColumns+` FROM cases_complaint WHERE id = ?1`, pid)
		if err != nil {
			return err
		}
		p.Ticket = ui.Ticket{Code: x.Receipt.String(), At: x.MadeAt, Label: c.P.T("cases.complaint.receipt")}
		p.State, p.Due, p.Open = c.P.T("cases.complaint.state_"+x.State), x.DueAt, x.State == "open"
		if len(x.Answer) > 0 {
			plain, err := o.vault.Open("cases_complaint.answer|"+pid.String(), x.Answer)
			p.Answer = string(plain)
			return err
		}
		return nil
	})
	return o.showOther(c, p, err)
}

func (o *Office) showOther(c *web.Ctx, p *trackOtherPage, err error) error {
	if err != nil {
		return err
	}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("cases.track.title")
	return c.Render("cases_track_other", p)
}
