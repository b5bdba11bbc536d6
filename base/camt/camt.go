// Package camt reads what a bank says of an account: ISO 20022 "Bank to Customer
// Statement" (camt.053) and "Debit Credit Notification" (camt.054), in every version
// from .001.02 on. Who gave and what it is for stands in it as people wrote it; amounts
// are exact, and a file that does not add up says so.
package camt

import (
	"encoding/xml"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"time"

	"github.com/twiza/twiza/base/money"
)

// Statement is what a bank says of one account and time.
type Statement struct {
	ID       string // the bank's
	IBAN     string // or the account's number of another kind, such as a RIB
	Currency money.Currency
	Opening  *money.Amount // booked; nil where the bank does not say
	Closing  *money.Amount
	Lines    []Line // booked
	Pending  []Line // not booked yet: they come again
	Adds     bool   // the lines lead from Opening to Closing, or one of them is not said
}

// Line is one movement.
type Line struct {
	Ref       string // the bank's; the same again is the same line
	Minor     int64  // what came is above zero, what left below
	Currency  money.Currency
	BookedOn  string // "2026-11-23"
	ValueOn   string
	EndToEnd  string // what whoever sent it called it
	Reference string // structured creditor reference
	Text      string // what they wrote
	PartyName string // the other side
	PartyIBAN string
	Code      string // the bank's kind of movement, "PMNT/RCDT/ESCT"
	Reversal  bool
	Charges   []Charge
	Was       *Was
}

// Charge is what a bank kept.
type Charge struct {
	Minor    int64
	Currency money.Currency
	Included bool // in the line's amount
}

// Was is what an amount was in the sender's currency.
type Was struct {
	Minor    int64
	Currency money.Currency
	Rate     string
}

// What is wrong with a file. ErrOther is another document, ErrBroken one that cannot be
// read; the error says where.
var (
	ErrOther  = errors.New("camt: not a statement of a bank (camt.053 or camt.054)")
	ErrBroken = errors.New("camt: the file cannot be read")
)

// Limits of a file.
const (
	MostBytes = 64 << 20
	MostLines = 200_000
	mostDeep  = 64
)

// Read reads a file of one or more statements.
func Read(r io.Reader) ([]Statement, error) {
	limited := &io.LimitedReader{R: r, N: MostBytes + 1}
	d := xml.NewDecoder(limited)
	d.Strict = true
	var out []Statement
	known, deep, lines := false, 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		if _, ok := token.(xml.Directive); ok {
			return nil, fmt.Errorf("%w: it declares entities", ErrBroken)
		}
		start, ok := token.(xml.StartElement)
		if _, end := token.(xml.EndElement); end {
			deep--
		}
		if !ok {
			continue
		}
		if deep++; deep > mostDeep {
			return nil, fmt.Errorf("%w: too deep", ErrBroken)
		}
		switch start.Name.Local {
		case "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn":
			known = true
		case "Stmt", "Ntfctn":
			if !known {
				return nil, ErrOther
			}
			var x wireStatement
			if err := d.DecodeElement(&x, &start); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrBroken, err)
			}
			deep--
			if lines += len(x.Entries); lines > MostLines {
				return nil, fmt.Errorf("%w: more than %d lines", ErrBroken, MostLines)
			}
			s, err := x.statement()
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrBroken, MostBytes)
	case !known:
		return nil, ErrOther
	case deep != 0:
		return nil, fmt.Errorf("%w: it ends too early", ErrBroken)
	}
	return out, nil
}

