package room

import (
	"html/template"
	"net/http"
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

// notesPage lists the last notes of the desks at which its reader works, and
// leaves a new one.
type notesPage struct {
	ui.Frame
	Notes []NoteLine
	Desks []ui.Option
	Hours []ui.Option
	Words string
	Days  int // for which notes are kept
}

// NoteLine is one note in a list: nothing of its words.
type NoteLine struct {
	Href     string
	Desk     template.HTML
	Who      template.HTML
	At       time.Time
	Mine     bool
	SignedBy template.HTML
	SignedAt time.Time
	Overdue  int
	Taken    int
	Blocked  int
}

// notePage is one note: how the work stood, and its words once they are opened.
type notePage struct {
	ui.Frame
	ID      string
	Note    NoteLine
	Since   time.Time
	Opened  bool
	Words   string
	CanSign bool
	F       Shift
	Overdue []Line
	Taken   []Line
	Waits   []WaitLine
	Blocked []BlockedLine
}

// OverdueMore and TakenMore are how many stand in the list and not on the note.
func (p *notePage) OverdueMore() int { return max(0, p.F.OverdueN-len(p.Overdue)) }
func (p *notePage) TakenMore() int   { return max(0, p.F.TakenN-len(p.Taken)) }

// WaitLine is an organisation and how many requests are in its hands.
type WaitLine struct {
	Name template.HTML
	N    int
}

// BlockedLine is a part of a request that cannot go on, and why.
type BlockedLine struct {
	Case   *Line // nil when the reader may not see it
	Sector template.HTML
	Reason template.HTML
	Since  time.Time
}

func (s *Service) deskSay(c *web.Ctx, t *db.Tx, d Desk) (template.HTML, error) {
	area := c.P.T("room.note.whole_country")
	if p, ok := s.places.Get(d.Area); ok {
		name, _ := p.Name(c.Lang())
		area = ui.Isolated(name)
	}
	if d.Org.IsZero() {
		return area, nil
	}
	name, err := s.Orgs.Name(t, d.Org, c.Lang())
	return area + " · " + ui.Isolated(name), err
}

func (s *Service) showNotes(c *web.Ctx) error { return s.notesAgain(c, url.Values{}, nil) }

func (s *Service) notesAgain(c *web.Ctx, posted url.Values, wrong error) error {
	by, status := actor.From(c.Context()), http.StatusOK
	p := &notesPage{Words: posted.Get("words"), Days: int(time.Duration(s.Rules.Notes.Forget) / (24 * time.Hour))}
	staff(c, &p.Frame, "handover", "room.notes.title")
	if wrong != nil {
		errs, fields := c.FieldErrors(wrong)
		if !fields {
			return wrong
		}
		p.Errors, status = errs, http.StatusUnprocessableEntity
	}
	for i, h := range Shifts {
		p.Hours = append(p.Hours, ui.Option{Value: strconv.Itoa(h), Title: c.P.T("room.note.last_hours", "n", h), Chosen: posted.Get("hours") == strconv.Itoa(h) || i == 0 && posted.Get("hours") == ""})
	}
	err := s.h.Look(c.Context(), by, DeedNoteList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		for _, d := range desksOf(by) {
			say, err := s.deskSay(c, t.Tx, d)
			if err != nil {
				return err
			}
			p.Desks = append(p.Desks, ui.Option{Value: d.Slot(), Title: plainOption(say), Chosen: len(p.Desks) == 0 || posted.Get("desk") == d.Slot()})
			all, err := notesOf(t.Tx, d, mostNotes)
			if err != nil {
				return err
			}
			for _, n := range all {
				l, err := s.noteLine(c, t.Tx, by, n)
				if err != nil {
					return err
				}
				p.Notes = append(p.Notes, l)
			}
		}
		slices.SortStableFunc(p.Notes, func(a, b NoteLine) int { return b.At.Compare(a.At) })
		p.Notes = p.Notes[:min(len(p.Notes), mostNotes)]
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "room_notes", p)
}

// plainOption is a name as an option holds it, which is text alone.
func plainOption(say template.HTML) template.HTML {
	return template.HTML(strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(string(say)))
}

func (s *Service) noteLine(c *web.Ctx, t *db.Tx, by actor.Actor, n *Note) (l NoteLine, err error) {
	l = NoteLine{Href: c.Href("/handover/" + n.ID.String()), At: n.MadeAt, Mine: n.Account == by.Account, SignedAt: n.SignedAt,
		Overdue: n.Facts.OverdueN, Taken: n.Facts.TakenN, Blocked: n.Facts.BlockedN}
	if l.Desk, err = s.deskSay(c, t, n.Desk); err != nil {
		return l, err
	}
	name, err := s.Orgs.Who(t, n.Account)
	if err != nil {
		return l, err
	}
	l.Who = ui.Isolated(name)
	if !n.SignedAt.IsZero() {
		if name, err = s.Orgs.Who(t, n.SignedBy); err == nil {
			l.SignedBy = ui.Isolated(name)
		}
	}
	return l, err
}

func (s *Service) writeForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	hours, _ := strconv.Atoi(v.Get("hours")) // no number is no choice
	nid, err := s.WriteNote(c.Context(), actor.From(c.Context()), v.Get("desk"), v.Get("words"), hours)
	if err != nil {
		return s.notesAgain(c, v, err)
	}
	c.Flash("room.note.written")
	return c.Seek("/handover/" + nid.String())
}

