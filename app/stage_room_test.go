package app

import (
	"path"
	"strings"

	"github.com/twiza/twiza/modules/room"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// setRoom keeps a view, chooses requests and leaves a note: each is somebody's own,
// and belongs to the visitor where they may have one.
func (s *stage) setRoom(d module.Door, c *doorCall, v *visitor) {
	last := path.Base(d.Path)
	switch {
	case d.Path == "/queue/views" && d.Method == "POST":
		c.form.Set("name", "Night "+freshID()[24:30])
		c.form.Set("filter", "level=1")
	case about(d, "/queue/views"):
		s.callers++
		vid, err := s.h.Room.SaveView(s.Context(), s.roomMate(v, room.DeedViewSave.Roles), "View "+string(rune('a'+s.callers%26))+string(rune('a'+s.callers/26%26)), "level=1", room.Own)
		s.must(err)
		c.holes["id"] = vid.String()
		c.form.Set("name", "Renamed "+string(rune('a'+s.callers%26))+string(rune('a'+s.callers/26%26)))
	case d.Path == "/queue/bulk" && d.Method == "POST":
		c.form["case"] = []string{s.ask(nil).String()}
		c.form.Set("act", "visit")
		c.form.Set("sector", s.sector())
	case about(d, "/queue/bulk"):
		by := s.roomMate(v, room.DeedBulkPrepare.Roles)
		b, err := s.h.Room.Prepare(s.Context(), by, room.What{Act: "release"}, []string{s.owned().String()})
		s.must(err)
		if last == "undo" {
			s.must(s.h.Room.Do(s.Context(), by, b))
		}
		c.holes["id"] = b.String()
	case d.Path == "/handover" && d.Method == "POST":
		s.clearDesks()
		c.form.Set("desk", room.Desk{}.Slot())
		c.form.Set("hours", "8")
	case about(d, "/handover"):
		c.holes["id"] = s.handedOver(v, last == "sign").String()
	case about(d, "/follow"):
		c.holes["place"] = homeProvince
	}
}

// roomMate is the visitor where they may do such a thing, else a dispatcher.
func (s *stage) roomMate(v *visitor, roles []actor.Role) actor.Actor {
	by := actor.Actor{Account: v.id, Channel: "web"}
	for _, g := range v.grants {
		g.Recognised = v.name != "suspended organisation"
		by.Grants = append(by.Grants, g)
	}
	able := false
	for _, g := range by.Grants {
		for _, r := range roles {
			able = able || g.Role == r && (!r.ForOrganisation() || g.Recognised)
		}
	}
	if !able || by.Account.IsZero() || strings.HasPrefix(v.name, "wrong") { // to them it is somebody else's
		return actor.Actor{Account: s.dispatcher(), Channel: "web", Grants: []actor.Grant{{Role: actor.Dispatcher}}}
	}
	return by
}

// handedOver is a note at the visitor's desk that waits to be read; once read, by
// them.
func (s *stage) handedOver(v *visitor, read bool) room.NoteID {
	s.Helper()
	by := s.roomMate(v, room.DeedNoteWrite.Roles)
	writer := by
	writer.Account = s.target
	desk := room.Desk{Area: by.Grants[0].Territory, Org: by.Grants[0].Org}
	for _, g := range by.Grants {
		if g.Role != actor.Volunteer && g.Role != actor.Leader && g.Role != actor.Safeguarding && g.Role != actor.Auditor && g.Role != actor.Administrator {
			desk = room.Desk{Area: g.Territory, Org: g.Org}
			break
		}
	}
	s.clearDesks()
	nid, err := s.h.Room.WriteNote(s.Context(), writer, desk.Slot(), "x", 8)
	s.must(err)
	if read {
		_, _, err := s.h.Room.ReadNote(s.Context(), by, nid)
		s.must(err)
	}
	return nid
}

// clearDesks takes away the notes of the visitors before: at each desk one waits.
func (s *stage) clearDesks() {
	s.Helper()
	s.must(s.h.DB.Write(s.Context(), func(t *db.Tx) error {
		if _, err := t.Exec(`DELETE FROM room_note_read`); err != nil {
			return err
		}
		_, err := t.Exec(`DELETE FROM room_note`)
		return err
	}))
}
