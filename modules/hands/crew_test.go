package hands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

var sms = actor.Actor{Channel: "sms"}

func TestARegistrationSentTwiceIsOneAndASecondOfTheSamePhoneIsRefused(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		v, p := x.person(nil)
		first, err := x.Register(x.ctx, sms, v, p, false)
		x.must(err)
		again, err := x.Register(x.ctx, sms, v, p, false)
		if x.must(err); again != first || first.IsZero() {
			t.Errorf("the same form got %s, then %s", first, again)
		}
		twin := v
		twin.ID = id.New[Volunteer](x.clock.Now())
		_, err = x.Register(x.ctx, sms, twin, p, false)
		x.refused(err, "hands.volunteer.registered_already")
		twin.Org = x.other // under another organisation they may
		_, err = x.Register(x.ctx, sms, twin, p, false)
		x.must(err)
		stolen := v
		_, err = x.Register(x.ctx, sms, stolen, Person{Name: "Other", Phone: "+212611111111"}, false)
		x.refused(err, "hands.form.id_taken")
		x.must(x.Accept(x.ctx, x.coordinator(), v.ID))
		if lines := x.told(volunteerSubject(v.ID)); len(lines) != 2 || strings.Contains(strings.Join(lines, ""), "Tuda") {
			t.Errorf("the journal has %v", lines)
		}
	})
}

func TestEverythingThatIsWrongWithARegistrationIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	_, err := x.Register(x.ctx, sms, Volunteer{Born: 1990, Place: "nowhere", Skills: []string{"juggling"}}, Person{}, false)
	x.refused(err, "hands.volunteer.name_missing", "hands.volunteer.phone_missing", "hands.volunteer.skills_missing", "hands.volunteer.languages_missing", "hands.volunteer.hours_missing", "hands.place.unknown")
	for born, key := range map[int]string{2012: "hands.volunteer.too_young", 1800: "hands.volunteer.born_wrong", 2030: "hands.volunteer.born_wrong"} {
		v, p := x.person(func(v *Volunteer, _ *Person) { v.Born = born })
		_, err := x.Register(x.ctx, sms, v, p, true)
		x.refused(err, key)
	}
	v, p := x.person(nil)
	x.orgs.only[x.ours] = "B1"
	_, err = x.Register(x.ctx, sms, v, p, false)
	x.refused(err, "hands.volunteer.org_not_here")
}

func TestAMinorNeedsAGuardianWhoAgreesAndAnAdultsGuardianIsNotKept(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		for born, minor := range map[int]bool{2011: true, 2009: true, 2008: true, 2007: false} { // eighteen this year is not yet surely eighteen
			v, p := x.person(func(v *Volunteer, p *Person) { v.Born = born })
			_, err := x.Register(x.ctx, sms, v, p, false)
			if !minor {
				x.must(err)
				continue
			}
			x.refused(err, "hands.volunteer.guardian_missing", "hands.volunteer.guardian_phone_missing", "hands.volunteer.consent_missing")
			p.Guardian = Guardian{"Lalla Zineb", p.Phone}
			_, err = x.Register(x.ctx, sms, v, p, true)
			x.refused(err, "hands.volunteer.guardian_phone_same")
			p.Guardian.Phone = "+212611223344"
			_, err = x.Register(x.ctx, sms, v, p, true)
			x.must(err)
			if lines := x.told(volunteerSubject(v.ID)); !strings.Contains(lines[0], `"minor":true`) || strings.Contains(lines[0], "Zineb") {
				t.Errorf("told %v", lines)
			}
		}
		vid := x.volunteer(func(_ *Volunteer, p *Person) { p.Guardian = Guardian{"Somebody", "+212611223344"} })
		got, err := x.Reveal(x.ctx, x.coordinator(), vid, "check_papers")
		if x.must(err); got.Guardian != (Guardian{}) || got.Name == "" {
			t.Errorf("kept %+v", got)
		}
	})
}

func TestARegistrationOpensToItsNumberAndTheEndOfItsPhoneAlone(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		v, p := x.person(nil)
		n, err := x.Register(x.ctx, sms, v, p, false)
		x.must(err)
		last := p.Phone.Last4()
		for typed, ok := range map[string]bool{last: true, " " + last[:2] + " " + last[2:]: true, "٠٠٠" + last[3:]: last[:3] == "000", "9999": false, "": false} {
			got, err := x.Mine(x.ctx, n, typed)
			if (err == nil) != ok || ok && got != v.ID {
				t.Errorf("%q opens %s, %v", typed, got, err)
			}
		}
		other := x.register(nil)
		if _, err := x.Mine(x.ctx, x.volunteerNow(other).Receipt, last); fault.KindOf(err) != fault.Missing {
			t.Errorf("the end of one phone opens another's registration: %v", err)
		}
	})
}

