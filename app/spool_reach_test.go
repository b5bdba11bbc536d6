package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/gateway/httpsms"
	"github.com/twiza/twiza/shared/reach/gateway/ussd"
)

// away is a house with phones round it, whose store can be cut off.
type away struct {
	*aside
	m *masts
}

// ticking is a clock of which no two looks show the same, as of any that goes.
type ticking struct{ *clock.Held }

func (c ticking) Now() time.Time {
	c.Advance(time.Microsecond)
	return c.Held.Now()
}

var hookKey = []byte("a key of a company, of 32 bytes.")

const ussdSecret = "a word of the aggregator"

func newAway(t *testing.T, dsn string) *away {
	t.Helper()
	now := &clock.Held{At: morning}
	x := beside(t, dsn, ticking{now})
	m := &masts{T: t, h: x.h, now: now, net: channel.NewNetwork()}
	log := slog.New(slog.DiscardHandler)
	in, err := httpsms.New(httpsms.Config{URL: "http://127.0.0.1:1/", Keys: []string{"whsec_" + base64.StdEncoding.EncodeToString(hookKey)},
		HookKeys: []string{"whsec_" + base64.StdEncoding.EncodeToString(hookKey)}}, now, log)
	m.must(err)
	m.must(x.h.Reach.Use(&reach.Gateway{Name: "company", Kind: channel.SMS, Out: m, Hook: in}))
	m.must(x.h.Reach.Use(&reach.Gateway{Name: "menu", Kind: channel.USSD, Live: ussd.New(ussd.Config{Name: "menu", Secret: ussdSecret, Header: "X-Secret", Prefix: "212"}, now, log)}))
	return &away{x, m}
}

func (m *masts) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// tells is the company's gateway telling of a message, signed as it signs.
func (x *away) tells(name, from, text string) int {
	x.Helper()
	body, err := json.Marshal(map[string]any{"type": "sms.received", "timestamp": x.m.now.Now(), "data": map[string]any{"id": name, "from": from, "text": text}})
	x.m.must(err)
	at := strconv.FormatInt(x.m.now.Now().Unix(), 10)
	mac := hmac.New(sha256.New, hookKey)
	fmt.Fprintf(mac, "call.%s.%s", at, body)
	w := send(x.door, "/reach/company", "application/json", string(body), "webhook-id", "call", "webhook-timestamp", at,
		"webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return w.Code
}

func TestATextThatComesWhileTheStoreIsAwayIsReadOnceInOrderAndAnsweredWhenItReturns(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := newAway(t, dsn)
		if code := x.tells("m0", basicPhone, "menu"); code != http.StatusNoContent {
			t.Fatalf("before: %d", code)
		}
		x.m.work()
		before := len(x.m.net.On(basicPhone))
		x.store.cut()
		words := []string{"1", "3 6", "دوار لا يعرفه أحد وراء الجبل", "7", "0"}
		for i, text := range words {
			for range 3 { // the gateway heard nothing, and tells again
				if code := x.tells(fmt.Sprint("m", i+1), basicPhone, text); code != http.StatusNoContent {
					t.Fatalf("%q is answered %d while the store is away", text, code)
				}
			}
			x.m.now.Advance(time.Second)
		}
		if n, _ := x.h.Spool.Waiting(); n != int64(3*len(words)) {
			t.Fatalf("%d wait", n)
		}
		copies := copyFolder(t, x.h.Config.Spool) // what lies there is all that a crash would leave
		x.again()
		for range len(words) + 1 {
			x.m.work()
			x.m.now.Advance(10 * time.Second)
		}
		all := x.m.all()
		if len(all) != 1 || all[0].People != 7 {
			t.Fatalf("%d requests: %+v", len(all), all)
		}
		answers := x.m.net.On(basicPhone)[before:]
		if len(answers) != len(words) {
			t.Errorf("%d messages had %d answers", len(words), len(answers))
		}
		x.m.wants(answers[len(answers)-1].Text, all[0].Receipt.Groups())
		// Handed out once more, as after a crash between the store and the note.
		second := openHouse(t, dsn, ticking{x.m.now}, func(c *Config) { c.Spool = copies })
		x.m.must(second.Reach.Use(&reach.Gateway{Name: "company", Kind: channel.SMS, Out: x.m}))
		second.emptySpool(t.Context())
		x.m.work()
		if n, stuck := second.Spool.Waiting(); n != 0 || stuck != 0 || len(x.m.all()) != 1 || len(x.m.net.On(basicPhone)) != before+len(words) {
			t.Errorf("handed out again: %d wait, %d stuck, %d requests, %d answers", n, stuck, len(x.m.all()), len(x.m.net.On(basicPhone))-before)
		}
	})
}

func TestATextDoesNotOvertakeAnEarlierOneOfItsSenderThatWaits(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := newAway(t, dsn)
		x.store.cut()
		x.tells("m1", basicPhone, "menu")
		x.tells("m2", basicPhone, "1")
		x.store.mend()
		comes(t, "the store answers", func() bool { return x.h.DB.Write(t.Context(), func(*db.Tx) error { return nil }) == nil })
		if code := x.tells("m3", basicPhone, "3 6"); code != http.StatusNoContent {
			t.Fatalf("with the store: %d", code)
		}
		if n, _ := x.h.Spool.Waiting(); n != 3 {
			t.Fatalf("%d wait: the third overtook the others", n)
		}
		x.tells("m4", "+212600990007", "menu")
		if n, _ := x.h.Spool.Waiting(); n != 3 {
			t.Errorf("somebody else waits for nothing, and %d wait", n)
		}
		x.again()
		names := []string{}
		x.m.must(x.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			names, err = db.List(tx, db.Text, `SELECT name FROM reach_heard WHERE gateway = 'company' AND name <> 'id:m4' ORDER BY heard_at, id`)
			return err
		}))
		if got := strings.Join(names, " "); got != "id:m1 id:m2 id:m3" {
			t.Errorf("they went in as %s", got)
		}
		if x.tells("m5", basicPhone, "0"); len(x.waits()) != 0 {
			t.Error("afterwards messages go beside the store still")
		}
	})
}

