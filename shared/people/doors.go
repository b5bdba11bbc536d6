package people

import (
	"net/url"

	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// pages is every door of people's pages, and the deed that each leads to.
func (s *Service) pages() []module.Door {
	by := func(c *web.Ctx) actor.Actor { return actor.From(c.Context()) }
	names := func(f url.Values, p *organisationDetail) {
		p.Typed.NameAR, p.Typed.NameFR, p.Typed.NameZGH = f.Get("name_ar"), f.Get("name_fr"), f.Get("name_zgh")
	}
	alias := func(f url.Values, p *organisationDetail) {
		p.Typed.Alias, p.Typed.From, p.Typed.To = f.Get("alias"), f.Get("from"), f.Get("to")
	}
	officer := func(f url.Values, p *organisationDetail) {
		p.NewOfficer, p.Typed.Office, p.Typed.Officer, p.Typed.Since = f.Get("id"), f.Get("office"), f.Get("officer"), f.Get("since")
		for i := range p.Offices {
			p.Offices[i].Chosen = p.Offices[i].Value == p.Typed.Office
		}
	}
	nothing := func(url.Values, *organisationDetail) {}
	disable := func(c *web.Ctx, aid actor.AccountID) error { return s.Disable(c.Context(), by(c), aid) }
	enable := func(c *web.Ctx, aid actor.AccountID) error { return s.Enable(c.Context(), by(c), aid) }
	return []module.Door{
		module.Get("/sign-in", sessionOpen, s.signInForm),
		module.Post("/sign-in", sessionOpen, s.signInPost),
		module.Post("/sign-in/passkey/ask", sessionOpen, s.askPasskey),
		module.Post("/sign-in/passkey", sessionOpen, s.passkeyPost),
		module.Post("/sign-out", sessionClose, s.signOut),
		module.Get("/welcome/{token}", welcomeRead, s.welcomeForm),
		module.Post("/welcome/{token}", accountSetPass, s.welcomePost),
		module.Post("/welcome/{token}/code", accountEnrol, s.welcomeCode),

		module.Get("/me", meRead, s.showMe),
		module.Post("/me/languages", accountLangs, s.setLangs),
		module.Post("/me/sessions/{session}/close", sessionClose, s.closeMine),
		module.Get("/me/passkeys", meRead, s.showPasskeys),
		module.Post("/me/passkeys", passkeyAdd, s.addPasskeyPost),
		module.Post("/me/passkeys/ask", passkeyAdd, s.askPasskeyNew),
		module.Post("/me/passkeys/confirm", sessionConfirm, s.confirmPost),
		module.Post("/me/passkeys/{passkey}/remove", passkeyRemove, s.removePasskeyPost),

		module.Get("/organisations", organisationRead, s.listOrganisations),
		module.Get("/organisations/new", organisationRegister, s.newOrganisation),
		module.Post("/organisations", organisationRegister, s.register),
		module.Get("/organisations/{id}", organisationRead, s.showOrganisation),
		module.Post("/organisations/{id}/names", organisationRename, s.changeOrganisation("people.organisation.renamed", s.renamePost, names)),
		module.Post("/organisations/{id}/aliases", organisationRename, s.changeOrganisation("people.organisation.alias_kept", s.aliasPost, alias)),
		module.Post("/organisations/{id}/officers", officerName, s.changeOrganisation("people.officer.kept", s.officerPost, officer)),
		module.Post("/organisations/{id}/officers/{officer}/end", officerEnd, s.changeOrganisation("people.officer.ended_now", s.officerEndPost, nothing)),
		module.Post("/organisations/{id}/recognise", organisationRecognise, s.changeOrganisation("people.organisation.recognised", s.recognisePost, nothing)),
		module.Post("/organisations/{id}/suspend", organisationSuspend, s.changeOrganisation("people.organisation.suspended", s.suspendPost, nothing)),

		module.Get("/safeguarding", secondRead, s.showSeconds),
		module.Post("/safeguarding/{second}/approve", secondApprove, s.approvePost),
		module.Post("/safeguarding/{second}/refuse", secondRefuse, s.refusePost),
		module.Post("/safeguarding/seen", secondSee, s.seenPost),

		module.Get("/accounts", accountRead, s.listAccounts),
		module.Get("/accounts/new", accountInvite, s.newAccount),
		module.Post("/accounts", accountInvite, s.invitePost),
		module.Get("/accounts/{id}", accountRead, s.showAccount),
		module.Post("/accounts/{id}/reset", accountReset, s.resetPost),
		module.Post("/accounts/{id}/disable", accountDisable, s.changeAccount("people.account.disabled", disable)),
		module.Post("/accounts/{id}/enable", accountEnable, s.changeAccount("people.account.enabled", enable)),
		module.Post("/accounts/{id}/grants", grantGive, s.givePost),
		module.Post("/accounts/{id}/grants/{grant}/end", grantEnd, s.endPost),
	}
}
