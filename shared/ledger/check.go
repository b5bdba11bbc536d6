package ledger

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// checks are what always holds of the books, whoever wrote them and however:
// `twiza check` proves it on live data.
func checks() []module.Check {
	sql := func(name, q string) module.Check {
		return module.Check{Name: name, Find: func(t *db.Tx) ([]string, error) { return db.List(t, db.Text, q) }}
	}
	return []module.Check{
		sql("every entry sums to zero for each asset", `SELECT entry FROM ledger_posting GROUP BY entry, asset HAVING SUM(amount) <> 0 LIMIT 20`),
		sql("an account holds what its lines add up to", `SELECT a.code FROM ledger_account a
			WHERE a.balance <> (SELECT COALESCE(SUM(p.amount), 0) FROM ledger_posting p WHERE p.account = a.id) ORDER BY a.code LIMIT 20`),
		sql("what is set aside is what holds say", `SELECT a.code FROM ledger_account a
			WHERE a.held <> (SELECT COALESCE(SUM(h.amount), 0) FROM ledger_hold h WHERE h.account = a.id AND h.ended_at IS NULL) ORDER BY a.code LIMIT 20`),
		sql("no account holds less than it may", `SELECT code FROM ledger_account WHERE floor IS NOT NULL AND balance - held < floor ORDER BY code LIMIT 20`),
		sql("a line is in its account's own asset", `SELECT p.entry FROM ledger_posting p JOIN ledger_account a ON a.id = p.account WHERE a.asset <> p.asset LIMIT 20`),
		sql("every entry has lines", `SELECT e.ref FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.entry = e.id) LIMIT 20`),
		sql("nothing was written into a closed period", `SELECT e.ref FROM ledger_entry e WHERE EXISTS (SELECT 1 FROM ledger_close c WHERE e.value_on <= c.till AND e.made_at > c.closed_at) LIMIT 20`),
		sql("nobody agreed to what they wrote themselves", `SELECT d.id FROM ledger_draft d WHERE EXISTS (SELECT 1 FROM ledger_approval a WHERE a.draft = d.id AND a.account = d.author)
			OR d.entry IS NOT NULL AND (SELECT COUNT(*) FROM ledger_approval a WHERE a.draft = d.id) < d.wants LIMIT 20`),
		{Name: "every entry is as it was written", Find: altered},
		{Name: "an earmark was never lost", Find: strayed},
	}
}

// altered names entries that are not what the journal says of them: changed,
// put in or taken out by hand.
func altered(t *db.Tx) (bad []string, err error) {
	told := map[string]string{}
	for before := int64(0); ; {
		lines, err := deed.Lines(t, before, DeedPost.Name, 1000)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			var x toldEntry
			if err := json.Unmarshal(l.Told, &x); err != nil {
				return nil, fmt.Errorf("the journal line of %s: %w", l.Subject, err)
			}
			told[l.Subject], before = x.Sum, l.Seq
		}
		if len(lines) < 1000 {
			break
		}
	}
	err = Each(t, func(e Entry) error {
		subject := subjectOf(e.ID)
		sum, known := told[subject]
		delete(told, subject)
		switch {
		case !known:
			bad = append(bad, e.Ref+": the journal knows nothing of it")
		case !bytes.Equal(e.Sum, e.checksum()):
			bad = append(bad, e.Ref+": it does not say any more what it said")
		case sum != hex.EncodeToString(e.Sum):
			bad = append(bad, e.Ref+": it is another than the journal tells")
		}
		return nil
	})
	for subject := range told {
		bad = append(bad, strings.TrimPrefix(subject, "ledger.entry/")+": the journal tells of it, and it is gone")
	}
	return bad, err
}

// strayed names entries by which an earmark was lost.
func strayed(t *db.Tx) (bad []string, err error) {
	all, err := Accounts(t, "")
	if err != nil {
		return nil, err
	}
	of := map[AccountID]*Account{}
	for _, a := range all {
		of[a.ID] = a
	}
	err = Each(t, func(e Entry) error {
		for _, p := range e.Postings {
			if of[p.Account] == nil {
				bad = append(bad, e.Ref+": of an account that is not there")
				return nil
			}
		}
		if a := e.misplaced(of); a != nil && e.Reverses.IsZero() {
			bad = append(bad, e.Ref+": from "+a.Code)
		}
		return nil
	})
	return bad, err
}
