package watch

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// pageLines is how many lines a page shows.
const pageLines = 50

// journalPage is the journal, the newest line first.
type journalPage struct {
	ui.Frame
	Rows      []lineRow
	Word      string
	Words     []ui.Option
	Before    int64
	Pager     ui.Pager
	MayExport bool
	MostLines int
}

// pathPage is everything that was done to one thing, from its beginning, to
// read or to print.
type pathPage struct {
	ui.Frame
	Kind template.HTML
	ID   string
	Rows []lineRow
}

// integrityPage is the proof that no line was altered.
type integrityPage struct {
	ui.Frame
	Chain  chain
	Groups []string
	Last   *verified
	LastAt time.Time
	Sound  Sound
}

// lineRow is a line in the reader's words.
type lineRow struct {
	Seq     int64
	At      time.Time
	Label   template.HTML
	Word    string
	Kind    template.HTML // what it was done to: "Request", or "cases.case" where there is no word
	Short   string
	Path    string // where its whole path is, without the language
	Who     string // short identifier of the account; "" is a passer-by
	Role    template.HTML
	Org     string
	Channel string
	Facts   []fact
}

func (s *Service) row(c *web.Ctx, t *db.Tx, r deed.Record, orgs map[actor.OrganisationID]string) (lineRow, error) {
	kind, rest, _ := strings.Cut(r.Subject, "/")
	facts, err := s.say(c, t, r)
	return lineRow{Seq: r.Seq, At: r.At, Label: label(c, r.Deed), Word: r.Deed, Kind: subject(c, kind), Short: short(rest),
		Path: "/journal/path/" + url.PathEscape(kind) + "/" + url.PathEscape(rest), Who: short(r.Account.String()), Role: role(c, r.Role),
		Org: orgs[r.Org], Channel: r.Channel, Facts: facts}, err
}

// label is a deed in words; one that has none (any more) is shown as it is.
func label(c *web.Ctx, word string) template.HTML {
	if key := "deed." + word; c.Site.Cat.Has(key) {
		return c.P.T(key)
	}
	return template.HTML(template.HTMLEscapeString(word))
}

// subject is what kind of thing something was done to.
func subject(c *web.Ctx, kind string) template.HTML {
	if key := "watch.subject." + kind; c.Site.Cat.Has(key) {
		return c.P.T(key)
	}
	return ui.Isolated(kind)
}

// role is in what quality somebody acted. A person who needed no role, and the
// house itself, have words of their own.
func role(c *web.Ctx, role string) template.HTML {
	if chore, is := strings.CutPrefix(role, "system:"); is {
		if key := "role.system_" + chore; c.Site.Cat.Has(key) {
			return c.P.T(key)
		}
		return c.P.T("watch.role.system", "chore", chore)
	}
	for _, key := range []string{"role." + role, "watch.role." + role} {
		if c.Site.Cat.Has(key) {
			return c.P.T(key)
		}
	}
	return template.HTML(template.HTMLEscapeString(role))
}

