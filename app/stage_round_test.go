package app

import (
	"encoding/json"
	"net/url"
	"path"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// setRound puts what comes home from the field: phones, what was written down
// on them, and what waits for a person.
func (s *stage) setRound(d module.Door, c *doorCall, v *visitor) {
	if !strings.Contains(d.Path, "/round/") {
		return
	}
	last := path.Base(d.Path)
	switch {
	case d.Path == "/api/v1/round/devices":
		c.body = round.DeviceIn{ID: freshID(), Name: "le bleu", Password: anyPassword}
	case last == "pack":
		c.path += "?device=" + s.phone(s.own(v))
	case last == "records":
		mid, sid := s.mission(true)
		c.body = note{"device": s.phone(s.own(v)), "records": []note{{"id": freshID(), "kind": "not_reached", "body": note{"mission": mid, "stop": sid, "reason": "unsafe"}}}}
	case last == "cut" || last == "give-up":
		c.holes["id"] = s.phone(s.coordinator())
	case strings.HasSuffix(d.Path, "/conflicts/{id}") || last == "settle":
		c.holes["id"] = s.toldTwice()
		c.form = url.Values{"choice": {"theirs"}, "reason": {"other"}}
		c.body = note{"choice": "theirs", "reason": "other"}
	case strings.Contains(d.Path, "/cases/"):
		c.holes["id"] = s.owned().String()
	case strings.Contains(d.Path, "/visits/"):
		c.holes["id"] = s.visit()
	case strings.Contains(d.Path, "/photos/"):
		c.holes["id"] = freshID()
	}
}

// own is a visitor as their deeds have them; of nobody, the coordination.
func (s *stage) own(v *visitor) actor.Actor {
	if v.id.IsZero() || len(v.grants) == 0 {
		return s.coordinator()
	}
	by := actor.Actor{Account: v.id, Channel: "api"}
	for _, g := range v.grants {
		g.Recognised = true
		by.Grants = append(by.Grants, g)
	}
	return by
}

// phone is one that somebody has. It is put there without their password, which
// other doors change.
func (s *stage) phone(by actor.Actor) string {
	s.Helper()
	did := id.New[round.Device](morning)
	name := s.h.Vault.SealText(crypt.At("round_device.name", did.String()), "le bleu")
	s.must(s.h.DB.Write(s.Context(), func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO round_device (id, account, org, name, salt, state, made_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, 'active', ?6, ?6)`,
			did, by.Account, s.ours, name, crypt.NewSalt(), t.Now())
		return err
	}))
	return did.String()
}

// told is a record that the coordination's phone sent.
func (s *stage) told(kind string, body note) string {
	s.Helper()
	by := s.coordinator()
	all, err := json.Marshal([]note{{"id": freshID(), "kind": kind, "body": body}})
	s.must(err)
	did, err := id.Parse[round.Device](s.phone(by))
	s.must(err)
	out, err := s.h.Round.TakeInJSON(s.Context(), by, did, all)
	s.must(err)
	if out[0].State != round.ResultTaken && out[0].State != round.ResultConflict {
		s.Fatalf("%s: %+v", kind, out)
	}
	return out[0].ID
}

// toldTwice is a stop that waits for a person.
func (s *stage) toldTwice() string {
	mid, sid := s.mission(true)
	s.must(s.h.Field.NotReached(s.Context(), s.coordinator(), mid, sid, "unsafe"))
	return s.told("not_reached", note{"mission": mid, "stop": sid, "reason": "road_closed"})
}

func (s *stage) visit() string {
	mid, sid := s.mission(true)
	return s.told("visit", note{"mission": mid, "stop": sid, "answers": note{"home": "stands", "water": "tap"}})
}
