package room

import (
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestAViewIsSeenByThoseItIsSharedWithAndNobodyElse(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		ours, theirs := id.New[actor.Organisation](morning), id.New[actor.Organisation](morning)
		salma := x.somebody("Salma", actor.Dispatcher, ours, "07.041")
		idder := x.somebody("Idder", actor.Coordinator, ours, "")
		other := x.somebody("Yuba", actor.Dispatcher, theirs, "07.041")
		cell := x.somebody("Tilila", actor.CrisisCell, actor.OrganisationID{}, "")
		for _, v := range []struct {
			by    actor.Actor
			name  string
			share Share
		}{{salma, "Mine", Own}, {salma, "Ours", OrgShared}, {cell, "Room", CellShared}} {
			_, err := x.SaveView(x.ctx, v.by, v.name, "level=1&phase=open", v.share)
			x.must(err)
		}
		for _, c := range []struct {
			by   actor.Actor
			want []string
		}{{salma, []string{"Mine", "Ours", "Room"}}, {idder, []string{"Ours"}}, {other, []string{"Room"}}, {cell, []string{"Room"}}} {
			if got := x.names(c.by); !slices.Equal(got, c.want) {
				t.Errorf("%s sees %v, and should see %v", c.by.Name, got, c.want)
			}
		}
		_, err := x.SaveView(x.ctx, salma, "For all", "level=1", CellShared)
		x.refused(err, "room.view.cannot_share")
		if x.lines(DeedViewShare) != 2 || x.lines(DeedViewSave) != 1 {
			t.Error("not every view left its line")
		}
		var ours1 *View
		x.read(func(tx *db.Tx) (err error) { ours1, err = x.viewNamed(tx, salma.Account, "Ours"); return err })
		x.refused(x.RenameView(x.ctx, other, ours1.ID, "Taken"), "error.missing")
		x.refused(x.DropView(x.ctx, other, ours1.ID), "error.missing")
		if status, _, _ := x.get(other, "/fr/queue/views/"+ours1.ID.String()); status != 404 {
			t.Errorf("another organisation's dispatcher opens it: %d", status)
		}
		x.must(x.RenameView(x.ctx, idder, ours1.ID, "Renamed by whoever coordinates"))
		x.must(x.DropView(x.ctx, idder, ours1.ID))
		if got := x.names(salma); !slices.Equal(got, []string{"Mine", "Room"}) {
			t.Errorf("after it was dropped: %v", got)
		}
	})
}

func TestNamesOfViewsAreCleanedLimitedAndSealed(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody("Salma", actor.Agent, actor.OrganisationID{}, "")
		for text, key := range map[string]string{"": "room.view.name_missing", " \u200b\t": "room.view.name_missing", strings.Repeat("ب", 61): "room.view.name_long",
			"Aicha 06 61 23 45 42": "room.view.name_number", "٠٦٦١٢٣٤٥٤٢": "room.view.name_number"} {
			_, err := x.SaveView(x.ctx, by, text, "level=1", Own)
			x.refused(err, key)
		}
		vid, err := x.SaveView(x.ctx, by, "  Night \u202e of\nIjoukak ", "found=secret&level=1&case=x&after=2&area=07.041&evil=1", Own)
		x.must(err)
		var v *View
		x.read(func(tx *db.Tx) (err error) { v, err = x.getView(tx, vid); return err })
		if v.Name != "Night of Ijoukak" || v.Filter != "area=07.041&level=1" {
			t.Errorf("kept as %q, %q", v.Name, v.Filter)
		}
		if n := x.count(`SELECT COUNT(*) FROM deed_record WHERE told LIKE '%Ijoukak%'`); n != 0 {
			t.Error("the journal tells its name")
		}
		x.read(func(tx *db.Tx) error {
			body, err := db.One(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT name FROM room_view WHERE id = ?1`, vid)
			if strings.Contains(string(body), "Ijoukak") {
				t.Error("its name lies open")
			}
			return err
		})
		again, err := x.SaveView(x.ctx, by, "Night of Ijoukak", "level=1&area=07.041", Own)
		if x.must(err); again != vid {
			t.Error("the same view again is another")
		}
		_, err = x.SaveView(x.ctx, by, "Night of Ijoukak", "level=2", Own)
		x.refused(err, "room.view.name_taken")
		for i := range mostViews - 1 {
			_, err := x.SaveView(x.ctx, by, "View "+strings.Repeat("x", i+1), "level=1", Own)
			x.must(err)
		}
		_, err = x.SaveView(x.ctx, by, "One more", "level=1", Own)
		x.refused(err, "room.view.too_many")
	})
}

func TestAViewWhosePlaceIsGoneStillOpensAndSaysSo(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, "")
		status, _, to := x.post(by, "/en/queue/views", "name", "Gone", "filter", "area=gone&level=1", "share", "own")
		if status != 303 {
			t.Fatalf("saved with %d", status)
		}
		by2 := by
		x.by.Store(&by2)
		r, err := still.Get(x.srv.URL + to)
		x.must(err)
		r.Body.Close()
		if at := r.Header.Get("Location"); r.StatusCode != 303 || at != "/en/queue?level=1" {
			t.Errorf("opened: %d %s", r.StatusCode, at)
		}
		if said := strings.Join(r.Header.Values("Set-Cookie"), " "); !strings.Contains(said, "room.view.partly_gone") {
			t.Errorf("nobody says that a part is gone: %s", said)
		}
	})
}

func TestGarbageSentToTheRoomIsAnsweredCalmly(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, "")
		r := rand.New(rand.NewPCG(1, 2))
		letters := []rune("abc%&=;\u202e\u0000ⵣب🙂\n\t'\"<>|~0٣")
		junk := func() string {
			var b strings.Builder
			for range r.IntN(90) {
				b.WriteRune(letters[r.IntN(len(letters))])
			}
			return b.String()
		}
		doors := []string{"/en/queue/views", "/fr/queue/views/x/rename", "/ar/queue/bulk", "/en/queue/bulk/x/do", "/en/queue/bulk/" + id.New[bulkKind](morning).String() + "/undo", "/zgh/handover", "/en/handover/x/sign", "/en/handover/" + id.New[noteKind](morning).String() + "/read"}
		for range 80 {
			path := doors[r.IntN(len(doors))]
			if status, page, _ := x.post(by, path, "name", junk(), "filter", junk(), "share", junk(), "case", junk(), "act", junk(), "team", junk(), "desk", junk(), "hours", junk(), "words", junk()); status >= 500 {
				t.Fatalf("%s: %d %s", path, status, said(page))
			}
			for _, path := range []string{"/en/queue/views?", "/en/queue/bulk?", "/en/queue/print?"} {
				if status, page, _ := x.get(by, path+url.QueryEscape(junk())); status >= 500 {
					t.Fatalf("%s: %d %s", path, status, said(page))
				}
			}
		}
	})
}

func TestTwoWhoSaveOneViewAtOnceKeepOne(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, "")
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = x.SaveView(x.ctx, by, "Night", "level=1", Own) })
		}
		wg.Wait()
		if n := x.count(`SELECT COUNT(*) FROM room_view`); n != 1 {
			t.Errorf("%d views (%v)", n, errs)
		}
	})
}
