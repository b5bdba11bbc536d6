package intake

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
)

// Opened is a candidate as somebody reads it, with what the house proposes.
type Opened struct {
	ID, Source, State string
	At                time.Time
	Lang              string
	Words             []Span
	Found             []Span // those that mean something
	Media, HasWords   bool
	Around            []Neighbour
	Needs, Fragile    []Tick
	People            string
	Places            []PlaceTick
	PlaceText         string
	Point             string
	Phone             string // masked
	Call              bool
	Level             int
	Reasons           []template.HTML
	Levels            []ui.Option
	Alike             []AlikeLine
	Join              bool
	Asides            []ui.Option
	Prev, Next        string
	CaseHref          string
	Undo              bool
}

// Span is a stretch of somebody's words and what it was read to mean.
type Span struct {
	Text string
	Says template.HTML
}

// Neighbour is what the same person wrote just before or after.
type Neighbour struct {
	At    time.Time
	Words string
	Href  string
}

// Tick is something that the house proposes, and the key that turns it on and off.
type Tick struct {
	Name, Value, Key, Icon string
	Title                  template.HTML
	Count                  int
	On                     bool
}

// PlaceTick is a place that the words may mean.
type PlaceTick struct {
	Code       string
	Name, Path template.HTML
	Reason     string
	Digit      int
	On         bool
}

// AlikeLine is something that may tell of the same need.
type AlikeLine struct {
	ID, Receipt, Href, Band string
	Level                   int
	Title, Place, State     template.HTML
	At                      time.Time
	Waiting                 bool
	Reasons                 []string
	First                   bool // M joins to this one
}

// opened puts what was read before its reader; posted is a form to show again.
func (s *Service) opened(c *web.Ctx, r reading, posted url.Values) (*Opened, error) {
	x, by := r.candidate, actor.From(c.Context())
	def, err := s.def(x.Service)
	if err != nil {
		return nil, err
	}
	said := s.sensed(r.body.Words)
	o := &Opened{ID: x.ID.String(), Source: string(x.Source), State: string(x.State), At: x.SaidAt, Lang: x.Lang, Media: r.body.Media, HasWords: r.body.Words != "", Undo: r.undo}
	o.Words = s.spans(c, def, r.body.Words, said)
	for _, w := range o.Words {
		if w.Says != "" {
			o.Found = append(o.Found, w)
		}
	}
	for i, n := range r.around {
		o.Around = append(o.Around, Neighbour{At: n.SaidAt, Words: s.masked(r.bodies[i].Words), Href: c.Href("/triage/" + n.ID.String())})
	}
	if r.prev != nil {
		o.Prev = c.Href("/triage/" + r.prev.ID.String())
	}
	next, err := s.following(c, x)
	if err != nil {
		return nil, err
	}
	o.Next = c.Href(next)
	if x.CaseID != "" {
		o.CaseHref = c.Href("/cases/" + x.CaseID)
	}
	if x.State != Waiting {
		return o, nil
	}
	choice := s.propose(o, c, def, r, said, posted)
	if err := s.judge(c, o, def, r, choice, by); err != nil {
		return nil, err
	}
	o.Join = s.Cases.MayJoin(by)
	for _, l := range r.alike {
		line, err := s.alikeLine(c, l)
		if err != nil {
			return nil, err
		}
		line.First = o.Join && !l.Waiting && !slices.ContainsFunc(o.Alike, func(a AlikeLine) bool { return a.First })
		o.Alike = append(o.Alike, line)
	}
	for i, reason := range AsideReasons {
		o.Asides = append(o.Asides, ui.Option{Value: reason, Title: c.P.T("intake.aside." + reason), Digit: i + 1})
	}
	return o, nil
}

// judge shows how urgent the request would be as it is proposed.
func (s *Service) judge(c *web.Ctx, o *Opened, def *service.Definition, r reading, choice Choice, by actor.Actor) error {
	j, err := s.Cases.Judge(s.asking(def, r.candidate, r.body, choice))
	if err != nil {
		if _, fields := c.FieldErrors(err); !fields {
			return err
		}
		j.Level = def.Default
	}
	o.Level = j.Level
	for _, why := range j.Reasons {
		o.Reasons = append(o.Reasons, c.P.T(key(def, "reason."+why.Code), web.Pairs(why.Args)...))
	}
	if s.Cases.MayRaise(by) && j.Level > 1 {
		o.Levels = append(o.Levels, ui.Option{Value: "", Title: c.P.T("intake.triage.as_rules"), Chosen: choice.Level == 0})
		for n := 1; n < j.Level; n++ {
			o.Levels = append(o.Levels, ui.Option{Value: strconv.Itoa(n), Title: c.P.T("intake.level." + strconv.Itoa(n)), Chosen: choice.Level == n})
		}
	}
	return nil
}

