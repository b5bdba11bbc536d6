package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/testkit"
)

// wire is a way to the house whose open lines can be cut.
type wire struct {
	mu   sync.Mutex
	down bool
	cut  context.CancelFunc
	all  context.Context
}

func newWire(t *testing.T, site string) (*wire, string) {
	to, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	w.all, w.cut = context.WithCancel(t.Context())
	p := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ErrorHandler: func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(502) }}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		w.mu.Lock()
		down, all := w.down, w.all
		w.mu.Unlock()
		if !strings.HasSuffix(q.URL.Path, "/live") {
			p.ServeHTTP(rw, q)
			return
		}
		if down {
			rw.WriteHeader(502)
			return
		}
		ctx, stop := context.WithCancel(q.Context())
		defer stop()
		context.AfterFunc(all, stop)
		defer func() { _ = recover() }() // the proxy says in this way that it gave up half-way
		p.ServeHTTP(rw, q.WithContext(ctx))
	}))
	t.Cleanup(func() { w.set(true); srv.Close() })
	return w, srv.URL
}

func (w *wire) set(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
	if down {
		w.cut()
	} else {
		w.all, w.cut = context.WithCancel(context.Background())
	}
}

func TestAnOpenQueueSaysWhatIsNewAndNeverMoves(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	s := newStreet(t)
	ask := func(phone, word string) {
		_, err := s.h.Cases.Ask(s.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "fr", Channel: "web", Answers: forms.Answers{
			"for_whom": "self", "need": []string{word}, "people": int64(4), "phone": forms.Phone(phone), "where": forms.Place{Code: s.commune().Code}}})
		s.must(err)
	}
	ask("+212661234501", "warm")
	ask("+212661234502", "warm")
	w, front := newWire(t, s.site)
	s.site = front
	s.signIn(b, "fr", "dispatcher")
	b.Size(1440, 900)
	b.Open(s.site + "/fr/queue")
	lines := b.Text(".col .scroll")
	shown := func(what string) { b.Text("[data-" + what + "]:not([hidden])") } // waits for it
	shown("live")
	ask("+212661234503", "rescue")
	if said := b.Text("[data-newer]:not([hidden])"); said != "Afficher 1 nouvelle" {
		t.Errorf("the line says %q", said)
	}
	if now := b.Text(".col .scroll"); now != lines {
		t.Errorf("the list moved: %s", now)
	}
	w.set(true)
	shown("lost")
	ask("+212661234504", "rescue")
	w.set(false)
	shown("live")
	b.Follow("[data-newer]")
	if n := b.Count(".tri .qi"); n != 4 {
		t.Errorf("%d lines after the new ones are shown", n)
	}
	b.Press("j")
	b.Press("j")
	b.Press("k")
	if f := b.Focused(); !strings.Contains(f, "qi") {
		t.Errorf("J and K lead to %s", f)
	}
	b.Press("a")
	b.Text(".col.end")
	if b.Count("[data-open]") != 1 {
		t.Error("A does not open the line under the hand")
	}
	for _, width := range []int{1440, 1100, 320} {
		b.Size(width, 900)
		if over := b.Overflow(); over > 0 {
			t.Errorf("at %d px %d px stick out", width, over)
		}
		for _, v := range b.Axe(t) {
			t.Errorf("at %d px: %v", width, v)
		}
	}
}
