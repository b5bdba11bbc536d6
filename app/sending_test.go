package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
)

// twiza runs one command of the program in this process.
func twiza(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	var out bytes.Buffer
	code = Main(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &out, &out)
	return out.String(), code
}

// askFor puts a plea through the API of a house in this process.
func askFor(t *testing.T, handler http.Handler, p *plea) {
	t.Helper()
	body, err := json.Marshal(p.in)
	if err != nil {
		t.Fatal(err)
	}
	w := send(handler, "/api/v1/requests", "application/json", string(body))
	var out cases.ReceiptOut
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	p.receipt = out.Receipt
}

var sender atomic.Int64

// send posts a body as another passer-by each time.
func send(handler http.Handler, path, kind, body string, more ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080"+path, strings.NewReader(body))
	n := sender.Add(1)
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func proxied(c *Config) { c.Proxied = true }

// opens tells whether a plea's receipt opens, and that it must.
func opens(t *testing.T, h *House, p *plea) cases.CaseID {
	t.Helper()
	number, err := receipt.Parse(p.receipt)
	if err != nil {
		t.Fatal(err)
	}
	k, err := h.Cases.Recognise(t.Context(), number, p.word)
	if err != nil {
		t.Fatalf("the receipt %s does not open: %v", p.receipt, err)
	}
	return k.Case
}

// busy keeps a house busy with requests until the function that it gives is called.
func busy(t *testing.T, handler http.Handler) (enough func() []*plea) {
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var all []*plea
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				p := newPlea(i)
				body, _ := json.Marshal(p.in) // strings and numbers
				w := send(handler, "/api/v1/requests", "application/json", string(body))
				var out cases.ReceiptOut
				if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
					t.Errorf("a request was not taken in while the house was busy: %d %s", w.Code, w.Body)
					return
				}
				p.receipt = out.Receipt
				mu.Lock()
				all = append(all, p)
				mu.Unlock()
			}
		})
	}
	return func() []*plea {
		stop()
		wg.Wait()
		return all
	}
}

// dispatcher of the whole country, for closing a case.
func dispatcher(account actor.AccountID) actor.Actor {
	return actor.Actor{Account: account, Channel: "web", Grants: []actor.Grant{{Role: actor.Dispatcher}, {Role: actor.CrisisCell}, {Role: actor.Agent}}}
}
