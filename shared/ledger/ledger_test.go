package ledger

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func refused(t *testing.T, err error, key string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Key != key {
		t.Errorf("%v, and not %s", err, key)
	}
}

func TestAFundHoldsWhatItWasGivenLessWhatLeftItAndNeverLess(t *testing.T) {
	engines(t, func(b *book) {
		givers, fund, tents, shop := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", ""), b.account("envelope/tents", Envelope, "MAD", ""), b.account("paid/shop", Paid, "MAD", "")
		for _, e := range []Entry{entry("gift 1", givers, fund, 100_000), entry("gift 2", givers, fund, 50_050), entry("allot", fund, tents, 120_000), entry("pay", tents, shop, 119_999)} {
			if err := b.post(e); err != nil {
				b.Fatal(e.Ref, err)
			}
		}
		refused(b.T, b.post(entry("too much", fund, tents, 30_051)), "ledger.account.short")
		refused(b.T, b.post(entry("too much", tents, shop, 2)), "ledger.account.short")
		if b.holds("fund/haouz") != 30_050 || b.holds("envelope/tents") != 1 || b.holds("paid/shop") != 119_999 || b.holds("giver/people") != -150_050 {
			b.Error("a refused entry moved something")
		}
		uneven := entry("uneven", givers, fund, 5)
		uneven.Postings[1].Amount = 6
		refused(b.T, b.post(uneven), "ledger.entry.uneven")
		euros := b.account("fund/euros", Fund, "EUR", "")
		refused(b.T, b.post(entry("mixed", givers, euros, 5)), "ledger.entry.uneven")
		for ref, spoil := range map[string]func(e *Entry){"unnamed": func(e *Entry) { e.About = "" }, "few": func(e *Entry) { e.Postings = e.Postings[:1] }, "document": func(e *Entry) { e.Document = "abc" }, "day": func(e *Entry) { e.ValueOn = "2026-02-30" }, "nothing": func(e *Entry) { e.Postings[0].Amount = 0 }} {
			e := entry(ref, givers, fund, 5)
			spoil(&e)
			refused(b.T, b.post(e), "ledger.entry."+ref)
		}
	})
}

func TestTheSameNoticeTenTimesCountsOnce(t *testing.T) {
	engines(t, func(b *book) {
		givers, fund := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", "")
		for n := range 10 {
			b.must(func(t *deed.Tx) error {
				_, again, err := Post(t, entry("bank/4711", givers, fund, 20_000))
				if err == nil && again != (n > 0) {
					b.Errorf("the notice came for the time %d: again is %v", n+1, again)
				}
				return err
			})
		}
		if b.holds("fund/haouz") != 20_000 {
			b.Error("it was counted again")
		}
		refused(b.T, b.post(entry("bank/4711", givers, fund, 20_001)), "ledger.entry.other")
	})
}

func TestWhatIsGivenForOnePurposePaysForNoOther(t *testing.T) {
	engines(t, func(b *book) {
		givers, school := b.account("giver/people", Giver, "MAD", ""), b.account("fund/school", Fund, "MAD", "education")
		general, books, shop := b.account("fund/general", Fund, "MAD", ""), b.account("envelope/books", Envelope, "MAD", "education/books"), b.account("paid/shop", Paid, "MAD", "")
		if err := b.post(entry("gift", givers, school, 10_000)); err != nil {
			b.Fatal(err)
		}
		refused(b.T, b.post(entry("for tents", school, shop, 10)), "ledger.entry.earmarked")
		for ref, purpose := range map[string]string{"other": "shelter", "alike": "educational", "wider": ""} {
			e := entry(ref, school, shop, 10)
			e.Purpose = purpose
			refused(b.T, b.post(e), "ledger.entry.earmarked")
		}
		washed := entry("washed", school, general, 10)
		washed.Purpose = "education"
		refused(b.T, b.post(washed), "ledger.entry.earmarked")
		allot, buy := entry("allot", school, books, 600), entry("buy", books, shop, 500)
		allot.Purpose, buy.Purpose = "education", "education/books"
		back := entry("narrow", books, school, 50)
		back.Purpose = "education/books"
		for _, e := range []Entry{allot, buy} {
			if err := b.post(e); err != nil {
				b.Error(e.Ref, err)
			}
		}
		refused(b.T, b.post(back), "ledger.entry.earmarked") // books' money would pay for chairs
	})
}

