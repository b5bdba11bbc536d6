package round

import (
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// byItself is the house, when nobody asked it to.
var byItself = actor.Actor{System: "round"}

var (
	DeedConflictList = deed.Deed{Name: "round.conflict.list", Roles: afield}
	DeedVisitList    = deed.Deed{Name: "round.visit.list", Roles: DeedPhotoLook.Roles}
	DeedVisitRead    = deed.Deed{Name: "round.visit.read", Roles: DeedPhotoLook.Roles}
)

// pages is every door of round's pages.
func (s *Service) pages() []module.Door {
	return []module.Door{
		module.Get("/round", DeedApp, s.showApp),
		{API: true, Method: "GET", Path: "/manifest.webmanifest", Deed: DeedApp, Handle: s.appManifest},
		module.Get("/round/devices", DeedDeviceList, s.showDevices),
		module.Post("/round/devices/{id}/cut", DeedDeviceCut, s.cutForm(s.CutOff)),
		module.Post("/round/devices/{id}/give-up", DeedDeviceGive, s.cutForm(s.GiveUp)),
		module.Get("/round/conflicts", DeedConflictList, s.showConflicts),
		module.Post("/round/conflicts/{id}", DeedSettle, s.settleForm),
		module.Get("/round/rescue", DeedRescue, s.showRescue),
		{Method: "POST", Path: "/round/rescue", Deed: DeedRescue, MaxBody: mostRescue + 64<<10, Handle: s.rescueForm},
		module.Get("/round/cases/{id}", DeedVisitList, s.showCase),
		module.Get("/round/visits/{id}", DeedVisitRead, s.showVisit),
		module.Get("/round/photos/{id}", DeedPhotoLook, s.showPhoto),
	}
}
