package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func TestAFileWithoutHeadsIsTurnedAwayBeforeAnyOfItIsKept(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		d, by := x.desk(), x.somebody(actor.Dispatcher, "")
		for _, line := range []string{"7,Aicha,0661234542,food", "7;Aicha;٠٦٦١٢٣٤٥٤٢;food", "7,Aicha,31.2345,-7.8912", `7,"31.2, -7.8",food`, "7,2023-09-09T03:12,food",
			"7,aicha@example.org,food", "7,food,\"" + strings.Repeat("the houses fell and we wait ", 6) + "\"", "AB123456789,food"} {
			status, page, _ := d.upload(by, "list.csv", line+"\n8,x,y,z\n")
			if said := saidOn(page); status != 422 || !strings.Contains(said, "Add a first line with the names of the columns") || strings.Contains(said, "Aicha") {
				t.Errorf("%q: %d", line, status)
			}
			if _, _, err := x.TakeFile(t.Context(), by, []byte(line+"\n8,x,y,z\n"), nil); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q by the command line: %v", line, err)
			}
		}
		x.read(func(tx *db.Tx) error {
			n, err := db.One(tx, db.Int, `SELECT (SELECT COUNT(*) FROM intake_file) + (SELECT COUNT(*) FROM intake_reading) + (SELECT COUNT(*) FROM intake_candidate)`)
			if n != 0 {
				t.Errorf("%d rows were kept", n)
			}
			return err
		})
		for _, heads := range []string{"id,received_at,lang,contact_group,needs_codes,village_text,lat,lon", "رقم الهاتف,الاسم,المكان", "phone2,2023,need", "id,What do you need most right now? (choose several)"} {
			if status, _, _ := d.upload(by, "list.csv", heads+"\n1,2,3,4,5,6,7,8\n"); status != 303 {
				t.Errorf("%q are heads, and were refused: %d", heads, status)
			}
		}
	})
}

func TestWhatAFileIsCalledAndHowItsColumnsAreNamedIsSealed(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		d, by := x.desk(), x.somebody(actor.Dispatcher, "")
		body := "id,need,Fadma of Tizi\n1,food,x\n"
		status, _, to := d.upload(by, "Lahcen Ait Brahim.csv", body)
		if status != 303 {
			t.Fatal(status)
		}
		if status, _, _ := d.post(by, to, "id", "id", "q.words", "Fadma of Tizi", "act", "map"); status != 303 {
			t.Fatal(status)
		}
		if dump := x.dump(); strings.Contains(dump, "Lahcen") || strings.Contains(dump, "Fadma of Tizi") {
			t.Error("the name of the file or of a column stands in a table")
		}
		if _, page := d.get(by, to); !strings.Contains(page, "Lahcen Ait Brahim.csv") {
			t.Error("its owner does not see which file it is")
		}
		if status, _, _ := d.post(by, to, "id", "id", "q.words", "Fadma of Tizi", "act", "take"); status != 200 {
			t.Fatal(status)
		}
		if _, page := d.get(by, "/en/import"); !strings.Contains(page, "Lahcen Ait Brahim.csv") {
			t.Error("the files brought before do not list it")
		}
		_, _, again := d.upload(by, "other.csv", body)
		if _, page := d.get(by, again); !strings.Contains(page, `value="Fadma of Tizi" selected`) {
			t.Error("how the columns are read was not remembered for the same heads")
		}
	})
}

