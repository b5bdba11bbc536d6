package cases

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/service"
)

// sayer puts the facts of one journal line into the words of its reader. The
// path of a case and the auditor's journal are both told by it.
type sayer struct {
	o     *Office
	c     *web.Ctx
	t     *db.Tx
	r     deed.Record
	about *Case               // nil when the line is about none
	def   *service.Definition // of that case
	state string              // where states have their words: "state." for the person, "state_staff."
}

// Say puts the facts of the lines of cases into words.
func (o *Office) Say(c *web.Ctx, t *db.Tx, r deed.Record, all []module.Fact) error {
	s := sayer{o: o, c: c, t: t, r: r, state: "state_staff."}
	for _, about := range append([]string{strings.TrimPrefix(r.Subject, "cases.case/")}, values(all, "case")...) {
		k, err := s.caseOf(about)
		if err != nil {
			return err
		}
		if k == nil {
			continue
		}
		if s.def, err = o.def(t, k); err != nil {
			return err
		}
		s.about = k
		break
	}
	return s.all(all)
}

func (s sayer) all(all []module.Fact) error {
	for i := range all {
		if err := s.say(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

func values(all []module.Fact, name string) (out []string) {
	for _, f := range all {
		if f.Name == name {
			out = append(out, f.Value)
		}
	}
	return out
}

// caseOf is the case of that identifier; nil when there is none.
func (s sayer) caseOf(text string) (*Case, error) {
	cid, err := id.Parse[Case](text)
	if err != nil {
		return nil, nil
	}
	k, err := getCase(s.t, cid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return k, err
}

// words is the sentence of a key, "" when there is none.
func (s sayer) words(key string, args ...any) template.HTML {
	if !s.c.Site.Cat.Has(key) {
		return ""
	}
	return s.c.P.T(key, args...)
}

// served are words that a service has for a part of its file: its own, and for
// a line about no case those of the first service that has any.
func (s sayer) served(part string) template.HTML {
	if s.def != nil {
		return s.words(key(s.def, part))
	}
	for _, d := range s.o.services.All() {
		if w := s.words(key(d, part)); w != "" {
			return w
		}
	}
	return ""
}

func (s sayer) say(f *module.Fact) (err error) {
	name, of, _ := strings.Cut(f.Name, ".")
	switch name {
	case "org", "owner", "to", "team", "other", "case", "mission", "task":
		return s.identifier(f)
	case "bulk":
		f.Words = s.c.P.T("cases.fact.bulk", "id", apart(tail(f.Value)))
	case "place", "from", "area":
		s.place(f)
	case "level":
		f.Words = s.words("cases.level." + f.Value)
	case "reasons":
		f.Words = s.urgent(f.Value)
	case "state":
		f.Words = s.served(s.state + f.Value)
	case "reason":
		f.Words = s.reason(f.Value)
	case "kind":
		if strings.HasPrefix(s.r.Deed, "cases.case.consent") || strings.HasPrefix(s.r.Deed, "cases.case.share") {
			f.Words = s.words("cases.helper.kind_" + f.Value)
			return nil
		}
		f.Words = s.served("complaint." + f.Value)
		if f.Words == "" {
			f.Words = s.served("concern." + f.Value)
		}
	case "goods":
		if good := s.served("good." + of); good != "" {
			f.Words = s.c.P.T("cases.fact.good", "good", good, "n", counted(f.Value))
		}
	case "part":
		if s.def != nil {
			f.Words = s.words(partKey(s.def, f.Value))
		}
	case "service":
		f.Words = s.words("service." + f.Value + ".text.name")
	case "version", "rows", "sheets":
		if n, err := strconv.Atoi(f.Value); err == nil {
			f.Words = s.c.P.T("cases.fact."+name, "n", n)
		}
	case "says":
		if s.def == nil {
			return nil
		}
		if q, choice, ok := choiceOf(s.def, f.Value); ok {
			f.Words = s.words(key(s.def, "choice."+q.List.Name+"."+choice))
		}
	case "people":
		f.Words = s.c.P.T("cases.heard.people", "n", counted(f.Value))
	case "commitment":
		f.Words = s.c.P.T("cases.fact.commitment", "code", apart(f.Value))
	case "template":
		f.Words = s.words("crisis." + f.Value + ".text.name")
	default:
		if prefix, ok := said[name]; ok {
			f.Words = s.words(prefix + f.Value)
		}
	}
	return nil
}

// said is where the words of facts stand that hang on nothing else.
var said = map[string]string{"answer": "cases.answer.", "served": "cases.fact.served_", "result": "cases.contact.", "stars": "cases.rate.", "right": "cases.fact.code_", "by": "cases.fact.by_",
	"outcome": "cases.concern.outcome_", "sector": "cases.sector.", "task_state": "cases.task.state_",
	"because": "cases.last.because_", "file": "cases.fact.file_", "about": "cases.consent.about_", "how": "cases.helper.how_", "text": "cases.consent.version_"}

// urgent is why a case was so urgent, with the numbers that the case keeps: the
// line has the code alone.
func (s sayer) urgent(code string) template.HTML {
	if s.about != nil {
		for _, r := range s.about.Reasons {
			if r.Code == code {
				return s.words(key(s.def, "reason."+code), web.Pairs(r.Args)...)
			}
		}
	}
	return ""
}

// reason is why, as each deed has its own list.
func (s sayer) reason(code string) template.HTML {
	switch {
	case s.r.Deed == DeedConcernHear.Name:
		return s.words("cases.concern.hear_" + code)
	case s.r.Deed == DeedReveal.Name:
		return s.words("cases.reveal." + code)
	case ofTask(s.r):
		return s.words("cases.task.why_" + code)
	}
	if word, ok := strings.CutPrefix(s.r.Deed, "cases.case."); ok {
		if w := s.served(word + "." + code); w != "" {
			return w
		}
	}
	return s.words("cases.fact.reason_" + code)
}

// identifier says what an identifier names, with the way to its page.
func (s sayer) identifier(f *module.Fact) error {
	switch {
	case f.Name == "to" && !ofTask(s.r):
		s.place(f)
	case f.Name == "org" || f.Name == "owner" || f.Name == "to":
		oid, err := id.Parse[actor.Organisation](f.Value)
		if err != nil || oid.IsZero() {
			return nil
		}
		name, err := s.o.orgs.Name(s.t, oid, s.c.Lang())
		if err != nil {
			return noneThere(err)
		}
		f.Words, f.Href = apart(name), "/organisations/"+f.Value
	case f.Name == "team" && s.o.teams != nil:
		tid, err := id.Parse[teamKind](f.Value)
		if err != nil || tid.IsZero() {
			return nil
		}
		name, _, err := s.o.teams.Team(s.t, tid, s.c.Lang())
		if err != nil {
			return noneThere(err)
		}
		f.Words, f.Href = apart(name), "/teams/"+f.Value
	case f.Name == "case" || f.Name == "other":
		k, err := s.caseOf(f.Value)
		if err != nil || k == nil {
			return err
		}
		f.Words, f.Href = s.c.P.T("cases.case.title", "receipt", s.c.P.Code(k.Receipt.String())), "/cases/"+f.Value
	case f.Name == "mission":
		f.Words, f.Href = s.c.P.T("cases.fact.mission", "id", apart(tail(f.Value))), "/missions/"+f.Value
	case f.Name == "task":
		f.Words = s.c.P.T("cases.fact.task", "id", apart(tail(f.Value)))
	}
	return nil
}

// noneThere: what a line names may be gone; its code is shown then.
func noneThere(err error) error {
	if fault.KindOf(err) == fault.Missing {
		return nil
	}
	return err
}

// place is where, or from where to where; a changed urgency is told the same way.
func (s sayer) place(f *module.Fact) {
	what := s.words("cases.level." + f.Value)
	if _, ok := s.o.places.Get(f.Value); ok && s.r.Deed != DeedUrgency.Name && s.r.Deed != DeedWeigh.Name {
		what = s.o.placeSay(s.c, f.Value)
	}
	if f.Words = what; what != "" && (f.Name == "from" || f.Name == "to") {
		f.Words = s.c.P.T("cases.fact."+f.Name, "what", what)
	}
}

// apart is a text of its own direction.
func apart(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(text) + "</bdi>")
}

// tail is an identifier by its last signs; the first are only the time.
func tail(text string) string { return text[max(0, len(text)-8):] }

func counted(text string) int {
	n, _ := strconv.Atoi(text) // what is no number says nothing of itself
	return n
}

// aside is what the path of a case leaves to the journal: it stands on the page
// already, or helps an auditor alone.
var aside = []string{"service", "version", "commitment", "place", "org", "to", "team", "mission", "case", "task", "task_state"}

// factsOf are the words of a line on the path of its case.
func (o *Office) factsOf(c *web.Ctx, t *db.Tx, k *Case, def *service.Definition, r deed.Record) (out []template.HTML, err error) {
	all := module.Facts(r.Told)
	err = sayer{o, c, t, r, k, def, "state."}.all(all)
	for _, f := range all {
		if f.Words != "" && !f.Silent && (!slices.Contains(aside, f.Name) || f.Name == "to" && !ofTask(r)) {
			out = append(out, f.Words)
		}
	}
	return out, err
}