func TestOnlyThoseWhoMatchAreProposedEachWithTheReason(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		nurse := func(v *Volunteer, _ *Person) { v.Skills, v.Languages = []string{"nurse"}, []string{"tmr", "fr"} }
		near := x.volunteer(nurse)
		far := x.volunteer(func(v *Volunteer, p *Person) { nurse(v, p); v.Place = "B2-03" })
		x.volunteer(nil)                                                                          // no nurse
		x.volunteer(func(v *Volunteer, p *Person) { nurse(v, p); v.Languages = []string{"isl"} }) // does not speak it
		x.volunteer(func(v *Volunteer, p *Person) { nurse(v, p); v.Hours = Half(0, false) })      // has time on Mondays only
		x.volunteer(func(v *Volunteer, p *Person) { nurse(v, p); p.Limits.Codes = []string{"walking"} })
		x.register(nurse) // not accepted yet
		theirs := x.register(func(v *Volunteer, p *Person) { nurse(v, p); v.Org = x.other })
		x.must(x.Accept(x.ctx, x.somebody(actor.Coordinator, x.other, ""), theirs))
		gone := x.volunteer(nurse)
		x.must(x.Remove(x.ctx, x.coordinator(), gone, "moved_away"))
		cid := x.call(2, func(c *Call) { c.Skill, c.Spoken, c.Demands = "nurse", "tmr", []string{"walking"} })
		if got := x.proposed(cid, 0); !slices.Equal(got, []VolunteerID{near, far}) {
			t.Errorf("proposed %v, want %v and %v", got, near, far)
		}
		if got := x.proposed(cid, 5); !slices.Equal(got, []VolunteerID{near}) {
			t.Errorf("within five kilometres: %v", got)
		}
		x.read(func(tx *db.Tx) error {
			f, ok, err := x.fit(tx, x.callNow(cid), x.volunteerNow(far), 0)
			if err == nil && (!ok || !f.Can || !f.Speaks || !f.HasKm || f.Km < 5) {
				t.Errorf("the reasons are %+v", f)
			}
			return err
		})
		// Whoever has a place elsewhere at that time is left in peace.
		at := x.call(1, func(c *Call) { c.Skill = "nurse"; c.Shift.From = c.Shift.From.Add(time.Hour) })
		x.ask(at, near)
		x.answers(at, near, true)
		if got := x.proposed(cid, 0); !slices.Equal(got, []VolunteerID{far}) {
			t.Errorf("with the nearest on another shift: %v", got)
		}
	})
}

func TestWorkWithChildrenReachesAdultsWhosePoliceRecordWasSeenAndNobodyElse(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		var vetted VolunteerID
		for _, level := range Vettings {
			vid := x.volunteer(nil)
			x.must(x.Vet(x.ctx, x.coordinator(), vid, level))
			if level == "police_record" {
				vetted = vid
			}
		}
		young := x.volunteer(func(v *Volunteer, p *Person) { v.Born, p.Guardian = 2009, Guardian{"Lalla", "+212611223344"} })
		x.must(x.Vet(x.ctx, x.coordinator(), young, "police_record"))
		cid := x.call(3, func(c *Call) { c.Children = true })
		if got := x.proposed(cid, 0); !slices.Equal(got, []VolunteerID{vetted}) {
			t.Errorf("proposed %v, want %v", got, vetted)
		}
		x.must(x.Ask(x.ctx, x.coordinator(), cid, []VolunteerID{young})) // a forged form asks nobody
		x.read(func(tx *db.Tx) error {
			p, err := placingOf(tx, cid, young)
			if p != nil {
				t.Error("a minor was asked to work with children")
			}
			return err
		})
		x.refused(x.OfferSelf(x.ctx, sms, young, cid), "hands.call.not_for_you")
		if got := len(x.proposed(x.call(3, nil), 0)); got != 5 {
			t.Errorf("other work reaches %d of 5", got)
		}
	})
}

