package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/actor"
)

// aPhoto is a JPEG with something on it.
func aPhoto(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			m.Set(x, y, color.RGBA{uint8(x * 7), uint8(y * 5), uint8(x * y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withGPS puts what a camera writes behind the first two bytes: an APP1 segment
// with a GPS directory (Exif 2.32, 4.5.4 and 4.6.6).
func withGPS(raw []byte) []byte {
	var tiff bytes.Buffer
	put := func(v any) { binary.Write(&tiff, binary.BigEndian, v) }
	tiff.WriteString("MM\x00\x2a")
	put(uint32(8))
	put(uint16(1)) // one entry: where the GPS directory is
	put([]uint16{0x8825, 4})
	put([]uint32{1, 26, 0})
	put(uint16(1)) // one entry: the latitude's letter
	put([]uint16{1, 2})
	put(uint32(2))
	tiff.WriteString("N\x00\x00\x00")
	put(uint32(0))
	body := append([]byte("Exif\x00\x00"), tiff.Bytes()...)
	body = append(body, "31.0602N 8.1412W GPSLatitude"...)
	out := append([]byte{}, raw[:2]...)
	out = append(out, 0xff, 0xe1, byte((len(body)+2)>>8), byte(len(body)+2))
	out = append(out, body...)
	return append(out, raw[2:]...)
}

func metadataOf(id, record string, raw []byte) string {
	sum := sha256.Sum256(raw)
	return "id " + b64(id) + ",record " + b64(record) + ",sha256 " + b64(hex.EncodeToString(sum[:]))
}

func (o *outing) begin(w walker, id, record string, raw []byte) (code, have int) {
	o.Helper()
	got := o.call("POST", "/api/v1/round/photos", w.token, nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(len(raw)), "Upload-Metadata", metadataOf(id, record, raw))
	have, _ = strconv.Atoi(got.Header().Get("Upload-Offset"))
	if got.Code == 201 && got.Header().Get("Location") != "/api/v1/round/photos/"+id {
		o.Errorf("the photo is at %q", got.Header().Get("Location"))
	}
	return got.Code, have
}

func (o *outing) piece(w walker, id string, from int, piece []byte) (code, have int) {
	o.Helper()
	got := o.call("PATCH", "/api/v1/round/photos/"+id, w.token, piece, "Upload-Offset", strconv.Itoa(from), "Content-Type", "application/offset+octet-stream")
	have, _ = strconv.Atoi(got.Header().Get("Upload-Offset"))
	return got.Code, have
}

func (o *outing) soFar(w walker, id string) (code, have int) {
	o.Helper()
	got := o.call("HEAD", "/api/v1/round/photos/"+id, w.token, nil)
	have, _ = strconv.Atoi(got.Header().Get("Upload-Offset"))
	return got.Code, have
}

// photo sends a picture in pieces.
func (o *outing) photo(w walker, record string, raw []byte) string {
	o.Helper()
	pid := o.id()
	if code, _ := o.begin(w, pid, record, raw); code != 201 {
		o.Fatalf("beginning: %d", code)
	}
	for from := 0; from < len(raw); {
		code, have := o.piece(w, pid, from, raw[from:min(len(raw), from+999)])
		if code != 204 || have <= from {
			o.Fatalf("a piece at %d: %d, %d", from, code, have)
		}
		from = have
	}
	return pid
}

func TestAPhotoComesInPiecesAndLeavesBehindWhereItWasTaken(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 1)
		phone := o.enrol(o.volunteer)
		d := o.delivery(0, 1)
		raw := withGPS(aPhoto(t, 300, 200))
		if _, err := jpeg.Decode(bytes.NewReader(raw)); err != nil || !bytes.Contains(raw, []byte("Exif")) {
			t.Fatalf("the picture is no picture: %v", err)
		}
		pid := o.photo(o.volunteer, d["id"].(string), raw)
		if w := knock(o.door, "GET", "/fr/round/photos/"+pid, o.coordinator.token, nil); w.Code != 404 {
			t.Errorf("a photo without its record was shown: %d", w.Code)
		}
		o.want(o.send(o.volunteer, phone, d), "taken")
		w := knock(o.door, "GET", "/fr/round/photos/"+pid, o.coordinator.token, nil)
		fresh := w.Body.Bytes()
		for _, mark := range []string{"Exif", "GPS", "31.0602N", "MM\x00\x2a"} {
			if bytes.Contains(fresh, []byte(mark)) {
				t.Errorf("%q is still in the picture", mark)
			}
		}
		size, err := jpeg.DecodeConfig(bytes.NewReader(fresh))
		if err != nil || size.Width != 300 || size.Height != 200 || w.Header().Get("Content-Type") != "image/jpeg" {
			t.Errorf("%+v %v", size, err)
		}
		if w := knock(o.door, "GET", "/fr/round/photos/"+pid, o.volunteer.token, nil); w.Code != 403 {
			t.Errorf("a volunteer looks at it: %d", w.Code)
		}
		if n := o.count(`SELECT COUNT(*) FROM round_photo_part`); n != 0 {
			t.Errorf("%d parts are left", n)
		}
		if code, have := o.begin(o.volunteer, pid, d["id"].(string), raw); code != 201 || have != len(raw) {
			t.Errorf("a photo that is here begins again: %d %d", code, have)
		}
	})
}

func TestAPhotoGoesOnFromWhereItStoodAndIsNeverHalf(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 1)
		o.enrol(o.volunteer)
		raw, record, pid := aPhoto(t, 200, 200), o.id(), o.id()
		o.begin(o.volunteer, pid, record, raw)
		o.piece(o.volunteer, pid, 0, raw[:1000])
		for _, from := range []int{0, 500, 1001, len(raw), 1 << 40} {
			if code, have := o.piece(o.volunteer, pid, from, raw[:10]); code != 409 || have != 1000 {
				t.Errorf("a piece at %d: %d, %d here", from, code, have)
			}
		}
		if code, have := o.soFar(o.volunteer, pid); code != 200 || have != 1000 {
			t.Errorf("%d, %d are here", code, have)
		}
		if code, _ := o.soFar(o.volunteer2, pid); code != 404 {
			t.Errorf("somebody else asks: %d", code)
		}
		if code, _ := o.piece(o.volunteer, pid, 1000, append(raw[1000:], 1)); code != 422 {
			t.Errorf("more than was announced: %d", code)
		}
		if code, have := o.piece(o.volunteer, pid, 1000, make([]byte, len(raw)-1000)); code != 460 || have != 0 {
			t.Errorf("a wrong sum: %d %d", code, have)
		}
		if code, have := o.piece(o.volunteer, pid, 0, raw); code != 204 || have != len(raw) {
			t.Errorf("from the beginning: %d %d", code, have)
		}
		if code, have := o.soFar(o.volunteer, pid); code != 200 || have != len(raw) {
			t.Errorf("the whole: %d %d", code, have)
		}
	})
}

