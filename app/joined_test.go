package app

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/modules/talk"
	"github.com/twiza/twiza/modules/works"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// newMastsAt is a house behind masts in which people work.
func newMastsAt(t *testing.T, dsn string) (*masts, *stage) {
	t.Helper()
	m := newMasts(t, dsn)
	s := &stage{T: t, h: m.h}
	s.settle()
	return m, s
}

// A volunteer without data writes to the house; the team reads it, answers from a
// page, and the answer is a text on the volunteer's phone. Nobody reads a number.
func TestATextReachesTheChannelOfAMissionAndItsAnswerThePhone(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m, s := newMastsAt(t, dsn)
		mid, _ := s.mission(false)
		now := m.h.DB.Now()
		call := hands.Call{ID: id.New[hands.Call](now), Org: s.ours, Place: s.douars[0], Wanted: 1, Words: hands.Words{FR: "Tri"},
			Shift: hands.Shift{Mission: mid.String(), Meet: hands.Words{FR: "Au dépôt"}, From: now.Add(-time.Hour), To: now.Add(5 * time.Hour)}}
		s.must(m.h.Hands.MakeCall(t.Context(), s.coordinator(), call))
		vid := s.volunteer(true)
		theirs := fmt.Sprintf("+21269%07d", s.callers)
		s.must(m.h.Hands.Ask(t.Context(), s.coordinator(), call.ID, []hands.VolunteerID{vid}))
		m.work()
		m.text(theirs, "oui")

		m.wants(m.text(theirs, "equipe le pont est coupé, nous passons par le gué"), "équipe")
		var mission talk.MissionID
		s.must(mission.UnmarshalText([]byte(mid.String())))
		page := knock(m.h.Handler(), "GET", "/fr/talk/"+mid.String(), s.session(s.target), nil)
		if page.Code != 200 || !strings.Contains(page.Body.String(), "nous passons par le gué") {
			t.Fatalf("the team reads %d", page.Code)
		}
		for _, number := range []string{theirs, theirs[4:], "0" + theirs[4:]} {
			if strings.Contains(page.Body.String(), number) {
				t.Errorf("the page shows %s", number)
			}
		}
		was := len(m.net.On(theirs))
		s.must(m.h.Talk.Post(t.Context(), s.coordinator(), talk.Said{ID: id.New[talk.Message](m.h.DB.Now()), Mission: mission, Text: "Bien. Attendez au gué."}))
		m.work()
		if all := m.net.On(theirs); len(all) != was+1 || !strings.Contains(all[was].Text, "Attendez au gué") {
			t.Errorf("on their phone: %v", all[was:])
		}
		before := len(m.all())
		if m.text("+212600000190", "equipe medicale svp, ma mere est blessee"); len(m.all()) == before && len(m.net.On("+212600000190")) == 0 {
			t.Error("a stranger who begins with the same word was not heard")
		}
	})
}

// A family's request of today stops the machine that clears rubble beside them,
// and whoever leads the crew is told by text at once.
func TestARequestOfPeopleUnderRubbleStopsTheWorkBesideThem(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m, s := newMastsAt(t, dsn)
		commune := m.h.Places.Children(homeProvince)[0]
		at, _, ok := m.h.Places.Point(commune.Code)
		if !ok {
			t.Fatal("nobody knows where the commune is")
		}
		o := works.Order{ID: id.New[works.Order](m.h.DB.Now()), Org: s.ours, Place: commune.Code, HasPoint: true, At: at, Volume: 120, Dangers: []string{"gas"}, Lang: "fr"}
		const crew = "+212600000180"
		s.must(m.h.Works.Plan(t.Context(), s.coordinator(), o, crew))
		var picture bytes.Buffer
		s.must(jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
		s.must(m.h.Works.AddPhoto(t.Context(), s.coordinator(), o.ID, works.Before, picture.Bytes()))
		s.must(m.h.Works.Begin(t.Context(), s.coordinator(), o.ID))
		state := func() *works.Order {
			t.Helper()
			now, err := m.h.Works.Order(t.Context(), o.ID)
			s.must(err)
			return now
		}
		s.ask(nil) // food, elsewhere
		m.work()
		if now := state(); now.State != works.Working {
			t.Fatalf("another need made it %s", now.State)
		}
		near := at
		near.Lat += 0.001 // some hundred metres
		cid := s.ask(forms.Answers{"need": []string{"rescue"}, "where": forms.Place{Code: commune.Code, Lat: near.Lat, Lon: near.Lon, HasPoint: true}})
		m.work()
		if now := state(); now.State != works.Stopped || now.StoppedFor != cid.String() {
			t.Errorf("it is %s for %q", now.State, now.StoppedFor)
		}
		if all := m.net.On(crew); len(all) != 1 {
			t.Errorf("whoever leads was told %v", all)
		}
		if err := m.h.Works.Begin(t.Context(), s.coordinator(), o.ID); err == nil {
			t.Error("work begins again while somebody may be under it")
		}
		desk := actor.Actor{Account: s.target, Channel: "web", Grants: []actor.Grant{{Role: actor.CrisisCell}}}
		s.must(m.h.Works.SetApart(t.Context(), desk, o.ID, cid.String(), "searched"))
		s.must(m.h.Works.Begin(t.Context(), s.coordinator(), o.ID))
	})
}
