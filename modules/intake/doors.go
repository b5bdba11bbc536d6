package intake

import (
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/shared/module"
)

func (s *Service) doors() []module.Door {
	up := module.Post("/import", DeedTake, s.upload)
	up.MaxBody = source.MaxFile
	return []module.Door{
		module.Get("/import", DeedTake, s.fileDoor), up,
		module.Get("/import/{id}", DeedTake, s.preview),
		module.Post("/import/{id}", DeedTake, s.confirmFile),
		module.Post("/import/{id}/back", DeedTakeBack, s.takeBack),
		module.Get("/import/{id}/errors.csv", DeedTakeRows, s.fileErrors),
		module.Get("/triage", DeedRead, s.triageDoor),
		module.Get("/triage/next", DeedRead, s.nextDoor),
		module.Post("/triage/undo", DeedUndo, s.undoDoor),
		module.Get("/triage/{id}", DeedRead, s.candidateDoor),
		module.Post("/triage/{id}", DeedConfirm, s.decideDoor),
		module.Post("/triage/{id}/again", DeedUndo, s.againDoor),
	}
}
