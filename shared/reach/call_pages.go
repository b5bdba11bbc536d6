package reach

import (
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// callsPage is everybody who is to be called.
type callsPage struct {
	ui.Frame
	Lines []CallLine
	More  bool // there are more than one sees at once
}

// CallLine is one person who waits for a call. Their number is masked.
type CallLine struct {
	ID      string
	Kind    string // the channel by which they asked
	Phone   string // shown masked
	Spoken  template.HTML
	Speak   bool // the reader speaks it
	Made    time.Time
	Due     time.Time
	Left    template.HTML
	Late    bool
	Tries   int
	Mine    bool
	Taken   bool // by somebody else, for now
	Till    time.Time
	Notes   int
	Current bool
}

// KindKey is the name of the channel.
func (l CallLine) KindKey() string { return "reach.kind." + l.Kind }

// callPage is one of them, for whoever calls.
type callPage struct {
	ui.Frame
	L       CallLine
	Notes   []NoteLine
	Number  string // opened for this once; "" is masked
	Because template.HTML
	Over    bool
	Reasons []ui.Option
	Results []ui.Option
	Receipt string // as typed
	Reason  string
}

// NoteLine is one voice note and where it is heard.
type NoteLine struct {
	Href    string
	Seconds int // 0 when nobody said
	At      time.Time
	N       int
}

const callsShown = 200

func (s *Service) calls(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &callsPage{Frame: ui.Frame{Title: c.P.Text("reach.calls.title"), Kind: ui.Staff, Nav: "calls"}}
	err := s.h.Look(c.Context(), by, DeedCallSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.listWanted(t.Tx, callsShown+1)
		if err != nil {
			return err
		}
		p.More = len(all) > callsShown
		for _, w := range all[:min(len(all), callsShown)] {
			l := s.callLine(c, w, t.Now())
			notes, err := s.NotesOf(t.Tx, ofCall+l.ID)
			if err != nil {
				return err
			}
			l.Notes = len(notes)
			p.Lines = append(p.Lines, l)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(p.Lines, func(a, b CallLine) int { return a.rank() - b.rank() })
	return c.Render("reach_calls", p)
}

// rank is the order of work: what one has taken on, then who waits beyond their
// time, whatever they speak, then those one can speak with; the list is by due
// time already.
func (l CallLine) rank() int {
	switch {
	case l.Mine:
		return 0
	case l.Taken:
		return 4
	case l.Late:
		return 1
	case l.Speak:
		return 2
	}
	return 3
}

func (s *Service) callLine(c *web.Ctx, w wanted, now time.Time) CallLine {
	by := actor.From(c.Context())
	l := CallLine{ID: w.id.String(), Kind: string(w.channel), Phone: w.address, Made: w.made, Due: w.due, Tries: w.tries,
		Mine: w.heldBy(by.Account, now), Taken: w.state == "taken" && !w.free(now) && w.account != by.Account, Speak: w.spoken != "" && by.Speaks(w.spoken)}
	if l.Mine || l.Taken {
		l.Till = w.taken.Add(callLease)
	}
	l.Left, l.Late = c.P.Left(w.due)
	l.Spoken = s.spokenName(c, w.spoken)
	if w.spoken == "" {
		l.Spoken = c.P.T("reach.language." + w.lang[:min(len(w.lang), len("zgh"))])
		if !c.Site.Cat.Has("reach.language." + w.lang) {
			l.Spoken = c.P.T("reach.calls.any_language")
		}
	}
	return l
}

// spokenName is the name of a language that people speak, as the reader calls it.
func (s *Service) spokenName(c *web.Ctx, code string) template.HTML {
	for _, x := range s.places.Country().Spoken {
		if x.Code == code {
			name, lang := places.In(x.Names, c.Lang())
			if lang == c.Lang() {
				return template.HTML(template.HTMLEscapeString(name))
			}
			return template.HTML(`<span lang="` + template.HTMLEscapeString(lang) + `">` + template.HTMLEscapeString(name) + `</span>`)
		}
	}
	if c.Site.Cat.Has("reach.language." + code) {
		return c.P.T("reach.language." + code)
	}
	return numeral(code)
}

func callID(c *web.Ctx) (CallID, error) {
	cid, err := id.Parse[Call](c.R.PathValue("id"))
	if err != nil {
		return cid, fault.New(fault.Missing, "error.missing")
	}
	return cid, nil
}

func (s *Service) callPage(c *web.Ctx) error { return s.showCall(c, &callPage{}, nil) }

// showCall shows one call, with what p holds already.
func (s *Service) showCall(c *web.Ctx, p *callPage, wrong error) error {
	cid, err := callID(c)
	if err != nil {
		return err
	}
	p.Title, p.Kind, p.Nav = c.P.Text("reach.call.title"), ui.Staff, "calls"
	status, err := again(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedCallSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		w, err := s.getWanted(t.Tx, cid)
		if err != nil {
			return err
		}
		p.L, p.Over = s.callLine(c, w, t.Now()), w.state == "done"
		notes, err := s.NotesOf(t.Tx, ofCall+cid.String())
		for i, n := range notes {
			p.Notes = append(p.Notes, noteLine(i+1, n))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range callReasons {
		p.Reasons = append(p.Reasons, ui.Option{Value: r, Title: c.P.T("reach.call.reason_" + r), Chosen: r == "call"})
	}
	for _, r := range callResults {
		p.Results = append(p.Results, ui.Option{Value: r, Title: c.P.T("reach.call.result_" + r), Chosen: r == p.Reason})
	}
	return c.RenderStatus(status, "reach_call", p)
}

func noteLine(n int, x VoiceNote) NoteLine {
	return NoteLine{Href: "/notes/" + x.ID.String(), Seconds: x.Seconds, At: x.At, N: n}
}

func (s *Service) takeCallPost(c *web.Ctx) error {
	cid, err := callID(c)
	if err != nil {
		return err
	}
	if err := s.TakeCall(c.Context(), actor.From(c.Context()), cid); err != nil {
		return s.showCall(c, &callPage{}, err)
	}
	return c.Seek("/calls/" + cid.String())
}

// revealCallPost answers with the page itself: what it shows is on no address.
func (s *Service) revealCallPost(c *web.Ctx) error {
	cid, err := callID(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	number, err := s.RevealCall(c.Context(), actor.From(c.Context()), cid, f.Get("reason"))
	if err != nil {
		return s.showCall(c, &callPage{}, err)
	}
	return s.showCall(c, &callPage{Number: number, Because: c.P.T("reach.call.reason_" + f.Get("reason"))}, nil)
}

func (s *Service) finishCallPost(c *web.Ctx) error {
	cid, err := callID(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	result, number := f.Get("result"), f.Get("receipt")
	if err := s.FinishCall(c.Context(), actor.From(c.Context()), cid, result, number); err != nil {
		return s.showCall(c, &callPage{Receipt: number, Reason: result}, err)
	}
	c.Flash("reach.call.finished_" + result)
	return c.Seek("/calls")
}