func TestWhatIsNoPhotoIsNotKept(t *testing.T) {
	t.Parallel()
	o := goOut(t, model.SQLite(t), 1)
	o.enrol(o.volunteer)
	var drawing bytes.Buffer
	o.must(png.Encode(&drawing, image.NewRGBA(image.Rect(0, 0, 4, 4))))
	whole := aPhoto(t, 90, 90)
	for name, raw := range map[string][]byte{"png": drawing.Bytes(), "text": []byte("not a picture at all"), "half": whole[:len(whole)/2], "wide": aPhoto(t, 1281, 4), "page": []byte("<script>alert(1)</script>")} {
		pid := o.id()
		if code, _ := o.begin(o.volunteer, pid, o.id(), raw); code != 201 {
			t.Fatalf("%s: %d", name, code)
		}
		if code, _ := o.piece(o.volunteer, pid, 0, raw); code != 422 {
			t.Errorf("%s was taken for a photo: %d", name, code)
		}
		if code, _ := o.soFar(o.volunteer, pid); code != 404 {
			t.Errorf("%s is kept: %d", name, code)
		}
	}
	for _, head := range [][]string{{"Upload-Length", "0"}, {"Upload-Length", "409601"}, {"Upload-Length", "-1"}, {"Upload-Length", "10", "Upload-Metadata", "id !,,record"}, {}} {
		if w := o.call("POST", "/api/v1/round/photos", o.volunteer.token, nil, head...); w.Code != 422 {
			t.Errorf("%v answers %d", head, w.Code)
		}
	}
	if code, _ := o.begin(walker{}, o.id(), o.id(), whole); code != 401 {
		t.Errorf("a passer-by sends a photo: %d", code)
	}
	outsider := o.person("agent", actor.Auditor)
	if code, _ := o.begin(outsider, o.id(), o.id(), whole); code != 403 {
		t.Errorf("an auditor sends a photo: %d", code)
	}
	record := o.id()
	for i := range 7 {
		code, _ := o.begin(o.volunteer, o.id(), record, whole)
		if want := map[bool]int{true: 201, false: 422}[i < 6]; code != want {
			t.Errorf("photo %d of one record: %d", i, code)
		}
	}
	o.clock.At = o.clock.At.Add(8 * 24 * time.Hour)
	for _, m := range o.h.Modules {
		for _, k := range m.Chores {
			if strings.HasPrefix(k.Name, "round.") {
				o.must(k.Do(t.Context()))
			}
		}
	}
	if n := o.count(`SELECT COUNT(*) FROM round_photo`); n != 0 {
		t.Errorf("%d photos that never came are kept", n)
	}
}
