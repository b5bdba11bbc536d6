package watch

import (
	"bytes"
	"encoding/csv"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// kpiPage is what help took, asked and cost, service by service.
type kpiPage struct {
	ui.Frame
	Days     int
	Tabs     []spanTab
	Since    time.Time
	Till     time.Time // when it was counted
	Least    int
	Services []kpiService
	Parts    int64 // of all messages
	Minor    int64
	Other    int64 // what those cost that are about no need
	Currency string
	File     string
}

// Definitions are the keys of what the page defines, in the order in which they
// are opened.
func (kpiPage) Definitions() []string { return []string{"time", "steps", "cost", "small", "left_out"} }

// kpiService is one service by its three measures.
type kpiService struct {
	Name    template.HTML
	Few     bool
	FewHelp bool
	Needs   int
	Helped  int
	Half    delayCell
	Nine    delayCell
	Median  int
	Most    int
	Asks    int
	Rows    []kpiCount
	Parts   int64
	Minor   int64
	Each    int64
}

// kpiCount is how often one kind of contact was asked of people; Few is so
// seldom that the number is not told.
type kpiCount struct {
	Key string // calls, answers, again, trips
	N   int
	Few bool
}

func (s *Service) showKPI(c *web.Ctx) error {
	days := chosenDays(c)
	k, err := s.kpi(c.Context(), actor.From(c.Context()), days)
	if err != nil {
		return err
	}
	p := &kpiPage{Frame: frame(c, "watch.kpi.title", ui.Staff), Days: days, Since: k.Since, Till: k.Till, Least: k.Least, Parts: k.Parts, Minor: k.Minor, Other: k.Minor,
		Currency: s.currency(), File: c.Href("/kpi/file?days=" + strconv.Itoa(days))}
	p.Nav = "kpi"
	for _, d := range slices.Sorted(slices.Values(equityDays)) {
		p.Tabs = append(p.Tabs, spanTab{d, c.Href("/kpi?days=" + strconv.Itoa(d)), d == days})
	}
	for _, x := range k.Programmes {
		p.Other -= x.Minor
		p.Services = append(p.Services, kpiService{Name: callService(c, x.Service).html(c), Few: x.Few, FewHelp: x.FewHelp, Needs: x.Needs, Helped: x.Helped,
			Half: cellOf(x.Half), Nine: cellOf(x.Nine), Median: x.Median, Most: x.Most, Asks: x.Steps.Asks, Rows: x.contacts(k.Least), Parts: x.Parts, Minor: x.Minor, Each: x.Each})
	}
	p.Other = max(0, p.Other)
	return c.Render("watch_kpi", p)
}

// contacts are the kinds of contact besides asking, with small numbers hidden.
func (p programme) contacts(least int) (all []kpiCount) {
	for _, x := range []struct {
		key string
		n   int
	}{{"calls", p.Steps.Calls}, {"answers", p.Steps.Answers}, {"again", p.Steps.Again}, {"trips", p.Steps.Trips}} {
		k := kpiCount{Key: x.key, N: x.n}
		if k.Few = x.n > 0 && x.n < least; k.Few {
			k.N = 0
		}
		all = append(all, k)
	}
	return all
}

func (s *Service) currency() string {
	if s.Places == nil {
		return ""
	}
	return s.Places.Country().Currency
}

// callService is what people call a service; one that the pack no longer has is
// its code.
func callService(c *web.Ctx, code string) said {
	if key := "service." + code + ".text.name"; c.Site.Cat.Has(key) {
		return said{key: key}
	}
	return said{name: code}
}

// kpiColumns are those of the file, one row for each service.
var kpiColumns = []string{"days", "service", "name", "needs", "helped", "half_seconds", "half_at_least", "nine_in_ten_seconds", "nine_in_ten_at_least",
	"contacts_half", "contacts_nine_in_ten", "asks", "calls", "answers", "again", "trips", "message_parts", "message_minor_units", "minor_units_each", "currency"}

func (s *Service) kpiFile(c *web.Ctx) error {
	days := chosenDays(c)
	k, err := s.kpi(c.Context(), actor.From(c.Context()), days)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(kpiColumns); err != nil {
		return err
	}
	for _, x := range k.Programmes {
		row := append([]string{strconv.Itoa(days), x.Service, callService(c, x.Service).plain(c)}, x.cells(k.Least, s.currency())...)
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Download("kpi-"+k.Till.Format(time.DateOnly)+".csv", "text/csv; charset=utf-8", b.Bytes())
}

// cells are the figures of a row of the file; what is not told is empty.
func (p programme) cells(least int, currency string) []string {
	out := make([]string, len(kpiColumns)-3)
	if p.Few {
		return out
	}
	seconds := func(d delay) string { return strconv.FormatInt(int64(d.Median/time.Second), 10) }
	out[0] = strconv.Itoa(p.Needs)
	if !p.FewHelp {
		out[1], out[15] = strconv.Itoa(p.Helped), strconv.FormatInt(p.Each, 10)
	}
	out[2], out[3], out[4], out[5] = seconds(p.Half), strconv.FormatBool(p.Half.AtLeast), seconds(p.Nine), strconv.FormatBool(p.Nine.AtLeast)
	out[6], out[7], out[8] = strconv.Itoa(p.Median), strconv.Itoa(p.Most), strconv.Itoa(p.Steps.Asks)
	for i, x := range p.contacts(least) {
		if !x.Few {
			out[9+i] = strconv.Itoa(x.N)
		}
	}
	out[13], out[14], out[16] = strconv.FormatInt(p.Parts, 10), strconv.FormatInt(p.Minor, 10), currency
	return out
}

// KPIOut is the report as other programs read it.
type KPIOut struct {
	Days     int             `json:"days"`
	Since    time.Time       `json:"since"`
	Till     time.Time       `json:"till"`
	Least    int             `json:"least" doc:"no figure is told of fewer needs than this"`
	Currency string          `json:"currency"`
	Parts    int64           `json:"message_parts" doc:"of all messages, also those about no need"`
	Minor    int64           `json:"message_minor_units"`
	Services []KPIServiceOut `json:"services"`
}

// KPIServiceOut is one service. A figure that is left out is not told, because
// there are too few behind it.
type KPIServiceOut struct {
	Service  string          `json:"service"`
	Needs    int             `json:"needs,omitempty"`
	Helped   int             `json:"helped,omitempty" doc:"needs of which a person said that help had come"`
	Half     *EquityDelayOut `json:"half,omitempty" doc:"from asking until help had come: half of them"`
	Nine     *EquityDelayOut `json:"nine_in_ten,omitempty" doc:"the same, nine in ten"`
	Contacts *KPIContactsOut `json:"contacts,omitempty"`
	Parts    int64           `json:"message_parts,omitempty"`
	Minor    int64           `json:"message_minor_units,omitempty"`
	Each     *int64          `json:"minor_units_each,omitempty" doc:"for each who was helped"`
}

// KPIContactsOut are the contacts that were asked of people.
type KPIContactsOut struct {
	Half    int  `json:"half" doc:"half of the needs took at most so many"`
	Nine    int  `json:"nine_in_ten"`
	Asks    int  `json:"asks"`
	Calls   *int `json:"calls,omitempty"`
	Answers *int `json:"answers,omitempty"`
	Again   *int `json:"again,omitempty"`
	Trips   *int `json:"trips,omitempty"`
}

func (s *Service) apiKPI(c *web.Ctx) error {
	days := chosenDays(c)
	k, err := s.kpi(c.Context(), actor.From(c.Context()), days)
	if err != nil {
		return err
	}
	out := KPIOut{Days: days, Since: k.Since, Till: k.Till, Least: k.Least, Currency: s.currency(), Parts: k.Parts, Minor: k.Minor, Services: []KPIServiceOut{}}
	for _, p := range k.Programmes {
		x := KPIServiceOut{Service: p.Service}
		if !p.Few {
			x.Needs, x.Helped, x.Half, x.Nine, x.Parts, x.Minor = p.Needs, p.Helped, delayOut(p.Half), delayOut(p.Nine), p.Parts, p.Minor
			x.Contacts = &KPIContactsOut{Half: p.Median, Nine: p.Most, Asks: p.Steps.Asks}
			into := []**int{&x.Contacts.Calls, &x.Contacts.Answers, &x.Contacts.Again, &x.Contacts.Trips}
			for i, n := range p.contacts(k.Least) {
				if !n.Few {
					*into[i] = &n.N
				}
			}
			if !p.FewHelp {
				x.Each = &p.Each
			}
		}
		out.Services = append(out.Services, x)
	}
	return c.JSON(http.StatusOK, out)
}
