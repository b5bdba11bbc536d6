package hands

import (
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// offersPart adds what offers bring to the manifest.
func (s *Service) offersPart(m *module.Manifest) {
	m.Say = s.Say
	m.Deeds = append(m.Deeds, offerDeeds...)
	m.Doors = append(m.Doors, s.offerDoors()...)
	m.Gallery = append(m.Gallery, offerExamples()...)
	m.Checks = append(m.Checks, offerChecks()...)
	m.Sealed = append(m.Sealed, crypt.Column{Table: "hands_offer", Column: "private"})
	m.Chores = append(m.Chores, module.Chore{Name: "hands.offers", Every: 5 * time.Minute, Do: s.MindOffers})
	m.Hears = append(m.Hears,
		module.Hearing{Word: "field.delivery.record", Do: s.arrived},
		module.Hearing{Word: "field.mission.close", Do: s.accounted},
		module.Hearing{Word: "cases.case.confirm", Do: s.told},
		module.Hearing{Word: "cases.case.confirm_for", Do: s.told})
}

var offerDeeds = []deed.Deed{
	DeedOfferMake, DeedOfferMine, DeedOfferChange, DeedOfferWithdraw, DeedOfferForget,
	DeedOfferSee, DeedOfferReveal, DeedOfferThank, DeedOfferOverdue, DeedOfferRemind, DeedOfferExpire,
	DeedOfferLoad, DeedOfferUnload, DeedOfferArrive, DeedOfferAccount,
	DeedReserve, DeedRelease, DeedUse, DeedWantMake, DeedWantClose, DeedFunnelRead,
}

func (s *Service) offerDoors() []module.Door {
	return []module.Door{
		module.Get("/offer", DeedOfferMake, s.offerDoor),
		module.Get("/offer/mine", DeedOfferMine, s.offerMineDoor),
		module.Post("/offer/mine", DeedOfferMine, s.openOffer),
		module.Get("/offer/mine/open", DeedOfferMine, s.offerMine),
		module.Post("/offer/mine/change", DeedOfferChange, s.changeMine),
		module.Post("/offer/mine/prolong", DeedOfferChange, s.prolongMine),
		module.Post("/offer/mine/withdraw", DeedOfferWithdraw, s.withdrawMine),
		module.Post("/offer/mine/forget", DeedOfferForget, s.forgetMine),
		module.Post("/offer/mine/close", DeedOfferMine, s.closeMine),
		module.Get("/offer/{kind}", DeedOfferMake, s.offerForm),
		module.Post("/offer/{kind}", DeedOfferMake, s.sendOffer),

		module.Get("/offers", DeedOfferSee, s.showOffers),
		module.Get("/offers/call", DeedWantMake, s.newWant),
		module.Post("/offers/call", DeedWantMake, s.makeWant),
		module.Post("/offers/call/{call}/close", DeedWantClose, s.closeWantForm),
		module.Get("/offers/{id}", DeedOfferSee, s.seeOffer),
		module.Post("/offers/{id}/reserve", DeedReserve, s.reserveForm),
		module.Post("/offers/{id}/thank", DeedOfferThank, s.thankForm),
		module.Post("/offers/{id}/reveal", DeedOfferReveal, s.revealOfferForm),
		module.Post("/offers/{id}/matches/{match}/release", DeedRelease, s.releaseForm),
		module.Post("/offers/{id}/matches/{match}/use", DeedUse, s.useForm),

		module.Get("/funnel", DeedFunnelRead, s.showFunnel),
		module.Get("/funnel.csv", DeedFunnelRead, s.funnelCSV),
		module.Get("/funnel/{call}", DeedFunnelRead, s.showFunnel),
	}
}