func (s *Service) showNote(c *web.Ctx) error {
	nid, err := named[noteKind](c)
	if err != nil {
		return err
	}
	return s.renderNote(c, nid, &notePage{})
}

// renderNote shows how the work stood; what is in p already are its opened words.
func (s *Service) renderNote(c *web.Ctx, nid NoteID, p *notePage) error {
	by := actor.From(c.Context())
	staff(c, &p.Frame, "handover", "room.note.title")
	p.ID = nid.String()
	err := s.h.Look(c.Context(), by, DeedNoteList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n, err := getNote(t.Tx, nid)
		if err != nil {
			return err
		}
		if !slices.Contains(desksOf(by), n.Desk) {
			return fault.New(fault.Missing, "error.missing")
		}
		if p.Note, err = s.noteLine(c, t.Tx, by, n); err != nil {
			return err
		}
		read, err := hasRead(t.Tx, nid, by.Account)
		p.Since, p.CanSign, p.F = n.Since, read && n.SignedAt.IsZero() && n.Account != by.Account, n.Facts
		if err != nil {
			return err
		}
		return s.stood(c, t, n, p)
	})
	if err != nil {
		return err
	}
	return c.Render("room_note", p)
}

// stood puts the identifiers of a note into its reader's words.
func (s *Service) stood(c *web.Ctx, t *deed.Tx, n *Note, p *notePage) (err error) {
	if p.Overdue, err = s.Cases.LinesOf(c, t, n.Facts.Overdue); err != nil {
		return err
	}
	if p.Taken, err = s.Cases.LinesOf(c, t, n.Facts.Taken); err != nil {
		return err
	}
	for _, w := range n.Facts.Waits {
		name, err := s.Orgs.Name(t.Tx, w.Org, c.Lang())
		if err != nil {
			return err
		}
		p.Waits = append(p.Waits, WaitLine{ui.Isolated(name), w.N})
	}
	for _, b := range n.Facts.Blocked {
		l := BlockedLine{Sector: c.P.T("cases.sector." + b.Sector), Reason: c.P.T("cases.task.why_" + b.Reason), Since: b.Since}
		seen, err := s.Cases.LinesOf(c, t, []string{b.Case})
		if err != nil {
			return err
		}
		if len(seen) > 0 {
			l.Case = &seen[0]
		}
		p.Blocked = append(p.Blocked, l)
	}
	return nil
}

func (s *Service) readForm(c *web.Ctx) error {
	nid, err := named[noteKind](c)
	if err != nil {
		return err
	}
	if _, err := c.Form(); err != nil {
		return err
	}
	_, words, err := s.ReadNote(c.Context(), actor.From(c.Context()), nid)
	if err != nil {
		return err
	}
	return s.renderNote(c, nid, &notePage{Opened: true, Words: words})
}

func (s *Service) signForm(c *web.Ctx) error {
	nid, err := named[noteKind](c)
	if err != nil {
		return err
	}
	if _, err := c.Form(); err != nil {
		return err
	}
	said := "room.note.signed_now"
	err = s.SignNote(c.Context(), actor.From(c.Context()), nid)
	if f := asFault(err); f != nil && f.Kind == fault.Conflict && len(f.Args) == 0 {
		said, err = f.Key, nil
	}
	if err != nil {
		return err
	}
	c.Flash(said)
	return c.Seek("/handover/" + nid.String())
}
