package room

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/module"
)

func (s *Service) doors() []module.Door {
	return []module.Door{
		module.Get("/queue/views", DeedViewSee, s.showViews),
		module.Post("/queue/views", DeedViewSave, s.saveForm),
		module.Get("/queue/views/{id}", DeedViewSee, s.openView),
		module.Post("/queue/views/{id}/rename", DeedViewRename, s.renameForm),
		module.Post("/queue/views/{id}/drop", DeedViewDrop, s.dropForm),
		module.Get("/queue/bulk", DeedBulkPrepare, s.chooseDoor),
		module.Post("/queue/bulk", DeedBulkPrepare, s.prepareForm),
		module.Get("/queue/bulk/{id}", DeedBulkPrepare, s.showBulk),
		module.Post("/queue/bulk/{id}/do", DeedBulkDo, s.doForm),
		module.Post("/queue/bulk/{id}/undo", DeedBulkUndo, s.undoForm),
		module.Get("/queue/print", DeedPrint, s.printList),
		module.Get("/handover", DeedNoteList, s.showNotes),
		module.Post("/handover", DeedNoteWrite, s.writeForm),
		module.Get("/handover/{id}", DeedNoteList, s.showNote),
		module.Post("/handover/{id}/read", DeedNoteRead, s.readForm),
		module.Post("/handover/{id}/sign", DeedNoteSign, s.signForm),
		module.Get("/week", DeedWeek, s.showWeek),
		module.Get("/follow", DeedFollow, s.followDoor),
		module.Get("/follow/{place}", DeedFollow, s.showFollow),
		module.Get("/follow/{place}/feed", DeedFollow, s.showFeed),
	}
}

// staff is the frame of a page of the room.
func staff(c *web.Ctx, f *ui.Frame, nav, title string) {
	f.Kind, f.Nav, f.Title = ui.Staff, nav, c.P.Text(title)
}

// named is the thing that an address names.
func named[T any](c *web.Ctx) (id.Of[T], error) {
	x, err := id.Parse[T](c.R.PathValue("id"))
	if err != nil {
		return x, fault.New(fault.Missing, "error.missing")
	}
	return x, nil
}
