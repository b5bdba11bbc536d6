package picture

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
)

// numbersPage is what was published of a time and a place, each number with what
// it means.
type numbersPage struct {
	ui.Frame
	Spans     []ui.Option
	Areas     []ui.Option
	Query     template.URL
	Cards     []card
	Chart     template.HTML
	Finding   template.HTML
	Days      []dayRow
	Map       template.HTML
	Needs     []bar
	Channels  []bar
	Languages []bar
	Slow      []slowRow
	SlowName  template.HTML
	Floor     int
	AsOf      time.Time
	Every     time.Duration
}

// card is a figure with its line over time; Def is what opens.
type card struct {
	Key   string // received, contact, help, nobody
	N     int
	Share bool // N is per cent
	None  bool // nothing can be said
	Spark template.HTML
}

type bar struct {
	Name template.HTML
	N    int
	Pct  int // of the largest
}

type dayRow struct {
	Day            string
	Asked, Reached int
	Helped         int
}

type slowRow struct {
	Name                 template.HTML
	Asked, Within, Share int
}

// spans are the periods that a reader chooses from, in days; 0 is all there is.
var spans = []int{30, 7, 90, 0}

func (s *Service) span(c *web.Ctx) int {
	n, err := strconv.Atoi(c.R.URL.Query().Get("days"))
	if err != nil || !slices.Contains(spans, n) {
		return spans[0]
	}
	return n
}

// figures are what the page and its file are made of.
type figures struct {
	sheets map[string]*release.Sheet
	tables map[string]*release.Table // "asked need", "reached wait" …
	days   []string
	by     map[string][]int // by kind, by day
	asOf   time.Time
}

var kinds = []string{release.Asked, release.Reached, release.Helped}

// tables are the ways in which units are told apart: the kind and the dimension.
var tables = [][2]string{{release.Asked, "need"}, {release.Asked, "channel"}, {release.Asked, "spoken"}, {release.Reached, "wait"}, {release.Helped, "wait"}}

func (s *Service) figures(t *db.Tx, zone *time.Location, days int, within string) (f figures, err error) {
	since := time.Time{}
	if days > 0 {
		since = t.Now().AddDate(0, 0, -days)
	}
	f.sheets, f.tables, f.by = map[string]*release.Sheet{}, map[string]*release.Table{}, map[string][]int{}
	count, first := map[string]map[string]int{}, ""
	for _, kind := range kinds {
		if f.sheets[kind], err = s.press.Sheet(t, kind, since, time.Time{}); err != nil {
			return f, err
		}
		all, err := s.press.Moments(t, kind, within, since, time.Time{})
		if err != nil {
			return f, err
		}
		count[kind] = map[string]int{}
		for _, m := range all {
			day := m.At.In(zone).Format(time.DateOnly)
			count[kind][day] += m.N
			if first == "" || day < first {
				first = day
			}
		}
	}
	if first != "" {
		for d, _ := time.ParseInLocation(time.DateOnly, first, zone); !d.After(t.Now()); d = d.AddDate(0, 0, 1) {
			day := d.Format(time.DateOnly)
			f.days = append(f.days, day)
			for _, kind := range kinds {
				f.by[kind] = append(f.by[kind], count[kind][day])
			}
		}
	}
	for _, x := range tables {
		if f.tables[x[0]+" "+x[1]], err = s.press.Table(t, f.sheets[x[0]], x[1]); err != nil {
			return f, err
		}
	}
	f.asOf, err = s.press.AsOf(t)
	return f, err
}

// drawn is by day without today, which is not over: a line that falls to nothing
// each morning says what is not so. The first two days are drawn as they are.
func (f figures) drawn(kind string) []int {
	return f.by[kind][:whole(len(f.by[kind]))]
}

func whole(days int) int {
	if days > 2 {
		return days - 1
	}
	return days
}

// within is how many of a place waited no longer than the bands say, of how many of
// whom it is told.
func (f figures) within(table, place string, bands ...string) (n, of int) {
	for _, c := range f.tables[table].At(place) {
		if c.Code == "" || c.Code == release.Other {
			continue
		}
		if of += c.N; slices.Contains(bands, c.Code) {
			n += c.N
		}
	}
	return n, of
}

