// Package giving is money that people give and what becomes of it: funds with an
// account at a bank, gifts, what is set apart for a purpose, and what is paid.
//
// Words: a Fund has one account at a bank and is opened under a text of law. A Gift
// is announced by a giver, who gets a receipt number to write on the transfer, and
// received when the bank's statement says so. A Line is one line of a statement; who
// is named on it stays sealed. An Envelope is money set apart for a purpose. A
// Spending sets apart or pays; one person writes it and others agree. An Earmark is what
// gifts may be given for, and for nothing else.
//
// What always holds: money is in the ledger and nowhere else; what a fund has is what
// the bank says came, less what left; a line that nobody explained stays in sight, of
// staff and of the public; nobody sets apart or pays what is not there; whoever wrote
// a spending does not agree to it; what was given for one thing pays for no other;
// each payment says what for, to whom, and by which
// paper; and the path of every gift, to the smallest coin, is open to whoever holds
// its receipt, and names nobody.
package giving

import (
	"embed"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/iban"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/translog"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Fund is money of everybody for a purpose, in one account at a bank.
type Fund struct {
	ID       FundID
	Code     string            // "haouz": of its accounts in the ledger and of its page
	Names    map[string]string // by language
	IBAN     string
	Currency money.Currency
	Basis    string // the text under which it was opened
	OpenedAt time.Time
	EndedAt  time.Time // since then it collects no more; zero: it does
}

// Gift is what one giver gave, or said that they would.
type Gift struct {
	ID          GiftID
	Fund        FundID
	Earmark     EarmarkID // what it is for; zero: anything
	Receipt     receipt.Number
	Announced   int64 // 0: nobody announced it
	AnnouncedAt time.Time
	Minor       int64 // what came; 0: nothing yet
	ReceivedAt  time.Time
	Entry       ledger.EntryID
	Leaf        translog.LeafID
	Back        Back      // why it is waited for again; "" unless it was taken back
	BackAt      time.Time // when that was
}

// Line is one line of a statement of the bank.
type Line struct {
	ID        LineID
	Statement StatementID
	Fund      FundID
	Ref       string // the bank's
	Day       string
	Minor     int64 // what came is above zero
	Said      []byte
	State     LineState
	Gift      GiftID
	Spending  SpendingID
	Tries     int // how often what was said of it was taken back
	MadeAt    time.Time
}

// LineState is what became of a line. The set is closed.
type LineState string

const (
	LineOpen LineState = "open" // nobody has explained it
	LineGift LineState = "gift"
	LineFee  LineState = "fee"
	LinePaid LineState = "paid" // a payment that others agreed to
)

// Statement is a file of the bank that was taken in.
type Statement struct {
	ID     StatementID
	Fund   FundID
	Sum    string // SHA-256, hexadecimal
	Name   string // the bank's
	Adds   bool   // its lines lead from its first balance to its last
	Lines  int
	MadeAt time.Time
}

// Envelope is money set apart for a purpose.
type Envelope struct {
	ID      EnvelopeID
	Fund    FundID
	N       int
	Name    string
	Earmark EarmarkID // of the gifts that it is filled from; zero: any
	About   string    // the crisis or mission that it is for; "" is none
	MadeAt  time.Time
}

// Spending sets money apart, or pays.
type Spending struct {
	ID       SpendingID
	Fund     FundID
	Envelope EnvelopeID
	Number   receipt.Number // to write on the transfer
	Kind     SpendingKind
	Minor    int64
	Purpose  string    // everybody reads it
	Payee    []byte    // sealed; nil when money is set apart
	Document string    // SHA-256 of the paper
	Paper    []byte    // the paper, while it is written down
	About    string    // the crisis or mission of its new envelope, while it is written down
	Earmark  EarmarkID // of its new envelope, while it is written down
	Draft    ledger.DraftID
	State    SpendingState
	Author   actor.AccountID
	MadeAt   time.Time
	EndedAt  time.Time
	Entry    ledger.EntryID
	Line     LineID // of the bank that paid it; zero: the bank has not said so yet
}

// SpendingKind and SpendingState are closed sets.
type (
	SpendingKind  string
	SpendingState string
)

const (
	Allocate SpendingKind = "allocate"
	Pay      SpendingKind = "pay"

	Waiting SpendingState = "waiting"
	Done    SpendingState = "done"
	Dropped SpendingState = "dropped"
)

type (
	FundID      = id.Of[Fund]
	GiftID      = id.Of[Gift]
	LineID      = id.Of[Line]
	StatementID = id.Of[Statement]
	EnvelopeID  = id.Of[Envelope]
	SpendingID  = id.Of[Spending]
)

// Limits of what people write.
const (
	mostName  = 80
	mostText  = 200
	mostGift  = int64(1_000_000_000_00) // a slip of the finger, not a gift
	mostFile  = 8 << 20
	mostPaper = 4 << 20
	mostLines = 5000 // of one file: they are taken in as one deed
)

// Goods is what giving asks of whoever counts goods.
type Goods interface {
	// Became is what a payment bought, from its first coin on: pieces that follow each
	// other without a gap, less what has not arrived.
	Became(t *db.Tx, payment string) ([]Piece, error)
	// Place is what the commune of a piece is called; "" for none.
	Place(lang, code string) string
}

// Piece is a stretch of a payment, up to To, which is not in it, and where the goods are
// that it bought.
type Piece struct {
	From, To int64
	Key      string // catalogue key of the good's name
	Units    int64
	State    string // "depot", "road", "given", "lost"
	Commune  string // code; "" where it is not given, or too few families were
}

// Service is giving in one house.
type Service struct {
	// Public is the log that everybody may check; nil where there is none. Set while
	// the house is built.
	Public *translog.Log
	// Goods tells what payments became; nil where nobody counts goods. Set while the
	// house is built.
	Goods Goods
	// Causes tells of crises and missions; nil where money is set apart for words
	// alone. Set while the house is built.
	Causes Causes

	h     *deed.House
	vault *crypt.Vault
	rules Rules
	zone  *time.Location
	flows flows
}

// New joins giving to a house.
func New(h *deed.House, v *crypt.Vault, r Rules, zone *time.Location) *Service {
	return &Service{h: h, vault: v, rules: r, zone: zone}
}

var fundCode = regexp.MustCompile(`^[a-z]{2,}(-[a-z]{2,})*$`)

// wrong says everything that a fund cannot be kept with, and cleans it.
func (f *Fund) wrong() (all fault.All) {
	add := func(field, key string) { all = append(all, fault.New(fault.Invalid, key).On(field)) }
	if !fundCode.MatchString(f.Code) || len(f.Code) > 30 {
		add("code", "giving.fund.code_wrong")
	}
	for _, l := range []string{"ar", "fr"} {
		if f.Names[l] = strings.TrimSpace(f.Names[l]); f.Names[l] == "" || utf8.RuneCountInString(f.Names[l]) > mostName {
			add("name_"+l, "giving.fund.name_wrong")
		}
	}
	number, err := iban.Parse(f.IBAN)
	if err != nil {
		add("iban", "giving.fund.iban_wrong")
	}
	f.IBAN = number
	if f.Basis = strings.TrimSpace(f.Basis); f.Basis == "" || utf8.RuneCountInString(f.Basis) > mostText {
		add("basis", "giving.fund.basis_missing")
	}
	return all
}

// Name is what a fund is called in a language, or else in French.
func (f *Fund) Name(lang string) string {
	if n := f.Names[lang]; n != "" {
		return n
	}
	return f.Names["fr"]
}

// The accounts of a fund.
func (f *Fund) account(kind ledger.Kind) ledger.Account {
	return ledger.Account{Kind: kind, Asset: string(f.Currency), Code: string(kind) + "/" + f.Code}
}

func (f *Fund) envelope(kind ledger.Kind, n int) ledger.Account {
	a := f.account(kind)
	a.Code += "/u-" + itoa(n)
	return a
}

// wrong says everything that a spending cannot be written with.
func (s *Spending) wrong(envelope, payee string) (all fault.All) {
	add := func(field, key string) { all = append(all, fault.New(fault.Invalid, key).On(field)) }
	long := func(s string, most int) bool { return s == "" || utf8.RuneCountInString(s) > most }
	if s.Kind != Allocate && s.Kind != Pay {
		add("kind", "giving.spending.kind_wrong")
	}
	if s.Minor <= 0 || s.Minor > mostGift {
		add("amount", "giving.gift.amount_wrong")
	}
	if long(s.Purpose, mostText) {
		add("purpose", "giving.spending.purpose_wrong")
	}
	if s.Kind == Allocate && s.Envelope.IsZero() && long(envelope, mostName) {
		add("name", "giving.spending.envelope_wrong")
	}
	if s.Kind == Pay && long(payee, mostText) {
		add("payee", "giving.spending.payee_missing")
	}
	if s.Kind == Pay && s.Document == "" {
		add("document", "giving.spending.document_missing")
	}
	if len(s.Paper) > 0 && (paperKind(s.Paper) == "" || len(s.Paper) > mostPaper) {
		add("document", "giving.paper.wrong")
	}
	return all
}

// Manifest is giving as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{Name: "giving", Files: Files, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Checks: checks(), Say: s.say,
		Sealed: []crypt.Column{{Table: "giving_line", Column: "said"}, {Table: "giving_spending", Column: "payee"}, {Table: "giving_paper", Column: "body", Key: "sum"}}}
}
