package app

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

var phoneDoors = [][2]string{{"GET", "/fr/phones"}, {"GET", "/fr/phones/family"}, {"POST", "/fr/phones/family/dial"}}

func TestAPhoneIsPlayedOnlyWhereAllPhonesAreInvented(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	for _, d := range phoneDoors {
		if w := knock(h.Handler(), d[0], d[1], "", url.Values{}); w.Code != http.StatusNotFound {
			t.Errorf("%s %s answers %d in a house that serves people", d[0], d[1], w.Code)
		}
	}
	h = openHouse(t, model.SQLite(t), &clock.Held{At: morning}, func(c *Config) { c.Demo = true })
	p, err := h.openPhones(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, d := range phoneDoors {
		if w := knock(h.Handler(), d[0], d[1], "", url.Values{}); w.Code >= 400 {
			t.Errorf("%s %s answers %d in a demonstration", d[0], d[1], w.Code)
		}
	}
	for _, stranger := range []string{"212661234567", "212600123456", "33639980013", "nobody", "FAMILY"} {
		if w := knock(h.Handler(), "POST", "/fr/phones/"+stranger+"/text", "", url.Values{"text": {"x"}}); w.Code != http.StatusNotFound {
			t.Errorf("the phone %s answers %d, and nobody laid it there", stranger, w.Code)
		}
	}
	for _, path := range []string{"/", "/fr/", "/fr/phones", "/fr/queue", "/metrics", "/api/v1/openapi.json"} {
		if w := knock(p.door.Handler, "GET", path, "", nil); w.Code == http.StatusOK {
			t.Errorf("%s opens at the door of the networks", path)
		}
	}
}

func TestTheDevelopersPhonesAreOfItsOwnMachineOnly(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &devClock{}, developing)
	p, err := h.openPhones(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	handler := h.Handler()
	for _, d := range phoneDoors {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(d[0], "http://twiza.example"+d[1], nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s %s answers %d under a foreign name", d[0], d[1], w.Code)
		}
	}
	// The page waits for the networks, which call the house while it does.
	if w := knock(handler, "POST", "/fr/phones/family/dial", "", url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("dialling answers %d", w.Code)
	}
	if w := knock(handler, "GET", "/fr/phones/family", "", nil); !strings.Contains(w.Body.String(), "1 أحتاج مساعدة") {
		t.Error("the menu is not on the screen")
	}
}

// postman notes what it is given.
type postman struct{ took []string }

func (p *postman) Send(_ context.Context, m channel.Outgoing) (channel.Sent, error) {
	p.took = append(p.took, m.To)
	return channel.Sent{}, nil
}

func TestARealGatewayOfADemonstrationNeverWritesToThePeopleOfItsStory(t *testing.T) {
	t.Parallel()
	p := &postman{}
	g := spared{p}
	if _, err := g.Send(t.Context(), channel.Outgoing{To: story.PhoneRange + "004929"}); !errors.Is(err, channel.ErrRefused) {
		t.Errorf("an invented number was written to: %v", err)
	}
	if _, err := g.Send(t.Context(), channel.Outgoing{To: "+212661234567"}); err != nil || len(p.took) != 1 || g.SendsOnce() {
		t.Errorf("whoever tries it on got nothing: %v %v", err, p.took)
	}
}

func TestThePeopleOfTheStoryAreToldOnInventedPhonesAlone(t *testing.T) {
	t.Parallel()
	now := &devClock{}
	now.ahead.Store(int64(morning.Sub(clock.System{}.Now())))
	h := openHouse(t, model.SQLite(t), now, func(c *Config) { c.Demo = true })
	p, err := h.openPhones(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var said bytes.Buffer
	if err := h.demonstrate(t.Context(), &env{out: &said}, 120); err != nil {
		t.Fatal(err)
	}
	for _, g := range h.Reach.Gateways() {
		if g.Out != nil {
			if err := h.Reach.Send(t.Context(), g); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := p.letters.All()
	if len(all) < 20 {
		t.Errorf("only %d messages of the night arrived", len(all))
	}
	for _, a := range all {
		if !strings.HasPrefix(a.To, story.PhoneRange) {
			t.Error("a message went to a number that the story does not have")
		}
	}
	if w := knock(h.Handler(), "GET", "/ar/phones/"+strings.TrimPrefix(all[len(all)-1].To, "+"), "", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `id="last"`) {
		t.Errorf("the phone of somebody in the story answers %d", w.Code)
	}
}
