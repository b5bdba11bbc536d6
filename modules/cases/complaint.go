package cases

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// Complaint is what a person says went wrong. It has a receipt and a deadline
// of its own, and an answer in writing. One about abuse is no complaint but a
// Concern, and never reaches this table.
type Complaint struct {
	ID         ComplaintID
	Receipt    receipt.Number
	Case       CaseID
	Kind       string
	State      string // open, answered
	Org        actor.OrganisationID
	Path       []string
	Body       []byte
	Answer     []byte
	Secret     []byte
	DueAt      time.Time
	MadeAt     time.Time
	AnsweredAt time.Time
	AnsweredBy actor.AccountID
	Lang       string
	Revision   int64
}

type ComplaintID = id.Of[Complaint]

var (
	DeedComplain        = deed.Deed{Name: "cases.complaint.open", Open: true}
	DeedComplaintSee    = deed.Deed{Name: "cases.complaint.see", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedComplaintAnswer = deed.Deed{Name: "cases.complaint.answer", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedRate            = deed.Deed{Name: "cases.case.rate", Open: true}
)

func (p *Complaint) subject() string { return "cases.complaint/" + p.ID.String() }

// Scope: a complaint is never in the hands of the organisation it is about,
// so it carries no owner.
func (p *Complaint) Scope() actor.Scope { return actor.Scope{Path: p.Path} }

const complaintColumns = `id, receipt, case_id, kind, state, org, province, commune, region, body, answer, secret_key, due_at, made_at, answered_at, answered_by, lang, version`

func scanComplaint(row db.Row) (*Complaint, error) {
	var p Complaint
	var province, commune, region string
	err := row.Scan(&p.ID, &p.Receipt, &p.Case, &p.Kind, &p.State, &p.Org, db.Opt(&province), db.Opt(&commune), db.Opt(&region), &p.Body, &p.Answer,
		&p.Secret, db.Time(&p.DueAt), db.Time(&p.MadeAt), db.Time(&p.AnsweredAt), &p.AnsweredBy, &p.Lang, &p.Revision)
	for _, x := range []string{region, province, commune} {
		if x != "" {
			p.Path = append(p.Path, x)
		}
	}
	return &p, err
}

type complaintTold struct {
	Kind string `json:"kind,omitempty"`
	Case string `json:"case,omitempty"`
}

// Complain takes a complaint of the holder of a receipt. What the service
// marks restricted goes to the trained people, with its own clock, past the
// organisation concerned; the person gets a receipt either way.
func (o *Office) Complain(ctx context.Context, cid CaseID, pid ComplaintID, kind, text, lang string) (number receipt.Number, restricted bool, err error) {
	text = forms.Clean(text, true)
	if text == "" {
		return number, false, fault.All{fault.New(fault.Invalid, "cases.complaint.say_what").On("text")}
	}
	if n := len([]rune(text)); n > maxNote {
		return number, false, fault.All{fault.New(fault.Invalid, "forms.answer.too_long", "max", maxNote, "over", n-maxNote).On("text")}
	}
	if number, err = receipt.New(rand.Reader); err != nil {
		return number, false, err
	}
	err = o.h.Do(ctx, actor.Actor{Channel: "web"}, DeedComplain, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		c, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if !c.ErasedAt.IsZero() {
			return gone()
		}
		def, err := o.def(t.Tx, c)
		if err != nil {
			return err
		}
		k, ok := def.Complaint(kind)
		if !ok {
			return fault.All{fault.New(fault.Invalid, "cases.complaint.kind_unknown").On("kind")}
		}
		if number, err = freshReceipt(t.Tx); err != nil {
			return err
		}
		restricted = k.Restricted
		return o.keepComplaint(t, c, k, pid, &number, text, lang)
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return number, restricted, err
}

// ofHolder is the identifier that the form's own becomes: nobody can aim at
// somebody else's complaint, or ask whether there is a concern about a case,
// by sending its identifier from a tracker of their own.
func (o *Office) ofHolder(c CaseID, form ComplaintID) ComplaintID {
	return id.Derive[Complaint](form.Time(), o.vault.Index("complaint of case", c.String()+"|"+form.String()))
}

// accused is whom a complaint about a case is about: the organisation that has
// it, or, when it went back to those that wait, the one that had it last. A
// case that was joined to another is carried by that one.
func (o *Office) accused(t *db.Tx, c *Case) (org actor.OrganisationID, err error) {
	c, err = root(t, c)
	if err != nil || !c.Org.IsZero() {
		return c.Org, err
	}
	trail, err := deed.Trail(t, subject(c.ID))
	for _, r := range slices.Backward(trail) {
		var told struct {
			Org  actor.OrganisationID `json:"org"`
			Team TeamID               `json:"team"`
		}
		if err := json.Unmarshal(r.Told, &told); err != nil {
			return org, err
		}
		switch {
		case !told.Org.IsZero():
			return told.Org, nil
		case !told.Team.IsZero():
			_, org, err = o.teams.Team(t, told.Team, c.Lang)
			return org, err
		}
	}
	return org, err
}

func (o *Office) keepComplaint(t *deed.Tx, c *Case, k service.ComplaintKind, pid ComplaintID, number *receipt.Number, text, lang string) error {
	was, err := db.List(t.Tx, func(r db.Row) (n receipt.Number, err error) { return n, r.Scan(&n) },
		`SELECT receipt FROM cases_complaint WHERE id = ?1 UNION ALL SELECT receipt FROM cases_concern WHERE id = ?1`, pid)
	if err != nil {
		return err
	}
	if len(was) == 1 { // sent twice is sent once
		*number = was[0]
		return deed.ErrNothingDone
	}
	// The tracker opens with what opens the case's own.
	secret, err := o.secretOf(c, pid.String())
	if err != nil {
		return err
	}
	org, err := o.accused(t.Tx, c)
	if err != nil {
		return err
	}
	if k.Restricted {
		nid, _ := id.Parse[Concern](pid.String())
		body := forms.Answers{"complaint": text, "case": c.ID.String()}
		plain, err := body.MarshalJSON()
		if err != nil {
			return err
		}
		n := &Concern{ID: nid, Receipt: *number, Kind: k.Code, Service: c.Service, State: "open", AboutOrg: org, Lang: lang, Revision: 1,
			Body: o.vault.Seal("cases_concern.body|"+nid.String(), plain), Secret: secret, AskedKey: o.vault.Index("asked", text), clock: k.Clock}
		n.stamp(t.Now())
		if err := addConcern(t.Tx, n); err != nil {
			return err
		}
		return t.TellAs(DeedConcernOpen, n.subject(), concernTold{Kind: k.Code})
	}
	p := c.levels()
	if _, err := t.Exec(`INSERT INTO cases_complaint (`+complaintColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)`,
		pid, *number, c.ID, k.Code, "open", org, db.OrNull(p[1]), db.OrNull(p[2]), db.OrNull(p[0]),
		o.vault.Seal("cases_complaint.body|"+pid.String(), []byte(text)), nil, secret, t.Now().Add(k.Clock), t.Now(), time.Time{}, actor.AccountID{}, lang, 1); err != nil {
		return err
	}
	return t.Tell("cases.complaint/"+pid.String(), complaintTold{k.Code, c.ID.String()})
}

// secretOf makes the key by which the same last four digits or the same word
// open another receipt of the same person.
func (o *Office) secretOf(c *Case, other string) ([]byte, error) {
	a, err := o.unseal(c)
	if err != nil {
		return nil, err
	}
	def, err := o.current(c.Service)
	if err != nil {
		return nil, err
	}
	typed := ""
	if p := a.Phone(def.Bind.Phone); p != "" {
		typed = phoneEnd(p)
	} else {
		typed = a.Text(def.Bind.Secret)
	}
	if typed == "" {
		return nil, nil
	}
	return o.vault.Index("track", other+"|"+trackKey(typed)), nil
}

// Complaints lists what waits for an answer, by deadline.
func (o *Office) Complaints(ctx context.Context, by actor.Actor) (all []*Complaint, err error) {
	err = o.h.Look(ctx, by, DeedComplaintSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		rows, err := db.List(t.Tx, scanComplaint, `SELECT `+complaintColumns+` FROM cases_complaint ORDER BY state DESC, due_at, id LIMIT 200`)
		for _, p := range rows {
			if t.Allow(p.Scope()) == nil {
				all = append(all, p)
			}
		}
		return err
	})
	return all, err
}

// ReadComplaint opens one. Reading what a person wrote leaves a line.
func (o *Office) ReadComplaint(ctx context.Context, by actor.Actor, pid ComplaintID) (p *Complaint, text string, err error) {
	err = o.h.Do(ctx, by, DeedComplaintSee, func(t *deed.Tx) error {
		if p, err = o.complaint(t, pid); err != nil {
			return err
		}
		text, err = o.vault.OpenText("cases_complaint.body|"+pid.String(), p.Body) // none once its time was over
		return errors.Join(err, t.Tell(p.subject(), complaintTold{Kind: p.Kind}))
	})
	return p, text, err
}

func (o *Office) complaint(t *deed.Tx, pid ComplaintID) (*Complaint, error) {
	p, err := db.One(t.Tx, scanComplaint, `SELECT `+complaintColumns+` FROM cases_complaint WHERE id = ?1`, pid)
	if err != nil {
		return nil, err
	}
	return p, t.Allow(p.Scope())
}

// AnswerComplaint answers in writing; the person reads it with the complaint's receipt.
func (o *Office) AnswerComplaint(ctx context.Context, by actor.Actor, pid ComplaintID, text string) error {
	text = forms.Clean(text, true)
	if text == "" || len([]rune(text)) > maxNote {
		return fault.All{fault.New(fault.Invalid, "cases.complaint.answer_needed", "max", maxNote).On("answer")}
	}
	return o.h.Do(ctx, by, DeedComplaintAnswer, func(t *deed.Tx) error {
		p, err := o.complaint(t, pid)
		if err != nil {
			return err
		}
		n, err := t.Exec(`UPDATE cases_complaint SET state = 'answered', answer = ?1, answered_at = ?2, answered_by = ?3, version = version + 1
			WHERE id = ?4 AND version = ?5 AND state = 'open'`,
			o.vault.Seal("cases_complaint.answer|"+pid.String(), []byte(text)), t.Now(), by.Account, pid, p.Revision)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "error.changed_meanwhile")
		}
		return errors.Join(err, t.Tell(p.subject(), complaintTold{Kind: p.Kind}))
	})
}

type rateTold struct {
	Stars int `json:"stars"`
}

// Rate keeps what the person thinks of how it went, 1 to 5; the last word counts.
func (o *Office) Rate(ctx context.Context, cid CaseID, stars int) error {
	if stars < 1 || stars > 5 {
		return fault.All{fault.New(fault.Invalid, "cases.case.stars").On("stars")}
	}
	return o.h.Do(ctx, actor.Actor{Channel: "web"}, DeedRate, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		c, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if !c.ErasedAt.IsZero() {
			return gone()
		}
		if c.Phase != service.Final && c.Phase != service.Waiting {
			return fault.New(fault.Conflict, "cases.case.rate_later")
		}
		_, err = t.Exec(`INSERT INTO cases_rating (case_id, stars, made_at) VALUES (?1, ?2, ?3) ON CONFLICT (case_id) DO UPDATE SET stars = ?2, made_at = ?3`, cid, stars, t.Now())
		return errors.Join(err, t.Tell(subject(cid), rateTold{stars}))
	})
}
