package giving

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/iban"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// statementForm takes in a file of the bank.
func (s *Service) statementForm(c *web.Ctx) error {
	if _, err := c.Form(); err != nil { // first: nothing of it goes to a temporary file
		return err
	}
	raw, err := fileOf(c, "file")
	if err != nil {
		return err
	}
	var out Taken
	if raw == nil {
		err = fault.All{fault.New(fault.Invalid, "giving.statement.choose").On("file")}
	} else {
		out, err = s.Import(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), raw)
	}
	if err != nil {
		return s.desk(c, &deskPage{}, url.Values{}, err)
	}
	return s.desk(c, &deskPage{Taken: &out}, url.Values{}, nil)
}

// fileOf is a file of the form; nil where none was chosen.
func fileOf(c *web.Ctx, field string) ([]byte, error) {
	f, _, err := c.R.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the file %s: %w", field, err)
	}
	defer f.Close()
	return io.ReadAll(f)
}

// lookForm shows what the bank wrote with the lines that nobody explained.
func (s *Service) lookForm(c *web.Ctx) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	return s.looked(c, nil)
}

func (s *Service) looked(c *web.Ctx, wrong error) error {
	lines, words, err := s.Look(c.Context(), actor.From(c.Context()), c.R.PathValue("code"))
	if err != nil {
		return err
	}
	p := &deskPage{Looked: true}
	for i, l := range lines {
		p.Lines = append(p.Lines, rowOf(l, words[i]))
	}
	return s.desk(c, p, url.Values{}, wrong)
}

func rowOf(l *Line, w said) lineRow {
	return lineRow{ID: l.ID.String(), Day: l.Day, Ref: l.Ref, Minor: max(l.Minor, -l.Minor), Name: w.Name, Text: w.Text, From: iban.Masked(w.IBAN), Out: l.Minor < 0, State: l.State}
}

// lookBackForm shows lines that were explained, so that one may be taken back.
func (s *Service) lookBackForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	return s.lookedBack(c, v, nil)
}

func (s *Service) lookedBack(c *web.Ctx, v url.Values, wrong error) error {
	ref := strings.TrimSpace(v.Get("ref"))
	lines, words, err := s.LookBack(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), ref)
	if err != nil {
		return err
	}
	p := &deskPage{LookedBack: true, CanTake: deed.May(actor.From(c.Context()), DeedTakeBack) == nil}
	for _, b := range backs {
		p.Backs = append(p.Backs, ui.Option{Value: string(b), Title: c.P.T("giving.back." + string(b))})
	}
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		for i, l := range lines {
			r := rowOf(l, words[i])
			if r.Number, err = numberOf(t, l); err != nil {
				return err
			}
			p.Told = append(p.Told, r)
		}
		return nil
	}); err != nil {
		return err
	}
	return s.desk(c, p, v, wrong)
}

// numberOf is the number of what a line was explained as; "" is none.
func numberOf(t *db.Tx, l *Line) (string, error) {
	switch l.State {
	case LineGift:
		g, err := giftByID(t, l.Gift)
		if err != nil {
			return "", err
		}
		return g.Receipt.String(), nil
	case LinePaid:
		x, err := spendingOf(t, l.Spending.String())
		if err != nil || x == nil {
			return "", err
		}
		return x.Number.String(), nil
	}
	return "", nil
}

// takeBackForm takes back what was said of a line.
func (s *Service) takeBackForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	lid, err := readID[Line](v.Get("line"))
	if err != nil {
		return err
	}
	if err := s.TakeBack(c.Context(), actor.From(c.Context()), lid, Back(v.Get("why"))); err != nil && !errors.Is(err, deed.ErrNothingDone) {
		if _, ok := c.FieldErrors(err); !ok {
			return err
		}
		return s.lookedBack(c, v, err)
	}
	c.Flash("giving.back.done")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

func (s *Service) explainForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	lid, err := readID[Line](v.Get("line"))
	if err != nil {
		return err
	}
	what, mark, _ := strings.Cut(v.Get("what"), "/")
	x := Explanation{What: LineState(what), Number: v.Get("number")}
	if mark != "" {
		if x.Earmark, err = readID[Earmark](mark); err != nil {
			return err
		}
	}
	g, err := s.Explain(c.Context(), actor.From(c.Context()), lid, x)
	if err != nil {
		if _, ok := c.FieldErrors(err); !ok {
			return err
		}
		return s.looked(c, err)
	}
	c.Flash("giving.line.explained_now")
	if g != nil {
		return c.Seek("/treasury/" + c.R.PathValue("code") + "?gift=" + g.Receipt.String())
	}
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}
