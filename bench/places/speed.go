package places

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/bench/figures"
	"github.com/twiza/twiza/shared/places"
)

// Speed is how fast places are found in a gazetteer of a size.
type Speed struct {
	Places, Names  int
	Built          time.Duration
	Megabytes      float64
	Typed          int // beginnings of names asked for, one by one
	Typing99       time.Duration
	TypingWorst    time.Duration
	Bulk           int // names asked for in one go
	Workers        int
	BulkTook       time.Duration
	BulkSpent      time.Duration // of processors
	Again          int           // names of a file that repeats them, as lists of requests do
	AgainTook      time.Duration
	Right          int // of the bulk, answered with the place that bears the name among ten
	SentencesTyped int
	Sentence99     time.Duration
}

// seed makes every run ask for the same.
const seed = 41

// Grow is the gazetteer with as many invented douars beside its own as make n
// places: names are put together from the parts of real ones, under real
// communes, so that beginnings, sounds and homonyms are as crowded as they would
// be. It also gives all of its names, each once.
func Grow(g *places.Gazetteer, n int) (*places.Gazetteer, []string, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	var known [2][]string // names, Latin and Arabic
	communes := g.All(places.Commune)
	have := len(communes) + len(g.All(places.Region)) + len(g.All(places.Province))
	for _, p := range g.All(places.Douar) {
		have++
		for i, lang := range [...]string{"fr", "ar"} {
			if name := p.Names[lang]; name != "" {
				known[i] = append(known[i], name)
			}
		}
	}
	name := func(names []string) string { return join(names[r.IntN(len(names))], names[r.IntN(len(names))]) }
	var more []places.Place
	var names []string
	for i := 0; have+i < n; i++ {
		p := places.Place{Code: fmt.Sprintf("S-%05d", i), Kind: places.Douar, Parent: communes[r.IntN(len(communes))].Code, Names: map[string]string{"fr": name(known[0])}}
		if i%2 == 0 {
			p.Names["ar"] = name(known[1])
		}
		for _, one := range p.Names {
			names = append(names, one)
		}
		more = append(more, p)
	}
	big, err := g.With(more)
	if err != nil {
		return nil, nil, err
	}
	for _, kind := range [...]string{places.Commune, places.Douar} {
		for _, p := range g.All(kind) {
			for _, one := range p.Names {
				if one != "" {
					names = append(names, one)
				}
			}
		}
	}
	slices.Sort(names)
	return big, slices.Compact(names), nil
}

func count(g *places.Gazetteer) (n int) {
	for _, kind := range [...]string{places.Region, places.Province, places.Commune, places.Douar} {
		n += len(g.All(kind))
	}
	return n
}

// join is a name of the first part of one and the last of another: "Ait Taleb" and
// "Tizi Oussem" make "Ait Oussem", two of one word a new word, "Imlil" and
// "Tagadirt" make "Imlirt" or the like.
func join(a, b string) string {
	first, last := strings.Fields(a), strings.Fields(b)
	if len(first) > 1 {
		return strings.Join(first[:len(first)-1], " ") + " " + last[len(last)-1]
	}
	x, y := []rune(a), []rune(last[len(last)-1])
	return string(x[:(len(x)+1)/2]) + string(y[len(y)/2:])
}

// noisy is a name as somebody in a hurry writes it: a vowel left out, a letter
// doubled, two exchanged.
func noisy(r *rand.Rand, name string) string {
	rs := []rune(name)
	at := r.IntN(len(rs))
	switch r.IntN(4) {
	case 0:
		if strings.ContainsRune("aeiouاوي", rs[at]) && len(rs) > 4 {
			rs = slices.Delete(rs, at, at+1)
		}
	case 1:
		rs = slices.Insert(rs, at, rs[at])
	case 2:
		if at+1 < len(rs) {
			rs[at], rs[at+1] = rs[at+1], rs[at]
		}
	}
	return string(rs)
}

