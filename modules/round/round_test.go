package round

import (
	"bytes"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/packs"
)

func TestTheHousesOwnVisitFormsAreWhole(t *testing.T) {
	t.Parallel()
	all, err := ReadVisits(packs.FS, "visits")
	if err != nil || len(all) == 0 || all[0].Code != "household" || all[0].Form.Question("home") == nil {
		t.Fatalf("%v %v", all, err)
	}
}

func TestAVisitFormThatLacksALanguageIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	const heads = "type,name,label::ar,label::zgh,label::fr,label::en\n"
	files := fstest.MapFS{
		"visits/roof/survey.csv":  {Data: []byte(heads + "integer,people,كم,ⵎⵛⵜⴰ,Combien ?,\n")},
		"visits/roof/choices.csv": {Data: []byte("list_name,name,label::ar,label::zgh,label::fr,label::en\n")},
	}
	if _, err := ReadVisits(files, "visits"); err == nil || !strings.Contains(err.Error(), "visits/roof/survey.csv:2") || !strings.Contains(err.Error(), "en") {
		t.Fatalf("the mistake is told as %v", err)
	}
	files["visits/roof/survey.csv"] = &fstest.MapFile{Data: []byte(heads + "spell,people,كم,ⵎⵛⵜⴰ,Combien ?,How many?\n")}
	if _, err := ReadVisits(files, "visits"); err == nil {
		t.Error("a question of no kind was taken")
	}
	delete(files, "visits/roof/choices.csv")
	if _, err := ReadVisits(files, "visits"); err == nil {
		t.Error("half a form was taken")
	}
}

// TestAnyBytesAreAPhotoMadeAnewOrNone damages a picture in any way: what comes
// of it is refused, or is a whole picture of the same size without what stood
// beside it.
func TestAnyBytesAreAPhotoMadeAnewOrNone(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	if err := jpeg.Encode(&whole, image.NewGray(image.Rect(0, 0, 24, 16)), nil); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		raw := append([]byte(nil), whole.Bytes()...)
		for range rapid.IntRange(0, 6).Draw(r, "wounds") {
			raw[rapid.IntRange(0, len(raw)-1).Draw(r, "at")] ^= rapid.Byte().Draw(r, "by")
		}
		raw = raw[:rapid.IntRange(0, len(raw)).Draw(r, "end")]
		fresh, width, height, err := developed(raw)
		if err != nil {
			return
		}
		size, err := jpeg.DecodeConfig(bytes.NewReader(fresh))
		if err != nil || size.Width != width || size.Height != height || width > mostSide || height > mostSide {
			r.Fatalf("%dx%d became %+v: %v", width, height, size, err)
		}
	})
}

func TestTheDigestOfARecordDoesNotHangOnTheOrderOfItsMembers(t *testing.T) {
	t.Parallel()
	a, err := canonical([]byte(`{"goods":{"tent":1,"blanket":12345678901234567},"stop":"x"}`))
	b, err2 := canonical([]byte(`{ "stop": "x", "goods": {"blanket":12345678901234567, "tent":1} }`))
	if err != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("%s and %s", a, b)
	}
	for _, bad := range []string{"", "7", "[]", `"x"`, "{"} {
		if _, err := canonical([]byte(bad)); err == nil {
			t.Errorf("%q is a record", bad)
		}
	}
}

func TestMetadataOfAnyShapeIsReadWithoutHarm(t *testing.T) {
	t.Parallel()
	if m := metadata("id eA==,record  eQ== , sha256 eg=="); m["id"] != "x" || m["record"] != "y" || m["sha256"] != "z" {
		t.Errorf("%v", m)
	}
	rapid.Check(t, func(r *rapid.T) { metadata(rapid.String().Draw(r, "header")) })
}
