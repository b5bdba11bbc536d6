package giving

import (
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
)

const (
	exampleID  = "01999999-0000-7000-8000-000000000001"
	exampleSum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)

var exampleTime = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

func exampleFrame(kind, title string, fields ...string) ui.Frame {
	f := ui.Frame{Title: title, Kind: kind}
	for _, name := range fields {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
	}
	return f
}

// gallery is every page with an invented fund.
func gallery() []module.Example {
	a := account{Currency: "MAD", Came: 1_860_000_00, Waits: 210_000_00, Set: 450_000_00, Paid: 1_187_400_00, Fees: 60_00, In: 12_540_00, OpenN: 3}
	flagged := a
	flagged.Out, flagged.Flagged = 40_000_00, true
	card := fundCard{Code: "haouz", Name: ui.Isolated("Chaleur de montagne"), account: a}
	envelopes := []envelopeRow{{ID: exampleID, Name: "بطانيات وحطب", Set: 1_200_000_00, Paid: 1_000_000_00, Left: 200_000_00}, {ID: "2", Cause: Cause{Name: ui.Isolated("…"), Public: ui.Isolated("…"), Href: "/missions"}, Name: "Transport", Set: 437_400_00, Paid: 187_400_00, Left: 250_000_00}}
	marks := []earmarkRow{{ID: exampleID, Name: ui.Isolated("Toits · أسقف"), Came: 40_000_00, Waits: 10_000_00, Set: 20_000_00, Paid: 10_000_00, Open: true}, {ID: "2", Name: ui.Isolated("Cartables"), Came: 500_00, Paid: 500_00}}
	envelopes[1].For = marks[0].Name
	done := spendingRow{ID: exampleID, Number: "482719064", Purpose: "60 couvertures, 2 400 kg de bois", Envelope: "بطانيات وحطب", Document: exampleSum, Kind: Pay, State: Done, Minor: 18_600_00, At: exampleTime, ByBank: true}
	way, waiting := done, done
	way.ByBank = false
	waiting.State, waiting.Kind, waiting.CanAgree, waiting.CanDrop, waiting.Document = Waiting, Allocate, true, true, ""
	toPay := waiting
	toPay.ID, toPay.Kind, toPay.Document, toPay.HasPaper, toPay.Fund, toPay.Also = "2", Pay, exampleSum, true, "haouz", []string{"482719064"}
	dropped := waiting
	dropped.State = Dropped
	fund := fundPage{Frame: exampleFrame(ui.Citizen, "Chaleur de montagne", "amount", "earmark"), Earmarks: marks, Choices: earmarkChoices(marks, ""), Code: "haouz", Name: card.Name, Basis: "Décret n° 1-26-000", IBAN: "MA64 0018 1000 7800 0201 1062 0318", A: flagged, Gifts: 38, Floor: 5, Flag: 2,
		Envelopes: envelopes, Payments: []spendingRow{done, way}, Fresh: exampleID, Amount: "0", AsOf: exampleTime, Proof: true}
	fresh := fundPage{Frame: exampleFrame(ui.Citizen, "Chaleur de montagne"), Code: "haouz", Name: card.Name, Basis: fund.Basis, IBAN: fund.IBAN, A: account{Currency: "MAD"}, Floor: 5, Fresh: exampleID, AsOf: exampleTime}
	for i, state := range []string{"given", "given", "road", "depot", "lost"} {
		fund.Payments[0].Goods = append(fund.Payments[0].Goods, goodPart{Key: "giving.good.given", State: state, Units: int64(i), Minor: 1_00, Where: []string{"إيجوكاك", "", "", "", ""}[i]})
	}
	gift := giftPage{Frame: exampleFrame(ui.Citizen, "Où est votre don ?"), Number: "482719064", Name: card.Name, Code: "haouz", Basis: fund.Basis, IBAN: fund.IBAN, Currency: "MAD", Announced: 500_00, Minor: 500_00, At: exampleTime, Paid: 400_00, Leaf: true,
		Parts: []giftPart{{State: partPaid, Minor: 400_00, Pct: 80, What: "بطانيات وحطب", For: done.Purpose, At: exampleTime, ByBank: true, Paper: exampleSum, Goods: fund.Payments[0].Goods}, {State: partSet, Minor: 68_00, Pct: 13, What: "Transport", At: exampleTime},
			{State: partWaiting, Minor: 26_00, Pct: 5}, {State: partFee, Minor: 6_00, Pct: 1}}}
	gift.For = marks[0].Name
	gift.WasOn = exampleTime
	gift.Was = ledger.Was{Minor: 46_00, Currency: "EUR", Rate: "10.8696", On: "2026-11-20"}
	gift.River = ui.River(ui.Stream{Label: "…", Sum: "500 DH", Minor: 500_00, Said: "…", Branches: []ui.Branch{{Minor: 400_00, Sum: "400 DH", Title: "…", Sub: "…", Class: "f-del"}, {Minor: 100_00, Sum: "100 DH", Title: "…", Class: "f-set"}}})
	fund.River = gift.River
	toCome := gift
	toCome.Minor, toCome.Parts, toCome.Leaf, toCome.River = 0, nil, false, ""
	again := toCome
	again.Back, again.BackOn = "…", exampleTime
	typed := map[string]string{"amount": "12", "name": "Bois", "purpose": "Bois", "payee": "Coopérative"}
	desk := deskPage{Frame: exampleFrame(ui.Staff, "Chaleur de montagne", "kind", "amount", "envelope", "name", "about", "earmark", "name_ar", "name_fr", "purpose", "payee", "document", "file"), Code: "haouz", Name: card.Name, IBAN: fund.IBAN, A: flagged, Flag: 2, Envelopes: envelopes,
		Shown: "3", Payee: "Coopérative", Waiting: []spendingRow{waiting, toPay, {ID: "3", Kind: Pay, Purpose: "Bois", Minor: 1, At: exampleTime}}, Ended: []spendingRow{done, way, dropped}, Statements: []statementRow{{"2026-11-20/1", 41, true, exampleTime}, {"2026-11-21/1", 3, false, exampleTime}}, Earmarks: marks, Marks: earmarkChoices(marks, exampleID), CanMark: true, CanLook: true, CanKeep: true, Looked: true,
		Lines: []lineRow{{ID: exampleID, Day: "2026-11-20", Ref: "B7", Minor: 300_00, Name: "Une personne", Text: "don", From: "MA64 … 0318"}, {ID: "2", Day: "2026-11-20", Ref: "B8", Minor: 12_00, Text: "frais", Out: true}},
		ID:    exampleID, V: typed, Kinds: []ui.Option{{Value: "allocate", Title: "Affecter"}, {Value: "pay", Title: "Payer", Chosen: true}}, Choices: []ui.Option{{Value: exampleID, Title: ui.Isolated("بطانيات وحطب")}}, Causes: []ui.Option{{Value: "cases.crisis/1", Title: ui.Isolated("…")}}, Taken: &Taken{Lines: 41, Fresh: 40, Matched: 37, Open: 3, Pending: 1}, Fresh: "482719064"}
	calm := deskPage{Frame: exampleFrame(ui.Staff, "Chaleur de montagne"), Code: "haouz", Name: card.Name, IBAN: fund.IBAN, A: a, CanLook: true, V: map[string]string{}}
	over := fresh
	over.Ended = exampleTime
	calm.CanEnd = true
	desk.CanEnd, desk.Ends = true, exampleTime
	back := calm
	back.LookedBack, back.CanTake, back.Backs, back.V = true, true, []ui.Option{{Value: string(BackSlip), Title: "…"}}, map[string]string{"ref": "B7"}
	for i, state := range []LineState{LineGift, LineFee, LinePaid} {
		back.Told = append(back.Told, lineRow{ID: itoa(i), Day: "2026-11-20", Ref: "B" + itoa(i), Minor: 12_00, Text: "don", Out: i > 0, State: state, Number: []string{"482719064", "", "482719064"}[i]})
	}
	return []module.Example{
		{Template: "giving_funds", Page: &fundsPage{Frame: exampleFrame(ui.Citizen, "Fonds de solidarité", "number"), Funds: []fundCard{card}, Number: "12"}},
		{Template: "giving_funds", Page: &fundsPage{Frame: exampleFrame(ui.Citizen, "Fonds de solidarité")}},
		{Template: "giving_fund", Page: &fund},
		{Template: "giving_fund", Page: &fresh},
		{Template: "giving_fund", Page: &over},
		{Template: "giving_none", Page: &nonePage{Frame: exampleFrame(ui.Citizen, "Ne donnez pas")}},
		{Template: "giving_share", Page: &sharePage{Frame: exampleFrame(ui.Citizen, "Faire connaître"), Code: "haouz", Name: card.Name, Link: "https://…/fr/funds/haouz", Langs: []shareText{{"ar", "rtl", "العربية", false, "…"}, {"zgh", "ltr", "ⵜⴰⵎⴰⵣⵉⵖⵜ", true, "…"}, {"en", "ltr", "English", false, ""}}}},
		{Template: "giving_share", Page: &sharePage{Frame: exampleFrame(ui.Citizen, "Faire connaître"), Code: "haouz", Name: card.Name, Ended: exampleTime}},
		{Template: "giving_gift", Page: &gift},
		{Template: "giving_gift", Page: &toCome},
		{Template: "giving_gift", Page: &again},
		{Template: "giving_treasury", Page: &treasuryPage{Frame: exampleFrame(ui.Staff, "Trésorerie", "code", "name_ar", "name_fr", "iban", "basis"), Funds: []fundCard{card}, CanOpen: true, ID: exampleID, V: typed}},
		{Template: "giving_treasury", Page: &treasuryPage{Frame: exampleFrame(ui.Staff, "Trésorerie"), V: map[string]string{}}},
		{Template: "giving_desk", Page: &desk},
		{Template: "giving_desk", Page: &back},
		{Template: "giving_desk", Page: &calm},
	}
}
