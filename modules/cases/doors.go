package cases

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Manifest is cases as the house sees it.
func (o *Office) Manifest() module.Manifest {
	return module.Manifest{
		Name: "cases", Files: Files, Say: o.Say, Gallery: gallery(), Checks: o.checks(),
		Doors: append(append(append(append(o.openDoors(), o.caseDoors()...), o.taskDoors()...), o.deskDoors()...), o.apiDoors()...),
		Deeds: append([]deed.Deed{DeedAsk, DeedTakeDown, DeedSee, DeedContact, DeedClaim, DeedRelease, DeedExpire, DeedAssign, DeedDepart, DeedDeliver, DeedTurnBack,
			DeedConfirm, DeedConfirmFor, DeedSilence, DeedRefuse, DeedRedirect, DeedReopen, DeedReopenFor,
			DeedReveal, DeedLocate, DeedUrgency, DeedUnderstand, DeedWeigh, DeedErase, DeedPath, DeedRate, DeedCheckCode, DeedTrack, DeedRead, DeedDraft, DeedImport, DeedTakeBack,
			DeedComplain, DeedComplaintSee, DeedComplaintAnswer, DeedConcernOpen, DeedConcernList, DeedConcernRead, DeedConcernTake, DeedConcernClose, DeedConcernHear,
			DeedCrisisOpen, DeedCrisisClose, DeedEmergencyBegin, DeedEmergencyEnd, DeedConsent, DeedConsentFor, DeedPrint, DeedLeave, DeedShare, DeedShareFor, DeedNews, DeedPutBefore, DeedConcernForget, DeedServed, DeedPutBack}, append(append(slices.Clone(alikeDeeds), taskDeeds...), guardianDeeds...)...),
		Hears: []module.Hearing{{Word: "people.organisation.suspend", Do: o.Suspended}},
		Sealed: []crypt.Column{{Table: "cases_case", Column: "private"}, {Table: "cases_note", Column: "body"}, {Table: "cases_draft", Column: "body"}, {Table: "cases_draft", Column: "around"}, {Table: "cases_consent", Column: "helper"},
			{Table: "cases_concern", Column: "body"}, {Table: "cases_guardian", Column: "body"}, {Table: "cases_complaint", Column: "body"}, {Table: "cases_complaint", Column: "answer"},
			{Table: "cases_import", Column: "body"}, {Table: "cases_import", Column: "errors"}, {Table: "cases_import", Column: "sealed"},
			{Table: "cases_reading", Column: "sealed", Key: "key"}, {Table: "cases_sketch", Column: "heard", Key: "case_id"}},
		Chores: []module.Chore{
			{Name: "cases.leases", Every: 30 * time.Second, Do: o.ExpireLeases},
			{Name: "cases.alike", Every: 2 * time.Second, Do: o.lookAWhile},
			{Name: "cases.sketches", Every: time.Hour, Do: o.SketchAll},
			{Name: "cases.last_owner", Every: time.Minute, Do: o.PutBefore},
			{Name: "cases.drafts", Every: time.Hour, Do: o.SweepDrafts},
			{Name: "cases.retention", Every: time.Hour, Do: o.Retain},
			{Name: "cases.sheets", Every: time.Hour, Do: o.SweepSheets},
			{Name: "cases.concerns_kept", Every: time.Hour, Do: o.ForgetConcerns},
			{Name: "cases.guardians_kept", Every: time.Hour, Do: o.ForgetGuardians},
		},
	}
}

