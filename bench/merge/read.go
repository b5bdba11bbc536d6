// Package merge measures how reports of one need are found among all others: how
// many of the pairs that are called very likely are one need (precision), how many
// of all pairs that are one need are called so (recall), how many wrong merges a
// thousand reports would bring if somebody believed every proposal, and what the
// search costs beside 300,000 stored reports.
package merge

import (
	"io/fs"

	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
)

// Reader makes of a request what the house would know of it: places that were
// written are looked up, and needs that were not ticked are read from the words.
type Reader struct {
	Gazetteer *places.Gazetteer
	lexicon   *sense.Lexicon
	Model     *linkage.Model
}

// NewReader reads the pack of Morocco, where the night is.
func NewReader(packs fs.FS) (*Reader, error) {
	const country = "ma"
	g, err := places.Load(packs, country)
	if err != nil {
		return nil, err
	}
	l, err := sense.Load(packs, country)
	if err != nil {
		return nil, err
	}
	m, err := linkage.Load(packs, country)
	return &Reader{g, l, m}, err
}

// Report is what is known of a request when somebody sorts it.
func (r *Reader) Report(q nightone.Request) linkage.Report {
	out := linkage.Report{ID: q.ID, Service: "help", Needs: q.Needs, MadeAt: q.At, Name: q.Name, Words: q.Text, Where: q.PlaceText, People: q.People, Photos: q.Photos,
		At: q.Point, HasPoint: q.HasPoint, ReachKm: q.ReachKm}
	if q.Phone != "" {
		out.Phone = []byte(q.Phone)
	}
	if q.Family != "" {
		out.Family = []byte(q.Family)
	}
	if reading := r.lexicon.Read(q.Text); q.Needs == nil {
		for _, key := range reading.Keys() {
			if need, ok := cutNeed(key); ok {
				out.Needs = append(out.Needs, need)
			}
		}
		out.People = reading.People()
	}
	for _, n := range out.Needs {
		out.Rescue = out.Rescue || n == "rescue"
	}
	if code := r.place(q); code != "" {
		out.Place = code
		for _, p := range r.Gazetteer.Path(code) {
			if p.Kind != places.Douar {
				out.Path = append(out.Path, p.Code)
			}
		}
	}
	return out
}

func cutNeed(key string) (string, bool) {
	const front = "needs."
	if len(key) <= len(front) || key[:len(front)] != front {
		return "", false
	}
	return key[len(front):], true
}

// place is the code that was picked, or what the words mean where that is sure;
// otherwise the commune, when all that they may mean lies in one.
func (r *Reader) place(q nightone.Request) string {
	if q.Chosen != "" {
		return q.Chosen
	}
	a := r.Gazetteer.Resolve(q.PlaceText, places.Hint{At: q.Point, HasPoint: q.HasPoint})
	if a.Sure {
		return a.Candidates[0].Place.Code
	}
	commune := ""
	for _, c := range a.Candidates {
		if c.Score < a.Candidates[0].Score-0.15 {
			break
		}
		up, ok := r.Gazetteer.Commune(c.Place.Code)
		if !ok || commune != "" && commune != up.Code {
			return ""
		}
		commune = up.Code
	}
	return commune
}
