package spellings

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

const (
	tizgui  = "0410505201002" // Tizgui, Anougal
	anougal = "07.041.05.05"
	asni    = "07.041.07.03"
	other   = "0410501202006" // Tizgui, Amghras
	village = "0410711202009" // Tizi Oussem, Ouirgane
)

func first(g *places.Gazetteer, text string) (code string, sure bool) {
	a := g.Resolve(text, places.Hint{})
	if len(a.Candidates) == 0 {
		return "", false
	}
	return a.Candidates[0].Place.Code, a.Sure
}

func TestWhatADispatcherConfirmsIsFoundAtOnceAndByEveryProcess(t *testing.T) {
	engines(t, "ma", func(w *world) {
		const nickname = "Bldat Zzitoun"
		w.says(w.somebody(actor.Dispatcher, ""), "douar "+nickname+", commune Ouirgane", village)
		if all := w.kept(); len(all) != 1 || all[0].Shown != nickname || all[0].Place != village || !all[0].Heeded(w.places.Country().Learn) {
			w.t.Fatalf("kept %+v", all)
		}
		if code, _ := first(w.places, nickname); code != village {
			w.t.Errorf("the next person is sent to %q", code)
		}
		two := w.another(w.h.DB, "ma")
		if code, _ := first(two.places, nickname); code == village {
			w.t.Fatal("another process knows it before it looked")
		}
		w.must(two.Refresh(w.t.Context()))
		if code, _ := first(two.places, nickname); code != village {
			w.t.Errorf("another process sends people to %q", code)
		}
	})
}

func TestTwoOfTheCallCentreAreEnoughAndOneTwiceIsNot(t *testing.T) {
	engines(t, "ma", func(w *world) {
		karim := w.somebody(actor.Agent, "")
		for range 3 {
			w.says(karim, "Lbldia dyalna", village)
		}
		if code, _ := first(w.places, "Lbldia dyalna"); code == village {
			w.t.Error("one agent who says it three times is heeded")
		}
		w.says(w.somebody(actor.Agent, ""), "lbldia dyalna!", village)
		if code, _ := first(w.places, "Lbldia dyalna"); code != village {
			w.t.Errorf("two agents are not heeded: %q", code)
		}
		if all := w.kept(); len(all) != 1 || all[0].Voices != 2 || all[0].Times != 4 {
			w.t.Errorf("%+v", all)
		}
	})
}

func TestANameOfTheCensusIsNeverOverridden(t *testing.T) {
	engines(t, "ma", func(w *world) {
		before, sure := first(w.places, "Asni")
		if before != asni {
			w.t.Fatalf("Asni is %s", before)
		}
		w.says(w.somebody(actor.Dispatcher, ""), "Asni", village)
		w.says(w.somebody(actor.Dispatcher, ""), "Asni", village)
		if after, still := first(w.places, "Asni"); after != before || still && !sure {
			w.t.Errorf("Asni is now %s, sure %v", after, still)
		}
	})
}

func TestASpellingOfTwoPlacesIsAHomonymAndNobodyIsSure(t *testing.T) {
	engines(t, "ma", func(w *world) {
		for _, code := range []string{tizgui, other} {
			w.says(w.somebody(actor.CrisisCell, ""), "Tzgwi lfoqani", code)
		}
		a := w.places.Resolve("Tzgwi lfoqani", places.Hint{})
		if a.Sure || len(a.Candidates) < 2 || a.Candidates[0].Reason != places.ByLearnt || a.Candidates[1].Reason != places.ByLearnt {
			w.t.Errorf("sure %v of %+v", a.Sure, a.Candidates)
		}
	})
}

func TestWhatMayNameAPersonIsNeverKept(t *testing.T) {
	engines(t, "ma", func(w *world) {
		by := w.somebody(actor.Dispatcher, "")
		for _, text := range []string{
			"Zzawya 0612345678", "Zzawya ٠٦١٢٣٤٥٦٧٨", "famille Zzawya", "chez Hmad Zzawya", "عائلة بنعلي", "السيد بنعلي", "maison Hmad",
			"zzawya zzerqa lli hda lwad dyal jjbel lkbir bezzaf", "qedam zzawya, mor lwad", "", "،،،", "12 34", village, "\xff\xfe", strings.Repeat("zzawya ", 400),
		} {
			w.says(by, text, village)
		}
		known, _ := w.places.Get(village)
		for _, name := range known.Names {
			w.says(by, name, village)
		}
		w.says(by, "commune Ouirgane", village)
		w.says(by, "Zzawya", "nowhere")
		w.says(actor.Actor{System: "import"}, "Zzawya", village) // nobody answers for it
		if all := w.kept(); len(all) != 0 {
			w.t.Errorf("kept %+v", all)
		}
		lines := 0
		w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) error {
			all, err := deed.Lines(t, 0, DeedLearn.Name, 10)
			lines = len(all)
			return err
		}))
		if lines != 0 {
			w.t.Errorf("%d lines of learning", lines)
		}
	})
}

