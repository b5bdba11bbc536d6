package room

import (
	"encoding/xml"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
)

// followPage is what happened in one place, for whoever follows it, or where to
// choose one. Every number of it was published by shared/release.
type followPage struct {
	ui.Frame
	Code    string
	Name    template.HTML // "" while none is chosen
	Within  template.HTML // the province it lies in; "" for wider places
	Query   string
	Found   []FollowPlace
	Looked  bool
	Counts  []FollowCount
	Moments []FollowMoment
	AsOf    time.Time // of the last publication; zero before the first
	Floor   int
	Feed    string
}

// FollowPlace is a place that can be followed.
type FollowPlace struct {
	Href   string
	Name   template.HTML
	Within template.HTML
}

// FollowCount is one thing that was counted there, all in all and in seven days;
// zero is none, or fewer than are shown.
type FollowCount struct {
	Key       string // asked, reached, helped
	All, Week int
}

// FollowMoment is what was published within one hour, at the latest at a moment.
type FollowMoment struct {
	At  time.Time
	Key string
	N   int
}

const (
	followSpan  = 60 * 24 * time.Hour
	mostMoments = 60
	mostFound   = 8
)

// followKinds are what is counted of a place that somebody follows.
var followKinds = []string{release.Asked, release.Reached, release.Helped}

// placeSay is a place's name, marked with its language when that is another.
func placeSay(c *web.Ctx, p *places.Place) template.HTML {
	name, lang := p.Name(c.Lang())
	safe := template.HTMLEscapeString(name)
	if lang == c.Lang() || lang == "" {
		return template.HTML("<bdi>" + safe + "</bdi>")
	}
	dir := "ltr"
	if lang == "ar" {
		dir = "rtl"
	}
	return template.HTML(`<bdi lang="` + lang + `" dir="` + dir + `">` + safe + `</bdi>`)
}

func (s *Service) within(c *web.Ctx, p *places.Place) template.HTML {
	if o, ok := s.places.Province(p.Code); ok && o.Code != p.Code {
		return placeSay(c, o)
	}
	return ""
}

// followDoor finds a place to follow: what somebody types is a name of a place and
// nothing else, and is kept nowhere.
func (s *Service) followDoor(c *web.Ctx) error {
	p := &followPage{Query: strings.TrimSpace(c.R.URL.Query().Get("q"))}
	p.Nav, p.Title = "crisis", c.P.Text("room.follow.title")
	if len(p.Query) > 200 {
		p.Query = ""
	}
	seen := map[string]bool{}
	if p.Looked = p.Query != ""; p.Looked {
		for _, x := range s.places.Search(p.Query, "", 3*mostFound) {
			place := x.Place
			if k, ok := s.places.Commune(place.Code); ok {
				place = k
			}
			if !seen[place.Code] && len(p.Found) < mostFound {
				seen[place.Code] = true
				p.Found = append(p.Found, FollowPlace{c.Href("/follow/" + url.PathEscape(place.Code)), placeSay(c, place), s.within(c, place)})
			}
		}
	}
	return c.Render("room_follow", p)
}

// followed is the place of an address: a commune or wider. A douar is followed by
// its commune, because no figure is of a douar.
func (s *Service) followed(c *web.Ctx) (*places.Place, error) {
	p, ok := s.places.Get(c.R.PathValue("place"))
	if !ok {
		return nil, fault.New(fault.Missing, "error.missing")
	}
	if k, ok := s.places.Commune(p.Code); ok {
		p = k
	}
	return p, nil
}

func (s *Service) showFollow(c *web.Ctx) error {
	place, err := s.followed(c)
	if err != nil {
		return err
	}
	if place.Code != c.R.PathValue("place") {
		return c.Seek("/follow/" + url.PathEscape(place.Code))
	}
	p := &followPage{Code: place.Code, Name: placeSay(c, place), Within: s.within(c, place), Floor: s.Press.Floor(), Feed: c.Href("/follow/" + url.PathEscape(place.Code) + "/feed")}
	name, _ := place.Name(c.Lang())
	p.Nav, p.Title = "crisis", c.P.Text("room.follow.of", "place", name)
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) error { return s.published(t, p) }); err != nil {
		return err
	}
	return c.Render("room_follow", p)
}

