package hands

import (
	"time"

	"github.com/twiza/twiza/shared/module"
)

// hourOfTries is the while in which tries at an open door are counted.
const hourOfTries = time.Hour

// crewDoors are the doors of volunteers, calls for them and shifts.
func (s *Service) crewDoors() []module.Door {
	out := []module.Door{
		module.Get("/volunteer", DeedRegister, s.volunteerForm),
		module.Post("/volunteer", DeedRegister, s.registerForm),
		module.Get("/volunteer/{id}/done", DeedVolunteerMine, s.volunteerDone),
		module.Get("/volunteer/mine", DeedVolunteerMine, s.ownDoor),
		module.Post("/volunteer/mine", DeedVolunteerMine, s.openOwn),
		module.Get("/volunteer/mine/open", DeedVolunteerMine, s.volunteerMine),
		module.Post("/volunteer/mine/forget", DeedForget, s.forgetOwn),
		module.Post("/volunteer/mine/close", DeedVolunteerMine, s.closeOwn),

		module.Get("/wanted", DeedCallRead, s.showWanted),
		module.Get("/wanted/{id}", DeedCallRead, s.showWantedOne),
		module.Get("/attestation", DeedVerify, s.askAttestation),
		module.Get("/attestation/{code}", DeedVerify, s.checkAttestation),

		module.Get("/shifts", DeedMyShifts, s.myShifts),

		module.Get("/volunteers", DeedVolunteerList, s.showVolunteers),
		module.Get("/volunteers/{id}", DeedVolunteerList, s.showVolunteer),
		module.Post("/volunteers/{id}/accept", DeedAccept, s.onVolunteer("hands.volunteer.accepted", s.acceptForm)),
		module.Post("/volunteers/{id}/decline", DeedDecline, s.onVolunteer("hands.volunteer.declined", s.declineForm)),
		module.Post("/volunteers/{id}/vet", DeedVet, s.onVolunteer("hands.volunteer.vetted", s.vetForm)),
		module.Post("/volunteers/{id}/remove", DeedRemove, s.onVolunteer("hands.volunteer.removed", s.removeForm)),
		module.Post("/volunteers/{id}/reveal", DeedRevealVolunteer, s.openPersonForm),
		module.Post("/volunteers/{id}/invite", DeedInvite, s.inviteForm),
		module.Post("/volunteers/{id}/attestation", DeedAttestFor, s.attestFor),

		module.Get("/calls-for-volunteers", DeedCallSee, s.showCalls),
		module.Get("/calls-for-volunteers/new", DeedCallMake, s.newCall),
		module.Post("/calls-for-volunteers/new", DeedCallMake, s.makeCallForm),
		module.Get("/calls-for-volunteers/{id}", DeedCallSee, s.showCall),
		module.Post("/calls-for-volunteers/{id}/ask", DeedAskVolunteer, s.askForm),
		module.Post("/calls-for-volunteers/{id}/close", DeedCallClose, s.closeCallForm),
		module.Get("/calls-for-volunteers/{id}/shift", DeedRoster, s.showShift),
		module.Post("/calls-for-volunteers/{id}/shift/names", DeedRoster, s.nameShift),
		module.Post("/calls-for-volunteers/{id}/shift/{placing}/note", DeedNotePresence, s.onRoster("hands.shift.noted", s.noteForm)),
		module.Post("/calls-for-volunteers/{id}/shift/{placing}/confirm", DeedConfirmHours, s.onRoster("hands.hours.confirmed", s.confirmForm)),

		{API: true, Method: "GET", Path: "/api/v1/calls", Deed: DeedCallRead, Out: CallsOut{}, Handle: s.apiCalls},
	}
	// What a volunteer does on their own page: by their number, or signed in.
	for _, base := range []string{"/volunteer/mine", "/shifts"} {
		answer, offer, here, attest := DeedAnswer, DeedOfferSelf, DeedCheckIn, DeedAttest
		if base == "/shifts" {
			answer, offer, here, attest = DeedMyShifts, DeedMyShifts, DeedMyShifts, DeedMyShifts
		}
		out = append(out,
			module.Post(base+"/answer", answer, s.ownDeed(base, "hands.own.answered", s.answerOwn)),
			module.Post(base+"/offer", offer, s.ownDeed(base, "hands.own.offered", s.offerOwn)),
			module.Post(base+"/here", here, s.ownDeed(base, "hands.own.noted", s.hereOwn)),
			module.Post(base+"/attestation", attest, s.attestOwn(base)))
	}
	return out
}
