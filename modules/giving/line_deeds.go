package giving

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/camt"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/iban"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// Taken is what became of a file of the bank.
type Taken struct {
	Lines   int  // of the file, that are booked
	Fresh   int  // that nobody had told before
	Matched int  // of those, explained by the number in their words
	Open    int  // of those, to be explained by a person
	Pending int  // not booked yet: they come again in a later file
	Adds    bool // they lead from the first balance to the last
}

// said is what the bank wrote with a line: it names people.
type said struct {
	Name string `json:"name,omitempty"`
	IBAN string `json:"iban,omitempty"`
	Text string `json:"text,omitempty"`
	Code string `json:"code,omitempty"`
	Fee  int64  `json:"fee,omitempty"` // that the bank kept of it
}

func saidAt(lid LineID) string { return crypt.At("giving_line.said", lid.String()) }

// Import takes in a statement of the bank (ISO 20022 camt.053). A line that was taken
// in before, by whatever file, counts once. Of a file whose lines are of another
// account nothing is taken.
func (s *Service) Import(ctx context.Context, by actor.Actor, code string, raw []byte) (out Taken, err error) {
	wrong := func(key string, args ...any) error {
		return fault.All{fault.New(fault.Invalid, key, args...).On("file")}
	}
	if len(raw) > mostFile {
		return out, wrong("giving.statement.large", "n", mostFile>>20)
	}
	all, err := camt.Read(bytes.NewReader(raw))
	if err != nil {
		return out, wrong("giving.statement.unreadable")
	}
	sum := sha256.Sum256(raw)
	err = s.h.Do(ctx, by, DeedImport, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		f, err := fundByCode(t.Tx, code)
		if err != nil {
			return err
		}
		out = Taken{Adds: true}
		mine := 0
		for i := range all {
			if !sameAccount(all[i].IBAN, f.IBAN) {
				continue
			}
			mine++
			if all[i].Currency != f.Currency {
				return wrong("giving.statement.currency", "currency", string(f.Currency))
			}
			if err := s.take(t, f, &all[i], hex.EncodeToString(sum[:]), &out); err != nil {
				return err
			}
		}
		switch {
		case mine == 0:
			return wrong("giving.statement.other_account")
		case out.Lines > mostLines:
			return wrong("giving.statement.many", "n", mostLines)
		case out.Fresh == 0:
			return deed.ErrNothingDone
		}
		return t.Tell("giving.fund/"+f.ID.String(), struct {
			Fresh   int    `json:"fresh"`
			Matched int    `json:"matched"`
			Sum     string `json:"sum"`
		}{out.Fresh, out.Matched, hex.EncodeToString(sum[:])})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return out, err
}

// sameAccount compares two numbers of an account; a bank may leave the country out.
func sameAccount(a, b string) bool {
	bare := func(s string) string {
		n, err := iban.Parse(s)
		if err != nil {
			n = s
		}
		n = strings.ReplaceAll(n, " ", "")
		if len(n) > 24 {
			n = n[len(n)-24:] // the RIB within a Moroccan IBAN
		}
		return n
	}
	return a != "" && bare(a) == bare(b)
}

// take takes in one statement of a file.
func (s *Service) take(t *deed.Tx, f *Fund, x *camt.Statement, sum string, out *Taken) error {
	st := &Statement{ID: id.New[Statement](t.Now()), Fund: f.ID, Sum: sum, Name: x.ID, Adds: x.Adds, Lines: len(x.Lines), MadeAt: t.Now()}
	out.Lines, out.Pending, out.Adds = out.Lines+len(x.Lines), out.Pending+len(x.Pending), out.Adds && x.Adds
	fresh, err := insertStatement(t.Tx, st)
	if err != nil || !fresh {
		return err
	}
	for i := range x.Lines {
		k := &x.Lines[i]
		l := &Line{ID: id.New[Line](t.Now()), Statement: st.ID, Fund: f.ID, Ref: k.Ref, Day: cmp.Or(k.ValueOn, k.BookedOn), Minor: k.Minor, State: LineOpen, MadeAt: t.Now()}
		w := said{Name: k.PartyName, IBAN: k.PartyIBAN, Text: strings.Join([]string{k.EndToEnd, k.Reference, k.Text}, " "), Code: k.Code, Fee: kept(k, f)}
		body, err := json.Marshal(w)
		if err != nil {
			return err
		}
		l.Said = s.vault.Seal(saidAt(l.ID), body)
		if fresh, err = insertLine(t.Tx, l); err != nil {
			return err
		}
		if !fresh {
			continue
		}
		out.Fresh++
		if err := s.settle(t, f, l, k, w, sum); err != nil {
			return err
		}
		if l.State == LineOpen {
			out.Open++
		} else {
			out.Matched++
		}
	}
	return nil
}

// lineRef is what the ledger calls the entry of a line of the bank.
func lineRef(f *Fund, ref string) string { return "camt/" + f.Code + "/" + ref }

// kept is what the bank kept of what came, in the fund's currency.
func kept(k *camt.Line, f *Fund) (fee int64) {
	for _, c := range k.Charges {
		if c.Included && c.Currency == f.Currency && c.Minor > 0 {
			fee += c.Minor
		}
	}
	return fee
}

// settle enters a fresh line into the ledger and explains it, where its words have a
// number that we gave.
func (s *Service) settle(t *deed.Tx, f *Fund, l *Line, k *camt.Line, w said, sum string) error {
	numbers := numbersIn(w.Text)
	if l.Minor < 0 {
		return s.settlePaid(t, f, l, numbers)
	}
	e := ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: lineRef(f, l.Ref), About: "giving.line/" + l.ID.String(), Document: sum}
	var err error
	if e.ValueOn, err = ledger.OpenDay(t.Tx, l.Day); err != nil {
		return err
	}
	if k.Was != nil {
		e.Was = &ledger.Was{Minor: k.Was.Minor, Currency: string(k.Was.Currency), Rate: k.Was.Rate, On: l.Day, From: "camt.053"}
	}
	var g *Gift
	for _, n := range numbers {
		x, err := giftByReceipt(t.Tx, n)
		if fault.KindOf(err) == fault.Missing {
			continue
		}
		if err != nil {
			return err
		}
		if x.Fund == f.ID && x.Entry.IsZero() {
			g = x
			break
		}
	}
	into := f.account(ledger.Suspense)
	if g != nil {
		mark, err := earmarkOf(t.Tx, g.Earmark)
		if err != nil {
			return err
		}
		into = f.waiting(mark)
	}
	// what the bank kept was given too, and left at once
	if err := s.post(t, e, move{f.account(ledger.Giver), -(l.Minor + w.Fee), false}, move{into, l.Minor, false}, move{f.account(ledger.Fee), w.Fee, true}); err != nil || g == nil {
		return err
	}
	l.State, l.Gift = LineGift, g.ID
	g.Minor, g.ReceivedAt, g.Entry = l.Minor+w.Fee, t.Now(), e.ID
	if err := s.received(t, f, g); err != nil {
		return err
	}
	if ok, err := receiveGift(t.Tx, g); err != nil || !ok {
		return cmp.Or(err, error(fault.New(fault.Conflict, "error.changed_meanwhile")))
	}
	return explainLine(t.Tx, l)
}

