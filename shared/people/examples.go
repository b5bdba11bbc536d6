package people

import (
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page of people with invented data.
func (s *Service) gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	staff := func(title, nav string) ui.Frame { return ui.Frame{Title: title, Kind: ui.Staff, Nav: nav} }
	door := ui.Frame{Title: "…", Kind: ui.Form}
	qr, err := crypt.QR(totpURL("touria", "JBSWY3DPEHPK3PXP"))
	if err != nil {
		qr = "" // the text is short: cannot happen
	}
	org := Organisation{ID: id.New[actor.Organisation](at), Kind: Association, Names: Names{"جمعية الإبرة والصوف", "L'Aiguille et la Laine", ""}, Receipt: "14/2019",
		Phone: "+212524001122", Domains: []string{"warm", "shelter"}, Status: Suspended, Reason: "report_overdue", MadeAt: at, Version: 3}
	account := Account{ID: id.New[actor.Account](at), Login: "coord.laine", Name: "هند النميري", Langs: []string{"shi", "ary"}, State: Active, MadeAt: at}
	grants := []grantRow{
		{Grant{ID: id.New[Grant](at), Account: account.ID, Role: actor.Coordinator, Org: org.ID, GivenAt: at}, "L'Aiguille et la Laine", true, "Al Haouz"},
		{Grant{ID: id.New[Grant](at), Account: account.ID, Role: actor.Agent, GivenAt: at}, "", false, ""},
	}
	words := func(all ...string) (rows []ui.Option) {
		for _, w := range all {
			rows = append(rows, ui.Option{Value: w, Title: plainHTML(w)})
		}
		return rows
	}
	langs := words("Tachelhit", "Darija", "Français")
	langs[0].Chosen = true
	wrong := door
	wrong.Errors = []ui.FieldError{{Field: "login", Text: "…"}}
	return []module.Example{
		{Template: "people_sign_in", Page: &signInPage{Frame: wrong, Login: "coord.laine"}},
		{Template: "people_sign_in", Page: &signInPage{Frame: door, Keys: true}},
		{Template: "people_passkeys", Page: &passkeysPage{Frame: staff("…", "me"), Here: true, Recent: true, Rows: []Passkey{
			{ID: id.New[Passkey](at), Name: "Samsung de Hind", MadeAt: at.AddDate(0, -2, 0), UsedAt: at},
			{ID: id.New[Passkey](at), Name: "مفتاح أزرق", MadeAt: at, CopiedAt: at}}}},
		{Template: "people_passkeys", Page: &passkeysPage{Frame: staff("…", "me"), Here: true, Rows: []Passkey{{ID: id.New[Passkey](at), Name: "Pixel", MadeAt: at}}}},
		{Template: "people_passkeys", Page: &passkeysPage{Frame: staff("…", "me"), Address: "twiza.example"}},
		{Template: "people_passkeys", Page: &passkeysPage{Frame: staff("…", "me")}},
		{Template: "people_welcome", Page: &welcomePage{Frame: door, Token: "x", First: true, Least: LeastPassword}},
		{Template: "people_welcome", Page: &welcomePage{Frame: door, Token: "x", Reset: true, Login: account.Login, Name: account.Name, Least: LeastPassword}},
		{Template: "people_welcome_code", Page: &codePage{Frame: door, Token: "x", QR: qr, Secret: "JBSWY3DPEHPK3PXP"}},
		{Template: "people_link", Page: &linkPage{Frame: staff("…", "accounts"), Name: account.Name, Link: "https://twiza.example/fr/welcome/x", Till: at.Add(linkLife), Back: "/accounts"}},
		{Template: "people_me", Page: &mePage{Frame: staff("…", "me"), Name: account.Name, Login: account.Login, Grants: grants, Langs: langs,
			Phones:   []Phone{{Name: "Le petit bleu", SeenAt: at, End: "/round/devices/" + account.ID.String() + "/give-up"}},
			Sessions: []sessionRow{{Session{ID: id.New[Session](at), Device: "phone", MadeAt: at, SeenAt: at}, true}, {Session{ID: id.New[Session](at), Device: "computer", MadeAt: at, SeenAt: at}, false}}}},
		{Template: "people_organisations", Page: &organisationsPage{Frame: staff("…", "organisations"), Status: Pending, MayRegister: true,
			Segments: []ui.Link{{Href: "/fr/organisations", Key: "people.status.all"}, {Href: "/fr/organisations?status=pending", Key: "people.status.pending", Current: true}},
			Rows:     []organisationRow{{org.ID, org.Names.FR, org.Kind, Recognised, []string{"Al Haouz"}}, {org.ID, org.Names.AR, Foundation, Pending, nil}}}},
		{Template: "people_organisations", Page: &organisationsPage{Frame: staff("…", "organisations"), Query: "xyz"}},
		{Template: "people_organisation_new", Page: &newOrganisation{Frame: staff("…", "organisations"), Kinds: words("Association", "Commune"), Domains: words("Eau", "Abri")}},
		{Template: "people_organisation", Page: &organisationDetail{Frame: staff(org.Names.FR, "organisations"), Org: org, Name: org.Names.FR, Places: []string{"Al Haouz", "Azilal"},
			Aliases: []Alias{{org.Names.FR, at, time.Time{}}, {"Laine et Aiguille", at.AddDate(-8, 0, 0), at}},
			Officers: []Officer{{ID: id.New[Officer](at), Org: org.ID, Office: "president", Name: "Aïcha T.", From: at.AddDate(-2, 0, 0)},
				{ID: id.New[Officer](at), Org: org.ID, Office: "treasurer", Name: "Brahim O.", From: at.AddDate(-6, 0, 0), Until: at.AddDate(-2, 0, 0)}},
			MayOfficer: true, Offices: words("Présidence"), NewOfficer: id.New[Officer](at).String(),
			ShowHolder: true, Holders: []holderRow{{account.Name, actor.Coordinator}}, MayJudge: true, MayRename: true, Recognise: words("…"), Suspend: words("…")}},
		{Template: "people_accounts", Page: &accountsPage{Frame: staff("…", "accounts"), Rows: []accountRow{{account.ID, account.Login, account.Name, Active, grants}, {account.ID, "audit", "A. G.", Invited, nil}}}},
		{Template: "people_second", Page: &secondPage{Frame: staff("…", "accounts"), Holder: true, Unread: true, Rows: []secondRow{
			{Second: Second{ID: id.New[Second](at), Kind: secondGive, State: "waiting", AskedAt: at}, Name: account.Name, Login: account.Login, Asked: "A. G.", Place: "Azilal", CameIn: at, Waits: true, MayApprove: true},
			{Second: Second{ID: id.New[Second](at), Kind: secondReset, State: "done", AskedAt: at, DecidedAt: at}, Name: account.Name, Login: account.Login, Asked: "A. G.", Decided: "S. B."}}}},
		{Template: "people_second", Page: &secondPage{Frame: staff("…", "accounts")}},
		{Template: "people_account_new", Page: &newAccountPage{Frame: staff("…", "accounts"), Langs: langs}},
		{Template: "people_account", Page: &accountDetail{Frame: staff(account.Name, "accounts"), Account: account, Langs: []string{"Tachelhit"}, Grants: grants, Sessions: 2,
			Roles: words("Coordination"), Orgs: words(org.Names.FR), Services: words("…")}},
		{Template: "people_account", Page: &accountDetail{Frame: staff(account.Name, "accounts"), Account: account, Oneself: true}},
	}
}
