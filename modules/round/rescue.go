package round

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedRescue is handing in what a phone could not send: anybody who holds the
// sealed file may, for nobody but the house can read it.
var DeedRescue = deed.Deed{Name: "round.rescue.take", Open: true}

const mostRescue = 20 << 20 // bytes of a sealed file

// rescued is what a rescue file says, once it is opened.
type rescued struct {
	Device  string       `json:"device"`
	Records []wireRecord `json:"records"`
	Photos  []struct {
		ID     string `json:"id"`
		Record string `json:"record"`
		Data   []byte `json:"data"` // base64 of the JPEG
	} `json:"photos"`
}

// Rescue takes in a sealed file that a phone made of what it could not send.
// From the phone's own holder, or from the coordination that answers for them,
// it is as if the phone had sent it. From anybody else, and of a phone that was
// cut off, what it says waits for that coordination.
func (s *Service) Rescue(ctx context.Context, by actor.Actor, letter []byte) (out []Result, err error) {
	box, err := s.letterbox()
	if err != nil {
		return nil, err
	}
	var file rescued
	plain, err := box.Open(letter, mostRescue)
	if err != nil || json.Unmarshal(plain, &file) != nil {
		return nil, fault.New(fault.Invalid, "round.rescue.unreadable").On("file")
	}
	did, err := id.Parse[Device](file.Device)
	if err != nil {
		return nil, fault.New(fault.Invalid, "round.rescue.unreadable").On("file")
	}
	if len(file.Records) > mostRescued {
		return nil, fault.New(fault.Invalid, "round.record.many", "most", mostRescued).On("file")
	}
	var d Device
	if err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { d, err = getDevice(t, did); return err }); err != nil {
		return nil, err
	}
	speaks := d.Account == by.Account && deed.May(by, DeedTake) == nil || coordinates(by, d.Org)
	switch {
	case d.State == Cut:
		out, err = s.hold(ctx, by, d, file.Records)
	case !speaks:
		return nil, fault.New(fault.Unknown, "error.sign_in")
	default:
		for chunk := range slices.Chunk(file.Records, mostRecords) {
			some, err := s.takeIn(ctx, by, did, chunk, speaksFor)
			if err != nil {
				return out, err
			}
			out = append(out, some...)
		}
	}
	if err != nil {
		return out, err
	}
	return out, s.rescuedPhotos(ctx, by, d, file)
}

// speaksFor is the device of a rescue file, as long as it is not cut off.
func speaksFor(t *db.Tx, _ actor.Actor, did DeviceID) (Device, error) {
	d, err := getDevice(t, did)
	if err == nil && d.State == Cut {
		err = errCut()
	}
	return d, err
}

// coordinates tells whether somebody coordinates an organisation.
func coordinates(by actor.Actor, org actor.OrganisationID) bool {
	return slices.ContainsFunc(by.Grants, func(g actor.Grant) bool {
		return g.Role == actor.Coordinator && g.Recognised && g.Org == org
	})
}

// hold keeps the records of a device that was cut off, unopened in effect, for
// its coordination to decide on.
func (s *Service) hold(ctx context.Context, by actor.Actor, d Device, all []wireRecord) (out []Result, err error) {
	defer s.alone(d.ID)()
	err = welcome(s.h.Do(ctx, by, DeedRescue, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		b := &batch{Service: s, by: by, device: d}
		out = nil // a unit of work may be begun anew
		if err := b.look(t.Tx, all); err != nil {
			return err
		}
		told := takenTold{Device: d.ID}
		for i := range b.all {
			x := &b.all[i]
			if !x.done {
				if err := s.wait(&x.told, whyCut); err != nil {
					return err
				}
				x.keep, x.out.State, x.out.Key = true, ResultConflict, "round.conflict.cut"
			}
			if err := b.add(t, x, &told); err != nil {
				return err
			}
			out = append(out, x.out)
		}
		if len(told.Conflicts) == 0 {
			return deed.ErrNothingDone
		}
		return t.Tell(deviceSubject(d.ID), told)
	}))
	return out, err
}

// rescuedPhotos keeps the pictures of a rescue file; one that is none hinders
// no other.
func (s *Service) rescuedPhotos(ctx context.Context, by actor.Actor, d Device, file rescued) error {
	for _, x := range file.Photos {
		pid, err := id.Parse[Photo](x.ID)
		rid, err2 := id.Parse[Record](x.Record)
		if err != nil || err2 != nil || len(x.Data) == 0 || len(x.Data) > mostPhoto {
			continue
		}
		p := Photo{ID: pid, Record: rid, Device: d.ID, Account: d.Account, Size: len(x.Data), Sum: sumOf(x.Data)}
		err = s.h.DB.Write(ctx, func(t *db.Tx) error {
			r, there, err := findRecord(t, rid)
			if err != nil || !there || r.Device != d.ID {
				return err
			}
			p.MadeAt = t.Now()
			_, err = addPhoto(t, p)
			if err != nil {
				return err
			}
			p, err = getPhoto(t, pid)
			return err
		})
		if err != nil {
			return err
		}
		if p.Whole || p.MadeAt.IsZero() || p.Record != rid {
			continue
		}
		if err := s.developRescued(ctx, by, p, x.Data); err != nil && fault.KindOf(err) != fault.Invalid {
			return err
		}
	}
	return nil
}

func (s *Service) developRescued(ctx context.Context, by actor.Actor, p Photo, raw []byte) error {
	if deed.May(by, DeedPhotoKeep) != nil { // whoever brings the file need not be anybody
		by = actor.Actor{System: "rescue", Channel: by.Channel}
	}
	return s.keepPhoto(ctx, by, p, raw)
}