func TestFiftyWhoSayYesAtOnceForFivePlacesFillExactlyFive(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		cid := x.call(5, nil)
		var all []VolunteerID
		for range 50 {
			all = append(all, x.volunteer(nil))
		}
		x.ask(cid, all...)
		if len(x.phones.asked) != 50 {
			t.Fatalf("%d were asked", len(x.phones.asked))
		}
		subjects := map[VolunteerID]string{}
		for _, vid := range all {
			subjects[vid] = placingSubject(x.placing(cid, vid).ID)
		}
		var placed, full atomic.Int64
		var wg sync.WaitGroup
		for _, vid := range all {
			for range 2 { // each answer comes twice, as networks do
				wg.Go(func() {
					line, err := x.Heard(context.Background(), sms, subjects[vid], 1)
					switch {
					case err != nil:
						t.Error(err)
					case line.Key == "hands.sms.placed":
						placed.Add(1)
					case line.Key == "hands.sms.full":
						full.Add(1)
					default:
						t.Errorf("was told %q", line.Key)
					}
				})
			}
		}
		wg.Wait()
		if placed.Load() != 10 || full.Load() != 90 {
			t.Errorf("%d were told that they have a place and %d that it is full", placed.Load(), full.Load())
		}
		if c := x.callNow(cid); c.Placed != 5 || c.State != Full || c.Left() != 0 {
			t.Errorf("the call holds %d and is %s", c.Placed, c.State)
		}
	})
}

func TestAPlaceGivenBackIsForWhoeverSaidYesNextAndTheyAreAskedAgain(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		cid := x.call(1, nil)
		a, b, c := x.volunteer(nil), x.volunteer(nil), x.volunteer(nil)
		x.ask(cid, a, b, c)
		for i, vid := range []VolunteerID{a, c, b} {
			x.clock.Advance(time.Minute)
			if got := x.answers(cid, vid, true); (got == Placed) != (i == 0) {
				t.Errorf("%d is %s", i, got)
			}
		}
		x.clock.Advance(time.Minute)
		if got := x.answers(cid, a, false); got != Withdrew {
			t.Errorf("who gives a place back is %s", got)
		}
		if got := x.placing(cid, c).State; got != Asked {
			t.Errorf("the next in line is %s", got)
		}
		if last := x.phones.asked[len(x.phones.asked)-1]; last.Kind != QuestionFree || last.Subject != placingSubject(x.placing(cid, c).ID) {
			t.Errorf("the last question was %s about %s", last.Kind, last.Subject)
		}
		if got := x.answers(cid, b, true); got != TooLate { // a second yes does not jump the line
			t.Errorf("who stands behind is %s", got)
		}
		if got := x.answers(cid, c, false); got != SaidNo {
			t.Errorf("who says no is %s", got)
		}
		if got := x.callNow(cid); got.Placed != 0 || got.State != Open {
			t.Errorf("the call holds %d and is %s", got.Placed, got.State)
		}
	})
}

