package giving

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

func (k *till) refused(what, key string, err error) {
	k.Helper()
	if err == nil || !strings.Contains(fmt.Sprintf("%+v", err), key) {
		k.Errorf("%s: %v, and not %s", what, err, key)
	}
}

func TestAGiftIsKnownByItsNumberAndFollowedToTheCentime(t *testing.T) {
	engines(t, func(k *till) {
		a, b := k.announced(500_00), k.announced(300_00)
		if got := k.take(came{minor: 494_00, fee: 6_00, words: "don " + a.Receipt.Groups()}, came{minor: 250_00, words: "DON " + b.Receipt.String() + " merci"}, came{minor: 100_00, words: "sans numéro"}, came{minor: -12_00, words: "frais de tenue"}); got.Matched != 2 || got.Open != 2 {
			k.Fatalf("%+v", got)
		}
		if got := k.parts(a); !maps.Equal(got, map[partState]int64{partFee: 6_00, partWaiting: 494_00}) {
			k.Errorf("%v", got)
		}
		k.spend(Spending{Kind: Allocate, Minor: 600_00}, "Couvertures")
		_, acc, envelopes := k.fund()
		if acc.Came != 850_00 || acc.Waits != 144_00 || acc.Set != 600_00 || acc.Fees != 6_00 || acc.In != 100_00 || acc.Out != 12_00 || !acc.Flagged {
			k.Errorf("%+v", acc)
		}
		env, err := id.Parse[Envelope](envelopes[0].ID)
		k.must(err)
		paid := k.spend(Spending{Kind: Pay, Envelope: env, Minor: 520_00}, "")
		// what came first left first: all of the first gift is paid, and 26 of the second
		if got := k.parts(a); !maps.Equal(got, map[partState]int64{partFee: 6_00, partPaid: 494_00}) {
			k.Errorf("%v", got)
		}
		if got := k.parts(b); !maps.Equal(got, map[partState]int64{partPaid: 26_00, partSet: 80_00, partWaiting: 144_00}) {
			k.Errorf("%v", got)
		}
		if got := k.take(came{minor: -520_00, words: "VIR " + paid.Number.String()}); got.Matched != 1 {
			k.Errorf("the bank's line of a payment was not known: %+v", got)
		}
		lines, words, err := k.Look(k.Context(), k.keeper, "neige")
		k.must(err)
		for i, l := range lines {
			what := LineGift
			if l.Minor < 0 {
				what = LineFee
			}
			if words[i].Text == "" {
				k.Errorf("nothing is known of line %s", l.Ref)
			}
			_, err := k.Explain(k.Context(), k.keeper, l.ID, Explanation{What: what})
			k.must(err)
			_, err = k.Explain(k.Context(), k.keeper, l.ID, Explanation{What: what})
			k.refused("a line explained twice", "giving.line.explained", err)
		}
		if _, acc, _ := k.fund(); acc.OpenN != 0 || acc.Flagged || acc.Waits != 144_00+100_00-12_00 || acc.Fees != 18_00 {
			k.Errorf("%+v", acc)
		}
		// the bank's fee was taken from what came first and was not spent: the second gift
		if got := k.parts(b); got[partFee] != 12_00 || got[partWaiting] != 132_00 {
			k.Errorf("%v", got)
		}
	})
}

func TestTheSameStatementAgainAddsNothingAndAnotherAccountIsRefused(t *testing.T) {
	engines(t, func(k *till) {
		g := k.announced(100_00)
		file := k.bank(came{minor: 100_00, words: g.Receipt.String()}, came{minor: 40_00, words: "?"})
		for range 3 {
			_, err := k.Import(k.Context(), k.keeper, "neige", file)
			k.must(err)
		}
		k.lines = 0 // another file of the bank with the same lines, and one more
		got := k.take(came{minor: 100_00, words: g.Receipt.String()}, came{minor: 40_00, words: "?"}, came{minor: 7_00, words: "!"})
		if got.Fresh != 1 || got.Lines != 3 {
			k.Errorf("%+v", got)
		}
		if _, acc, _ := k.fund(); acc.Came != 147_00 || acc.Waits != 100_00 || acc.In != 47_00 {
			k.Errorf("%+v", acc)
		}
		other := bytes.ReplaceAll(k.bank(came{minor: 1_00}), []byte(ourIBAN), []byte("FR1420041010050500013M02606"))
		_, err := k.Import(k.Context(), k.keeper, "neige", other)
		k.refused("another account", "giving.statement.other_account", err)
		_, err = k.Import(k.Context(), k.keeper, "neige", []byte("<html>"))
		k.refused("no statement", "giving.statement.unreadable", err)
		_, err = k.Import(k.Context(), k.keeper, "neige", bytes.ReplaceAll(k.bank(came{minor: 1_00}), []byte("MAD"), []byte("EUR")))
		k.refused("another currency", "giving.statement.currency", err)
	})
}

