package app

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"net/url"
	"path"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// setDamage puts maps of damage, and what citizens told.
func (s *stage) setDamage(d module.Door, c *doorCall) {
	last := path.Base(d.Path)
	switch {
	case about(d, "/damage/layers"):
		state := damage.Draft
		switch last {
		case "withdraw", "{id}":
			state = damage.Live
		case "restore":
			state = damage.Withdrawn
		}
		c.holes["id"] = s.damageLayer(state).String()
		c.form.Set("mapping", "unosat")
	case about(d, "/damage/reports"):
		r, pid := s.reportedDamage(last == "back", last == "hide")
		c.holes = map[string]string{"id": r.Claim.String(), "report": r.ID.String(), "photo": pid}
		switch last {
		case "confirm":
			c.form.Set("reason", "seen")
		case "refute":
			c.form.Set("reason", "over")
		case "aside":
			c.form.Set("reason", "abuse")
		case "locate":
			c.form.Set("place", s.douars[(s.callers+1)%len(s.douars)])
		case "cover":
			c.form = url.Values{"square": {"3"}, "sure": {"yes"}}
		}
	case about(d, "/report"):
		c.holes = map[string]string{"id": freshID(), "step": "all"}
		if d.Method == "POST" {
			c.holes["step"] = "send"
			c.form = url.Values{"what": {"road"}, "place.code": {s.douars[0]}}
		}
	case about(d, "/reports/pictures"):
		_, c.holes["id"] = s.reportedDamage(false, true)
	}
}

// damageLayer is a map of one ruin, another each time.
func (s *stage) damageLayer(state damage.State) damage.LayerID {
	s.Helper()
	s.callers++
	by := actor.Actor{System: "stage"}
	p, _ := s.h.Places.Get("07.041.07.05")
	file := fmt.Sprintf("lat,lon,damage\n%f,%f,Destroyed\n", p.At.Lat+float64(s.callers)*1e-6, p.At.Lon)
	all, err := damage.Read([]byte(file), map[string]bool{"damage": true})
	s.must(err)
	lid, _, err := s.h.Damage.Bring(s.Context(), by, damage.Layer{Kind: damage.Damage, Name: "Bâtiments", Source: "Copernicus", Licence: "attribution", Author: "Idder", Dated: "2023-09-13"}, []byte(file), all)
	s.must(err)
	if state != damage.Draft {
		s.must(s.h.Damage.Accept(s.Context(), by, lid))
	}
	if state == damage.Withdrawn {
		s.must(s.h.Damage.Withdraw(s.Context(), by, lid))
	}
	return lid
}

// reportedDamage is a report with a picture; set aside, or its picture public, where that
// is what a door undoes.
func (s *stage) reportedDamage(aside, public bool) (r damage.Report, photo string) {
	s.Helper()
	s.callers++
	by := actor.Actor{System: "stage"}
	r, err := s.h.Damage.Tell(s.Context(), actor.Actor{Channel: "web"}, damage.Report{ID: id.New[damage.Report](morning), What: damage.Whats[s.callers%len(damage.Whats)], Place: s.douars[s.callers%len(s.douars)], Lang: "fr"},
		damage.Private{Words: "the bridge is gone", Phone: "+212661000009"})
	s.must(err)
	var b bytes.Buffer
	s.must(jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 48, 36)), nil))
	s.must(s.h.Damage.AddPhoto(s.Context(), by, r.ID, b.Bytes()))
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		photo, err = db.One(t, db.Text, `SELECT id FROM damage_photo WHERE report = ?1`, r.ID)
		return err
	}))
	if public {
		pid, err := id.Parse[damage.Photo](photo)
		s.must(err)
		s.must(s.h.Damage.Show(s.Context(), by, r.Claim, pid, []int{1}))
	}
	if aside {
		s.must(s.h.Damage.SetAside(s.Context(), by, r.Claim, r.ID, "abuse"))
	}
	return r, strings.TrimSpace(photo)
}
