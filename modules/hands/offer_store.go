package hands

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const offerColumns = `o.id, o.receipt, o.kind, o.thing, o.units, o.taken, o.seats, o.kg, o.road, o.good_till, o.from_at, o.until, o.who, o.org, o.call,
	o.place, o.commune, o.province, o.region, o.state, o.answer, o.lang, o.private, o.secret_key, o.asked_key, o.made_at, o.changed_at, o.answered_at,
	o.flagged_at, o.reminded_at, o.ended_at, o.erased_at`

func scanOffer(r db.Row) (*Offer, error) {
	var o Offer
	var commune, province, region string
	err := r.Scan(&o.ID, &o.Receipt, (*string)(&o.Kind), &o.Thing, &o.Units, &o.Taken, &o.Seats, &o.Kg, db.Opt(&o.Road), db.Time(&o.GoodTill), db.Time(&o.From),
		db.Time(&o.Until), &o.Who, &o.Org, &o.Call, db.Opt(&o.Place), db.Opt(&commune), db.Opt(&province), db.Opt(&region), (*string)(&o.State), db.Opt(&o.Answer),
		&o.Lang, &o.private, &o.secret, &o.asked, db.Time(&o.MadeAt), db.Time(&o.ChangedAt), db.Time(&o.AnsweredAt), db.Time(&o.FlaggedAt),
		db.Time(&o.RemindedAt), db.Time(&o.EndedAt), db.Time(&o.ErasedAt))
	for _, x := range []string{region, province, commune} {
		if x != "" {
			o.Path = append(o.Path, x)
		}
	}
	return &o, err
}

func getOffer(t *db.Tx, oid OfferID) (*Offer, error) {
	return db.One(t, scanOffer, `SELECT `+offerColumns+` FROM hands_offer o WHERE o.id = ?1`, oid)
}

func offerByReceipt(t *db.Tx, n receipt.Number) (*Offer, error) {
	return db.One(t, scanOffer, `SELECT `+offerColumns+` FROM hands_offer o WHERE o.receipt = ?1`, n)
}

// holdOffer reads an offer and keeps every other hand off it until this unit
// of work ends: the update comes first, so that under PostgreSQL the row is
// locked before anything is read.
func holdOffer(t *db.Tx, oid OfferID) (*Offer, error) {
	n, err := t.Exec(`UPDATE hands_offer SET version = version + 1 WHERE id = ?1`, oid)
	if err == nil && n == 0 {
		err = fault.New(fault.Missing, "error.missing")
	}
	if err != nil {
		return nil, err
	}
	return getOffer(t, oid)
}

// freshOfferReceipt draws a number that no offer has.
func freshOfferReceipt(t *db.Tx) (receipt.Number, error) {
	for {
		n, err := receipt.New(rand.Reader)
		if err != nil {
			return n, err
		}
		if taken, err := db.Has(t, `SELECT 1 FROM hands_offer WHERE receipt = ?1`, n); err != nil || !taken {
			return n, err
		}
	}
}

// addOffer keeps a new offer; the same identifier again changes nothing.
func addOffer(t *db.Tx, o *Offer) (fresh bool, err error) {
	var p [3]string
	copy(p[:], o.Path)
	n, err := t.Exec(`INSERT INTO hands_offer (id, receipt, kind, thing, units, taken, seats, kg, road, good_till, from_at, until, who, org, call,
		region, province, commune, place, state, lang, private, secret_key, asked_key, made_at, changed_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 'open', ?19, ?20, ?21, ?22, ?23, ?23, 1)
		ON CONFLICT (id) DO NOTHING`,
		o.ID, o.Receipt, string(o.Kind), o.Thing, o.Units, o.Seats, o.Kg, db.OrNull(o.Road), o.GoodTill, o.From, o.Until, o.Who, o.Org, o.Call,
		db.OrNull(p[0]), db.OrNull(p[1]), db.OrNull(p[2]), db.OrNull(o.Place), o.Lang, o.private, o.secret, o.asked, o.MadeAt)
	return n == 1, err
}

