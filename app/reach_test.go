package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
)

// masts is a house with a network of basic phones round it, and no gateway in
// between: what somebody writes is heard, and what the house answers arrives.
type masts struct {
	*testing.T
	h     *House
	now   *clock.Held
	net   *channel.Network
	inbox channel.Inbox
}

func (m *masts) Send(_ context.Context, o channel.Outgoing) (channel.Sent, error) {
	switch {
	case m.net.Trip(func(f *channel.Faults) *int { return &f.Away }):
		return channel.Sent{}, channel.Wrong(channel.ErrAway, "away")
	case m.net.Trip(func(f *channel.Faults) *int { return &f.Refuse }):
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "refused")
	}
	m.net.Arrive(o.ID, channel.Arrived{To: o.To, Text: o.Text})
	if m.net.Trip(func(f *channel.Faults) *int { return &f.Hang }) {
		return channel.Sent{}, channel.Wrong(channel.ErrUnsure, "lost")
	}
	return channel.Sent{Ref: "r" + o.ID}, nil
}

func (m *masts) SendsOnce() bool { return true }

// newMasts opens a house on one engine.
func newMasts(t *testing.T, dsn string) *masts {
	m := &masts{T: t, now: &clock.Held{At: morning}, net: channel.NewNetwork()}
	m.h = openHouse(t, dsn, m.now)
	g := &reach.Gateway{Name: "masts", Kind: channel.SMS, Out: m}
	if err := m.h.Reach.Use(g); err != nil {
		t.Fatal(err)
	}
	m.inbox = m.h.Reach.Inbox(g)
	return m
}

// text writes from a phone and gives back what arrives on it: one message or
// none.
func (m *masts) text(from, words string) string {
	m.Helper()
	was := len(m.net.On(from))
	if err := m.inbox.Heard(m.Context(), channel.Incoming{ID: id.New[masts](m.now.Now()).String(), From: from, Text: words, At: m.now.Now()}); err != nil {
		m.Fatal(err)
	}
	m.work()
	m.now.At = m.now.At.Add(7 * time.Second)
	all := m.net.On(from)[was:]
	if len(all) > 1 {
		m.Errorf("one message was answered %d times: %v", len(all), all)
	}
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1].Text
}

// work lets the house do everything that is due.
func (m *masts) work() {
	m.Helper()
	for range 3 {
		if err := m.h.Reach.Read(m.Context()); err != nil {
			m.Fatal(err)
		}
		if _, err := m.h.Jobs.Drain(m.Context()); err != nil {
			m.Fatal(err)
		}
		for _, g := range m.h.Reach.Gateways() {
			if g.Out != nil {
				if err := m.h.Reach.Send(m.Context(), g); err != nil {
					m.Fatal(err)
				}
			}
		}
	}
}

func (m *masts) wants(got string, parts ...string) {
	m.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			m.Errorf("the answer does not say %q:\n%s", p, got)
		}
	}
}

// cases is every case of the house.
func (m *masts) all() (all []*cases.Case) {
	m.Helper()
	err := m.h.DB.Read(m.Context(), func(t *db.Tx) error {
		ids, err := db.List(t, func(r db.Row) (c cases.CaseID, err error) { return c, r.Scan(&c) }, `SELECT id FROM cases_case ORDER BY id`)
		for _, cid := range ids {
			c, err := m.h.Cases.Get(t, cid)
			if err != nil {
				return err
			}
			all = append(all, c)
		}
		return err
	})
	if err != nil {
		m.Fatal(err)
	}
	return all
}

const basicPhone = "+212600000101"

func TestABasicPhoneAsksByDigitsAndGetsAReceipt(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		m.wants(m.text(basicPhone, "سلام"), "1 أحتاج مساعدة", "0 متابعة طلب")
		m.wants(m.text(basicPhone, "١"), "ما الذي تحتاجه الآن؟", "3 غذاء", "2 تدفئة")
		m.wants(m.text(basicPhone, "2 3"), "أين المكان؟", "اكتب الدوار")
		m.wants(m.text(basicPhone, "دوار لا يعرفه أحد وراء الجبل"), "كم عدد الأشخاص؟")
		m.wants(m.text(basicPhone, "سبعة"), "عدد") // no number: asked again
		m.wants(m.text(basicPhone, "٧"), "عناية", "0 لا شيء")
		receipt := m.text(basicPhone, "1")
		all := m.all()
		if len(all) != 1 || all[0].Channel != "sms" || all[0].People != 7 || len(all[0].Needs) != 2 {
			t.Fatalf("the request is %+v", all)
		}
		m.wants(receipt, all[0].Receipt.Groups(), "رمز التسليم")
		m.wants(m.text(basicPhone, all[0].Receipt.String()), "توصلنا بطلبك")
		m.wants(m.text(basicPhone, "0"), "توصلنا بطلبك", all[0].Receipt.Groups())
	})
}

func TestSomebodyWhoWritesTashelhitInLatinLettersIsUnderstoodInOneMessage(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		answer := m.text(basicPhone, "azul, nra aghrum d waman gh douar Imintalat, 12 n middn")
		m.Log(answer)
		for range 3 {
			if len(m.all()) > 0 {
				break
			}
			answer = m.text(basicPhone, "1")
			m.Log(answer)
		}
		all := m.all()
		if len(all) != 1 {
			t.Fatalf("%d requests, and the last answer was %s", len(all), answer)
		}
		if c := all[0]; c.Lang != "zgh" || c.People != 12 || strings.Join(c.Needs, " ") != "food water" {
			t.Errorf("%s, %d people, %v", c.Lang, c.People, c.Needs)
		}
	})
}

func TestPeopleUnderTheRubbleWaitForNoQuestion(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		m.wants(m.text(basicPhone, "ناس تحت الأنقاض عندنا عاونونا"), "رقم الوصل")
		all := m.all()
		if len(all) != 1 || all[0].Rank != 0 || all[0].Level != 1 {
			t.Fatalf("%+v", all)
		}
	})
}

func TestWhoeverWroteBeforeIsGreetedInTheirLanguageOnAnotherChannel(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		m.text(basicPhone, "azul, nra aghrum d waman")
		said, err := m.h.Reach.Talk(m.Context(), channel.Turn{Kind: channel.USSD, Gateway: "menu", Session: "one", From: basicPhone, New: true})
		if err != nil || !strings.Contains(said.Text, "righ tiwisi") {
			t.Errorf("%v: the menu says\n%s", err, said.Text)
		}
		said, err = m.h.Reach.Talk(m.Context(), channel.Turn{Kind: channel.USSD, Gateway: "menu", Session: "two", From: "+212600000102", New: true})
		if err != nil || !strings.Contains(said.Text, "أحتاج مساعدة") {
			t.Errorf("%v: to a stranger the menu says\n%s", err, said.Text)
		}
	})
}