// published reads what shared/release published of a place, the latest first.
func (s *Service) published(t *db.Tx, p *followPage) (err error) {
	if p.AsOf, err = s.Press.AsOf(t); err != nil {
		return err
	}
	for _, kind := range followKinds {
		all, err := s.Press.Sheet(t, kind, time.Time{}, time.Time{})
		if err != nil {
			return err
		}
		last, err := s.Press.Sheet(t, kind, t.Now().Add(-week), time.Time{})
		if err != nil {
			return err
		}
		p.Counts = append(p.Counts, FollowCount{kind, all.At(p.Code).N, last.At(p.Code).N})
		moments, err := s.Press.Moments(t, kind, p.Code, t.Now().Add(-followSpan), time.Time{})
		if err != nil {
			return err
		}
		p.Moments = append(p.Moments, byHour(kind, moments)...)
	}
	slices.SortStableFunc(p.Moments, func(a, b FollowMoment) int { return b.At.Compare(a.At) })
	p.Moments = p.Moments[:min(len(p.Moments), mostMoments)]
	return nil
}

// byHour adds up what was published of one kind within each hour: a sum of what
// shared/release published is as safe as its parts.
func byHour(kind string, all []release.Moment) (out []FollowMoment) {
	for _, m := range all { // in the order of time
		if n := len(out); n > 0 && out[n-1].At.Truncate(time.Hour).Equal(m.At.Truncate(time.Hour)) {
			out[n-1].At, out[n-1].N = m.At, out[n-1].N+m.N
			continue
		}
		out = append(out, FollowMoment{m.At, kind, m.N})
	}
	return out
}

// feed and entry are Atom (RFC 4287).
type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string   `xml:"xml:lang,attr"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []link   `xml:"link"`
	Entries []entry  `xml:"entry"`
}

type link struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
}

type entry struct {
	ID      string `xml:"id"`
	Title   string `xml:"title"`
	Updated string `xml:"updated"`
	Link    link   `xml:"link"`
	Summary string `xml:"summary"`
}

// showFeed is the same as a feed (RFC 4287): an entry for each publication.
func (s *Service) showFeed(c *web.Ctx) error {
	place, err := s.followed(c)
	if err != nil {
		return err
	}
	p := &followPage{Code: place.Code}
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) error { return s.published(t, p) }); err != nil {
		return err
	}
	body, err := xml.Marshal(s.feedOf(c, place, p))
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = c.W.Write(append([]byte(xml.Header), body...))
	return err
}

func (s *Service) feedOf(c *web.Ctx, place *places.Place, p *followPage) feed {
	name, _ := place.Name(c.Lang())
	page := c.Address() + c.Href("/follow/"+url.PathEscape(place.Code))
	at := p.AsOf
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	f := feed{Lang: c.Lang(), ID: page, Title: c.P.Text("room.follow.of", "place", name), Updated: at.UTC().Format(time.RFC3339), Author: c.P.Text("ui.brand"),
		Links: []link{{"self", page + "/feed", "application/atom+xml"}, {"alternate", page, "text/html"}}}
	for _, m := range p.Moments {
		when := m.At.UTC().Format(time.RFC3339Nano)
		f.Entries = append(f.Entries, entry{ID: page + "#" + m.Key + "-" + m.At.UTC().Truncate(time.Hour).Format(time.RFC3339), Title: c.P.Text("room.follow.said_"+m.Key, "n", m.N, "place", name), Updated: when, Link: link{"alternate", page, "text/html"},
			Summary: c.P.Text("room.follow.said_"+m.Key, "n", m.N, "place", name)})
	}
	return f
}