func TestARandomCrowdOfAnswersNeverFillsMoreThanIsWanted(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		calls := []CallID{x.call(3, nil), x.call(2, func(c *Call) { c.Shift.From, c.Shift.To = c.Shift.From.Add(48*time.Hour), c.Shift.To.Add(48*time.Hour) }), x.call(2, nil)}
		var all []VolunteerID
		for range 12 {
			all = append(all, x.volunteer(nil))
		}
		var pids []PlacingID
		for _, cid := range calls {
			x.ask(cid, all...)
			for _, vid := range all {
				pids = append(pids, x.placing(cid, vid).ID)
			}
		}
		var wg sync.WaitGroup
		for n := range 8 { // the checks of the house look afterwards
			wg.Go(func() {
				for i := range 40 {
					_, err := x.Answer(context.Background(), sms, pids[(i*7+n*13)%len(pids)], (i+n)%3 != 0)
					if err != nil && fault.KindOf(err) != fault.Conflict {
						t.Error(err)
					}
				}
				if n == 3 {
					if err := x.Forget(context.Background(), sms, all[0]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestAnOrganisationThatMayNotActCallsNobody(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := Call{ID: id.New[Call](x.clock.Now()), Org: x.ours, Place: "A1-02", Wanted: 2, Words: Words{FR: "x"}, Shift: Shift{Meet: Words{FR: "y"}, From: morning.Add(time.Hour), To: morning.Add(2 * time.Hour)}}
		x.refused(x.MakeCall(x.ctx, x.somebody(actor.Coordinator, x.other, ""), c), "error.denied_here")
		x.orgs.suspended[x.ours] = true
		x.refused(x.MakeCall(x.ctx, x.coordinator(), c), "error.organisation_not_recognised")
		x.refused(x.MakeCall(x.ctx, actor.Actor{System: "test"}, c), "hands.call.not_recognised")
		x.orgs.suspended[x.ours] = false
		c.Shift.Mission = id.New[Call](x.clock.Now()).String()
		x.refused(x.MakeCall(x.ctx, x.coordinator(), c), "hands.call.mission_unknown")
		x.refused(x.MakeCall(x.ctx, x.coordinator(), Call{ID: c.ID, Org: x.ours}), "hands.call.wanted_wrong", "hands.call.words_missing", "hands.call.meet_missing", "hands.form.date_unread", "hands.form.date_unread", "hands.place.unknown")
		if err := x.MakeCall(x.ctx, x.leader(), c); fault.KindOf(err) != fault.Denied {
			t.Errorf("a leader calls for people: %v", err)
		}
	})
}

func TestHoursAreCountedInWholeMinutesAndTheLeaderAnswersForThem(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		cid := x.call(2, nil)
		a, b := x.volunteer(nil), x.volunteer(nil)
		x.ask(cid, a, b)
		x.answers(cid, a, true)
		x.answers(cid, b, true)
		code, pa, pb := x.ShiftCode(x.callNow(cid).Shift.ID), x.placing(cid, a).ID, x.placing(cid, b).ID
		x.refused(x.CheckIn(x.ctx, sms, pa, code), "hands.shift.too_early")
		x.clock.At = morning.Add(24 * time.Hour)
		x.refused(x.CheckIn(x.ctx, sms, pa, "000000"), "hands.shift.code_wrong")
		x.must(x.CheckIn(x.ctx, sms, pa, code[:3]+" "+code[3:]))
		x.must(x.Note(x.ctx, x.leader(), pb, false))
		x.refused(x.Note(x.ctx, x.leader(), pb, false), "hands.shift.here_already")
		x.clock.Advance(3*time.Hour + 59*time.Second)
		x.must(x.CheckIn(x.ctx, sms, pa, code))
		if got := x.placing(cid, a).Minutes; got != 180 {
			t.Errorf("counted %d minutes", got)
		}
		x.refused(x.ConfirmHours(x.ctx, x.leader(), pa, 240, ""), "hands.hours.reason_missing")
		x.refused(x.ConfirmHours(x.ctx, x.leader(), pa, 99999, "came_late"), "hands.hours.wrong")
		if err := x.ConfirmHours(x.ctx, x.somebody(actor.Leader, x.other, ""), pa, 180, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("another organisation's leader answers for them: %v", err)
		}
		x.must(x.ConfirmHours(x.ctx, x.leader(), pa, 180, ""))
		x.refused(x.ConfirmHours(x.ctx, x.leader(), pa, 200, "came_late"), "hands.hours.confirmed_already")
		x.must(x.ConfirmHours(x.ctx, x.leader(), pb, 240, "forgot_to_leave"))
		if lines := x.told(placingSubject(pb)); !strings.Contains(lines[len(lines)-1], `"minutes":240,"reason":"forgot_to_leave"`) {
			t.Errorf("told %v", lines)
		}
		_, err := x.Invite(x.ctx, x.coordinator(), a)
		x.must(err)
		self := x.leader()
		self.Account = x.volunteerNow(a).Account
		x.refused(x.Note(x.ctx, self, pa, true), "hands.hours.not_oneself")
	})
}

func TestAnAttestationIsCheckedByItsCodeAndNamesNobody(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		vid := x.worked(90)
		a, name, err := x.Attest(x.ctx, sms, DeedAttest, vid)
		if x.must(err); !strings.HasPrefix(name, "Tuda") || a.Minutes != 90 || a.Shifts != 1 || len(a.Code) != codeLength {
			t.Errorf("attested %+v to %s", a, name)
		}
		again, _, err := x.Attest(x.ctx, sms, DeedAttest, vid)
		if x.must(err); again.Code != a.Code {
			t.Error("the same hours are two papers")
		}
		got, err := x.Verify(x.ctx, sms, " "+spaced(a.Code))
		if x.must(err); got.Minutes != 90 || got.Org != x.ours || got.Initials != "T. A." {
			t.Errorf("verified %+v", got)
		}
		if strings.Contains(got.Statement(), "Tuda") {
			t.Error("what is signed names somebody")
		}
		for _, code := range []string{"", "nonsense", a.Code[:23], strings.Repeat("0", codeLength)} {
			if code == a.Code {
				continue
			}
			_, err := x.Verify(x.ctx, sms, code)
			x.refused(err, "hands.attestation.not_ours")
		}
		x.alter(`UPDATE hands_attestation SET minutes = 900 WHERE volunteer = ?1`, vid)
		_, err = x.Verify(x.ctx, sms, a.Code)
		x.refused(err, "hands.attestation.not_ours")
		x.alter(`UPDATE hands_attestation SET minutes = 90 WHERE volunteer = ?1`, vid)
		x.must(x.Forget(x.ctx, sms, vid)) // the hours stay, the letters go
		got, err = x.Verify(x.ctx, sms, a.Code)
		if x.must(err); got.Minutes != 90 || got.Initials != "" {
			t.Errorf("after the volunteer was forgotten: %+v", got)
		}
		_, _, err = x.Attest(x.ctx, x.coordinator(), DeedAttestFor, vid)
		x.refused(err, "hands.attestation.no_hours")
		_, _, err = x.Attest(x.ctx, sms, DeedAttest, x.volunteer(nil))
		x.refused(err, "hands.attestation.no_hours")
	})
}

