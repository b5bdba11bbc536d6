package spellings

import (
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// spellingsPage lists how people wrote places, and takes such lists from others.
type spellingsPage struct {
	ui.Frame
	Query    string
	Taken    bool // those that were taken back
	Rows     []spellingRow
	Pager    ui.Pager
	Accounts int // how many must confirm
	Done     *Taken
}

type spellingRow struct {
	ID      string
	Shown   string
	Place   template.HTML
	Times   int
	From    []template.HTML
	Last    time.Time
	Heeded  bool
	Homonym bool // confirmed for another place too: never sure
	Theirs  bool // the census gives another place this name: that one comes first
	Back    time.Time
}

// pageRows is how many spellings a page shows.
const pageRows = 50

func (s *Service) show(c *web.Ctx) error { return s.page(c, nil, nil) }

// page shows the list, what came of a file, and what was wrong with one.
func (s *Service) page(c *web.Ctx, done *Taken, wrong error) error {
	q := c.R.URL.Query()
	p := &spellingsPage{Query: strings.TrimSpace(q.Get("q")), Taken: q.Get("taken") != "", Done: done, Accounts: s.places.Country().Learn.Accounts}
	p.Title, p.Kind, p.Nav = c.P.Text("spellings.list.title"), ui.Staff, "spellings"
	status := http.StatusOK
	if wrong != nil {
		errs, ok := c.FieldErrors(wrong)
		if !ok {
			return wrong
		}
		p.Errors, status = errs, http.StatusUnprocessableEntity
	}
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.wanted(t, p, cursorOf(q))
		if err != nil {
			return err
		}
		if len(all) > pageRows {
			all = all[:pageRows]
			last := all[pageRows-1]
			p.Pager.More = c.Href("/spellings?" + url.Values{"q": {p.Query}, "taken": {q.Get("taken")}, "before": {num(last.LastAt.UnixMicro())}, "id": {last.ID.String()}}.Encode())
		}
		p.Pager.Shown, p.Pager.Step = len(all), pageRows
		for _, k := range all {
			row, err := s.row(c, t, k)
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "spellings_list", p)
}

// cursorOf is where the list goes on; anything unreadable is the beginning.
func cursorOf(q url.Values) (out cursor) {
	at, err := strconv.ParseInt(q.Get("before"), 10, 64)
	sid, wrong := id.Parse[Spelling](q.Get("id"))
	if err == nil && wrong == nil {
		out = cursor{time.UnixMicro(at).UTC(), sid}
	}
	return out
}

// wanted are the spellings that hold what is looked for, and those of the place
// that it names.
func (s *Service) wanted(t *deed.Tx, p *spellingsPage, from cursor) ([]Spelling, error) {
	k := key(p.Query)
	if p.Query != "" && k == "" {
		return nil, nil
	}
	all, err := list(t.Tx, k, p.Taken, from, pageRows+1)
	if err != nil || k == "" || !from.at.IsZero() {
		return all, err
	}
	seen := map[ID]bool{}
	for _, x := range all {
		seen[x.ID] = true
	}
	for _, found := range s.places.Search(p.Query, "", 5) {
		if found.Score < placeAt {
			continue
		}
		more, err := ofPlace(t.Tx, found.Place.Code, p.Taken)
		if err != nil {
			return nil, err
		}
		for _, x := range more {
			if !seen[x.ID] && len(all) < pageRows {
				seen[x.ID] = true
				all = append(all, x)
			}
		}
	}
	return all, nil
}

func (s *Service) row(c *web.Ctx, t *deed.Tx, k Spelling) (spellingRow, error) {
	r := spellingRow{ID: k.ID.String(), Shown: k.Shown, Place: s.placeSay(c, k.Place), Times: k.Times, Last: k.LastAt, Back: k.BackAt, Heeded: k.Heeded(s.places.Country().Learn)}
	from, err := s.sources(t.Tx, k.ID)
	for _, f := range from {
		name := f.text
		if word := "role." + f.text; f.org.IsZero() && c.Site.Cat.Has(word) {
			name = c.P.Text(word)
		}
		text := bdi(name)
		if f.file {
			text = c.P.T("spellings.from.file", "name", name)
		}
		r.From = append(r.From, text)
	}
	if err == nil {
		r.Homonym, err = elsewhere(t.Tx, k)
	}
	for _, found := range s.places.Search(k.Shown, "", 10) {
		if found.Place.Code == k.Place {
			continue
		}
		r.Theirs = r.Theirs || found.Reason == places.ByName && found.Score == 1
	}
	return r, err
}

// placeAt is the score from which what is looked for names a place.
const placeAt = 0.9

func (s *Service) placeSay(c *web.Ctx, code string) template.HTML {
	var parts []string
	path := s.places.Path(code)
	for i := len(path) - 1; i >= 0 && i > 0; i-- { // the region says nothing to whoever works there
		name, lang := path[i].Name(c.Lang())
		if lang == "" || lang == c.Lang() {
			parts = append(parts, string(bdi(name)))
		} else {
			parts = append(parts, `<bdi lang="`+template.HTMLEscapeString(lang)+`">`+template.HTMLEscapeString(name)+`</bdi>`)
		}
	}
	if len(parts) == 0 {
		return bdi(code)
	}
	return template.HTML(strings.Join(parts, " · "))
}

func bdi(s string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(s) + "</bdi>")
}

func spellingID(c *web.Ctx) (ID, error) {
	sid, err := id.Parse[Spelling](c.R.PathValue("id"))
	if err != nil {
		return sid, fault.New(fault.Missing, "error.missing")
	}
	return sid, nil
}

func (s *Service) takeBackPost(c *web.Ctx) error {
	sid, err := spellingID(c)
	if err == nil {
		err = s.TakeBack(c.Context(), actor.From(c.Context()), sid)
	}
	if err != nil {
		return err
	}
	c.Flash("spellings.list.taken_back")
	return c.Seek("/spellings?taken=1")
}

func (s *Service) bringBackPost(c *web.Ctx) error {
	sid, err := spellingID(c)
	if err == nil {
		err = s.BringBack(c.Context(), actor.From(c.Context()), sid)
	}
	if err != nil {
		return err
	}
	c.Flash("spellings.list.brought_back")
	return c.Seek("/spellings")
}

func (s *Service) filePost(c *web.Ctx) error {
	body, err := s.File(c.Context(), actor.From(c.Context()))
	if err != nil {
		return err
	}
	return c.Download("twiza-spellings-"+s.h.DB.Now().Format("20060102")+".csv", "text/csv; charset=utf-8", body)
}

func (s *Service) importPost(c *web.Ctx) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	f, _, err := c.R.FormFile("file")
	if err != nil {
		return s.page(c, nil, fault.All{fault.New(fault.Invalid, "spellings.file.choose").On("file")})
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, mostFile+1))
	if err != nil {
		return err
	}
	if len(body) > mostFile {
		return s.page(c, nil, fault.All{fault.New(fault.Invalid, "spellings.file.long", "most", mostRows).On("file")})
	}
	rows, err := ReadFile(body)
	if err != nil {
		return s.page(c, nil, err)
	}
	done, err := s.TakeIn(c.Context(), actor.From(c.Context()), rows)
	if err != nil {
		return err
	}
	return s.page(c, &done, nil)
}
