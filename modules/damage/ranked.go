package damage

import (
	"cmp"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/places"
)

// Ranked is a place in the list of those to go to first, with the parts that
// its score is made of: weight of the level × people × silence (F01.3). Without
// the silence it is about how many people have a house no longer.
type Ranked struct {
	Place    *places.Place
	Level    int
	People   int
	Guessed  bool // nobody published how many: as many as in a usual place of its kind
	Requests int
	Reports  int       // things that citizens told of
	GoneAt   time.Time // when somebody last set out to its commune
	Silence  int       // how much silence weighs
	Score    int64
	Why      []Said
}

// silence is how little was heard from a place: nobody has asked, nobody has
// told, nobody has gone weighs most.
func (r *Rules) silence(x *Ranked) int {
	switch {
	case !x.GoneAt.IsZero():
		return r.Silence.Gone
	case x.Requests > 0 || x.Reports > 0:
		return r.Silence.Told
	}
	return r.Silence.Silent
}

// score is the formula; more of any part is never less. weight is of a hundred
// people.
func score(weight, people, silence int) int64 {
	return (int64(weight)*int64(max(1, people)) + 99) / 100 * int64(silence)
}

// rank lists the places of a kind that some layer speaks of, in an area (""
// is the country), of a level at least, the highest score first.
func (s *Service) rank(t *db.Tx, kind, area string, least int) ([]Ranked, error) {
	if err := s.refresh(t); err != nil {
		return nil, err
	}
	codes, since := s.known()
	from, err := time.Parse(time.DateOnly, since)
	if err != nil {
		from = time.Time{}
	}
	heard, err := s.heard(t, from)
	if err != nil {
		return nil, err
	}
	gone, err := s.gone(t, from)
	if err != nil {
		return nil, err
	}
	told, err := toldOf(t, from)
	if err != nil {
		return nil, err
	}
	usual := s.usual(kind)
	var out []Ranked
	for _, code := range codes {
		p, ok := s.places.Get(code)
		if !ok || p.Kind != kind || !s.places.Within(code, area) {
			continue
		}
		x := Ranked{Place: p, People: p.Population, Why: s.At(code)}
		if x.People == 0 {
			x.People, x.Guessed = usual, true
		}
		for _, y := range x.Why {
			x.Level = max(x.Level, y.Level)
		}
		if x.Level < least {
			continue
		}
		x.Requests, x.Reports = s.within(code, heard), s.within(code, told)
		if k, ok := s.places.Commune(code); ok {
			x.GoneAt = gone[k.Code]
		}
		x.Silence = s.rules.silence(&x)
		x.Score = score(s.rules.weight(x.Level), x.People, x.Silence)
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Level, a.Level), cmp.Compare(a.Place.Code, b.Place.Code))
	})
	return out, nil
}

func (s *Service) heard(t *db.Tx, since time.Time) (map[string]int, error) {
	if s.cases == nil {
		return nil, nil
	}
	return s.cases.Heard(t, since)
}

func (s *Service) gone(t *db.Tx, since time.Time) (map[string]time.Time, error) {
	if s.field == nil {
		return nil, nil
	}
	return s.field.Gone(t, since)
}

func (s *Service) arrived(t *db.Tx, since time.Time) (map[string]time.Time, error) {
	if s.field == nil {
		return nil, nil
	}
	return s.field.Arrived(t, since)
}

// within adds up what was counted of a place and of all that lies in it.
func (s *Service) within(code string, all map[string]int) int {
	n := all[code]
	for _, c := range s.places.Children(code) {
		n += s.within(c.Code, all)
	}
	return n
}

// usual is how many people live in the middle one of the places of a kind.
func (s *Service) usual(kind string) int {
	var all []int
	for _, p := range s.places.All(kind) {
		if p.Population > 0 {
			all = append(all, p.Population)
		}
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	return all[len(all)/2]
}
