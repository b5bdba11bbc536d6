package hands

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// The people and places of these pages are invented.

const (
	exampleVolunteer = "01999999-0000-7000-8000-00000000000c"
	examplePlacing   = "01999999-0000-7000-8000-00000000000d"
	exampleShiftCall = "01999999-0000-7000-8000-00000000000e"
)

var crewTime = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

func crewFrame(kind, title string, fields ...string) ui.Frame {
	f := ui.Frame{Title: title, Kind: kind}
	for _, name := range fields {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
	}
	return f
}

func crewBdi(s template.HTML) template.HTML { return "<bdi>" + s + "</bdi>" }

func crewOptions(all ...template.HTML) (out []ui.Option) {
	for i, x := range all {
		out = append(out, ui.Option{Value: string(x), Title: x, Chosen: i == 1})
	}
	return out
}

func exampleCallView(state string) callView {
	v := callView{ID: exampleShiftCall, Org: crewBdi("L’Étoile à huit branches"), Place: crewBdi("Ouirgane"), Words: crewBdi("Distribuer des repas chauds"), Meet: crewBdi("Devant l’école"),
		Skill: "Cuisine", Spoken: crewBdi("Tachelhit"), Demands: []template.HTML{"Porter", "Marcher"}, Children: true, From: crewTime.Add(24 * time.Hour), To: crewTime.Add(28 * time.Hour), SameDay: true,
		Wanted: 5, Placed: 3, Left: 2, State: state, Mission: exampleVolunteer}
	switch state {
	case string(Full):
		v.Placed, v.Left = 5, 0
	case string(Closed):
		v = callView{ID: exampleShiftCall, Org: v.Org, Place: v.Place, Words: v.Words, Meet: v.Meet, From: v.From, To: v.To.Add(48 * time.Hour), Wanted: 5, State: state}
	}
	return v
}

func exampleWeek(on bool) (out []dayRow) {
	for i, name := range []template.HTML{"Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"} {
		out = append(out, dayRow{name, string(rune('0' + i)), string(rune('a' + i)), on && i > 4, on})
	}
	return out
}

func exampleVolunteerRow(state string) volunteerRow {
	return volunteerRow{ID: exampleVolunteer, Number: "482719063", Initials: crewBdi("T. A."), Org: crewBdi("L’Étoile à huit branches"), Place: crewBdi("Ouirgane"), Skills: []template.HTML{"Cuisine", "Logistique"},
		Langs: []template.HTML{"Tachelhit", "Darija"}, State: state, Vetting: "Papiers", Minor: state == string(Waiting), Account: state == string(Accepted), MadeAt: crewTime}
}

func exampleOwn(base string) *ownPage {
	row := func(state string, view string) ownShift {
		return ownShift{Placing: examplePlacing, State: state, Call: exampleCallView(view)}
	}
	coming, here, past, silent := row("placed", "full"), row("placed", "open"), row("placed", "closed"), row("full", "closed")
	coming.Soon, here.Here = true, crewTime
	here.Placing = exampleVolunteer
	past.Signed, past.Counted, past.Minutes = true, true, 240
	p := &ownPage{Base: base, Ticket: ui.Ticket{Code: "482719063", At: crewTime, Label: "Inscription"}, State: string(Accepted), Org: crewBdi("L’Étoile à huit branches"),
		Asked: []ownShift{row("asked", "open"), row("full", "full"), row("no", "open"), row("offered", "open")}, Coming: []ownShift{coming, here}, Past: []ownShift{past, silent},
		Near: []nearCall{{Call: exampleCallView("open"), Km: 12, HasKm: true}}, Within: 30, Wider: 60, Minutes: 240, Total: "4:00", Shifts: 1, HasPaper: true, Signed: base == "/shifts"}
	p.Frame = crewFrame(ui.Form, "Ma page", "code")
	if p.Signed {
		p.Frame = crewFrame(ui.Staff, "Mes services")
	}
	return p
}

