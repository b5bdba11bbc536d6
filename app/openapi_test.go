package app

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/module"
)

func TestTheAPISaysWhatItTakesAndGives(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	first, err := h.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.OpenAPI()
	if err != nil || string(first) != string(again) {
		t.Fatal("the same house describes itself in another order", err)
	}
	golden(t, "openapi.json", append(first, '\n'))

	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/openapi.json", nil))
	var served, built any
	if err := json.Unmarshal(w.Body.Bytes(), &served); err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, err)
	}
	if err := json.Unmarshal(first, &built); err != nil || !reflect.DeepEqual(served, built) {
		t.Error("what is served is not what was built", err)
	}
}

func TestEveryAPIDoorIsInTheDocumentAndEveryReferenceLeadsSomewhere(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	body, err := h.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Summary     string
		}
		Components map[string]map[string]any
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, d := range h.allDoors() {
		operation, told := doc.Paths[d.Path][strings.ToLower(d.Method)]
		if !d.API || !strings.HasPrefix(d.Path, "/api/") {
			// Outside /api are only those that machines ask by old habit, those that
			// gateways call, each in its own protocol, and the log's, which are a
			// standard's (C2SP tlog-tiles).
			if d.API && !strings.HasPrefix(d.Path, "/log/") && !slices.Contains([]string{"/healthz", "/readyz", "/metrics", "/favicon.ico", "/sw.js", "/manifest.webmanifest", "/reach/{gateway}", "/tiles/{layer}/{z}/{x}/{file}"}, d.Path) {
				t.Errorf("%s is an API door outside /api", d.Path)
			}
			continue
		}
		if !told {
			t.Errorf("%s %s is not in the document", d.Method, d.Path)
		}
		if other, taken := names[operation.OperationID]; taken {
			t.Errorf("%s is the name of %s and of %s %s", operation.OperationID, other, d.Method, d.Path)
		}
		names[operation.OperationID] = d.Method + " " + d.Path
		if strings.Contains(operation.Summary, "⟦") || operation.Summary == "" {
			t.Errorf("%s %s is summed up as %q", d.Method, d.Path, operation.Summary)
		}
	}
	for _, ref := range strings.Split(string(body), `"$ref": "#/components/`)[1:] {
		ref, _, _ = strings.Cut(ref, `"`)
		kind, name, _ := strings.Cut(ref, "/")
		if doc.Components[kind][name] == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	}
}

// wireSample has one field of each kind that a wire struct may have.
type wireSample struct {
	wireInner
	ID       id.Of[wireSample]  `json:"id"`
	At       time.Time          `json:"at,omitzero"`
	Late     *time.Time         `json:"late,omitempty"`
	Raw      json.RawMessage    `json:"raw"`
	Share    float64            `json:"share" doc:"from 0 to 1"`
	Yes      bool               `json:"yes"`
	Photo    []byte             `json:"photo"`
	Counts   map[string]int     `json:"counts"`
	Children []wireSample       `json:"children,omitempty"`
	Nameless struct{ A string } `json:"nameless"`
	Hidden   string             `json:"-"`
	unseen   string
	Any      any `json:"any"`
}

type wireInner struct {
	Inside string `json:"inside"`
}

func TestASchemaIsWhatTheEncoderWrites(t *testing.T) {
	t.Parallel()
	d := document{say: func(key string, _ ...any) string { return key }, parts: node{}}
	ref, err := d.schema(reflect.TypeFor[wireSample]())
	if err != nil {
		t.Fatal(err)
	}
	if ref["$ref"] != "#/components/schemas/app.wireSample" {
		t.Fatalf("a struct with a name is not shared: %v", ref)
	}
	part := d.parts["app.wireSample"].(node)
	members := part["properties"].(node)
	written, err := json.Marshal(wireSample{ID: id.New[wireSample](morning), At: morning, Late: &morning, Raw: json.RawMessage(`{}`), Children: []wireSample{{Raw: json.RawMessage(`{}`)}}, unseen: "x"})
	if err != nil {
		t.Fatal(err)
	}
	var seen map[string]any
	if err := json.Unmarshal(written, &seen); err != nil {
		t.Fatal(err)
	}
	if a, b := slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(members)); !slices.Equal(a, b) {
		t.Errorf("the encoder writes %v, the schema says %v", a, b)
	}
	for name, want := range map[string]node{
		"id": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "date-time"}, "late": {"type": "string", "format": "date-time"},
		"raw": {"type": "object"}, "share": {"type": "number", "description": "from 0 to 1"}, "yes": {"type": "boolean"},
		"photo": {"type": "string", "contentEncoding": "base64"}, "counts": {"type": "object", "additionalProperties": node{"type": "integer"}},
		"children": {"type": "array", "items": node{"$ref": "#/components/schemas/app.wireSample"}}, "inside": {"type": "string"}, "any": {},
	} {
		if !reflect.DeepEqual(members[name], want) {
			t.Errorf("%s is described as %v, want %v", name, members[name], want)
		}
	}
	required := part["required"].([]string)
	for _, optional := range []string{"at", "late", "children"} {
		if slices.Contains(required, optional) {
			t.Errorf("%s may be left out, and is required", optional)
		}
	}
	if !slices.Contains(required, "id") || !slices.Contains(required, "inside") {
		t.Errorf("what is always written is not required: %v", required)
	}
	if _, err := d.schema(reflect.TypeFor[chan int]()); err == nil {
		t.Error("a channel was described")
	}
}

func TestAnOperationIsNamedAfterItsDoor(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/api/v1/cases": "getCases", "/api/v1/cases/{id}": "getCasesById", "/api/v1/missions/{id}/deliveries": "getMissionsByIdDeliveries", "/api/v1/openapi.json": "getOpenapiJson"} {
		if got := operationID(module.Door{Method: "GET", Path: path}); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func TestWhatCannotBeDoneIsToldAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	handler := h.Handler()
	for _, try := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/api/v1/cases", "", http.StatusUnauthorized},
		{"POST", "/api/v1/requests", `{"service":"crisis_help","answers":{}}`, http.StatusUnprocessableEntity},
		{"GET", "/api/v1/nothing", "", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(try.method, try.path, strings.NewReader(try.body)))
		d := json.NewDecoder(w.Body)
		d.DisallowUnknownFields()
		var p problemOut
		err := d.Decode(&p)
		if err != nil || w.Code != try.status || p.Status != try.status || p.Code == "" || p.Title == "" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s %s: %d %+v %v", try.method, try.path, w.Code, p, err)
		}
		if !slices.Contains(apiAnswers, w.Code) {
			t.Errorf("%d is not among the answers that the document tells", w.Code)
		}
		if try.status == http.StatusUnprocessableEntity && (len(p.Fields) == 0 || p.Fields[0].Field == "") {
			t.Errorf("nothing says which field is wrong: %+v", p)
		}
	}
}
