package round

import (
	"bytes"
	"context"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on a photo. Its parts leave no line; the whole does, and each look.
var (
	DeedPhotoKeep = deed.Deed{Name: "round.photo.keep", Roles: afield}
	DeedPhotoLook = deed.Deed{Name: "round.photo.look", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator, actor.Leader}}
)

type photoTold struct {
	Photo  PhotoID  `json:"photo"`
	Record RecordID `json:"record"`
	Bytes  int      `json:"bytes,omitempty"`
}

// errSum says that what arrived is not what was sent: it is thrown away, and
// the phone begins anew.
var errSum = fault.New(fault.Conflict, "round.photo.sum_wrong")

// BeginPhoto makes room for a photo, and says how much of it is here already.
func (s *Service) BeginPhoto(ctx context.Context, by actor.Actor, p Photo) (have int, err error) {
	switch {
	case p.ID.IsZero() || p.Record.IsZero():
		return 0, fault.New(fault.Invalid, "round.photo.id_wrong").On("Upload-Metadata")
	case p.Size < 1 || p.Size > mostPhoto:
		return 0, fault.New(fault.Invalid, "round.photo.too_large", "kb", mostPhoto>>10).On("Upload-Length")
	case len(p.Sum) != 32:
		return 0, fault.New(fault.Invalid, "round.photo.sum_missing").On("Upload-Metadata")
	}
	p.Account = by.Account
	err = s.h.DB.Write(ctx, func(t *db.Tx) error {
		r, there, err := findRecord(t, p.Record)
		if err != nil {
			return err
		}
		if there && r.Account != by.Account {
			return fault.New(fault.Denied, "round.photo.not_yours")
		}
		if there {
			p.Device = r.Device
		}
		if !p.Device.IsZero() {
			if _, err := s.device(t, by, p.Device); err != nil {
				return err
			}
		}
		p.MadeAt = t.Now()
		others, err := photosOf(t, p.Record)
		if err != nil {
			return err
		}
		fresh, err := addPhoto(t, p)
		if err != nil {
			return err
		}
		if fresh {
			if len(others) >= mostPhotos {
				return fault.New(fault.Invalid, "round.photo.many", "most", mostPhotos)
			}
			return nil
		}
		old, err := getPhoto(t, p.ID)
		switch {
		case err != nil:
			return err
		case old.Account != by.Account || old.Record != p.Record || old.Size != p.Size || !bytes.Equal(old.Sum, p.Sum):
			return fault.New(fault.Conflict, "round.photo.other")
		}
		have, err = offset(t, old)
		return err
	})
	return have, err
}

// PhotoSoFar says how much of one's photo is here.
func (s *Service) PhotoSoFar(ctx context.Context, by actor.Actor, pid PhotoID) (have, size int, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		p, err := s.ownPhoto(t, by, pid)
		if err != nil {
			return err
		}
		size = p.Size
		have, err = offset(t, p)
		return err
	})
	return have, size, err
}

func (s *Service) ownPhoto(t *db.Tx, by actor.Actor, pid PhotoID) (Photo, error) {
	p, err := getPhoto(t, pid)
	if err != nil {
		return p, err
	}
	if !p.Device.IsZero() {
		if _, err := s.device(t, by, p.Device); err != nil {
			return p, err
		}
	}
	if p.Account != by.Account {
		return p, fault.New(fault.Missing, "round.photo.missing")
	}
	return p, nil
}

// AddPhotoPart takes a piece of a photo from where the last one ended. The piece
// that makes it whole is checked with all the others, and the picture made anew
// and sealed, in one unit of work: a photo is whole or still coming.
func (s *Service) AddPhotoPart(ctx context.Context, by actor.Actor, pid PhotoID, from int, piece []byte) (have int, err error) {
	var p Photo
	var raw []byte
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		if p, err = s.ownPhoto(t, by, pid); err != nil {
			return err
		}
		if have, err = offset(t, p); err != nil {
			return err
		}
		switch {
		case from != have:
			return fault.New(fault.Conflict, "round.photo.offset", "have", have)
		case from+len(piece) > p.Size:
			return fault.New(fault.Invalid, "round.photo.longer")
		case p.Whole || from+len(piece) < p.Size:
			return nil
		}
		raw, err = s.assemble(t, p, piece)
		return err
	})
	if err != nil || p.Whole || len(piece) == 0 {
		return have, err
	}
	if raw == nil {
		k := part{id: id.New[part](s.h.DB.Now()), start: from}
		k.body = s.vault.Seal(partAt(k.id), piece)
		err = s.h.DB.Write(ctx, func(t *db.Tx) error { return addPart(t, p, k, len(piece)) })
		return from + len(piece), err
	}
	if !bytes.Equal(sumOf(raw), p.Sum) {
		if err := s.h.DB.Write(ctx, func(t *db.Tx) error { return dropParts(t, pid) }); err != nil {
			return 0, err
		}
		return 0, errSum
	}
	return p.Size, s.keepPhoto(ctx, by, p, raw)
}

// assemble puts the parts of a photo together, the last of which is not kept yet.
func (s *Service) assemble(t *db.Tx, p Photo, last []byte) ([]byte, error) {
	parts, err := partsOf(t, p.ID)
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 0, p.Size)
	for _, k := range parts {
		plain, err := s.vault.Open(partAt(k.id), k.body)
		if err != nil {
			return nil, err
		}
		raw = append(raw, plain...)
	}
	return append(raw, last...), nil
}

// keepPhoto makes a photo of what arrived whole; what is none is let go.
func (s *Service) keepPhoto(ctx context.Context, by actor.Actor, p Photo, raw []byte) error {
	select {
	case darkroom <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	fresh, width, height, err := developed(raw)
	<-darkroom
	if err != nil {
		if dropped := s.h.DB.Write(ctx, func(t *db.Tx) error { return dropPhoto(t, p.ID) }); dropped != nil {
			return dropped
		}
		return err
	}
	p.Body, p.Width, p.Height = s.vault.Seal(photoAt(p.ID), fresh), width, height
	return welcome(s.h.Do(ctx, by, DeedPhotoKeep, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		first, err := keepPhoto(t.Tx, p)
		if err != nil {
			return err
		}
		if !first {
			return deed.ErrNothingDone
		}
		return t.Tell(recordSubject(p.Record), photoTold{p.ID, p.Record, len(fresh)})
	}))
}

// LookAtPhoto opens a photo, for whoever may open what names the person of the
// case that it was taken for. Each look leaves a line that the person can read.
func (s *Service) LookAtPhoto(ctx context.Context, by actor.Actor, pid PhotoID) (picture []byte, err error) {
	if err := deed.May(by, DeedPhotoLook); err != nil {
		return nil, err
	}
	var p Photo
	about := ""
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		if p, err = getPhoto(t, pid); err != nil {
			return err
		}
		r, there, err := findRecord(t, p.Record)
		if err == nil && (!there || r.Case == "" || !p.Whole || r.State != Taken && r.State != Settled) {
			err = fault.New(fault.Missing, "round.photo.missing")
		}
		about = r.Case
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.Cases.MayOpen(ctx, by, about); err != nil {
		return nil, err
	}
	if picture, err = s.vault.Open(photoAt(pid), p.Body); err != nil {
		return nil, err
	}
	return picture, s.h.Do(ctx, by, DeedPhotoLook, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return t.Tell(s.Cases.Subject(about), photoTold{Photo: pid, Record: p.Record})
	})
}
