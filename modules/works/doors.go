package works

import "github.com/twiza/twiza/shared/module"

func (s *Service) doors() []module.Door {
	photo := module.Post("/works/{id}/photos", DeedPhotoAdd, s.photoForm)
	photo.MaxBody = mostPhoto + 64<<10
	return []module.Door{
		module.Get("/works", DeedSee, s.showOrders),
		module.Get("/works/new", DeedPlan, s.newOrder),
		module.Post("/works/new", DeedPlan, s.planForm),
		module.Get("/works/{id}", DeedSee, s.seeOrder),
		module.Get("/works/{id}/paper", DeedSee, s.paper),
		module.Post("/works/{id}/begin", DeedBegin, s.step("works.order.begun", s.Begin)),
		module.Post("/works/{id}/stop", DeedStop, s.step("works.order.stopped_now", s.Stop)),
		module.Post("/works/{id}/finish", DeedFinish, s.step("works.order.finished", s.Finish)),
		module.Post("/works/{id}/cancel", DeedCancel, s.step("works.order.cancelled_now", s.Cancel)),
		module.Post("/works/{id}/apart", DeedSetApart, s.apartForm),
		photo,
		module.Post("/works/{id}/photos/{photo}/look", DeedPhotoLook, s.lookForm),
	}
}
