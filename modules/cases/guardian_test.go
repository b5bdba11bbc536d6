package cases

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

func TestAChildIsLinkedToAGuardianByTwoTrainedPeopleAndSeenByThemAlone(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.ask(forms.Answers{"need": []string{"shelter"}, "fragile": []string{"child_alone"}})
		first, second := w.staff(actor.Safeguarding, ""), w.staff(actor.Safeguarding, "")
		all, err := w.Concerns(ctx, first)
		if err != nil || len(all) != 1 {
			t.Fatalf("%d concerns, %v", len(all), err)
		}
		nid, gid := all[0].ID, id.New[Guardian](w.clock.Now())
		aunt := GuardianPerson{Name: "Fadma Aït Ali", Phone: "0661234542"}
		refused := func(err error, want string) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("want %s, got %v", want, err)
			}
		}
		refused(w.ProposeGuardian(ctx, first, nid, gid, "neighbour", GuardianPerson{Phone: "12"}, nil), "cases.guardian.kinship_missing")
		refused(w.ProposeGuardian(ctx, first, nid, gid, "aunt_uncle", aunt, GuardianChecks[:3]), "cases.guardian.checks_missing")
		if err := w.ProposeGuardian(ctx, w.staff(actor.CrisisCell, ""), nid, gid, "aunt_uncle", aunt, GuardianChecks); fault.KindOf(err) != fault.Denied {
			t.Errorf("the crisis cell proposes: %v", err)
		}
		w.must(w.ProposeGuardian(ctx, first, nid, gid, "aunt_uncle", aunt, GuardianChecks))
		w.must(w.ProposeGuardian(ctx, first, nid, gid, "aunt_uncle", aunt, GuardianChecks)) // pressed twice
		refused(w.ProposeGuardian(ctx, second, nid, id.New[Guardian](w.clock.Now()), "kafil", aunt, GuardianChecks), "cases.guardian.has_one")
		refused(w.LinkGuardian(ctx, first, nid, gid, GuardianChecks), "cases.guardian.another_person")
		refused(w.LinkGuardian(ctx, second, nid, gid, GuardianChecks[1:]), "cases.guardian.checks_missing")
		refused(w.LinkGuardian(ctx, second, ConcernID{}, gid, GuardianChecks), "missing")
		w.must(w.LinkGuardian(ctx, second, nid, gid, GuardianChecks))
		w.must(w.LinkGuardian(ctx, second, nid, gid, GuardianChecks))
		links, persons, err := w.Guardians(ctx, second, nid)
		if err != nil || len(links) != 1 || links[0].State != "linked" || persons[0].Name != aunt.Name || persons[0].Phone != "+212661234542" {
			t.Errorf("linked: %+v %+v %v", links, persons, err)
		}
		for _, r := range []actor.Role{actor.Dispatcher, actor.CrisisCell, actor.Auditor, actor.Administrator, actor.Coordinator} {
			if _, _, err := w.Guardians(ctx, w.staff(r, ""), nid); fault.KindOf(err) != fault.Denied {
				t.Errorf("a %s reads who looks after a child: %v", r, err)
			}
		}
		w.must(w.h.DB.Read(ctx, func(tx *db.Tx) error {
			lines, err := db.List(tx, db.Text, `SELECT deed || ' ' || subject || ' ' || told FROM deed_record WHERE deed LIKE 'cases.guardian.%'`)
			if all := strings.Join(lines, "\n"); len(lines) != 2 || strings.Contains(all, "Fadma") || strings.Contains(all, "6612") || strings.Count(all, ConcernSubject) != 2 {
				t.Errorf("journal: %s", all)
			}
			n, err2 := db.One(tx, db.Int, `SELECT COUNT(*) FROM cases_guardian WHERE body IS NOT NULL`)
			if err2 != nil || n != 1 {
				t.Errorf("%d sealed, %v", n, err2)
			}
			return err
		}))
		refused(w.EndGuardian(ctx, first, nid, gid, "tired"), "cases.case.reason_needed")
		w.must(w.EndGuardian(ctx, first, nid, gid, "danger"))
		refused(w.LinkGuardian(ctx, second, nid, gid, GuardianChecks), "cases.guardian.over")
		w.must(w.ProposeGuardian(ctx, second, nid, id.New[Guardian](w.clock.Now()), "institution", GuardianPerson{Name: "Dar Al Atfal"}, GuardianChecks))
		w.must(w.TakeConcern(ctx, first, nid))
		w.must(w.CloseConcern(ctx, first, nid, "protected"))
		w.clock.Advance(20 * 365 * 24 * time.Hour)
		w.must(w.ForgetConcerns(ctx))
		w.must(w.ForgetGuardians(ctx))
		if _, persons, err = w.Guardians(ctx, second, nid); err != nil || persons[0].Name != "" || persons[1].Name != "" {
			t.Errorf("after its time: %+v %v", persons, err)
		}
	})
}

func TestTwoTrainedPeopleAtOnceProposeOneGuardian(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.ask(forms.Answers{"need": []string{"shelter"}, "fragile": []string{"child_alone"}})
		all, err := w.Concerns(t.Context(), w.staff(actor.Safeguarding, ""))
		if err != nil || len(all) != 1 {
			t.Fatalf("%d concerns, %v", len(all), err)
		}
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			by, gid := w.staff(actor.Safeguarding, ""), id.New[Guardian](w.clock.Now())
			wait.Go(func() {
				errs[i] = w.ProposeGuardian(t.Context(), by, all[0].ID, gid, "kafil", GuardianPerson{Name: "X"}, GuardianChecks)
			})
		}
		wait.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Errorf("not refused but broken: %v", err)
			}
		}
		if done != 1 {
			t.Errorf("%d guardians for one child", done)
		}
	})
}
