package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/reach/gateway/ussd"
	"github.com/twiza/twiza/shared/service"
)

// hamlet is a house whose neighbours have telephones and nothing else: the
// networks of the demonstration stand between them, and whoever asks the house
// for a page meets a wall.
type hamlet struct {
	*testing.T
	h    *House
	p    *phones
	wall *wall
	org  actor.OrganisationID
	team field.TeamID
	read map[string]int // messages that were read, by phone

	coordinator, dispatcher, agent actor.Actor
}

// wall refuses every page that a citizen could open.
type wall struct {
	house http.Handler
	doors *House

	mu      sync.Mutex
	down    bool // for the scenario in which somebody far away has a page
	refused []string
}

func (w *wall) ServeHTTP(a http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	refuse := !w.down && w.citizens(r.URL.Path)
	if refuse {
		w.refused = append(w.refused, r.Method+" "+r.URL.Path)
	}
	w.mu.Unlock()
	if refuse {
		http.Error(a, "no page for anybody", http.StatusServiceUnavailable)
		return
	}
	w.house.ServeHTTP(a, r)
}

// citizens tells whether an address is neither the API's, nor a gateway's, nor
// of those who work here.
func (w *wall) citizens(path string) bool {
	if strings.HasPrefix(path, "/reach/") || strings.HasPrefix(path, "/api/") {
		return false
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	for _, d := range w.doors.allDoors() {
		if !d.API && !d.Deed.Open && leads(d.Path, "/"+rest) {
			return false
		}
	}
	return true
}

func newHamlet(t *testing.T, dsn string) *hamlet {
	t.Helper()
	now := &devClock{} // a morning that goes on: nobody is asleep
	now.ahead.Store(int64(morning.Sub(clock.System{}.Now())))
	m := &hamlet{T: t, h: openHouse(t, dsn, now, func(c *Config) { c.Demo = true }), read: map[string]int{}}
	m.wall = &wall{house: m.h.Handler(), doors: m.h}
	var err error
	m.p, err = m.h.openPhones(m.wall)
	m.must(err)
	m.p.recorded = func(string, string) bool { return true }
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { m.h.Jobs.Run(ctx) })
	work.Go(func() { m.h.Reach.Run(ctx) })
	t.Cleanup(func() {
		stop()
		work.Wait()
		m.p.Close()
	})
	m.org = id.New[actor.Organisation](morning)
	m.must(m.h.People.SeedOrganisation(t.Context(), people.Organisation{ID: m.org, Kind: people.Association, Receipt: "7/2020", Status: people.Recognised,
		Names: people.Names{AR: "جمعية النجمة", FR: "Association L’Étoile"}, Phone: "+212524001122"}))
	works := func(login string, g actor.Grant) actor.Actor {
		by := actor.Actor{Account: somebody(t, m.h, login, g), Channel: "web", Grants: []actor.Grant{g}}
		by.Grants[0].Recognised = true
		by.Org = g.Org
		return by
	}
	m.coordinator = works("coordinator", actor.Grant{Role: actor.Coordinator, Org: m.org})
	m.dispatcher = works("dispatcher", actor.Grant{Role: actor.Dispatcher})
	works("administrator", actor.Grant{Role: actor.Administrator})
	m.agent = works("agent", actor.Grant{Role: actor.Agent})
	m.team = id.New[field.Team](morning)
	m.must(m.h.Field.CreateTeam(t.Context(), m.coordinator, field.Team{ID: m.team, Org: m.org, Names: field.Names{AR: "فريق أسني", FR: "Équipe Asni"},
		Skills: []string{"logistics"}, Languages: []string{"shi", "ary"}, People: 4, Base: "07.041.07.07"}))
	return m
}

