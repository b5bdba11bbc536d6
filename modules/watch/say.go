package watch

import (
	"encoding/json"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
)

// fact is one thing that a line tells, as a page shows it: in words, or where
// nobody has any, as the code that it is.
type fact struct {
	Code  string        // "stars=5"; "" when there are words
	Words template.HTML // in the reader's language
	Path  string        // the page of what it names, for who may open it; without the language
}

// say puts the facts of a line into the reader's words: first those of the
// module whose deed it was, then what the house knows of people.
func (s *Service) say(c *web.Ctx, t *db.Tx, r deed.Record) (out []fact, err error) {
	all := module.Facts(r.Told)
	if s.Say != nil {
		if say := s.Say(r.Deed); say != nil {
			if err := say(c, t, r, all); err != nil {
				return nil, err
			}
		}
	}
	by := actor.From(c.Context())
	for _, f := range all {
		if f.Silent {
			continue
		}
		if f.Words == "" {
			if err := s.known(c, t, r, &f); err != nil {
				return nil, err
			}
		}
		x := fact{Words: f.Words}
		if x.Words == "" {
			x.Code = f.Name + "=" + short(f.Value)
		} else if f.Href != "" && s.Opens != nil && s.Opens(by, f.Href) {
			x.Path = f.Href
		}
		out = append(out, x)
	}
	return out, nil
}

// the words for the facts of the journal's own lines: the beginning of a key, by
// deed and fact.
var keys = []struct{ deeds, fact, key string }{
	{"watch.journal.verify", "sound", "watch.fact.sound_"},
	{"watch.journal.export", "deed", "deed."},
	{"watch.books.export", "as", "watch.books."},
	{"watch.equity.alert", "by", "watch.equity.by_"},
	{"watch.equity.alert", "measure", "watch.equity.measure_"},
	{"watch.equity.alert", "at_least", "watch.fact.at_least_"},
	{"watch.equity.alert", "other", "watch.fact.other_"},
}

// counted are facts that are numbers, with their key.
var counted = map[string]string{"sealed": "sealed", "unsealed": "unsealed", "lines": "lines", "entries": "entries", "first": "first", "last": "last",
	"percent": "percent", "cases": "cases", "days": "days"}

// known says what the house itself knows: who, where, how many.
func (s *Service) known(c *web.Ctx, t *db.Tx, r deed.Record, f *module.Fact) (err error) {
	for _, k := range keys {
		if f.Name == k.fact && strings.HasPrefix(r.Deed, k.deeds) && c.Site.Cat.Has(k.key+f.Value) {
			f.Words = c.P.T(k.key + f.Value)
			return nil
		}
	}
	if part, ok := counted[f.Name]; ok {
		if n, err := strconv.Atoi(f.Value); err == nil {
			f.Words = c.P.T("watch.fact."+part, "n", n)
		}
		return nil
	}
	if r.Deed == equityAlert.Name {
		return s.alertKnown(c, r, f)
	}
	if r.Deed == ledger.DeedPost.Name {
		switch mid := mission(ledger.Entry{About: f.Value}); {
		case f.Name == "about" && mid != "":
			f.Words, f.Href = c.P.T("watch.books.mission"), "/missions/"+mid
		case f.Name == "sum":
			f.Words = c.P.T("watch.fact.sum", "id", ui.Isolated(short(f.Value)))
		}
		return nil
	}
	switch f.Name {
	case "org", "organisation":
		oid, wrong := id.Parse[actor.Organisation](f.Value)
		if wrong != nil {
			return nil
		}
		name, err := s.people.OrgName(t, oid, c.Lang())
		if err == nil {
			f.Words, f.Href = ui.Isolated(name), "/organisations/"+f.Value
		} else if fault.KindOf(err) != fault.Missing {
			return err
		}
	case "account":
		f.Words, f.Href = c.P.T("watch.fact.account", "id", ui.Isolated(short(f.Value))), "/accounts/"+f.Value
	case "session", "grant", "head":
		f.Words = c.P.T("watch.fact."+f.Name, "id", ui.Isolated(short(f.Value)))
	case "device":
		f.Words = c.P.T("watch.fact.device", "device", ui.Isolated(f.Value))
	case "territory", "place", "area":
		if s.Places == nil {
			return nil
		}
		if p, ok := s.Places.Get(f.Value); ok {
			name, lang := p.Name(c.Lang())
			f.Words = template.HTML(`<bdi lang="` + template.HTMLEscapeString(lang) + `">` + template.HTMLEscapeString(name) + `</bdi>`)
		}
	case "service":
		if key := "service." + f.Value + ".text.name"; c.Site.Cat.Has(key) {
			f.Words = c.P.T(key)
		}
	}
	return nil
}

// alertKnown puts the rest of an alert into words: which group, how long.
func (s *Service) alertKnown(c *web.Ctx, r deed.Record, f *module.Fact) error {
	var told alertTold
	if err := json.Unmarshal(r.Told, &told); err != nil {
		return nil // not ours, or altered: shown as it is
	}
	switch f.Name {
	case "group":
		f.Words = s.call(c, told.By, told.Group, told.Other).html(c)
	case "seconds":
		f.Words = c.P.T("watch.fact.median", "time", c.P.Duration(time.Duration(told.Seconds)*time.Second))
	case "all_seconds":
		f.Words = c.P.T("watch.fact.median_all", "time", c.P.Duration(time.Duration(told.All)*time.Second))
	case "week":
		f.Words = c.P.T("watch.fact.week", "week", ui.Isolated(told.Week))
	}
	return nil
}
