package cases

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// Draft is a form under way. It is kept sealed for a day under an identifier
// that is the request's own: sending it twice asks once, and on a phone that
// lost the network between two pages nothing is lost.
type Draft struct {
	ID      DraftID
	Service string
	Version int
	Answers forms.Answers
	Around  Around
	EndsAt  time.Time
}

type DraftID = id.Of[draftKind]

// draftLife is how long an unfinished form is kept. Personal data that nobody
// sent on is not ours to keep longer.
const draftLife = 24 * time.Hour

var DeedDraft = deed.Deed{Name: "cases.draft.keep", Open: true}

// KeepDraft writes down how far somebody has come.
func (o *Office) KeepDraft(ctx context.Context, d Draft) error {
	body, err := json.Marshal(d.Answers)
	if err != nil {
		return err
	}
	sealed := o.vault.Seal("cases_draft.body|"+d.ID.String(), body)
	around, err := o.sealAround(d)
	if err != nil {
		return err
	}
	err = o.h.DB.Write(ctx, func(t *db.Tx) error {
		n, err := t.Exec(`INSERT INTO cases_draft (id, service, version, body, made_at, ends_at, around) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
			ON CONFLICT (id) DO UPDATE SET body = ?4, ends_at = ?6, around = ?7 WHERE cases_draft.service = ?2`,
			d.ID, d.Service, d.Version, sealed, t.Now(), t.Now().Add(draftLife), around)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "cases.draft.other_service")
		}
		return err
	})
	if err == nil || db.IsAway(err) {
		o.mind.put(d.ID, rememberedDraft{d.Service, d.Version, sealed, around, o.h.DB.Now().Add(draftMind), err == nil})
		err = nil
	}
	return err
}

// ReadDraft finds a form under way; one that ended is gone.
func (o *Office) ReadDraft(ctx context.Context, did DraftID) (d Draft, err error) {
	err = o.h.DB.Read(ctx, func(t *db.Tx) error {
		d, err = db.One(t, func(r db.Row) (d Draft, err error) {
			var sealed, around []byte
			if err = r.Scan(&d.ID, &d.Service, &d.Version, &sealed, db.Time(&d.EndsAt), &around); err != nil {
				return d, err
			}
			plain, err := o.vault.Open("cases_draft.body|"+d.ID.String(), sealed)
			if err != nil {
				return d, err
			}
			if err = o.openAround(&d, around); err != nil {
				return d, err
			}
			d.Answers = forms.Answers{}
			return d, json.Unmarshal(plain, &d.Answers)
		}, `SELECT id, service, version, body, ends_at, around FROM cases_draft WHERE id = ?1 AND ends_at > ?2`, did, t.Now())
		return err
	})
	gone := fault.KindOf(err) == fault.Missing
	if db.IsAway(err) || gone {
		m, ok := o.mind.get(did, o.h.DB.Now())
		switch {
		case ok && gone && m.stored: // it was forgotten, here or by another process
			o.mind.drop(did)
		case ok: // one that was begun while the store was away is in mind alone
			return o.openDraftOf(did, m)
		}
	}
	if gone {
		err = fault.New(fault.Missing, "cases.draft.gone")
	}
	return d, err
}

// openDraftOf unseals a form that is in mind.
func (o *Office) openDraftOf(did DraftID, m rememberedDraft) (Draft, error) {
	d := Draft{ID: did, Service: m.service, Version: m.version, EndsAt: m.endsAt, Answers: forms.Answers{}}
	plain, err := o.vault.Open("cases_draft.body|"+did.String(), m.body)
	if err == nil {
		err = o.openAround(&d, m.around)
	}
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(plain, &d.Answers)
}

// SweepDrafts forgets what was never sent. The house does it by itself.
func (o *Office) SweepDrafts(ctx context.Context) error {
	o.mind.sweep(o.h.DB.Now())
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`DELETE FROM cases_draft WHERE ends_at <= ?1`, t.Now())
		return errors.Join(err, sweepShared(t))
	})
}