func (x *house) alter(q string, args ...any) {
	x.t.Helper()
	x.must(x.h.DB.Write(x.ctx, func(t *db.Tx) error { _, err := t.Exec(q, args...); return err }))
}

// worked is a volunteer of whom so many minutes are confirmed.
func (x *house) worked(minutes int) VolunteerID {
	x.t.Helper()
	cid, vid := x.call(1, nil), x.volunteer(nil)
	x.ask(cid, vid)
	x.answers(cid, vid, true)
	x.clock.At = morning.Add(24 * time.Hour)
	pid := x.placing(cid, vid).ID
	x.must(x.Note(x.ctx, x.leader(), pid, false))
	x.clock.Advance(time.Duration(minutes) * time.Minute)
	x.must(x.Note(x.ctx, x.leader(), pid, true))
	x.must(x.ConfirmHours(x.ctx, x.leader(), pid, minutes, ""))
	return vid
}

func TestWhoIsForgottenLeavesHoursAndNothingElse(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		vid := x.worked(120)
		n := x.volunteerNow(vid).Receipt
		_, err := x.Invite(x.ctx, x.coordinator(), vid)
		x.must(err)
		later := x.call(1, func(c *Call) { c.Shift.From, c.Shift.To = c.Shift.From.Add(72*time.Hour), c.Shift.To.Add(72*time.Hour) })
		next := x.volunteer(nil)
		x.ask(later, vid, next)
		x.answers(later, vid, true)
		x.answers(later, next, true)
		x.must(x.Forget(x.ctx, sms, vid))
		x.must(x.Forget(x.ctx, sms, vid)) // again is welcome
		v := x.volunteerNow(vid)
		if v.State != Left || v.ForgottenAt.IsZero() || v.Born != 0 || v.Place != "" || !v.Account.IsZero() {
			t.Errorf("left behind %+v", v)
		}
		x.read(func(tx *db.Tx) error {
			bare, err := db.Has(tx, `SELECT 1 FROM hands_volunteer WHERE id = ?1 AND name IS NULL AND phone IS NULL AND guardian IS NULL AND limits IS NULL AND papers IS NULL AND phone_key IS NULL AND secret_key IS NULL`, vid)
			if !bare {
				t.Error("something that names them is still there")
			}
			minutes, _, _, _, err2 := hoursOf(tx, vid)
			if minutes != 120 {
				t.Errorf("%d minutes are left", minutes)
			}
			return errors.Join(err, err2)
		})
		if _, err := x.Mine(x.ctx, n, "0001"); fault.KindOf(err) != fault.Missing {
			t.Errorf("their number still opens: %v", err)
		}
		if len(x.accounts.out) != 1 {
			t.Errorf("%d accounts were ended", len(x.accounts.out))
		}
		if got := x.placing(later, next).State; got != Asked {
			t.Errorf("the next in line is %s", got)
		}
		_, p := x.person(func(_ *Volunteer, p *Person) {}) // the same phone may come back
		fresh, _ := x.person(nil)
		p.Phone = "+212660000001"
		_, err = x.Register(x.ctx, sms, fresh, p, false)
		x.must(err)
	})
}

