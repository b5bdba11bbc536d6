package cases

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/service"
)

// earlier is what the house knows already when a request comes: whether the same
// was asked before, whether its receipt number is in use, and which earlier
// calls may be the same one.
type earlier struct {
	asked      bool
	askedKey   []byte
	receipt    receipt.Number // of what was asked before
	restricted bool
	taken      bool
	printed    bool // the number stands on a sheet that nobody has typed in yet
	alike      []alike
}

type alike struct {
	other  CaseID
	reason string
}

// How many earlier calls one request is held against. Somebody reads them.
const (
	alikeByPhone = 6
	alikeByPlace = 8
)

// earlierSQL asks everything in one statement: under PostgreSQL each statement is
// a journey, and everybody who asks for help makes this one. It does not say
// "merged_into IS NULL": in a house that has just opened, of which it knows
// nothing yet, PostgreSQL would then take any index with those words for as good
// as the right one, and read all of it for each request. The newest come in the
// order of their index: a sort in SQLite opens a store of its own each time.
const earlierSQL = `
	SELECT 'asked', id, receipt, asked_key, '' FROM cases_case WHERE id = ?1
	UNION ALL SELECT 'restricted', id, receipt, asked_key, '' FROM cases_concern WHERE id = ?1
	UNION ALL SELECT 'taken', id, receipt, asked_key, '' FROM cases_case WHERE receipt = ?2
	UNION ALL SELECT 'taken', id, receipt, asked_key, '' FROM cases_concern WHERE receipt = ?2
	UNION ALL SELECT 'taken', id, receipt, NULL, '' FROM cases_complaint WHERE receipt = ?2
	UNION ALL SELECT 'printed', id, number, NULL, '' FROM cases_paper WHERE number = ?2
	UNION ALL SELECT 'phone', id, NULL, NULL, needs FROM (SELECT id, needs FROM cases_case
		WHERE phone_key = ?3 AND service = ?4 AND COALESCE(merged_into, '') = '' AND phase <> 'final' ORDER BY made_at DESC LIMIT ?5) phone
	UNION ALL SELECT 'phone', id, NULL, NULL, needs FROM (SELECT id, needs FROM cases_case
		WHERE phone_key = ?9 AND service = ?4 AND COALESCE(merged_into, '') = '' AND phase <> 'final' ORDER BY made_at DESC LIMIT ?5) family
	UNION ALL SELECT 'phone', id, NULL, NULL, needs FROM (SELECT id, needs FROM cases_case
		WHERE family_key = ?3 AND service = ?4 AND COALESCE(merged_into, '') = '' AND phase <> 'final' ORDER BY made_at DESC LIMIT ?5) far
	UNION ALL SELECT 'phone', id, NULL, NULL, needs FROM (SELECT id, needs FROM cases_case
		WHERE family_key = ?9 AND service = ?4 AND COALESCE(merged_into, '') = '' AND phase <> 'final' ORDER BY made_at DESC LIMIT ?5) both_far
	UNION ALL SELECT 'place', id, NULL, NULL, needs FROM (SELECT id, needs FROM cases_case
		WHERE place = ?6 AND made_at >= ?7 AND service = ?4 AND COALESCE(merged_into, '') = '' AND phase <> 'final' ORDER BY made_at DESC LIMIT ?8) place`

// whatIsKnown looks for all of it. The same phone comes first: of two reasons
// for one pair, the first is told.
func (o *Office) whatIsKnown(t *db.Tx, def *service.Definition, c *Case) (k earlier, err error) {
	var phone, family, place any // none matches nothing
	rule := def.Duplicates
	if rule.SamePhone && len(c.PhoneKey) > 0 {
		phone = c.PhoneKey
	}
	if rule.SamePhone && len(c.FamilyKey) > 0 {
		family = c.FamilyKey
	}
	// A whole commune is no sign of being the same family.
	if p, ok := o.places.Get(c.Place); ok && p.Kind == "douar" && rule.SamePlaceHours > 0 {
		place = c.Place
	}
	since := c.MadeAt.Add(-time.Duration(rule.SamePlaceHours) * time.Hour)
	_, err = db.List(t, func(r db.Row) (none struct{}, err error) {
		var what, needs string
		var other CaseID
		var number receipt.Number
		var key []byte
		if err := r.Scan(&what, &other, &number, &key, &needs); err != nil {
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
		case "phone":
			k.alike = append(k.alike, alike{other, "same_phone"})
		case "place":
			var theirs []string
			if err := json.Unmarshal([]byte(needs), &theirs); err != nil {
				return none, err
			}
			if !rule.SameNeed || overlap(theirs, c.Needs) {
				k.alike = append(k.alike, alike{other, "same_place_and_need"})
			}
		}
		return none, nil
	}, earlierSQL, c.ID, c.Receipt, phone, c.Service, alikeByPhone, place, since, alikeByPlace, family)
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
