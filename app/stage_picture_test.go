package app

import (
	"strings"

	"github.com/twiza/twiza/modules/picture"
	"github.com/twiza/twiza/shared/module"
)

// setPicture puts on stage what the doors of shelters are about.
func (s *stage) setPicture(d module.Door, c *doorCall) {
	if !strings.HasPrefix(d.Path, "/shelters") || d.Method == "GET" {
		return
	}
	if strings.HasSuffix(d.Path, "/close") {
		sid, err := s.h.Picture.OpenShelter(s.Context(), System("test"), picture.Shelter{Name: "Salle couverte", Place: s.douars[0], Capacity: 40})
		s.must(err)
		c.holes["id"] = sid.String()
		return
	}
	c.form.Set("name", "Salle couverte")
	c.form.Set("place", s.douars[0])
	c.form.Set("capacity", "40")
}
