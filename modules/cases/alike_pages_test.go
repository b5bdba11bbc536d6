package cases

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// drafted keeps a form under way with the answers of ask, and more.
func (w *world) drafted(more forms.Answers) string {
	w.t.Helper()
	d := Draft{ID: id.New[draftKind](w.clock.Now()), Service: "crisis_help", Version: 1, Answers: w.answers(more)}
	w.must(w.KeepDraft(w.t.Context(), d))
	return d.ID.String()
}

func TestWhoeverAsksLearnsHowManyToldAlreadyAndNothingOfWho(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, passer := w.desk(), actor.Actor{Channel: "web"}
		at := forms.Place{Code: w.douar(), HasPoint: true, Lat: 31.0512, Lon: -8.1012}
		words := "the house next to the mosque fell, my uncle Lahcen is inside"
		first := w.ask(forms.Answers{"need": []string{"rescue"}, "where": at, "words": words})
		told := w.drafted(forms.Answers{"need": []string{"rescue"}, "where": at, "words": words, "phone": forms.Phone("+212661770001"), "name": "Omar"})
		status, page := d.get(passer, "/en/help/crisis_help/"+told+"/check")
		if status != 200 || !strings.Contains(saidOn(page), "1 person may have told us about this already") || !strings.Contains(page, `name="voice"`) {
			t.Fatalf("%d: %s", status, saidOn(page))
		}
		for _, secret := range []string{first.Receipt.String(), first.Receipt.Groups(), first.ID.String(), "4542", "Aicha"} {
			if strings.Contains(page, secret) {
				t.Errorf("the page tells %s of somebody else's request", secret)
			}
		}
		status, _ = d.post(passer, "/en/help/crisis_help/"+told+"/send", "voice", "same")
		if status != 303 {
			t.Fatalf("the voice was not taken: %d", status)
		}
		did, err := id.Parse[draftKind](told)
		w.must(err)
		voice := w.get(w.caseOf(did))
		if voice.Receipt == first.Receipt || voice.PhoneKey == nil {
			t.Error("it is not a request of its own")
		}
		n := w.rows(`SELECT COUNT(*) FROM cases_alike WHERE asker = 1`)
		if n != 1 {
			t.Errorf("what they said is written down %d times", n)
		}
		if _, page = d.get(passer, "/en/help/crisis_help/"+told+"/done"); !strings.Contains(page, voice.Receipt.String()) {
			t.Error("no receipt of their own")
		}
	})
}

func TestNobodyLearnsByTypingANumberWhetherItsOwnerAsked(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, passer := w.desk(), actor.Actor{Channel: "web"}
		w.ask(nil)
		for what, more := range map[string]forms.Answers{
			"number":          {"words": "?", "name": nil, "where": forms.Place{Text: "?"}},
			"number and name": {"words": "?", "where": forms.Place{Text: "?"}},
			"all but words":   {"words": "nothing of the kind"},
		} {
			stranger := forms.Answers{"phone": forms.Phone("+212661770009"), "name": "Hmad"}
			for k, v := range more {
				if k != "name" {
					stranger[k] = v
				}
			}
			_, page := d.get(passer, "/en/help/crisis_help/"+w.drafted(more)+"/check")
			_, other := d.get(passer, "/en/help/crisis_help/"+w.drafted(stranger)+"/check")
			if strings.Contains(page, `name="voice"`) != strings.Contains(other, `name="voice"`) {
				t.Errorf("the %s tells that its owner asked", what)
			}
			if what != "all but words" && strings.Contains(page, `name="voice"`) {
				t.Errorf("the %s alone finds somebody", what)
			}
		}
		agent := w.staff(actor.Agent, tidili)
		_, page := d.get(agent, "/en/help/crisis_help/"+w.drafted(forms.Answers{"words": "again"})+"/check")
		if !strings.Contains(page, "Same telephone") {
			t.Errorf("whoever takes the call down sees no reason: %s", saidOn(page))
		}
		if _, page := d.get(w.staff(actor.Agent, "09.541"), "/en/help/crisis_help/"+w.drafted(forms.Answers{"words": "again"})+"/check"); strings.Contains(page, "Same telephone") {
			t.Error("an agent of another territory sees which one it is")
		}
	})
}

