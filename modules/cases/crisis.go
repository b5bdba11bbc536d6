package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/shared/translog"
)

// Crisis is opened from a template: it turns services on where it reigns, and
// sets their delays. Closing it leaves every case and permission as it is.
type Crisis struct {
	ID       CrisisID
	Template string
	Area     []string // place codes; empty is the whole country
	OpenedAt time.Time
	ClosedAt time.Time
}

var (
	DeedCrisisOpen  = deed.Deed{Name: "cases.crisis.open", Roles: []actor.Role{actor.CrisisCell}}
	DeedCrisisClose = deed.Deed{Name: "cases.crisis.close", Roles: []actor.Role{actor.CrisisCell}}
)

type crisisTold struct {
	Template string   `json:"template"`
	Area     []string `json:"area,omitempty"`
}

// NameKey is the catalogue key of what the crisis is called.
func (k Crisis) NameKey() string { return k.key("name") }

func (k Crisis) key(part string) string { return "crisis." + k.Template + ".text." + part }
func (k Crisis) advice(i int) string    { return fmt.Sprintf("crisis.%s.advice.%d", k.Template, i+1) }

// OpenCrisis opens a crisis from a template of the pack.
func (o *Office) OpenCrisis(ctx context.Context, by actor.Actor, template string, area []string) (k Crisis, err error) {
	tpl, ok := o.services.Crisis(template)
	if !ok {
		return k, fault.All{fault.New(fault.Invalid, "cases.crisis.template_unknown").On("template")}
	}
	for _, code := range area {
		if _, ok := o.places.Get(code); !ok {
			return k, fault.All{fault.New(fault.Invalid, "cases.case.place_unknown").On("area")}
		}
	}
	err = o.h.Do(ctx, by, DeedCrisisOpen, func(t *deed.Tx) error {
		if err := o.allowIn(t, area); err != nil {
			return err
		}
		there, err := db.Has(t.Tx, `SELECT 1 FROM cases_crisis WHERE template = ?1 AND closed_at IS NULL`, template)
		if err != nil {
			return err
		}
		if there {
			return fault.New(fault.Conflict, "cases.crisis.open_already")
		}
		k = Crisis{ID: id.New[crisisKind](t.Now()), Template: template, Area: area, OpenedAt: t.Now()}
		codes, err := json.Marshal(area)
		if err != nil {
			return err
		}
		names := tpl.Names()
		if _, err := t.Exec(`INSERT INTO cases_crisis (id, template, name_ar, name_zgh, name_fr, name_en, area, opened_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)`,
			k.ID, template, names["ar"], names["zgh"], names["fr"], names["en"], string(codes), k.OpenedAt); err != nil {
			return err
		}
		if err := o.publishCrisis(t, k.ID, "open", area); err != nil {
			return err
		}
		t.After(o.crises.forget)
		return t.Tell("cases.crisis/"+k.ID.String(), crisisTold{template, area})
	})
	return k, err
}

// allowIn asks whether the doer may act in every place of an area; no place is
// the whole country, which only a grant for all of it covers.
func (o *Office) allowIn(t *deed.Tx, area []string) error {
	if len(area) == 0 {
		return t.Allow(actor.Scope{})
	}
	for _, code := range area {
		var s actor.Scope
		for _, p := range o.places.Path(code) {
			s.Path = append(s.Path, p.Code)
		}
		if err := t.Allow(s); err != nil {
			return err
		}
	}
	return nil
}

// CloseCrisis closes it.
func (o *Office) CloseCrisis(ctx context.Context, by actor.Actor, kid CrisisID) error {
	return o.h.Do(ctx, by, DeedCrisisClose, func(t *deed.Tx) error {
		said, err := db.One(t.Tx, db.Text, `SELECT area FROM cases_crisis WHERE id = ?1`, kid)
		if err != nil {
			return err
		}
		var area []string
		if err := json.Unmarshal([]byte(said), &area); err != nil {
			return err
		}
		if err := o.allowIn(t, area); err != nil {
			return err
		}
		n, err := t.Exec(`UPDATE cases_crisis SET closed_at = ?1, version = version + 1 WHERE id = ?2 AND closed_at IS NULL`, t.Now(), kid)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "cases.crisis.closed_already")
		}
		if err := o.publishCrisis(t, kid, "closed", area); err != nil {
			return err
		}
		t.After(o.crises.forget)
		return t.Tell("cases.crisis/"+kid.String(), crisisTold{})
	})
}

// publishCrisis has the public know that the State calls something a crisis, or no
// longer: a leaf for each place, one without a place for the whole country.
func (o *Office) publishCrisis(t *deed.Tx, kid CrisisID, state string, area []string) error {
	if o.Public == nil {
		return nil
	}
	if len(area) == 0 {
		area = []string{""}
	}
	for _, code := range area {
		fields := map[string]string{"kind": state}
		if code != "" {
			fields["place"] = code
		}
		if _, err := o.Public.Append(t, translog.Leaf{Subject: "cases.crisis/" + kid.String(), Fields: fields, Body: map[string]string{"crisis": kid.String()}}); err != nil {
			return err
		}
	}
	return nil
}