func TestNobodySetsApartOrPaysWhatIsNotThereNorAgreesToTheirOwn(t *testing.T) {
	engines(t, func(k *till) {
		k.take(came{minor: 1_000_000_00, words: "?"})
		write := func(x Spending, name, payee string) (SpendingID, error) {
			x.ID, x.Purpose = id.New[Spending](k.clock.At), "bois"
			return x.ID, k.Write(k.Context(), k.keeper, "neige", x, name, payee)
		}
		_, err := write(Spending{Kind: Allocate, Minor: 1_00}, "Bois", "")
		k.refused("of money that nobody explained", "giving.spending.short", err)
		lines, _, err := k.Look(k.Context(), k.keeper, "neige")
		k.must(err)
		g, err := k.Explain(k.Context(), k.keeper, lines[0].ID, Explanation{What: LineGift})
		k.must(err)
		if g == nil || g.Receipt.IsZero() {
			k.Fatal("a gift of nobody known has no number")
		}
		_, err = write(Spending{Kind: Allocate, Minor: 1_000_000_01}, "Bois", "")
		k.refused("more than there is", "giving.spending.short", err)
		for field, x := range map[string]Spending{"giving.spending.document_missing": {Kind: Pay, Minor: 1}, "giving.spending.payee_missing": {Kind: Pay, Minor: 1}, "giving.spending.kind_wrong": {Kind: "x", Minor: 1}, "giving.gift.amount_wrong": {Kind: Allocate}} {
			_, err = write(x, "Bois", "")
			k.refused("what is missing", field, err)
		}
		// two are asked for more than there is; the second that is agreed to is refused
		first, err := write(Spending{Kind: Allocate, Minor: 400_000_00}, "Bois", "")
		k.must(err)
		second, err := write(Spending{Kind: Allocate, Minor: 700_000_00}, "Tentes", "")
		k.must(err)
		both := k.keeper
		both.Grants = append(both.Grants, k.one.Grants...)
		k.refused("one's own", "ledger.draft.own", k.Agree(k.Context(), both, first))
		if err := k.Agree(k.Context(), k.keeper, first); fault.KindOf(err) != fault.Denied {
			k.Errorf("who keeps the money decides: %v", err)
		}
		k.must(k.Agree(k.Context(), k.one, first))
		k.must(k.Agree(k.Context(), k.one, second)) // of two that it wants
		k.must(k.Agree(k.Context(), k.one, second)) // the same again is not another
		if _, acc, _ := k.fund(); acc.Set != 400_000_00 {
			k.Errorf("one agreed to what wants two: %+v", acc)
		}
		k.refused("beyond the balance", "ledger.account.short", k.Agree(k.Context(), k.two, second))
		k.must(k.Drop(k.Context(), k.keeper, second))
		k.refused("what was dropped", "giving.spending.ended", k.Agree(k.Context(), k.two, second))
	})
}

