package cases

import (
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// Recording is a voice note that somebody left in place of a written answer,
// and the door by which staff hear it. Hearing it is a deed of its own.
type Recording struct {
	Href    string
	Seconds time.Duration
	At      time.Time
}

// UseRecordings is called while the house is built: fn lists the voice notes
// that speak of a case.
func (o *Office) UseRecordings(fn func(t *db.Tx, subject string) ([]Recording, error)) {
	o.recordings = fn
}

// Fieldwork is how much came home from visits to the people of a case, and the
// page that lists it. Opening any of it is a deed of its own.
type Fieldwork struct {
	Href           string
	Visits, Photos int
}

// UseFieldwork is called while the house is built: fn counts what came home
// about a case; nil is nothing.
func (o *Office) UseFieldwork(fn func(t *db.Tx, subject string) (*Fieldwork, error)) {
	o.fieldwork = fn
}

// recorded are the voice notes of a case and of the voices joined to it.
func (o *Office) recorded(t *deed.Tx, k *Case, d *Detail) error {
	if !d.Can.Reveal {
		return nil
	}
	if o.fieldwork != nil {
		var err error
		if d.Fieldwork, err = o.fieldwork(t.Tx, subject(k.ID)); err != nil {
			return err
		}
	}
	if o.recordings == nil {
		return nil
	}
	joined, err := voices(t.Tx, k.ID)
	if err != nil {
		return err
	}
	for _, c := range append([]*Case{k}, joined...) {
		all, err := o.recordings(t.Tx, subject(c.ID))
		if err != nil {
			return err
		}
		d.Recordings = append(d.Recordings, all...)
	}
	return nil
}
