package cases

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// Porch takes requests for help while the house behind it is still being opened:
// it has the services, the places, the keys and the spool, and nothing else. What
// it takes is on the disk and goes in like all that waited; what it cannot judge,
// the house does a moment later.
type Porch struct{ o *Office }

// Memory is what a process knows without its store from last time: what crises were
// open, and numbers that it may promise.
type Memory struct {
	Crises  []Crisis         `json:"crises,omitempty"`
	Numbers []receipt.Number `json:"numbers,omitempty"`
}

// NewPorch is given the spool that the house will have (UseSpool).
func NewPorch(h *deed.House, v *crypt.Vault, g *places.Gazetteer, s *service.Set, x *spool.Spool, k Memory) *Porch {
	o := New(h, v, g, s, nil)
	o.spool = x
	o.asides.numbers = k.Numbers
	o.crises.keep(k.Crises, 0, h.DB.Now())
	return &Porch{o}
}

// errLater: the house itself must look at it.
var errLater = errors.New("cases: not on the porch")

// Ask keeps one request that a program or a form without a session sends to the
// API, and says what its sender is told. An error is for the house to look at.
func (p *Porch) Ask(r *http.Request, body []byte) (out ReceiptOut, err error) {
	if r.Header.Get("Authorization") != "" || len(r.Cookies()) > 1 || len(r.Cookies()) == 1 && r.Cookies()[0].Name != "lang" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return out, errLater
	}
	var in RequestIn
	if err := web.DecodeJSON(body, &in); err != nil {
		return out, err
	}
	if in.Same || !slices.Contains(i18n.Langs(), i18n.Lang(in.Lang)) {
		return out, errLater
	}
	o := p.o
	q, err := o.apiRequest(in, r.Header.Get("Idempotency-Key"), func() string { return in.Lang })
	if err != nil {
		return out, err
	}
	def, err := o.current(q.Service)
	if err != nil {
		return out, err
	}
	if q.Answers, err = o.valid(def, q); err != nil {
		return out, err
	}
	if w := q.Answers.Text(def.Bind.Secret); w != "" && utf8.RuneCountInString(trackKey(w)) < leastWord || q.ID.IsZero() {
		return out, errLater
	}
	by := actor.Actor{Channel: "api"}
	var got Asked
	if x, ok := o.waits(q.ID); ok {
		got, err = o.setAsideAgain(by, DeedAsk, def, q, x)
	} else {
		got, err = o.setAside(by, DeedAsk, def, q)
	}
	if err != nil {
		return out, err
	}
	out = ReceiptOut{ID: got.ID.String(), Receipt: got.Receipt.String(), Level: got.Level, DueAt: got.Due, Again: got.Again, Restricted: got.Restricted, Waits: true}
	if !got.Restricted {
		out.Code = got.Code
	}
	return out, nil
}

// numbersKept is how many numbers lie by for the next start.
const numbersKept = 500

// Remember is what the next start of this process may know without its store. The
// numbers in it are given to nobody else from then on; they come back by
// themselves where the process lives on (numbersOf).
func (o *Office) Remember() Memory {
	o.asides.mu.Lock()
	defer o.asides.mu.Unlock()
	k := Memory{Crises: o.crises.last(), Numbers: o.asides.next}
	if n := len(o.asides.numbers); k.Numbers == nil && n >= 2*numbersKept {
		k.Numbers = slices.Clone(o.asides.numbers[n-numbersKept:])
		o.asides.numbers, o.asides.next = o.asides.numbers[:n-numbersKept], k.Numbers
	}
	return k
}