// A year of a fund at random: at every moment what it has is what came less what left,
// and the parts of all gifts add up to what every account says.
func TestWhateverComesAndGoesTheGiftsAddUpToTheFund(t *testing.T) {
	engines(t, func(k *till) {
		r := rand.New(rand.NewPCG(7, uint64(len(k.T.Name()))))
		var gifts []*Gift
		roofs := k.mark("Toits")
		for range 40 {
			k.clock.At = k.clock.At.Add(time.Duration(r.IntN(4)) * time.Minute) // some lines are settled, some are not
			switch r.IntN(6) {
			case 4: // what was said of a line is taken back, where it still can be
				lines, _, err := k.LookBack(k.Context(), k.keeper, "neige", "")
				k.must(err)
				if len(lines) > 0 {
					if err := k.TakeBack(k.Context(), k.keeper, lines[r.IntN(len(lines))].ID, backs[r.IntN(len(backs))]); err != nil {
						k.refused("a line", "giving.back.spent", err)
					}
				}
			case 5: // and said anew; or the bank takes something
				lines, _, err := k.Look(k.Context(), k.keeper, "neige")
				k.must(err)
				if len(lines) == 0 && k.waits(EarmarkID{}) > 9_00 {
					k.take(came{minor: -1 - r.Int64N(9_00), words: "frais"})
				}
				for _, l := range lines {
					x := Explanation{What: LineGift, Earmark: []EarmarkID{{}, roofs}[r.IntN(2)]}
					if l.Minor < 0 {
						x = Explanation{What: LineFee}
					}
					g, err := k.Explain(k.Context(), k.keeper, l.ID, x)
					if l.Minor < 0 && fault.KindOf(err) == fault.Conflict {
						continue // there is not enough for the fee
					}
					k.must(err)
					if g != nil {
						gifts = append(gifts, g)
					}
				}
			case 0, 1:
				g := k.forPurpose(1+r.Int64N(900_00), []EarmarkID{{}, roofs}[r.IntN(2)])
				k.take(came{minor: 1 + r.Int64N(900_00), fee: r.Int64N(3), words: g.Receipt.String()})
				gifts = append(gifts, g)
			case 2:
				for _, eid := range []EarmarkID{{}, roofs} {
					if n := k.waits(eid); n > 1 {
						k.spend(Spending{Kind: Allocate, Earmark: eid, Minor: 1 + r.Int64N(n)}, []string{"Bois", "Tentes"}[r.IntN(2)]+eid.String())
					}
				}
			case 3:
				_, _, envelopes := k.fund()
				for _, e := range envelopes {
					if env, err := id.Parse[Envelope](e.ID); err == nil && e.Left > 1 {
						k.spend(Spending{Kind: Pay, Envelope: env, Minor: 1 + r.Int64N(e.Left)}, "")
						break
					}
				}
			}
			sum := map[partState]int64{}
			for _, g := range gifts {
				for s, n := range k.parts(g) {
					sum[s] += n
				}
			}
			_, acc, _ := k.fund()
			_, words, err := k.Look(k.Context(), k.keeper, "neige")
			k.must(err)
			for _, w := range words {
				sum[partFee] += w.Fee // of a gift that was taken back
			}
			if sum[partWaiting] != acc.Waits || sum[partSet] != acc.Set || sum[partPaid] != acc.Paid || sum[partFee] != acc.Fees || acc.Came != acc.Waits+acc.Set+acc.Paid+acc.Fees+acc.In {
				k.Fatalf("the gifts say %v, the fund %+v", sum, acc)
			}
		}
	})
}

func TestWhoChangesAPaymentByHandIsNamed(t *testing.T) {
	engines(t, func(k *till) {
		g := k.announced(100_00)
		k.take(came{minor: 100_00, words: g.Receipt.String()})
		k.must(k.h.DB.Write(k.Context(), func(t *db.Tx) error {
			_, err := t.Exec(`UPDATE giving_gift SET minor = 90 WHERE id = ?1`, g.ID)
			return err
		}))
		found := false
		k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
			for _, c := range checks() {
				bad, err := c.Find(t)
				if err != nil {
					return err
				}
				found = found || strings.Contains(strings.Join(bad, " "), g.ID.String())
			}
			return nil
		}))
		if !found {
			k.Error("a gift that was changed by hand is not named")
		}
		k.must(k.h.DB.Write(k.Context(), func(t *db.Tx) error {
			_, err := t.Exec(`UPDATE giving_gift SET minor = 10000 WHERE id = ?1`, g.ID)
			return err
		}))
		if f, _, _ := k.fund(); f.account(ledger.Fund).Code != "fund/neige" {
			k.Error(f)
		}
	})
}

func TestNumbersAreFoundInWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"482 719 064": 1, "don 482719064 merci": 1, "٤٨٢٧١٩٠٦٤": 1, "482-719-064": 1, "482719065": 0, "RIB 001810007800020110620318": 0, "": 0, "48271906": 0} {
		if got := numbersIn(text); len(got) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// A gift that was sent in another currency keeps what it was, known by its number at once
// or explained by a treasurer later.
func TestAGiftFromAbroadIsToldInItsOwnCurrencyToo(t *testing.T) {
	engines(t, func(k *till) {
		known, later, home := k.announced(1_081_25), k.announced(2_162_50), k.announced(300_00)
		k.take(came{minor: 1_081_25, words: "don " + known.Receipt.String(), euros: 100_00}, came{minor: 2_162_50, words: "un don", euros: 200_00}, came{minor: 300_00, words: home.Receipt.String()})
		lines, _, err := k.Look(k.Context(), k.keeper, "neige")
		k.must(err)
		_, err = k.Explain(k.Context(), k.keeper, lines[0].ID, Explanation{What: LineGift, Number: later.Receipt.String()})
		k.must(err)
		for g, want := range map[*Gift]ledger.Was{known: {Minor: 100_00, Currency: "EUR", Rate: "10.8125", On: "2026-11-20", From: "camt.053"},
			later: {Minor: 200_00, Currency: "EUR", Rate: "10.8125", On: "2026-11-20", From: "camt.053"}, home: {}} {
			k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
				f, err := fundByCode(t, "neige")
				if err != nil {
					return err
				}
				is, err := sentAs(t, f, g)
				if is != want {
					k.Errorf("a gift of %d was %+v and not %+v", g.Announced, is, want)
				}
				return err
			}))
		}
	})
}