func TestTheJournalHoldsNoWordOfASpelling(t *testing.T) {
	engines(t, "ma", func(w *world) {
		w.says(w.somebody(actor.Dispatcher, ""), "Bldat Zzitoun", village)
		w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) error {
			all, err := deed.Lines(t, 0, DeedLearn.Name, 10)
			if len(all) != 1 || strings.Contains(strings.ToLower(string(all[0].Told)), "zzitoun") || !strings.Contains(string(all[0].Told), village) {
				w.t.Errorf("the journal: %d lines, %s", len(all), all[0].Told)
			}
			return err
		}))
	})
}

func TestASpellingIsTakenBackAndBroughtBackByWhoeverAnswersForThePlace(t *testing.T) {
	engines(t, "ma", func(w *world) {
		cell := w.somebody(actor.CrisisCell, "")
		w.says(cell, "Bldat Zzitoun", village)
		sid := w.kept()[0].ID
		if err := w.TakeBack(w.t.Context(), w.somebody(actor.Dispatcher, "09"), sid); err == nil {
			w.t.Error("a dispatcher of another region took it back")
		}
		if err := w.TakeBack(w.t.Context(), w.somebody(actor.Agent, ""), sid); err == nil {
			w.t.Error("an agent took it back")
		}
		w.must(w.TakeBack(w.t.Context(), w.somebody(actor.Dispatcher, "07"), sid))
		w.must(w.TakeBack(w.t.Context(), cell, sid)) // again is welcome
		if code, _ := first(w.places, "Bldat Zzitoun"); code == village {
			w.t.Error("it is still found")
		}
		w.says(cell, "Bldat Zzitoun", village)
		if code, _ := first(w.places, "Bldat Zzitoun"); code == village {
			w.t.Error("confirmed again it came back by itself, against whoever took it back")
		}
		w.must(w.BringBack(w.t.Context(), cell, sid))
		if code, _ := first(w.places, "Bldat Zzitoun"); code != village {
			w.t.Error("it did not come back")
		}
	})
}

func TestAFileGoesToAnotherHouseAndAddsNothingTwice(t *testing.T) {
	engines(t, "ma", func(w *world) {
		w.says(w.somebody(actor.Dispatcher, ""), "Bldat Zzitoun", village)
		w.says(w.somebody(actor.Coordinator, ""), "=Bldat Nnkhel", village)
		w.says(w.somebody(actor.Coordinator, ""), "Bldat Nnkhel", village)
		body, err := w.File(w.t.Context(), w.somebody(actor.Administrator, ""))
		w.must(err)
		if s := string(body); !strings.Contains(s, "dispatcher") || !strings.Contains(s, "جمعية الفانوس") || strings.Contains(s, "\n=") || strings.Contains(s, ",=") || strings.Count(s, "\n") != 4 {
			w.t.Fatalf("the file: %s", s)
		}
		two := open(w.t, "file:"+w.t.TempDir()+"/two.db", "ma")
		rows, err := ReadFile(body)
		w.must(err)
		admin := two.somebody(actor.Administrator, "")
		done, err := two.TakeIn(w.t.Context(), admin, rows)
		w.must(err)
		if done.Rows != 3 || done.Added != 2 || done.Unknown != 0 || done.Refused != 0 {
			w.t.Errorf("%+v of %+v", done, rows)
		}
		if code, _ := first(two.places, "bldat nnkhel"); code != village {
			w.t.Errorf("the other house is sent to %q", code)
		}
		again, err := two.TakeIn(w.t.Context(), admin, rows)
		w.must(err)
		if again.Added != 0 || len(two.kept()) != 2 {
			w.t.Errorf("again: %+v", again)
		}
		third, err := two.File(w.t.Context(), admin)
		w.must(err)
		if !strings.Contains(string(third), "جمعية الفانوس") {
			w.t.Error("where it comes from was lost on the way")
		}
	})
}

