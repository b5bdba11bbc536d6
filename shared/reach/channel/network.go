package channel

import (
	"slices"
	"sync"
	"time"
)

// Network is the invented far end of every simulator: the phones of people,
// what arrived on them, and what goes wrong on the way when a test, or the
// reader of the demonstration, says so. It is safe for use at once.
type Network struct {
	mu      sync.Mutex
	faults  Faults
	arrived []Arrived
	names   map[string]bool // of messages taken, by the sender's own ID
	changed chan struct{}
	n       int
}

// Faults is what goes wrong. Each field counts down: 3 is the next three times;
// a negative number is always.
type Faults struct {
	Away   int           // does not take the message and says so, or does not answer the connection
	Busy   int           // too many at once
	Refuse int           // refuses for good
	Hang   int           // takes the message and never answers: failed, but happened
	Lie    int           // says it took the message and drops it
	Late   time.Duration // before anything is answered
	Twice  int           // delivers incoming messages and reports twice
	Mix    int           // holds back an incoming message until the next one has gone
	Unsure int           // tells no report at all
}

// Arrived is a message on somebody's phone.
type Arrived struct {
	To, Text string
	At       time.Time
	Parts    int
}

// NewNetwork is a network in which nothing goes wrong.
func NewNetwork() *Network {
	return &Network{names: map[string]bool{}, changed: make(chan struct{})}
}

// Fail says what goes wrong from now on.
func (n *Network) Fail(f Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = f
}

// Trip takes one of a fault, and says whether it strikes: n.Trip(func(f *Faults) *int { return &f.Busy }).
func (n *Network) Trip(which func(*Faults) *int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := which(&n.faults)
	if *k > 0 {
		*k--
		return true
	}
	return *k < 0
}

// Late is how long everything takes now.
func (n *Network) Late() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.faults.Late
}

// Arrive puts a message on a phone. id is the sender's own name of it, where
// the protocol has one: the same one again changes nothing and says so. "" is
// always new.
func (n *Network) Arrive(id string, a Arrived) (fresh bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if id != "" && n.names[id] {
		return false
	}
	if id != "" {
		n.names[id] = true
	}
	n.arrived = append(n.arrived, a)
	close(n.changed)
	n.changed = make(chan struct{})
	return true
}

// On is everything that arrived on a phone, oldest first.
func (n *Network) On(to string) []Arrived {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []Arrived
	for _, a := range n.arrived {
		if a.To == to {
			out = append(out, a)
		}
	}
	return out
}

// All is everything that arrived anywhere, oldest first.
func (n *Network) All() []Arrived {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.arrived)
}

// Since is everything that arrived after the first n, oldest first.
func (n *Network) Since(first int) []Arrived {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.arrived[min(first, len(n.arrived)):])
}

// Changed is closed when the next message arrives.
func (n *Network) Changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

// Next is a fresh number for the names that a simulator gives.
func (n *Network) Next() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.n++
	return n.n
}