func (m *hamlet) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// shut proves that the wall stands, and at the end that nobody ran into it who
// needed help.
func (m *hamlet) shut() {
	m.Helper()
	front := httptest.NewServer(m.wall)
	m.Cleanup(front.Close)
	tried := 0
	for _, path := range []string{"/", "/ar/", "/ar/help", "/zgh/help/crisis_help", "/fr/track", "/ar/sign-in", "/fr/complain"} {
		r, err := http.Get(front.URL + path)
		m.must(err)
		r.Body.Close()
		if tried++; r.StatusCode != http.StatusServiceUnavailable {
			m.Errorf("%s answers %d: the web is not switched off", path, r.StatusCode)
		}
	}
	m.Cleanup(func() {
		if len(m.wall.refused) != tried {
			m.Errorf("somebody needed a page: %v", m.wall.refused[tried:])
		}
	})
}

// text writes from a phone and gives back the next message that arrives on it.
func (m *hamlet) text(from, words string) string {
	m.Helper()
	m.p.write(from, words)
	return m.next(from)
}

// next is the next message on a phone that was not read yet.
func (m *hamlet) next(from string) string {
	m.Helper()
	deadline := time.After(30 * time.Second)
	for {
		changed := m.p.letters.Changed()
		if all := m.p.letters.On(from); len(all) > m.read[from] {
			m.read[from]++
			return all[m.read[from]-1].Text
		}
		select {
		case <-changed:
		case <-deadline:
			m.Fatalf("no message arrives on %s", from)
		}
	}
}

func (m *hamlet) wants(got string, parts ...string) {
	m.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			m.Errorf("it does not say %q:\n%s", p, got)
		}
	}
}

// only is the one case of the house, or the one that was made in a channel.
func (m *hamlet) only(channel string) *cases.Case {
	m.Helper()
	var out []*cases.Case
	m.must(m.h.DB.Read(m.Context(), func(t *db.Tx) error {
		ids, err := db.List(t, func(r db.Row) (c cases.CaseID, err error) { return c, r.Scan(&c) }, `SELECT id FROM cases_case ORDER BY id`)
		for _, cid := range ids {
			c, err := m.h.Cases.Get(t, cid)
			if err != nil {
				return err
			}
			if channel == "" || c.Channel == channel {
				out = append(out, c)
			}
		}
		return err
	}))
	if len(out) != 1 {
		m.Fatalf("%d requests came by %q", len(out), channel)
	}
	return out[0]
}

// rows counts what a query finds.
func (m *hamlet) rows(query string, args ...any) int {
	m.Helper()
	return count(m.T, m.h, query, args...)
}

// deliver is the part of those who work here: the claim, the team, the mission,
// and the hand-over against the family's code. Once they set out, the phones
// are told in the words given.
func (m *hamlet) deliver(c cases.CaseID, code string, phones map[string]string) {
	m.Helper()
	ctx := m.Context()
	m.must(m.h.Cases.Claim(ctx, m.coordinator, c))
	m.must(m.h.Cases.Assign(ctx, m.coordinator, c, toTeam(m.team)))
	p := field.Plan{ID: id.New[field.Mission](m.h.clock.Now()), Team: m.team, At: m.h.clock.Now(), Cases: []field.CaseID{toField(c)}}
	m.must(m.h.Field.Plan(ctx, m.coordinator, p))
	m.must(m.h.Field.Load(ctx, m.coordinator, p.ID, map[string]int{"food_basket": 2, "blanket": 8}))
	m.must(m.h.Field.Depart(ctx, m.coordinator, p.ID))
	for phone, words := range phones {
		m.until(phone, words)
	}
	j, err := m.h.Field.Journey(ctx, p.ID)
	m.must(err)
	_, err = m.h.Field.Deliver(ctx, m.coordinator, field.Handover{ID: id.New[field.Delivery](m.h.clock.Now()), Mission: p.ID, Stop: j.Stops[0].ID,
		Goods: map[string]int{"food_basket": 2, "blanket": 8}, Proof: field.ByCode, Code: field.Secret(code)})
	m.must(err)
}

// until reads messages on a phone until one says what is wanted.
func (m *hamlet) until(from, words string) string {
	m.Helper()
	var all []string
	for range 6 {
		got := m.next(from)
		if strings.Contains(got, words) {
			return got
		}
		all = append(all, got)
	}
	m.Fatalf("on %s nobody says %q: %v", from, words, all)
	return ""
}

