package damage

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// secret is what a camera writes beside a picture.
const secret = "GPS 31.1234 -7.9876 Tilila"

// snapshot is a JPEG of a grey wall with a red face in one square, and what a
// camera writes beside it.
func snapshot(t testing.TB, w, h, face int) []byte {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	at := squareAt(face, image.Pt(w, h))
	for y := range h {
		for x := range w {
			p.SetRGBA(x, y, color.RGBA{120, 120, 120, 255})
			if image.Pt(x, y).In(at) {
				p.SetRGBA(x, y, color.RGBA{230, 20, 20, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00"), secret...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(exif)+2))
	return append(append(head, exif...), b.Bytes()[2:]...)
}

// reds counts the pixels of a JPEG that are of the colour of the face.
func reds(t *testing.T, raw []byte) (n int) {
	t.Helper()
	p, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for y := p.Bounds().Min.Y; y < p.Bounds().Max.Y; y++ {
		for x := p.Bounds().Min.X; x < p.Bounds().Max.X; x++ {
			if r, g, _, _ := p.At(x, y).RGBA(); r > g+g/3+0x1000 {
				n++
			}
		}
	}
	return n
}

func TestTheReleasedPictureHasLostThePixelsThatWereCovered(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		r := x.tell("building", ighil, "d1")
		x.must(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, snapshot(t, 2400, 1800, 40)))
		x.must(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, snapshot(t, 2400, 1800, 40))) // sent again
		pid := x.photo(r.ID)
		if _, err := x.Shown(x.ctx, pid); fault.KindOf(err) != fault.Missing {
			t.Fatalf("a picture is public before anybody looked: %v", err)
		}
		whole, err := x.Look(x.ctx, x.cell, r.Claim, pid)
		if x.must(err); reds(t, whole) < 5000 || bytes.Contains(whole, []byte("Exif")) || bytes.Contains(whole, []byte("Tilila")) || x.lines(DeedPhotoLook) != 1 {
			t.Fatalf("%d red pixels, %d lines", reds(t, whole), x.lines(DeedPhotoLook))
		}
		x.refused(x.Show(x.ctx, x.somebody(actor.Dispatcher, actor.OrganisationID{}), r.Claim, pid, nil), "error.denied")
		x.must(x.Show(x.ctx, x.cell, r.Claim, pid, []int{40}))
		public, err := x.Shown(x.ctx, pid)
		if x.must(err); reds(t, public) != 0 || bytes.Contains(public, []byte("Exif")) {
			t.Fatalf("%d pixels of the face are public", reds(t, public))
		}
		p, err := jpeg.Decode(bytes.NewReader(public))
		x.must(err)
		at := squareAt(40, p.Bounds().Size())
		for y := at.Min.Y; y < at.Max.Y; y++ {
			for px := at.Min.X; px < at.Max.X; px++ {
				if r, g, b, _ := p.At(px, y).RGBA(); max(r, g, b) > 0x0400 {
					t.Fatalf("at %d,%d something shines through: %x %x %x", px, y, r, g, b)
				}
			}
		}
		if size := p.Bounds().Size(); size.X != mostSide || size.Y != 960 {
			t.Fatalf("%v", size)
		}
		x.must(x.Hide(x.ctx, x.cell, r.Claim, pid))
		if _, err := x.Shown(x.ctx, pid); fault.KindOf(err) != fault.Missing {
			t.Fatal("it is still public")
		}
	})
}

func (x *house) photo(rid ReportID) PhotoID {
	x.t.Helper()
	var all []Photo
	x.must(x.h.DB.Read(x.ctx, func(t *db.Tx) (err error) { all, err = photosOf(t, rid); return err }))
	if len(all) != 1 {
		x.t.Fatalf("%d pictures", len(all))
	}
	return all[0].ID
}

func TestThePictureOfAReportThatIsSetAsideIsPublicNoLonger(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	r := x.tell("building", ighil, "d1")
	x.must(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, snapshot(t, 120, 90, 3)))
	pid := x.photo(r.ID)
	x.must(x.Show(x.ctx, x.cell, r.Claim, pid, []int{3}))
	x.must(x.SetAside(x.ctx, x.cell, r.Claim, r.ID, "abuse"))
	if _, err := x.Shown(x.ctx, pid); fault.KindOf(err) != fault.Missing {
		t.Fatal("it is still public")
	}
	x.refused(x.Show(x.ctx, x.cell, r.Claim, pid, []int{3}), "damage.photo.set_aside")
}

func TestPicturesAreFewOfOneReportAndOfItsDay(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	r := x.tell("building", ighil, "d1")
	x.refused(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, []byte("<svg/>")), "damage.photo.not_picture")
	x.refused(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, snapshot(t, 64, 48, 0)[:300]), "damage.photo.not_picture")
	var b bytes.Buffer
	x.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, 8192, 4096))))
	x.refused(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, b.Bytes()), "damage.photo.too_large")
	for n := range x.rules.Reports.Photos {
		x.must(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, snapshot(t, 64, 48, n)))
	}
	x.refused(x.AddPhoto(x.ctx, actor.Actor{}, r.ID, snapshot(t, 64, 48, 60)), "damage.photo.many")
	late := x.tell("building", ighil, "d2")
	x.clock.Advance(25 * time.Hour)
	x.refused(x.AddPhoto(x.ctx, actor.Actor{}, late.ID, snapshot(t, 64, 48, 1)), "damage.photo.too_late")
}

// FuzzDeveloped: whatever a stranger sends as a picture, it is made anew or
// refused, and never larger than a screen.
func FuzzDeveloped(f *testing.F) {
	f.Add(snapshot(f, 48, 36, 3))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		fresh, size, err := developed(raw)
		if err != nil {
			return
		}
		if size.X > mostSide || size.Y > mostSide || bytes.Contains(fresh, []byte("Exif")) {
			t.Fatalf("%v", size)
		}
		if _, err := covered(fresh, []int{0, 50, Across*Down - 1}); err != nil {
			t.Fatal(err)
		}
	})
}