// The parts of the document that are read, by their names in the standard.
type (
	wireAmount struct {
		Text     string `xml:",chardata"`
		Currency string `xml:"Ccy,attr"`
	}
	wireDate struct {
		Day  string `xml:"Dt"`
		Time string `xml:"DtTm"`
	}
	wireStatement struct {
		ID      string        `xml:"Id"`
		Account wireAccount   `xml:"Acct"`
		Balance []wireBalance `xml:"Bal"`
		Entries []wireEntry   `xml:"Ntry"`
	}
	wireAccount struct {
		IBAN     string `xml:"Id>IBAN"`
		Other    string `xml:"Id>Othr>Id"`
		Currency string `xml:"Ccy"`
	}
	wireBalance struct {
		Code   string     `xml:"Tp>CdOrPrtry>Cd"`
		Amount wireAmount `xml:"Amt"`
		Sign   string     `xml:"CdtDbtInd"`
	}
	wireStatus struct {
		Text string `xml:",chardata"`
		Code string `xml:"Cd"`
	}
	wireEntry struct {
		Ref      string       `xml:"NtryRef"`
		Amount   wireAmount   `xml:"Amt"`
		Sign     string       `xml:"CdtDbtInd"`
		Reversal bool         `xml:"RvslInd"`
		Status   wireStatus   `xml:"Sts"`
		Booked   wireDate     `xml:"BookgDt"`
		Value    wireDate     `xml:"ValDt"`
		BankRef  string       `xml:"AcctSvcrRef"`
		Code     wireCode     `xml:"BkTxCd"`
		Charges  wireCharges  `xml:"Chrgs"`
		Details  []wireDetail `xml:"NtryDtls>TxDtls"`
		More     string       `xml:"AddtlNtryInf"`
	}
	wireCode struct {
		Domain string `xml:"Domn>Cd"`
		Family string `xml:"Domn>Fmly>Cd"`
		Sub    string `xml:"Domn>Fmly>SubFmlyCd"`
		Own    string `xml:"Prtry>Cd"`
	}
	wireCharges struct {
		Records []wireCharge `xml:"Rcrd"`
		wireCharge
	}
	wireCharge struct {
		Amount   wireAmount `xml:"Amt"`
		Included bool       `xml:"ChrgInclInd"`
	}
	wireDetail struct {
		BankRef   string      `xml:"Refs>AcctSvcrRef"`
		EndToEnd  string      `xml:"Refs>EndToEndId"`
		Amount    wireAmount  `xml:"Amt"`
		Sign      string      `xml:"CdtDbtInd"`
		Sent      wireWas     `xml:"AmtDtls>InstdAmt"`
		Moved     wireWas     `xml:"AmtDtls>TxAmt"`
		Charges   wireCharges `xml:"Chrgs"`
		Debtor    wireParty   `xml:"RltdPties>Dbtr"`
		Creditor  wireParty   `xml:"RltdPties>Cdtr"`
		FromIBAN  string      `xml:"RltdPties>DbtrAcct>Id>IBAN"`
		ToIBAN    string      `xml:"RltdPties>CdtrAcct>Id>IBAN"`
		FromOther string      `xml:"RltdPties>DbtrAcct>Id>Othr>Id"`
		ToOther   string      `xml:"RltdPties>CdtrAcct>Id>Othr>Id"`
		Words     []string    `xml:"RmtInf>Ustrd"`
		Reference string      `xml:"RmtInf>Strd>CdtrRefInf>Ref"`
	}
	wireParty struct {
		Name    string `xml:"Nm"`
		NameNew string `xml:"Pty>Nm"` // from version .08 on
	}
	wireWas struct {
		Amount wireAmount `xml:"Amt"`
		Rate   string     `xml:"CcyXchg>XchgRate"`
	}
)

func (d wireDate) day() (string, error) {
	s := strings.TrimSpace(d.Day)
	if s == "" && len(d.Time) >= 10 {
		s = strings.TrimSpace(d.Time)[:10]
	}
	if s == "" {
		return "", nil
	}
	if len(s) > 10 {
		s = s[:10] // a day may carry a time zone
	}
	_, err := time.Parse(time.DateOnly, s)
	return s, err
}

