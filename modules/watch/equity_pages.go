package watch

import (
	"bytes"
	"encoding/csv"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// equityPage is who waits longer than others.
type equityPage struct {
	ui.Frame
	Days   int
	Tabs   []spanTab
	Since  time.Time
	Till   time.Time // when they were counted
	Cases  int
	Owner  delayCell
	Help   delayCell
	Alerts []equityAlarm
	Kinds  []equityKind
	Least  int
	Slower int
	File   string
}

// spanTab chooses how many days are looked at.
type spanTab struct {
	Days    int
	Href    string
	Current bool
}

// equityAlarm is one group that waits longer than it may.
type equityAlarm struct {
	Group   template.HTML
	Kind    string // channel, language, province, commune
	Measure string
	Percent int
	Cell    delayCell
	All     delayCell
	Cases   int
	Raised  time.Time // when it stood in the journal first this week
}

// equityKind is one way of telling requests apart.
type equityKind struct {
	Name string
	Rows []equityRow
	More int // groups that stand in the file alone
}

type equityRow struct {
	Group template.HTML
	Cases int
	Few   bool
	Owner delayCell
	Help  delayCell
}

// delayCell is one figure of the report.
type delayCell struct {
	Median  time.Duration
	AtLeast bool
	Waiting int
	Slower  int
	Alert   bool
}

// mostRows is how many groups of a kind the page shows.
const mostRows = 25

// chosenDays is the span that a reader chose; any other is the first.
func chosenDays(c *web.Ctx) int {
	days, err := strconv.Atoi(c.R.URL.Query().Get("days"))
	if err != nil || !slices.Contains(equityDays, days) {
		return equityDays[0]
	}
	return days
}

func (s *Service) showEquity(c *web.Ctx) error {
	by, days := actor.From(c.Context()), chosenDays(c)
	e, err := s.equity(c.Context(), by, days)
	if err != nil {
		return err
	}
	p := &equityPage{Frame: frame(c, "watch.equity.title", ui.Staff), Days: days, Since: e.Since, Till: e.Till, Cases: e.All.Cases, Owner: cellOf(e.All.Of[0]), Help: cellOf(e.All.Of[1]),
		Least: e.Least, Slower: e.EquityRules.Slower, File: c.Href("/equity/file?days=" + strconv.Itoa(days))}
	p.Nav = "equity"
	for _, d := range slices.Sorted(slices.Values(equityDays)) {
		p.Tabs = append(p.Tabs, spanTab{d, c.Href("/equity?days=" + strconv.Itoa(d)), d == days})
	}
	for _, kind := range byAll {
		p.Kinds = append(p.Kinds, s.kind(c, e, kind))
	}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) { p.Alerts, err = s.alarms(c, t, e); return err })
	if err != nil {
		return err
	}
	return c.Render("watch_equity", p)
}

func cellOf(d delay) delayCell { return delayCell(d) }

func (s *Service) kind(c *web.Ctx, e equity, kind string) equityKind {
	k := equityKind{Name: kind}
	for _, g := range e.Groups {
		switch {
		case g.By != kind:
		case len(k.Rows) == mostRows:
			k.More++
		default:
			k.Rows = append(k.Rows, equityRow{s.callGroup(c, g).html(c), g.Cases, g.Few, cellOf(g.Of[0]), cellOf(g.Of[1])})
		}
	}
	return k
}

// alarms are the groups that are slower than they may be, the slowest first.
func (s *Service) alarms(c *web.Ctx, t *db.Tx, e equity) (all []equityAlarm, err error) {
	for _, g := range e.Groups {
		for m, d := range g.Of {
			if !d.Alert {
				continue
			}
			at, err := raised(t, g.alertSubject(m))
			if err != nil {
				return nil, err
			}
			if weekOf(at) != weekOf(t.Now()) {
				at = time.Time{}
			}
			all = append(all, equityAlarm{s.callGroup(c, g).html(c), g.By, measures[m], d.Slower, cellOf(d), cellOf(e.All.Of[m]), g.Cases, at})
		}
	}
	slices.SortStableFunc(all, func(a, b equityAlarm) int { return b.Percent - a.Percent })
	return all, nil
}

// said is a name, or the key of a sentence where a group has none.
type said struct{ name, lang, key string }

func (n said) html(c *web.Ctx) template.HTML {
	switch {
	case n.key != "":
		return c.P.T(n.key)
	case n.lang == "":
		return ui.Isolated(n.name)
	}
	return template.HTML(`<bdi lang="` + template.HTMLEscapeString(n.lang) + `">` + template.HTMLEscapeString(n.name) + `</bdi>`)
}

func (n said) plain(c *web.Ctx) string {
	if n.key != "" {
		return c.P.Text(n.key)
	}
	return n.name
}