// crisesNow remembers the open crises for a few seconds: every page asks. Its lock
// is never held while the store is read: those who read it hold what that needs,
// and ask here in the middle.
type crisesNow struct {
	mu   sync.Mutex
	all  []Crisis
	till time.Time
	turn int // of forgetting: what was read before it is not kept after it
}

const crisesFor = 5 * time.Second

func (n *crisesNow) forget() {
	n.mu.Lock()
	n.till = time.Time{}
	n.turn++
	n.mu.Unlock()
}

// fresh is what was read a moment ago, if it was.
func (n *crisesNow) fresh(now time.Time) (all []Crisis, turn int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	left := n.till.Sub(now)
	return n.all, n.turn, left > 0 && left <= crisesFor // also when the clock was put back
}

func (n *crisesNow) keep(all []Crisis, turn int, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if turn == n.turn {
		n.all, n.till = all, now.Add(crisesFor)
	}
}

// Crises are those open now, newest first.
func (o *Office) Crises(ctx context.Context) ([]Crisis, error) {
	now := o.h.DB.Now()
	all, turn, ok := o.crises.fresh(now)
	if ok {
		return all, nil
	}
	all = nil
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err = CrisesOpen(t)
		return err
	})
	if err == nil {
		o.crises.keep(all, turn, now)
	}
	return all, err
}

const crisisColumns = `id, template, area, opened_at, closed_at`

func scanCrisis(r db.Row) (k Crisis, err error) {
	var area string
	if err = r.Scan(&k.ID, &k.Template, &area, db.Time(&k.OpenedAt), db.Time(&k.ClosedAt)); err != nil {
		return k, err
	}
	return k, json.Unmarshal([]byte(area), &k.Area)
}

// CrisesOpen are those open now, newest first, for whoever reads already.
func CrisesOpen(t *db.Tx) ([]Crisis, error) {
	return db.List(t, scanCrisis, `SELECT `+crisisColumns+` FROM cases_crisis WHERE closed_at IS NULL ORDER BY opened_at DESC, id`)
}

// CrisisOf is a crisis by its identifier, also after its end.
func CrisisOf(t *db.Tx, kid string) (k Crisis, found bool, err error) {
	all, err := db.List(t, scanCrisis, `SELECT `+crisisColumns+` FROM cases_crisis WHERE id = ?1`, kid)
	if err != nil || len(all) == 0 {
		return k, false, err
	}
	return all[0], true, nil
}

// last is what was open when somebody last asked; it never touches the store.
func (n *crisesNow) last() []Crisis {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all
}

// over is a service as it is at a place in the crises that are open: with
// their delays where they reign, and with its own everywhere else.
func (o *Office) over(d *service.Definition, place string) *service.Definition {
	for _, k := range o.crises.last() {
		if tpl, ok := o.services.Crisis(k.Template); ok && slices.Contains(tpl.Services, d.Code) && o.mayReign(k, place) {
			d = tpl.Over(d)
		}
	}
	return d
}

// reigns tells whether a place lies in the area of a crisis.
func (o *Office) reigns(k Crisis, place string) bool {
	return len(k.Area) == 0 || slices.ContainsFunc(k.Area, func(a string) bool { return o.places.Within(place, a) })
}

// mayReign is reigns, and true of what nobody can place yet: a call whose place
// is unknown, or known by its province alone, may come from the middle of it,
// and is not left waiting for that.
func (o *Office) mayReign(k Crisis, place string) bool {
	if _, known := o.places.Get(place); !known || o.reigns(k, place) {
		return true
	}
	return slices.ContainsFunc(k.Area, func(a string) bool { return o.places.Within(a, place) })
}

// reigning is the open crisis that a new case belongs to, if any.
func (o *Office) reigning(c *Case) (k CrisisID) {
	for _, x := range o.crises.last() {
		tpl, ok := o.services.Crisis(x.Template)
		if !ok || !slices.Contains(tpl.Services, c.Service) {
			continue
		}
		if o.reigns(x, c.Place) {
			return x.ID
		}
	}
	return k
}

// openServices are those that take requests now: the ones that are always
// open, and the ones that an open crisis turns on.
func (o *Office) openServices(ctx context.Context) (out []*service.Definition, err error) {
	now, err := o.Crises(ctx)
	for _, d := range o.services.All() {
		on := d.Always
		for _, k := range now {
			if tpl, ok := o.services.Crisis(k.Template); ok && slices.Contains(tpl.Services, d.Code) {
				on = true
			}
		}
		if on {
			out = append(out, d)
		}
	}
	return out, err
}
