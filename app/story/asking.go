package story

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// asking makes the requests, one after the other.
type asking struct {
	pack *pack
	land *land
	r    *rand.Rand
	folk *folk
	said map[string][]phrase // by language
	same map[string]float64  // how many phrases of a language lead with a need: they share its urge
}

// rush is how many calls come in each hour after the shock, relatively: few
// while networks are down, most before dawn, again in the first daylight, and
// few in the second night.
var rush = [36]float64{
	30, 75, 80, 70, 62, 55, 46, 40, 38, 36, 34, 32, 30, 29, 28, 28, 27, 26,
	25, 24, 24, 23, 22, 20, 18, 15, 12, 10, 8, 8, 9, 10, 12, 13, 12, 11,
}

// requests are n requests in the order they were made.
func (a *asking) requests(n int) []Request {
	a.said, a.same = map[string][]phrase{}, map[string]float64{}
	for _, p := range a.pack.phrases {
		a.said[p.Lang] = append(a.said[p.Lang], p)
		a.same[p.Lang+p.Needs[0]]++
	}
	all := make([]Request, n)
	for i, at := range a.times(n) {
		all[i] = Request{At: at, DuplicateOf: -1, Org: -1, Team: -1, Mission: -1, Fate: Received}
		if j := a.original(all, i); j >= 0 {
			a.again(&all[i], all[j], j)
		} else {
			a.first(&all[i])
		}
	}
	return all
}

// times are n moments of a Poisson process whose rate is rush: given how many
// there are, they are n independent draws, sorted.
func (a *asking) times(n int) []time.Duration {
	var total float64
	for _, w := range rush {
		total += w
	}
	all := make([]time.Duration, n)
	for i := range all {
		at, hour := a.r.Float64()*total, 0
		for hour < len(rush)-1 && at >= rush[hour] {
			at -= rush[hour]
			hour++
		}
		all[i] = (time.Duration(hour)*time.Hour + time.Duration(at/rush[hour]*float64(time.Hour))).Truncate(time.Second)
	}
	slices.Sort(all)
	return all
}

// first is a request nobody has made before.
func (a *asking) first(q *Request) {
	a.whence(q)
	q.Spoken = a.spoken(a.land.at[q.Place].Shi)
	q.TextLang = a.written(q.Channel, q.Spoken)
	p := a.phrase(q.TextLang, q.At, a.land.at[q.Place].Population > townsfolk)
	q.Needs, q.Fragile, q.ForWhom = slices.Clone(p.Needs), slices.Clone(p.Fragile), p.For
	q.People = a.people(p.People)
	a.household(q)
	a.who(q, p)
	a.write(q, p)
}

// whence is the channel and the place.
func (a *asking) whence(q *Request) {
	q.Channel = pick(a.r, []string{"web", "phone", "import"}, []float64{52, 33, 15})
	if a.r.Float64() < douarShare {
		q.Place = a.land.douars.draw(a.r)
	} else {
		q.Place = a.land.communes.draw(a.r)
	}
	p := a.land.at[q.Place]
	if q.Channel == "web" && (p.Lat != 0 || p.Lon != 0) && a.r.Float64() < 0.45 {
		// Within some 400 metres of the centre.
		q.Lat = round5(p.Lat + (a.r.Float64()-0.5)*0.007)
		q.Lon = round5(p.Lon + (a.r.Float64()-0.5)*0.008)
	}
}

// spoken follows the census: shi is the share of the place who speak Tachelhit.
func (a *asking) spoken(shi float64) string {
	if a.r.Float64() < shi {
		return "shi"
	}
	return pick(a.r, []string{"ary", "fr", "en"}, []float64{96, 3, 1})
}

var scripts = []string{"ary", "ar", "fr", "en", "shi-Latn", "shi-Tfng"}

// written is the language the text is in. Few who speak Tachelhit write it;
// on the telephone the staff write, and volunteers' lists are in the language
// of the volunteer.
func (a *asking) written(channel, spoken string) string {
	share := map[string][]float64{
		"web shi": {46, 12, 13, 0, 23, 6}, "web ary": {62, 21, 17, 0, 0, 0},
		"phone shi": {45, 18, 24, 0, 13, 0}, "phone ary": {56, 24, 20, 0, 0, 0},
		"import shi": {30, 27, 28, 7, 8, 0}, "import ary": {37, 30, 26, 7, 0, 0},
	}[channel+" "+spoken]
	if share == nil { // fr, en: they write what they speak
		return spoken
	}
	return pick(a.r, scripts, share)
}

