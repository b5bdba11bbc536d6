package app

import (
	"context"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
)

// silent is a gateway that refuses everything.
type silent struct{}

func (silent) Send(context.Context, channel.Outgoing) (channel.Sent, error) {
	return channel.Sent{}, channel.Wrong(channel.ErrRefused, "not_an_address")
}

const stageGateway = "5300-1" // a name without letters says no word on a page

// gateway is that one, once.
func (s *stage) gateway() *reach.Gateway {
	for _, g := range s.h.Reach.Gateways() {
		if g.Name == stageGateway {
			return g
		}
	}
	g := &reach.Gateway{Name: stageGateway, Kind: channel.SMS, Out: silent{}, Number: "5300", PerDay: 100, Simulated: true}
	s.must(s.h.Reach.Use(g))
	return g
}

// setReach puts what the doors of messages reach for.
func (s *stage) setReach(d module.Door, c *doorCall, v *visitor) {
	switch {
	case about(d, "/reach"):
		c.holes["gateway"] = "nowhere"
	case about(d, "/channels/pause"), about(d, "/channels/resume"):
		c.holes["gateway"] = s.gateway().Name
		by := System("test")
		if about(d, "/channels/resume") {
			s.must(s.h.Reach.Pause(s.Context(), by, stageGateway))
		} else {
			s.must(s.h.Reach.Resume(s.Context(), by, stageGateway))
		}
	case d.Path == "/channels/campaigns", about(d, "/channels/campaigns"):
		s.setCampaign(d, c, v)
	case about(d, "/channels/plan"):
		c.holes["place"] = homeProvince
		c.form.Set("network", string(reach.VoiceOnly))
	case d.Path == "/channels/heard":
		s.heardTooMuch()
		c.form.Set("aside", "flood")
	case strings.HasPrefix(d.Path, "/channels/unsent/"):
		c.form.Set("message", s.unsentAnswer())
	case about(d, "/calls"):
		taker := v
		if strings.HasSuffix(d.Path, "/take") || v.id.IsZero() {
			taker = nil
		}
		c.holes["id"] = s.wantsCall(taker)
	case about(d, "/notes"):
		c.holes["id"] = s.last(`SELECT id FROM reach_note WHERE subject = 'reach.call/` + s.wantsCall(nil) + `'`)
	case about(d, "/prompts"):
		c.holes["lang"], c.holes["name"] = "shi", "digit.4"
		s.must(s.h.Reach.Record(s.Context(), System("test"), "shi", "digit.4", aTone()))
	}
	switch d.Path {
	case "/calls/{id}/reveal":
		c.form.Set("reason", "call")
	case "/calls/{id}/finish":
		c.form.Set("result", "reached")
	}
}

// aTone is a tenth of a second of sound, in the smallest file that holds it.
func aTone() []byte {
	b := []byte("RIFF\x44\x06\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x20\x06\x00\x00")
	for i := range 800 {
		b = append(b, byte(i*31), byte(i%7)<<3)
	}
	return b
}

// writes is a message from a phone that nobody wrote from before.
func (s *stage) writes(text string, sound []byte) {
	name := freshID()
	in := channel.Incoming{ID: name, From: fmt.Sprintf("+21266%07d", crc32.ChecksumIEEE([]byte(name))%10_000_000), Text: text, Audio: sound, AudioType: "audio/wav"}
	s.must(s.h.Reach.Inbox(s.gateway()).Heard(s.Context(), in))
}

// last is the last of the identifiers that a question gives.
func (s *stage) last(q string) (text string) {
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) error {
		all, err := db.List(t, db.Text, q)
		if err == nil && len(all) == 0 {
			s.Fatalf("nothing is there: %s", q)
		}
		if err == nil {
			text = all[len(all)-1]
		}
		return err
	}))
	return text
}

func (s *stage) heardTooMuch() {
	s.writes("سلام", nil)
	s.must(s.h.DB.Write(s.Context(), func(t *db.Tx) error {
		_, err := t.Exec(`UPDATE reach_heard SET state = 'flood' WHERE state = 'waiting'`)
		return err
	}))
}

// unsentAnswer is an answer that the gateway refused.
func (s *stage) unsentAnswer() string {
	s.writes("سلام", nil)
	s.must(s.h.Reach.Read(s.Context()))
	s.must(s.h.Reach.Send(s.Context(), s.gateway()))
	return s.last(`SELECT id FROM reach_message WHERE state = 'failed' ORDER BY made_at, id`)
}

// wantsCall is somebody who waits for a call, with a voice note of theirs, and
// taken on by the visitor where the door asks for it.
func (s *stage) wantsCall(by *visitor) string {
	s.writes("", aTone())
	s.writes("call", nil)
	s.must(s.h.Reach.Read(s.Context()))
	note, wid := s.last(`SELECT id FROM reach_note WHERE subject = ''`), s.last(`SELECT id FROM reach_call WHERE state = 'waiting'`)
	s.must(s.h.DB.Write(s.Context(), func(t *db.Tx) error { return s.h.Reach.BindNotes(t, "reach.call/"+wid, []string{note}) }))
	if by != nil {
		cid, err := id.Parse[reach.Call](wid)
		s.must(err)
		caller := actor.Actor{Account: by.id, Grants: []actor.Grant{{Role: actor.Agent}}}
		s.must(s.h.Reach.TakeCall(s.Context(), caller, cid))
	}
	return wid
}
