package cases

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/live"
)

// Live is what the queue asks of whoever follows the journal.
type Live interface {
	Listen(ctx context.Context) (<-chan []live.Change, error)
	Since(ctx context.Context, number int64, most int) ([]live.Change, bool, error)
}

// UseLive is called while the house is built; without, the queue is a page like
// any other.
func (o *Office) UseLive(l Live) { o.live = l }

// watchers bounds how many lines somebody keeps open to one process.
type watchers struct {
	mu  sync.Mutex
	all map[actor.AccountID]int
}

// watchMost is how many windows of the queue somebody may have open at once.
const watchMost = 8

func (w *watchers) enter(a actor.AccountID) (leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all[a] >= watchMost {
		return nil, fault.New(fault.Limited, "error.too_many_tries")
	}
	if w.all == nil {
		w.all = map[actor.AccountID]int{}
	}
	w.all[a]++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.all[a]--; w.all[a] == 0 {
			delete(w.all, a)
		}
	}, nil
}

// What a reader of the queue is told. None of it names a person; what they may
// not see is not in it.
type (
	// liveCase is one case of which something was done.
	liveCase struct {
		ID  string `json:"id"`
		V   int64  `json:"v"`  // how often it was written: what a page shows may be as new
		In  bool   `json:"in"` // whether it stands in the list that is open, as it is now
		Say string `json:"say"`
		At  int64  `json:"at"` // milliseconds since 1970
	}
	liveCases struct {
		Cases []liveCase `json:"cases"`
		Many  bool       `json:"many"` // more than is told one by one: the list is old
	}
	liveCount struct {
		Phase string `json:"phase"`
		N     string `json:"n"`
	}
	liveNow struct {
		Counts []liveCount `json:"counts"`
		Clock  string      `json:"clock"`
		At     int64       `json:"at"`
	}
)

const (
	liveMost  = 100              // cases told one by one
	liveSince = 2000             // lines looked through after a cut
	liveBeat  = 10 * time.Second // a heartbeat; rights are looked at as often
	countOnce = time.Second      // between two counts
	peopleSay = "people."        // deeds after which rights are looked at at once
)

// watched tells which of some changed cases the reader may know of.
func (o *Office) watched(c *web.Ctx, by actor.Actor, q Queue, some []live.Change) (out liveCases, err error) {
	last := map[CaseID]live.Change{}
	var order []CaseID
	for _, x := range some {
		cid, ok := caseOf(x.Subject)
		if !ok {
			continue
		}
		if _, there := last[cid]; !there {
			order = append(order, cid)
		}
		last[cid] = x
	}
	if len(order) > liveMost {
		return liveCases{Many: true}, nil
	}
	if len(order) == 0 {
		return out, nil
	}
	err = o.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		out = liveCases{}
		q.Only, q.Limit = order, len(order)
		listed, err := listQueue(t.Tx, q)
		if err != nil {
			return err
		}
		for _, cid := range order {
			k, err := getCase(t.Tx, cid)
			if fault.KindOf(err) == fault.Missing || err == nil && !sees(by, k) {
				continue
			}
			if err != nil {
				return err
			}
			in := slices.ContainsFunc(listed, func(x *Case) bool { return x.ID == cid })
			l := liveCase{ID: cid.String(), V: k.Revision, In: in, At: last[cid].At.UnixMilli()}
			if l.Say, err = o.liveSay(c, t, k, last[cid].Deed); err != nil {
				return err
			}
			out.Cases = append(out.Cases, l)
		}
		return nil
	})
	return out, err
}

// liveSay is what was done, in words: who took it, or the deed.
func (o *Office) liveSay(c *web.Ctx, t *deed.Tx, k *Case, word string) (string, error) {
	if k.Org.IsZero() || word != DeedClaim.Name && word != DeedAssign.Name {
		return c.P.Text("deed." + word), nil
	}
	name, err := o.orgs.Name(t.Tx, k.Org, c.Lang())
	return c.P.Text("cases.queue.taken_by", "who", name), err
}

func caseOf(subject string) (CaseID, bool) {
	text, ok := strings.CutPrefix(subject, "cases.case/")
	cid, err := id.Parse[Case](text)
	return cid, ok && err == nil
}

// sameRights tells whether somebody may see what they could when they came.
func sameRights(a, b actor.Actor) bool {
	return a.Account == b.Account && slices.Equal(a.Grants, b.Grants)
}
