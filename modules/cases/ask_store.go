package cases

import (
	"bytes"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
)

// earlier is what the house knows already when a request comes: whether the same
// was asked before, and whether its receipt number is in use. What else may tell of
// the same need is looked for when the receipt is given: see LookAlike.
type earlier struct {
	asked      bool
	askedKey   []byte
	receipt    receipt.Number // of what was asked before
	restricted bool
	taken      bool
	printed    bool // the number stands on a sheet that nobody has typed in yet, or was promised
}

// alikeByPhone is how many cases of one phone are looked at for a relative's news.
const alikeByPhone = 6

// earlierSQL asks everything in one statement: under PostgreSQL each statement is
// a journey, and everybody who asks for help makes this one.
const earlierSQL = `
	SELECT 'asked', receipt, asked_key FROM cases_case WHERE id = ?1
	UNION ALL SELECT 'restricted', receipt, asked_key FROM cases_concern WHERE id = ?1
	UNION ALL SELECT 'taken', receipt, asked_key FROM cases_case WHERE receipt = ?2
	UNION ALL SELECT 'taken', receipt, asked_key FROM cases_concern WHERE receipt = ?2
	UNION ALL SELECT 'taken', receipt, NULL FROM cases_complaint WHERE receipt = ?2
	UNION ALL SELECT 'printed', number, NULL FROM cases_paper WHERE number = ?2
	UNION ALL SELECT 'printed', number, NULL FROM cases_promised WHERE number = ?2`

// whatIsKnown looks for all of it.
func (o *Office) whatIsKnown(t *db.Tx, c *Case) (k earlier, err error) {
	_, err = db.List(t, func(r db.Row) (none struct{}, err error) {
		var what string
		var number receipt.Number
		var key []byte
		if err := r.Scan(&what, &number, &key); err != nil {
			return none, err
		}
		switch what {
		case "asked": // where a concern went along with it, the case is what the asker holds
			k.asked, k.restricted, k.receipt, k.askedKey = true, false, number, key
		case "restricted":
			if !k.asked {
				k.asked, k.restricted, k.receipt, k.askedKey = true, true, number, key
			}
		case "taken":
			k.taken = true
		case "printed":
			k.printed = true
		}
		return none, nil
	}, earlierSQL, c.ID, c.Receipt)
	return k, err
}

// again knows a retry: the same identifier with the same content is welcome,
// with other content it is refused (as ODK Central answers 409.1).
func (k earlier) again(c *Case, out *Asked) (bool, error) {
	switch {
	case !k.asked:
		return false, nil
	case !bytes.Equal(k.askedKey, c.AskedKey):
		return false, fault.New(fault.Conflict, "cases.case.other_content")
	}
	out.Receipt, out.Restricted = k.receipt, k.restricted
	return true, nil
}
