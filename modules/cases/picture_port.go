package cases

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/places"
)

// What follows is what whoever draws the public picture asks of cases. app joins
// the two; neither module knows the other.

// CrisisFace is an open crisis as everybody reads of it: keys of the catalogue,
// since when, and where (place codes; none is the whole country).
type CrisisFace struct {
	Code   string
	Name   string
	What   string // what happened; "" where the template does not say
	Advice []string
	Area   []string
	Since  time.Time
}

// CrisisNow is the newest open crisis; false when none is open.
func (o *Office) CrisisNow(ctx context.Context) (f CrisisFace, open bool, err error) {
	now, err := o.Crises(ctx)
	if err != nil || len(now) == 0 {
		return f, false, err
	}
	k := now[0]
	f = CrisisFace{Code: k.Template, Name: k.key("name"), What: k.key("what"), Area: k.Area, Since: k.OpenedAt}
	if tpl, ok := o.services.Crisis(k.Template); ok {
		for i := range tpl.Advice {
			f.Advice = append(f.Advice, k.advice(i))
		}
	}
	return f, true, nil
}

// NetworkCover is what the network of each commune lacks, where it lacks anything.
func (o *Office) NetworkCover(t *db.Tx) (map[string]places.Cover, error) { return o.covers(t) }

// AllNeeds are the codes of everything that may be needed, with their keys in the
// catalogue, in the order of the services.
func (o *Office) AllNeeds() (codes, keys []string) {
	for _, d := range o.services.All() {
		q := d.Form.Question(d.Bind.Need)
		if q == nil || q.List == nil {
			continue
		}
		for _, c := range q.List.Choices {
			if !slices.Contains(codes, c.Name) {
				codes, keys = append(codes, c.Name), append(keys, key(d, "choice."+q.List.Name+"."+c.Name))
			}
		}
	}
	return codes, keys
}

// Channels are the codes of all the ways by which a request comes.
var Channels = []string{"web", "sms", "ussd", "voice", "phone", "telegram", "whatsapp", "helper", "desk", "paper", "round", "relay", "import", "api"}

// Published tells what was published of a commune.
type Published func(t *db.Tx, commune string) (Tally, error)

// UsePublished makes the figures that everybody reads those that were published.
func (o *Office) UsePublished(p Published) { o.public = p }