func (s *Service) rows(c *web.Ctx, t *db.Tx, lines []deed.Record) ([]lineRow, error) {
	orgs, err := s.orgNames(t, lines, c.Lang())
	if err != nil {
		return nil, err
	}
	var all []lineRow
	for _, r := range lines {
		row, err := s.row(c, t, r, orgs)
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

func frame(c *web.Ctx, title, kind string) ui.Frame {
	return ui.Frame{Title: c.P.Text(title), Kind: kind, Nav: "journal"}
}

// whole tells whether the reader sees restricted lines too.
func whole(by actor.Actor) bool { return by.Holds(actor.Auditor) }

func (s *Service) showJournal(c *web.Ctx) error {
	by, q := actor.From(c.Context()), c.R.URL.Query()
	p := &journalPage{Frame: frame(c, "watch.journal.title", ui.Staff), MayExport: deed.May(by, journalExport) == nil, MostLines: mostLines}
	p.Word, p.Words = s.words(c, q.Get("deed"))
	p.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // anything else is the beginning
	err := s.h.Look(c.Context(), by, journalRead, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		lines, next, err := s.lines(t.Tx, max(p.Before, 0), p.Word, pageLines, whole(by))
		if err != nil {
			return err
		}
		if next != 0 {
			p.Pager.More = c.Href("/journal?" + url.Values{"deed": {p.Word}, "before": {fmt.Sprint(next)}}.Encode())
		}
		p.Pager.Shown, p.Pager.Step = len(lines), pageLines
		p.Rows, err = s.rows(c, t.Tx, lines)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("watch_journal", p)
}

// words are the deeds to choose from; one that is none of them chooses nothing.
func (s *Service) words(c *web.Ctx, asked string) (chosen string, all []ui.Option) {
	if s.Words == nil {
		return "", nil
	}
	for _, w := range slices.Sorted(slices.Values(s.Words())) {
		if w == asked {
			chosen = w
		}
		all = append(all, ui.Option{Value: w, Title: label(c, w), Chosen: w == asked})
	}
	return chosen, all
}

func (s *Service) file(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	word, _ := s.words(c, f.Get("deed"))
	before, _ := strconv.ParseInt(f.Get("before"), 10, 64)
	body, err := s.File(c.Context(), actor.From(c.Context()), max(before, 0), word)
	if err != nil {
		return err
	}
	return c.Download("twiza-journal-"+s.h.DB.Now().Format("20060102-150405")+".csv", "text/csv; charset=utf-8", body)
}

func (s *Service) showPath(c *web.Ctx) error {
	by := actor.From(c.Context())
	kind := c.R.PathValue("kind")
	p := &pathPage{Frame: frame(c, "watch.path.title", ui.Print), Kind: subject(c, kind), ID: c.R.PathValue("id")}
	about := kind + "/" + p.ID
	err := s.h.Look(c.Context(), by, journalRead, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		lines, err := deed.Trail(t.Tx, about)
		if err != nil {
			return err
		}
		if len(lines) == 0 || s.restricted(about) && !whole(by) {
			return fault.New(fault.Missing, "error.missing")
		}
		p.Rows, err = s.rows(c, t.Tx, lines)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("watch_path", p)
}

func (s *Service) showIntegrity(c *web.Ctx) error {
	p := &integrityPage{Frame: frame(c, "watch.integrity.title", ui.Staff)}
	err := s.h.Look(c.Context(), actor.From(c.Context()), journalRead, func(t *deed.Tx) (err error) {
		if err := allow(t); err != nil {
			return err
		}
		if p.Chain, err = sealing(t.Tx); err != nil {
			return err
		}
		last, err := deed.Lines(t.Tx, 0, journalVerify.Name, 1)
		if err != nil || len(last) == 0 {
			return err
		}
		p.Last, p.LastAt = new(verified), last[0].At
		return json.Unmarshal(last[0].Told, p.Last)
	})
	if err != nil {
		return err
	}
	p.Groups = groups(p.Chain.Head)
	if p.Sound, err = s.sound(c); err != nil {
		return err
	}
	return c.Render("watch_integrity", p)
}

// sound is what the house last found of itself.
func (s *Service) sound(c *web.Ctx) (Sound, error) {
	if s.Sound == nil {
		return Sound{}, nil
	}
	return s.Sound(c.Context())
}

// A verification reads the whole journal: nobody needs many.
const (
	verifyTimes  = 6
	verifyWithin = 10 * time.Minute
)

func (s *Service) verifyPost(c *web.Ctx) error {
	by := actor.From(c.Context())
	if err := c.Site.Limit.Take("verify "+by.Account.String(), verifyTimes, verifyWithin); err != nil {
		return err
	}
	v, err := s.Verify(c.Context(), by)
	if err != nil {
		return err
	}
	if v.Broken == "" {
		c.Flash("watch.integrity.done_sound")
	}
	return c.Seek("/journal/integrity")
}