func crewGallery() (out []module.Example) {
	out = append(out, publicExamples()...)
	out = append(out, ownExamples()...)
	out = append(out, volunteersExamples()...)
	return append(out, callExamples()...)
}

func publicExamples() []module.Example {
	call := exampleCallView("open")
	where := whereAsked{Legend: "Où vous êtes", Text: "Trois-Sources", Searched: true, Found: []ui.Option{{Value: "x", Title: crewBdi("Ouirgane"), Name: "place.code"}}}
	form := volunteerFormPage{Frame: crewFrame(ui.Form, "Bénévole"), ID: exampleVolunteer, Where: where, Skills: ui.Choices{Name: "skills", Legend: "Compétences", Many: true, Options: crewOptions("Cuisine", "Logistique")},
		Langs:  ui.Choices{Name: "languages", Legend: "Langues", Many: true, Options: crewOptions("Tachelhit", "Darija")},
		Limits: ui.Choices{Name: "limits", Legend: "Limites", Many: true, Spare: true, Options: crewOptions("Porter", "Marcher")}, Papers: []paperRow{{N: 0, Kinds: crewOptions("Secours", "Autre")}},
		Week: exampleWeek(false), Adult: 18, Least: 15}
	wrong := form
	wrong.Frame, wrong.For, wrong.Week = crewFrame(ui.Form, "Bénévole", "name", "phone", "born", "guardian", "skills", "hours", "papers", "place"), &call, exampleWeek(true)
	return []module.Example{
		{Template: "hands_volunteer_form", Page: &form},
		{Template: "hands_volunteer_form", Page: &wrong},
		{Template: "hands_volunteer_org", Page: &volunteerOrgPage{Frame: crewFrame(ui.Form, "Avec qui"), Carried: []hidden{{"name", "Tuda"}},
			Orgs: ui.Choices{Name: "org", Legend: "Avec qui", Large: true, Options: crewOptions("L’Étoile", "Les Quatre Mulets")}}},
		{Template: "hands_volunteer_done", Page: &volunteerDonePage{Frame: crewFrame(ui.Form, "Merci"), Ticket: ui.Ticket{Code: "482719063", At: crewTime, Label: "Inscription"}, Org: crewBdi("L’Étoile"), Minor: true}},
		{Template: "hands_volunteer_done", Page: &volunteerDonePage{Frame: crewFrame(ui.Form, "Merci"), Ticket: ui.Ticket{Code: "482719063", At: crewTime}, Shared: true}},
		{Template: "hands_wanted", Page: &wantedPage{Frame: crewFrame("", "Appels"), Rows: []callView{call, exampleCallView("full")}, Pager: ui.Pager{More: "/fr/wanted?after=x", Shown: 50, Step: 50}}},
		{Template: "hands_wanted", Page: &wantedPage{Frame: crewFrame("", "Appels")}},
		{Template: "hands_wanted_one", Page: &wantedOnePage{Frame: crewFrame("", "Appel"), Call: call}},
		{Template: "hands_wanted_one", Page: &wantedOnePage{Frame: crewFrame("", "Appel"), Call: exampleCallView("closed")}},
		{Template: "hands_attestation", Page: &attestationPage{Frame: crewFrame(ui.Form, "Vérifier", "code"), Typed: "4827"}},
		{Template: "hands_attestation", Page: &attestationPage{Frame: crewFrame(ui.Form, "Vérifier"), Found: true, Code: "4827 1906 3551 0280 7714 9032", Org: crewBdi("L’Étoile"), Hours: "4:00", Shifts: 1, From: crewTime, To: crewTime, MadeAt: crewTime,
			Initials: crewBdi("T. A."), Statement: "4827", Signature: "2789", Key: "47b1"}},
		{Template: "hands_attested", Page: &attestedPage{Frame: crewFrame(ui.Print, "Attestation"), Name: crewBdi("Tuda Aït Baha"), Org: crewBdi("L’Étoile"), Hours: "4:00", Shifts: 2, From: crewTime, To: crewTime, MadeAt: crewTime,
			Code: "4827 1906 3551 0280 7714 9032", Address: "https://example.org/attestation/482719063551028077149032", Back: "/shifts"}},
	}
}

