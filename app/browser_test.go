package app

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// street is a house with its door open to this machine, and what people in
// front of it need to know.
type street struct {
	*testing.T
	h       *House
	site    string // http://127.0.0.1:port
	org     actor.OrganisationID
	chief   actor.AccountID // coordinates it
	team    field.TeamID
	secrets map[string]string // of the second factor, by login
	shots   int
}

const walkPassword = "seven lanterns, one well"

// newStreet opens the house as `twiza serve` does, in the night after an
// earthquake: a recognised association with a team near by, and the people who
// work here.
func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{T: t, h: openHouse(t, model.SQLite(t), clock.System{}), secrets: map[string]string{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	s.site = "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	var said bytes.Buffer
	go func() {
		over <- s.h.run(ctx, &env{getenv: func(string) string { return "" }, out: &said, err: &said}, listener, s.site+"/")
	}()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Errorf("the house does not close: %v", err)
		}
	})
	now := s.h.clock.Now()
	s.org = id.New[actor.Organisation](now)
	s.must(s.h.People.SeedOrganisation(ctx, people.Organisation{ID: s.org, Kind: people.Association, Receipt: "7/2020", Status: people.Recognised,
		Names: people.Names{AR: "جمعية النجمة", FR: "Association L’Étoile"}, Phone: "+212524001122"}))
	s.account("administrator", "Zineb Alaoui", actor.Grant{Role: actor.Administrator})
	s.account("dispatcher", "Touria Amrani", actor.Grant{Role: actor.Dispatcher, Territory: homeProvince})
	s.chief = s.account("coordinator", "Brahim Aït Lahcen", actor.Grant{Role: actor.Coordinator, Org: s.org})
	s.account("auditor", "Salma Idrissi", actor.Grant{Role: actor.Auditor})
	s.team = id.New[field.Team](now)
	s.must(s.h.Field.CreateTeam(ctx, s.coordinator(), field.Team{ID: s.team, Org: s.org, Names: field.Names{AR: "فريق أسني", FR: "Équipe Asni"},
		Skills: []string{"logistics"}, Languages: []string{"shi", "ary"}, People: 4, Base: s.commune().Code}))
	_, err = s.h.Cases.OpenCrisis(ctx, System("test"), s.h.Service.Crises()[0].Code, []string{homeProvince})
	s.must(err)
	return s
}

func (s *street) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *street) account(login, name string, grants ...actor.Grant) actor.AccountID {
	s.Helper()
	secret, _, err := crypt.NewTOTP(login, "Twiza")
	s.must(err)
	s.secrets[login] = secret
	aid, err := s.h.People.SeedAccount(s.Context(), login, name, walkPassword, secret, []string{"fr", "ary"}, grants)
	s.must(err)
	return aid
}

// coordinator acts for the association where no page is looked at.
func (s *street) coordinator() actor.Actor {
	return actor.Actor{Account: s.chief, Org: s.org, Channel: "web", Grants: []actor.Grant{{Role: actor.Coordinator, Org: s.org, Recognised: true}}}
}

// commune is the first of the province whose douars are known.
func (s *street) commune() *places.Place {
	for _, c := range s.h.Places.Children(homeProvince) {
		if len(s.h.Places.Children(c.Code)) > 2 {
			return c
		}
	}
	s.Fatal("no commune of the province has douars")
	return nil
}

// signIn is what somebody who works here does first.
func (s *street) signIn(b *testkit.Browser, lang, login string) {
	s.Helper()
	b.Open(s.site + "/" + lang + "/sign-in")
	code, err := crypt.TOTPCode(s.secrets[login], s.h.clock.Now())
	s.must(err)
	b.Fill("[name=login]", login)
	b.Fill("[name=password]", walkPassword)
	b.Fill("[name=code]", code)
	b.Submit(`form[action$="/sign-in"]`)
	if b.Count("[name=password]") > 0 {
		s.Fatalf("%s does not get in: %s", login, b.Text("main"))
	}
}

// look is what a passer-by sees at once: the page came, nothing sticks out of
// the window, one heading says what it is. With TWIZA_SHOTS=folder the page is
// also written there as a picture.
func (s *street) look(b *testkit.Browser, name string, widths ...int) {
	s.Helper()
	if b.Count("h1") != 1 {
		s.Errorf("%s at %s has %d headings", name, b.URL(), b.Count("h1"))
	}
	s.shots++
	for _, w := range widths {
		b.Size(w, heightOf(w))
		if over := b.Overflow(); over > 0 {
			s.Errorf("%s at %s is %d px wider than a window of %d", name, b.URL(), over, w)
		}
	}
	if dir := os.Getenv("TWIZA_SHOTS"); dir != "" {
		b.Shot(filepath.Join(dir, fmt.Sprintf("walk-%02d-%s.png", s.shots, name)))
	}
}

func heightOf(width int) int {
	if width < 600 {
		return 740
	}
	return 900
}

// onPhone and onDesk are the windows of those who ask and of those who answer;
// what is read last is the one they work in.
func (s *street) onPhone(b *testkit.Browser, name string) {
	s.Helper()
	s.look(b, name, 1440, 320, 360)
}
func (s *street) onDesk(b *testkit.Browser, name string) { s.Helper(); s.look(b, name, 320, 360, 1440) }

// plain is a number as people read it, without its spaces and isolation.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// helpCame carries a case to the question whether help came: claimed, loaded,
// driven there and handed over, with somebody who stood by.
func helpCame(t *testing.T, h *House, by actor.Actor, team field.TeamID, c cases.CaseID) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, now := t.Context(), h.clock.Now()
	must(h.Cases.Claim(ctx, by, c))
	var stop field.CaseID
	must(stop.UnmarshalText([]byte(c.String())))
	p := field.Plan{ID: id.New[field.Mission](now), Team: team, At: now, Cases: []field.CaseID{stop}}
	must(h.Field.Plan(ctx, by, p))
	must(h.Field.Load(ctx, by, p.ID, map[string]int{"water_5l": 3}))
	must(h.Field.Depart(ctx, by, p.ID))
	j, err := h.Field.Journey(ctx, p.ID)
	must(err)
	_, err = h.Field.Deliver(ctx, by, field.Handover{ID: id.New[field.Delivery](now), Mission: p.ID, Stop: j.Stops[0].ID,
		Goods: map[string]int{"water_5l": 3}, Proof: field.ByWitness, Witness: "Brahim", Relation: "elder"})
	must(err)
}

// eye is a browser that goes from one visit to the next.
type eye struct {
	*testkit.Browser
	t      *testing.T
	site   string
	cookie string
	looked int
}

func (e *eye) visit(v visit, lang string) {
	e.t.Helper()
	if e.cookie != v.cookie {
		do(e, network.ClearBrowserCookies, cdp.Empty{})
		if name, value, ok := strings.Cut(v.cookie, "="); ok {
			do(e, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: e.site})
		}
		e.cookie = v.cookie
	}
	e.Open(e.site + "/" + lang + v.path)
}

// do is a command for which the browser has no word.
func do[P, R any](e *eye, command cdp.Command[P, R], params P) {
	e.t.Helper()
	if _, err := chromedp.Call(e.Context(), command, params); err != nil {
		e.t.Fatal(err)
	}
}