// urge is how often a need is told at that hour, relatively: rescue at first,
// then the sick, then thirst, hunger and cold.
func urge(need string, at time.Duration) float64 {
	early := math.Exp(-at.Hours() / 9) // 1 at the shock, 0.07 after a day
	switch need {
	case "rescue":
		return 0.1 + 1.9*early
	case "medicine":
		return 1.6 + early
	case "warm":
		if h := math.Mod(at.Hours(), 24); h < 7 || h > 19 { // the night hours
			return 2.2
		}
		return 1
	case "shelter":
		return 2.4 - early
	case "food", "water":
		return 2.2 - 1.6*early
	case "road":
		return 1 - 0.5*early
	default:
		return 0.9
	}
}

// childAloneWeight keeps children alone rare: each opens a restricted case.
const childAloneWeight = 0.15

// townsfolk is how many people make a town, which is neither cut off as a
// whole nor named where a hamlet would be.
const townsfolk = 15_000

func (a *asking) phrase(lang string, at time.Duration, town bool) phrase {
	of := a.said[lang]
	weights := make([]float64, len(of))
	for i, p := range of {
		weights[i] = urge(p.Needs[0], at) / a.same[lang+p.Needs[0]]
		if slices.Contains(p.Fragile, "child_alone") {
			weights[i] *= childAloneWeight
		}
		if town && (p.Needs[0] == "road" || strings.Contains(p.Text, "{douar}")) {
			weights[i] = 0
		}
	}
	return pick(a.r, of, weights)
}

// people is drawn between the two, small numbers more often.
func (a *asking) people(between [2]int) int {
	u := a.r.Float64()
	return between[0] + int(u*u*float64(between[1]-between[0]+1)*0.9999)
}

// household adds who else is in the family, as a form would ask.
func (a *asking) household(q *Request) {
	if q.People < 3 || slices.Contains(q.Fragile, "child_alone") {
		return
	}
	for _, may := range []struct {
		flag   string
		chance float64
	}{{"infant", .10}, {"elderly", .16}, {"pregnant", .04}, {"disabled", .04}, {"ill", .07}} {
		if a.r.Float64() < may.chance && !slices.Contains(q.Fragile, may.flag) {
			q.Fragile = append(q.Fragile, may.flag)
		}
	}
}

// who is the asker: a name mostly, and a telephone or a word.
func (a *asking) who(q *Request, p phrase) {
	if q.ForWhom == "" {
		q.ForWhom = "self"
		if q.Channel == "import" || a.r.Float64() < 0.2 {
			q.ForWhom = "other"
		}
	}
	if strings.Contains(p.Text, "{name}") || a.r.Float64() < 0.86 {
		q.Name = a.folk.name(q.TextLang == "ary" || q.TextLang == "ar")
	}
	switch {
	case q.Channel == "import" && a.r.Float64() < 0.12: // the list had none
	case q.Channel != "import" && a.r.Float64() < 0.06:
		q.Word = a.folk.word()
	default:
		q.Phone = a.folk.phone()
	}
}

// write fills in the text, and the place as the asker says it.
func (a *asking) write(q *Request, p phrase) {
	place := a.land.at[q.Place]
	called := place.NameFR
	if called == "" || q.TextLang == "ary" || q.TextLang == "ar" {
		called = place.NameAR
	}
	q.Text = strings.NewReplacer("{douar}", called, "{name}", q.Name, "{n}", strconv.Itoa(q.People)).Replace(p.Text)
	often := map[string]float64{"web": 0.3, "phone": 0.6, "import": 1}[q.Channel]
	if ways := a.pack.wheres[q.TextLang]; len(ways) > 0 && a.r.Float64() < often {
		q.PlaceText = strings.ReplaceAll(ways[a.r.IntN(len(ways))], "{douar}", called)
		if place.Population > townsfolk {
			q.PlaceText = called
		}
	}
	if q.Channel == "import" && q.PlaceText != "" && a.r.Float64() < 0.2 {
		q.Place = "" // nobody has found it on the map yet
	}
}

func round5(x float64) float64 { return math.Round(x*1e5) / 1e5 }

// pick draws one in proportion to the weights.
func pick[T any](r *rand.Rand, of []T, weights []float64) T {
	var total float64
	for _, w := range weights {
		total += w
	}
	at := r.Float64() * total
	for i, w := range weights {
		if at < w {
			return of[i]
		}
		at -= w
	}
	return of[len(of)-1]
}