func TestPairsAreJudgedByButtonsAndTakenBack(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by, agent := w.desk(), w.staff(actor.Dispatcher, tidili), w.staff(actor.Agent, tidili)
		a := w.ask(nil)
		w.clock.Advance(time.Minute)
		b := w.ask(forms.Answers{"words": "once more for Lahcen"})
		w.clock.Advance(time.Minute)
		c := w.ask(forms.Answers{"words": "a third time for Lahcen", "people": int64(8)})
		w.likes(a.ID)
		_, page := d.get(by, "/en/alike")
		pair := regexp.MustCompile(`name="pair" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
		if len(pair) != 3 || !strings.Contains(page, "Very likely the same") || !strings.Contains(page, "Same telephone") {
			t.Fatalf("%d pairs: %s", len(pair), saidOn(page))
		}
		if _, page := d.get(by, "/en/queue?case="+a.ID.String()); !strings.Contains(page, "/alike?case="+a.ID.String()) {
			t.Errorf("the queue does not lead to both side by side: %s", saidOn(page))
		}
		other := w.ask(forms.Answers{"words": "somebody else", "phone": forms.Phone("+212661770019"), "name": "Itto"})
		for of, n := range map[CaseID]int{a.ID: 2, other.ID: 0} {
			_, page := d.get(by, "/en/alike?case="+of.String())
			if got := strings.Count(page, `name="pair"`); got != n || !strings.Contains(page, "All requests that look alike") {
				t.Errorf("of one request %d pairs stand side by side, want %d", got, n)
			}
		}
		if _, page := d.get(agent, "/en/alike"); !strings.Contains(page, "Very likely the same") || strings.Contains(page, `name="act"`) {
			t.Error("an agent sees the pairs, and decides nothing")
		}
		if _, page := d.get(w.staff(actor.Dispatcher, "09.541"), "/en/alike"); strings.Contains(page, "Very likely the same") {
			t.Error("another territory's pairs are shown")
		}
		status, _ := d.post(agent, "/en/alike", "pair", pair[0][1], "act", "same")
		if status != 403 {
			t.Errorf("an agent joined: %d", status)
		}
		before := map[CaseID]string{a.ID: w.asItWas(a.ID), b.ID: w.asItWas(b.ID), c.ID: w.asItWas(c.ID)}
		joined := func() int64 { return w.rows(`SELECT COUNT(*) FROM cases_case WHERE merged_into IS NOT NULL`) }
		if status, _ := d.post(by, "/en/alike", "pair", pair[0][1], "act", "same", "at", "1"); status != 303 || joined() != 1 {
			t.Fatalf("%d, %d joined", status, joined())
		}
		if status, _ := d.post(by, "/en/alike/undo"); status != 303 || joined() != 0 {
			t.Fatalf("%d, %d joined", status, joined())
		}
		_, page = d.get(by, "/en/alike?case="+a.ID.String())
		if hidden := `name="of" value="` + a.ID.String() + `"`; strings.Count(page, hidden) != 2 {
			t.Errorf("%d of two pairs stay with their request when they are decided", strings.Count(page, hidden))
		}
		_, page = d.get(by, "/en/alike/preview")
		all := regexp.MustCompile(`name="pair" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
		form := []string{"act", "same"}
		for _, p := range all {
			form = append(form, "pair", p[1])
		}
		if status, _ := d.post(by, "/en/alike", form...); status != 303 || joined() != 2 {
			t.Fatalf("of %d together: %d, %d joined", len(all), status, joined())
		}
		if _, page := d.get(by, "/en/cases/"+a.ID.String()); !strings.Contains(saidOn(page), "Up to 8 people, from 3 voices") {
			t.Errorf("the case does not say for how many it stands: %s", saidOn(page))
		}
		if status, _ := d.post(by, "/en/alike/undo"); status != 303 || joined() != 0 {
			t.Fatalf("%d, %d joined", status, joined())
		}
		for cid, was := range before {
			if now := w.asItWas(cid); now != was {
				t.Errorf("not as it was:\n%s\n%s", was, now)
			}
		}
		for _, p := range pair {
			if status, _ := d.post(by, "/en/alike", "pair", p[1], "act", "other"); status != 303 {
				t.Fatal(status)
			}
		}
		if _, page := d.get(by, "/en/alike"); strings.Contains(page, `name="pair"`) {
			t.Error("what was told apart is asked again")
		}
		w.must(w.LookAlike(t.Context()))
		w.must(w.Locate(t.Context(), by, b.ID, w.douar())) // compared anew
		w.likes(b.ID)
		if _, page := d.get(by, "/en/alike"); strings.Contains(page, `name="pair"`) {
			t.Error("what was told apart comes back")
		}
		d.post(by, "/en/alike/undo")
		if _, page := d.get(by, "/en/alike"); !strings.Contains(page, `name="pair"`) {
			t.Error("what was taken back is not asked again")
		}
	})
}

