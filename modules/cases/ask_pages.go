package cases

import (
	"errors"
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// stepPage is one step of a form: one question, or a few that belong together.
type stepPage struct {
	ui.Frame
	Service  string
	Draft    string
	Step     string
	Progress ui.Progress
	Heading  template.HTML // when the step has several questions
	Lead     template.HTML
	Askings  []Asking
	Button   template.HTML
	AllURL   string
	Danger   template.HTML // who to call when life is in danger
	Calls    []Emergency
	Change   bool // came from the summary, and goes back to it
	Beside   Beside
}

// allPage is the whole form on one page, for call centres, Opera Mini and paper.
type allPage struct {
	ui.Frame
	Service string
	Draft   string
	Name    template.HTML
	Danger  template.HTML // who to call when life is in danger; "" for those who type for others
	Calls   []Emergency
	Askings []Asking
	Beside  Beside
	Out     Outgoing
}

func (o *Office) form(c *web.Ctx) (*service.Definition, error) {
	def, err := o.current(c.R.PathValue("service"))
	if err == nil && def.Form == nil {
		err = fault.New(fault.Missing, "cases.service.unknown")
	}
	return def, err
}

// startAsk shows the first step, or with ?all=1 the whole form. The draft's
// identifier is minted here, so that the form sent twice is one request. A phone
// may keep copies of both; each time it shows one, it mints another identifier.
func (o *Office) startAsk(c *web.Ctx) error {
	def, err := o.form(c)
	if err != nil {
		return err
	}
	d := Draft{ID: id.New[draftKind](o.h.DB.Now()), Service: def.Code, Answers: forms.Answers{}}
	if mayKeep(c, d) {
		c.KeepForm("/help/" + def.Code + "?all=1")
	}
	if c.R.URL.Query().Get("all") != "" {
		return o.showAll(c, def, d, nil, nil)
	}
	return o.showStep(c, def, d, def.Form.Steps()[0].Name, nil, nil)
}

// continueAsk shows one step of a draft that is under way. The whole form opens
// under an identifier that a phone minted, too.
func (o *Office) continueAsk(c *web.Ctx) error {
	open := o.draftOf
	if c.R.PathValue("step") == "all" {
		open = o.openDraft
	}
	def, d, err := open(c)
	if errors.Is(err, errSent) {
		return o.receiptAgain(c)
	}
	if err != nil {
		return err
	}
	step := c.R.PathValue("step")
	switch step {
	case "check":
		return o.showCheck(c, def, d, nil)
	case "all":
		return o.showAll(c, def, d, nil, nil)
	}
	return o.showStep(c, def, d, step, nil, nil)
}

func (o *Office) draftOf(c *web.Ctx) (*service.Definition, Draft, error) {
	def, err := o.form(c)
	if err != nil {
		return nil, Draft{}, err
	}
	did, err := id.Parse[draftKind](c.R.PathValue("draft"))
	if err != nil {
		return nil, Draft{}, fault.New(fault.Missing, "cases.draft.gone")
	}
	d, err := o.ReadDraft(c.Context(), did)
	if err == nil && (d.Service != def.Code || !o.seated(c, d)) {
		err = fault.New(fault.Missing, "cases.draft.gone")
	}
	if fault.KindOf(err) == fault.Missing && o.sent(c, did) {
		err = errSent
	}
	return def, d, err
}

// errSent is a form looked at again after it was sent: its receipt shows again.
var errSent = errors.New("cases: sent already")

func (o *Office) sent(c *web.Ctx, did DraftID) (yes bool) {
	if _, waits := o.waits(o.caseOf(did)); waits {
		return true
	}
	err := o.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		yes, err = o.sentBefore(t, o.caseOf(did), &Asked{})
		return err
	})
	return err == nil && yes
}

func (o *Office) receiptAgain(c *web.Ctx) error {
	return c.Seek("/help/" + c.R.PathValue("service") + "/" + c.R.PathValue("draft") + "/done")
}

