package smpp

import (
	"math/big"
	"strconv"
	"strings"
	"sync"

	"github.com/twiza/twiza/shared/reach/channel"
)

// book remembers which part of which message the centre calls by which name,
// so that receipts of parts become reports of messages. It holds the last
// mostRecords messages.
type book struct {
	mu    sync.Mutex
	byID  map[string]*record
	byRef map[string]place
	byUse map[uint16]place // by our user_message_reference
	use   uint16
	order []*record // oldest first
}

const mostRecords = 100_000

// record is one message; the lock of its book guards it.
type record struct {
	id, to string
	parts  []part
	uses   []uint16
}

type part struct {
	taken bool
	ref   string        // the centre's name, canonical; may be "" where it gives none
	state channel.State // "" until a receipt came
	code  string
}

type place struct {
	rec *record
	i   int
}

func newBook() *book {
	return &book{byID: map[string]*record{}, byRef: map[string]place{}, byUse: map[uint16]place{}}
}

// open finds the record of a message or begins it.
func (b *book) open(id, to string, parts int) *record {
	b.mu.Lock()
	defer b.mu.Unlock()
	if rec := b.byID[id]; rec != nil && id != "" && rec.to == to && len(rec.parts) == parts {
		return rec
	}
	rec := &record{id: id, to: to, parts: make([]part, parts)}
	b.byID[id] = rec
	b.order = append(b.order, rec)
	if len(b.order) > mostRecords {
		b.drop(b.order[0])
		b.order[0] = nil
		b.order = b.order[1:]
	}
	return rec
}

func (b *book) drop(rec *record) {
	if b.byID[rec.id] == rec {
		delete(b.byID, rec.id)
	}
	for _, p := range rec.parts {
		if b.byRef[p.ref].rec == rec {
			delete(b.byRef, p.ref)
		}
	}
	for _, u := range rec.uses {
		if b.byUse[u].rec == rec {
			delete(b.byUse, u)
		}
	}
}

// has says whether the centre has a part.
func (b *book) has(rec *record, i int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return rec.parts[i].taken
}

// taken notes that the centre has a part, and how it calls it.
func (b *book) taken(rec *record, i int, ref string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	rec.parts[i].taken, rec.parts[i].ref = true, ref
	if ref != "" {
		b.byRef[ref] = place{rec, i}
	}
}

// expect gives a part a number of ours that comes back with its receipt.
func (b *book) expect(rec *record, i int) uint16 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.use++
	b.byUse[b.use] = place{rec, i}
	rec.uses = append(rec.uses, b.use)
	return b.use
}

// ref is the name by which a message is reported: the centre's where it is in
// one part, and otherwise one that no receipt has.
func (b *book) ref(rec *record) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return rec.ref()
}

func (rec *record) ref() string {
	if len(rec.parts) == 1 || rec.parts[0].ref == "" {
		return rec.parts[0].ref
	}
	return rec.parts[0].ref + "/" + strconv.Itoa(len(rec.parts))
}

// find is the part that a receipt speaks of.
func (b *book) find(r receipt) (place, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p, ok := b.byRef[r.ref]; ok && r.ref != "" {
		return p, true
	}
	if p, ok := b.byUse[r.use]; ok && r.hasUse && p.rec.to == r.from {
		if r.ref != "" && !p.rec.parts[p.i].taken {
			p.rec.parts[p.i].taken, p.rec.parts[p.i].ref = true, r.ref
			b.byRef[r.ref] = p
		}
		return p, true
	}
	return place{}, false
}

// became notes what became of a part, and says what is to be told of the whole
// message: nothing, where that is not known yet. Delivered is never taken back.
func (b *book) became(p place, r receipt) (channel.Report, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if own := &p.rec.parts[p.i]; own.state != channel.Delivered && (r.state != channel.Taken || own.state == "") {
		own.state, own.code = r.state, r.code
	}
	report := channel.Report{ID: p.rec.id, Ref: p.rec.ref(), State: channel.Delivered}
	for _, one := range p.rec.parts {
		switch {
		case one.state == channel.Failed:
			report.State, report.Code = channel.Failed, one.code
			return report, true
		case one.state != channel.Delivered:
			report.State, report.Code = channel.Taken, one.code
		case report.State == channel.Delivered:
			report.Code = one.code
		}
	}
	return report, report.State == channel.Delivered || len(p.rec.parts) == 1
}

// canonical is a name in a form that can be compared.
func canonical(id string, form IDForm) string {
	id = printable(strings.TrimSpace(id), sizeMessageID-1)
	base := map[IDForm]int{Hex: 16, Decimal: 10}[form]
	if base == 0 {
		return id
	}
	if n, ok := new(big.Int).SetString(strings.TrimPrefix(strings.ToLower(id), "0x"), base); ok && n.Sign() >= 0 {
		return n.String()
	}
	return id
}

// printable is what of a stranger's word may stand in a log: letters, digits
// and a few signs.
func printable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.:/+@", r) {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), most)]
}