// minor is an amount in the smallest unit, with its sign.
func (a wireAmount) minor(sign string) (int64, money.Currency, error) {
	c := money.Currency(strings.TrimSpace(a.Currency))
	text := strings.TrimSpace(a.Text)
	if whole, part, ok := strings.Cut(text, "."); ok { // "12.50000" is 12.50
		part = strings.TrimRight(part, "0")
		for len(part) < c.Digits() {
			part += "0"
		}
		if len(part) > c.Digits() { // nothing is rounded, and no point is taken for thousands
			return 0, c, fmt.Errorf("%w: the amount %q has too many decimals", ErrBroken, a.Text)
		}
		if text = whole; part != "" {
			text += "." + part
		}
	}
	if len(c) != 3 || strings.Trim(text, "0123456789.") != "" {
		return 0, c, fmt.Errorf("%w: the amount %q %q", ErrBroken, a.Text, a.Currency)
	}
	x, err := money.Parse(text, c)
	if err != nil {
		return 0, c, fmt.Errorf("%w: the amount %q: %w", ErrBroken, a.Text, err)
	}
	switch strings.TrimSpace(sign) {
	case "CRDT":
		return x.Minor, c, nil
	case "DBIT":
		return -x.Minor, c, nil
	}
	return 0, c, fmt.Errorf("%w: neither CRDT nor DBIT: %q", ErrBroken, sign)
}

func (x wireStatement) statement() (s Statement, err error) {
	s = Statement{ID: strings.TrimSpace(x.ID), IBAN: strings.TrimSpace(first(x.Account.IBAN, x.Account.Other)), Currency: money.Currency(strings.TrimSpace(x.Account.Currency)), Adds: true}
	for _, b := range x.Balance {
		n, c, err := b.Amount.minor(b.Sign)
		if err != nil {
			return s, err
		}
		switch at := (&money.Amount{Minor: n, Currency: c}); strings.TrimSpace(b.Code) {
		case "OPBD", "PRCD":
			s.Opening = at
		case "CLBD":
			s.Closing = at
		}
		s.Currency = money.Currency(first(string(s.Currency), string(c)))
	}
	seen, sum := map[string]int{}, money.Amount{Currency: s.Currency}
	for i, e := range x.Entries {
		lines, err := e.lines()
		if err != nil {
			return s, fmt.Errorf("line %d: %w", i+1, err)
		}
		if s.Currency == "" {
			s.Currency, sum.Currency = lines[0].Currency, lines[0].Currency
		}
		for _, l := range lines {
			if seen[l.Ref]++; seen[l.Ref] > 1 { // two movements with one reference
				l.Ref = fmt.Sprintf("%s~%d", l.Ref, seen[l.Ref])
			}
			if strings.TrimSpace(first(e.Status.Code, e.Status.Text)) != "BOOK" {
				s.Pending = append(s.Pending, l)
				continue
			}
			s.Lines = append(s.Lines, l)
			if sum, err = sum.Add(money.Amount{Minor: l.Minor, Currency: l.Currency}); err != nil {
				return s, fmt.Errorf("%w: line %d: %w", ErrBroken, i+1, err)
			}
		}
	}
	if s.Opening != nil && s.Closing != nil {
		end, err := s.Opening.Add(sum)
		s.Adds = err == nil && end == *s.Closing
	}
	return s, nil
}

// lines are one for each movement of a batch, where they add up to it; else one.
func (e wireEntry) lines() ([]Line, error) {
	n, c, err := e.Amount.minor(e.Sign)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("%w: an amount of nothing", ErrBroken)
	}
	l := Line{Minor: n, Currency: c, Code: e.Code.text(), Reversal: e.Reversal}
	if l.BookedOn, err = e.Booked.day(); err == nil {
		l.ValueOn, err = e.Value.day()
	}
	if err != nil || first(l.BookedOn, l.ValueOn) == "" {
		return nil, fmt.Errorf("%w: a line without a day", ErrBroken)
	}
	l.BookedOn, l.ValueOn = first(l.BookedOn, l.ValueOn), first(l.ValueOn, l.BookedOn)
	l.Text = strings.TrimSpace(e.More)
	l.Ref = strings.TrimSpace(first(e.BankRef, e.Ref))
	if l.Charges, err = e.Charges.all(); err != nil {
		return nil, err
	}
	if parts, ok := e.parts(l); ok {
		return parts, nil
	}
	if len(e.Details) > 0 {
		if l, err = e.Details[0].fill(l); err != nil {
			return nil, err
		}
	}
	l.Ref = first(l.Ref, l.made(0))
	return []Line{l}, nil
}

