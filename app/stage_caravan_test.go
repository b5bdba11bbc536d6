package app

import (
	"net/url"
	"path"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/module"
)

// setCaravan sets the doors of caravans, roads and places that nobody goes to.
func (s *stage) setCaravan(d module.Door, c *doorCall) {
	commune, ok := s.h.Places.Commune(s.douars[0])
	if !ok {
		s.Fatal("a douar lies in a commune")
	}
	switch {
	case strings.Contains(d.Path, "/caravan/vehicles/"):
		mid, err := id.Parse[field.Mission](c.holes["id"])
		s.must(err)
		v := field.Drive{Vehicle: field.Vehicle{ID: id.New[field.Vehicle](s.h.clock.Now()), Mission: mid, Kind: "lorry"}}
		s.must(s.h.Field.AddVehicle(s.Context(), s.coordinator(), v))
		c.holes["vehicle"] = v.ID.String()
	case path.Base(d.Path) == "vehicles":
		c.form = url.Values{"vehicle": {freshID()}, "kind": {"4x4"}, "plate": {"12 A 26"}}
	case path.Base(d.Path) == "permit":
		c.form = url.Values{"permit": {"asked"}, "authority": {"Province"}}
	case d.Path == "/roads/new":
		c.form = url.Values{"id": {freshID()}, "base": {"x"}, "base_was": {"x"}, "base_code": {commune.Code}, "state": {"rough"}, "source": {"seen"}}
	case about(d, "/roads"):
		c.holes["place"] = commune.Code
	case about(d, "/gaps"):
		s.ask(forms.Answers{"where": forms.Place{Code: s.douars[0]}})
		c.holes["place"] = commune.Code
	}
}
