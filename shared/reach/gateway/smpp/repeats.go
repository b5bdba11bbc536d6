package smpp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"
)

// repeats names what comes in, so that what the centre tells again because our
// thanks were lost is known for the same message. The protocol has no names for
// these. Where the centre gives a user_message_reference, the same body within
// a day is the same message. Where it does not, somebody may well have written
// the same words twice, and the same body is the same message only while our
// thanks may not have arrived: before we said them, and for an hour after a
// connection that was lost within half a minute of them.
//
// Names are made with a key and tell nobody what was written. Only the last
// mostRepeats bodies are remembered.
type repeats struct {
	key []byte

	mu    sync.Mutex
	n     uint64
	seen  map[string]*telling
	order []string // oldest first; a body may stand in it more than once
}

// telling is one body that came in.
type telling struct {
	id       string
	over     *link // by which it came
	at       time.Time
	thanked  bool
	doubtful bool // thanked over a connection that was lost soon after
}

const (
	mostRepeats  = 4096
	repeatsNamed = 24 * time.Hour
	repeatsDoubt = time.Hour
	thanksTravel = 30 * time.Second
)

func newRepeats(key string) *repeats {
	return &repeats{key: []byte("smpp/incoming/" + key), seen: map[string]*telling{}}
}

// name names a body. named says that the centre gave it a reference.
func (r *repeats) name(body []byte, named bool, over *link, now time.Time) *telling {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := r.sum(body)
	if t := r.seen[sum]; t != nil {
		age := now.Sub(t.at)
		if named && age < repeatsNamed || !named && (!t.thanked || t.doubtful) && age < repeatsDoubt {
			if !named { // this telling will be thanked for in its turn
				t.over, t.at, t.thanked, t.doubtful = over, now, false, false
			}
			return t
		}
	}
	when := now.Unix() / int64(repeatsNamed/time.Second) // known again after a restart of ours, on the same day
	if !named {
		r.n++
		when = now.UnixMicro() + int64(r.n)
	}
	t := &telling{over: over, at: now, id: r.sum(binary.BigEndian.AppendUint64([]byte(sum), uint64(when)))}
	r.seen[sum] = t
	r.order = append(r.order, sum)
	if len(r.order) > mostRepeats {
		delete(r.seen, r.order[0])
		r.order = r.order[1:]
	}
	return t
}

func (r *repeats) sum(b []byte) string {
	h := hmac.New(sha256.New, r.key)
	_, _ = h.Write(b)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// thanked notes that we said that we have it.
func (r *repeats) thanked(t *telling) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.thanked = true
}

// lost notes that a connection was lost, and with it, perhaps, our last thanks.
func (r *repeats) lost(over *link, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.seen {
		if t.over == over && now.Sub(t.at) < thanksTravel {
			t.doubtful = true
		}
	}
}
