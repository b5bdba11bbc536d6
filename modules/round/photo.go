package round

import (
	"bytes"
	"crypto/sha256"
	"image/jpeg"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Photo is a picture that belongs to a record. It comes in parts, over a
// network that comes and goes.
type Photo struct {
	ID      PhotoID
	Record  RecordID
	Device  DeviceID // zero when the phone did not say
	Account actor.AccountID
	Whole   bool
	Size    int
	Sum     []byte // SHA-256 of what the phone sends
	Width   int    // of the whole one, in pixels
	Height  int
	Body    []byte // sealed; nil while it is coming
	MadeAt  time.Time
	DoneAt  time.Time
}

type PhotoID = id.Of[Photo]

const (
	mostPhoto = 400 << 10 // bytes, as the phone sends it
	mostSide  = 1280      // pixels
	quality   = 80        // of the JPEG that is kept
	// partLife is how long the parts of a photo are kept that never became whole.
	partLife = 7 * 24 * time.Hour
	// mostPhotos of one record.
	mostPhotos = 6
)

func photoAt(pid PhotoID) string { return crypt.At("round_photo.body", pid.String()) }

// darkroom lets two pictures be worked on at once: each takes some megabytes
// and a core for tens of milliseconds, and on the evening when everybody comes
// back there are thousands.
var darkroom = make(chan struct{}, 2)

// developed is a picture decoded and made anew: what cameras write beside it,
// where and when and with what it was taken, does not come along.
func developed(raw []byte) (fresh []byte, width, height int, err error) {
	size, err := jpeg.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, 0, 0, fault.New(fault.Invalid, "round.photo.not_jpeg")
	}
	if size.Width > mostSide || size.Height > mostSide || size.Width < 1 || size.Height < 1 {
		return nil, 0, 0, fault.New(fault.Invalid, "round.photo.too_wide", "most", mostSide)
	}
	picture, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, 0, 0, fault.New(fault.Invalid, "round.photo.not_jpeg")
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: quality}); err != nil {
		return nil, 0, 0, err
	}
	return b.Bytes(), size.Width, size.Height, nil
}

func sumOf(raw []byte) []byte {
	sum := sha256.Sum256(raw)
	return sum[:]
}

const photoColumns = `p.id, p.record, p.device, p.account, p.state = 'whole', p.size, p.sum, p.width, p.height, p.body, p.made_at, p.done_at`

func scanPhoto(r db.Row) (p Photo, err error) {
	return p, r.Scan(&p.ID, &p.Record, &p.Device, &p.Account, &p.Whole, &p.Size, &p.Sum, &p.Width, &p.Height, &p.Body, db.Time(&p.MadeAt), db.Time(&p.DoneAt))
}

func getPhoto(t *db.Tx, pid PhotoID) (Photo, error) {
	p, err := db.One(t, scanPhoto, `SELECT `+photoColumns+` FROM round_photo p WHERE p.id = ?1`, pid)
	if fault.KindOf(err) == fault.Missing {
		err = fault.New(fault.Missing, "round.photo.missing")
	}
	return p, err
}

// addPhoto makes room for a photo; fresh is false when its identifier is known.
func addPhoto(t *db.Tx, p Photo) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO round_photo (id, record, device, account, state, size, sum, width, height, made_at)
		VALUES (?1, ?2, ?3, ?4, 'coming', ?5, ?6, 0, 0, ?7) ON CONFLICT (id) DO NOTHING`, p.ID, p.Record, p.Device, p.Account, p.Size, p.Sum, p.MadeAt)
	return n == 1, err
}

func photosOf(t *db.Tx, rid RecordID) ([]Photo, error) {
	return db.List(t, scanPhoto, `SELECT `+photoColumns+` FROM round_photo p WHERE p.record = ?1 ORDER BY p.made_at, p.id`, rid)
}

// part is a piece of a photo that is coming.
type part struct {
	id    id.Of[part]
	start int
	body  []byte // sealed
}

func partAt(k id.Of[part]) string { return crypt.At("round_photo_part.body", k.String()) }

func scanPart(r db.Row) (p part, err error) { return p, r.Scan(&p.id, &p.start, &p.body) }

func partsOf(t *db.Tx, pid PhotoID) ([]part, error) {
	return db.List(t, scanPart, `SELECT id, start, body FROM round_photo_part WHERE photo = ?1 ORDER BY start`, pid)
}

// offset is how much of a photo is here.
func offset(t *db.Tx, p Photo) (int, error) {
	if p.Whole {
		return p.Size, nil
	}
	n, err := db.One(t, db.Int, `SELECT COALESCE(MAX(start + size), 0) FROM round_photo_part WHERE photo = ?1`, p.ID)
	return int(n), err
}

// addPart keeps a piece; one that begins where another does is fault.Conflict.
func addPart(t *db.Tx, p Photo, k part, size int) error {
	_, err := t.Exec(`INSERT INTO round_photo_part (id, photo, start, size, body) VALUES (?1, ?2, ?3, ?4, ?5)`, k.id, p.ID, k.start, size, k.body)
	return err
}

func dropParts(t *db.Tx, pid PhotoID) error {
	_, err := t.Exec(`DELETE FROM round_photo_part WHERE photo = ?1`, pid)
	return err
}

// keepPhoto makes a photo whole; first is false when it was.
func keepPhoto(t *db.Tx, p Photo) (first bool, err error) {
	n, err := t.Exec(`UPDATE round_photo SET state = 'whole', body = ?1, width = ?2, height = ?3, done_at = ?4 WHERE id = ?5 AND state = 'coming'`, p.Body, p.Width, p.Height, t.Now(), p.ID)
	if err == nil {
		err = dropParts(t, p.ID)
	}
	return n == 1, err
}

func dropPhoto(t *db.Tx, pid PhotoID) error {
	if err := dropParts(t, pid); err != nil {
		return err
	}
	_, err := t.Exec(`DELETE FROM round_photo WHERE id = ?1 AND state = 'coming'`, pid)
	return err
}

// dropStale forgets the parts of photos that never became whole.
func dropStale(t *db.Tx) error {
	before := t.Now().Add(-partLife)
	if _, err := t.Exec(`DELETE FROM round_photo_part WHERE photo IN (SELECT id FROM round_photo WHERE state = 'coming' AND made_at < ?1)`, before); err != nil {
		return err
	}
	_, err := t.Exec(`DELETE FROM round_photo WHERE state = 'coming' AND made_at < ?1`, before)
	return err
}