func TestAProgramLearnsHowManyToldBeforeAndAddsAVoice(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		d.by.Store(&actor.Actor{Channel: "api"})
		send := func(words string, same bool) (out ReceiptOut) {
			answers, err := json.Marshal(map[string]any{"need": []string{"food", "warm"}, "where": map[string]any{"code": w.douar()}, "people": 6, "phone": "0661234542", "words": words, "name": "Aicha"})
			w.must(err)
			body, err := json.Marshal(RequestIn{Service: "crisis_help", Lang: "en", Answers: answers, Same: same})
			w.must(err)
			r, err := http.Post(d.srv.URL+"/api/v1/requests", "application/json", bytes.NewReader(body))
			w.must(err)
			defer r.Body.Close()
			if r.StatusCode != 201 {
				said, _ := io.ReadAll(r.Body)
				t.Fatalf("%d %s", r.StatusCode, said)
			}
			w.must(json.NewDecoder(r.Body).Decode(&out))
			return out
		}
		words := "the big house next to the mosque fell, my uncle Lahcen and the teacher are inside"
		first := send(words, false)
		second := send(words, true)
		if first.Told != 0 || first.Joined || second.Told != 1 || !second.Joined || second.Receipt == first.Receipt {
			t.Errorf("the first hears %+v, the second %+v", first, second)
		}
		// what was found while they were taken in is proposed without looking again, and is
		// what looking again finds
		third := send("the big house near the mosque is down, ask for Lahcen", false)
		cid, err := id.Parse[Case](third.ID)
		w.must(err)
		var looked []proposal
		kept, ok := w.soon.take(cid)
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { looked, err = w.proposals(tx, cid); return err }))
		if third.Told != 2 || !ok || len(looked) != 1 || !reflect.DeepEqual(kept.found, looked) || len(kept.rest) > 0 {
			t.Errorf("%d told before; kept (%v): %+v, looked for: %+v", third.Told, ok, kept, looked)
		}
		// and so is what was left over because somebody waited
		all := w.rows(`SELECT COUNT(*) FROM cases_sketch WHERE case_id <> ?1`, cid)
		rest := []int64{}
		for n := range w.rows(`SELECT MAX(n) FROM cases_sketch WHERE case_id <> ?1`, cid) {
			rest = append(rest, n+1)
		}
		w.soon.put(cid, compared{nil, rest})
		var left []proposal
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { left, err = w.proposals(tx, cid); return err }))
		if all != 2 || !reflect.DeepEqual(left, looked) {
			t.Errorf("of %d left over: %+v", all, left)
		}
		if all := w.likes(cid); len(all) != 1 || all[0].Verdict != "" {
			t.Errorf("proposed: %+v", all)
		}
	})
}

func TestWhatWasToldApartIsNotJoinedByWayOfAThird(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		by := w.staff(actor.Dispatcher, tidili)
		a, b, c := w.ask(nil), w.ask(nil), w.ask(nil)
		w.must(w.TellApart(t.Context(), by, a.ID, c.ID))
		done, left, err := w.Decide(t.Context(), by, "same", [][2]CaseID{{b.ID, a.ID}, {c.ID, b.ID}})
		if done != 1 || left != 1 || kind(err) != "cases.alike.told_apart" {
			t.Errorf("%d joined, %d left, %v", done, left, err)
		}
		w.must(w.Merge(t.Context(), by, c.ID, a.ID)) // whoever is sure may
	})
}

func TestTwoThatNobodyProposedAreJoinedByTheirReceipt(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), w.staff(actor.Dispatcher, tidili)
		a, b, far := w.ask(nil), w.other(1, forms.Answers{"words": "", "name": nil}), w.other(2, forms.Answers{"where": forms.Place{Code: "09.541"}})
		for into, want := range map[string]int{"12": 422, far.Receipt.String(): 422, b.Receipt.Groups(): 303} {
			if status, page := d.post(by, "/en/cases/"+a.ID.String()+"/merge", "into", into); status != want {
				t.Errorf("joining to %q answers %d: %s", into, status, saidOn(page))
			}
		}
		if w.get(a.ID).MergedInto != b.ID {
			t.Error("they are not joined")
		}
	})
}

func TestRubbishSentToTheAlikePagesIsRefusedCalmly(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), w.staff(actor.Dispatcher, "")
		a := w.ask(nil)
		for _, form := range [][]string{nil, {"pair", ""}, {"pair", "x y", "act", "same"}, {"pair", a.ID.String() + " " + a.ID.String(), "act", "same"},
			{"pair", a.ID.String() + " " + id.New[Case](w.clock.Now()).String(), "act", "same"}, {"pair", a.ID.String() + " " + a.ID.String(), "act", "\x00"}} {
			if status, page := d.post(by, "/en/alike", form...); status >= 500 {
				t.Errorf("%v: %d %s", form, status, saidOn(page))
			}
		}
		for _, at := range []string{"-1", "99999999999999999999", "<b>", "3"} {
			if status, _ := d.get(by, "/en/alike?at="+url.QueryEscape(at)); status != 200 {
				t.Errorf("at %s: %d", at, status)
			}
		}
		if status, _ := d.post(by, "/en/alike/undo"); status != 303 {
			t.Errorf("nothing to undo: %d", status)
		}
	})
}

func TestWhoeverDecidesStaysWhereTheyDecided(t *testing.T) {
	a := id.New[Case](time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))
	for form, want := range map[string]string{"": "/alike", "at=3": "/alike?at=3", "at=-1": "/alike?at=0", "of=" + a.String(): "/alike?case=" + a.String(), "at=1&of=" + a.String(): "/alike?at=1&case=" + a.String(),
		"of=//evil.example": "/alike"} {
		v, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		if got := whereDecided(v); got != want {
			t.Errorf("%s leads to %s, want %s", form, got, want)
		}
	}
}