// settlePaid finds the payment that a line of the bank is of.
func (s *Service) settlePaid(t *deed.Tx, f *Fund, l *Line, numbers []receipt.Number) error {
	for _, n := range numbers {
		x, err := spendingByNumber(t.Tx, f.ID, n)
		if err != nil {
			return err
		}
		if x == nil || x.Minor != -l.Minor {
			continue
		}
		ok, err := payBy(t.Tx, x.ID, l.ID)
		if err != nil {
			return err
		}
		if ok {
			l.State, l.Spending = LinePaid, x.ID
			return explainLine(t.Tx, l)
		}
	}
	return nil
}

// received leaves the lines that tell of a gift that came, in the journal and in the
// public log, which commits to its number.
func (s *Service) received(t *deed.Tx, f *Fund, g *Gift) (err error) {
	subject := "giving.gift/" + g.ID.String()
	mark, err := earmarkOf(t.Tx, g.Earmark)
	if err != nil {
		return err
	}
	g.Leaf, err = s.tellPublic(t, subject, DeedReceive.Name, map[string]string{"fund": f.waiting(mark).Code, "amount": itoa64(g.Minor), "asset": string(f.Currency), "kind": "gift"}, leafBody(g))
	if err != nil {
		return err
	}
	return t.TellAs(DeedReceive, subject, giftTold{Fund: f.Code, Minor: g.Minor})
}

func leafBody(g *Gift) any { return map[string]string{"receipt": g.Receipt.String()} }

// move is one posting of a fund's own accounts.
type move struct {
	at    ledger.Account
	minor int64
	fee   bool
}

func (s *Service) post(t *deed.Tx, e ledger.Entry, all ...move) error {
	for _, m := range all {
		if m.minor == 0 {
			continue
		}
		a, err := ledger.Get(t.Tx, m.at.Code)
		if err != nil {
			return err
		}
		e.Postings = append(e.Postings, ledger.Posting{Account: a.ID, Amount: m.minor, Fee: m.fee})
	}
	_, _, err := ledger.Post(t, e)
	return err
}

var digitRuns = regexp.MustCompile(`[0-9][0-9 .\-]{7,12}[0-9]`)

// numbersIn are the numbers of ours in what somebody wrote on a transfer; their last
// digit tells them from others.
func numbersIn(text string) (out []receipt.Number) {
	for _, run := range digitRuns.FindAllString(arabic.Digits(text), -1) {
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, run)
		if len(digits) != receipt.Digits {
			continue
		}
		if n, err := receipt.Parse(digits); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func (s *Service) saidOf(l *Line) (w said, err error) {
	body, err := s.vault.Open(saidAt(l.ID), l.Said)
	if err != nil {
		return w, err
	}
	return w, json.Unmarshal(body, &w)
}

// Look opens the lines that nobody explained, and leaves a line in the journal: they
// name people.
func (s *Service) Look(ctx context.Context, by actor.Actor, code string) (lines []*Line, words []said, err error) {
	return s.look(ctx, by, code, func(t *db.Tx, f *Fund) ([]*Line, error) { return openLines(t, f.ID, mostShown) })
}

// LookBack opens the last lines that were explained, or the one that the bank calls ref.
func (s *Service) LookBack(ctx context.Context, by actor.Actor, code, ref string) (lines []*Line, words []said, err error) {
	return s.look(ctx, by, code, func(t *db.Tx, f *Fund) ([]*Line, error) { return toldLines(t, f.ID, ref, mostTold) })
}

// mostTold is how many explained lines are opened at once.
const mostTold = 30

func (s *Service) look(ctx context.Context, by actor.Actor, code string, which func(*db.Tx, *Fund) ([]*Line, error)) (lines []*Line, words []said, err error) {
	err = s.h.Do(ctx, by, DeedLook, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		f, err := fundByCode(t.Tx, code)
		if err != nil {
			return err
		}
		if lines, err = which(t.Tx, f); err != nil {
			return err
		}
		words = words[:0]
		for _, l := range lines {
			w, err := s.saidOf(l)
			if err != nil {
				return err
			}
			words = append(words, w)
		}
		return t.Tell("giving.fund/"+f.ID.String(), struct {
			Looked int `json:"looked"`
		}{len(lines)})
	})
	return lines, words, err
}
