package reach

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const homeArea = "07.041" // Al Haouz

// cell is one of the crisis cell, whose account is as numbered.
func cell(n int) actor.Actor {
	by := as(actor.CrisisCell)
	a, err := id.Parse[actor.Account](fmt.Sprintf("01900000-0000-7000-8000-%012d", 100+n))
	if err != nil {
		panic(err)
	}
	by.Account = a
	return by
}

// crowd lets n people have an open request, each with a phone of their own, and
// every fifth without one.
func (r *rig) crowd(n int) (people []Person) {
	for i := range n {
		p := Person{Subject: fmt.Sprintf("%s%d", ofCases, i), Phone: fmt.Sprintf("+21260000%04d", 3000+i), Lang: []string{"ar", "fr", "zgh", "en"}[i%4]}
		if i%5 == 4 {
			p.Phone = ""
		}
		people = append(people, p)
	}
	r.Ports.Open = func(_ *db.Tx, province string, communes []string, _ string, most int) ([]Person, error) {
		if province != homeArea || len(communes) == 0 {
			return nil, nil
		}
		return people[:min(most, len(people))], nil
	}
	return people
}

func (r *rig) draft() Campaign {
	r.Helper()
	k := Campaign{ID: id.New[Campaign](r.now.Now()), Province: homeArea, Texts: map[string]string{"ar": "طريق تنيرت مفتوحة حتى الرابعة.", "fr": "La route de Tnirt est ouverte jusqu’à 16 h.",
		"zgh": "ⵉⵕⵥⵎ ⵓⴱⵔⵉⴷ ⵏ ⵜⵏⵉⵔⵜ.", "en": "The road to Tnirt is open until four."}}
	for _, p := range r.places.Children(homeArea)[:3] {
		k.Communes = append(k.Communes, p.Code)
	}
	r.must(r.WriteCampaign(r.Context(), cell(1), k))
	r.must(r.WriteCampaign(r.Context(), cell(1), k)) // a second press is welcome
	return k
}

// whole is how many a campaign reaches now.
func (r *rig) whole(k Campaign) (n int) {
	r.Helper()
	r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) error {
		got, err := r.getCampaign(t, k.ID)
		if err == nil {
			var a reached
			a, err = r.audience(t, got)
			n = len(a.people)
		}
		return err
	}))
	return n
}

func TestACampaignIsSentByAnotherThanItsAuthorOnceToEachInTheirLanguage(t *testing.T) {
	rigs(t, func(r *rig) {
		people := r.crowd(10)
		k := r.draft()
		r.refused(r.SendCampaign(r.Context(), cell(1), k.ID, 8), fault.Denied, "the author sent")
		r.work()
		if n := r.count(`reach_message`); n != 0 {
			r.Fatalf("%d messages were made", n)
		}
		r.must(r.SendCampaign(r.Context(), cell(2), k.ID, 8))
		r.must(r.SendCampaign(r.Context(), cell(2), k.ID, 8)) // a second press
		r.refused(r.SendCampaign(r.Context(), cell(3), k.ID, 8), fault.Conflict, "somebody else sent once more")
		r.work()
		for _, p := range people {
			all := r.on(p.Phone)
			if want := min(1, len(p.Phone)); len(all) != want {
				r.Fatalf("on a phone arrived %q", all)
			}
			if p.Phone != "" {
				r.wants(all[0], map[string]string{"ar": "طريق تنيرت", "fr": "La route de Tnirt", "zgh": "ⵉⵕⵥⵎ ⵓⴱⵔⵉⴷ", "en": "The road to Tnirt"}[p.Lang],
					map[string]string{"ar": "قف", "fr": "STOP", "zgh": "ⴱⴷⴷ", "en": "STOP"}[p.Lang])
			}
		}
		if w, s := r.told(DeedCampaignWrite, ofCampaign+k.ID.String()), r.told(DeedCampaignSend, ofCampaign+k.ID.String()); w != 1 || s != 1 {
			r.Errorf("the journal tells %d times of writing and %d of sending", w, s)
		}
		if n := r.count(`reach_campaign WHERE state = 'sent' AND people = 8 AND parts >= 8 AND sender <> author`); n != 1 {
			r.Error("what was sent is not kept")
		}
		err := r.h.DB.Write(r.Context(), func(t *db.Tx) error {
			_, err := t.Exec(`UPDATE reach_campaign SET sender = author`)
			return err
		})
		if err == nil {
			r.Error("the store lets one person do both")
		}
	})
}

func TestWhoSaidStopOrWasWrittenToLatelyGetsNoCampaign(t *testing.T) {
	rigs(t, func(r *rig) {
		people := r.crowd(3)
		r.text(people[0].Phone, "قف")
		first := r.draft()
		if n := r.whole(first); n != 2 {
			r.Fatalf("it reaches %d", n)
		}
		r.must(r.SendCampaign(r.Context(), cell(2), first.ID, 2))
		r.now.Advance(time.Hour)
		second := r.draft()
		r.refused(r.SendCampaign(r.Context(), cell(2), second.ID, 2), fault.Conflict, "two in a day")
		if n := r.whole(second); n != 0 {
			r.Errorf("within the day a second one reaches %d", n)
		}
		r.now.Advance(time.Duration(r.Rules.Campaign.Each))
		third := r.draft()
		if n := r.whole(third); n != 2 {
			r.Errorf("a day later one reaches %d", n)
		}
		r.work()
		if all := r.on(people[0].Phone); len(all) != 1 { // the answer to their STOP
			r.Errorf("who said STOP got %q", all)
		}
	})
}

