// Package stock is what lies in the depots of organisations: what arrived, by what it was
// bought or who gave it, what left with a mission, and what went missing.
//
// Words: a Lot is what arrived of one good at once. It was bought with a payment of a
// fund, given, or counted when somebody began to count. A Loss is what went missing at
// a depot.
//
// What always holds: units are in the ledger and nowhere else (docs/ledger.md); from the
// first lot on nothing leaves that did not arrive; lots of one payment never cost more
// than was paid; whoever wrote or agreed to a payment does not write down what it
// bought; and each unit is followed from its lot to the commune where it was given, by
// order: what arrived first leaves first.
package stock

import (
	"embed"
	"regexp"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/translog"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Lot is what arrived of one good at once.
type Lot struct {
	ID      LotID
	Org     actor.OrganisationID
	Good    string
	Units   int
	Source  Source
	Payment string // identifier; "" unless it was bought
	Minor   int64  // what it cost of the payment
	Customs string // number of the customs declaration of what was given from abroad; "" is none
	By      actor.AccountID
	Entry   ledger.EntryID
	At      time.Time
}

// Source is how a lot came. The set is closed.
type Source string

const (
	Bought  Source = "bought"
	Given   Source = "given"
	Counted Source = "counted" // it was there when somebody began to count, or counted again
)

// Sources are all of them, in the order of the form.
var Sources = []Source{Bought, Given, Counted}

// Loss is what went missing at a depot.
type Loss struct {
	ID     LossID
	Org    actor.OrganisationID
	Good   string
	Units  int
	Reason string
	By     actor.AccountID
	Entry  ledger.EntryID
	At     time.Time
}

// Reasons why goods go missing at a depot, in the order in which people read them.
var Reasons = []string{"spoiled", "wet", "broken", "stolen", "missing"}

type (
	LotID  = id.Of[Lot]
	LossID = id.Of[Loss]
)

const mostUnits = 1_000_000

// customsForm is how declarations are numbered, loosely: each office has its own way
// (Morocco: déclaration unique de marchandises, office-regime-year-serial-key).
var customsForm = regexp.MustCompile(`^[0-9A-Z]+([ ./-][0-9A-Z]+)*$`)

// Payment is one of a fund, that was agreed to.
type Payment struct {
	ID       string
	Minor    int64
	Currency string
	Hands    []actor.AccountID // who wrote it and who agreed
}

// Payments is what stock asks of whoever keeps money.
type Payments interface {
	// Paid is the payment of a number; nil is none that was agreed to.
	Paid(t *db.Tx, n receipt.Number) (*Payment, error)
}

// Good is a thing that is counted.
type Good struct{ Code, Key, Unit string }

// Ports are what stock asks of the rest of the house.
type Ports struct {
	Goods    func() []Good
	Name     func(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
	Payments Payments
	Currency money.Currency // in which funds pay
	// Handed tells of deliveries by their references in the ledger. What is no delivery is
	// left out.
	Handed func(t *db.Tx, refs []string) (map[string]Handing, error)
}

// Service is stock in one house.
type Service struct {
	// Public is the log that everybody may check; nil where there is none. Set while
	// the house is built.
	Public *translog.Log

	h      *deed.House
	places *places.Gazetteer
	p      Ports
	kept   kept
	few    int // families: the public is told of what so many got together
}

// New joins stock to a house. few is how many families are too few to name their commune.
func New(h *deed.House, g *places.Gazetteer, p Ports, few int) *Service {
	return &Service{h: h, places: g, p: p, few: few}
}

func (s *Service) good(code string) (Good, bool) {
	all := s.p.Goods()
	i := slices.IndexFunc(all, func(g Good) bool { return g.Code == code })
	if i < 0 {
		return Good{Code: code}, false
	}
	return all[i], true
}

// wrong says everything that a lot cannot be written down with.
func (s *Service) wrong(l Lot, number string) (all fault.All) {
	add := func(field, key string, args ...any) {
		all = append(all, fault.New(fault.Invalid, key, args...).On(field))
	}
	if _, known := s.good(l.Good); !known {
		add("good", "stock.good.missing")
	}
	if l.Units < 1 || l.Units > mostUnits {
		add("units", "stock.units.wrong", "most", mostUnits)
	}
	if !slices.Contains(Sources, l.Source) {
		add("source", "stock.source.missing")
	}
	if l.Customs != "" && (l.Source != Given || len(l.Customs) > 40 || !customsForm.MatchString(l.Customs)) {
		add("customs", "stock.customs.wrong")
	}
	if l.Source != Bought {
		return all
	}
	if _, err := receipt.Parse(number); err != nil {
		add("number", "stock.payment.number_wrong")
	}
	if l.Minor <= 0 {
		add("amount", "stock.payment.amount_wrong")
	}
	return all
}

// Manifest is stock as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{Name: "stock", Files: Files, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Chores: []module.Chore{{Name: "stock.tell", Every: toldEvery, Do: s.Tell}}, Checks: []module.Check{
		{Name: "stock: each lot and each loss is what the ledger has of it", Find: unlike},
		{Name: "stock: no payment became more goods than it paid", Find: beyond},
		{Name: "stock: what the public was told was given is what its log says", Find: s.otherwise},
	}, Say: s.say}
}
