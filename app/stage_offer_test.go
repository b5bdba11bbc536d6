package app

import (
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/shared/module"
)

// setOffer puts on stage what somebody gives to the first organisation, what
// was chosen of it, and what that organisation calls for.
func (s *stage) setOffer(d module.Door, c *doorCall) {
	s.Helper()
	switch {
	case strings.HasPrefix(d.Path, "/offer/{kind}"):
		c.holes["kind"] = "goods"
	case d.Path == "/funnel/{call}", d.Path == "/offers/call/{call}/close":
		c.holes["call"] = s.calledFor()
	case d.Method == "POST" && d.Path == "/offers/call":
		c.form.Set("id", freshID())
		c.form.Set("thing", "blanket")
		c.form.Set("wanted", "40")
		c.form.Set("until", morning.AddDate(0, 0, 9).Format(time.DateOnly))
		c.form.Set("org", s.ours.String())
		c.form.Set("place.code", s.douars[0])
	case about(d, "/offers"):
		oid := s.offered()
		c.holes["id"] = oid.String()
		c.form.Set("match", freshID())
		c.form.Set("units", "2")
		c.form.Set("used", "1")
		c.form.Set("reason", "arrange")
		if strings.Contains(d.Path, "{match}") {
			c.holes["match"] = s.chosen(oid)
		}
	}
}

func (s *stage) offered() hands.OfferID {
	s.Helper()
	s.callers++
	o := hands.Offer{ID: id.New[hands.Offer](s.h.DB.Now()), Kind: hands.GivesGoods, Thing: "blanket", Units: 20, Who: "shop", Org: s.ours, Place: s.douars[0],
		Until: s.h.DB.Now().AddDate(0, 0, 9), Lang: "fr"}
	_, err := s.h.Hands.Give(s.Context(), o, hands.Private{Name: "Tuda", Phone: phone.Number(fmt.Sprintf("+21268%07d", s.callers))})
	s.must(err)
	return o.ID
}

func (s *stage) chosen(oid hands.OfferID) string {
	s.Helper()
	mid := id.New[hands.Match](s.h.DB.Now())
	s.must(s.h.Hands.Reserve(s.Context(), s.coordinator(), hands.Choice{ID: mid, Offer: oid, Org: s.ours, Units: 3}))
	return mid.String()
}

func (s *stage) calledFor() string {
	s.Helper()
	cid := id.New[hands.Call](s.h.DB.Now())
	s.must(s.h.Hands.CallFor(s.Context(), s.coordinator(), hands.Want{ID: cid, Org: s.ours, Kind: hands.GivesGoods, Thing: "blanket", Place: s.douars[0], Wanted: 50, Until: s.h.DB.Now().AddDate(0, 0, 9)}))
	return cid.String()
}
