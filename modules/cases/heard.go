package cases

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/rules"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
)

// DeedUnderstand writes down what a person's own words say beside the boxes that
// were ticked. The house proposes it, and somebody confirms.
var DeedUnderstand = deed.Deed{Name: "cases.case.understand", Roles: desk}

// UseSense is called while the house is built; a country without a list of words
// proposes nothing.
func (o *Office) UseSense(l *sense.Lexicon) { o.sense = l }

// Heard is what a person's own words say, as a page shows it.
type Heard struct {
	Spans []HeardSpan
	Adds  []ui.Option // what the case does not say yet
}

// HeardSpan is a stretch of the words, and what it was read to mean.
type HeardSpan struct {
	Text string
	Says template.HTML
}

// choiceOf is the question and choice that a finding speaks of.
func choiceOf(def *service.Definition, finding string) (q *forms.Question, choice string, ok bool) {
	list, name, _ := strings.Cut(finding, ".")
	for _, bound := range []string{def.Bind.Need, def.Bind.Fragile} {
		if q := def.Form.Question(bound); q != nil && q.List != nil && q.List.Name == list {
			_, ok := q.List.Choice(name)
			return q, name, ok
		}
	}
	return nil, "", false
}

// heard reads the words of a case for somebody to whom they were opened.
func (o *Office) heard(c *web.Ctx, def *service.Definition, k *Case, words string) (h Heard, err error) {
	if o.sense == nil || words == "" {
		return h, nil
	}
	said, err := k.answers()
	if err != nil {
		return h, err
	}
	r := o.sense.Read(words)
	for _, s := range r.Spans(words) {
		span := HeardSpan{Text: s.Text}
		for _, f := range s.Says {
			if title := o.heardTitle(c, def, f); title != "" && !strings.Contains(string(span.Says), string(title)) {
				if span.Says != "" {
					span.Says += c.P.T("cases.place.comma")
				}
				span.Says += title
			}
		}
		h.Spans = append(h.Spans, span)
	}
	for _, finding := range r.Keys() {
		more, fresh := o.with(def, said, finding, 0)
		if fresh && !raisesConcern(def, said, more) {
			h.Adds = append(h.Adds, ui.Option{Name: "says", Value: finding, Title: o.heardTitle(c, def, sense.Finding{Key: finding}), Chosen: true})
		}
	}
	if n := r.People(); n > 0 && k.People == 0 && def.Bind.People != "" {
		h.Adds = append(h.Adds, ui.Option{Name: "people", Value: strconv.Itoa(n), Title: c.P.T("cases.heard.people", "n", n), Chosen: true})
	}
	return h, nil
}

// heardTitle is a finding in the reader's language; nothing for what no question
// of the service asks.
func (o *Office) heardTitle(c *web.Ctx, def *service.Definition, f sense.Finding) template.HTML {
	switch f.Key {
	case "danger":
		return c.P.T("cases.heard.danger")
	case "people":
		return c.P.T("cases.heard.people", "n", f.Count)
	case "households":
		return c.P.T("cases.heard.households", "n", f.Count)
	case "unserved":
		return c.P.T("cases.heard.unserved")
	}
	q, choice, ok := choiceOf(def, f.Key)
	if !ok {
		return ""
	}
	title := c.P.T(key(def, "choice."+q.List.Name+"."+choice))
	if f.Count > 0 {
		title += " × " + c.P.Number(int64(f.Count))
	}
	return title
}

// with is the answers and one finding more, and whether it was not there before.
func (o *Office) with(def *service.Definition, said forms.Answers, finding string, people int) (forms.Answers, bool) {
	more := said.Clone()
	if people > 0 {
		more[def.Bind.People] = int64(people)
		return more, !said.Has(def.Bind.People)
	}
	q, choice, ok := choiceOf(def, finding)
	if !ok || slices.Contains(said.List(q.Name), choice) {
		return said, false
	}
	more[q.Name] = append(slices.Clone(said.List(q.Name)), choice)
	return more, true
}

// raisesConcern is whether what is added is for trained people alone: that has a
// way of its own, and a button here would put it before everybody.
func raisesConcern(def *service.Definition, before, after forms.Answers) bool {
	was, err := def.Concerns(before)
	if err != nil {
		return true
	}
	now, err := def.Concerns(after)
	return err != nil || len(now) > len(was)
}

