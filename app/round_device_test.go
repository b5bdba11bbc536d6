package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/shared/actor"
)

// letter is what a phone seals to the house: nobody else reads it.
func (o *outing) letter(address string, body any) []byte {
	o.Helper()
	to, err := age.ParseX25519Recipient(address)
	o.must(err)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	o.must(err)
	o.must(json.NewEncoder(w).Encode(body))
	o.must(w.Close())
	return b.Bytes()
}

func TestAPhoneIsEnrolledWithThePasswordOnly(t *testing.T) {
	t.Parallel()
	o := goOut(t, model.SQLite(t), 1)
	did := o.id()
	enrol := func(w walker, password string) int {
		return o.call("POST", "/api/v1/round/devices", w.token, round.DeviceIn{ID: did, Name: "le bleu", Password: password}).Code
	}
	if code := enrol(o.volunteer, "seven lanterns, two wells"); code != 422 {
		t.Fatalf("a wrong password answers %d", code)
	}
	if code := enrol(walker{}, anyPassword); code != 401 {
		t.Errorf("a passer-by enrols: %d", code)
	}
	first := o.call("POST", "/api/v1/round/devices", o.volunteer.token, round.DeviceIn{ID: did, Name: "le bleu", Password: anyPassword})
	again := o.call("POST", "/api/v1/round/devices", o.volunteer.token, round.DeviceIn{ID: did, Name: "le bleu", Password: anyPassword})
	var a, b round.DeviceOut
	o.must(json.Unmarshal(first.Body.Bytes(), &a))
	o.must(json.Unmarshal(again.Body.Bytes(), &b))
	if len(a.Salt) != 16 || !bytes.Equal(a.Salt, b.Salt) || a.Iterations != 600_000 {
		t.Errorf("the salt was %x and is %x", a.Salt, b.Salt)
	}
	if code := enrol(o.volunteer2, anyPassword); code != 403 {
		t.Errorf("another account took the phone over: %d", code)
	}
	for range 8 {
		enrol(o.leader, "wrong, wrong")
	}
	if code := enrol(o.leader, anyPassword); code != 429 {
		t.Errorf("passwords are tried without a limit: %d", code)
	}
}

func TestAPhoneThatWasCutOffLearnsNothingAndLosesNothing(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 3)
		phone := o.enrol(o.volunteer)
		p := o.pack(o.volunteer, phone)
		lost := []note{o.delivery(0, 4), o.notReached(1, "unsafe"), o.request("0612345678"), o.delivery(2, 90)}
		stranger := o.person("hammou", actor.Leader)
		if w := knock(o.door, "POST", "/fr/round/devices/"+phone+"/cut", stranger.token, nil); w.Code != 403 {
			t.Fatalf("somebody who does not answer for it cut it off: %d", w.Code)
		}
		if w := knock(o.door, "POST", "/fr/round/devices/"+phone+"/cut", o.coordinator.token, nil); w.Code != 303 {
			t.Fatalf("cutting answers %d", w.Code)
		}
		for _, token := range []string{o.volunteer.token, ""} { // its session ended with it
			for _, x := range []struct {
				method, path string
				body         any
			}{{"GET", "/api/v1/round/pack?device=" + phone, nil}, {"POST", "/api/v1/round/records", note{"device": phone, "records": lost}}} {
				w := o.call(x.method, x.path, token, x.body)
				if w.Code != 401 || !strings.Contains(w.Body.String(), `"state":"cut"`) {
					t.Errorf("%s %s answers %d %s", x.method, x.path, w.Code, w.Body)
				}
			}
		}
		if w := o.call("GET", "/api/v1/round/pack?device="+o.id(), "", nil); !strings.Contains(w.Body.String(), `"state":"signin"`) {
			t.Errorf("a passer-by is told %s", w.Body)
		}
		letter := o.letter(p.Recipient, note{"device": phone, "records": lost, "photos": []note{{"id": o.id(), "record": lost[0]["id"], "data": aPhoto(t, 40, 30)}}})
		for range 2 { // the app sends it once, and may not know that it arrived
			w := o.call("POST", "/api/v1/round/rescue", "", letter)
			var out round.RecordsOut
			o.must(json.Unmarshal(w.Body.Bytes(), &out))
			o.want(out.Results, "conflict", "conflict", "conflict", "conflict")
		}
		if l := o.line("blanket"); l.Delivered != 0 {
			t.Fatalf("%d blankets were counted before anybody looked", l.Delivered)
		}
		if w := knock(o.door, "GET", "/fr/round/conflicts", o.coordinator.token, nil); w.Code != 200 || strings.Count(w.Body.String(), "<article") != 4 || strings.Contains(w.Body.String(), "0612345678") {
			t.Errorf("the coordination sees %d", w.Code)
		}
		for i, choice := range []string{"mine", "mine", "mine", "theirs"} {
			w := o.call("POST", "/api/v1/round/records/"+lost[i]["id"].(string)+"/settle", o.coordinator.token, note{"choice": choice, "reason": "family_confirms"})
			if w.Code != 200 {
				t.Errorf("record %d: %d %s", i, w.Code, w.Body)
			}
		}
		if l := o.line("blanket"); l.Delivered != 4 {
			t.Errorf("%d blankets delivered", l.Delivered)
		}
		if n := o.count(`SELECT COUNT(*) FROM cases_case`); n != 4 {
			t.Errorf("%d requests", n)
		}
		if n := o.count(`SELECT COUNT(*) FROM round_photo WHERE state = 'whole'`); n != 1 {
			t.Errorf("%d photos", n)
		}
	})
}

