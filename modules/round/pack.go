package round

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
)

// DeedPack is taking along what a round needs: it leaves one line.
var DeedPack = deed.Deed{Name: "round.pack.take", Roles: afield}

// Pack is the least that a phone needs to know for a round, in words of the
// reader's language. Nothing in it names a person or a telephone.
type Pack struct {
	At        time.Time     `json:"at"`
	Until     time.Time     `json:"until"`
	Holder    PackHolder    `json:"holder"`
	Recipient string        `json:"recipient" doc:"age1…: what is sealed to it only the house can read"`
	Reasons   PackReasons   `json:"reasons"`
	Relations [][2]string   `json:"relations"`
	Missions  []PackMission `json:"missions"`
	Stops     []PackStop    `json:"stops"`
	Forms     []PackForm    `json:"forms"`
	Places    [][3]string   `json:"places" doc:"code, name, code of the place around it"`
}

type PackHolder struct {
	Name string `json:"name"`
	Org  string `json:"org"`
}

type PackReasons struct {
	Settle     [][2]string `json:"settle"`
	NotReached [][2]string `json:"not_reached"`
}

type PackMission struct {
	ID        string     `json:"id"`
	Team      string     `json:"team"`
	State     string     `json:"state"`
	Org       string     `json:"org"`
	PlannedAt time.Time  `json:"planned_at"`
	Goods     []PackGood `json:"goods"`
}

type PackGood struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Loaded int    `json:"loaded"`
	Aboard int    `json:"aboard"`
}

type PackStop struct {
	ID        string      `json:"id"`
	Mission   string      `json:"mission"`
	Seq       int         `json:"seq"`
	Receipt   string      `json:"receipt"`
	Service   string      `json:"service"`
	Level     int         `json:"level"`
	Place     string      `json:"place"`
	Commune   string      `json:"commune"`
	Point     *[2]float64 `json:"point"`
	People    int         `json:"people"`
	Needs     []string    `json:"needs"`
	Due       time.Time   `json:"due"`
	State     string      `json:"state"`
	ReachedBy string      `json:"reached_by,omitempty" doc:"not_reached: why, in words"`
}

type PackForm struct {
	Service   string         `json:"service,omitempty"`
	Name      string         `json:"name"`
	Kind      string         `json:"kind" doc:"request or visit"`
	Code      string         `json:"code,omitempty" doc:"of a visit: goes into body.form"`
	Questions []PackQuestion `json:"questions"`
}

type PackQuestion struct {
	Name       string      `json:"name"`
	Type       string      `json:"type"`
	Label      string      `json:"label"`
	Hint       string      `json:"hint"`
	Required   bool        `json:"required"`
	Choices    [][2]string `json:"choices"`
	Constraint string      `json:"constraint,omitempty" doc:"an XForms expression; the house checks it too"`
	Wrong      string      `json:"constraint_message,omitempty"`
	Multiline  bool        `json:"multiline,omitempty"`
	Relevant   []string    `json:"relevant,omitempty" doc:"XForms expressions; all must hold"`
	RequiredIf string      `json:"required_if,omitempty" doc:"an XForms expression; required is for always"`
	Missing    string      `json:"required_message,omitempty"`
}

type packTold struct {
	Device   DeviceID `json:"device"`
	Missions []string `json:"missions"`
	Stops    int      `json:"stops"`
}

// teller says what a pack is put together from in one language.
type teller struct {
	*Service
	p *i18n.Printer
}

func (w teller) lang() string { return string(w.p.Lang()) }

// TakePack puts a pack together, and notes that it was taken.
func (s *Service) TakePack(ctx context.Context, by actor.Actor, did DeviceID, only string, p *i18n.Printer, session func(*db.Tx) (string, error)) (*Pack, error) {
	w := teller{s, p}
	box, err := s.letterbox()
	if err != nil {
		return nil, err
	}
	requests, err := s.Cases.Forms(ctx)
	if err != nil {
		return nil, err
	}
	out := &Pack{Recipient: box.Address(), Missions: []PackMission{}, Stops: []PackStop{}, Places: [][3]string{},
		Reasons:   PackReasons{w.words("round.reason.", ReasonsToSettle), w.words("field.not_reached.", s.Field.ReasonsNotReached())},
		Relations: w.words("field.relation.", s.Field.Relations()), Forms: w.forms(requests)}
	err = s.h.Do(ctx, by, DeedPack, func(t *deed.Tx) error {
		d, err := s.device(t.Tx, by, did)
		if err != nil {
			return err
		}
		missions, err := s.Field.Carry(t, only, w.lang())
		if err != nil {
			return err
		}
		out.At, out.Until, out.Holder.Name = t.Now(), t.Now().Add(packLife), by.Name
		told := packTold{Device: did, Missions: []string{}}
		for _, m := range missions {
			if err := w.mission(t.Tx, m, out); err != nil {
				return err
			}
			told.Missions, told.Stops = append(told.Missions, m.ID), told.Stops+len(m.Stops)
		}
		if !d.Org.IsZero() {
			if out.Holder.Org, err = s.People.OrgName(t.Tx, d.Org, w.lang()); err != nil {
				return err
			}
		}
		on, err := session(t.Tx)
		if err != nil {
			return err
		}
		if err := sawDevice(t.Tx, did, on); err != nil {
			return err
		}
		if err := packedDevice(t.Tx, did); err != nil {
			return err
		}
		return t.Tell(deviceSubject(did), told)
	})
	if err != nil {
		return nil, err
	}
	w.places(out)
	return out, nil
}

