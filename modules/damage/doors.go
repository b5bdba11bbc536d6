package damage

import (
	"context"
	"net/url"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// doors is every door: for staff the maps and what was told, for everybody the
// form and the list.
func (s *Service) doors() []module.Door { return append(s.layerDoors(), s.reportDoors()...) }

func (s *Service) layerDoors() []module.Door {
	step := func(do func(ctx context.Context, by actor.Actor, lid LayerID) error) func(*web.Ctx, actor.Actor, LayerID, url.Values) (string, error) {
		return func(c *web.Ctx, by actor.Actor, lid LayerID, _ url.Values) (string, error) {
			return "/damage/layers/" + lid.String(), do(c.Context(), by, lid)
		}
	}
	remap := func(c *web.Ctx, by actor.Actor, lid LayerID, v url.Values) (string, error) {
		return "/damage/layers/" + lid.String(), s.Remap(c.Context(), by, lid, v.Get("mapping"))
	}
	drop := func(c *web.Ctx, by actor.Actor, lid LayerID, _ url.Values) (string, error) {
		return "/damage/layers", s.Drop(c.Context(), by, lid)
	}
	upload := module.Post("/damage/import", DeedBring, s.importFile)
	upload.MaxBody = mostFile + 1<<20
	pair := module.Post("/damage/change", DeedBring, s.comparePair)
	pair.MaxBody = 2*mostPicture + 1<<20
	return []module.Door{
		module.Get("/damage", DeedList, s.showRanked),
		module.Get("/damage.csv", DeedList, s.rankedCSV),
		module.Get("/damage.geojson", DeedList, s.rankedGeoJSON),
		module.Get("/damage/import", DeedBring, s.importDoor),
		upload,
		module.Get("/damage/change", DeedBring, s.changeDoor),
		pair,
		module.Get("/damage/layers", DeedList, s.showLayers),
		module.Get("/damage/layers/{id}", DeedList, s.showLayer),
		module.Post("/damage/layers/{id}/map", DeedMap, s.onLayerForm("damage.layer.remapped", remap)),
		module.Post("/damage/layers/{id}/accept", DeedAccept, s.onLayerForm("damage.layer.accepted", step(s.Accept))),
		module.Post("/damage/layers/{id}/withdraw", DeedWithdraw, s.onLayerForm("damage.layer.taken_back", step(s.Withdraw))),
		module.Post("/damage/layers/{id}/restore", DeedRestore, s.onLayerForm("damage.layer.restored", step(s.Restore))),
		module.Post("/damage/layers/{id}/drop", DeedDrop, s.onLayerForm("damage.layer.dropped", drop)),
	}
}

func (s *Service) reportDoors() []module.Door {
	word := func(confirms bool) func(*web.Ctx, actor.Actor, ClaimID, url.Values) error {
		return func(c *web.Ctx, by actor.Actor, cid ClaimID, v url.Values) error {
			return s.SayWord(c.Context(), by, cid, confirms, v.Get("reason"))
		}
	}
	locate := func(c *web.Ctx, by actor.Actor, cid ClaimID, v url.Values) error {
		return s.Locate(c.Context(), by, cid, v.Get("place"))
	}
	aside := func(back bool) func(*web.Ctx, actor.Actor, ClaimID, url.Values) error {
		return func(c *web.Ctx, by actor.Actor, cid ClaimID, v url.Values) error {
			rid, err := reportOf(c)
			if err != nil {
				return err
			}
			reason := v.Get("reason")
			if !back && reason == "" {
				return fault.All{fault.New(fault.Invalid, "damage.claim.reason_missing").On("reason")}
			}
			if back {
				reason = ""
			}
			return s.SetAside(c.Context(), by, cid, rid, reason)
		}
	}
	hide := func(c *web.Ctx, by actor.Actor, cid ClaimID, _ url.Values) error {
		_, pid, err := s.photoID(c)
		if err != nil {
			return err
		}
		return s.Hide(c.Context(), by, cid, pid)
	}
	photo := module.Post("/report/{id}/photo", DeedPhotoAdd, s.sendPhoto)
	photo.MaxBody = mostPhoto + 64<<10
	return []module.Door{
		module.Get("/report", DeedTell, s.reportDoor),
		module.Get("/report/{id}/{step}", DeedTell, s.reportStep),
		photo,
		module.Post("/report/{id}/{step}", DeedTell, s.sendReport),
		module.Get("/reports", DeedPublic, s.publicReports),
		module.Get("/reports/pictures/{id}", DeedPublic, s.publicPhoto),
		module.Get("/damage/reports", DeedClaims, s.showClaims),
		module.Get("/damage/reports/{id}", DeedClaims, s.showClaim),
		module.Post("/damage/reports/{id}/confirm", DeedConfirm, s.onClaimForm("damage.claim.word_kept", word(true))),
		module.Post("/damage/reports/{id}/refute", DeedRefute, s.onClaimForm("damage.claim.word_kept", word(false))),
		module.Post("/damage/reports/{id}/locate", DeedLocate, s.onClaimForm("damage.claim.located", locate)),
		module.Post("/damage/reports/{id}/told/{report}/aside", DeedAside, s.onClaimForm("damage.claim.set_aside", aside(false))),
		module.Post("/damage/reports/{id}/told/{report}/back", DeedBack, s.onClaimForm("damage.claim.brought_back", aside(true))),
		module.Post("/damage/reports/{id}/told/{report}/reveal", DeedReveal, s.revealForm),
		module.Post("/damage/reports/{id}/photos/{photo}/look", DeedPhotoLook, s.lookForm),
		module.Post("/damage/reports/{id}/photos/{photo}/cover", DeedPhotoShow, s.coverForm),
		module.Post("/damage/reports/{id}/photos/{photo}/hide", DeedPhotoHide, s.onClaimForm("damage.photo.hidden_now", hide)),
	}
}
