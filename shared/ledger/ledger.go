// Package ledger is where money and goods are, and how they came there. Whoever
// gave can be told what became of it, an accountant can add everything up again
// with a tool that is not ours, and nobody can spend what is not there.
//
// What always holds: every entry sums to zero for each asset; an entry is never
// changed, only reversed by another; the same reference never counts twice; an
// account never holds less than its floor, whoever pays at the same moment; money
// given for one purpose never pays for another; and each entry's checksum stands
// in the journal, so that a line altered by hand is found and named.
//
// An account is a place in a flow, not one of two columns: a gift leaves "giver"
// and comes to a fund, an allocation leaves the fund and comes to an envelope, a
// payment leaves the envelope and comes to whom it was paid. Goods flow likewise,
// from giver to stock, to transit, to given or lost. What a fund has is then what
// it was given less what left it, at every moment (docs/ledger.md, decision 0017).
package ledger

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

//go:embed schema/*.sql locale/*.json
var Files embed.FS

// The lines that the ledger leaves in the journal, whatever deed moved it.
var (
	DeedPost  = deed.Deed{Name: "ledger.entry.post"}
	DeedOpen  = deed.Deed{Name: "ledger.account.open"}
	DeedHold  = deed.Deed{Name: "ledger.hold.set"}
	DeedFree  = deed.Deed{Name: "ledger.hold.free"}
	DeedClose = deed.Deed{Name: "ledger.period.close"}
	DeedDraft = deed.Deed{Name: "ledger.draft.write"}
	DeedAgree = deed.Deed{Name: "ledger.draft.agree"}
	DeedDrop  = deed.Deed{Name: "ledger.draft.drop"}
)

// Manifest is what the ledger brings into a house: tables, words and promises. It
// has no doors: modules that move money or goods have them.
func Manifest() module.Manifest {
	return module.Manifest{Name: "ledger", Files: Files, Checks: checks(),
		Deeds: []deed.Deed{DeedPost, DeedOpen, DeedHold, DeedFree, DeedClose, DeedDraft, DeedAgree, DeedDrop}}
}

// Kind says what an account is for.
type Kind string

const (
	Giver    Kind = "giver"    // whoever gives, or sells: value comes from there, without a floor
	Fund     Kind = "fund"     // money that nobody has allocated yet
	Envelope Kind = "envelope" // money set apart for something
	Suspense Kind = "suspense" // what nobody has explained yet
	Stock    Kind = "stock"    // goods in a depot
	Transit  Kind = "transit"  // goods on the road
	Exchange Kind = "exchange" // between two currencies, or money and the goods bought with it
	Fee      Kind = "fee"      // what a bank or a gateway took
	Paid     Kind = "paid"     // to whom it was paid
	Given    Kind = "given"    // delivered to people
	Lost     Kind = "lost"     // goods that did not arrive
)

var kinds = []Kind{Giver, Fund, Envelope, Suspense, Stock, Transit, Exchange, Fee, Paid, Given, Lost}

// keeps tells whether value in such an account can still be moved on: then it must
// keep its earmark.
func (k Kind) keeps() bool {
	return slices.Contains([]Kind{Fund, Envelope, Suspense, Stock, Transit}, k)
}

// Account is one place where value is.
type Account struct {
	ID       AccountID
	Code     string // "fund/haouz", unique, for people and exports; lower case
	Kind     Kind
	Asset    string // "MAD", or "lot/" and its identifier
	Earmark  string // "education", "education/books"; "" is for anything
	Limited  bool   // it may hold no less than Floor
	Floor    int64
	Balance  int64
	Held     int64 // set aside
	MadeAt   time.Time
	ClosedAt time.Time
}

type (
	AccountID = id.Of[Account]
	EntryID   = id.Of[Entry]
	HoldID    = id.Of[Hold]
	DraftID   = id.Of[Draft]
)

// Free is what may leave the account.
func (a Account) Free() int64 { return a.Balance - a.Held - a.Floor }

// Posting moves an amount, in the asset's smallest unit: what comes is above
// zero, what leaves below.
type Posting struct {
	Account AccountID `json:"account"`
	Amount  int64     `json:"amount"`
	Fee     bool      `json:"fee,omitempty"`
	Asset   string    `json:"asset"` // the account's; filled in when it is posted
}

// Was is what a gift was before it was changed into the fund's currency.
type Was struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
	Rate     string `json:"rate"` // as the bank wrote it: "10.8125"
	On       string `json:"on"`   // its day, "2026-11-22"
	From     string `json:"from"` // who says so
}

// Entry is one movement.
type Entry struct {
	ID       EntryID         `json:"id"`
	Ref      string          `json:"ref"`      // how the world outside calls it; the same again adds nothing
	About    string          `json:"about"`    // "fund.gift/0190…": what it belongs to
	Purpose  string          `json:"purpose"`  // what it is for, where an account is earmarked
	Document string          `json:"document"` // SHA-256 of the paper that says so, in hexadecimal; "" is none
	ValueOn  string          `json:"value_on"` // the day on which it counts
	Was      *Was            `json:"was,omitempty"`
	Reverses EntryID         `json:"reverses,omitzero"`
	Hold     HoldID          `json:"hold,omitzero"` // that it takes
	Postings []Posting       `json:"postings"`
	Deed     string          `json:"-"`
	By       actor.AccountID `json:"-"`
	Role     string          `json:"-"`
	MadeAt   time.Time       `json:"-"`
	Sum      []byte          `json:"-"`
}