func share(n, of int) (pct int, ok bool) {
	if of == 0 {
		return 0, false
	}
	return (200*n + of) / (2 * of), true
}

func (s *Service) showNumbers(c *web.Ctx) error {
	within, days := s.asked(c), s.span(c)
	p := &numbersPage{Floor: s.press.Floor(), Every: s.press.Every(), Areas: s.areas(c, within)}
	p.Nav, p.Title = "crisis", c.P.Text("picture.numbers.title")
	p.Query = template.URL("?days=" + strconv.Itoa(days) + "&area=" + url.QueryEscape(within))
	for _, n := range spans {
		title := c.P.T("picture.numbers.days", "n", n)
		if n == 0 {
			title = c.P.T("picture.numbers.all_time")
		}
		p.Spans = append(p.Spans, ui.Option{Value: strconv.Itoa(n), Title: title, Chosen: n == days})
	}
	var f figures
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		f, err = s.figures(t, c.Site.Zone, days, within)
		return err
	}); err != nil {
		return err
	}
	p.AsOf = f.asOf
	s.cards(p, f, within)
	s.overTime(c, p, f)
	s.byNeed(c, p, f, within)
	s.byRegion(c, p, f, within)
	c.Common("cases.crisis", "cases.emergency", "picture.shelter", "field.road")
	return c.Render("picture_numbers", p)
}

func (s *Service) cards(p *numbersPage, f figures, within string) {
	asked := f.sheets[release.Asked].At(within).N
	contact, known := share(f.within(release.Reached+" wait", within, "h1", "h6"))
	help, knownHelp := share(f.within(release.Helped+" wait", within, "h1", "h6", "h24", "h72"))
	covered, any := share(f.sheets[release.Reached].At(within).N, asked)
	p.Cards = []card{
		{Key: "received", N: asked, None: asked == 0, Spark: spark(f.drawn(release.Asked), "s1")},
		{Key: "contact", N: contact, Share: true, None: !known, Spark: spark(f.drawn(release.Reached), "s2")},
		{Key: "help", N: help, Share: true, None: !knownHelp, Spark: spark(f.drawn(release.Helped), "s1")},
		{Key: "covered", N: min(covered, 100), Share: true, None: !any, Spark: spark(f.drawn(release.Reached), "s3")},
	}
}

// overTime draws the days, under the finding that they say.
func (s *Service) overTime(c *web.Ctx, p *numbersPage, f figures) {
	days := slices.Clone(f.days) // as people read them
	for i, day := range f.days {
		if t, err := time.Parse(time.DateOnly, day); err == nil {
			days[i] = c.P.Plain(i18n.Date(t.Add(12 * time.Hour))) // noon is that day in every zone of ours
		}
		p.Days = append(p.Days, dayRow{days[i], f.by[release.Asked][i], f.by[release.Reached][i], f.by[release.Helped][i]})
	}
	p.Chart = lines(c.P.Text("picture.numbers.per_day"), days[:whole(len(days))], []series{
		{c.P.Text("picture.numbers.received"), "l1", f.drawn(release.Asked)}, {c.P.Text("picture.numbers.helped"), "l2", f.drawn(release.Helped)}})
	most, asked, helped := 0, 0, 0
	for i := range f.days {
		if asked, helped = asked+f.by[release.Asked][i], helped+f.by[release.Helped][i]; f.by[release.Asked][i] > f.by[release.Asked][most] {
			most = i
		}
	}
	switch {
	case asked == 0:
		p.Finding = c.P.T("picture.finding.none")
	case helped >= asked:
		p.Finding = c.P.T("picture.finding.caught_up")
	case len(f.days) > 1 && 2*f.by[release.Asked][most] >= asked:
		p.Finding = c.P.T("picture.finding.one_day", "day", days[most])
	default:
		pct, _ := share(helped, asked)
		p.Finding = c.P.T("picture.finding.behind", "n", pct)
	}
}

func bars(all []release.Cell, say func(string) template.HTML) (out []bar) {
	most := 1
	for _, x := range all {
		most = max(most, x.N)
	}
	for _, x := range all {
		out = append(out, bar{say(x.Code), x.N, x.N * 100 / most})
	}
	return out
}