// Race measures a gazetteer of n places: every beginning of some names, one
// after the other, as somebody types; then many names at once, each written
// otherwise; then the same as a file that repeats them. typed and bulk are how
// many.
func Race(g *places.Gazetteer, n, typed, bulk int) (s Speed, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	big, names, err := Grow(g, n)
	if err != nil {
		return s, err
	}
	began := time.Now()
	again, err := big.With(nil)
	if err != nil {
		return s, err
	}
	s.Built = time.Since(began)
	big = again
	runtime.GC()
	runtime.ReadMemStats(&after)
	s.Megabytes = float64(after.HeapAlloc-before.HeapAlloc) / (1 << 20)
	s.Places, s.Names = max(n, count(big)), len(names)
	r := rand.New(rand.NewPCG(seed, 1))
	s.typing(big, names, r, typed)
	s.sentences(big, names, r, typed/10)
	s.bulk(big, names, r, bulk)
	return s, nil
}

func (s *Speed) typing(g *places.Gazetteer, names []string, r *rand.Rand, typed int) {
	var took []time.Duration
	for len(took) < typed {
		name := []rune(names[r.IntN(len(names))])
		for end := 1; end <= len(name); end++ {
			begun := time.Now()
			g.Search(string(name[:end]), "", 10)
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	s.Typed, s.Typing99, s.TypingWorst = len(took), took[len(took)*99/100], took[len(took)-1]
}

// sentences asks for names that stand in a long text: the most that is read.
func (s *Speed) sentences(g *places.Gazetteer, names []string, r *rand.Rand, n int) {
	const around = "salam nous sommes bloques depuis trois jours au douar %s la route est coupee il fait froid la nuit et les enfants sont malades envoyez"
	var took []time.Duration
	for range max(1, n) {
		text := fmt.Sprintf(around, names[r.IntN(len(names))])
		begun := time.Now()
		g.Search(text, "", 10)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	s.SentencesTyped, s.Sentence99 = len(took), took[len(took)*99/100]
}

func (s *Speed) bulk(g *places.Gazetteer, names []string, r *rand.Rand, n int) {
	texts := make([]string, n)
	order := r.Perm(len(names))
	for i := range texts {
		texts[i] = noisy(r, names[order[i%len(order)]])
	}
	s.Bulk, s.Workers = n, runtime.GOMAXPROCS(0)
	begun, spent := time.Now(), figures.Spent()
	answers := g.ResolveAll(texts, nil, s.Workers)
	s.BulkTook, s.BulkSpent = time.Since(begun), figures.Spent()-spent
	for i, a := range answers {
		want := names[order[i%len(order)]]
		if slices.ContainsFunc(a.Candidates, func(c places.Candidate) bool { return c.Place.Names["fr"] == want || c.Place.Names["ar"] == want }) {
			s.Right++
		}
	}
	few := texts[:max(1, n/10)]
	repeated := make([]string, n)
	for i := range repeated {
		repeated[i] = few[r.IntN(len(few))]
	}
	s.Again = n
	begun = time.Now()
	g.ResolveAll(repeated, nil, s.Workers)
	s.AgainTook = time.Since(begun)
}

// Print writes what came of it.
func (s Speed) Print(w io.Writer) {
	rate := func(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Fprintf(w, "\n%d places (%d names), built in %.0f ms, %.0f MB\n", s.Places, s.Names, ms(s.Built), s.Megabytes)
	fmt.Fprintf(w, "typing    %d beginnings: p99 %.2f ms, slowest %.2f ms\n", s.Typed, ms(s.Typing99), ms(s.TypingWorst))
	fmt.Fprintf(w, "sentences %d of 24 words: p99 %.2f ms\n", s.SentencesTyped, ms(s.Sentence99))
	fmt.Fprintf(w, "bulk      %d names, each written otherwise, %d workers: %.0f a second, %.0f a second of one processor; %.1f%% have their place among ten\n", s.Bulk, s.Workers, rate(s.Bulk, s.BulkTook), rate(s.Bulk, s.BulkSpent), 100*float64(s.Right)/float64(max(1, s.Bulk)))
	fmt.Fprintf(w, "bulk      %d names of a file that repeats each some ten times: %.0f a second\n", s.Again, rate(s.Again, s.AgainTook))
}
