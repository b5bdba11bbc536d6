package testkit

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// traffic is what the browser told about one tab: where it stands, what it
// fetched, whom it asked, what it complained of. hear is called in the order
// of the events by the goroutine that reads them; all else takes the lock.
type traffic struct {
	frame cdp.FrameID // the main one

	mu         sync.Mutex
	at         string // the address of the page that stands
	status     int
	seen       int // pages that began to stand
	loaded     int // the last of them that is whole
	busy       bool
	changed    chan struct{} // closed and renewed at each event
	under      map[network.RequestID]*fetch
	weight     map[string]Load
	hosts      map[string]bool
	complaints []string
}

// fetch is one request under way.
type fetch struct {
	kind   string
	head   float64 // bytes of the answer's head
	cached bool
}

// Load is what one kind of resource cost.
type Load struct {
	Requests int
	Body     int // bytes as sent, that is compressed, without heads: what the budgets count
	Wire     int // bytes with the heads of the answers
}

func newTraffic() *traffic {
	return &traffic{
		changed: make(chan struct{}), under: map[network.RequestID]*fetch{},
		weight: map[string]Load{}, hosts: map[string]bool{},
	}
}

func (f *traffic) hear(event any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e := event.(type) {
	case *page.EventFrameStartedLoading:
		f.busy = f.busy || e.FrameID == f.frame
	case *page.EventFrameStoppedLoading:
		f.busy = f.busy && e.FrameID != f.frame
	case *page.EventFrameNavigated:
		if e.Frame.ID == f.frame {
			f.at = e.Frame.URL + e.Frame.URLFragment
			f.seen++
		}
	case *page.EventNavigatedWithinDocument:
		if e.FrameID == f.frame {
			f.at = e.URL
		}
	case *page.EventLoadEventFired:
		f.loaded = f.seen
	case *network.EventRequestWillBeSent:
		f.asked(e)
	case *network.EventRequestServedFromCache:
		if r := f.under[e.RequestID]; r != nil {
			r.cached = true
		}
	case *network.EventResponseReceived:
		f.answered(e)
	case *network.EventLoadingFinished:
		f.ended(e.RequestID, e.EncodedDataLength)
	case *network.EventLoadingFailed:
		delete(f.under, e.RequestID)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			f.complaints = append(f.complaints, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		text := d.Text
		if d.Exception != nil {
			text += " " + d.Exception.Description
		}
		f.complaints = append(f.complaints, fmt.Sprintf("%s (%s:%d)", text, d.URL, d.LineNumber+1))
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *traffic) asked(e *network.EventRequestWillBeSent) {
	if u, err := url.Parse(e.Request.URL); err == nil && u.Host != "" {
		f.hosts[u.Host] = true
	}
	if e.FrameID == f.frame && e.Type == network.ResourceTypeDocument && e.RedirectResponse == nil {
		clear(f.weight) // another page: what it costs is counted anew
		clear(f.under)
	}
	if e.Type == network.ResourceTypeEventSource {
		return // a line that stays open is nothing that one waits for
	}
	f.under[e.RequestID] = &fetch{}
}

func (f *traffic) answered(e *network.EventResponseReceived) {
	if e.FrameID == f.frame && e.Type == network.ResourceTypeDocument {
		f.status = int(e.Response.Status)
	}
	if r := f.under[e.RequestID]; r != nil {
		r.kind, r.head = strings.ToLower(string(e.Type)), e.Response.EncodedDataLength
		r.cached = r.cached || e.Response.FromDiskCache
	}
}

func (f *traffic) ended(request network.RequestID, bytes float64) {
	r := f.under[request]
	if r == nil {
		return
	}
	delete(f.under, request)
	if r.cached {
		return
	}
	load := f.weight[r.kind]
	load.Requests++
	load.Wire += int(bytes)
	load.Body += int(max(0, bytes-r.head))
	f.weight[r.kind] = load
}

func (f *traffic) url() string     { f.mu.Lock(); defer f.mu.Unlock(); return f.at }
func (f *traffic) pageStatus() int { f.mu.Lock(); defer f.mu.Unlock(); return f.status }
func (f *traffic) pages() int      { f.mu.Lock(); defer f.mu.Unlock(); return f.seen }

// until waits for a condition, which is looked at under the lock, and says
// whether it came.
func (f *traffic) until(limit time.Duration, condition func() bool) bool {
	end := time.NewTimer(limit)
	defer end.Stop()
	for {
		f.mu.Lock()
		met, next := condition(), f.changed
		f.mu.Unlock()
		if met {
			return true
		}
		select {
		case <-next:
		case <-end.C:
			return false
		}
	}
}

// arrived waits for a page after the given one to be whole.
func (f *traffic) arrived(before int) bool {
	return f.until(patience, func() bool { return f.seen > before && f.loaded == f.seen && !f.busy })
}

// settle waits for a page if one begins to load within a moment. It is for
// what may or may not lead somewhere; arrived is for what must.
func (f *traffic) settle() {
	if f.until(150*time.Millisecond, func() bool { return f.busy }) {
		f.until(patience, func() bool { return !f.busy })
	}
}

// quiet waits until nothing has been under way for a moment: fonts come after
// the page stands.
func (f *traffic) quiet() {
	idle := func() bool { return len(f.under) == 0 }
	for end := time.Now().Add(patience); time.Now().Before(end); {
		f.until(patience, idle)
		if !f.until(200*time.Millisecond, func() bool { return !idle() }) {
			return
		}
	}
}

// Weight is what the page that stands now brought over the wire, by kind:
// document, stylesheet, script, font, image … What came out of the browser's
// cache weighs nothing. For the weight of a first visit, ask a browser that is
// new: Another.
func (b *Browser) Weight() map[string]Load {
	b.traffic.quiet()
	b.traffic.mu.Lock()
	defer b.traffic.mu.Unlock()
	weight := map[string]Load{}
	for kind, load := range b.traffic.weight {
		weight[kind] = load
	}
	return weight
}

// Hosts is every host and port asked for anything since the browser opened,
// sorted. A house that keeps to itself shows one.
func (b *Browser) Hosts() []string {
	b.traffic.quiet()
	b.traffic.mu.Lock()
	defer b.traffic.mu.Unlock()
	var hosts []string
	for host := range b.traffic.hosts {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	return hosts
}

// Complaints is what a developer would see in red since the browser opened: a
// broken content policy, a missing file, a script that failed.
func (b *Browser) Complaints() []string {
	b.traffic.mu.Lock()
	defer b.traffic.mu.Unlock()
	return slices.Clone(b.traffic.complaints)
}
