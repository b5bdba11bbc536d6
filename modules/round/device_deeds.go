package round

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// afield is who works with a phone on the ground; home is who looks after that.
var (
	afield = []actor.Role{actor.Volunteer, actor.Leader, actor.Coordinator}
	home   = []actor.Role{actor.Coordinator, actor.Administrator}
)

// The deeds on a device.
var (
	DeedDeviceList  = deed.Deed{Name: "round.device.list", Roles: append([]actor.Role{actor.Administrator}, afield...)}
	DeedDeviceEnrol = deed.Deed{Name: "round.device.enrol", Roles: afield}
	DeedDeviceCut   = deed.Deed{Name: "round.device.cut", Roles: home}
	DeedDeviceGive  = deed.Deed{Name: "round.device.give_up", Open: true} // one's own, whatever one's roles are by now
)

type deviceTold struct {
	Device  DeviceID        `json:"device"`
	Account actor.AccountID `json:"account"`
	Session bool            `json:"session,omitempty"` // the session on it was ended too
}

func deviceSubject(did DeviceID) string { return "round.device/" + did.String() }

// Enrolment is a phone that somebody means to take to the field.
type Enrolment struct {
	ID       DeviceID
	Name     string
	Password string
	From     string // network address, for the limits only
}

// Enrol takes a phone in. Its holder shows their password once more: whoever
// finds a phone that is signed in makes no second one of it. The same device
// again keeps its salt, so that what is sealed on it opens.
func (s *Service) Enrol(ctx context.Context, limit *web.Limiter, by actor.Actor, e Enrolment, session func(*db.Tx) (string, error)) (d Device, err error) {
	if err := deed.May(by, DeedDeviceEnrol); err != nil {
		return d, err
	}
	e.Name = strings.Join(strings.Fields(e.Name), " ")
	switch {
	case e.ID.IsZero():
		return d, fault.New(fault.Invalid, "round.device.id_wrong").On("id")
	case e.Name == "" || utf8.RuneCountInString(e.Name) > maxName:
		return d, fault.New(fault.Invalid, "round.device.name_wrong", "most", maxName).On("name")
	}
	if err := s.People.Confirm(ctx, limit, by, e.From, e.Password); err != nil {
		return d, err
	}
	err = s.h.Do(ctx, by, DeedDeviceEnrol, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		on, err := session(t.Tx)
		if err != nil {
			return err
		}
		if n, err := activeDevices(t.Tx, by.Account); err != nil {
			return err
		} else if n >= mostDevices {
			if _, err := getDevice(t.Tx, e.ID); err != nil {
				return fault.New(fault.Conflict, "round.device.many", "most", mostDevices)
			}
		}
		d = Device{ID: e.ID, Account: by.Account, Org: t.As().Org, Name: s.vault.SealText(nameAt(e.ID), e.Name), Salt: crypt.NewSalt(),
			State: Active, Session: on, MadeAt: t.Now(), SeenAt: t.Now()}
		fresh, err := addDevice(t.Tx, d)
		if err != nil {
			return err
		}
		if !fresh {
			if d, err = getDevice(t.Tx, e.ID); err != nil {
				return err
			}
			if err := d.holds(by); err != nil {
				return err
			}
			if err := sawDevice(t.Tx, d.ID, on); err != nil {
				return err
			}
		}
		return t.Tell(deviceSubject(d.ID), deviceTold{Device: d.ID, Account: d.Account})
	})
	return d, err
}

// CutOff ends a device for those who answer for its holder: the coordination of
// the same organisation, and the administration.
func (s *Service) CutOff(ctx context.Context, by actor.Actor, did DeviceID) error {
	return s.cut(ctx, by, DeedDeviceCut, did, func(t *deed.Tx, d Device) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if !answersFor(by, d.Org) {
			return fault.New(fault.Denied, "error.denied_here")
		}
		return nil
	})
}

// answersFor tells whether somebody answers for what an organisation's people
// do with their phones. A phone has no place, so a territory does not count.
func answersFor(by actor.Actor, org actor.OrganisationID) bool {
	for _, g := range by.Grants {
		if g.Role == actor.Administrator || g.Role == actor.Coordinator && g.Recognised && g.Org == org {
			return true
		}
	}
	return false
}

// GiveUp ends one's own device: lost, sold, broken.
func (s *Service) GiveUp(ctx context.Context, by actor.Actor, did DeviceID) error {
	return s.cut(ctx, by, DeedDeviceGive, did, func(t *deed.Tx, d Device) error { return t.Own(d.Account) })
}

func (s *Service) cut(ctx context.Context, by actor.Actor, word deed.Deed, did DeviceID, may func(*deed.Tx, Device) error) error {
	return welcome(s.h.Do(ctx, by, word, func(t *deed.Tx) error {
		d, err := getDevice(t.Tx, did)
		if err != nil {
			return err
		}
		if err := may(t, d); err != nil {
			return err
		}
		cut, err := cutDevice(t.Tx, did, by.Account)
		if err != nil {
			return err
		}
		if !cut {
			return deed.ErrNothingDone
		}
		if d.Session != "" {
			if err := s.People.EndSession(t, d.Account, d.Session); err != nil {
				return err
			}
		}
		return t.Tell(deviceSubject(did), deviceTold{did, d.Account, d.Session != ""})
	}))
}

// device is the one that a call names, for whoever holds it.
func (s *Service) device(t *db.Tx, by actor.Actor, did DeviceID) (Device, error) {
	d, err := getDevice(t, did)
	if err == nil {
		err = d.holds(by)
	}
	return d, err
}

// isCut tells whether a device was cut off, whoever asks: its program must
// learn of it though nobody is signed in any more.
func (s *Service) isCut(ctx context.Context, did DeviceID) bool {
	var d Device
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { d, err = getDevice(t, did); return err })
	return err == nil && d.State == Cut
}

// welcome treats what was done already as done.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}
