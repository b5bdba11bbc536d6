package reach

import (
	"context"
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

var (
	DeedPlanSee    = deed.Deed{Name: "reach.plan.see", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Agent, actor.Coordinator, actor.Auditor}}
	DeedNetworkSay = deed.Deed{Name: "reach.network.say", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
)

type networkTold struct {
	State string `json:"state"`
}

// SayNetwork writes down what network a place has. "" takes it back.
func (s *Service) SayNetwork(ctx context.Context, by actor.Actor, code string, n Network) error {
	if _, ok := s.places.Get(code); !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	if !slices.Contains([]Network{Unknown, DataToo, VoiceOnly, NoNetwork}, n) {
		return fault.New(fault.Invalid, "reach.plan.choose_network").On("network")
	}
	return s.h.Do(ctx, by, DeedNetworkSay, func(t *deed.Tx) error {
		scope := actor.Scope{}
		for _, p := range s.places.Path(code) {
			scope.Path = append(scope.Path, p.Code)
		}
		if err := t.Allow(scope); err != nil {
			return err
		}
		if err := setNetwork(t.Tx, code, n, by.Account); err != nil {
			return err
		}
		return t.Tell("place/"+code, networkTold{string(n)})
	})
}

// planPage is how to reach the people of one province, commune by commune.
type planPage struct {
	ui.Frame
	Area      string
	Provinces []ui.Option
	Lines     []PlanLine
	People    int
	Reached   int
	Unreached []PlanLine
	Mobile    float64
	Internet  float64
	States    []ui.Option
	Map       template.HTML
}

// PlanLine is one commune.
type PlanLine struct {
	Code    string
	Name    template.HTML
	Network Network
	Since   time.Time
	Spoken  template.HTML
	Cannot  int // per cent who cannot read
	Proposal
	Share int // per cent whom the best way reaches
}

// NetworkKey is the sentence of a state.
func (l PlanLine) NetworkKey() string {
	if l.Network == Unknown {
		return "reach.network.unknown"
	}
	return "reach.network." + string(l.Network)
}

func (s *Service) plan(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &planPage{Frame: ui.Frame{Title: c.P.Text("reach.plan.title"), Kind: ui.Staff, Nav: "channels"},
		Mobile: s.Rules.Equipment.Mobile, Internet: s.Rules.Equipment.Internet}
	lang := string(c.P.Lang())
	p.Area = c.R.URL.Query().Get("province")
	all := s.places.All(places.Province)
	places.Sort(all, lang)
	if x, ok := s.places.Get(p.Area); (!ok || x.Kind != places.Province) && len(all) > 0 {
		p.Area = s.home(by, all)
	}
	for _, x := range all {
		p.Provinces = append(p.Provinces, ui.Option{Value: x.Code, Title: nameOf(x, lang), Chosen: x.Code == p.Area})
	}
	err := s.h.Look(c.Context(), by, DeedPlanSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		told, err := networks(t.Tx)
		if err != nil {
			return err
		}
		communes := s.places.Children(p.Area)
		places.Sort(communes, lang)
		for _, x := range communes {
			p.add(s.planLine(c, x, told[x.Code]))
		}
		cover, err := s.Lacking(t.Tx)
		p.Map = places.Sketch(s.places, p.Area, nil, places.Sheet{Title: c.P.Text("reach.plan.map"), Lang: lang, Labels: true, Cover: cover})
		return err
	})
	if err != nil {
		return err
	}
	if deed.May(by, DeedNetworkSay) == nil {
		for _, n := range []Network{DataToo, VoiceOnly, NoNetwork} {
			p.States = append(p.States, ui.Option{Value: string(n), Title: c.P.T("reach.network." + string(n))})
		}
		p.States = append(p.States, ui.Option{Value: "", Title: c.P.T("reach.network.unknown")})
	}
	return c.Render("reach_plan", p)
}

func (p *planPage) add(l PlanLine) {
	p.Lines = append(p.Lines, l)
	p.People += l.Proposal.People
	p.Reached += l.Best
	if l.Unreached {
		p.Unreached = append(p.Unreached, l)
	}
}

// home is where somebody works: the first province of their grants.
func (s *Service) home(by actor.Actor, all []*places.Place) string {
	for _, g := range by.Grants {
		if x, ok := s.places.Province(g.Territory); ok {
			return x.Code
		}
	}
	return all[0].Code
}

func nameOf(p *places.Place, lang string) template.HTML {
	name, in := p.Name(lang)
	if in == lang || in == "" {
		return template.HTML(template.HTMLEscapeString(name))
	}
	return template.HTML(`<bdi lang="` + in + `">` + template.HTMLEscapeString(name) + `</bdi>`)
}

func (s *Service) planLine(c *web.Ctx, x *places.Place, told saidOf) PlanLine {
	l := PlanLine{Code: x.Code, Name: nameOf(x, string(c.P.Lang())), Network: told.state, Since: told.at, Cannot: int(x.Illiteracy + 0.5), Proposal: s.Rules.propose(x, told.state)}
	if first := s.places.SpokenFirst(x.Code); first != "" {
		l.Spoken = s.spokenName(c, first)
	}
	if x.Population > 0 {
		l.Share = l.Best * 100 / x.Population
	}
	return l
}

func (s *Service) sayNetworkPost(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	code := c.R.PathValue("place")
	if err := s.SayNetwork(c.Context(), actor.From(c.Context()), code, Network(v.Get("network"))); err != nil {
		return err
	}
	c.Flash("reach.plan.said")
	up, _ := s.places.Province(code)
	if up == nil {
		return c.Seek("/channels/plan")
	}
	return c.Seek("/channels/plan?province=" + up.Code)
}
