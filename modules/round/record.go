package round

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/actor"
)

// Record is what was written down on a phone.
type Record struct {
	ID        RecordID
	Device    DeviceID
	Account   actor.AccountID
	Org       actor.OrganisationID
	Kind      Kind
	Digest    []byte // keyed, of what was said
	State     State
	Why       string // of a conflict: twice, cut; of a refusal: the key of its sentence
	Mission   string
	Stop      string
	Case      string
	Form      string // of a visit
	Receipt   string // of a request
	Body      []byte // sealed, while a person has to look at it
	Answers   []byte // sealed, of a visit
	InsteadOf string // the record that this one mends
	MadeAt    time.Time
	GotAt     time.Time
	Skewed    bool // the phone's clock cannot have been right
	Choice    string
	Reason    string
	SettledBy actor.AccountID
	SettledAt time.Time
}

type RecordID = id.Of[Record]

// Kind is what a record tells. The set is closed.
type Kind string

const (
	KindDelivery   Kind = "delivery"
	KindNotReached Kind = "not_reached"
	KindVisit      Kind = "visit"
	KindRequest    Kind = "request"
	KindRelay      Kind = "relay"
)

// State is what became of a record. The set is closed.
type State string

const (
	Taken    State = "taken"
	Refused  State = "refused"  // said so once; the phone writes it anew
	Conflict State = "conflict" // a person has to look
	Settled  State = "settled"
)

// Why a record waits for a person.
const (
	whyTwice = "twice" // somebody has told of the stop before
	whyCut   = "cut"   // it comes from a device that was cut off
)

// What a person may choose between two accounts of one stop.
const (
	Mine     = "mine"
	Theirs   = "theirs"
	Both     = "both"
	replaced = "replaced" // another was chosen over one that had been taken
)

// ReasonsToSettle is why a person chose as they did, in the order in which
// people read it.
var ReasonsToSettle = []string{"counted_again", "mistyped", "wrong_stop", "two_handovers", "family_confirms", "other"}

const (
	mostRecords = 50 // of one call
	mostBody    = 32 << 10
	mostRescued = 2000 // of one rescue file
	skew        = 24 * time.Hour
)

// wireRecord is a record as a phone sends it.
type wireRecord struct {
	ID     string          `json:"id" doc:"UUIDv7 minted on the phone; sent again it is the same record"`
	Kind   string          `json:"kind" doc:"delivery, not_reached, visit, request or relay"`
	MadeAt string          `json:"made_at" doc:"the phone's clock, RFC 3339: kept as said, trusted for nothing"`
	Body   json.RawMessage `json:"body" doc:"by kind: see docs/field.md"`
}

// bodies are every field that any kind of record has.
type body struct {
	Mission   string          `json:"mission"`
	Stop      string          `json:"stop"`
	Goods     map[string]int  `json:"goods"`
	NoGoods   bool            `json:"no_goods"`
	Proof     string          `json:"proof"`
	Code      string          `json:"code,omitempty"`
	Witness   string          `json:"witness"`
	Relation  string          `json:"relation"`
	Reason    string          `json:"reason"`
	Form      string          `json:"form"`
	Service   string          `json:"service"`
	Answers   json.RawMessage `json:"answers,omitempty"`
	Lang      string          `json:"lang"`
	Spoken    string          `json:"spoken"`
	Consent   string          `json:"consent"`
	Help      string          `json:"help"`
	Box       []byte          `json:"box,omitempty"` // base64
	Photos    []string        `json:"photos"`
	InsteadOf string          `json:"instead_of"`
	Proved    bool            `json:"proved,omitempty"` // ours: the code was looked at and is right; it is not kept
}

// told is a record that was read.
type told struct {
	Record
	body body
}

// read understands a record; what cannot be one is a fault that says why.
func (s *Service) read(w wireRecord, d Device, now time.Time) (r told, err error) {
	r.Device, r.Account, r.Org, r.Kind, r.GotAt = d.ID, d.Account, d.Org, Kind(w.Kind), now
	if r.ID, err = id.Parse[Record](w.ID); err != nil {
		return r, fault.New(fault.Invalid, "round.record.id_wrong")
	}
	if !slices.Contains([]Kind{KindDelivery, KindNotReached, KindVisit, KindRequest, KindRelay}, r.Kind) {
		return r, fault.New(fault.Invalid, "round.record.kind_unknown")
	}
	if len(w.Body) > mostBody {
		return r, fault.New(fault.Invalid, "round.record.too_large", "kb", mostBody>>10)
	}
	plain, err := canonical(w.Body)
	if err == nil {
		err = json.Unmarshal(w.Body, &r.body)
	}
	if err != nil {
		return r, &fault.Fault{Kind: fault.Invalid, Key: "round.record.unreadable", Cause: err}
	}
	r.body.Proved = false
	if at, err := time.Parse(time.RFC3339, w.MadeAt); err == nil && at.Year() > 1970 && at.Year() < 3000 {
		r.MadeAt = at.UTC()
		r.Skewed = at.After(now.Add(skew)) || at.Before(d.MadeAt.Add(-skew))
	}
	r.Digest = s.vault.Index("round record", w.Kind+"|"+w.MadeAt+"|"+string(plain))
	r.Mission, r.Stop, r.Form = known(r.body.Mission), known(r.body.Stop), r.body.Form
	r.InsteadOf = known(r.body.InsteadOf)
	return r, nil
}

// known is an identifier as text, or nothing: what a column of identifiers can hold.
func known(text string) string {
	if _, err := id.Parse[Record](text); err != nil {
		return ""
	}
	return text
}

// canonical writes JSON with its members sorted, so that the same content has
// the same digest whoever wrote it.
func canonical(raw json.RawMessage) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// same tells whether what came is what is on record: from the same person, with
// the same content.
func (r *Record) same(o *Record) bool {
	return r.Account == o.Account && r.Kind == o.Kind && bytes.Equal(r.Digest, o.Digest)
}

func (r *told) handover() Handover {
	return Handover{ID: r.ID.String(), Mission: r.body.Mission, Stop: r.body.Stop, Goods: maps.Clone(r.body.Goods), NoGoods: r.body.NoGoods,
		Proof: r.body.Proof, Code: r.body.Code, Witness: r.body.Witness, Relation: r.body.Relation}
}

func bodyAt(rid RecordID) string    { return crypt.At("round_record.body", rid.String()) }
func answersAt(rid RecordID) string { return crypt.At("round_record.answers", rid.String()) }

// wait keeps a record until a person has looked at it. What opens a delivery
// is not kept: it was looked at, and proved says that it was right.
func (s *Service) wait(r *told, why string) error {
	b := r.body
	if b.Proved {
		b.Code = ""
	}
	plain, err := json.Marshal(b)
	if err != nil {
		return err
	}
	r.State, r.Why, r.Body = Conflict, why, s.vault.Seal(bodyAt(r.ID), plain)
	return nil
}

// open reads what a record that waits says.
func (s *Service) open(r *Record) (told, error) {
	out := told{Record: *r}
	plain, err := s.vault.Open(bodyAt(r.ID), r.Body)
	if err == nil {
		err = json.Unmarshal(plain, &out.body)
	}
	return out, err
}
