package audit

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// roomPage lists samples and draws new ones.
type roomPage struct {
	ui.Frame
	Samples []sampleRow
	ID      string
	Kinds   []ui.Option
	Seed    string
	Wanted  string
}

type sampleRow struct {
	ID, Kind, Seed            string
	Items, Population, Marked int
	At                        time.Time
}

// samplePage is one sample with what was found so far.
type samplePage struct {
	ui.Frame
	Sample sampleRow
	Digest string
	Rows   []itemRow
}

type itemRow struct {
	N       int
	Verdict Verdict // "" is not looked at
}

// itemPage is the path of one thing, and what was found of it.
type itemPage struct {
	ui.Frame
	Sample   string
	Kind     string
	N, Of    int
	Steps    []Step
	Findings []findingRow
	Fresh    string
	Verdicts []ui.Option
	Words    string
}

type findingRow struct {
	Verdict Verdict
	Words   string
	At      time.Time
}

const mostShown = 50

func (s *Service) doors() []module.Door {
	return []module.Door{
		module.Get("/audit", DeedSee, s.showRoom),
		module.Post("/audit", DeedDraw, s.drawForm),
		module.Get("/audit/{id}", DeedSee, s.showSample),
		module.Get("/audit/{id}/list.txt", DeedSee, s.showList),
		module.Post("/audit/{id}/report", DeedSeal, s.sealForm),
		module.Get("/audit/{id}/{n}", DeedPath, s.showItem),
		module.Post("/audit/{id}/{n}", DeedMark, s.markForm),
		module.Get("/corrections", DeedCorrections, s.showCorrections),
		module.Post("/corrections", DeedCorrect, s.correctForm),
		module.Get("/corrections/{id}", DeedCorrections, s.correctionText),
	}
}

func (s *Service) showRoom(c *web.Ctx) error { return s.room(c, url.Values{}, nil) }