func ownExamples() []module.Example {
	alone := &ownPage{Frame: crewFrame(ui.Form, "Ma page"), Base: "/volunteer/mine", Ticket: ui.Ticket{Code: "482719063", At: crewTime}, State: string(Declined), Reason: "Trop loin", Within: 60}
	return []module.Example{
		{Template: "hands_own_door", Page: &ownDoorPage{Frame: crewFrame(ui.Form, "Ma page", "word"), Number: "482719063"}},
		{Template: "hands_own", Page: exampleOwn("/volunteer/mine")},
		{Template: "hands_own", Page: exampleOwn("/shifts")},
		{Template: "hands_own", Page: alone},
		{Template: "hands_own", Page: &ownPage{Frame: crewFrame(ui.Staff, "Mes services"), Base: "/shifts", Signed: true, None: true}},
		{Template: "hands_own", Page: &ownPage{Frame: crewFrame(ui.Staff, "Mes services"), Base: "/shifts", Signed: true, Within: 30, Wider: 60}},
	}
}

func volunteersExamples() []module.Example {
	any := exampleVolunteerRow(string(Waiting))
	any.Org = ""
	one := volunteerPage{Frame: crewFrame(ui.Staff, "Bénévole"), volunteerRow: exampleVolunteerRow(string(Accepted)), Week: exampleWeek(true), Hours: 240, Total: "4:00", Shifts: 1, CanDo: true,
		Why: crewOptions("Appeler", "Papiers"), Declines: crewOptions("Trop loin", "Assez"), Removes: crewOptions("Parti", "Absent"), Levels: crewOptions("Rien", "Papiers")}
	waiting := one
	waiting.Frame, waiting.volunteerRow = crewFrame(ui.Staff, "Bénévole", "reason", "why"), any
	open := one
	open.Frame, open.Revealed, open.Name, open.Phone, open.Guardian, open.GuardianP = crewFrame(ui.Staff, "Bénévole"), true, crewBdi("Tuda Aït Baha"), "+212661234542", crewBdi("Lalla Zineb"), "+212661234543"
	open.Limits, open.Words, open.Papers, open.Invited = []template.HTML{"Porter"}, crewBdi("Genou"), []paperSay{{"Secours", "12/2025", "2027-05-31"}}, "https://example.org/fr/welcome/x"
	gone := volunteerPage{Frame: crewFrame(ui.Staff, "Bénévole"), volunteerRow: exampleVolunteerRow(string(Removed)), Week: exampleWeek(false), Reason: "Absent", Total: "0:00"}
	list := volunteersPage{Frame: crewFrame(ui.Staff, "Bénévoles"), State: "accepted", States: crewOptions("En attente", "Acceptés"), Skills: crewOptions("Cuisine", "Logistique"), Langs: crewOptions("Tachelhit", "Darija"),
		Vetting: crewOptions("Rien", "Papiers"), Place: "Ouirgane", Rows: []volunteerRow{exampleVolunteerRow(string(Accepted)), any}, Pager: ui.Pager{Shown: 2, Step: 50}}
	return []module.Example{
		{Template: "hands_volunteers", Page: &list},
		{Template: "hands_volunteers", Page: &volunteersPage{Frame: crewFrame(ui.Staff, "Bénévoles"), State: "waiting"}},
		{Template: "hands_volunteer", Page: &one},
		{Template: "hands_volunteer", Page: &waiting},
		{Template: "hands_volunteer", Page: &open},
		{Template: "hands_volunteer", Page: &gone},
	}
}

