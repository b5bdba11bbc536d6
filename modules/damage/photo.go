package damage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Photo is a picture of a report. It is for staff, sealed, until somebody of the
// crisis cell covered what must not be seen and let the rest be public.
type Photo struct {
	ID            PhotoID
	Report        ReportID
	Sum           []byte // SHA-256 of what was sent
	Width, Height int
	Body          []byte // sealed; nil when it was forgotten
	Shown         []byte // the covered picture, public; nil when it is not
	ShownAt       time.Time
	MadeAt        time.Time
}

// The deeds on pictures. Each look leaves a line; associations see none that is
// not public, for there may be people in it.
var (
	DeedPhotoAdd  = deed.Deed{Name: "damage.photo.add", Open: true}
	DeedPhotoLook = deed.Deed{Name: "damage.photo.look", Roles: desk}
	DeedPhotoShow = deed.Deed{Name: "damage.photo.show", Roles: cell}
	DeedPhotoHide = deed.Deed{Name: "damage.photo.hide", Roles: cell}
)

type photoTold struct {
	Photo   PhotoID `json:"photo"`
	Report  string  `json:"report,omitempty"`
	Covered int     `json:"covered,omitempty"` // squares
}

const (
	mostPhoto  = 8 << 20  // bytes, as a phone takes them
	mostSeen   = 24 << 20 // pixels
	mostSide   = 1280     // of what is kept
	quality    = 80       // of the JPEG that is kept
	photoAfter = 24 * time.Hour
)

// The squares that a picture is covered by.
const (
	Across = 12
	Down   = 9
)

func photoAt(pid PhotoID) string { return crypt.At("damage_photo.body", pid.String()) }

// developed is a picture decoded and made anew, no larger than a screen: what
// cameras write beside it, where and when and with what it was taken, does not
// come along.
func developed(raw []byte) (fresh []byte, size image.Point, err error) {
	bad := fault.All{fault.New(fault.Invalid, "damage.photo.not_picture").On("photo")}
	config, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || kind != "jpeg" && kind != "png" {
		return nil, size, bad
	}
	if config.Width < 1 || config.Height < 1 || config.Width*config.Height > mostSeen {
		return nil, size, fault.All{fault.New(fault.Invalid, "damage.photo.too_large", "most", mostSeen>>20).On("photo")}
	}
	decode := jpeg.Decode
	if kind == "png" {
		decode = png.Decode
	}
	full, err := decode(bytes.NewReader(raw))
	if err != nil {
		return nil, size, bad
	}
	small := smaller(full, mostSide)
	var b bytes.Buffer
	err = jpeg.Encode(&b, small, &jpeg.Options{Quality: quality})
	return b.Bytes(), small.Bounds().Size(), err
}

// smaller is a picture that fits a square, each pixel the mean of those it
// stands for.
func smaller(p image.Image, most int) *image.RGBA {
	from := p.Bounds()
	w, h := from.Dx(), from.Dy()
	if m := max(w, h); m > most {
		w, h = max(1, w*most/m), max(1, h*most/m)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := from.Min.Y+y*from.Dy()/h, from.Min.Y+max((y+1)*from.Dy()/h, y*from.Dy()/h+1)
		for x := range w {
			x0, x1 := from.Min.X+x*from.Dx()/w, from.Min.X+max((x+1)*from.Dx()/w, x*from.Dx()/w+1)
			var r, g, b, n uint64
			for yy := y0; yy < y1; yy++ {
				for xx := x0; xx < x1; xx++ {
					cr, cg, cb, _ := p.At(xx, yy).RGBA()
					r, g, b, n = r+uint64(cr), g+uint64(cg), b+uint64(cb), n+1
				}
			}
			out.SetRGBA(x, y, color.RGBA{uint8(r / n >> 8), uint8(g / n >> 8), uint8(b / n >> 8), 255})
		}
	}
	return out
}

// squareAt is where a square lies in a picture: 0 is the upper left, then along
// the row.
func squareAt(n int, size image.Point) image.Rectangle {
	x, y := n%Across, n/Across
	return image.Rect(x*size.X/Across, y*size.Y/Down, (x+1)*size.X/Across, (y+1)*size.Y/Down)
}

