package cases

import (
	"encoding/hex"
	"html/template"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// newsPage is for somebody far away who asks after a family or a place.
type newsPage struct {
	ui.Frame
	Who      string // phone or receipt, as typed
	Search   string
	Found    []ui.Option
	NotFound bool
	Place    template.HTML   // the commune that is told of
	Known    []template.HTML // what may be told of it
	Family   *FamilyNews
	Zone     Zone
}

// FamilyNews is how the request of a family stands, for whom the family told its word.
type FamilyNews struct {
	State   template.HTML
	Icon    string
	Since   time.Time
	Commune template.HTML
	Late    bool
	Due     time.Time
}

// Zone is in which time a page tells: that of the house. A small script adds the
// reader's own where the browser tells it.
type Zone struct {
	Offset string // "+01:00"
	Show   bool   // the reader is known to be elsewhere
}

func zone(c *web.Ctx, at time.Time, abroad bool) Zone {
	return Zone{Offset: at.In(c.Site.Zone).Format("-07:00"), Show: abroad}
}

func (o *Office) newsDoor(c *web.Ctx) error {
	v := c.R.URL.Query()
	p := &newsPage{Search: v.Get("q")}
	if p.Search != "" {
		for _, x := range o.places.Search(p.Search, "", 6) {
			p.Found = append(p.Found, ui.Option{Value: c.Href("/news?place=" + x.Place.Code), Title: o.placeSay(c, x.Place.Code)})
		}
		p.NotFound = len(p.Found) == 0
	}
	if err := o.newsOfPlace(c, p, v.Get("place")); err != nil {
		return err
	}
	c.Common("cases.crisis", "cases.emergency")
	return o.showNews(c, p, nil)
}

// newsOfPlace tells what everybody may know of a place: what was published of
// its commune.
func (o *Office) newsOfPlace(c *web.Ctx, p *newsPage, code string) error {
	if _, ok := o.places.Get(code); !ok {
		return nil
	}
	commune, ok := o.places.Commune(code)
	if !ok {
		p.Place, p.Known = o.placeSay(c, code), []template.HTML{c.P.T("cases.news.choose_commune")}
		return nil
	}
	var n Tally
	var cover map[string]places.Cover
	err := o.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		if cover, err = o.covers(t); err == nil {
			n, err = o.public(t, commune.Code)
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Place = o.placeSay(c, commune.Code)
	p.Known = append(p.Known, c.P.T("cases.news.known"))
	if lacks := cover[commune.Code]; lacks != "" { // whoever calls in vain should know why
		p.Known = append(p.Known, c.P.T("cases.news.network_"+string(lacks)))
	}
	if n.Come > 0 {
		p.Known = append(p.Known, c.P.T("cases.news.come", "n", n.Come))
	}
	if n.Planned > 0 {
		p.Known = append(p.Known, c.P.T("cases.news.planned", "n", n.Planned))
	}
	if n.Asked > 0 {
		p.Known = append(p.Known, c.P.T("cases.news.asked", "n", n.Asked))
	} else {
		p.Known = append(p.Known, c.P.T("cases.news.few"))
	}
	return nil
}

func (o *Office) showNews(c *web.Ctx, p *newsPage, wrong error) error {
	p.Nav, p.Title, p.Zone = "track", c.P.Text("cases.news.title"), zone(c, o.h.DB.Now(), p.Family != nil)
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_news", p)
}

// askNews answers whoever names a family and the word that it gave them. It
// changes nothing and has no address, so that nobody sends one on.
func (o *Office) askNews(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	p := &newsPage{Who: v.Get("who")}
	var wrong fault.All
	var tel phone.Number
	n, nerr := receipt.Parse(p.Who)
	if nerr != nil {
		text, err := parsePhone(p.Who, o.places.Country().Phone.Prefix)
		if err != nil {
			wrong = append(wrong, fault.New(fault.Invalid, "cases.news.who_wrong").On("who"))
		}
		tel = phone.Number(text)
	}
	if v.Get("word") == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.news.word_missing").On("word"))
	}
	if len(wrong) > 0 {
		return o.showNews(c, p, wrong)
	}
	if nerr == nil {
		err = limitTrack(c, n)
	} else {
		err = o.limitNews(c, tel)
	}
	if err != nil {
		return o.showNews(c, p, err)
	}
	own, err := o.NewsFor(c.Context(), n, tel, v.Get("word"))
	if err == nil {
		p.Family, err = o.familyNews(c, own)
	}
	return o.showNews(c, p, err)
}

// limitNews counts a try at a family's phone, as limitTrack does at a receipt.
func (o *Office) limitNews(c *web.Ctx, tel phone.Number) error {
	return o.LimitNews(c.Site.Limit, c.From(), tel)
}

// LimitNews counts a try from anywhere: an address, or a conversation.
func (o *Office) LimitNews(l *web.Limiter, from string, tel phone.Number) error {
	which := hex.EncodeToString(o.vault.Index("news", string(tel)))
	err := l.Take("track:"+from, 60, 15*time.Minute)
	if err == nil {
		err = l.Take("news:"+which, 6, 15*time.Minute)
	}
	if err == nil {
		err = l.Take("news a day:"+which, 24, 24*time.Hour)
	}
	return err
}

func (o *Office) familyNews(c *web.Ctx, own *Case) (f *FamilyNews, err error) {
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := root(t, own)
		if err != nil {
			return err
		}
		def, err := o.def(t, k)
		if err != nil {
			return err
		}
		s, _ := def.State(k.State)
		f = &FamilyNews{State: c.P.T(key(def, "state."+k.State)), Icon: s.Icon, Since: k.ChangedAt, Due: k.DueAt, Late: k.Phase == service.Open && k.DueAt.Before(t.Now())}
		if p, ok := o.places.Commune(k.Place); ok {
			f.Commune = o.placeSay(c, p.Code)
		}
		return nil
	})
	return f, err
}

// shareTrack is the family saying on its tracker who may have news.
func (o *Office) shareTrack(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := o.mine(c)
	if err == nil {
		err = limitHolder(c, "share", cid)
	}
	if err != nil {
		return err
	}
	if v.Get("stop") != "" {
		if err := o.Unshare(c.Context(), person(), DeedShare, cid); err != nil {
			return err
		}
		c.Flash("cases.share.stopped")
		return c.Seek("/track/open")
	}
	if err := o.Share(c.Context(), person(), DeedShare, cid, v.Get("share_word"), c.Lang()); err != nil {
		return o.trackCase(c, cid, err)
	}
	c.Flash("cases.share.started")
	return c.Seek("/track/open")
}