// openDoors are for everyone.
func (o *Office) openDoors() []module.Door {
	return leaving([]module.Door{
		module.Get("/{$}", DeedRead, o.home),
		module.Get("/help", DeedRead, o.help),
		module.Get("/about", DeedRead, o.about),
		module.Get("/offline", DeedRead, o.offline),
		module.Get("/saved", DeedRead, o.savedDoor),
		module.Get("/help/{service}", DeedDraft, o.startAsk),
		module.Get("/help/{service}/paper", DeedPrint, o.printDoor),
		module.Post("/help/{service}/paper", DeedPrint, o.printPaper),
		module.Get("/paper/sheets/{batch}", DeedPrint, o.showSheets),
		module.Get("/help/{service}/{draft}/helper", DeedDraft, o.askHelper),
		module.Post("/help/{service}/{draft}/helper", DeedDraft, o.keepHelper),
		module.Post("/help/{service}/{draft}/shared", DeedDraft, o.shareForm),
		module.Post("/leave", DeedLeave, o.leave),
		module.Get("/help/{service}/{draft}/done", DeedDraft, o.done),
		module.Get("/help/{service}/{draft}/{step}", DeedDraft, o.continueAsk),
		module.Post("/help/{service}/{draft}/send", DeedAsk, o.send),
		module.Post("/help/{service}/{draft}/{step}", DeedDraft, o.saveStep),
		module.Get("/track", DeedTrack, o.trackDoor),
		module.Post("/track", DeedTrack, o.openTrack),
		module.Post("/track/close", DeedTrack, o.closeTrack),
		module.Get("/track/open", DeedTrack, o.track),
		module.Post("/track/answer", DeedConfirm, o.answerTrack),
		module.Post("/track/reopen", DeedReopen, o.reopenTrack),
		module.Post("/track/rate", DeedRate, o.rateTrack),
		module.Post("/track/erase", DeedErase, o.eraseTrack),
		module.Post("/track/share", DeedShare, o.shareTrack),
		module.Get("/news", DeedNews, o.newsDoor),
		module.Post("/news", DeedNews, o.askNews),
		module.Get("/track/complain", DeedComplain, o.complainForm),
		module.Post("/track/complain", DeedComplain, o.complain),
	})
}

// caseDoors are the queue and the case.
func (o *Office) caseDoors() []module.Door {
	type get = func(string) string
	on := func(name string, d deed.Deed, done string, fn func(*web.Ctx, actor.Actor, CaseID, get) error) module.Door {
		return module.Post("/cases/{id}/"+name, d, o.doing(done, fn))
	}
	return []module.Door{
		module.Get("/emergency", DeedEmergencyBegin, o.emergencyDoor),
		module.Post("/emergency", DeedEmergencyBegin, o.beginEmergency),
		module.Post("/emergency/end", DeedEmergencyEnd, o.endEmergency),
		module.Get("/queue", DeedSee, o.queue),
		module.Post("/queue/find", DeedSee, o.find),
		module.Get("/queue/live", DeedSee, o.queueLive),
		module.Get("/queue/keys", DeedSee, o.queueKeys),
		module.Get("/queue/next", DeedContact, o.next),
		module.Get("/paper", DeedTakeDown, o.paperDesk),
		module.Post("/paper", DeedTakeDown, o.findPaper),
		module.Get("/paper/{number}", DeedTakeDown, o.typePaper),
		module.Get("/cases/{id}", DeedSee, o.showCase),
		module.Get("/cases/{id}/path", DeedPath, o.path),
		module.Post("/cases/{id}/reveal", DeedReveal, o.reveal),
		on("claim", DeedClaim, "cases.case.claimed_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error { return o.Claim(c.Context(), by, k) }),
		on("release", DeedRelease, "cases.case.released_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error { return o.Release(c.Context(), by, k, "") }),
		on("assign", DeedAssign, "cases.case.assigned_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			team, err := id.Parse[teamKind](v("team"))
			if err != nil {
				return fault.All{fault.New(fault.Invalid, "cases.case.choose_team").On("team")}
			}
			return o.Assign(c.Context(), by, k, team)
		}),
		on("contact", DeedContact, "cases.case.contacted_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			return o.Contact(c.Context(), by, k, v("result"), v("note"))
		}),
		module.Post("/cases/{id}/understand", DeedUnderstand, o.understand),
		on("consent", DeedConsentFor, "cases.consent.recorded", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			return o.RecordConsent(c.Context(), by, k, v("how"), c.Lang())
		}),
		on("share", DeedShareFor, "cases.share.started", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			if v("stop") != "" {
				return o.Unshare(c.Context(), by, DeedShareFor, k)
			}
			return o.Share(c.Context(), by, DeedShareFor, k, v("share_word"), c.Lang())
		}),
		on("confirm", DeedConfirmFor, "cases.case.confirmed_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			by.Channel = "phone"
			return o.Confirm(c.Context(), by, DeedConfirmFor, k, Answer(v("answer")))
		}),
		on("silence", DeedSilence, "cases.case.closed_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error { return o.CloseSilent(c.Context(), by, k) }),
		on("refuse", DeedRefuse, "cases.case.refused_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			return o.End(c.Context(), by, DeedRefuse, k, v("reason"), v("note"))
		}),
		on("redirect", DeedRedirect, "cases.case.redirected_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			return o.End(c.Context(), by, DeedRedirect, k, v("reason"), v("note"))
		}),
		on("reopen", DeedReopenFor, "cases.case.reopened_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			return o.Reopen(c.Context(), by, DeedReopenFor, k)
		}),
		on("merge", DeedMerge, "cases.case.merged_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			into, err := o.named(c, by, v("into"))
			if err != nil {
				return err
			}
			return o.Merge(c.Context(), by, k, into)
		}),
		on("unmerge", DeedUnmerge, "cases.case.unmerged_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error { return o.Unmerge(c.Context(), by, k) }),
		on("apart", DeedTellApart, "cases.case.apart_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			other, err := id.Parse[Case](v("other"))
			if err != nil {
				return fault.New(fault.Missing, "error.missing")
			}
			return o.TellApart(c.Context(), by, k, other)
		}),
		module.Post("/cases/{id}/served", DeedServed, o.askServed),
		module.Get("/alike", DeedAlikeSee, o.alikeDoor),
		module.Post("/alike", DeedMerge, o.decideAlike),
		module.Get("/alike/preview", DeedMerge, o.previewAlike),
		module.Post("/alike/undo", DeedUnmerge, o.undoAlike),
		on("locate", DeedLocate, "cases.case.located_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			return o.Locate(c.Context(), by, k, v("place"))
		}),
		on("urgency", DeedUrgency, "cases.case.urgency_now", func(c *web.Ctx, by actor.Actor, k CaseID, v get) error {
			return o.Prioritise(c.Context(), by, k, int(number(v("level"))), v("note"))
		}),
	}
}