// saveOffer writes back what holdOffer read.
func saveOffer(t *db.Tx, o *Offer) error {
	_, err := t.Exec(`UPDATE hands_offer SET units = ?1, taken = ?2, until = ?3, state = ?4, answer = ?5, private = ?6, secret_key = ?7, changed_at = ?8,
		answered_at = ?9, flagged_at = ?10, reminded_at = ?11, ended_at = ?12, erased_at = ?13 WHERE id = ?14`,
		o.Units, o.Taken, o.Until, string(o.State), db.OrNull(o.Answer), o.private, o.secret, t.Now(), o.AnsweredAt, o.FlaggedAt, o.RemindedAt, o.EndedAt, o.ErasedAt, o.ID)
	return err
}

// offerFind is what a list of offers is looked up by.
type offerFind struct {
	show  string // waiting (for an answer), open, ended; "" is open
	kind  OfferKind
	by    actor.Actor
	after offerMark
	limit int
}

// offerMark is where a page of offers ended.
type offerMark struct {
	at time.Time
	id OfferID
}

// args collects arguments while a query is written.
type args struct{ all []any }

func (a *args) put(v any) string {
	a.all = append(a.all, v)
	return fmt.Sprintf("?%d", len(a.all))
}

// offerReach is as far as somebody's grants of these roles reach, as a condition on
// offers. What is offered to an organisation is seen by those who act for it;
// what is offered to whoever can, by those who act for all.
func offerReach(by actor.Actor, roles []actor.Role, a *args) string {
	any := []string{"1 = 0"}
	for _, g := range by.Grants {
		for _, r := range roles {
			if g.Role != r || r.ForOrganisation() && !g.Recognised {
				continue
			}
			all := []string{"1 = 1"}
			if r.ForOrganisation() {
				all = append(all, "o.org = "+a.put(g.Org))
			}
			if g.Territory != "" {
				here := a.put(g.Territory)
				all = append(all, "(o.province = "+here+" OR o.region = "+here+" OR o.commune = "+here+")")
			}
			any = append(any, strings.Join(all, " AND "))
		}
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// listOffers is a page of offers, the one that has waited longest first; of
// those that ended, the latest first.
func listOffers(t *db.Tx, f offerFind) ([]*Offer, error) {
	var a args
	w := []string{offerReach(f.by, DeedOfferSee.Roles, &a)}
	order := " ORDER BY o.made_at, o.id"
	than := ">"
	switch f.show {
	case "ended":
		w, order, than = append(w, "o.state <> 'open'"), " ORDER BY o.made_at DESC, o.id DESC", "<"
	case "waiting":
		w = append(w, "o.state = 'open'", "o.answer IS NULL")
	default:
		w = append(w, "o.state = 'open'")
	}
	if f.kind != "" {
		w = append(w, "o.kind = "+a.put(string(f.kind)))
	}
	if !f.after.id.IsZero() {
		w = append(w, "(o.made_at, o.id) "+than+" ("+a.put(f.after.at)+", "+a.put(f.after.id)+")")
	}
	return db.List(t, scanOffer, `SELECT `+offerColumns+` FROM hands_offer o WHERE `+strings.Join(w, " AND ")+order+` LIMIT `+a.put(f.limit), a.all...)
}

// countWaiting is how many offers of a reader wait for an answer.
func countWaiting(t *db.Tx, by actor.Actor) (int64, error) {
	var a args
	w := offerReach(by, DeedOfferSee.Roles, &a)
	return db.One(t, db.Int, `SELECT COUNT(*) FROM hands_offer o WHERE o.state = 'open' AND o.answer IS NULL AND `+w, a.all...)
}

// offersDue lists open offers that something must happen to.
func offersDue(t *db.Tx, which string, before time.Time, limit int) ([]OfferID, error) {
	q := map[string]string{
		"unanswered": `SELECT id FROM hands_offer WHERE state = 'open' AND answer IS NULL AND flagged_at IS NULL AND made_at <= ?1 ORDER BY made_at, id LIMIT ?2`,
		"remind":     `SELECT id FROM hands_offer WHERE state = 'open' AND reminded_at IS NULL AND until <= ?1 ORDER BY until, id LIMIT ?2`,
		"expire":     `SELECT id FROM hands_offer WHERE state = 'open' AND (until <= ?1 OR good_till <= ?1) ORDER BY until, id LIMIT ?2`,
		"forget":     `SELECT id FROM hands_offer WHERE erased_at IS NULL AND ended_at <= ?1 ORDER BY ended_at, id LIMIT ?2`,
	}[which]
	return db.List(t, func(r db.Row) (oid OfferID, err error) { return oid, r.Scan(&oid) }, q, before, limit)
}