// parts are the movements of a batch; ok is false where they do not add up to it.
func (e wireEntry) parts(whole Line) (out []Line, ok bool) {
	if len(e.Details) < 2 {
		return nil, false
	}
	rest := whole.Minor
	for i, x := range e.Details {
		n, c, err := x.Amount.minor(first(x.Sign, e.Sign))
		if err != nil || n == 0 || c != whole.Currency {
			return nil, false
		}
		l := whole
		l.Minor, l.Ref, l.Charges = n, "", nil
		if l, err = x.fill(l); err != nil {
			return nil, false
		}
		if whole.Ref != "" && l.Ref == "" {
			l.Ref = fmt.Sprintf("%s/%d", whole.Ref, i+1)
		}
		l.Ref = first(l.Ref, l.made(i))
		out, rest = append(out, l), rest-n
	}
	return out, rest == 0
}

// fill puts what a bank says of one movement into its line.
func (x wireDetail) fill(l Line) (Line, error) {
	l.Ref = strings.TrimSpace(first(x.BankRef, l.Ref))
	if id := strings.TrimSpace(x.EndToEnd); id != "NOTPROVIDED" {
		l.EndToEnd = id
	}
	l.Reference = strings.TrimSpace(x.Reference)
	if words := strings.TrimSpace(strings.Join(x.Words, " ")); words != "" {
		l.Text = words
	}
	l.PartyName, l.PartyIBAN = first(x.Debtor.Name, x.Debtor.NameNew), first(x.FromIBAN, x.FromOther)
	if l.Minor < 0 {
		l.PartyName, l.PartyIBAN = first(x.Creditor.Name, x.Creditor.NameNew), first(x.ToIBAN, x.ToOther)
	}
	l.PartyName, l.PartyIBAN = strings.TrimSpace(l.PartyName), strings.TrimSpace(l.PartyIBAN)
	more, err := x.Charges.all()
	if err != nil {
		return l, err
	}
	l.Charges = append(l.Charges, more...)
	for _, w := range []wireWas{x.Sent, x.Moved} {
		if w.Amount.Currency == "" || w.Amount.Currency == string(l.Currency) || l.Was != nil {
			continue
		}
		n, c, err := w.Amount.minor("CRDT")
		if err != nil {
			return l, err
		}
		l.Was = &Was{Minor: n, Currency: c, Rate: strings.TrimSpace(first(w.Rate, x.Sent.Rate, x.Moved.Rate))}
	}
	return l, nil
}

func (c wireCharges) all() (out []Charge, err error) {
	list := c.Records
	if c.Amount.Text != "" { // before version .04 there was one record, without a name of its own
		list = append(list, c.wireCharge)
	}
	for _, r := range list {
		n, cur, err := r.Amount.minor("CRDT")
		if err != nil {
			return nil, err
		}
		out = append(out, Charge{n, cur, r.Included})
	}
	return out, nil
}

func (c wireCode) text() string {
	if c.Domain == "" {
		return strings.TrimSpace(c.Own)
	}
	return strings.Join([]string{c.Domain, c.Family, c.Sub}, "/")
}

// made is a reference for a line to which the bank gave none: the same line read again
// gets the same one.
func (l Line) made(i int) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d|%d|%s|%s|%s|%s|%s|%s", i, l.Minor, l.Currency, l.ValueOn, l.EndToEnd, l.Text, l.PartyName, l.PartyIBAN)
	return fmt.Sprintf("%s-%016x", l.BookedOn, h.Sum64())
}

func first(all ...string) string {
	for _, s := range all {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}
