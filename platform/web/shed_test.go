package web

import (
	"container/heap"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheLeastVitalAreAskedToComeBackFirst(t *testing.T) {
	t.Parallel()
	s := NewShed()
	var first [classes]int // how many were under way when a class was first turned away
	under := 0
	for range shedStart * 2 {
		for _, c := range []Class{Bulk, Public, Staff, Intake} {
			if _, _, ok := s.Enter(c); ok {
				under++
			} else if first[c] == 0 {
				first[c] = under
			}
		}
	}
	order := []int{first[Bulk], first[Public], first[Staff], first[Intake]}
	if !slices.IsSorted(order) || first[Bulk] == 0 || first[Bulk] == first[Public] || first[Staff] == first[Intake] {
		t.Fatalf("turned away at %v", order)
	}
	if _, pressed, ok := s.Enter(Vital); !ok || pressed {
		t.Errorf("there is no room left for whoever asks for help: %v", pressed)
	}
	for range shedStart {
		s.Enter(Vital)
	}
	if _, pressed, ok := s.Enter(Vital); !ok || !pressed {
		t.Errorf("beyond all: let in %v, pressed %v", ok, pressed)
	}
	if _, _, ok := s.Enter(Always); !ok {
		t.Error("whether the house lives cannot be asked")
	}
}

// event is the end of a request in an invented hour.
type event struct {
	at   time.Duration
	done func()
}
type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

// machine is an invented one: its store serves so many a second, one after the
// other, and what is kept aside costs a tenth of that. It knows no real time.
type machine struct {
	shed   *Shed
	each   time.Duration
	free   time.Duration // when the store has nothing left to do
	events events
	rescue []time.Duration // how long who asked for help waited
	turned [classes]int
}

func (m *machine) ask(now time.Duration, c Class) {
	leave, pressed, ok := m.shed.Enter(c)
	if !ok {
		m.turned[c]++
		return
	}
	work := m.each
	if pressed {
		work = m.each / 10
	}
	if c == Bulk {
		work = 4 * m.each
	}
	m.free = max(m.free, now) + work
	end := m.free
	heap.Push(&m.events, event{end, func() {
		leave(end - now)
		if c == Vital {
			m.rescue = append(m.rescue, end-now)
		}
	}})
}

// TestAtFourTimesWhatCanBeServedRescueIsStillAcknowledgedInTime runs an hour of an
// invented machine: nothing in it depends on the speed of this one.
func TestAtFourTimesWhatCanBeServedRescueIsStillAcknowledgedInTime(t *testing.T) {
	t.Parallel()
	for _, each := range []time.Duration{time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond} {
		m := &machine{shed: NewShed(), each: each}
		r := rand.New(rand.NewPCG(1, 2))
		mean := each / 4
		kinds := []Class{Vital, Vital, Vital, Vital, Intake, Intake, Staff, Staff, Public, Public, Public, Bulk, Bulk}
		now, asked := time.Duration(0), 0
		for range 60_000 {
			now += time.Duration(r.ExpFloat64() * float64(mean))
			for len(m.events) > 0 && m.events[0].at <= now {
				heap.Pop(&m.events).(event).done()
			}
			c := kinds[r.IntN(len(kinds))]
			if c == Vital {
				asked++
			}
			m.ask(now, c)
		}
		for len(m.events) > 0 {
			heap.Pop(&m.events).(event).done()
		}
		slices.Sort(m.rescue)
		p99 := m.rescue[len(m.rescue)*99/100]
		if p99 > 2*time.Second {
			t.Errorf("at %v each, who asks for help waits %v (99 of 100)", each, p99)
		}
		if m.turned[Vital] > 0 {
			t.Errorf("at %v each, %d of %d who asked for help were turned away", each, m.turned[Vital], asked)
		}
		if m.turned[Bulk] == 0 || m.turned[Public] == 0 {
			t.Errorf("at %v each, nobody else was asked to come back: %v", each, m.turned)
		}
	}
}

func TestWhoIsAskedToComeBackIsToldWhenAndWhomToCall(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Shed, s.Call = NewShed(), "+212800001234"
	s.Shed.limit = 0
	entered := false
	mux := s.Mux([]Route{{Method: "GET", Path: "/full", Handle: func(c *Ctx) error { entered = true; return nil }},
		{Method: "GET", Path: "/api/full", API: true, Handle: func(c *Ctx) error { return nil }},
		{Method: "POST", Path: "/ask", Class: Vital, Handle: func(c *Ctx) error { c.W.Write([]byte("kept")); return nil }}})
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/fr/full", nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `href="tel:&#43;212800001234"`) || entered {
		t.Errorf("a page: %d %v entered %v\n%s", w.Code, w.Header(), entered, w.Body)
	}
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/api/full", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"call":"+212800001234"`) {
		t.Errorf("a program: %d %s", w.Code, w.Body)
	}
}