// Keys that turn proposals on and off: the left hand for needs and for people who
// need care; digits are for places.
const (
	needKeys = "asdfgwert"
	careKeys = "zcvbnh"
)

// propose fills in the form as the house reads the words, or as it was posted.
func (s *Service) propose(o *Opened, c *web.Ctx, def *service.Definition, r reading, said sense.Reading, posted url.Values) Choice {
	x := r.candidate
	choice := Choice{Needs: x.Needs, Fragile: r.body.Answers.List(def.Bind.Fragile), People: x.People, Place: x.Place, PlaceText: r.body.Place, Call: len(r.body.Phones) > 0}
	for _, k := range said.Keys() {
		if weak, ok := strings.CutPrefix(k, "weak."); ok && !slices.Contains(choice.Fragile, weak) {
			choice.Fragile = append(choice.Fragile, weak)
		}
	}
	if posted != nil {
		if again, err := s.choice(posted); err == nil {
			choice = again
		}
	}
	o.Needs = ticks(c, def, def.Bind.Need, "need", "needs.", needKeys, choice.Needs, said)
	o.Fragile = ticks(c, def, def.Bind.Fragile, "fragile", "weak.", careKeys, choice.Fragile, said)
	if choice.People > 0 {
		o.People = strconv.Itoa(choice.People)
	}
	o.PlaceText, o.Call = choice.PlaceText, choice.Call
	if len(r.body.Phones) > 0 {
		o.Phone = r.body.Phones[0].Masked()
	}
	b := r.body
	if posted != nil {
		b.Place = choice.PlaceText
	}
	_, found := s.where(b, said)
	if posted != nil && choice.Place == "" && found.Sure {
		choice.Place = found.Candidates[0].Place.Code
	}
	for _, k := range found.Candidates[:min(5, len(found.Candidates))] {
		o.Places = append(o.Places, s.placeTick(c, k, len(o.Places)+1, choice.Place))
	}
	if choice.Place != "" && !slices.ContainsFunc(o.Places, func(p PlaceTick) bool { return p.On }) {
		if p, ok := s.places.Get(choice.Place); ok {
			o.Places = append([]PlaceTick{s.placeTick(c, places.Candidate{Place: p, Reason: "intake.place.chosen"}, 0, choice.Place)}, o.Places...)
		}
	}
	return choice
}

func ticks(c *web.Ctx, def *service.Definition, question, name, prefix, keys string, on []string, said sense.Reading) (out []Tick) {
	q := def.Form.Question(question)
	if q == nil || q.List == nil {
		return nil
	}
	for i, ch := range q.List.Choices {
		t := Tick{Name: name, Value: ch.Name, Title: c.P.T(key(def, "choice."+q.List.Name+"."+ch.Name)), On: slices.Contains(on, ch.Name), Icon: ch.Icon}
		if i < len(keys) {
			t.Key = keys[i : i+1]
		}
		for _, f := range said.Findings {
			if f.Key == prefix+ch.Name {
				t.Count = max(t.Count, f.Count)
			}
		}
		out = append(out, t)
	}
	return out
}

func (s *Service) placeTick(c *web.Ctx, k places.Candidate, digit int, chosen string) PlaceTick {
	t := PlaceTick{Code: k.Place.Code, Name: named(c, k.Place), Reason: k.Reason, Digit: digit, On: k.Place.Code == chosen}
	var up []string
	path := s.places.Path(k.Place.Code)
	for i := len(path) - 2; i >= 0 && path[i].Kind != places.Region; i-- {
		up = append(up, string(named(c, path[i])))
	}
	t.Path = template.HTML(strings.Join(up, string(c.P.T("intake.comma"))))
	return t
}

func (s *Service) alikeLine(c *web.Ctx, l Likeness) (AlikeLine, error) {
	def, err := s.def(l.Service)
	if err != nil {
		return AlikeLine{}, err
	}
	a := AlikeLine{ID: l.ID, Receipt: l.Receipt, Href: c.Href(l.Href), Band: l.Band.String(), Level: l.Level, At: l.At, Waiting: l.Waiting, Title: needsSay(c, def, l.Needs)}
	if l.Place != "" {
		a.Place = s.placeSay(c, l.Place)
	}
	if l.State != "" {
		a.State = c.P.T(key(def, "state_staff."+l.State))
	}
	for _, r := range l.Reasons {
		a.Reasons = append(a.Reasons, "intake.like."+r.Key)
	}
	return a, nil
}

// Chosen is whether a place is.
func (o Opened) Chosen() bool {
	return slices.ContainsFunc(o.Places, func(p PlaceTick) bool { return p.On })
}