func TestARelayedRequestComesHomeThoughItsCarrierCouldNotReadIt(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 1)
		one, two := o.enrol(o.volunteer), o.enrol(o.volunteer2)
		p := o.pack(o.volunteer, one)
		inner := o.request("0612345678")
		delete(inner["body"].(note)["answers"].(note), "people") // what is missing is asked by telephone
		relay := func() note {
			return note{"id": o.id(), "kind": "relay", "body": note{"box": o.letter(p.Recipient, inner)}}
		}
		a := o.send(o.volunteer, one, relay())
		o.want(a, "taken")
		b := o.send(o.volunteer2, two, relay()) // the same request by another way
		o.want(b, "taken")
		if a[0].Receipt == "" || a[0].Receipt != b[0].Receipt || o.count(`SELECT COUNT(*) FROM cases_case`) != 2 {
			t.Errorf("receipts %q and %q", a[0].Receipt, b[0].Receipt)
		}
		o.want(o.send(o.volunteer, one, note{"id": o.id(), "kind": "relay", "body": note{"box": o.letter(p.Recipient, o.delivery(0, 1))}}), "refused")
		box := o.letter(p.Recipient, inner)
		box[len(box)-3] ^= 1
		o.want(o.send(o.volunteer, one, note{"id": o.id(), "kind": "relay", "body": note{"box": box}}), "refused")
	})
}

func TestARescueFileIsTakenInAsIfThePhoneHadSentIt(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 4)
		phone := o.enrol(o.volunteer)
		p := o.pack(o.volunteer, phone)
		first := o.delivery(0, 1)
		o.want(o.send(o.volunteer, phone, first), "taken")
		var all []note
		for i := range 3 {
			all = append(all, o.delivery(i+1, i+1))
		}
		letter := o.letter(p.Recipient, note{"device": phone, "records": append([]note{first}, all...)})
		if w := o.call("POST", "/api/v1/round/rescue", "", letter); w.Code != 401 {
			t.Errorf("a passer-by handed in the file of a phone that is in use: %d", w.Code)
		}
		for _, w := range []walker{o.coordinator, o.volunteer} {
			got := o.call("POST", "/api/v1/round/rescue", w.token, letter)
			var out round.RecordsOut
			o.must(json.Unmarshal(got.Body.Bytes(), &out))
			if w.id == o.coordinator.id {
				o.want(out.Results, "again", "taken", "taken", "taken")
			} else {
				o.want(out.Results, "again", "again", "again", "again")
			}
		}
		for _, bad := range [][]byte{nil, []byte("age-encryption.org/v1"), letter[:200], o.letter(p.Recipient, "no"), o.letter(p.Recipient, note{"device": "x"})} {
			if w := o.call("POST", "/api/v1/round/rescue", o.volunteer.token, bad); w.Code != 422 {
				t.Errorf("%.20q answers %d", bad, w.Code)
			}
		}
	})
}