func TestAFileThatNobodyTakesInIsForgottenAndOneThatWasIsNot(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		k := x.places.Country().Keep
		by := x.somebody(actor.Dispatcher, "")
		file := func() FileID {
			fid := id.New[fileKind](x.clock.Now())
			x.must(x.keepFile(t.Context(), by, fid, source.CSV, "Aicha.csv", Mapping{Code: "x", Service: "crisis_help"}, []byte("id,need\n1,food\n"), 1))
			return fid
		}
		has := func(fid FileID) (there bool, errors []byte) {
			x.read(func(tx *db.Tx) error {
				all, err := db.List(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT errors FROM intake_file WHERE id = ?1`, fid)
				if there = len(all) == 1; there {
					errors = all[0]
				}
				return err
			})
			return there, errors
		}
		left, taken := file(), file()
		x.must(x.finish(t.Context(), taken, Taken{Rows: 1, Failed: make([]RowError, 1)}, []byte("rows")))
		x.clock.Advance(k.Imports.For() - time.Second)
		young := file()
		x.must(x.ForgetFiles(t.Context()))
		if there, _ := has(left); !there {
			t.Fatal("forgotten before its time")
		}
		x.clock.Advance(time.Second)
		x.must(x.ForgetFiles(t.Context()))
		if there, _ := has(left); there {
			t.Error("a file that nobody took in is kept")
		}
		if there, _ := has(young); !there {
			t.Error("a young one is gone")
		}
		if there, errors := has(taken); !there || len(errors) == 0 {
			t.Error("the failed rows of a file that was taken in are gone before their time")
		}
		x.clock.Advance(k.FailedRows.For())
		x.must(x.ForgetFiles(t.Context()))
		x.must(x.ForgetFiles(t.Context()))
		if there, errors := has(taken); !there || errors != nil {
			t.Error("failed rows are kept for ever, or what was done is forgotten with them")
		}
		if lines := strings.Join(x.lines("intake.file.forget"), "\n"); !strings.Contains(lines, left.String()+` {"rows":1,"file":"preview"}`) || !strings.Contains(lines, taken.String()+` {"rows":1,"file":"done"}`) {
			t.Errorf("the journal has %s", lines)
		}
	})
}

func TestTheRowsThatFailedAreForWhoBroughtThemAloneAndLeaveALine(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		d, owner, other := x.desk(), x.somebody(actor.Dispatcher, "07.041"), x.somebody(actor.Dispatcher, "09.541")
		_, _, to := d.upload(owner, "list.csv", "id,name\n1,Aicha\n")
		if status, page := d.get(other, to); status != 404 || strings.Contains(page, "list.csv") {
			t.Errorf("somebody else's file is open before it is taken in: %d", status)
		}
		if status, _, _ := d.post(owner, to, "id", "id", "act", "take"); status != 200 {
			t.Fatal(status)
		}
		path := to + "/errors.csv"
		if status, body := d.get(other, path); status != 404 || strings.Contains(body, "Aicha") {
			t.Errorf("somebody else read the rows: %d %s", status, body)
		}
		if _, page := d.get(other, "/en/import"); strings.Contains(page, to) {
			t.Error("somebody else's file is listed")
		}
		if status, body := d.get(owner, path); status != 200 || !strings.Contains(body, "Aicha") {
			t.Errorf("their owner does not read them: %d %s", status, body)
		}
		if lines := x.lines("intake.file.read_rows"); len(lines) != 1 {
			t.Errorf("lines: %+v", lines)
		}
	})
}

func TestRowsThatWereTakenAtOnceAreTakenBackUntilSomebodyTookOneUp(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		d, by := x.desk(), x.somebody(actor.Dispatcher, "")
		_, _, to := d.upload(by, "list.csv", "id,need,where,people\n1,food,Asni,3\n2,water,Asni,4\n3,food,Asni,many\n")
		status, page, _ := d.post(by, to, "id", "id", "q.need", "need", "q.where", "where", "q.people", "people", "act", "take")
		if status != 200 || len(x.cases.order) != 2 || !strings.Contains(page, to+"/back") {
			t.Fatalf("%d, %d requests", status, len(x.cases.order))
		}
		x.cases.taken = map[string]bool{x.cases.order[0]: true}
		if status, _, _ := d.post(x.somebody(actor.Dispatcher, ""), to+"/back"); status != 404 {
			t.Errorf("somebody else takes it back: %d", status)
		}
		if status, _, at := d.post(by, to+"/back"); status != 303 || at != "/en/import" || len(x.cases.back) != 1 || x.cases.back[0] != x.cases.order[1] {
			t.Errorf("%d %s, back %v", status, at, x.cases.back)
		}
		if l := x.lines("intake.file.take_back"); len(l) != 1 || !strings.Contains(l[0], `{"rows":1,"kept":1}`) {
			t.Errorf("lines %v", l)
		}
	})
}