type understoodTold struct {
	Says   []string `json:"says"`
	People int      `json:"people,omitempty"`
	From   int      `json:"from"`
	To     int      `json:"to"`
}

// Understand adds to a case what somebody found in its words: needs, people who
// need care, how many they are where nobody said. It only adds, and its urgency
// only rises.
func (o *Office) Understand(ctx context.Context, by actor.Actor, cid CaseID, says []string, people int) error {
	if people < 0 || people > 20_000 || len(says) == 0 && people == 0 {
		return fault.New(fault.Invalid, "cases.heard.choose").On("says")
	}
	return o.act(ctx, by, DeedUnderstand, cid, func(t *deed.Tx, def *service.Definition, k *Case) (any, error) {
		if !k.MergedInto.IsZero() {
			return nil, fault.New(fault.Conflict, "cases.case.is_merged")
		}
		if !k.ErasedAt.IsZero() || k.Phase == service.Final {
			return nil, fault.New(fault.Conflict, "cases.case.cannot_now")
		}
		before, err := k.answers()
		if err != nil {
			return nil, err
		}
		after, told := before, understoodTold{From: k.Level}
		for _, finding := range says {
			more, fresh := o.with(def, after, finding, 0)
			if fresh {
				after = more
				told.Says = append(told.Says, finding)
			}
		}
		if people > 0 && k.People == 0 {
			after, _ = o.with(def, after, "", people)
			k.People, told.People = people, people
		}
		if len(told.Says) == 0 && told.People == 0 {
			return nil, deed.ErrNothingDone
		}
		if raisesConcern(def, before, after) {
			return nil, fault.New(fault.Conflict, "cases.heard.concern").On("says")
		}
		if err := o.raise(t, def, k, before, after); err != nil {
			return nil, err
		}
		told.To = k.Level
		return told, errors.Join(saveHeard(t, k), o.heardNow(t.Tx, k))
	})
}

// raise keeps the new answers and lets the rules speak again: what they add
// counts, what they would take back does not.
func (o *Office) raise(t *deed.Tx, def *service.Definition, k *Case, before, after forms.Answers) error {
	text, err := after.MarshalJSON()
	if err != nil {
		return err
	}
	k.Answers, k.ChangedAt = string(text), t.Now()
	for _, need := range after.List(def.Bind.Need) {
		if !slices.Contains(k.Needs, need) { // those of the voices joined to it stay
			k.Needs = append(k.Needs, need)
		}
	}
	was, _, err := def.Prioritise(before, o.surroundings(k))
	if err != nil {
		return err
	}
	level, reasons, err := def.Prioritise(after, o.surroundings(k))
	if err != nil {
		return err
	}
	k.Reasons = rules.Union(k.Reasons, reasons)
	if def.First(reasons) {
		k.Rank = 0
	}
	if level < was && level < k.Level {
		k.Level = level
		if due, ok := def.Due(MoveReceive, level, k.MadeAt); ok && k.Phase == service.Open && due.Before(k.DueAt) {
			k.DueAt = due
		}
	}
	return nil
}

func saveHeard(t *deed.Tx, k *Case) error {
	needs, err := json.Marshal(k.Needs)
	if err != nil {
		return err
	}
	_, err = t.Exec(`UPDATE cases_case SET needs = ?1, answers = ?2 WHERE id = ?3`, string(needs), k.Answers, k.ID)
	return err
}

// heardIn is the same of a case that the page has by its identifier alone.
func (o *Office) heardIn(c *web.Ctx, def *service.Definition, cid CaseID, words string) (h Heard, err error) {
	var k *Case
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err = getCase(t, cid)
		return err
	})
	if err != nil {
		return h, err
	}
	return o.heard(c, def, k, words)
}

func (o *Office) understand(c *web.Ctx) error {
	cid, err := o.caseID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	people := 0
	if s := v.Get("people"); s != "" {
		if people, err = strconv.Atoi(s); err != nil {
			people = -1
		}
	}
	if err := o.Understand(c.Context(), actor.From(c.Context()), cid, v["says"], people); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.casePage(c, nil, err)
		}
		return err
	}
	c.Flash("cases.heard.added")
	return c.Seek("/cases/" + cid.String())
}