func TestNothingInAPackNamesAPersonOrATelephone(t *testing.T) {
	t.Parallel()
	o := goOut(t, model.SQLite(t), 3)
	phone := o.enrol(o.leader)
	for _, lang := range []string{"ar", "zgh", "fr", "en"} {
		w := o.call("GET", "/api/v1/round/pack?lang="+lang+"&device="+phone, o.leader.token, nil)
		if w.Code != 200 || strings.Contains(w.Body.String(), "+2126") || strings.Contains(w.Body.String(), "061000") {
			t.Errorf("%s: %d: a telephone stands in the pack", lang, w.Code)
		}
	}
	if n := o.count(`SELECT COUNT(*) FROM deed_record WHERE deed = 'round.pack.take'`); n != 4 {
		t.Errorf("%d lines of four packs", n)
	}
}

func TestWhatIsForgottenOfACaseIsForgottenHereToo(t *testing.T) {
	t.Parallel()
	o := goOut(t, model.SQLite(t), 2)
	phone := o.enrol(o.volunteer)
	visit := note{"id": o.id(), "kind": "visit", "body": note{"mission": o.mission.String(), "stop": o.stops[0].ID.String(), "answers": note{"home": "fallen", "water": "none", "words": "chez Aïcha"}}}
	o.want(o.send(o.volunteer, phone, visit), "taken")
	picture := o.photo(o.volunteer, visit["id"].(string), aPhoto(t, 60, 40))
	rid, about := visit["id"].(string), o.cases[0].String()
	read := func(path string, w walker) string {
		got := knock(o.door, "GET", path, w.token, nil)
		return fmt.Sprint(got.Code) + " " + got.Body.String()
	}
	if said := read("/fr/round/visits/"+rid, o.volunteer); !strings.HasPrefix(said, "403") {
		t.Errorf("a volunteer reads answers at home: %.80s", said)
	}
	if said := read("/fr/round/visits/"+rid, o.coordinator); !strings.HasPrefix(said, "200") || !strings.Contains(said, "chez Aïcha") || !strings.Contains(said, "Effondrée") {
		t.Errorf("the coordination reads %.80s", said)
	}
	if said := read("/fr/round/cases/"+about, o.coordinator); !strings.Contains(said, rid) || !strings.Contains(said, picture) || strings.Contains(said, "Aïcha") {
		t.Errorf("the list says %.80s", said)
	}
	if said := read("/fr/round/photos/"+picture, o.coordinator); !strings.HasPrefix(said, "200") {
		t.Errorf("the photo: %.80s", said)
	}
	for _, word := range []string{"round.visit.read", "round.photo.look"} {
		if n := o.count(`SELECT COUNT(*) FROM deed_record WHERE deed = ?1 AND subject = ?2`, word, "cases.case/"+about); n != 1 {
			t.Errorf("%d lines of %s", n, word)
		}
	}
	o.must(o.h.Round.ForgetCase(t.Context(), about))
	o.must(o.h.Round.ForgetCase(t.Context(), about))
	for _, path := range []string{"/fr/round/visits/" + rid, "/fr/round/photos/" + picture} {
		if said := read(path, o.coordinator); !strings.HasPrefix(said, "404") {
			t.Errorf("%s is still there: %.60s", path, said)
		}
	}
	o.clock.At = o.clock.At.Add(time.Minute)
}
