package round

import (
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{
	DeedApp, DeedDeviceList, DeedDeviceEnrol, DeedDeviceCut, DeedDeviceGive, DeedPack, DeedTake, DeedVisit, DeedSettle, DeedConflictList,
	DeedPhotoKeep, DeedPhotoLook, DeedRescue, DeedVisitList, DeedVisitRead, DeedDrop,
}

func (s *Service) doors() []module.Door {
	const records, photos = 2 << 20, 1 << 20
	return append(s.pages(), []module.Door{
		{API: true, Method: "POST", Path: "/api/v1/round/devices", Deed: DeedDeviceEnrol, In: DeviceIn{}, Out: DeviceOut{}, Handle: s.apiEnrol},
		{API: true, Method: "GET", Path: "/api/v1/round/pack", Deed: DeedPack, Out: Pack{}, Handle: s.apiPack, Refused: s.refused},
		{API: true, Method: "POST", Path: "/api/v1/round/records", Deed: DeedTake, MaxBody: records, In: RecordsIn{}, Out: RecordsOut{}, Handle: s.apiRecords, Refused: s.refused},
		{API: true, Method: "POST", Path: "/api/v1/round/records/{id}/settle", Deed: DeedSettle, In: SettleIn{}, Out: ResultOut{}, Handle: s.apiSettle, Refused: s.refused},
		{API: true, Method: "POST", Path: "/api/v1/round/photos", Deed: DeedPhotoKeep, Handle: s.apiPhotoBegin, Refused: s.refused},
		{API: true, Method: "HEAD", Path: "/api/v1/round/photos/{id}", Deed: DeedPhotoKeep, Handle: s.apiPhotoHead, Refused: s.refused},
		{API: true, Method: "PATCH", Path: "/api/v1/round/photos/{id}", Deed: DeedPhotoKeep, MaxBody: photos, Handle: s.apiPhotoPart, Refused: s.refused},
		{API: true, Method: "POST", Path: "/api/v1/round/rescue", Deed: DeedRescue, MaxBody: mostRescue + 64<<10, Out: RecordsOut{}, Handle: s.apiRescue},
	}...)
}