func callExamples() []module.Example {
	calls := []callView{exampleCallView("open"), exampleCallView("full"), exampleCallView("closed")}
	form := callFormPage{Frame: crewFrame(ui.Staff, "Appel"), ID: exampleShiftCall, Orgs: crewOptions("L’Étoile"), Skills: crewOptions("Cuisine", "Logistique"), Spoken: crewOptions("Tachelhit", "Darija"),
		Demands: ui.Choices{Name: "demands", Legend: "Effort", Many: true, Options: crewOptions("Porter", "Marcher")}, Where: whereAsked{Legend: "Où"}}
	wrong := form
	wrong.Frame, wrong.Orgs, wrong.Missions = crewFrame(ui.Staff, "Appel", "org", "words_ar", "meet_ar", "from", "to", "wanted", "mission", "place"), crewOptions("L’Étoile", "Les Quatre Mulets"), crewOptions("Ouirgane", "Asni")
	one := callPage{Frame: crewFrame(ui.Staff, "Appel", "volunteer"), Call: calls[0], N: counts{Asked: 9, Yes: 4, No: 2, Silent: 1, Came: 3, Minutes: 720}, Hours: "12:00", Saw: 41, Within: 30, Wider: 60, CanAsk: true, CanLead: true, Open: true,
		Fits: []fitRow{{exampleVolunteer, "482719063", crewBdi("T. A."), crewBdi("Ouirgane"), []template.HTML{"Cuisine", "Tachelhit"}, true}, {examplePlacing, "482719448", crewBdi("I. B."), crewBdi("Asni"), nil, false}}}
	for _, state := range []PlacingState{Asked, Placed, TooLate, SaidNo, Withdrew, Silent} {
		one.Asked = append(one.Asked, askedRow{exampleVolunteer, "482719063", crewBdi("T. A."), string(state), crewTime, crewTime})
	}
	empty := callPage{Frame: crewFrame(ui.Staff, "Appel"), Call: calls[0], Hours: "0:00", Within: 60, CanAsk: true, Open: true}
	over := callPage{Frame: crewFrame(ui.Staff, "Appel"), Call: calls[2], Hours: "0:00"}
	rows := []rosterRow{{ID: exampleVolunteer, Number: "482719063", Initials: crewBdi("T. A."), Reasons: crewOptions("Tard", "Tôt")},
		{ID: examplePlacing, Number: "482719448", Initials: crewBdi("I. B."), In: crewTime, Counted: "0:00", Reasons: crewOptions("Tard", "Tôt")},
		{ID: exampleShiftCall, Number: "482719449", Initials: crewBdi("H. B."), In: crewTime, Out: crewTime.Add(4 * time.Hour), Counted: "4:00", Signed: true, Reason: "Tard"}}
	shift := shiftPage{Frame: crewFrame(ui.Staff, "Service"), Call: calls[0], Code: "482719", Rows: rows, Why: crewOptions("Appeler", "Papiers")}
	named := shift
	named.Rows = append([]rosterRow(nil), rows[:1]...)
	named.Named, named.Early, named.Rows[0].Name, named.Rows[0].Phone = true, true, crewBdi("Tuda Aït Baha"), "+212661234542"
	named.Frame = crewFrame(ui.Staff, "Service")
	return []module.Example{
		{Template: "hands_calls", Page: &callsPage{Frame: crewFrame(ui.Staff, "Appels"), Rows: calls, Pager: ui.Pager{More: "/fr/x", Shown: 50, Step: 50}, CanMake: true}},
		{Template: "hands_calls", Page: &callsPage{Frame: crewFrame(ui.Staff, "Appels"), Ended: true}},
		{Template: "hands_call_form", Page: &form},
		{Template: "hands_call_form", Page: &wrong},
		{Template: "hands_call", Page: &one},
		{Template: "hands_call", Page: &empty},
		{Template: "hands_call", Page: &over},
		{Template: "hands_shift", Page: &shift},
		{Template: "hands_shift", Page: &named},
		{Template: "hands_shift", Page: &shiftPage{Frame: crewFrame(ui.Staff, "Service"), Call: calls[0], Code: "482719"}},
	}
}
