package nightone

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/places"
)

// village is where needs arise: a douar that the gazetteer knows, or one that it
// does not, of which it knows the commune.
type village struct {
	code     string // what it is in the gazetteer: its own code, or its commune's
	known    bool
	arab     string
	latin    string
	commune  *places.Place
	at       geo.Point
	families []name // few names are borne by most
}

// ground is the land of the night: the provinces that the earthquake of
// September 2023 struck.
type ground struct{ villages []village }

// struck are those provinces, by their codes.
var struck = []string{"07.041", "09.541", "07.161", "05.081"}

// Struck are the codes of the provinces that the night strikes.
func Struck() []string { return slices.Clone(struck) }

// Parts of names of villages that no gazetteer has; composed, so what resembles a
// real one is chance.
var (
	heads = [][2]string{{"تيزي", "Tizi"}, {"إمي", "Imi"}, {"أكادير", "Agadir"}, {"تاكاديرت", "Tagadirt"}, {"إغيل", "Ighil"}, {"أنامر", "Anamer"}, {"أكرض", "Aguerd"}, {"تامدا", "Tamda"},
		{"تيفيرت", "Tifirt"}, {"أسيف", "Assif"}, {"تالات", "Talat"}, {"أيت", "Ait"}, {"تدرارت", "Tadrart"}, {"إكودار", "Igoudar"}, {"أزرو", "Azrou"}, {"تسكينت", "Taskint"}}
	tails = [][2]string{{"أوشن", "Oucchen"}, {"ن تامزكيدا", "n Tamzguida"}, {"أوفلا", "Oufella"}, {"إزدار", "Izdar"}, {"ن واسيف", "n Ouassif"}, {"أومليل", "Oumlil"}, {"ن إغرم", "n Ighrem"}, {"حماد", "Hammad"},
		{"بوزكار", "Bouzekkar"}, {"ن تكيدا", "n Tguida"}, {"واكوك", "Ouagoug"}, {"أوكنيد", "Ouguenid"}, {"يدير", "Idir"}, {"أوزليم", "Ouzlim"}, {"ن تاغيا", "n Taghia"}, {"أومزميز", "Oumezmiz"},
		{"ن إسلي", "n Isli"}, {"بولخير", "Boulkhir"}, {"أوسكورن", "Ouskouren"}, {"ن تفراوت", "n Tfraout"}, {"واوزرو", "Ouaouzrou"}, {"مسكور", "Meskour"}}
)

var theGround = sync.OnceValue(func() *ground {
	g, err := places.Load(packs.FS, "ma")
	if err != nil {
		panic(err) // a pack of this program
	}
	r := rand.New(rand.NewPCG(8, 9)) // the land is the same every night
	land := &ground{}
	for _, p := range g.All(places.Douar) {
		c, _ := g.Commune(p.Code)
		v := village{code: p.Code, known: true, arab: p.Names["ar"], latin: p.Names["fr"], commune: c, at: p.At}
		if !p.HasPoint {
			v.at = around(r, c.At, 5)
		}
		land.add(r, v)
	}
	for _, province := range struck {
		for _, c := range g.Children(province) {
			if !c.HasPoint {
				continue
			}
			for range 3 {
				h, t := pick(r, heads), pick(r, tails)
				land.add(r, village{code: c.Code, arab: h[0] + " " + t[0], latin: h[1] + " " + t[1], commune: c, at: around(r, c.At, 7)})
			}
		}
	}
	r.Shuffle(len(land.villages), func(i, j int) { land.villages[i], land.villages[j] = land.villages[j], land.villages[i] })
	return land
})

func (l *ground) add(r *rand.Rand, v village) {
	if i := strings.IndexAny(v.arab, "(["); i > 0 {
		v.arab = strings.TrimSpace(v.arab[:i])
	}
	for range 4 + r.IntN(6) {
		v.families = append(v.families, pick(r, allNames().families))
	}
	l.villages = append(l.villages, v)
}

// around is a point within so many kilometres.
func around(r *rand.Rand, p geo.Point, km float64) geo.Point {
	angle, far := r.Float64()*2*math.Pi, km*math.Sqrt(r.Float64())
	const kmPerDegree = 111.2
	return geo.Point{Lat: p.Lat + far*math.Sin(angle)/kmPerDegree, Lon: p.Lon + far*math.Cos(angle)/kmPerDegree/math.Cos(p.Lat*math.Pi/180)}
}

// written is a village as somebody writes it: six in ten name what it lies in,
// as in the requests of September 2023.
func (v village) written(r *rand.Rand, arab bool) string {
	if v.latin == "" || arab && v.arab != "" {
		s := arabNoise(r, v.arab)
		switch x := r.Float64(); {
		case x < 0.25:
			s = "دوار " + s
		case x < 0.55:
			s = "دوار " + s + " جماعة " + arabNoise(r, v.commune.Names["ar"])
		case x < 0.87:
			s += "، " + arabNoise(r, v.commune.Names["ar"])
		}
		return s
	}
	s := latinNoise(r, v.latin)
	switch x := r.Float64(); {
	case x < 0.25:
		s = "douar " + s
	case x < 0.55:
		s = "Douar " + s + " commune " + latinNoise(r, v.commune.Names["fr"])
	case x < 0.87:
		s += ", " + latinNoise(r, v.commune.Names["fr"])
	}
	return s
}