func TestAnEntryIsTakenBackByAnotherOnceAndNotWhenItIsSpent(t *testing.T) {
	engines(t, func(b *book) {
		givers, fund, shop := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", ""), b.account("paid/shop", Paid, "MAD", "")
		gift, other := entry("gift", givers, fund, 1000), entry("other", givers, fund, 300)
		for _, e := range []Entry{gift, other, entry("pay", fund, shop, 500)} {
			if err := b.post(e); err != nil {
				b.Fatal(err)
			}
		}
		back := func(e Entry, ref string) error {
			return b.do(actor.Actor{System: "test"}, func(t *deed.Tx) error {
				_, err := Reverse(t, e.ID, id.New[Entry](t.Now()), ref, "2026-11-20")
				return err
			})
		}
		refused(b.T, back(gift, "back 1"), "ledger.account.short")
		if err := back(other, "back 2"); err != nil {
			b.Fatal(err)
		}
		refused(b.T, back(other, "back 3"), "ledger.entry.reversed")
		if b.holds("fund/haouz") != 500 || b.holds("giver/people") != -1000 {
			b.Error("the fund holds", b.holds("fund/haouz"))
		}
		for _, q := range []string{`UPDATE ledger_entry SET purpose = 'x'`, `UPDATE ledger_posting SET amount = 1`, `DELETE FROM ledger_posting`, `DELETE FROM ledger_entry`} {
			if err := b.h.DB.Write(b.Context(), func(t *db.Tx) error { _, err := t.Exec(q); return err }); err == nil {
				b.Error("taken: " + q)
			}
		}
	})
}

func TestWhatIsSetAsideIsNotSpentOtherwise(t *testing.T) {
	engines(t, func(b *book) {
		givers, fund, shop := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", ""), b.account("paid/shop", Paid, "MAD", "")
		if err := b.post(entry("gift", givers, fund, 1000)); err != nil {
			b.Fatal(err)
		}
		set := func(ref string, amount int64) (h Hold, err error) {
			err = b.do(actor.Actor{System: "test"}, func(t *deed.Tx) error {
				h, err = SetAside(t, Hold{ID: id.New[Hold](t.Now()), Ref: ref, Account: fund.ID, Amount: amount, About: "test/1", Till: t.Now().AddDate(0, 0, 3)})
				return err
			})
			return h, err
		}
		first, err := set("a", 700)
		if err != nil {
			b.Fatal(err)
		}
		if again, err := set("a", 700); err != nil || again.ID != first.ID {
			b.Error("the same again:", err)
		}
		_, err = set("b", 301)
		refused(b.T, err, "ledger.hold.short")
		refused(b.T, b.post(entry("pay", fund, shop, 301)), "ledger.account.short")
		pays := entry("pay it", fund, shop, 650)
		pays.Hold = first.ID
		if err := b.post(pays); err != nil {
			b.Fatal(err)
		}
		late := entry("pay twice", fund, shop, 1)
		late.Hold = first.ID
		refused(b.T, b.post(late), "ledger.hold.ended")
		if _, err := set("c", 350); err != nil {
			b.Error("what was left over is not free:", err)
		}
		b.clock.Advance(4 * 24 * time.Hour)
		b.must(func(t *deed.Tx) error {
			n, err := Lapse(t)
			if n != 1 {
				b.Error(n, "lapsed")
			}
			return err
		})
		if err := b.post(entry("pay the rest", fund, shop, 350)); err != nil {
			b.Error(err)
		}
	})
}

func TestAClosedPeriodStaysAsItWas(t *testing.T) {
	engines(t, func(b *book) {
		givers, fund := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", "")
		if err := b.post(entry("gift", givers, fund, 1000)); err != nil {
			b.Fatal(err)
		}
		b.must(func(t *deed.Tx) error { return ClosePeriod(t, "2026-11-20") })
		refused(b.T, b.post(entry("late", givers, fund, 5)), "ledger.period.closed")
		refused(b.T, b.do(actor.Actor{System: "test"}, func(t *deed.Tx) error { return ClosePeriod(t, "2026-11-19") }), "ledger.period.closed")
		e := entry("next day", givers, fund, 5)
		e.ValueOn = "2026-11-21"
		if err := b.post(e); err != nil {
			b.Error(err)
		}
		if err := b.h.DB.Read(b.Context(), func(t *db.Tx) error {
			closed, err := TrialBalance(t, "2026-11-20")
			if err != nil {
				return err
			}
			var sum int64
			for _, x := range closed {
				sum += x.Account.Balance
				if x.Account.Code == "fund/haouz" && x.Account.Balance != 1000 {
					b.Error("the closed day has", x.Account.Balance)
				}
			}
			if sum != 0 || len(closed) != 2 {
				b.Errorf("%d accounts sum to %d", len(closed), sum)
			}
			lines, err := Statement(t, fund.ID, 0, 10)
			if err == nil && (len(lines) != 2 || lines[1].After != 1005) {
				b.Errorf("%+v", lines)
			}
			if err == nil {
				var rest []Line
				if rest, err = Statement(t, fund.ID, lines[0].Seq, 10); len(rest) != 1 || rest[0].After != 1005 {
					b.Errorf("a page of a statement goes on with %+v", rest)
				}
			}
			return err
		}); err != nil {
			b.Fatal(err)
		}
	})
}