func (s *Service) room(c *web.Ctx, v url.Values, wrong error) error {
	p := &roomPage{Frame: frame(c), ID: cmp.Or(v.Get("id"), id.New[Sample](s.h.DB.Now()).String()), Seed: v.Get("seed"), Wanted: cmp.Or(v.Get("wanted"), "20")}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	for _, k := range Kinds {
		p.Kinds = append(p.Kinds, ui.Option{Value: k, Title: c.P.T("audit.kind." + k), Chosen: v.Get("kind") == k})
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedSee, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		all, err := samples(t.Tx, mostShown)
		for _, x := range all {
			r, _, err := s.row(t, x)
			if err != nil {
				return err
			}
			p.Samples = append(p.Samples, r)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "audit_room", p)
}

func (s *Service) row(t *deed.Tx, x Sample) (r sampleRow, last map[int]Verdict, err error) {
	said, err := findingsOf(t.Tx, x.ID)
	last = map[int]Verdict{}
	for _, f := range said {
		last[f.N] = f.Verdict
	}
	return sampleRow{ID: x.ID.String(), Kind: x.Kind, Seed: x.Seed, Items: min(x.Wanted, x.Population), Population: x.Population, Marked: len(last), At: x.DrawnAt}, last, err
}

func (s *Service) drawForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	sid, err := id.Parse[Sample](v.Get("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	wanted, err := strconv.Atoi(strings.TrimSpace(arabic.Digits(v.Get("wanted"))))
	if err != nil {
		wanted = -1 // what is no number is refused with the rest
	}
	if err = s.DrawSample(c.Context(), actor.From(c.Context()), Sample{ID: sid, Kind: v.Get("kind"), Seed: v.Get("seed"), Wanted: wanted}); err != nil {
		return s.room(c, v, err)
	}
	return c.Seek("/audit/" + sid.String())
}

// sampleIn reads the identifier of the address.
func sampleIn(c *web.Ctx) (SampleID, error) {
	sid, err := id.Parse[Sample](c.R.PathValue("id"))
	if err != nil {
		err = fault.New(fault.Missing, "error.missing")
	}
	return sid, err
}

func (s *Service) showSample(c *web.Ctx) error {
	sid, err := sampleIn(c)
	if err != nil {
		return err
	}
	p := &samplePage{Frame: frame(c)}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedSee, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		x, err := sampleByID(t.Tx, sid)
		if err != nil {
			return err
		}
		items, err := itemsOf(t.Tx, sid)
		if err != nil {
			return err
		}
		r, last, err := s.row(t, x)
		p.Sample, p.Digest = r, x.Digest
		for _, i := range items {
			p.Rows = append(p.Rows, itemRow{i.N, last[i.N]})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("audit_sample", p)
}

// showList hands out the list that a sample was drawn from: its digest is the file's.
func (s *Service) showList(c *web.Ctx) error {
	sid, err := sampleIn(c)
	if err != nil {
		return err
	}
	var file []byte
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedSee, func(t *deed.Tx) (err error) {
		if err := allow(t); err != nil {
			return err
		}
		file, err = populationOf(t.Tx, sid)
		return err
	})
	if err != nil {
		return err
	}
	return c.Download("list.txt", "text/plain; charset=utf-8", file)
}

func (s *Service) sealForm(c *web.Ctx) error {
	sid, err := sampleIn(c)
	if err != nil {
		return err
	}
	body, sum, err := s.Seal(c.Context(), actor.From(c.Context()), sid)
	if err != nil {
		return err
	}
	return c.Download("audit-"+sum[:16]+".json", "application/json", body)
}

func (s *Service) showItem(c *web.Ctx) error { return s.item(c, url.Values{}, nil) }

// item shows the path of one thing, and leaves a line first: it ends at families. To
// follow it takes a while, in which nobody who writes should wait.
func (s *Service) item(c *web.Ctx, v url.Values, wrong error) error {
	sid, err := sampleIn(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.R.PathValue("n"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	p := &itemPage{Frame: frame(c), Sample: sid.String(), N: n, Fresh: cmp.Or(v.Get("finding"), id.New[Finding](s.h.DB.Now()).String()), Words: v.Get("words")}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	for _, x := range Verdicts {
		p.Verdicts = append(p.Verdicts, ui.Option{Value: string(x), Title: c.P.T("audit.verdict." + string(x)), Chosen: v.Get("verdict") == string(x)})
	}
	subject, err := s.opened(c, p, sid, n)
	if err != nil {
		return err
	}
	if err := s.followed(c, p, sid, subject); err != nil {
		return err
	}
	return c.RenderStatus(status, "audit_item", p)
}

// opened leaves the line of an item that is read.
func (s *Service) opened(c *web.Ctx, p *itemPage, sid SampleID, n int) (subject string, err error) {
	err = s.h.Do(c.Context(), actor.From(c.Context()), DeedPath, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		x, err := sampleByID(t.Tx, sid)
		if err != nil {
			return err
		}
		i, err := itemAt(t.Tx, sid, n)
		if err != nil {
			return err
		}
		p.Kind, p.Of, subject = x.Kind, min(x.Wanted, x.Population), i.Subject
		return t.Tell(i.Subject, found{N: n, Subject: i.Subject})
	})
	return subject, err
}

// followed fills in the path of an item and what was found of it.
func (s *Service) followed(c *web.Ctx, p *itemPage, sid SampleID, subject string) error {
	return s.h.Look(c.Context(), actor.From(c.Context()), DeedPath, func(t *deed.Tx) (err error) {
		if err := allow(t); err != nil {
			return err
		}
		if p.Steps, err = s.p.Path(c, t.Tx, subject); err != nil {
			return err
		}
		said, err := findingsOf(t.Tx, sid)
		p.Findings = nil
		for _, f := range said {
			if f.N != p.N {
				continue
			}
			row := findingRow{Verdict: f.Verdict, At: f.At}
			if f.Words != nil {
				if row.Words, err = s.vault.OpenText(wordsAt(f.ID), f.Words); err != nil {
					return err
				}
			}
			p.Findings = append(p.Findings, row)
		}
		return err
	})
}

func (s *Service) markForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	sid, err := sampleIn(c)
	if err != nil {
		return err
	}
	n, nerr := strconv.Atoi(c.R.PathValue("n"))
	fid, ferr := id.Parse[Finding](v.Get("finding"))
	if nerr != nil || ferr != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if err := s.Mark(c.Context(), actor.From(c.Context()), Finding{ID: fid, Sample: sid, N: n, Verdict: Verdict(v.Get("verdict"))}, v.Get("words")); err != nil {
		return s.item(c, v, err)
	}
	return c.Seek("/audit/" + sid.String())
}

func frame(c *web.Ctx) ui.Frame {
	return ui.Frame{Title: c.P.Text("audit.room.title"), Kind: ui.Staff, Nav: "audit"}
}
