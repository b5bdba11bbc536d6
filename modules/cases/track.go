package cases

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var DeedTrack = deed.Deed{Name: "cases.case.track", Open: true}

// Holder is whoever holds a receipt and knows what belongs to it: the person.
// Exactly one of the three is set.
type Holder struct {
	Case      CaseID
	Concern   ConcernID
	Complaint ComplaintID
}

// Recognise opens a receipt with the last four digits of the phone that was
// given, or with the word that was chosen. Whatever does not fit gets the same
// sentence, so that nobody learns which receipts exist.
func (o *Office) Recognise(ctx context.Context, number receipt.Number, typed string) (h Holder, err error) {
	if h, known, err := o.recogniseWaiting(number, typed); known {
		return h, err
	}
	err = o.h.Look(ctx, actor.Actor{}, DeedTrack, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		h, err = o.recognise(t.Tx, number, typed)
		return err
	})
	return h, err
}

func (o *Office) recognise(t *db.Tx, number receipt.Number, typed string) (h Holder, err error) {
	type row struct{ kind, id string }
	var key []byte
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.kind, &x.id, &key) },
		`SELECT 'case', id, secret_key FROM cases_case WHERE receipt = ?1 UNION ALL SELECT 'concern', id, secret_key FROM cases_concern WHERE receipt = ?1
		UNION ALL SELECT 'complaint', id, secret_key FROM cases_complaint WHERE receipt = ?1`, number)
	if err != nil {
		return h, err
	}
	if len(all) == 0 {
		cid, err := notIn(t, number)
		if err != nil || cid.IsZero() {
			return h, errors.Join(err, ifTrue(err == nil, fault.New(fault.Missing, "cases.track.no_match")))
		}
		if all, err = db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.kind, &x.id, &key) },
			`SELECT 'case', id, secret_key FROM cases_case WHERE id = ?1 UNION ALL SELECT 'concern', id, secret_key FROM cases_concern
			WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM cases_case WHERE id = ?1)`, cid); err != nil {
			return h, err
		}
	}
	subjectID := ""
	if len(all) == 1 {
		subjectID = all[0].id
	}
	given := o.vault.Index("track", subjectID+"|"+trackKey(typed))
	if len(all) != 1 || trackKey(typed) == "" || len(key) == 0 || subtle.ConstantTimeCompare(given, key) != 1 {
		return h, fault.New(fault.Missing, "cases.track.no_match")
	}
	switch all[0].kind {
	case "case":
		h.Case, err = id.Parse[Case](subjectID)
	case "concern":
		h.Concern, err = id.Parse[Concern](subjectID)
	default:
		h.Complaint, err = id.Parse[Complaint](subjectID)
	}
	return h, err
}

func sameKey(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// holdFor is how long a tracker stays open on a phone that may be shared.
const holdFor = 30 * time.Minute

// pass is what the browser keeps while its holder reads: sealed, and over soon.
func (o *Office) pass(h Holder, now time.Time) string { return o.passFor(h, now, holdFor) }

func (o *Office) passFor(h Holder, now time.Time, hold time.Duration) string {
	plain := fmt.Sprintf("%s|%s|%s|%d", h.Case, h.Concern, h.Complaint, now.Add(hold).Unix())
	return base64.RawURLEncoding.EncodeToString(o.vault.Seal("cases_pass.track|-", []byte(plain)))
}

func (o *Office) holder(pass string, now time.Time) (h Holder, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(pass)
	if err != nil {
		return h, false
	}
	plain, err := o.vault.Open("cases_pass.track|-", sealed)
	if err != nil {
		return h, false
	}
	parts := strings.Split(string(plain), "|")
	if len(parts) != 4 {
		return h, false
	}
	var till int64
	if _, err := fmt.Sscan(parts[3], &till); err != nil || now.Unix() > till {
		return h, false
	}
	err1, err2, err3 := h.Case.UnmarshalText([]byte(parts[0])), h.Concern.UnmarshalText([]byte(parts[1])), h.Complaint.UnmarshalText([]byte(parts[2]))
	return h, err1 == nil && err2 == nil && err3 == nil
}

// gone is what the holder of an old pass gets of a case whose person was
// forgotten: nothing, as if the receipt had never been.
func gone() error { return fault.New(fault.Denied, "cases.track.open_again") }

// Look is one line of "who opened my file", for the person.
type Look struct {
	At     time.Time
	Org    actor.OrganisationID
	Role   string
	Reason string // message key of why
}