func TestNobodyAgreesToTheirOwnAndLargeSumsTakeTwo(t *testing.T) {
	engines(t, func(b *book) {
		givers, fund, shop := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", ""), b.account("paid/shop", Paid, "MAD", "")
		if err := b.post(entry("gift", givers, fund, 10_000_000)); err != nil {
			b.Fatal(err)
		}
		bands := Bands{{Asset: "MAD", From: 0, Wants: 1}, {Asset: "MAD", From: 1_000_000, Wants: 2, Roles: []actor.Role{actor.CrisisCell}}}
		author, second, third, cell := b.somebody(actor.Coordinator), b.somebody(actor.Coordinator), b.somebody(actor.CrisisCell), b.somebody(actor.CrisisCell)
		write := func(ref string, amount int64) (d *Draft) {
			if err := b.do(author, func(t *deed.Tx) (err error) {
				d, err = Write(t, id.New[Draft](t.Now()), entry(ref, fund, shop, amount), bands)
				return err
			}); err != nil {
				b.Fatal(err)
			}
			return d
		}
		agree := func(by actor.Actor, d *Draft) error {
			return b.do(by, func(t *deed.Tx) error { _, err := Agree(t, d.ID, bands); return err })
		}
		small, large := write("small", 999_999), write("large", 1_000_000)
		if again := write("large", 1_000_000); again.ID != large.ID {
			b.Error("the same draft is there twice")
		}
		refused(b.T, agree(author, small), "ledger.draft.own")
		if err := agree(second, small); err != nil {
			b.Fatal(err)
		}
		refused(b.T, agree(second, large), "ledger.draft.role")
		if err := agree(third, large); err != nil {
			b.Fatal(err)
		}
		if err := agree(third, large); !errors.Is(err, deed.ErrNothingDone) {
			b.Error("who agreed twice:", err)
		}
		if b.holds("paid/shop") != 999_999 {
			b.Error("one of two was enough")
		}
		if err := agree(cell, large); err != nil {
			b.Fatal(err)
		}
		if b.holds("paid/shop") != 1_999_999 {
			b.Error("two were not enough")
		}
		b.must(func(t *deed.Tx) error {
			all, err := Drafts(t, 10)
			if len(all) != 0 {
				b.Errorf("%d drafts wait", len(all))
			}
			return err
		})
	})
}

// altering is a change by hand, past all that the program forbids.
func (b *book) altering(q string, args ...any) {
	b.Helper()
	if err := b.h.DB.Write(b.Context(), func(t *db.Tx) error {
		if t.Postgres() {
			if _, err := t.Exec(`SET LOCAL session_replication_role = replica`); err != nil {
				return err
			}
		} else {
			for _, x := range []string{"ledger_entry_stays", "ledger_entry_keeps", "ledger_posting_stays", "ledger_posting_keeps"} {
				if _, err := t.Exec(`DROP TRIGGER IF EXISTS ` + x); err != nil {
					return err
				}
			}
		}
		n, err := t.Exec(q, args...)
		if err == nil && n != 1 {
			b.Fatalf("%s touched %d rows", q, n)
		}
		return err
	}); err != nil {
		b.Fatal(q, err)
	}
}

