package works

import (
	"bytes"
	"context"
	"crypto/sha256"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Photo is a picture of a site before or after the work, for staff alone.
type Photo struct {
	ID            PhotoID
	Order         OrderID
	Moment        string // before or after
	Sum           []byte // SHA-256 of what was sent
	Width, Height int
	Body          []byte // sealed; nil when its time was over
	Account       actor.AccountID
	MadeAt        time.Time
}

type PhotoID = id.Of[Photo]

// The deeds on pictures. Each look leaves a line.
var (
	DeedPhotoAdd  = deed.Deed{Name: "works.photo.add", Roles: does}
	DeedPhotoLook = deed.Deed{Name: "works.photo.look", Roles: append([]actor.Role{actor.Auditor}, does...)}
)

// Moments of a picture.
const (
	Before = "before"
	After  = "after"
)

const (
	mostPhoto  = 8 << 20 // bytes, as a phone takes them
	mostPhotos = 6       // of each moment
)

type photoTold struct {
	Photo  PhotoID `json:"photo"`
	Moment string  `json:"moment"`
}

func photoAt(pid PhotoID) string { return crypt.At("works_photo.body", pid.String()) }

// AddPhoto keeps a picture: before the work begins, or after it began. The same
// picture again is the same one.
func (s *Service) AddPhoto(ctx context.Context, by actor.Actor, oid OrderID, moment string, raw []byte) error {
	if moment != Before && moment != After {
		return fault.All{fault.New(fault.Invalid, "works.photo.moment_missing").On("moment")}
	}
	fresh, width, height, err := s.Develop(ctx, raw)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	return s.onPhotos(ctx, by, DeedPhotoAdd, oid, func(t *deed.Tx, o *Order) (photoTold, error) {
		all, err := photosOf(t.Tx, oid)
		if err != nil {
			return photoTold{}, err
		}
		n := 0
		for _, p := range all {
			switch {
			case bytes.Equal(p.Sum, sum[:]):
				return photoTold{}, deed.ErrNothingDone
			case p.Moment == moment:
				n++
			}
		}
		switch {
		case n >= mostPhotos:
			return photoTold{}, fault.All{fault.New(fault.Invalid, "works.photo.many", "most", mostPhotos).On("photo")}
		case o.State == Done || o.State == Cancelled, moment == Before && !o.BegunAt.IsZero(), moment == After && o.BegunAt.IsZero():
			return photoTold{}, fault.All{fault.New(fault.Conflict, "works.photo.not_now").On("moment")}
		}
		p := Photo{ID: id.New[Photo](t.Now()), Order: oid, Moment: moment, Sum: sum[:], Width: width, Height: height, Account: t.By.Account, MadeAt: t.Now()}
		p.Body = s.vault.Seal(photoAt(p.ID), fresh)
		return photoTold{p.ID, moment}, addPhoto(t.Tx, p)
	})
}

// LookPhoto opens a picture, and leaves a line.
func (s *Service) LookPhoto(ctx context.Context, by actor.Actor, oid OrderID, pid PhotoID) (picture []byte, err error) {
	err = s.onPhotos(ctx, by, DeedPhotoLook, oid, func(t *deed.Tx, _ *Order) (photoTold, error) {
		p, err := getPhoto(t.Tx, pid)
		if err == nil && (p.Order != oid || p.Body == nil) {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err != nil {
			return photoTold{}, err
		}
		picture, err = s.vault.Open(photoAt(pid), p.Body)
		return photoTold{pid, p.Moment}, err
	})
	return picture, err
}

func (s *Service) onPhotos(ctx context.Context, by actor.Actor, d deed.Deed, oid OrderID, do func(*deed.Tx, *Order) (photoTold, error)) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		o, err := hold(t.Tx, oid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.scope(o)); err != nil {
			return err
		}
		told, err := do(t, o)
		if err != nil {
			return err
		}
		return t.Tell(subject(oid), told)
	}))
}

// forgetPhotos erases pictures whose time is over.
func (s *Service) forgetPhotos(ctx context.Context) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return dropBodies(t, t.Now().AddDate(0, 0, -s.Rules.KeepDays)) })
}