// saveStep keeps the answers of one step, and goes on to the next.
func (o *Office) saveStep(c *web.Ctx) error {
	def, err := o.form(c)
	if err != nil {
		return err
	}
	did, err := id.Parse[draftKind](c.R.PathValue("draft"))
	if err != nil {
		return fault.New(fault.Missing, "cases.draft.gone")
	}
	if err := c.Site.Limit.Take("draft:"+c.From(), 240, time.Minute); err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	d, err := o.ReadDraft(c.Context(), did)
	if fault.KindOf(err) == fault.Missing || db.IsAway(err) { // begun, or going on, without the store
		if o.sent(c, did) {
			return o.receiptAgain(c)
		}
		d, _ = o.unkept(def, did, v)
		err = nil
	}
	if err == nil && !o.seated(c, d) {
		err = fault.New(fault.Missing, "cases.draft.gone")
	}
	if err != nil {
		return err
	}
	d.Version = def.Version
	o.fromPaper(c, v, &d)
	step := c.R.PathValue("step")
	if step == "all" {
		return o.saveAll(c, def, d, v)
	}
	return o.saveOne(c, def, d, step, v)
}

func (o *Office) saveOne(c *web.Ctx, def *service.Definition, d Draft, name string, v url.Values) error {
	step, ok := def.Form.Step(name)
	if !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	o.placesIn(step.Questions, v)
	given, wrong := def.Form.FromValues(v, o.places.Country().Phone.Prefix)
	answers := d.Answers.Clone()
	for _, q := range step.Questions {
		delete(answers, q.Name)
		if x, ok := given[q.Name]; ok {
			answers[q.Name] = x
		}
	}
	if act := v.Get("act"); act == "search" || act == "list" { // not an answer yet, but nothing is lost
		d.Answers = answers
		if err := o.KeepDraft(c.Context(), d); err != nil {
			return err
		}
		return o.showStep(c, def, d, name, nil, v)
	}
	checked, err := def.Form.ValidateStep(name, answers, onlyOf(step.Questions, wrong)...)
	if err != nil {
		d.Answers = answers
		return o.showStep(c, def, d, name, err, v)
	}
	d.Answers = checked
	if err := o.KeepDraft(c.Context(), d); err != nil {
		return err
	}
	next := "check"
	if v.Get("change") == "" {
		next = o.after(def, name, checked)
	}
	return c.Seek("/help/" + def.Code + "/" + d.ID.String() + "/" + next)
}

func (o *Office) saveAll(c *web.Ctx, def *service.Definition, d Draft, v url.Values) error {
	for _, s := range def.Form.Steps() {
		o.placesIn(s.Questions, v)
	}
	given, wrong := def.Form.FromValues(v, o.places.Country().Phone.Prefix)
	if act := v.Get("act"); act == "search" || act == "list" {
		d.Answers = given
		return o.showAll(c, def, d, nil, v)
	}
	checked, err := def.Form.Validate(given, wrong...)
	if err != nil {
		d.Answers = given
		return o.showAll(c, def, d, err, v)
	}
	d.Answers = checked
	if err := o.KeepDraft(c.Context(), d); err != nil {
		return err
	}
	return c.Seek("/help/" + def.Code + "/" + d.ID.String() + "/check")
}

func (o *Office) placesIn(all []*forms.Question, v url.Values) {
	for _, q := range all {
		if q.Type == forms.TypePlace {
			o.fromPlace(v, q.Name)
		}
	}
}

func onlyOf(all []*forms.Question, wrong fault.All) (out fault.All) {
	for _, w := range wrong {
		for _, q := range all {
			if q.Name == w.Field {
				out = append(out, w)
			}
		}
	}
	return out
}

// after is the next step that asks anything, given the answers so far.
func (o *Office) after(def *service.Definition, name string, a forms.Answers) string {
	past := false
	for _, s := range def.Form.Steps() {
		if past {
			for _, q := range s.Questions {
				if q.Asks() && def.Form.Relevant(q, a) {
					return s.Name
				}
			}
		}
		past = past || s.Name == name
	}
	return "check"
}