func TestAnyFieldChangedByHandIsNamed(t *testing.T) {
	engines(t, func(b *book) {
		givers, fund, shop := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", ""), b.account("paid/shop", Paid, "MAD", "")
		gift, out := entry("gift", givers, fund, 1000), entry("pay", fund, shop, 400)
		gift.Was = &Was{Minor: 95, Currency: "EUR", Rate: "10.52", On: "2026-11-20", From: "bank"}
		gift.Document = strings.Repeat("ab", 32)
		for _, e := range []Entry{gift, out} {
			if err := b.post(e); err != nil {
				b.Fatal(err)
			}
		}
		if bad := b.wrong(); len(bad) > 0 {
			b.Fatal(bad)
		}
		for _, c := range []struct{ set, back string }{
			{`about = 'test/x'`, `about = 'test/gift'`}, {`purpose = 'x'`, `purpose = ''`}, {`document = ''`, `document = '` + gift.Document + `'`}, {`value_on = '2026-11-19'`, `value_on = '2026-11-20'`},
			{`was_minor = 96`, `was_minor = 95`}, {`was_in = 'USD'`, `was_in = 'EUR'`}, {`rate = '10.53'`, `rate = '10.52'`}, {`rate_on = '2026-11-21'`, `rate_on = '2026-11-20'`}, {`rate_from = 'x'`, `rate_from = 'bank'`},
			{`deed = 'x'`, `deed = 'test.money.move'`}, {`role = 'auditor'`, `role = 'system:test'`}, {`made_at = made_at + 1`, `made_at = made_at - 1`},
		} {
			b.altering(`UPDATE ledger_entry SET `+c.set+` WHERE id = ?1`, gift.ID)
			if bad := b.wrong(); !slices.ContainsFunc(bad, func(s string) bool { return strings.Contains(s, "gift: it does not say any more") }) {
				b.Errorf("%s: %v", c.set, bad)
			}
			b.altering(`UPDATE ledger_entry SET `+c.back+` WHERE id = ?1`, gift.ID)
		}
		// Somebody who knows how the checksum is made, and writes it anew.
		forged := gift
		forged.Postings = []Posting{{Account: givers.ID, Asset: "MAD", Amount: -1001}, {Account: fund.ID, Asset: "MAD", Amount: 1001}}
		forged.Deed, forged.Role, forged.MadeAt = pay.Name, "system:test", b.clock.Now()
		b.altering(`UPDATE ledger_posting SET amount = -1001 WHERE entry = ?1 AND n = 0`, gift.ID)
		b.altering(`UPDATE ledger_posting SET amount = 1001 WHERE entry = ?1 AND n = 1`, gift.ID)
		b.altering(`UPDATE ledger_account SET balance = balance - 1 WHERE id = ?1`, givers.ID)
		b.altering(`UPDATE ledger_account SET balance = balance + 1 WHERE id = ?1`, fund.ID)
		b.altering(`UPDATE ledger_entry SET sum = ?2 WHERE id = ?1`, gift.ID, forged.checksum())
		if bad := b.wrong(); !slices.ContainsFunc(bad, func(s string) bool { return strings.Contains(s, "gift: it is another than the journal tells") }) {
			b.Errorf("a forged entry: %v", bad)
		}
		b.altering(`UPDATE ledger_posting SET amount = -1000 WHERE entry = ?1 AND n = 0`, gift.ID)
		b.altering(`UPDATE ledger_posting SET amount = 1000 WHERE entry = ?1 AND n = 1`, gift.ID)
		b.altering(`UPDATE ledger_account SET balance = balance + 1 WHERE id = ?1`, givers.ID)
		b.altering(`UPDATE ledger_account SET balance = balance - 1 WHERE id = ?1`, fund.ID)
		gift.Postings[0].Asset, gift.Postings[1].Asset = "MAD", "MAD"
		gift.Deed, gift.Role, gift.MadeAt = forged.Deed, forged.Role, forged.MadeAt
		b.altering(`UPDATE ledger_entry SET sum = ?2 WHERE id = ?1`, gift.ID, gift.checksum())
		for set, what := range map[string]string{`amount = -401`: "sums to zero", `what = 'fee'`: "pay: it does not say any more", `asset = 'EUR'`: "own asset"} {
			b.altering(`UPDATE ledger_posting SET `+set+` WHERE entry = ?1 AND n = 0`, out.ID)
			if bad := b.wrong(); !slices.ContainsFunc(bad, func(s string) bool { return strings.Contains(s, what) }) {
				b.Errorf("%s: %v", set, bad)
			}
			b.altering(`UPDATE ledger_posting SET amount = -400, what = '', asset = 'MAD' WHERE entry = ?1 AND n = 0`, out.ID)
		}
		b.altering(`UPDATE ledger_account SET balance = balance + 1 WHERE id = ?1`, fund.ID)
		if bad := b.wrong(); !slices.ContainsFunc(bad, func(s string) bool { return strings.Contains(s, "add up to: fund/haouz") }) {
			b.Errorf("a balance: %v", bad)
		}
		b.altering(`UPDATE ledger_account SET balance = balance - 1 WHERE id = ?1`, fund.ID)
	})
}