func TestTheHouseForgetsThoseWhoWereTurnedDownWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		declined, removed, waiting, kept := x.register(nil), x.volunteer(nil), x.register(nil), x.volunteer(nil)
		x.must(x.Decline(x.ctx, x.coordinator(), declined, "enough_people"))
		x.must(x.Remove(x.ctx, x.coordinator(), removed, "no_answer"))
		for _, step := range []struct {
			days int
			gone []bool
		}{{89, []bool{false, false, false, false}}, {90, []bool{true, true, false, false}}, {180, []bool{true, true, true, false}}} {
			x.clock.At = morning.Add(time.Duration(step.days) * 24 * time.Hour)
			x.must(x.Retain(x.ctx))
			for i, vid := range []VolunteerID{declined, removed, waiting, kept} {
				if got := !x.volunteerNow(vid).ForgottenAt.IsZero(); got != step.gone[i] {
					t.Errorf("after %d days %d is forgotten: %v", step.days, i, got)
				}
			}
		}
		if lines := x.told(volunteerSubject(waiting)); !strings.Contains(lines[len(lines)-1], "hands.volunteer.forget system:retention") {
			t.Errorf("told %v", lines)
		}
	})
}

func TestACallEndsByItselfAndPeopleAreRemindedOnceBefore(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		cid := x.call(2, nil)
		comes, silent := x.volunteer(nil), x.volunteer(nil)
		x.ask(cid, comes, silent)
		x.answers(cid, comes, true)
		x.must(x.Round(x.ctx))
		if len(x.phones.asked) != 2 {
			t.Fatalf("somebody was reminded a day ahead: %+v", x.phones.asked)
		}
		x.clock.At = morning.Add(24*time.Hour - 18*time.Hour)
		x.must(x.Round(x.ctx))
		x.must(x.Round(x.ctx))
		if len(x.phones.asked) != 3 || x.phones.asked[2].Kind != QuestionShift || x.phones.asked[2].Subject != placingSubject(x.placing(cid, comes).ID) {
			t.Errorf("reminded: %+v", x.phones.asked[2:])
		}
		x.Saw(cid)
		x.Saw(cid)
		x.clock.At = morning.Add(28 * time.Hour)
		x.must(x.Round(x.ctx))
		if c := x.callNow(cid); c.State != Closed || c.Saw != 2 || c.Placed != 1 {
			t.Errorf("the call is %s, seen %d times, with %d", c.State, c.Saw, c.Placed)
		}
		if got := x.placing(cid, silent).State; got != Silent {
			t.Errorf("who never answered is %s", got)
		}
		_, err := x.Answer(x.ctx, sms, x.placing(cid, silent).ID, true)
		x.refused(err, "hands.answer.over")
	})
}

func TestWhoPutsThemselvesForwardIsPlacedByAPersonAndNotByThemselves(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		cid := x.call(1, nil)
		keen, other := x.volunteer(nil), x.volunteer(nil)
		x.must(x.OfferSelf(x.ctx, sms, keen, cid))
		x.must(x.OfferSelf(x.ctx, sms, keen, cid))
		_, err := x.Answer(x.ctx, sms, x.placing(cid, keen).ID, true)
		x.refused(err, "hands.answer.not_asked")
		if got := x.proposed(cid, 0); !slices.Equal(got, []VolunteerID{keen, other}) {
			t.Errorf("proposed %v", got)
		}
		x.ask(cid, keen)
		if got := x.placing(cid, keen).State; got != Placed || x.callNow(cid).State != Full {
			t.Errorf("who said yes before is %s", got)
		}
		if len(x.phones.asked) != 0 || len(x.phones.told) != 3 { // two accepted, one placed
			t.Errorf("asked %d, told %d", len(x.phones.asked), len(x.phones.told))
		}
	})
}

