package hands

import (
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

const (
	exampleOffer = "01999999-0000-7000-8000-00000000000a"
	exampleCall  = "01999999-0000-7000-8000-00000000000b"
)

var offerTime = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

func offerFrame(kind, title string, fields ...string) ui.Frame {
	f := ui.Frame{Title: title, Kind: kind}
	for _, name := range fields {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
	}
	return f
}

func said(s template.HTML) template.HTML { return "<bdi>" + s + "</bdi>" }

func offerOptions(all ...template.HTML) (out []ui.Option) {
	for i, x := range all {
		out = append(out, ui.Option{Value: string(x), Title: x, Chosen: i == 1})
	}
	return out
}

func exampleWants() []wantRow {
	return []wantRow{{ID: exampleCall, Kind: "goods", Org: said("L’Étoile à huit branches"), Thing: said("Couverture"), Place: said("Ouirgane") + ", " + said("Al Haouz"), Wanted: 400, Left: 260, Got: 140,
		Until: offerTime.AddDate(0, 0, 9), Open: true, Mine: true}, {ID: exampleCall, Kind: "transport", Org: said("Les Quatre Mulets"), Thing: said("Mulets"), Place: said("Ijoukak"), Wanted: 6, Left: 6, Until: offerTime.AddDate(0, 0, 2), Open: true}}
}

func exampleWhere() whereAsked {
	return whereAsked{Text: "Ouirgane, en haut", Code: "A1-02", Say: said("Ouirgane"), Found: []ui.Option{{Value: "A1-03", Title: said("Asni"), Name: "place.code"}}, Searched: true,
		Lists: []whereList{{Name: "place.province", Label: "Province", Options: offerOptions("Al Haouz", "Chichaoua")}}}
}

func exampleOffers() []offerRow {
	row := offerRow{ID: exampleOffer, Receipt: "482719063", Icon: "package", What: said("120 couvertures"), Place: said("Marrakech"), For: said("L’Étoile à huit branches"), State: "open",
		Free: 120, Units: 120, MadeAt: offerTime.Add(-30 * time.Hour), Until: offerTime.AddDate(0, 0, 6), Due: offerTime, Overdue: true}
	taken, thanked, ended := row, row, row
	taken.Answer, taken.Free, taken.Overdue, taken.What, taken.For = "taken", 40, false, said("1 camion"), said("À qui peut s’en servir")
	thanked.Answer, thanked.Overdue, thanked.What = "thanked", false, said("6 places pour dormir")
	ended.State, ended.Overdue, ended.What = "expired", false, said("30 pains")
	return []offerRow{row, taken, thanked, ended}
}

var exampleLacks = []lackRow{{"hands.offer.goods", 1240}, {"hands.offer.shelter", 85}}

func examplePairs() []ui.Pair {
	return []ui.Pair{{Name: "Ce que c’est", Value: said("120 couvertures")}, {Name: "Jusqu’au", Value: "30 novembre"}, {Name: "Où", Value: said("Marrakech")}}
}

// offerExamples is every page of offers with invented givers, each list with
// its longest and shortest line, each form with what can go wrong.
func offerExamples() []module.Example {
	return append(append(givingExamples(), mineExamples()...), choosingExamples()...)
}

func givingExamples() []module.Example {
	v := url.Values{"units": {"120"}, "until": {"2026-11-30"}, "seats": {"3"}, "kg": {"1500"}, "phone": {"06 61 23 45 42"}}
	goods := offerFormPage{Frame: offerFrame(ui.Form, "Donner", "thing", "units", "place", "phone"), ID: exampleOffer, Gives: "goods", Want: &exampleWants()[0], V: v,
		Things: offerOptions("Couverture (pièce)", "Tente (pièce)"), Whos: offerOptions("Une personne", "Un commerce"), Orgs: offerOptions("À qui peut", "L’Étoile"), Where: exampleWhere(), Shared: true}
	goods.Where.Error = "…"
	lorry, bed := goods, goods
	lorry.Frame, lorry.Gives, lorry.Want, lorry.Shared, lorry.Where, lorry.Roads = offerFrame(ui.Form, "Donner"), "transport", nil, false, whereAsked{Searched: true}, offerOptions("Goudron", "Piste")
	bed.Frame, bed.Gives, bed.Want, bed.Where = offerFrame(ui.Form, "Donner"), "shelter", nil, whereAsked{}
	return []module.Example{
		{Template: "hands_offer_door", Page: &offerDoorPage{Frame: offerFrame(ui.Form, "Donner"), Wants: exampleWants()}},
		{Template: "hands_offer_door", Page: &offerDoorPage{Frame: offerFrame(ui.Form, "Donner")}},
		{Template: "hands_offer_form", Page: &goods},
		{Template: "hands_offer_form", Page: &lorry},
		{Template: "hands_offer_form", Page: &bed},
	}
}

func mineExamples() []module.Example {
	page := func(state, answer string, late bool, fields ...string) *offerMinePage {
		return &offerMinePage{Frame: offerFrame(ui.Form, "Mon offre", fields...), Ticket: ui.Ticket{Code: "482719063", At: offerTime}, State: state, Answer: answer, Pairs: examplePairs(),
			Became: fate{Offered: 120, Free: 20, Held: 40, Aboard: 10, Delivered: 45, Lost: 2, Back: 3, Confirmed: 30, Came: 60}, Units: "120", Until: "2026-11-30", Within: 24 * time.Hour, Overdue: late,
			CanMove: state != "withdrawn", Ended: state != "open",
			Parts: []minePart{{said("L’Étoile"), 60, MatchStanding, offerTime}, {said("Les Quatre Mulets"), 40, MatchReleased, offerTime}, {said("L’Étoile"), 5, MatchLapsed, offerTime}}}
	}
	thanked := page("open", "thanked", false)
	thanked.Lacks, thanked.Parts, thanked.Became = exampleLacks, nil, fate{Offered: 6, Free: 6}
	return []module.Example{
		{Template: "hands_offer_mine_door", Page: &offerMineDoorPage{Frame: offerFrame(ui.Form, "Mon offre", "number", "word"), Number: "482 719"}},
		{Template: "hands_offer_mine", Page: page("open", "", false)},
		{Template: "hands_offer_mine", Page: page("open", "", true)},
		{Template: "hands_offer_mine", Page: page("open", "taken", false, "units", "until")},
		{Template: "hands_offer_mine", Page: thanked},
		{Template: "hands_offer_mine", Page: page("expired", "taken", false)},
		{Template: "hands_offer_mine", Page: page("withdrawn", "", false)},
	}
}

func choosingExamples() []module.Example {
	rows := exampleOffers()
	full := offerPage{Frame: offerFrame(ui.Staff, "Offre", "units", "org", "reason"), offerRow: rows[0], Pairs: examplePairs(), Became: fate{Offered: 120, Free: 40, Held: 60, Delivered: 20, Came: 20, Confirmed: 12},
		Matches: []matchRow{{exampleCall, "case", "/cases/" + exampleOffer, said("L’Étoile"), said("Ouirgane"), 80, 60, 20, MatchStanding, offerTime, true},
			{exampleCall, "stock", "", said("L’Étoile"), "", 10, 0, 0, MatchReleased, offerTime, false}, {exampleOffer, "mission", "/missions/" + exampleOffer, said("L’Étoile"), said("Asni"), 5, 0, 0, MatchLapsed, offerTime, false}},
		Proposed: []proposal{{ID: exampleOffer + "1", Ref: "case/1", Href: "/cases/" + exampleOffer, Place: said("Tizi Oussem") + ", " + said("Ouirgane"), Level: 1, People: 7, Since: offerTime.Add(-3 * time.Hour), Units: 7, Full: true,
			Reasons: []template.HTML{"Couvertures demandées", "assez pour 7 personnes sur 7", "à 12 km"}},
			{ID: exampleOffer + "2", Ref: "mission/2", Href: "/missions/" + exampleOffer, Place: said("Asni"), Level: 3, Since: offerTime, Units: 40, Mission: true, Org: exampleCall, Reasons: []template.HTML{"même commune"}}},
		Gaps: []gapRow{{said("Ouirgane"), []template.HTML{said("Les Quatre Mulets")}, []nearRow{{said("Ijoukak"), 31}}}}, Orgs: offerOptions("L’Étoile", "Les Quatre Mulets"), Lacks: exampleLacks, MatchID: exampleCall,
		CanPick: true, CanThank: true, CanRead: true, Whys: offerOptions("Organiser", "Vérifier")}
	read := offerPage{Frame: offerFrame(ui.Staff, "Offre"), offerRow: rows[1], Pairs: examplePairs(), Became: fate{Offered: 1, Free: 1}, CanPick: true, CanRead: true,
		Giver: &giverRow{"Idder", "+212661234542", "À prendre au dépôt.", "derrière la gare"}}
	counts := func(n ...int) (out []funnelStep) {
		for i, x := range n {
			out = append(out, funnelStep{Step: FunnelSteps[i], N: x, Share: x * 100 / max(1, n[1]), Shown: i > 0 || n[0] > 0})
		}
		return out
	}
	funnel := []funnelRow{{Call: exampleCall, Kind: "goods", Thing: said("Couverture"), Org: said("L’Étoile"), Place: said("Ouirgane"), Wanted: 400, Counts: counts(1840, 320, 210, 180, 96), First: 31 * time.Hour, Ordinal: 1},
		{Kind: "transport", Thing: said("Camion"), Counts: counts(0, 3, 1, 0, 0), Ordinal: 2}}
	return []module.Example{
		{Template: "hands_offers", Page: &offersPage{Frame: offerFrame(ui.Staff, "Offres"), Show: "open", Rows: rows, Pager: ui.Pager{More: "/fr/offers?after=1", Shown: 4, Step: 40}, Waiting: 1, Within: 24 * time.Hour, Lacks: exampleLacks, Wants: exampleWants(), CanCall: true}},
		{Template: "hands_offers", Page: &offersPage{Frame: offerFrame(ui.Staff, "Offres"), Show: "waiting", Within: 24 * time.Hour}},
		{Template: "hands_offers", Page: &offersPage{Frame: offerFrame(ui.Staff, "Offres"), Show: "ended", Within: 24 * time.Hour}},
		{Template: "hands_offer", Page: &full},
		{Template: "hands_offer", Page: &read},
		{Template: "hands_offer", Page: &offerPage{Frame: offerFrame(ui.Staff, "Offre"), offerRow: rows[3], Pairs: examplePairs(), Became: fate{Offered: 30, Free: 30}}},
		{Template: "hands_want_form", Page: &wantFormPage{Frame: offerFrame(ui.Staff, "Appel", "thing", "wanted", "until", "org", "place"), ID: exampleCall, V: url.Values{"wanted": {"400"}},
			Things: offerOptions("Couverture", "Tente"), Orgs: offerOptions("L’Étoile", "Les Quatre Mulets"), Where: exampleWhere()}},
		{Template: "hands_funnel", Page: &funnelPage{Frame: offerFrame(ui.Staff, "Entonnoir"), Rows: funnel, CSV: "/fr/funnel.csv", AsOf: offerTime, Steps: FunnelSteps}},
		{Template: "hands_funnel", Page: &funnelPage{Frame: offerFrame(ui.Staff, "Entonnoir"), One: true, Rows: funnel[:1], CSV: "/fr/funnel.csv", AsOf: offerTime, Steps: FunnelSteps}},
		{Template: "hands_funnel", Page: &funnelPage{Frame: offerFrame(ui.Staff, "Entonnoir"), CSV: "/fr/funnel.csv", AsOf: offerTime, Steps: FunnelSteps}},
	}
}
