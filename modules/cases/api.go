package cases

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// The wire structs of the API. They are the contract: a field is never
// renamed, only added.

// RequestIn is a new request. id may be minted by the sender (a UUID): the
// same id with the same answers is the same request, with others a conflict.
// The case gets an identifier of its own, made from it: see ofSender.
type RequestIn struct {
	ID      string          `json:"id,omitempty" doc:"UUID minted by the sender; sent again it is the same request"`
	Service string          `json:"service" doc:"code of the service, such as crisis_help"`
	Lang    string          `json:"lang,omitempty" doc:"language for messages: ar, zgh, fr or en"`
	Answers json.RawMessage `json:"answers" doc:"one member per question of the service's form"`
	Same    bool            `json:"same,omitempty" doc:"the sender says that others told of the same need already: the request is kept as one more voice, and joined to theirs where that is very likely"`
}

// ReceiptOut is what the sender gets: the receipt is on the disk.
type ReceiptOut struct {
	ID         string    `json:"id"`
	Receipt    string    `json:"receipt" doc:"nine digits, the last a Damm check digit"`
	Code       string    `json:"delivery_code,omitempty" doc:"for the family alone; whoever brings the help asks for it"`
	Level      int       `json:"level,omitempty" doc:"1 most urgent to 4"`
	DueAt      time.Time `json:"first_contact_due,omitzero"`
	Again      bool      `json:"again" doc:"this request had been taken in before"`
	Restricted bool      `json:"restricted" doc:"only trained people read it"`
	Told       int       `json:"told_before,omitempty" doc:"how many others told of what may be the same need; nothing is joined by itself"`
	Waits      bool      `json:"waits,omitempty" doc:"the store does not answer: the request is kept on disk beside it and goes in by itself, once; where receipt is empty, send the same id again later for it"`
	Joined     bool      `json:"joined,omitempty" doc:"it was joined to what others told, as the sender said"`
}

// TrackIn opens a receipt: POST, so that neither stands in an address.
type TrackIn struct {
	Receipt string `json:"receipt"`
	Word    string `json:"word" doc:"last four digits of the phone, or the chosen word"`
}

// TrackOut is how a request stands.
type TrackOut struct {
	Receipt string     `json:"receipt"`
	State   string     `json:"state"`
	Phase   string     `json:"phase"`
	MadeAt  time.Time  `json:"made_at"`
	DueAt   *time.Time `json:"due_at,omitempty"`
	// Who answers for it, whoever serves it.
	LastOwner string    `json:"last_owner,omitempty" doc:"name of the office that answers for it in the last resort, whoever serves it"`
	PutBefore time.Time `json:"put_before_at,omitzero" doc:"since when it stands before that office, because nobody served it in time"`
}

// CaseOut is a case as staff lists have it: nothing in it names a person.
type CaseOut struct {
	ID      string    `json:"id"`
	Receipt string    `json:"receipt"`
	Service string    `json:"service"`
	State   string    `json:"state"`
	Phase   string    `json:"phase"`
	Level   int       `json:"level"`
	Reasons []string  `json:"reasons"`
	Needs   []string  `json:"needs"`
	People  int       `json:"people"`
	Place   string    `json:"place,omitempty"`
	Org     string    `json:"organisation,omitempty"`
	DueAt   time.Time `json:"due_at"`
	MadeAt  time.Time `json:"made_at"`

	LastOwner string    `json:"last_owner,omitempty" doc:"organisation that answers for it in the last resort, whoever serves it"`
	PutBefore time.Time `json:"put_before_at,omitzero" doc:"since when it stands before that organisation, because nobody served it in time"`
}

// QueueOut is a page of the queue; next continues it.
type QueueOut struct {
	Cases []CaseOut `json:"cases"`
	Next  string    `json:"next,omitempty"`
}

// ServiceOut is a service that takes requests now.
type ServiceOut struct {
	Code    string `json:"code"`
	Version int    `json:"version"`
	Name    string `json:"name"`
	Purpose string `json:"purpose"`
}

func (o *Office) apiAsk(c *web.Ctx) error {
	if err := c.Site.Limit.Take("ask:"+c.From(), 600, time.Minute); err != nil {
		return err
	}
	var in RequestIn
	if err := c.ReadJSON(&in); err != nil {
		return err
	}
	q, err := o.apiRequest(in, c.R.Header.Get("Idempotency-Key"), c.Lang)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	d := DeedAsk
	if by.Known() {
		d, q.Channel = DeedTakeDown, "desk"
	}
	out, err := o.Ask(c.Context(), by, d, q)
	if err != nil {
		return err
	}
	if out.Again && !out.Waits { // the code again only where it was told the first time: never of what staff took down
		was := Asked{}
		if err := o.h.DB.Read(c.Context(), func(t *db.Tx) error { _, err := o.sentBefore(t, out.ID, &was); return err }); err != nil {
			return err
		}
		out.Code = was.Code
	}
	r := ReceiptOut{ID: out.ID.String(), Receipt: out.Receipt.String(), Level: out.Level, DueAt: out.Due, Again: out.Again, Restricted: out.Restricted}
	if !by.Known() && !out.Restricted {
		r.Code = out.Code
	}
	status := http.StatusCreated
	switch {
	case out.Waits:
		r.Waits, status = true, http.StatusAccepted
	case out.Again:
		status = http.StatusOK
	}
	if !out.Waits {
		r.Told = o.toldOthers(c.Context(), out)
		r.Joined = o.voiceAdded(c.Context(), by, out, in.Same)
	}
	return c.JSON(status, r)
}