// caseOf is the identifier of the case that a draft becomes. It cannot be
// turned round: staff who know a case do not know its asker's draft.
func (o *Office) caseOf(did DraftID) CaseID {
	return id.Derive[Case](did.Time(), o.vault.Index("case of draft", did.String()))
}

// Send makes a request of a draft, and forgets what the draft said. Sent
// twice, it is the same request with the same receipt.
func (o *Office) Send(ctx context.Context, by actor.Actor, did DraftID, lang string) (Asked, error) {
	cid := o.caseOf(did)
	out, err := o.sentAs(ctx, did)
	if x, ok := o.waits(cid); ok {
		return x.out(o), nil
	}
	if out.Again || err != nil && !db.IsAway(err) {
		return out, err
	}
	d, err := o.ReadDraft(ctx, did)
	if fault.KindOf(err) == fault.Missing { // another sending of the same form may have been through since
		if out, again := o.sentAs(ctx, did); again != nil || out.Again {
			return out, again
		}
	}
	if err != nil {
		return Asked{}, err
	}
	out, err = o.askFrom(ctx, by, d, Request{ID: cid, Service: d.Service, Answers: d.Answers, Lang: lang, Help: d.Around.Help, Shared: d.Around.Shared, Partly: d.Around.Partly, Paper: d.Around.number()})
	if err != nil {
		return out, err
	}
	o.mind.drop(did)
	err = o.h.DB.Write(ctx, func(t *db.Tx) error { return dropDraft(t, did) })
	if db.IsAway(err) { // it is forgotten with its day
		err = nil
	}
	return out, err
}

// sentAs is what a form became that was sent before (Again), however often it
// comes. A late second sending may have left its draft.
func (o *Office) sentAs(ctx context.Context, did DraftID) (Asked, error) {
	out := Asked{ID: o.caseOf(did)}
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		out.Again, err = o.sentBefore(t, out.ID, &out)
		return err
	})
	if err != nil || !out.Again {
		return out, err
	}
	o.mind.drop(did)
	return out, o.h.DB.Write(ctx, func(t *db.Tx) error { return dropDraft(t, did) })
}

// askFrom sends a form under the word and the way that fit whoever filled it in.
// Whoever helps does so like anybody else where their role does not reach.
func (o *Office) askFrom(ctx context.Context, by actor.Actor, d Draft, q Request) (Asked, error) {
	word := DeedAsk
	if q.Channel = by.Channel; by.Holds(DeedTakeDown.Roles...) {
		word, q.Channel = DeedTakeDown, "phone"
	}
	switch {
	case d.Around.Paper != "":
		q.Channel = "paper"
	case q.Help != nil:
		q.Channel = "helper"
	}
	out, err := o.Ask(ctx, by, word, q)
	if q.Help != nil && fault.KindOf(err) == fault.Denied {
		out, err = o.Ask(ctx, by, DeedAsk, q)
	}
	return out, err
}

// sentBefore finds what a draft became.
func (o *Office) sentBefore(t *db.Tx, cid CaseID, out *Asked) (bool, error) {
	type row struct {
		kind    int64
		channel string
		level   int
		phone   int64
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) {
		return x, r.Scan(&out.Receipt, &x.kind, &x.channel, &x.level, &x.phone, db.Time(&out.Due), db.Time(&out.At))
	}, `SELECT receipt, 0, COALESCE(way, channel), level, CASE WHEN phone_key IS NULL THEN 0 ELSE 1 END, due_at, made_at FROM cases_case WHERE id = ?1
		UNION ALL SELECT receipt, 1, 'web', 1, 1, due_at, made_at FROM cases_concern WHERE id = ?1 ORDER BY 2`, cid)
	if err != nil || len(all) == 0 {
		return false, err
	}
	out.Restricted, out.Level = all[0].kind == 1, all[0].level
	// A helper hands the number over, and the code too where nobody could send it.
	out.Helped = all[0].channel == "helper"
	if !out.Restricted && (byAsker(all[0].channel) || out.Helped && all[0].phone == 0) {
		out.Code = o.code(cid)
	}
	return true, nil
}