func TestACampaignGoesToWhoHoldsACaseByTheirOwnWay(t *testing.T) {
	rigs(t, func(r *rig) {
		people := r.crowd(2)
		people[1].Phone = people[0].Phone // one family, two requests
		r.text(karima, "azul nra aman")
		r.must(r.h.DB.Write(r.Context(), func(t *db.Tx) error {
			c, err := r.converse(t, "sms", "mast", karima, "")
			if err != nil {
				return err
			}
			return hold(t, people[0].Subject, c.ID)
		}))
		k := r.draft()
		if n := r.whole(k); n != 2 {
			r.Fatalf("it reaches %d: the neighbour who holds the one, the family of the other", n)
		}
		r.must(r.SendCampaign(r.Context(), cell(2), k.ID, 2))
		r.work()
		if last := r.last(karima); strings.ContainsFunc(last, func(c rune) bool { return c >= 'ⴰ' && c <= 'ⵯ' }) || !strings.Contains(strings.ToLower(last), "tnirt") {
			r.Errorf("whoever writes in Latin letters reads %q", last)
		}
	})
}

func TestACampaignThatReachesOthersThanWereSeenIsLookedAtAgain(t *testing.T) {
	rigs(t, func(r *rig) {
		r.crowd(5)
		k := r.draft()
		r.crowd(8)
		r.refused(r.SendCampaign(r.Context(), cell(2), k.ID, 4), fault.Conflict, "sent to more than were seen")
		r.must(r.SendCampaign(r.Context(), cell(2), k.ID, 7))
	})
}

func TestACampaignIsCapped(t *testing.T) {
	rigs(t, func(r *rig) {
		r.Rules.Campaign.Most = 6
		r.crowd(10)
		k := r.draft()
		r.refused(r.SendCampaign(r.Context(), cell(2), k.ID, 8), fault.Conflict, "more than the cap")
		r.crowd(7)
		r.must(r.SendCampaign(r.Context(), cell(2), k.ID, 6))
	})
}

func TestAnOldOrWithdrawnDraftIsNotSent(t *testing.T) {
	rigs(t, func(r *rig) {
		r.crowd(3)
		k := r.draft()
		r.now.Advance(time.Duration(r.Rules.Campaign.Valid) + time.Second)
		r.refused(r.SendCampaign(r.Context(), cell(2), k.ID, 3), fault.Conflict, "an old one")
		k = r.draft()
		r.must(r.WithdrawCampaign(r.Context(), cell(2), k.ID))
		r.refused(r.SendCampaign(r.Context(), cell(3), k.ID, 3), fault.Conflict, "a withdrawn one")
		k = r.draft()
		r.must(r.SendCampaign(r.Context(), cell(2), k.ID, 3))
		r.refused(r.WithdrawCampaign(r.Context(), cell(1), k.ID), fault.Conflict, "one that was sent is withdrawn")
	})
}

func TestACampaignIsWrittenInEveryLanguageForCommunesWhereOneWorks(t *testing.T) {
	rigs(t, func(r *rig) {
		r.crowd(3)
		k := Campaign{ID: id.New[Campaign](r.now.Now()), Province: homeArea, Communes: []string{"01.051.01"}, Texts: map[string]string{"ar": "قصير", "fr": strings.Repeat("a", 301)}}
		err := r.WriteCampaign(r.Context(), cell(1), k)
		var fields []string
		for _, f := range faults(err) {
			fields = append(fields, f.Field)
		}
		if want := []string{"commune", "text_ar", "text_zgh", "text_fr", "text_en"}; !slices.Equal(slices.Sorted(slices.Values(fields)), slices.Sorted(slices.Values(want))) {
			r.Errorf("wrong are %v and not %v", fields, want)
		}
		good := r.draft()
		here, there := as(actor.Dispatcher), as(actor.Dispatcher)
		here.Grants[0].Territory, there.Grants[0].Territory = homeArea, "01.051"
		good.ID = id.New[Campaign](r.now.Now())
		r.refused(r.WriteCampaign(r.Context(), there, good), fault.Denied, "somebody wrote to another province")
		r.refused(r.WriteCampaign(r.Context(), as(actor.Agent), good), fault.Denied, "an agent wrote")
		r.must(r.WriteCampaign(r.Context(), cell(1), good))
		r.refused(r.SendCampaign(r.Context(), there, good.ID, 3), fault.Denied, "somebody sent to another province")
		r.must(r.SendCampaign(r.Context(), here, good.ID, 3))
	})
}

func TestACampaignWaitsForTheMorning(t *testing.T) {
	rigs(t, func(r *rig) {
		people := r.crowd(1)
		r.now.At = noon.Add(11 * time.Hour)
		k := r.draft()
		r.must(r.SendCampaign(r.Context(), cell(2), k.ID, 1))
		r.work()
		if len(r.on(people[0].Phone)) != 0 {
			r.Error("it woke somebody")
		}
		r.now.Advance(10 * time.Hour)
		r.work()
		if len(r.on(people[0].Phone)) != 1 {
			r.Error("it never came")
		}
	})
}