// Day is a moment as the day on which an entry counts, where the books are kept.
func Day(at time.Time, where *time.Location) string { return at.In(where).Format(time.DateOnly) }

// Limits of an entry.
const (
	mostPostings = 1000
	mostText     = 200
)

// check says what is wrong with an entry by itself.
func (e Entry) check() error {
	bad := func(key string, args ...any) error { return fault.New(fault.Invalid, "ledger.entry."+key, args...) }
	switch {
	case e.ID.IsZero() || e.Ref == "" || e.About == "" || len(e.Ref)+len(e.About)+len(e.Purpose) > 3*mostText:
		return bad("unnamed")
	case len(e.Postings) < 2 || len(e.Postings) > mostPostings:
		return bad("few", "most", mostPostings)
	case e.Document != "" && (len(e.Document) != 64 || strings.Trim(e.Document, "0123456789abcdef") != ""):
		return bad("document")
	}
	if _, err := time.Parse(time.DateOnly, e.ValueOn); err != nil {
		return bad("day")
	}
	for _, p := range e.Postings {
		if p.Amount == 0 || p.Account.IsZero() {
			return bad("nothing")
		}
	}
	return nil
}

// balanced tells whether what leaves comes somewhere, for each asset.
func (e Entry) balanced() bool {
	sums := map[string]int64{}
	for _, p := range e.Postings {
		s := sums[p.Asset] + p.Amount
		if (s > sums[p.Asset]) != (p.Amount > 0) {
			return false // it overflows
		}
		sums[p.Asset] = s
	}
	for _, s := range sums {
		if s != 0 {
			return false
		}
	}
	return true
}

// checksum is SHA-256 over all that an entry says, every field with its length in
// front, so that no two entries spell the same bytes.
func (e Entry) checksum() []byte {
	var in []byte
	put := func(all ...string) {
		for _, f := range all {
			in = append(append(strconv.AppendInt(in, int64(len(f)), 10), ':'), f...)
		}
	}
	n := func(i int64) string { return strconv.FormatInt(i, 10) }
	put("ledger.entry.1", e.ID.String(), e.Ref, e.About, e.Purpose, e.Document, e.ValueOn, e.Reverses.String(), e.Deed, e.By.String(), e.Role, n(e.MadeAt.UnixMicro()))
	if w := e.Was; w != nil {
		put(n(w.Minor), w.Currency, w.Rate, w.On, w.From)
	}
	put(n(int64(len(e.Postings))))
	for _, p := range e.Postings {
		put(p.Account.String(), p.Asset, n(p.Amount), what(p.Fee))
	}
	sum := sha256.Sum256(in)
	return sum[:]
}

func what(fee bool) string {
	if fee {
		return "fee"
	}
	return ""
}

// same tells whether two entries say the same, whoever wrote them and when: a notice
// that comes again is written anew, and has another identifier.
func (e Entry) same(x Entry) bool {
	e.ID, e.Deed, e.By, e.Role, e.MadeAt = x.ID, x.Deed, x.By, x.Role, x.MadeAt
	return string(e.checksum()) == string(x.checksum())
}

// covers tells whether money for one purpose may pay for another: it must be the
// same, or a part of it.
func covers(earmark, purpose string) bool {
	return earmark == "" || purpose == earmark || strings.HasPrefix(purpose, earmark+"/")
}

// misplaced names the account in which an earmark would be lost: what leaves an
// earmarked account may only be spent for that, or wait where it stays earmarked.
func (e Entry) misplaced(of map[AccountID]*Account) *Account {
	for _, p := range e.Postings {
		from := of[p.Account]
		if p.Amount > 0 || from.Earmark == "" {
			continue
		}
		if !covers(from.Earmark, e.Purpose) {
			return from
		}
		for _, q := range e.Postings {
			to := of[q.Account]
			if q.Amount > 0 && to.Asset == from.Asset && to.Kind.keeps() && !covers(from.Earmark, to.Earmark) {
				return from
			}
		}
	}
	return nil
}

// reversal is the entry that takes another back.
func (e Entry) reversal(eid EntryID, ref, day string) Entry {
	out := Entry{ID: eid, Ref: ref, About: e.About, Purpose: e.Purpose, ValueOn: day, Reverses: e.ID}
	for _, p := range e.Postings {
		p.Amount = -p.Amount
		out.Postings = append(out.Postings, p)
	}
	return out
}

// unknown is what a store says of an account that is not there.
func unknown(what string, x fmt.Stringer) error {
	return fmt.Errorf("ledger: no %s %s", what, x)
}
