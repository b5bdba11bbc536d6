package app

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
)

// A shop gives baskets: it is proposed with its reasons, a person chooses, a
// caravan takes them along, a family gets some and says so, and the funnel
// counts each step.
func TestAGiftIsChosenLoadedDeliveredAndConfirmed(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	s.gateway()
	i := slices.IndexFunc(visitors, func(v *visitor) bool { return v.name == "coordinator" })
	coordinator := visitors[i]
	c := s.owned()
	o := hands.Offer{ID: id.New[hands.Offer](morning), Kind: hands.GivesGoods, Thing: "food_basket", Units: 10, Who: "shop", Org: s.ours, Place: s.douars[0], Until: morning.AddDate(0, 0, 9), Lang: "fr"}
	made, err := s.h.Hands.Give(t.Context(), o, hands.Private{Name: "Tuda", Phone: phone.Number("+212681112233")})
	s.must(err)
	page := knock(s.handler, "GET", "/fr/offers/"+o.ID.String(), coordinator.token, nil).Body.String()
	for _, want := range []string{`value="case/` + c.String(), "Répond à", "Nourriture", "Assez pour"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the offer does not say %q", want)
		}
	}
	if strings.Contains(page, "Tuda") || strings.Contains(page, "Aicha") {
		t.Error("the page names somebody")
	}
	s.must(s.h.Hands.Reserve(t.Context(), s.coordinator(), hands.Choice{ID: id.New[hands.Match](morning), Offer: o.ID, Need: "case/" + c.String(), Units: 1}))
	if n := s.count(`SELECT COUNT(*) FROM reach_message WHERE kind = 'notice' AND subject = ?1`, "hands.offer/"+o.ID.String()); n != 1 {
		t.Errorf("the giver was told %d times", n)
	}

	var cid field.CaseID
	s.must(cid.UnmarshalText([]byte(c.String())))
	p := field.Plan{ID: id.New[field.Mission](morning), Team: s.team(), At: morning, Cases: []field.CaseID{cid}}
	s.must(s.h.Field.Plan(t.Context(), s.coordinator(), p))
	s.must(s.h.Field.LoadGift(t.Context(), s.coordinator(), p.ID, o.ID.String(), 4))
	s.must(s.h.Field.Depart(t.Context(), s.coordinator(), p.ID))
	j, err := s.h.Field.Journey(t.Context(), p.ID)
	s.must(err)
	_, err = s.h.Field.Deliver(t.Context(), s.coordinator(), field.Handover{ID: id.New[field.Delivery](morning), Mission: p.ID, Stop: j.Stops[0].ID, Goods: map[string]int{"food_basket": 3},
		Proof: field.ByWitness, Witness: "Lahcen", Relation: "neighbour"})
	s.must(err)
	s.drain()
	s.h.clock.(interface{ Advance(time.Duration) }).Advance(time.Minute)
	s.must(s.h.Cases.Confirm(t.Context(), System("test"), cases.DeedConfirm, c, cases.Yes))
	s.drain()
	s.must(s.h.Field.Return(t.Context(), s.coordinator(), p.ID, map[string]int{"food_basket": 1}))
	s.must(s.h.Field.Close(t.Context(), s.coordinator(), p.ID))
	s.drain()

	body := knock(s.handler, "GET", "/fr/funnel.csv", coordinator.token, nil).Body.String()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	s.must(err)
	if want := []string{"", "goods", "food_basket", "", "", "0", "0", "10", "4", "3", "3"}; len(rows) != 2 || !slices.Equal(rows[1][:11], want) {
		t.Errorf("the funnel is %v", rows)
	}
	mine := knock(s.handler, "POST", "/fr/offer/mine", "", map[string][]string{"number": {made.Receipt.String()}, "word": {"2233"}})
	if mine.Code != 303 {
		t.Errorf("the giver's own page answers %d", mine.Code)
	}
}

// A mission that is given up puts back what it had taken.
func TestAMissionThatNeverSetOutGivesItsGiftsBack(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t)
	oid := s.offered()
	mid, _ := s.mission(false)
	left := func() (n int) {
		s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) error {
			all, err := s.h.Hands.Promised(tx, s.ours)
			for _, g := range all {
				n += g.Units
			}
			return err
		}))
		return n
	}
	s.must(s.h.Field.LoadGift(t.Context(), s.coordinator(), mid, oid.String(), 12))
	if n := left(); n != 8 {
		t.Errorf("%d are left", n)
	}
	s.must(s.h.Field.Cancel(t.Context(), s.coordinator(), mid))
	if n := left(); n != 20 {
		t.Errorf("given up, %d are left", n)
	}
}

func TestWhatThePacksSayOfGoodsIsWhatTheServicesKnow(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t)
	for _, country := range []string{"ma", "tamurt"} {
		rules, err := hands.ReadOfferRules(packs.FS, country)
		s.must(err)
		known := map[string]bool{}
		for _, g := range (offerGoods{s.h}).Goods() {
			known[g.Code] = true
		}
		for _, g := range rules.Goods {
			if !known[g.Good] {
				t.Errorf("%s: no service knows %s", country, g.Good)
			}
			delete(known, g.Good)
			for _, d := range s.h.Service.All() {
				if q := d.Form.Question(d.Bind.Need); q != nil && q.List != nil && d.Code == "crisis_help" &&
					!s.h.Site.Cat.Has("service."+d.Code+".choice."+q.List.Name+"."+g.Need) {
					t.Errorf("%s: nobody can need %s", country, g.Need)
				}
			}
		}
		for left := range known {
			t.Errorf("%s does not say what %s is for", country, left)
		}
	}
}

// drain lets the house hear what was done.
func (s *stage) drain() {
	s.Helper()
	_, err := s.h.Jobs.Drain(s.Context())
	s.must(err)
}

func (s *stage) count(q string, args ...any) (n int64) {
	s.Helper()
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) { n, err = db.One(t, db.Int, q, args...); return err }))
	return n
}
