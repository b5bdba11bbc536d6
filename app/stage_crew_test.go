package app

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// setCrew puts volunteers, calls for them and shifts in front of their doors.
func (s *stage) setCrew(d module.Door, c *doorCall) {
	s.Helper()
	last := path.Base(d.Path)
	switch {
	case d.Path == "/volunteer/{id}/done":
		c.holes["id"] = s.volunteer(false).String()
	case about(d, "/volunteers"):
		c.holes["id"] = s.volunteer(last != "accept" && last != "decline").String()
		if last == "attestation" {
			c.holes["id"] = s.worked().String()
		}
		c.form = url.Values{"reason": {map[bool]string{true: "enough_people", false: "moved_away"}[last == "decline"]}, "vetting": {"reference"}, "why": {"call_them"}}
	case d.Path == "/calls-for-volunteers/new":
		from := s.h.DB.Now().Add(24 * time.Hour)
		c.form = url.Values{"id": {freshID()}, "org": {s.ours.String()}, "place.code": {s.douars[0]}, "wanted": {"4"}, "words_fr": {"Trier des couvertures"}, "meet_fr": {"Devant l’école"},
			"from": {from.Format("2006-01-02T15:04")}, "to": {from.Add(3 * time.Hour).Format("2006-01-02T15:04")}}
	case strings.HasSuffix(d.Path, "/{placing}/note"), strings.HasSuffix(d.Path, "/{placing}/confirm"):
		cid, pid := s.shift()
		c.holes["id"], c.holes["placing"] = cid.String(), pid.String()
		c.form = url.Values{"word": {"here"}, "hours": {"2:00"}, "reason": {"forgot_to_arrive"}}
	case about(d, "/calls-for-volunteers"):
		c.holes["id"] = s.volunteersWanted().String()
		c.form = url.Values{"volunteer": {s.volunteer(true).String()}, "why": {"shift"}}
	case about(d, "/wanted"):
		c.holes["id"] = s.volunteersWanted().String()
	case about(d, "/attestation"):
		a, _, err := s.h.Hands.Attest(s.Context(), actor.Actor{Channel: "web"}, hands.DeedAttest, s.worked())
		s.must(err)
		c.holes["code"] = a.Code
	}
}

// volunteer is somebody new who offers hours under the first organisation.
func (s *stage) volunteer(accepted bool) hands.VolunteerID {
	s.Helper()
	s.callers++
	v := hands.Volunteer{ID: id.New[hands.Volunteer](s.h.DB.Now()), Org: s.ours, Place: s.douars[0], Born: 1990, Lang: "fr", Languages: []string{"shi"}, Skills: []string{"cook"}, Hours: 1<<14 - 1}
	_, err := s.h.Hands.Register(s.Context(), actor.Actor{Channel: "web"}, v, hands.Person{Name: "Tuda", Phone: phone.Number(fmt.Sprintf("+21269%07d", s.callers))}, false)
	s.must(err)
	if accepted {
		s.must(s.h.Hands.Accept(s.Context(), s.coordinator(), v.ID))
	}
	return v.ID
}

// volunteersWanted is a call whose shift is under way.
func (s *stage) volunteersWanted() hands.CallID {
	s.Helper()
	now := s.h.DB.Now()
	c := hands.Call{ID: id.New[hands.Call](now), Org: s.ours, Place: s.douars[0], Wanted: 3, Words: hands.Words{FR: "Tri"}, Shift: hands.Shift{Meet: hands.Words{FR: "Tri"}, From: now.Add(-time.Hour), To: now.Add(3 * time.Hour)}}
	s.must(s.h.Hands.MakeCall(s.Context(), s.coordinator(), c))
	return c.ID
}

// shift is a call and somebody who has a place on it.
func (s *stage) shift() (cid hands.CallID, pid hands.PlacingID) {
	s.Helper()
	cid, pid, _ = s.placed()
	return cid, pid
}

func (s *stage) placed() (cid hands.CallID, pid hands.PlacingID, vid hands.VolunteerID) {
	s.Helper()
	cid, vid = s.volunteersWanted(), s.volunteer(true)
	s.must(s.h.Hands.Ask(s.Context(), s.coordinator(), cid, []hands.VolunteerID{vid}))
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		pid, err = db.One(t, func(r db.Row) (p hands.PlacingID, err error) { return p, r.Scan(&p) }, `SELECT id FROM hands_placing WHERE call = ?1 AND volunteer = ?2`, cid, vid)
		return err
	}))
	_, err := s.h.Hands.Answer(s.Context(), actor.Actor{Channel: "sms"}, pid, true)
	s.must(err)
	return cid, pid, vid
}

// worked is a volunteer of whom hours are confirmed.
func (s *stage) worked() hands.VolunteerID {
	s.Helper()
	_, pid, vid := s.placed()
	s.must(s.h.Hands.ConfirmHours(s.Context(), s.coordinator(), pid, 120, "forgot_to_arrive"))
	return vid
}
