package giving

import (
	"fmt"
	"slices"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds of funds, beside what the ledger promises.
func checks() []module.Check {
	return []module.Check{
		{Name: "giving: gifts and spendings are what the ledger has of them", Find: unlike},
		{Name: "giving: what was given for one purpose lies where it is kept for that", Find: astray},
		{Name: "giving: what nobody explained is what waits in the ledger", Find: unexplainedUnlike},
	}
}

// astray names gifts for one purpose that came to another account than its own.
func astray(t *db.Tx) (bad []string, err error) {
	funds, err := allFunds(t)
	if err != nil {
		return nil, err
	}
	accounts, err := ledger.Accounts(t, "")
	if err != nil {
		return nil, err
	}
	code := map[ledger.AccountID]string{}
	for _, a := range accounts {
		if a.Kind == ledger.Fund {
			code[a.ID] = a.Code
		}
	}
	should := map[ledger.EntryID]string{}
	for _, f := range funds {
		marks, err := earmarksOf(t, f.ID)
		if err != nil {
			return nil, err
		}
		at := map[EarmarkID]string{{}: f.waiting(nil).Code}
		for _, e := range marks {
			at[e.ID] = f.waiting(e).Code
		}
		gifts, err := db.List(t, scanGift, `SELECT `+giftColumns+` FROM giving_gift g WHERE g.fund = ?1 AND g.entry IS NOT NULL`, f.ID)
		if err != nil {
			return nil, err
		}
		for _, g := range gifts {
			should[g.Entry] = at[g.Earmark]
		}
	}
	return bad, ledger.Each(t, func(e ledger.Entry) error {
		for _, p := range e.Postings {
			if want, is := should[e.ID]; is && p.Amount > 0 && code[p.Account] != "" && code[p.Account] != want {
				bad = append(bad, fmt.Sprintf("the gift of entry %s came to %s and not to %s", e.ID, code[p.Account], want))
			}
		}
		return nil
	})
}

// unlike names gifts and spendings that say another sum than their entry.
func unlike(t *db.Tx) (bad []string, err error) {
	accounts, err := ledger.Accounts(t, "")
	if err != nil {
		return nil, err
	}
	kinds := map[ledger.AccountID]ledger.Kind{}
	for _, a := range accounts {
		kinds[a.ID] = a.Kind
	}
	gifts, err := db.List(t, scanGift, `SELECT `+giftColumns+` FROM giving_gift g WHERE g.entry IS NOT NULL ORDER BY g.id`)
	if err != nil {
		return nil, err
	}
	spent, err := db.List(t, scanSpending, `SELECT `+spendingColumns+` FROM giving_spending s WHERE s.entry IS NOT NULL ORDER BY s.id`)
	if err != nil {
		return nil, err
	}
	is := map[ledger.EntryID]ledger.Entry{}
	wanted := map[ledger.EntryID]bool{}
	for _, g := range gifts {
		wanted[g.Entry] = true
	}
	for _, x := range spent {
		wanted[x.Entry] = true
	}
	if err := ledger.Each(t, func(e ledger.Entry) error {
		if wanted[e.ID] {
			is[e.ID] = e
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for _, g := range gifts {
		came, given := int64(0), int64(0)
		for _, p := range is[g.Entry].Postings {
			switch kinds[p.Account] {
			case ledger.Fund:
				came += p.Amount
			case ledger.Giver:
				given -= p.Amount
			}
		}
		// a gift that was explained later left suspense, and the bank's fee had gone before
		if came <= 0 || came > g.Minor || given != 0 && given != g.Minor {
			bad = append(bad, fmt.Sprintf("gift %s says %d, and the ledger %d", g.ID, g.Minor, came))
		}
	}
	for _, x := range spent {
		if !slices.ContainsFunc(is[x.Entry].Postings, func(p ledger.Posting) bool { return p.Amount == x.Minor }) {
			bad = append(bad, fmt.Sprintf("spending %s of %d is not in the ledger", x.ID, x.Minor))
		}
	}
	return bad, nil
}

// unexplainedUnlike names funds whose open lines do not add up to what waits.
func unexplainedUnlike(t *db.Tx) (bad []string, err error) {
	all, err := allFunds(t)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		a, err := ledger.Get(t, f.account(ledger.Suspense).Code)
		if err != nil {
			return nil, err
		}
		_, in, _, err := unexplained(t, f.ID)
		if err != nil {
			return nil, err
		}
		if in != a.Balance {
			bad = append(bad, fmt.Sprintf("%s: %d in lines that nobody explained, %d in the ledger", f.Code, in, a.Balance))
		}
	}
	return bad, nil
}