// call is what people call a group; a code that nobody knows stays a code.
func (s *Service) call(c *web.Ctx, by, code string, other bool) said {
	keyed := func(key string) said {
		if c.Site.Cat.Has(key) {
			return said{key: key}
		}
		return said{name: code}
	}
	switch {
	case other:
		return said{key: "watch.equity.other"}
	case code == "":
		return keyed("watch.equity.unknown_" + by)
	case by == byChannel:
		return keyed("cases.channel." + code)
	case s.Places == nil:
		return said{name: code}
	case by == byLanguage:
		for _, x := range s.Places.Country().Spoken {
			if x.Code == code {
				name, lang := forms.Text(x.Names).In(c.Lang())
				return said{name: name, lang: lang}
			}
		}
		return keyed("watch.equity.spoken_" + code)
	}
	if p, ok := s.Places.Get(code); ok {
		name, lang := p.Name(c.Lang())
		return said{name: name, lang: lang}
	}
	return said{name: code}
}

func (s *Service) callGroup(c *web.Ctx, g group) said { return s.call(c, g.By, g.Code, g.Other) }

// equityColumns are those of the file, one row for each group and measure.
var equityColumns = []string{"days", "by", "group", "name", "measure", "cases", "waiting", "median_seconds", "at_least", "percent_slower", "alert"}

func (s *Service) equityFile(c *web.Ctx) error {
	days := chosenDays(c)
	e, err := s.equity(c.Context(), actor.From(c.Context()), days)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(equityColumns); err != nil {
		return err
	}
	for _, g := range append([]group{e.All}, e.Groups...) {
		name := ""
		if g.By != "" {
			name = s.callGroup(c, g).plain(c)
		}
		for m, d := range g.Of {
			row := []string{strconv.Itoa(days), g.By, g.Code, name, measures[m], strconv.Itoa(g.Cases)}
			if g.Few {
				row[5] = ""
				row = append(row, "", "", "", "", "")
			} else {
				row = append(row, strconv.Itoa(d.Waiting), strconv.FormatInt(int64(d.Median/time.Second), 10), strconv.FormatBool(d.AtLeast), strconv.Itoa(d.Slower), strconv.FormatBool(d.Alert))
			}
			for i := range row {
				row[i] = cell(row[i])
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Download("equity-"+e.Till.Format(time.DateOnly)+".csv", "text/csv; charset=utf-8", b.Bytes())
}

// EquityOut is the report as other programs read it.
type EquityOut struct {
	Days   int              `json:"days"`
	Since  time.Time        `json:"since"`
	Till   time.Time        `json:"till"`
	Cases  int              `json:"cases"`
	Least  int              `json:"least" doc:"a group of fewer cases is counted among the others of its kind"`
	Slower int              `json:"slower" doc:"per cent above the median of all from which on a group raises an alert"`
	Owner  EquityDelayOut   `json:"owner" doc:"of all: from asking until somebody took it on"`
	Help   EquityDelayOut   `json:"help" doc:"of all: from asking until its person said that help had come"`
	Groups []EquityGroupOut `json:"groups"`
}

// EquityGroupOut is one group of requests.
type EquityGroupOut struct {
	By    string          `json:"by" doc:"channel, language, province or commune"`
	Code  string          `json:"code" doc:"empty where it is not known"`
	Other bool            `json:"other" doc:"the groups too small to be told by themselves"`
	Cases int             `json:"cases,omitempty" doc:"left out where there are fewer than least"`
	Owner *EquityDelayOut `json:"owner,omitempty"`
	Help  *EquityDelayOut `json:"help,omitempty"`
}

// EquityDelayOut is how long a group waited: the Kaplan-Meier median.
type EquityDelayOut struct {
	Seconds int64 `json:"median_seconds"`
	AtLeast bool  `json:"at_least" doc:"half of them have not got there: so long, or longer"`
	Waiting int   `json:"waiting" doc:"who has not got there"`
	Slower  int   `json:"percent_slower" doc:"above the median of all; 0 when it is not"`
	Alert   bool  `json:"alert"`
}

func delayOut(d delay) *EquityDelayOut {
	return &EquityDelayOut{int64(d.Median / time.Second), d.AtLeast, d.Waiting, d.Slower, d.Alert}
}

func (s *Service) apiEquity(c *web.Ctx) error {
	days := chosenDays(c)
	e, err := s.equity(c.Context(), actor.From(c.Context()), days)
	if err != nil {
		return err
	}
	out := EquityOut{Days: days, Since: e.Since, Till: e.Till, Cases: e.All.Cases, Least: e.Least, Slower: e.EquityRules.Slower,
		Owner: *delayOut(e.All.Of[0]), Help: *delayOut(e.All.Of[1]), Groups: []EquityGroupOut{}}
	for _, g := range e.Groups {
		x := EquityGroupOut{By: g.By, Code: g.Code, Other: g.Other}
		if !g.Few {
			x.Cases, x.Owner, x.Help = g.Cases, delayOut(g.Of[0]), delayOut(g.Of[1])
		}
		out.Groups = append(out.Groups, x)
	}
	return c.JSON(http.StatusOK, out)
}