func number(s string) int64 {
	var n int64
	for _, r := range s {
		if r < '0' || r > '9' || n > 1<<40 {
			return -1
		}
		n = n*10 + int64(r-'0')
	}
	return n
}

// deskDoors are for those who answer complaints and concerns and open crises.
func (o *Office) deskDoors() []module.Door {
	return []module.Door{
		module.Get("/concerns", DeedConcernList, o.concerns),
		module.Get("/concerns/{id}", DeedConcernRead, o.readConcern),
		module.Post("/concerns/{id}/voices/{voice}", DeedConcernHear, o.hearConcern),
		module.Get("/concerns/{id}/voices/{voice}", DeedConcernHear, o.playConcern),
		module.Post("/concerns/{id}/take", DeedConcernTake, o.takeConcern),
		module.Post("/concerns/{id}/close", DeedConcernClose, o.closeConcern),
		module.Post("/concerns/{id}/guardians", DeedGuardianPropose, o.proposeGuardian),
		module.Post("/concerns/{id}/guardians/{guardian}/{step}", DeedGuardianLink, o.decideGuardian),
		module.Get("/complaints", DeedComplaintSee, o.complaints),
		module.Get("/complaints/{id}", DeedComplaintSee, o.readComplaint),
		module.Post("/complaints/{id}/answer", DeedComplaintAnswer, o.answerComplaint),
		module.Get("/crises", DeedCrisisOpen, o.crisesDoor),
		module.Post("/crises", DeedCrisisOpen, o.openCrisis),
		module.Post("/crises/{id}/close", DeedCrisisClose, o.closeCrisis),
	}
}

func (o *Office) apiDoors() []module.Door {
	return []module.Door{
		{API: true, Method: "GET", Path: "/api/v1/services", Deed: DeedRead, Out: []ServiceOut{}, Handle: o.apiServices},
		{API: true, Method: "POST", Path: "/api/v1/requests", Deed: DeedAsk, In: RequestIn{}, Out: ReceiptOut{}, Handle: o.apiAsk},
		{API: true, Method: "POST", Path: "/api/v1/track", Deed: DeedTrack, In: TrackIn{}, Out: TrackOut{}, Handle: o.apiTrack},
		{API: true, Method: "GET", Path: "/api/v1/cases", Deed: DeedSee, Out: QueueOut{}, Handle: o.apiQueue},
		{API: true, Method: "GET", Path: "/api/v1/cases/{id}", Deed: DeedSee, Out: CaseOut{}, Handle: o.apiCase},
		{API: true, Method: "POST", Path: "/api/v1/cases/{id}/claim", Deed: DeedClaim, Out: CaseOut{}, Handle: o.apiClaim},
		{API: true, Method: "POST", Path: "/api/v1/cases/{id}/release", Deed: DeedRelease, Out: CaseOut{}, Handle: o.apiRelease},
	}
}