// The paper of a payment is kept sealed, is opened by those who decide or audit, leaves a
// line, and is told when it comes a second time.
func TestThePaperOfAPaymentIsKeptSealedAndKnownAgain(t *testing.T) {
	engines(t, func(k *till) {
		g := k.announced(900_00)
		k.take(came{minor: 900_00, words: g.Receipt.String()})
		set := k.spend(Spending{Kind: Allocate, Minor: 800_00}, "Bois")
		invoice := []byte("%PDF-1.7 Coopérative inventée, 300 DH")
		pay := func(paper []byte) (Spending, error) {
			x := Spending{ID: id.New[Spending](k.clock.At), Kind: Pay, Envelope: set.Envelope, Minor: 300_00, Purpose: "bois", Paper: paper}
			return x, k.Write(k.Context(), k.keeper, "neige", x, "", "Coopérative inventée")
		}
		for _, bad := range [][]byte{[]byte("MZ\x90"), append([]byte("%PDF-1.7"), make([]byte, mostPaper)...)} {
			if _, err := pay(bad); err == nil || !strings.Contains(err.Error(), "giving.paper.wrong") {
				k.Errorf("a paper of %d bytes: %v", len(bad), err)
			}
		}
		x, err := pay(invoice)
		k.must(err)
		auditor := k.somebody(actor.Auditor)
		for _, by := range []actor.Actor{k.keeper, k.one, auditor} {
			body, kind, err := k.Paper(k.Context(), by, x.ID)
			if err != nil || kind != "pdf" || !bytes.Equal(body, invoice) {
				k.Errorf("%v opens %q, %q: %v", by.Grants, body, kind, err)
			}
		}
		for _, by := range []actor.Actor{{Channel: "web"}, k.somebody(actor.Coordinator), k.somebody(actor.Administrator)} {
			if _, _, err := k.Paper(k.Context(), by, x.ID); fault.KindOf(err) != fault.Denied && fault.KindOf(err) != fault.Unknown {
				k.Errorf("%v opens the paper of a payment: %v", by.Grants, err)
			}
		}
		if _, _, err := k.Paper(k.Context(), auditor, set.ID); fault.KindOf(err) != fault.Missing {
			k.Errorf("what was set apart has a paper: %v", err)
		}
		again, err := pay(invoice)
		k.must(err)
		k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
			lines, err := db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record WHERE deed = 'giving.paper.look'`)
			if err != nil || lines != 3 {
				k.Errorf("%d lines tell of papers that were opened: %v", lines, err)
			}
			kept, err := paperBySum(t, sumOf(invoice))
			if err != nil || bytes.Contains(kept.Body, []byte("Coop")) || kept.Size != len(invoice) {
				k.Errorf("the paper is kept as %q: %v", kept.Body, err)
			}
			is, err := spendingOf(t, again.ID.String())
			if err != nil {
				return err
			}
			others, err := alsoFor(t, is)
			if err != nil || len(others) != 1 || others[0].ID != x.ID {
				k.Errorf("the same paper again is told of %v: %v", others, err)
			}
			return nil
		}))
	})
}

// known is a house with one crisis and one mission that has ended.
type known struct{ over bool }

func (known) Now(*web.Ctx, *db.Tx) ([]Cause, error) { return nil, nil }
func (k known) Open(_ *db.Tx, about string) (bool, error) {
	return about == "cases.crisis/1" && !k.over, nil
}
func (known) Of(*web.Ctx, *db.Tx, string) (Cause, error) { return Cause{}, nil }

func TestMoneyIsSetApartForACrisisThatIsOpen(t *testing.T) {
	engines(t, func(k *till) {
		k.Causes = known{}
		k.take(came{minor: 900_00, words: k.announced(900_00).Receipt.String()})
		write := func(x Spending, name string) error {
			if x.ID.IsZero() {
				x.ID = id.New[Spending](k.clock.At)
			}
			x.Minor, x.Purpose = 100_00, "bois"
			payee := ""
			if x.Kind == Pay {
				x.Document, payee = strings.Repeat("ab", 32), "Coopérative"
			}
			return k.Write(k.Context(), k.keeper, "neige", x, name, payee)
		}
		first := Spending{ID: id.New[Spending](k.clock.At), Kind: Allocate, About: "cases.crisis/1"}
		k.must(write(first, "Bois"))
		k.Causes = known{over: true}
		k.must(write(first, "Bois")) // sent again after the crisis was closed
		k.Causes = known{}
		_, _, envelopes := k.fund()
		if len(envelopes) != 1 || envelopes[0].about != "cases.crisis/1" {
			k.Fatalf("%+v", envelopes)
		}
		env, err := id.Parse[Envelope](envelopes[0].ID)
		k.must(err)
		for key, x := range map[string]Spending{"giving.cause.wrong": {Kind: Allocate, About: "field.mission/1"}, "giving.cause.with_new": {Kind: Allocate, Envelope: env, About: "cases.crisis/1"}} {
			if err := write(x, "Autre"); err == nil || !strings.Contains(err.Error(), key) {
				k.Errorf("%+v: %v, and not %s", x, err, key)
			}
		}
		if _, _, after := k.fund(); len(after) != 1 {
			k.Errorf("what was refused left an envelope: %+v", after)
		}
	})
}

// mark opens a purpose and gives for it.
func (k *till) mark(name string) EarmarkID {
	k.Helper()
	k.clock.At = k.clock.At.Add(time.Millisecond)
	e := Earmark{ID: id.New[Earmark](k.clock.At), Names: map[string]string{"ar": name, "fr": name}}
	k.must(k.OpenEarmark(k.Context(), k.one, "neige", e))
	k.must(k.OpenEarmark(k.Context(), k.one, "neige", e)) // sent twice
	return e.ID
}

func (k *till) forPurpose(minor int64, eid EarmarkID) *Gift {
	k.Helper()
	k.clock.At = k.clock.At.Add(time.Millisecond)
	g, err := k.Announce(k.Context(), actor.Actor{Channel: "web"}, id.New[Gift](k.clock.At), "neige", minor, eid)
	k.must(err)
	return g
}

// waits is what waits in the fund for a purpose, or for anything.
func (k *till) waits(eid EarmarkID) (n int64) {
	k.Helper()
	k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
		f, err := fundByCode(t, "neige")
		if err != nil {
			return err
		}
		mark, err := earmarkOf(t, eid)
		if err != nil {
			return err
		}
		a, err := ledger.Get(t, f.waiting(mark).Code)
		if err == nil {
			n = a.Balance
		}
		return err
	}))
	return n
}

func TestWhatIsGivenForOnePurposePaysForNoOther(t *testing.T) {
	engines(t, func(k *till) {
		roofs, books := k.mark("Toits"), k.mark("Cartables")
		a, b, c := k.forPurpose(500_00, roofs), k.forPurpose(300_00, EarmarkID{}), k.forPurpose(200_00, roofs)
		k.take(came{minor: 494_00, fee: 6_00, words: a.Receipt.String()}, came{minor: 300_00, words: b.Receipt.String()}, came{minor: 200_00, words: c.Receipt.String()}, came{minor: 50_00, words: "toits"})
		lines, _, err := k.Look(k.Context(), k.keeper, "neige")
		k.must(err)
		_, err = k.Explain(k.Context(), k.keeper, lines[0].ID, Explanation{What: LineGift, Earmark: roofs, Number: k.forPurpose(50_00, books).Receipt.String()})
		k.refused("a number and a purpose", "giving.earmark.with_number", err)
		_, err = k.Explain(k.Context(), k.keeper, lines[0].ID, Explanation{What: LineGift, Earmark: roofs})
		k.must(err)
		f, acc, _ := k.fund()
		if acc.Came != 1_050_00 || acc.Waits != 1_044_00 || acc.Fees != 6_00 {
			k.Errorf("%+v", acc)
		}
		write := func(x Spending, name string) error {
			k.clock.At = k.clock.At.Add(time.Millisecond)
			x.ID, x.Purpose = id.New[Spending](k.clock.At), "bois"
			return k.Write(k.Context(), k.keeper, "neige", x, name, "")
		}
		k.refused("more than was given for anything", "giving.spending.short", write(Spending{Kind: Allocate, Minor: 300_01}, "Bois"))
		k.refused("of a purpose nobody gave for", "giving.spending.short", write(Spending{Kind: Allocate, Minor: 1, Earmark: books}, "Cartables"))
		k.refused("more than was given for it", "giving.spending.short", write(Spending{Kind: Allocate, Minor: 744_01, Earmark: roofs}, "Tôles"))
		set := k.spend(Spending{Kind: Allocate, Minor: 600_00, Earmark: roofs}, "Tôles")
		k.refused("the same name, filled from other gifts", "giving.earmark.other_envelope", write(Spending{Kind: Allocate, Minor: 1}, "Tôles"))
		k.refused("a purpose for an envelope that has one", "giving.earmark.with_new", write(Spending{Kind: Allocate, Minor: 1, Earmark: books, Envelope: set.Envelope}, ""))
		k.spend(Spending{Kind: Allocate, Minor: 44_00, Envelope: set.Envelope}, "") // more of the same
		k.spend(Spending{Kind: Pay, Minor: 500_00, Envelope: set.Envelope}, "")
		if got := k.parts(a); !maps.Equal(got, map[partState]int64{partFee: 6_00, partPaid: 494_00}) {
			k.Errorf("%v", got)
		}
		if got := k.parts(b); !maps.Equal(got, map[partState]int64{partWaiting: 300_00}) {
			k.Errorf("a gift for anything paid for a purpose: %v", got)
		}
		if got := k.parts(c); !maps.Equal(got, map[partState]int64{partPaid: 6_00, partSet: 144_00, partWaiting: 50_00}) {
			k.Errorf("%v", got)
		}
		// what lies for one purpose is not moved to another by hand either
		err = k.h.Do(k.Context(), k.keeper, DeedWrite, func(t *deed.Tx) error {
			k.must(t.AllowAny())
			mark, err := earmarkByID(t.Tx, roofs)
			if err != nil {
				return err
			}
			return k.post(t, ledger.Entry{ID: id.New[ledger.Entry](k.clock.At), Ref: "by hand", About: "giving.fund/x", Purpose: f.tag(mark), ValueOn: "2026-11-20"}, move{f.waiting(mark), -1, false}, move{f.waiting(nil), 1, false})
		})
		k.refused("an earmark washed away", "ledger.entry.earmarked", err)

		k.must(k.CloseEarmark(k.Context(), k.two, roofs))
		k.refused("closed twice", "giving.earmark.closed", k.CloseEarmark(k.Context(), k.two, roofs))
		_, err = k.Announce(k.Context(), actor.Actor{Channel: "web"}, id.New[Gift](k.clock.At), "neige", 1_00, roofs)
		k.refused("a purpose that is over", "giving.earmark.wrong", err)
		k.refused("by whoever keeps the money", "", k.OpenEarmark(k.Context(), k.keeper, "neige", Earmark{ID: id.New[Earmark](k.clock.At), Names: map[string]string{"ar": "x", "fr": "x"}}))
		k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
			envelopes, err := k.envelopeRows(t, f)
			if err != nil {
				return err
			}
			rows, err := k.earmarkRows(t, f, envelopes, "fr")
			if len(rows) != 2 || rows[0].Open || rows[0].Came != 744_00 || rows[0].Waits != 100_00 || rows[0].Set != 144_00 || rows[0].Paid != 500_00 || rows[1].Came != 0 || !rows[1].Open {
				k.Errorf("%+v", rows)
			}
			return err
		}))
	})
}
