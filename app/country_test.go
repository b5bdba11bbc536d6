package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/testkit"
)

// post sends one JSON object to a door of the API.
func post(h http.Handler, path string, body any) *httptest.ResponseRecorder {
	b, _ := json.Marshal(body)
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080"+path, strings.NewReader(string(b)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestASecondCountryRunsWithoutACodeChange(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, &clock.Held{At: morning}, func(c *Config) { c.Country = "tamurt" })
		doors := h.Handler()
		w := post(doors, "/api/v1/requests", map[string]any{"service": "crisis_help", "lang": "fr", "answers": map[string]any{
			"need": []string{"water"}, "where": map[string]any{"code": firstDouar(t, h)}, "people": 4, "secret": "chat bleu"}})
		if w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		var out cases.ReceiptOut
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		if w := post(doors, "/api/v1/track", cases.TrackIn{Receipt: out.Receipt, Word: "Chat Bleu"}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"received"`) {
			t.Errorf("the tracker: %d %s", w.Code, w.Body)
		}
		for _, page := range []string{"/fr/", "/ar/help/crisis_help", "/en/crisis"} {
			if w := knock(doors, "GET", page, "", nil); w.Code != http.StatusOK {
				t.Errorf("%s: %d", page, w.Code)
			}
		}
	})
}

func firstDouar(t *testing.T, h *House) string {
	t.Helper()
	for _, r := range h.Places.Children("") {
		for _, p := range h.Places.Children(r.Code) {
			for _, c := range h.Places.Children(p.Code) {
				if d := h.Places.Children(c.Code); len(d) > 0 {
					return d[0].Code
				}
			}
		}
	}
	t.Fatal("no hamlet in the pack")
	return ""
}