func (m *hamlet) closed(c cases.CaseID) {
	m.Helper()
	m.must(m.h.DB.Read(m.Context(), func(t *db.Tx) error {
		k, err := m.h.Cases.Get(t, c)
		if err == nil && (k.State != "closed" || k.Phase != service.Final) {
			m.Errorf("the family confirmed, and their request is %s", k.State)
		}
		return err
	}))
}

// codeIn is the code for whoever brings the help, in a message that tells it:
// the last line that is six digits.
func (m *hamlet) codeIn(text string) string {
	m.Helper()
	for _, line := range strings.Split(text, "\n") {
		if digits := plain(line); len(digits) == cases.CodeDigits && strings.TrimSpace(strings.ReplaceAll(line, " ", "")) == digits {
			return digits
		}
	}
	m.Fatalf("no code stands in:\n%s", text)
	return ""
}

const familyPhone = "+212600990001"

const didItCome = "هل وصلتك المساعدة؟"

var onTheWay = map[string]string{familyPhone: "في الطريق"}

func TestAFamilyAsksByUSSDAndConfirmsByTextWithEveryCitizenPageRefused(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newHamlet(t, dsn)
		m.shut()
		s := m.p.dial(familyPhone)
		m.wants(m.screens(s), "1 أحتاج مساعدة", "0 متابعة طلب")
		m.wants(m.types(s, "1"), "3 غذاء", "2 تدفئة")
		m.wants(m.types(s, "23"), "أين المكان؟")
		s.Drop() // the valley has no signal
		s = m.p.dial(familyPhone)
		m.wants(m.screens(s), "أين المكان؟") // where they were
		m.wants(m.types(s, "دوار لا يعرفه أحد وراء الجبل"), "كم عدد الأشخاص؟")
		m.wants(m.types(s, "٧"), "عناية", "0 لا شيء")
		told := m.types(s, "3")
		c := m.only("")
		if c.Channel != "ussd" || c.People != 7 || strings.Join(c.Needs, " ") != "warm food" {
			t.Fatalf("the request is %s, %d people, %v", c.Channel, c.People, c.Needs)
		}
		m.wants(told, c.Receipt.Groups())
		kept := m.next(familyPhone) // a screen leaves nothing behind: the receipt comes by text too
		m.wants(kept, c.Receipt.Groups())
		code := m.codeIn(kept)

		s = m.p.dial(familyPhone)
		m.wants(m.types(s, "0"), c.Receipt.Groups()) // it is followed by the same code

		m.deliver(c.ID, code, onTheWay)
		m.until(familyPhone, didItCome)
		m.wants(m.text(familyPhone, "1"), "شكرا")
		m.closed(c.ID)
	})
}

// types answers a screen, and reads on to the end of what it says.
func (m *hamlet) types(s *ussd.Session, keys string) string {
	m.Helper()
	s.Press(keys)
	return m.screens(s)
}

// screens is what the phone shows, with what is behind "more".
func (m *hamlet) screens(s *ussd.Session) string {
	m.Helper()
	var all []string
	for {
		text, over, err := s.Screen()
		m.must(err)
		before, more := strings.CutSuffix(text, "\n98 المزيد")
		if i := strings.LastIndex(text, "\n98 "); i >= 0 {
			before, more = text[:i], true
		}
		all = append(all, before)
		if over || !more {
			return strings.Join(all, "\n")
		}
		s.Press("98")
	}
}

