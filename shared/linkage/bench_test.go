package linkage_test

import (
	"testing"
	"time"

	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/linkage"
)

func model(t testing.TB) *linkage.Model {
	t.Helper()
	m, err := linkage.Load(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var saturday = time.Date(2023, 9, 9, 7, 0, 0, 0, time.UTC)

func BenchmarkSketch(b *testing.B) {
	m := model(b)
	for b.Loop() {
		m.Sketch(rubble())
	}
}

func BenchmarkUnpack(b *testing.B) {
	m := model(b)
	pack := m.Pack(m.Sketch(rubble()))
	for b.Loop() {
		m.Unpack("1", pack)
	}
}

func BenchmarkCompare(b *testing.B) {
	m := model(b)
	x, y := m.Sketch(rubble()), m.Sketch(linkage.Report{Words: "السقف راب علينا، دار إبراهيم أيت لحسن، حدا الجامع", Where: "دوار تيزي أوسم", MadeAt: saturday, Needs: []string{"rescue"}, Rescue: true})
	for b.Loop() {
		m.Compare(x, y)
	}
}

func rubble() linkage.Report {
	return linkage.Report{Service: "crisis_help", Place: "0410501201001", MadeAt: saturday, Needs: []string{"rescue"}, Rescue: true, Name: "Brahim Ait Lahcen", People: 5,
		Words: "La maison s'est effondrée, des gens sont sous les décombres, famille de M. Brahim Ait Lahcen, près du grand caroubier, nous sommes 5"}
}
