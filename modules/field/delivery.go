package field

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
)

// Delivery is what was handed over at a stop, and how it was proved.
type Delivery struct {
	ID       DeliveryID
	Mission  MissionID
	Stop     StopID
	Goods    map[string]int // units by good; empty for help that is not goods
	Proof    string
	Relation string // of the witness to the family
	Witness  []byte // the witness's name, sealed; nil once it was erased
	Account  actor.AccountID
	At       time.Time
}

// How a delivery is proved: by the code that the family holds, or by somebody
// who stood by.
const (
	ByCode    = "code"
	ByWitness = "witness"
)

// Relations is what a witness can be to the family, in the order in which
// people read it.
var Relations = []string{"neighbour", "relative", "elder", "local_authority", "teacher", "health_worker", "association", "other"}

// Secret is a code that somebody told. However it is printed, logged or
// encoded, it does not show.
type Secret string

func (Secret) Format(f fmt.State, _ rune)   { f.Write([]byte("••••••")) }
func (Secret) MarshalText() ([]byte, error) { return []byte("••••••"), nil }

// Handover is a delivery as the one who made it tells it. Its identifier is
// minted where the form was opened: sent twice, it is recorded once.
type Handover struct {
	ID       DeliveryID
	Mission  MissionID
	Stop     StopID
	Goods    map[string]int
	NoGoods  bool // help was given that is not goods: care, rescue, a road opened
	Proof    string
	Code     Secret
	Witness  string
	Relation string
}

const maxWitness = 120 // characters

// tidy is the handover without what comes with typing on a phone, and without
// the proof that was not chosen.
func (d Handover) tidy() Handover {
	d.Goods = maps.Clone(d.Goods)
	maps.DeleteFunc(d.Goods, func(_ string, n int) bool { return n == 0 })
	code := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '-' {
			return -1
		}
		return r
	}, arabic.Digits(string(d.Code)))
	d.Code, d.Witness = Secret(code), strings.Join(strings.Fields(d.Witness), " ")
	if d.Proof != ByCode {
		d.Code = ""
	}
	if d.Proof != ByWitness {
		d.Witness, d.Relation = "", ""
	}
	return d
}

// wrong says everything that cannot be recorded, whatever the mission carries.
func (d Handover) wrong() (all fault.All) {
	switch {
	case len(d.Goods) == 0 && !d.NoGoods:
		all = append(all, fault.New(fault.Invalid, "field.delivery.nothing").On("no_goods"))
	case len(d.Goods) > 0 && d.NoGoods:
		all = append(all, fault.New(fault.Invalid, "field.delivery.goods_or_not").On("no_goods"))
	}
	switch d.Proof {
	case ByCode:
		if d.Code == "" || len(d.Code) > 12 || strings.Trim(string(d.Code), "0123456789") != "" {
			all = append(all, fault.New(fault.Invalid, "field.delivery.code_missing").On("code"))
		}
	case ByWitness:
		switch n := utf8.RuneCountInString(d.Witness); {
		case n > maxWitness:
			all = append(all, fault.New(fault.Invalid, "field.delivery.witness_long", "most", maxWitness).On("witness"))
		case arabic.Key(d.Witness) == "":
			all = append(all, fault.New(fault.Invalid, "field.delivery.witness_missing").On("witness"))
		}
		if !slices.Contains(Relations, d.Relation) {
			all = append(all, fault.New(fault.Invalid, "field.delivery.relation_missing").On("relation"))
		}
	default:
		all = append(all, fault.New(fault.Invalid, "field.delivery.proof_missing").On("proof"))
	}
	return all
}

// same tells whether a delivery on record is what is told now. witness is the
// name on record. A code is not kept, so it is not compared.
func (d *Delivery) same(told Handover, witness string) bool {
	return d.Mission == told.Mission && d.Stop == told.Stop && maps.Equal(d.Goods, told.Goods) &&
		d.Proof == told.Proof && d.Relation == told.Relation && witness == told.Witness
}
