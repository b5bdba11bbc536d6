package round

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// VisitForm is what somebody asks when they come to a household: data, as the
// questions of a service are.
type VisitForm struct {
	Code string
	Form *forms.Form
}

// ReadVisits reads every form of a pack of visits: a folder each, with a sheet
// of questions and one of choices, as XLSForm has them.
func ReadVisits(files fs.FS, dir string) (out []*VisitForm, err error) {
	folders, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		sheet := func(name string) (forms.Source, error) {
			file := path.Join(dir, folder.Name(), name)
			text, err := fs.ReadFile(files, file)
			return forms.Source{File: file, Line: 1, Text: string(text)}, err
		}
		survey, err := sheet("survey.csv")
		choices, err2 := sheet("choices.csv")
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		form, found := forms.Parse(survey, choices)
		var all []string
		for _, f := range found {
			all = append(all, f.String())
		}
		for _, e := range form.Entries() {
			for _, l := range forms.Langs {
				if e.Text[l] == "" {
					all = append(all, fmt.Sprintf("%s:%d: %s is not written in %s", survey.File, e.Line, e.Key, l))
				}
			}
		}
		if len(all) > 0 {
			return nil, errors.New(strings.Join(all, "\n"))
		}
		out = append(out, &VisitForm{Code: folder.Name(), Form: form})
	}
	return out, nil
}

// UseVisits is called while the house is built.
func (s *Service) UseVisits(all []*VisitForm) { s.visits = all }

// visitForm is the form of that name; of none, the first.
func (s *Service) visitForm(code string) (*VisitForm, error) {
	i := slices.IndexFunc(s.visits, func(v *VisitForm) bool { return v.Code == code })
	if code == "" && len(s.visits) > 0 {
		i = 0
	}
	if i < 0 {
		return nil, fault.New(fault.Invalid, "round.visit.form_unknown").On("form")
	}
	return s.visits[i], nil
}

// visited reads what was answered at a stop, and seals it.
func (s *Service) visited(ctx context.Context, by actor.Actor, r *told) error {
	v, err := s.visitForm(r.body.Form)
	if err != nil {
		return err
	}
	if len(r.body.Answers) == 0 {
		return fault.New(fault.Invalid, "round.record.unreadable")
	}
	answers, wrong := v.Form.FromJSON(r.body.Answers, s.places.Country().Phone.Prefix)
	answers, err = v.Form.Validate(answers, wrong...)
	if err != nil {
		return err
	}
	plain, err := answers.MarshalJSON()
	if err != nil {
		return err
	}
	err = s.h.Look(ctx, by, DeedVisit, func(t *deed.Tx) error {
		if err := s.Field.MayServe(t, r.body.Mission); err != nil {
			return err
		}
		r.Case, err = s.Field.CaseAt(t.Tx, r.body.Mission, r.body.Stop)
		return err
	})
	if err != nil {
		return err
	}
	r.Form, r.Answers = v.Code, s.vault.Seal(answersAt(r.ID), plain)
	return nil
}
