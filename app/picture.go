package app

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/picture"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/release"
	"go.yaml.in/yaml/v3"
)

// releaseRules are the measures of a country: when counts become public.
type releaseRules struct {
	Wait   time.Duration  `yaml:"wait"`
	Apart  time.Duration  `yaml:"apart"`
	Every  time.Duration  `yaml:"every"`
	Tell   map[string]int `yaml:"tell"`
	Source string         `yaml:"source"`
}

func readReleaseRules(from fs.FS, country string) (r releaseRules, err error) {
	body, err := fs.ReadFile(from, country+"/release.yaml")
	if err != nil {
		return r, fmt.Errorf("release: the pack %s does not say when counts become public: %w", country, err)
	}
	d := yaml.NewDecoder(strings.NewReader(string(body)))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("release: %s/release.yaml: %w", country, err)
	}
	if r.Source == "" {
		return r, fmt.Errorf("release: %s/release.yaml: nobody answers for it", country)
	}
	return r, nil
}

// openPress joins the one door of public counts to those whose things are counted.
func (h *House) openPress() error {
	r, err := readReleaseRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Press, err = release.New(h.Deeds, h.Places, release.Rules{Floor: h.Reach.Rules.Equity.Least, Wait: r.Wait, Apart: r.Apart, Every: r.Every})
	if err != nil {
		return err
	}
	needs, _ := h.Cases.AllNeeds()
	spoken := []string{"unknown"}
	for _, s := range h.Places.Country().Spoken {
		spoken = append(spoken, s.Code)
	}
	by, wait := release.Dim{Name: "by", Of: []string{byState, byAssociation, byBoth}}, release.Dim{Name: "wait", Of: waitBands}
	h.Press.Count(release.Kind{Name: release.Asked, Tell: r.Tell[release.Asked], Dims: []release.Dim{
		{Name: "need", Of: needs}, {Name: "channel", Of: cases.Channels}, {Name: "spoken", Of: spoken}}}, h.counted(release.Asked))
	h.Press.Count(release.Kind{Name: release.Reached, After: release.Asked, Tell: r.Tell[release.Reached], Dims: []release.Dim{by, wait}}, h.counted(release.Reached))
	h.Press.Count(release.Kind{Name: release.Helped, After: release.Reached, Tell: r.Tell[release.Helped], Dims: []release.Dim{by, wait}}, h.counted(release.Helped))
	h.Cases.UsePublished(h.publishedOf)
	return nil
}

// publishedOf is how much of a commune was published.
func (h *House) publishedOf(t *db.Tx, commune string) (n cases.Tally, err error) {
	for kind, to := range map[string]*int{release.Asked: &n.Asked, release.Reached: &n.Planned, release.Helped: &n.Come} {
		s, err := h.Press.Sheet(t, kind, time.Time{}, time.Time{})
		if err != nil {
			return n, err
		}
		*to = s.At(commune).N
	}
	return n, nil
}

// Who took a request on.
const (
	byState       = "state"
	byAssociation = "association"
	byBoth        = "both"
)

// waitBands are how long somebody waited, and what each ends at. The last has no end.
var (
	waitBands = []string{"h1", "h6", "h24", "h72", "more"}
	waitEnds  = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}
)

func waitBand(d time.Duration) string {
	for i, end := range waitEnds {
		if d <= end {
			return waitBands[i]
		}
	}
	return waitBands[len(waitEnds)]
}

// counted tells the press of requests: that they were asked, that somebody took
// them on, that help came.
func (h *House) counted(kind string) release.Source {
	return func(t *db.Tx, since time.Time, each func(release.Fact)) error {
		official, err := h.officials(t)
		if err != nil {
			return err
		}
		return h.Cases.CountedSince(t, since, func(c cases.Counted) {
			f := release.Fact{ID: c.ID, Place: c.Place, At: c.Asked, People: c.People, Gone: c.Gone}
			switch kind {
			case release.Asked:
				f.Tags = map[string]string{"need": c.Need, "channel": c.Channel, "spoken": orUnknown(c.Spoken)}
			case release.Reached:
				f.At, f.Gone = c.Owned, f.Gone || c.Owned.IsZero() || c.Org.IsZero()
				f.Tags = map[string]string{"by": takenBy(official, c), "wait": waitBand(c.Owned.Sub(c.Asked))}
			case release.Helped:
				f.At, f.Gone = c.Helped, f.Gone || c.Helped.IsZero() || c.Owned.IsZero()
				f.Tags = map[string]string{"by": takenBy(official, c), "wait": waitBand(c.Helped.Sub(c.Asked))}
			}
			each(f)
		})
	}
}

func orUnknown(code string) string {
	if code == "" {
		return "unknown"
	}
	return code
}

// takenBy tells who serves a request: the State (administrations and communes),
// associations (and foundations), or both, each a part.
func takenBy(official map[actor.OrganisationID]bool, c cases.Counted) string {
	state, other := false, false
	for _, o := range append(c.Also, c.Org) {
		if o.IsZero() {
			continue
		}
		state, other = state || official[o], other || !official[o]
	}
	switch {
	case state && other:
		return byBoth
	case state:
		return byState
	}
	return byAssociation
}

// openPicture joins the public picture to those whom it asks.
func (h *House) openPicture() {
	h.Picture = picture.New(h.Deeds, h.Places, h.Press, picture.Ports{
		Crisis: func(ctx context.Context) (picture.Crisis, bool, error) {
			k, open, err := h.Cases.CrisisNow(ctx)
			return picture.Crisis(k), open, err
		},
		Cover: h.Cases.NetworkCover, Arrived: h.Field.Arrived, Told: h.Damage.FirstTold, Needs: h.Cases.AllNeeds, Live: h.live,
		Roads: func(t *db.Tx) (out []picture.Road, err error) {
			all, err := h.Field.RoadsNow(t)
			for _, r := range all {
				out = append(out, picture.Road{Place: r.Place, State: string(r.State), Since: r.Since})
			}
			return out, err
		},
	})
}

// live are the requests as staff count them.
func (h *House) live(t *db.Tx, each func(picture.Live)) error {
	official, err := h.officials(t)
	if err != nil {
		return err
	}
	return h.Cases.CountedSince(t, time.Unix(0, 0), func(c cases.Counted) {
		if c.Gone {
			return
		}
		l := picture.Live{Place: c.Place, People: c.People, Helped: !c.Helped.IsZero()}
		if !c.Owned.IsZero() && !c.Org.IsZero() {
			l.By = takenBy(official, c)
		}
		each(l)
	})
}

// officials are the organisations that are the State's, or a commune.
func (h *House) officials(t *db.Tx) (map[actor.OrganisationID]bool, error) {
	out := map[actor.OrganisationID]bool{}
	all, err := h.People.Organisations(t)
	for _, o := range all {
		out[o.ID] = o.Kind == people.State || o.Kind == people.Commune
	}
	return out, err
}