// covered is a picture with squares painted black. JPEG works in blocks of
// sixteen pixels, so a block that a square touches is covered whole: nothing of
// what lay there comes through at the seam.
func covered(raw []byte, squares []int) ([]byte, error) {
	p, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(p.Bounds())
	draw.Draw(out, out.Bounds(), p, p.Bounds().Min, draw.Src)
	for _, n := range squares {
		if n < 0 || n >= Across*Down {
			return nil, fault.New(fault.Invalid, "error.unreadable")
		}
		r := squareAt(n, out.Bounds().Size())
		r = image.Rect(r.Min.X&^15, r.Min.Y&^15, (r.Max.X+15)&^15, (r.Max.Y+15)&^15).Intersect(out.Bounds())
		draw.Draw(out, r, image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, out, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// AddPhoto keeps a picture of a report, for whoever holds its identifier, within
// a day of telling. The same picture again is the same.
func (s *Service) AddPhoto(ctx context.Context, by actor.Actor, rid ReportID, raw []byte) error {
	select {
	case darkroom <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	fresh, size, err := developed(raw)
	<-darkroom
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	return welcome(s.h.Do(ctx, by, DeedPhotoAdd, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		r, err := getReport(t.Tx, rid)
		if err != nil {
			return err
		}
		if r.SetAside != "" || t.Now().Sub(r.MadeAt) > photoAfter {
			return fault.New(fault.Conflict, "damage.photo.too_late")
		}
		others, err := photosOf(t.Tx, rid)
		if err != nil {
			return err
		}
		for _, o := range others {
			if bytes.Equal(o.Sum, sum[:]) {
				return deed.ErrNothingDone
			}
		}
		if len(others) >= s.rules.Reports.Photos {
			return fault.All{fault.New(fault.Invalid, "damage.photo.many", "most", s.rules.Reports.Photos).On("photo")}
		}
		p := Photo{ID: id.New[Photo](t.Now()), Report: rid, Sum: sum[:], Width: size.X, Height: size.Y, MadeAt: t.Now()}
		p.Body = s.vault.Seal(photoAt(p.ID), fresh)
		if err := addPhoto(t.Tx, &p); err != nil {
			return err
		}
		return t.Tell(claimSubject(r.Claim), photoTold{Photo: p.ID, Report: rid.String()})
	}))
}

// onPhoto loads a picture of a claim, for whoever may act where the claim lies.
func (s *Service) onPhoto(ctx context.Context, by actor.Actor, d deed.Deed, cid ClaimID, pid PhotoID, act func(*deed.Tx, *Photo) (photoTold, error)) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		c, err := getClaim(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(c.scope()); err != nil {
			return err
		}
		p, err := getPhoto(t.Tx, pid)
		if err != nil {
			return err
		}
		r, err := getReport(t.Tx, p.Report)
		if err != nil {
			return err
		}
		if r.Claim != cid {
			return fault.New(fault.Missing, "error.missing")
		}
		told, err := act(t, &p)
		if err != nil {
			return err
		}
		told.Photo = pid
		return t.Tell(claimSubject(cid), told)
	}))
}

// Look opens a picture for somebody on the staff.
func (s *Service) Look(ctx context.Context, by actor.Actor, cid ClaimID, pid PhotoID) (picture []byte, err error) {
	err = s.onPhoto(ctx, by, DeedPhotoLook, cid, pid, func(_ *deed.Tx, p *Photo) (told photoTold, err error) {
		if p.Body == nil {
			return told, fault.New(fault.Missing, "error.missing")
		}
		picture, err = s.vault.Open(photoAt(pid), p.Body)
		return told, err
	})
	return picture, err
}

// Show lets a picture be public once these squares of it are painted over. What
// lay under them is not in what the public gets.
func (s *Service) Show(ctx context.Context, by actor.Actor, cid ClaimID, pid PhotoID, squares []int) error {
	return s.onPhoto(ctx, by, DeedPhotoShow, cid, pid, func(t *deed.Tx, p *Photo) (told photoTold, err error) {
		if p.Body == nil {
			return told, fault.New(fault.Missing, "error.missing")
		}
		r, err := getReport(t.Tx, p.Report)
		if err == nil && r.SetAside != "" {
			err = fault.New(fault.Conflict, "damage.photo.set_aside")
		}
		if err != nil {
			return told, err
		}
		raw, err := s.vault.Open(photoAt(pid), p.Body)
		if err != nil {
			return told, err
		}
		if p.Shown, err = covered(raw, squares); err != nil {
			return told, err
		}
		p.ShownAt = t.Now()
		return photoTold{Covered: len(squares)}, savePhoto(t.Tx, p)
	})
}

// Hide takes a picture back from the public.
func (s *Service) Hide(ctx context.Context, by actor.Actor, cid ClaimID, pid PhotoID) error {
	return s.onPhoto(ctx, by, DeedPhotoHide, cid, pid, func(t *deed.Tx, p *Photo) (told photoTold, err error) {
		if p.Shown == nil {
			return told, deed.ErrNothingDone
		}
		p.Shown, p.ShownAt = nil, time.Time{}
		return told, savePhoto(t.Tx, p)
	})
}

// Shown is the public picture; fault.Missing for one that is not public.
func (s *Service) Shown(ctx context.Context, pid PhotoID) (picture []byte, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		p, err := getPhoto(t, pid)
		if err == nil && p.Shown == nil {
			err = fault.New(fault.Missing, "error.missing")
		}
		picture = p.Shown
		return err
	})
	return picture, err
}
