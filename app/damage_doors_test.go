package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// uploads sends a form with files in it, as a browser does.
func (s *stage) uploads(path, token string, fields map[string]string, files map[string][]byte) *httptest.ResponseRecorder {
	s.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, value := range fields {
		s.must(m.WriteField(name, value))
	}
	for name, body := range files {
		part, err := m.CreateFormFile(name, name+".geojson")
		s.must(err)
		_, err = part.Write(body)
		s.must(err)
	}
	s.must(m.Close())
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "session", Value: token})
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func (s *stage) visitorNamed(all []*visitor, name string) *visitor {
	s.Helper()
	for _, v := range all {
		if v.name == name {
			return v
		}
	}
	s.Fatalf("there is no %s", name)
	return nil
}

// whence is what somebody writes of a map that they bring.
var whence = map[string]string{"kind": "damage", "name": "Bâtiments", "source": "Copernicus", "licence": "attribution", "author": "Idder", "dated": "2023-09-13"}

func TestACrisisCellBringsAMapSeesWhatWasReadAndAcceptsIt(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	cell := s.visitorNamed(visitors, "crisis cell")
	p, _ := s.h.Places.Get(struck)
	var features []string
	for n := range 5 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"damage_gra":"Destroyed","owner":"Tilila"},"geometry":{"type":"Point","coordinates":[%f,%f]}}`, p.At.Lon+float64(n)*1e-4, p.At.Lat))
	}
	file := `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
	if w := s.uploads("/fr/damage/import", cell.token, map[string]string{"kind": "damage"}, map[string][]byte{"file": []byte(`{"type":"Feature"}`)}); w.Code != http.StatusUnprocessableEntity || strings.Count(w.Body.String(), `href="#f-`) != 6 {
		t.Fatalf("a bad file and an empty form: %d, %d things wrong", w.Code, strings.Count(w.Body.String(), `href="#f-`))
	}
	w := s.uploads("/fr/damage/import", cell.token, whence, map[string][]byte{"file": []byte(file)})
	at := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.Contains(at, "/damage/layers/") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if again := s.uploads("/fr/damage/import", cell.token, whence, map[string][]byte{"file": []byte(file)}); again.Header().Get("Location") != at {
		t.Errorf("the same file is at %s", again.Header().Get("Location"))
	}
	page := knock(s.handler, "GET", at, cell.token, nil).Body.String()
	if !strings.Contains(page, at+"/accept") || !strings.Contains(page, "<svg") || strings.Contains(page, "Tilila") {
		t.Errorf("the page before accepting is %s", page)
	}
	if list := knock(s.handler, "GET", "/fr/damage.csv", cell.token, nil).Body.String(); strings.Contains(list, struck) {
		t.Error("a draft counts")
	}
	if w := knock(s.handler, "POST", at+"/accept", cell.token, map[string][]string{"x": {"1"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("accepting answers %d", w.Code)
	}
	list := knock(s.handler, "GET", "/fr/damage.csv", cell.token, nil).Body.String()
	lines := strings.Split(list, "\r\n")
	if !strings.HasPrefix(lines[1], "#geo+code,#geo+name") || !strings.Contains(list, struck) || !strings.Contains(list, "Copernicus") {
		t.Errorf("the file is %s", list)
	}
	var doc struct {
		Type     string
		Features []struct {
			Properties map[string]string
			Geometry   struct{ Coordinates []float64 }
		}
	}
	if body := knock(s.handler, "GET", "/fr/damage.geojson?least=4", cell.token, nil).Body.Bytes(); json.Unmarshal(body, &doc) != nil || doc.Type != "FeatureCollection" || len(doc.Features) != 1 || doc.Features[0].Properties["level"] != "4" {
		t.Errorf("%s", body)
	}
	ranked := knock(s.handler, "GET", "/fr/damage", cell.token, nil).Body.String()
	if hosts := regexp.MustCompile(`(?:src|href|xlink:href)="(?:https?:)?//`).FindString(ranked); hosts != "" || !strings.Contains(ranked, "<svg") {
		t.Errorf("the map asks another host for %q", hosts)
	}
}

func TestAPairOfPicturesComesInByItsDoor(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	cell := s.visitorNamed(visitors, "crisis cell")
	var douar *places.Place
	for _, d := range s.h.Places.All(places.Douar) {
		if k, ok := s.h.Places.Commune(d.Code); ok && d.HasPoint && s.h.Places.Within(k.Code, homeProvince) {
			douar = d
		}
	}
	if douar == nil {
		testkit.Lacking(t, "no douar of the first province has a point")
	}
	picture := func(ruin bool) []byte {
		p, chance := image.NewGray(image.Rect(0, 0, 160, 160)), rand.New(rand.NewPCG(1, 2))
		for i := range p.Pix {
			p.Pix[i] = uint8(100 + chance.IntN(9))
			if x, y := i%160, i/160; ruin && x > 63 && x < 80 && y > 63 && y < 80 {
				p.Pix[i] = uint8(10 + chance.IntN(240))
			}
		}
		var b bytes.Buffer
		s.must(png.Encode(&b, p))
		return b.Bytes()
	}
	form := map[string]string{"west": fmt.Sprint(douar.At.Lon - .001), "east": fmt.Sprint(douar.At.Lon + .001), "south": fmt.Sprint(douar.At.Lat - .001), "north": fmt.Sprint(douar.At.Lat + .001)}
	for name, value := range whence {
		form[name] = value
	}
	w := s.uploads("/fr/damage/change", cell.token, form, map[string][]byte{"before": picture(false), "after": picture(true)})
	if w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), "/damage/layers/") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if page := knock(s.handler, "GET", w.Header().Get("Location"), cell.token, nil); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "/accept") {
		t.Errorf("what was found waits at %d", page.Code)
	}
	if w := s.uploads("/fr/damage/change", cell.token, form, map[string][]byte{"before": picture(false)}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("one picture alone answers %d", w.Code)
	}
}