func (w teller) mission(t *db.Tx, m Mission, out *Pack) error {
	org, err := w.People.OrgName(t, m.Org, w.lang())
	if err != nil {
		return err
	}
	x := PackMission{ID: m.ID, Team: m.Team, State: m.State, Org: org, PlannedAt: m.PlannedAt, Goods: []PackGood{}}
	for _, g := range m.Goods {
		x.Goods = append(x.Goods, PackGood{g.Code, w.text(g.Name, g.Code), w.text(g.Unit, ""), g.Loaded, g.Aboard})
	}
	out.Missions = append(out.Missions, x)
	for _, s := range m.Stops {
		y := PackStop{ID: s.ID, Mission: m.ID, Seq: s.Seq, Receipt: s.Receipt, Service: s.Service, Level: s.Level, Place: s.Place, Commune: s.Commune,
			People: s.People, Needs: []string{}, Due: s.Due, State: s.State}
		if s.HasPoint {
			y.Point = &[2]float64{s.At.Lat, s.At.Lon}
		}
		for _, n := range s.Needs {
			y.Needs = append(y.Needs, w.p.Text(n))
		}
		if s.Reason != "" {
			y.ReachedBy = w.p.Text("field.not_reached." + s.Reason)
		}
		out.Stops = append(out.Stops, y)
	}
	return nil
}

func (w teller) text(key, instead string) string {
	if key == "" {
		return instead
	}
	return w.p.Text(key)
}

// words are codes with what they say.
func (w teller) words(prefix string, codes []string) [][2]string {
	out := make([][2]string, 0, len(codes))
	for _, c := range codes {
		out = append(out, [2]string{c, w.p.Text(prefix + c)})
	}
	return out
}

func (w teller) forms(requests []RequestForm) []PackForm {
	out := []PackForm{}
	for _, r := range requests {
		out = append(out, PackForm{Service: r.Service, Name: w.p.Text(r.Name), Kind: "request", Questions: w.questions(r.Form)})
	}
	for _, v := range w.visits {
		out = append(out, PackForm{Name: w.p.Text("round.visit.form." + v.Code), Kind: "visit", Code: v.Code, Questions: w.questions(v.Form)})
	}
	return out
}

func (w teller) questions(f *forms.Form) []PackQuestion {
	out := []PackQuestion{}
	in := func(t forms.Text) string { s, _ := t.In(w.lang()); return forms.Typeset(w.lang(), s) }
	for _, q := range f.Questions {
		if !q.Asks() {
			continue
		}
		x := PackQuestion{Name: q.Name, Type: string(q.Type), Label: in(q.Label), Hint: in(q.Hint), Required: q.AlwaysRequired(), Choices: [][2]string{}, Multiline: q.Multiline()}
		if q.Constraint != nil {
			x.Constraint, x.Wrong = q.Constraint.String(), in(q.ConstraintMessage)
		}
		if x.Missing = in(q.RequiredMessage); q.Required != nil && !x.Required {
			x.RequiredIf = q.Required.String()
		}
		for _, e := range q.Relevant {
			x.Relevant = append(x.Relevant, e.String())
		}
		if q.List != nil {
			for _, c := range q.List.Choices {
				x.Choices = append(x.Choices, [2]string{c.Name, in(c.Label)})
			}
		}
		out = append(out, x)
	}
	return out
}

// places are the communes of the stops and what lies in them.
func (w teller) places(out *Pack) {
	var communes []*places.Place
	for _, s := range out.Stops {
		if c, ok := w.Service.places.Commune(s.Commune); ok && !slices.Contains(communes, c) {
			communes = append(communes, c)
		}
	}
	places.Sort(communes, w.lang())
	add := func(p *places.Place) {
		name, _ := p.Name(w.lang())
		out.Places = append(out.Places, [3]string{p.Code, name, p.Parent})
	}
	for _, c := range communes {
		add(c)
		inside := w.Service.places.Children(c.Code)
		places.Sort(inside, w.lang())
		for _, d := range inside {
			add(d)
		}
	}
}