func TestAVolunteersAccountIsAssignedToTheMissionsOfTheirPlacesAlone(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		m1, m2 := id.New[Call](x.clock.Now()).String(), id.New[Call](x.clock.Now()).String()
		x.missions.all = []Journey{{ID: m1}, {ID: m2}}
		vid := x.volunteer(nil)
		link, err := x.Invite(x.ctx, x.coordinator(), vid)
		if x.must(err); link != "/welcome/1" || x.accounts.in[0].Login != "v"+x.volunteerNow(vid).Receipt.String() || x.accounts.in[0].Scope.Org != x.ours {
			t.Errorf("invited %+v by %s", x.accounts.in, link)
		}
		aid := x.volunteerNow(vid).Account
		assigned := func(a actor.AccountID) (all []string) {
			x.read(func(tx *db.Tx) (err error) { all, err = x.Assigned(tx, a); return err })
			return all
		}
		on, off := x.call(1, func(c *Call) { c.Shift.Mission = m1 }), x.call(1, func(c *Call) {
			c.Shift.Mission = m2
			c.Shift.From, c.Shift.To = c.Shift.From.Add(48*time.Hour), c.Shift.To.Add(48*time.Hour)
		})
		x.ask(on, vid)
		x.ask(off, vid)
		if got := assigned(aid); len(got) != 0 {
			t.Errorf("before an answer: %v", got)
		}
		x.answers(on, vid, true)
		if got := assigned(aid); !slices.Equal(got, []string{m1}) {
			t.Errorf("assigned to %v", got)
		}
		if got := assigned(x.leader().Account); len(got) != 0 {
			t.Errorf("a stranger is assigned to %v", got)
		}
		x.must(x.Remove(x.ctx, x.coordinator(), vid, "did_not_come"))
		if got := assigned(aid); len(got) != 0 || len(x.accounts.out) != 1 {
			t.Errorf("after they were removed: %v", got)
		}
	})
}

func TestWhoeverWantsAnyOrganisationIsTakenByOne(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		vid := x.register(func(v *Volunteer, _ *Person) { v.Org = actor.OrganisationID{} })
		x.refused(x.Decline(x.ctx, x.coordinator(), vid, "enough_people"), "hands.volunteer.of_nobody")
		x.must(x.Accept(x.ctx, x.coordinator(), vid))
		x.must(x.Accept(x.ctx, x.coordinator(), vid))
		if got := x.volunteerNow(vid); got.Org != x.ours || got.State != Accepted {
			t.Errorf("taken: %+v", got)
		}
		err := x.Accept(x.ctx, x.somebody(actor.Coordinator, x.other, ""), vid)
		x.refused(err, "error.denied_here")
		if _, err := x.Reveal(x.ctx, x.somebody(actor.Coordinator, x.other, ""), vid, "call_them"); fault.KindOf(err) != fault.Denied {
			t.Errorf("another organisation reads the phone: %v", err)
		}
		if _, err := x.Reveal(x.ctx, x.somebody(actor.CrisisCell, x.other, ""), vid, "call_them"); fault.KindOf(err) != fault.Denied {
			t.Errorf("the crisis cell reads the phone: %v", err)
		}
		got, err := x.Reveal(x.ctx, x.coordinator(), vid, "call_them")
		if x.must(err); got.Phone == "" {
			t.Error("no phone was revealed")
		}
		if lines := x.told(volunteerSubject(vid)); !strings.Contains(lines[len(lines)-1], `"reason":"call_them"`) {
			t.Errorf("told %v", lines)
		}
	})
}

func TestAMessageThatCannotBeSentLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		cid, vid := x.call(1, nil), x.volunteer(nil)
		x.phones.fail = errors.New("no network")
		if err := x.Ask(x.ctx, x.coordinator(), cid, []VolunteerID{vid}); err == nil {
			t.Fatal("the failure was swallowed")
		}
		x.phones.fail = nil
		if got := x.proposed(cid, 0); !slices.Equal(got, []VolunteerID{vid}) {
			t.Errorf("proposed %v", got)
		}
	})
}

func TestTheHalfDaysOfAShiftAreThoseOfTheCountrysClock(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2026, 11, 16+day, hour, 0, 0, 0, time.UTC) } // the 16th is a Monday
	for _, x := range []struct {
		from, to time.Time
		want     Week
	}{
		{at(0, 8), at(0, 12), Half(0, false)},
		{at(0, 8), at(0, 13), Half(0, false) | Half(0, true)},
		{at(5, 20), at(6, 4), Half(5, true)}, // the night belongs to the day before
		{at(6, 22), at(7, 6), Half(6, true) | Half(0, false)},
		{at(0, 0), at(14, 0), everyHalf},
	} {
		if got := halves(x.from, x.to, time.UTC); got != x.want {
			t.Errorf("%s to %s touches %014b, want %014b", x.from, x.to, got, x.want)
		}
	}
}