func (s *Service) byNeed(c *web.Ctx, p *numbersPage, f figures, within string) {
	p.Needs = bars(f.tables[release.Asked+" need"].At(within), s.needName(c))
	p.Channels = bars(f.tables[release.Asked+" channel"].At(within), func(code string) template.HTML {
		if key := "picture.channel." + code; c.Site.Cat.Has(key) {
			return c.P.T(key)
		}
		return s.untold(c, code)
	})
	p.Languages = bars(f.tables[release.Asked+" spoken"].At(within), func(code string) template.HTML {
		for _, l := range s.places.Country().Spoken {
			if l.Code == code {
				text, lang := places.In(l.Names, c.Lang())
				return name(c, &places.Place{Names: map[string]string{lang: text}})
			}
		}
		if code == "unknown" {
			return c.P.T("picture.spoken_unknown")
		}
		return s.untold(c, code)
	})
}

// needName says what is needed, by its code.
func (s *Service) needName(c *web.Ctx) func(code string) template.HTML {
	codes, keys := s.ports.Needs()
	return func(code string) template.HTML {
		if i := slices.Index(codes, code); i >= 0 {
			return c.P.T(keys[i])
		}
		return s.untold(c, code)
	}
}

func (s *Service) untold(c *web.Ctx, code string) template.HTML {
	if code == "" {
		return c.P.T("picture.untold")
	}
	return c.P.T("picture.other")
}

// byRegion compares the places inside the one that was chosen by how many of those
// who asked somebody has taken on.
func (s *Service) byRegion(c *web.Ctx, p *numbersPage, f figures, within string) {
	kind := places.Region
	if o, ok := s.places.Get(within); ok {
		kind = places.Province
		if o.Kind == places.Province {
			kind = places.Commune
		}
	}
	shade := map[string]int{}
	for _, x := range f.sheets[release.Asked].Places(kind, within) {
		came := f.sheets[release.Reached].At(x.Code).N
		pct, _ := share(came, x.N)
		p.Slow = append(p.Slow, slowRow{s.nameOf(c, x.Code), x.N, came, min(pct, 100)})
		class := 1
		for _, at := range []int{50, 70, 90} {
			if pct >= at {
				class++
			}
		}
		if kind == places.Province {
			shade[x.Code] = class
		}
		if kind == places.Region {
			for _, o := range s.places.Children(x.Code) {
				shade[o.Code] = class
			}
		}
	}
	slices.SortStableFunc(p.Slow, func(a, b slowRow) int { return cmp.Compare(a.Share, b.Share) })
	if len(p.Slow) > 0 {
		p.SlowName = p.Slow[0].Name
	}
	p.Slow = p.Slow[:min(len(p.Slow), 12)]
	p.Map = places.Sketch(s.places, within, nil, places.Sheet{Lang: c.Lang(), Title: c.P.Text("picture.numbers.map"), Width: 360, Shade: shade})
}

// numbersCSV is everything that the page is made of, a line for each number.
func (s *Service) numbersCSV(c *web.Ctx) error {
	within, days := s.asked(c), s.span(c)
	rows := [][]string{{"table", "code", "kind", "n"}, {"#indicator+table", "#indicator+code", "#indicator+kind", "#indicator+num"}}
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		f, err := s.figures(t, c.Site.Zone, days, within)
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			rows = append(rows, []string{"all", within, kind, shown(f.sheets[kind].At(within).N)})
			for i, day := range f.days {
				rows = append(rows, []string{"day", day, kind, shown(f.by[kind][i])})
			}
			for _, level := range []string{places.Region, places.Province} {
				for _, x := range f.sheets[kind].Places(level, within) {
					rows = append(rows, []string{level, x.Code, kind, shown(x.N)})
				}
			}
		}
		for _, x := range tables {
			for _, k := range f.tables[x[0]+" "+x[1]].At(within) {
				rows = append(rows, []string{x[1], cmp.Or(k.Code, "untold"), x[0], shown(k.N)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sheet(c, "numbers.csv", rows)
}