// waits is what lies beside the store, counted.
func (x *aside) waits() []struct{} {
	n, _ := x.h.Spool.Waiting()
	return make([]struct{}, n)
}

// calls are those who are to be called: their numbers and languages, as it is due.
func (x *away) calls() (out []string) {
	x.Helper()
	x.m.must(x.h.DB.Read(x.Context(), func(t *db.Tx) error {
		out = nil
		all, err := db.List(t, db.Text, `SELECT c.lang || '/' || c.spoken || '/' || v.channel FROM reach_call c JOIN reach_conversation v ON v.id = c.conversation WHERE c.state = 'waiting' ORDER BY c.due_at, c.id`)
		out = all
		return err
	}))
	return out
}

// dials is one step of a USSD session.
func (x *away) dials(session, from, text string) string {
	x.Helper()
	r := httptest.NewRequest("POST", "/reach/menu", strings.NewReader(url.Values{"sessionId": {session}, "phoneNumber": {from}, "text": {text}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Secret", ussdSecret)
	w := httptest.NewRecorder()
	x.door.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		x.Fatalf("the menu answers %d", w.Code)
	}
	return w.Body.String()
}

func TestWhoeverDialsTheMenuWhileTheStoreIsAwayIsToldTheTruthAndIsCalledOnce(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := newAway(t, dsn)
		if said := x.dials("s1", basicPhone, ""); !strings.HasPrefix(said, "CON ") {
			t.Fatalf("before: %s", said)
		}
		if said := x.dials("s1", basicPhone, "français"); !strings.HasPrefix(said, "CON ") {
			t.Fatalf("in French: %s", said)
		}
		x.store.cut()
		for range 2 { // the network tells a step again
			if said := x.dials("s1", basicPhone, "français*1"); !strings.HasPrefix(said, "END ") || !strings.Contains(said, "Votre numéro est gardé") {
				t.Fatalf("in the middle: %s", said)
			}
		}
		if said := x.dials("s2", "+212600990007", ""); !strings.HasPrefix(said, "END ") || !strings.Contains(said, "رقمك محفوظ عندنا") {
			t.Fatalf("somebody new: %s", said)
		}
		if n, _ := x.h.Spool.Waiting(); n != 2 {
			t.Fatalf("%d wait", n)
		}
		copies := copyFolder(t, x.h.Config.Spool)
		x.again()
		if got := strings.Join(x.calls(), " "); got != "fr//ussd ar//ussd" {
			t.Errorf("to be called are %s", got)
		}
		second := openHouse(t, dsn, ticking{x.m.now}, func(c *Config) { c.Spool = copies })
		second.emptySpool(t.Context())
		if n, stuck := second.Spool.Waiting(); n != 0 || stuck != 0 || len(x.calls()) != 2 {
			t.Errorf("handed out again: %d wait, %d stuck, %d are to be called", n, stuck, len(x.calls()))
		}
	})
}

func TestWhoeverCallsWhileTheStoreIsAwayIsToldTheTruthAndWhatTheySaidIsKept(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := newAway(t, dsn)
		turn := channel.Turn{Kind: channel.Voice, Gateway: "exchange", Session: "call1", From: basicPhone, New: true}
		if _, err := x.h.Reach.Talk(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		turn.New, turn.Keys = false, "2"
		if said, err := x.h.Reach.Talk(t.Context(), turn); err != nil || said.Lang == "" {
			t.Fatalf("a language is chosen: %+v, %v", said, err)
		}
		x.store.cut()
		turn.Keys, turn.Noted = "", &channel.Note{Type: "audio/wav", Seconds: 12, Bytes: []byte("what somebody said")}
		said, err := x.h.Reach.Talk(t.Context(), turn)
		if err != nil || !said.End || said.Lang == "" || len(said.Prompts) != 1 || said.Prompts[0].Name != "reach.call.coming" {
			t.Fatalf("without the store: %+v, %v", said, err)
		}
		if said, err := x.h.Reach.Talk(t.Context(), channel.Turn{Kind: channel.Voice, Gateway: "exchange", Session: "call2", New: true}); err != nil || !said.End {
			t.Errorf("a number that is withheld: %+v, %v", said, err)
		}
		x.again()
		if all := x.calls(); len(all) != 1 || !strings.HasPrefix(all[0], "ar/"+said.Lang+"/voice") {
			t.Fatalf("to be called are %v", all)
		}
		notes := int64(0)
		x.m.must(x.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			notes, err = db.One(tx, db.Int, `SELECT COUNT(*) FROM reach_note WHERE subject LIKE 'reach.call/%' AND seconds = 12`)
			return err
		}))
		if notes != 1 {
			t.Errorf("%d recordings are kept", notes)
		}
	})
}