func TestAFamilyThatDoesNotReadAsksByKeysAndHearsItsReceiptDigitByDigit(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newHamlet(t, dsn)
		m.shut()
		c := m.p.call(familyPhone)
		for c.caller.Over() { // the exchange is not connected yet
			time.Sleep(20 * time.Millisecond)
			c = m.p.call(familyPhone)
		}
		m.told(1, "reach.language.ask", "language.ary", "language.shi")
		c.caller.Press("2") // Tachelhit
		m.told(2, "service.crisis_help.text.name", "digit.1")
		c.caller.Press("1")
		m.told(3, "service.crisis_help.question.need", "service.crisis_help.choice.needs.food", "digit.3")
		c.caller.Press("23#")
		m.told(4, "reach.ask.place_voice", "tone")
		m.must(c.caller.Speak(hum()))
		c.caller.Press("#")
		m.told(5, "service.crisis_help.question.people")
		c.caller.Press("12#")
		m.told(6, "service.crisis_help.question.fragile")
		c.caller.Press("3#")
		m.told(7, "reach.done.receipt")
		for !c.caller.Over() {
			select {
			case <-c.caller.Heard():
			case <-time.After(10 * time.Millisecond):
			}
		}
		k := m.only("")
		if k.Channel != "voice" || k.Spoken != "shi" || k.People != 12 || strings.Join(k.Needs, " ") != "warm food" {
			t.Errorf("the request is %s in %s, %d people, %v", k.Channel, k.Spoken, k.People, k.Needs)
		}
		number, code := digitsAfter(c.caller.Hear(), "reach.done.receipt"), digitsAfter(c.caller.Hear(), "reach.done.code")
		if number != k.Receipt.String() {
			t.Errorf("the receipt is %s and the family heard %q in %v", k.Receipt, number, c.caller.Hear())
		}
		if n := m.rows(`SELECT COUNT(*) FROM reach_note WHERE subject = ?1`, cases.Subject(k.ID)); n != 1 {
			t.Errorf("%d voice notes lie with the request", n)
		}
		if n := m.p.exchange.Stored(); n != 0 {
			t.Errorf("%d recordings are left on the exchange", n)
		}
		m.must(m.h.Cases.Locate(t.Context(), m.dispatcher, k.ID, "07.041.07.07")) // who listened to it knows where
		m.wants(m.next(familyPhone), k.Receipt.Groups())
		m.deliver(k.ID, code, onTheWay)
		m.until(familyPhone, didItCome)
		m.wants(m.text(familyPhone, "1"), "شكرا")
		m.closed(k.ID)
	})
}

// told waits for one thing that the menu says, and looks for sentences in it.
func (m *hamlet) told(turn int, names ...string) {
	m.Helper()
	if !m.p.await(m.Context(), familyPhone, turn) {
		m.Fatalf("the menu says nothing for the %d. time", turn)
	}
	said := map[string]bool{}
	var all []string
	for _, p := range m.p.turns(familyPhone)[turn-1].Said.Prompts {
		said[p.Name] = true
		all = append(all, p.Name)
	}
	for _, n := range names {
		if !said[n] {
			m.Errorf("the menu does not say %q: %v", n, all)
		}
	}
}

// digitsAfter is the number that is said after a sentence.
func digitsAfter(heard []string, name string) (number string) {
	after := false
	for _, h := range heard {
		d, digit := strings.CutPrefix(h, "digit.")
		switch {
		case h == name:
			after, number = true, ""
		case after && digit:
			number += d
		case after && h != "pause":
			return number
		}
	}
	return number
}

func TestABasicPhoneAsksFollowsAndConfirmsByTextWithEveryCitizenPageRefused(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newHamlet(t, dsn)
		m.shut()
		m.wants(m.text(familyPhone, "سلام"), "1 أحتاج مساعدة")
		m.wants(m.text(familyPhone, "1"), "3 غذاء")
		m.wants(m.text(familyPhone, "2 3"), "أين المكان؟")
		m.wants(m.text(familyPhone, "دوار لا يعرفه أحد وراء الجبل"), "كم عدد الأشخاص؟")
		m.wants(m.text(familyPhone, "٧"), "عناية")
		told := m.text(familyPhone, "1")
		c := m.only("sms")
		m.wants(told, c.Receipt.Groups())
		code := m.codeIn(told)
		m.wants(m.text(familyPhone, c.Receipt.String()), "توصلنا بطلبك")
		m.deliver(c.ID, code, onTheWay)
		m.until(familyPhone, didItCome)
		m.wants(m.text(familyPhone, "1"), "شكرا")
		m.closed(c.ID)
	})
}
