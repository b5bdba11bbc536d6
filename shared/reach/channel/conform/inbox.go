package conform

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/twiza/twiza/shared/reach/channel"
)

// Inbox records what was heard. It can refuse the next few, as a full disk
// would, and then the network must say it again later. It is safe for use at
// once; the zero Inbox is empty and refuses nothing.
type Inbox struct {
	mu      sync.Mutex
	refuse  int
	refused int
	heard   []channel.Incoming
	became  []channel.Report
}

var errDiskFull = errors.New("conform: the disk is full")

// Refuse lets the next k things that are heard be lost, with an error.
func (i *Inbox) Refuse(k int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refuse = k
}

// Refused is how often something was refused.
func (i *Inbox) Refused() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.refused
}

func (i *Inbox) full() bool {
	if i.refuse == 0 {
		return false
	}
	i.refuse--
	i.refused++
	return true
}

// Heard keeps what came in, every telling of it.
func (i *Inbox) Heard(ctx context.Context, in channel.Incoming) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.full() {
		return errDiskFull
	}
	i.heard = append(i.heard, in)
	return nil
}

// Became keeps what became of a message, every telling of it.
func (i *Inbox) Became(ctx context.Context, r channel.Report) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.full() {
		return errDiskFull
	}
	i.became = append(i.became, r)
	return nil
}

// All is everything that was heard, part by part and telling by telling.
func (i *Inbox) All() []channel.Incoming {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.heard)
}

// Reports is every report, telling by telling.
func (i *Inbox) Reports() []channel.Report {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.became)
}

// From is what somebody wrote: what was told twice is once, and parts are
// joined once all of them are there, as the house does it.
func (i *Inbox) From(number string) []channel.Incoming {
	var whole []channel.Incoming
	series := map[uint16][]channel.Incoming{}
	named := map[string]bool{}
	for _, in := range i.All() {
		if in.From != number || in.ID != "" && named[in.ID] {
			continue
		}
		named[in.ID] = true
		if in.Parts == 0 {
			whole = append(whole, in)
			continue
		}
		ps := series[in.Series]
		if !slices.ContainsFunc(ps, func(p channel.Incoming) bool { return p.Part == in.Part }) {
			ps = append(ps, in)
		}
		series[in.Series] = ps
		if len(ps) == in.Parts {
			whole = append(whole, join(ps))
			delete(series, in.Series)
		}
	}
	return whole
}

// join makes one message of its parts.
func join(ps []channel.Incoming) channel.Incoming {
	slices.SortFunc(ps, func(a, b channel.Incoming) int { return cmp.Compare(a.Part, b.Part) })
	one := ps[0]
	one.Text, one.Series, one.Part, one.Parts = "", 0, 0, 0
	for _, p := range ps {
		one.Text += p.Text
	}
	return one
}
