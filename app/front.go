package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/modules/cases"
)

// front is the door of a house that is being opened.
type front struct {
	house  atomic.Pointer[http.Handler]
	porch  *cases.Porch  // set before anybody is let to the door; nil where nothing can be kept yet
	stands chan struct{} // closed when the house serves
	waits  atomic.Int64
	busy   chan struct{} // one for each request that the porch looks at
}

// How many wait at the door, how long, how many of them the porch looks at at once,
// and how large what it reads is. Who is kept is told so at once, or asked to come
// back at once: a long queue helps nobody.
const (
	mostAtDoor    = 256
	longestAtDoor = 15 * time.Second
	mostOnPorch   = 8
	mostPorch     = 256 << 10
)

func newFront() *front {
	return &front{stands: make(chan struct{}), busy: make(chan struct{}, mostOnPorch)}
}

// open lets everybody in.
func (f *front) open(house http.Handler) {
	f.house.Store(&house)
	close(f.stands)
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := f.house.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/healthz" {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"state":"alive"}`)
		return
	}
	if f.waits.Add(1) > mostAtDoor {
		f.waits.Add(-1)
		comeBack(w)
		return
	}
	defer f.waits.Add(-1)
	if f.porch != nil && r.Method == http.MethodPost && r.URL.Path == "/api/v1/requests" && f.first(w, r) {
		return
	}
	if f.wait(r) {
		(*f.house.Load()).ServeHTTP(w, r)
		return
	}
	comeBack(w)
}

// wait until the house serves.
func (f *front) wait(r *http.Request) bool {
	late := time.NewTimer(longestAtDoor)
	defer late.Stop()
	select {
	case <-f.stands:
		return true
	case <-r.Context().Done():
	case <-late.C:
	}
	return false
}

// first keeps somebody's request for help before the house stands. What the porch
// cannot judge waits for the house.
func (f *front) first(w http.ResponseWriter, r *http.Request) (done bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostPorch))
	if err != nil {
		comeBack(w)
		return true
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.busy <- struct{}{}
	out, err := f.porch.Ask(r, body)
	<-f.busy
	if err != nil {
		return false
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	w.Write(answer)
	return true
}

// comeBack is said where there are no words yet.
func comeBack(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "2")
	w.WriteHeader(http.StatusServiceUnavailable)
}