// apiRequest reads what a program asks. key is its Idempotency-Key, lang the reader's.
func (o *Office) apiRequest(in RequestIn, key string, lang func() string) (q Request, err error) {
	q = Request{Service: in.Service, Lang: in.Lang, Channel: "api", Answers: forms.Answers{}}
	if !slices.Contains(i18n.Langs(), i18n.Lang(q.Lang)) { // somebody who asks for help is not refused for this
		q.Lang = lang()
	}
	def, err := o.current(in.Service)
	if err != nil {
		return q, fault.All{fault.New(fault.Invalid, "cases.service.unknown").On("service")}
	}
	switch {
	case in.ID != "":
		minted, err := id.Parse[Case](in.ID)
		if err != nil {
			return q, fault.All{fault.New(fault.Invalid, "cases.api.bad_id").On("id")}
		}
		q.ID = o.ofSender(minted)
	case key != "":
		q.ID = id.Derive[Case](time.UnixMilli(0), o.vault.Index("idempotency", key))
	}
	var wrong fault.All
	q.Answers, wrong = def.Form.FromJSON(in.Answers, o.places.Country().Phone.Prefix)
	return q, wrong.OrNil()
}

// ofSender is the identifier of the case that a sender's own identifier
// becomes. It cannot be turned round: whoever reads a case's identifier on a
// staff page and knows its answers cannot send them again in the asker's name,
// and be told the delivery code.
func (o *Office) ofSender(minted CaseID) CaseID {
	return id.Derive[Case](minted.Time(), o.vault.Index("case of sender", minted.String()))
}

func (o *Office) apiTrack(c *web.Ctx) error {
	var in TrackIn
	if err := c.ReadJSON(&in); err != nil {
		return err
	}
	n, err := receipt.Parse(in.Receipt)
	if err != nil {
		return fault.All{asFault(err).On("receipt")}
	}
	if err := limitTrack(c, n); err != nil {
		return err
	}
	h, err := o.Recognise(c.Context(), n, in.Word)
	if err != nil {
		return err
	}
	if x, waits := o.waits(h.Case); waits {
		return o.apiWaits(c, x)
	}
	if h.Case.IsZero() {
		return c.JSON(http.StatusOK, TrackOut{Receipt: n.String(), State: "restricted", Phase: string(service.Open)})
	}
	out := TrackOut{Receipt: n.String()}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := getCase(t, h.Case)
		if err == nil && !k.MergedInto.IsZero() {
			k, err = getCase(t, k.MergedInto)
		}
		if err != nil {
			return err
		}
		out.State, out.Phase, out.MadeAt = k.State, string(k.Phase), k.MadeAt
		if k.Phase != service.Final {
			out.DueAt = &k.DueAt
		}
		if org := o.lastOwner(k); !org.IsZero() {
			out.PutBefore = k.LastAt
			out.LastOwner, err = o.orgs.Name(t, org, c.Lang())
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (o *Office) wire(k *Case) CaseOut {
	return CaseOut{LastOwner: o.lastOwner(k).String(), PutBefore: k.LastAt, ID: k.ID.String(), Receipt: k.Receipt.String(), Service: k.Service, State: k.State, Phase: string(k.Phase), Level: k.Level,
		Reasons: reasonCodes(k), Needs: k.Needs, People: k.People, Place: k.Place, Org: k.Org.String(), DueAt: k.DueAt, MadeAt: k.MadeAt}
}

func (o *Office) apiQueue(c *web.Ctx) error {
	by := actor.From(c.Context())
	v := c.R.URL.Query()
	phase := v.Get("phase")
	if !validPhase(phase) {
		phase = string(service.Open)
	}
	out := QueueOut{Cases: []CaseOut{}}
	err := o.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		q := o.wanted(by, v, phase)
		all, err := listQueue(t.Tx, q)
		for _, k := range all {
			out.Cases = append(out.Cases, o.wire(k))
		}
		if len(all) == q.Limit {
			last := all[len(all)-1]
			out.Next = Mark{last.Rank, last.DueAt, last.ID.String()}.String()
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (o *Office) apiCase(c *web.Ctx) error {
	cid, err := o.caseID(c)
	if err != nil {
		return err
	}
	var out CaseOut
	err = o.h.Look(c.Context(), actor.From(c.Context()), DeedSee, func(t *deed.Tx) error {
		k, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		out = o.wire(k)
		return o.maySee(t, k)
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (o *Office) apiClaim(c *web.Ctx) error {
	cid, err := o.caseID(c)
	if err == nil {
		err = o.Claim(c.Context(), actor.From(c.Context()), cid)
	}
	if err != nil {
		return err
	}
	return o.apiCase(c)
}

func (o *Office) apiRelease(c *web.Ctx) error {
	cid, err := o.caseID(c)
	if err == nil {
		err = o.Release(c.Context(), actor.From(c.Context()), cid, "")
	}
	if err != nil {
		return err
	}
	return o.apiCase(c)
}

func (o *Office) apiServices(c *web.Ctx) error {
	all, err := o.openServices(c.Context())
	if err != nil {
		return err
	}
	out := []ServiceOut{}
	for _, d := range all {
		out = append(out, ServiceOut{d.Code, d.Version, c.P.Text(key(d, "text.name")), c.P.Text(key(d, "text.purpose"))})
	}
	return c.JSON(http.StatusOK, out)
}