func TestAFileOfGarbageIsRefusedKindlyOrTakenForWhatItIs(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "\n", "code\n", "spelling\nx\n", "code,spelling\n\"x", "\xff\xfe\x00c"} {
		if rows, err := ReadFile([]byte(bad)); err == nil {
			t.Errorf("%q gave %d rows", bad, len(rows))
		}
	}
	rows, err := ReadFile([]byte("\ufeffSpelling;Code;confirmations;last;more\n'=2+3;1;x;2026-13-40;\nTijgalt;2;7;2026-11-20\n\n;;\n"))
	if err != nil || len(rows) != 3 || rows[0].Spelling != "=2+3" || rows[1].Confirmations != 7 || !rows[1].Last.Equal(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)) || rows[1].Source != "?" {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestTheSecondCountryLearnsToo(t *testing.T) {
	engines(t, "tamurt", func(w *world) {
		douar := w.places.All(places.Douar)[0]
		w.says(w.somebody(actor.Dispatcher, ""), "Xqwzt lfoqani", douar.Code)
		if code, _ := first(w.places, "xqwzt lfoqani"); code != douar.Code {
			w.t.Errorf("found %q", code)
		}
	})
}

func TestThePageListsSearchesTakesBackAndExchangesFiles(t *testing.T) {
	t.Parallel()
	w := open(t, "file:"+t.TempDir()+"/house.db", "ma")
	by := w.somebody(actor.Dispatcher, "")
	srv := w.edge(&by)
	get := func(path string) string {
		t.Helper()
		code, body := w.answer(srv.Client().Get(srv.URL + path))
		if code != 200 {
			t.Fatalf("%s answers %d: %.300s", path, code, body)
		}
		return body
	}
	if !strings.Contains(get("/en/spellings"), "Nobody has confirmed one yet") {
		t.Error("an empty page does not say what to do")
	}
	w.says(by, "Bldat Zzitoun", village)
	w.says(w.somebody(actor.Agent, ""), "Lmdina lqdima", anougal)
	for path, want := range map[string]string{"/en/spellings": "Waits for another person", "/en/spellings?q=zzit": "Bldat Zzitoun", "/en/spellings?q=Tizi+Oussem": "Bldat Zzitoun", "/ar/spellings": "Bldat Zzitoun", "/fr/spellings?q=rien": "Aucune de ce genre"} {
		if body := get(path); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	if strings.Contains(get("/en/spellings?q=zzit"), "Lmdina") {
		t.Error("the search found what it was not asked for")
	}
	sid := ""
	for _, k := range w.kept() {
		if k.Place == village {
			sid = k.ID.String()
		}
	}
	if code, body := w.answer(srv.Client().PostForm(srv.URL+"/en/spellings/"+sid+"/take-back", url.Values{})); code != 200 || !strings.Contains(body, "Bring back") {
		t.Errorf("taking back answers %d", code)
	}
	code, body := w.answer(srv.Client().PostForm(srv.URL+"/en/spellings/file", url.Values{}))
	if code != 200 || !strings.HasPrefix(body, "code,spelling,") {
		t.Errorf("the file answers %d: %.100s", code, body)
	}
	send := func(file string) (int, string) {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, _ := m.CreateFormFile("file", "x.csv")
		part.Write([]byte(file))
		m.Close()
		return w.answer(srv.Client().Post(srv.URL+"/en/spellings/import", m.FormDataContentType(), &b))
	}
	if code, body := send("code,spelling,source\n" + village + ",Bldat Ttin,Atlas\nX,y,Atlas\n" + village + ",0612345678,Atlas\n"); code != 200 || !strings.Contains(body, "Bldat Ttin") || !strings.Contains(body, "File from") {
		t.Errorf("a file answers %d: %.2000s", code, body)
	}
	if code, body := send("a,b\n"); code != http.StatusUnprocessableEntity || !strings.Contains(body, "There is no column") {
		t.Errorf("a wrong file answers %d: %.300s", code, body)
	}
	by = w.somebody(actor.Agent, "")
	if code, _ := w.answer(srv.Client().Get(srv.URL + "/en/spellings")); code != http.StatusForbidden {
		t.Errorf("an agent gets %d", code)
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add([]byte("code,spelling,script,confirmations,source,last\n1,'=x,Latn,2,dispatcher,2026-11-21\n"))
	f.Add([]byte("\ufeffcode;spelling\n\"\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := ReadFile(body)
		if err != nil && rows != nil {
			t.Error("an error came with rows")
		}
		for _, r := range rows {
			if c := cell(r.Spelling); uncell(c) != r.Spelling && !strings.HasPrefix(r.Spelling, "'") {
				t.Errorf("%q is written %q and read %q", r.Spelling, c, uncell(c))
			}
		}
	})
}
