package app

import (
	"context"
	"fmt"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/shared/actor"
)

// What neighbours, shops and drivers give in the story, and who offers hours.
// The names are of nobody; the numbers are of the story's own range.
var demoOffers = []struct {
	kind             hands.OfferKind
	thing, road      string
	units, seats, kg int
	who, name        string
	commune, lang    string
}{
	{hands.GivesGoods, "blanket", "", 120, 0, 0, "shop", "مفروشات النخيل", "07.351.01.0", "ar"},
	{hands.GivesGoods, "food_basket", "", 60, 0, 0, "company", "Minoterie du Haouz", "07.041.09.13", "fr"},
	{hands.GivesGoods, "water_5l", "", 300, 0, 0, "company", "Sources d’Ourika", "07.041.09.05", "fr"},
	{hands.GivesGoods, "tent", "", 15, 0, 0, "organisation", "Scouts de l’Atlas", "07.351.01.0", "fr"},
	{hands.GivesGoods, "infant_milk", "", 40, 0, 0, "shop", "صيدلية أسني", "07.041.07.03", "ar"},
	{hands.GivesGoods, "firewood", "", 80, 0, 0, "person", "سعيد", "07.041.07.11", "ar"},
	{hands.GivesTransport, "pickup", "track", 1, 2, 900, "person", "Lahcen", "07.041.07.03", "fr"},
	{hands.GivesTransport, "mule", "path", 4, 0, 80, "person", "حماد", "07.041.07.09", "ar"},
	{hands.GivesShelter, "", "", 12, 0, 0, "person", "رقية", "07.041.01.03", "ar"},
}

var demoVolunteers = []struct {
	name, place    string
	born           int
	skills, langs  []string
	accepted       bool
	putsHimForward bool
}{
	{"Tilila Ouhmad", "07.041.07.03", 1996, []string{"nurse", "interpreter"}, []string{"shi", "fr"}, true, true},
	{"يوبا أمغار", "07.041.07.03", 2001, []string{"distribution", "mule"}, []string{"shi", "ary"}, true, true},
	{"Sanae Belkadi", "07.351.01.0", 1988, []string{"doctor"}, []string{"ary", "fr"}, true, false},
	{"كمال الزهري", "07.041.01.03", 1979, []string{"driver_4x4", "mason"}, []string{"ary"}, true, false},
	{"Imane Agoujil", "07.041.09.05", 1999, []string{"children", "first_aid"}, []string{"shi", "ary"}, false, false},
	{"حسن تيفاوت", "07.041.07.11", 1992, []string{"distribution", "cook"}, []string{"shi"}, false, false},
}

// gather puts down who offers what, some hours after the crisis was declared.
func (n *night) gather() {
	for i := range demoOffers {
		n.at(declared+2*time.Hour+time.Duration(i)*17*time.Minute, func(ctx context.Context) error { return n.give(ctx, i) })
	}
	at := declared + 3*time.Hour
	for i := range demoVolunteers {
		n.at(at+time.Duration(i)*11*time.Minute, func(ctx context.Context) error { return n.volunteer(ctx, i) })
	}
	n.at(at+2*time.Hour, n.callForHands)
}

// demoPhone is a number of the story's range that nobody else of it has.
func demoPhone(n int) phone.Number {
	return phone.Number(fmt.Sprintf("%s0099%02d", story.PhoneRange, n))
}

func (n *night) give(ctx context.Context, i int) error {
	d, now := demoOffers[i], n.clock.Now()
	o := hands.Offer{ID: id.New[hands.Offer](now), Kind: d.kind, Thing: d.thing, Units: d.units, Seats: d.seats, Kg: d.kg, Road: d.road, Who: d.who,
		Place: d.commune, Until: now.Add(12 * 24 * time.Hour), Lang: d.lang}
	_, err := n.h.Hands.Give(ctx, o, hands.Private{Name: d.name, Phone: demoPhone(i)})
	return err
}

// crew is whoever coordinates the association that the story's volunteers join.
func (n *night) crew() actor.Actor {
	return n.who(actor.Coordinator, actor.Scope{Path: n.path("07.041.07.03")})
}

func (n *night) volunteer(ctx context.Context, i int) error {
	d, now, by := demoVolunteers[i], n.clock.Now(), n.crew()
	v := hands.Volunteer{ID: id.New[hands.Volunteer](now), Org: by.Org, Place: d.place, Born: d.born, Lang: "fr", Languages: d.langs, Skills: d.skills}
	for day := range 7 {
		v.Hours |= hands.Half(day, false) | hands.Half(day, true)
	}
	if _, err := n.h.Hands.Register(ctx, actor.Actor{Channel: "web"}, v, hands.Person{Name: d.name, Phone: demoPhone(20 + i)}, true); err != nil {
		return err
	}
	if !d.accepted {
		return nil
	}
	n.at(n.clock.Now().Sub(n.start)+40*time.Minute, func(ctx context.Context) error { return n.h.Hands.Accept(ctx, by, v.ID) })
	if d.putsHimForward {
		n.forward = append(n.forward, v.ID)
	}
	return nil
}

// callForHands asks for people who hand out what a caravan brings.
func (n *night) callForHands(ctx context.Context) error {
	now := n.clock.Now()
	morrow := n.start.Add(story.Now + 24*time.Hour).UTC().Truncate(24 * time.Hour)
	c := hands.Call{ID: id.New[hands.Call](now), Kind: hands.People, Place: "07.041.07.03", Wanted: 4, Spoken: "shi",
		Words: hands.Words{AR: "توزيع الأغطية والغذاء مع القافلة", FR: "Distribuer couvertures et vivres avec la caravane"},
		Shift: hands.Shift{Meet: hands.Words{AR: "أمام السوق، أسني", FR: "Devant le souk d’Asni"}, From: morrow.Add(8 * time.Hour), To: morrow.Add(16 * time.Hour)}}
	if err := n.h.Hands.MakeCall(ctx, n.crew(), c); err != nil {
		return err
	}
	for _, v := range n.forward {
		if err := n.h.Hands.OfferSelf(ctx, actor.Actor{Channel: "web"}, v, c.ID); err != nil {
			return err
		}
	}
	return nil
}