func (o *Office) showStep(c *web.Ctx, def *service.Definition, d Draft, name string, wrong error, posted url.Values) error {
	steps := def.Form.Steps()
	at := -1
	for i, s := range steps {
		if s.Name == name {
			at = i
		}
	}
	if at < 0 {
		return fault.New(fault.Missing, "error.missing")
	}
	p := &stepPage{Service: def.Code, Draft: d.ID.String(), Step: name, Button: c.P.T("cases.ask.continue"),
		Progress: ui.Progress{At: at + 1, Of: len(steps) + 1}, AllURL: c.Href("/help/" + def.Code + "?all=1"), Change: c.R.URL.Query().Get("change") != "" || posted.Get("change") != ""}
	p.Kind, p.Nav = ui.Form, "help"
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	if at > 0 {
		p.Progress.Back = c.Href("/help/" + def.Code + "/" + d.ID.String() + "/" + steps[at-1].Name)
	} else {
		p.Progress.Back = c.Href("/help")
		p.Danger, p.Calls = o.danger(c), o.emergency(c)
	}
	asked := relevant(def, steps[at], d.Answers)
	for _, q := range asked {
		p.Askings = append(p.Askings, o.asking(c, def, q, d.Answers, &p.Frame, len(asked) == 1, posted))
		if d.Around.Help != nil && q.Name == def.Bind.Phone {
			p.Lead = c.P.T("cases.helper.their_phone")
		}
	}
	p.Beside = o.beside(c, def, d, at == 0 && !p.Change, p.Askings)
	p.Title = c.P.Text("cases.ask.step_title", "at", at+1, "of", len(steps)+1, "name", c.P.Text(key(def, "step."+name)))
	if len(asked) != 1 {
		p.Heading = c.P.T(key(def, "step."+name))
	}
	return c.RenderStatus(status, "cases_ask_step", p)
}

// relevant are the questions of a step that apply; those that depend on
// answers of the same step are shown, and judged when they come back.
func relevant(def *service.Definition, s forms.Step, a forms.Answers) (out []*forms.Question) {
	for _, q := range s.Questions {
		if q.Type != forms.TypeCalculate && (def.Form.Relevant(q, a) || dependsOnStep(q, s)) {
			out = append(out, q)
		}
	}
	return out
}

func dependsOnStep(q *forms.Question, s forms.Step) bool {
	for _, e := range q.Relevant {
		for _, n := range e.Names() {
			for _, other := range s.Questions {
				if other.Name == n {
					return true
				}
			}
		}
	}
	return false
}

// wrongs puts what was wrong on the page and tells its status.
func (o *Office) wrongs(c *web.Ctx, f *ui.Frame, wrong error) (int, error) {
	if wrong == nil {
		return 200, nil
	}
	errs, ok := c.FieldErrors(wrong)
	if !ok {
		return 0, wrong
	}
	f.Errors = errs
	return 422, nil
}

func (o *Office) showAll(c *web.Ctx, def *service.Definition, d Draft, wrong error, posted url.Values) error {
	p := &allPage{Service: def.Code, Draft: d.ID.String(), Name: c.P.T(key(def, "text.name"))}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text(key(def, "text.name"))
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	for _, s := range def.Form.Steps() {
		for _, q := range s.Questions {
			if q.Type != forms.TypeCalculate {
				p.Askings = append(p.Askings, o.asking(c, def, q, d.Answers, &p.Frame, false, posted))
			}
		}
	}
	p.Beside = o.beside(c, def, d, false, p.Askings)
	if !actor.From(c.Context()).Known() {
		p.Danger, p.Calls = o.danger(c), o.emergency(c)
	}
	if p.Out, err = o.outgoing(c, def, d); err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_ask_all", p)
}
