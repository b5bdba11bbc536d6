// Package people knows who helps: organisations and whether they are
// recognised, the people who sign in, and the roles they hold, each bound to an
// organisation, a territory and, where it applies, a service.
//
// What always holds: who somebody is, is read anew at every request, so a role
// that ended, a session that was closed or an organisation that was suspended
// counts from that moment on. Nobody gives a role to themselves. Passwords are
// kept as argon2id, codes sealed, sessions and links as hashes, passkeys by what
// is public of them. An organisation
// is one record under every name it ever bore.
package people

import (
	"embed"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/translog"
)

//go:embed schema/*.sql locale/*.json pages/*.html
var Files embed.FS

// Service is the people of one house.
type Service struct {
	// Home is where somebody goes after signing in, without the language; nil
	// is their own page. Set while the house is built.
	Home func(actor.Actor) string
	// Services lists the services that a role can be bound to, in the reader's
	// language; nil when there is none to choose. Set while the house is built.
	Services func(lang string) []ui.Option

	// Phones lists the phones that somebody takes to the field; nil where nobody
	// does. Set while the house is built.
	Phones func(t *db.Tx, account actor.AccountID) ([]Phone, error)

	// Apart are roles that nobody holds together, in twos, as the country has it. Set
	// while the house is built.
	Apart [][2]actor.Role

	// Public is the log that everybody may check; nil where there is none. Set while
	// the house is built.
	Public *translog.Log

	h      *deed.House
	vault  *crypt.Vault
	places *places.Gazetteer
	owners map[string]actor.OrganisationID // of last resort, by place and service; set at the start

	passkeys *crypt.Passkeys // nil where the address of the house makes none possible
}

// Phone is one that its holder takes to the field, and where they cut it off.
type Phone struct {
	Name   string
	SeenAt time.Time
	End    string // a path to post to
}

// New joins people to a house, to the keys that seal their second factor, and
// to the places they work in.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer) *Service {
	return &Service{h: h, vault: v, places: g}
}

// Manifest is the module as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "people", Files: Files,
		Deeds: []deed.Deed{
			organisationRegister, organisationRename, organisationRecognise, organisationSuspend, organisationRead, organisationPublish, officerName, officerEnd, ownersKeep,
			accountRead, accountInvite, accountReset, accountDisable, accountEnable, accountLangs, welcomeRead, accountSetPass, accountEnrol, accountInviteVolunteer, accountEndVolunteer,
			grantGive, grantEnd, secondRead, secondAsk, secondFirst, secondApprove, secondRefuse, secondSee, sessionOpen, sessionRefuse, sessionClose, sessionConfirm, meRead,
			passkeyAdd, passkeyRemove, passkeyCopied,
		},
		Doors:   append(s.pages(), s.api()...),
		Gallery: s.gallery(),
		Chores:  []module.Chore{{Name: "people.tidy", Every: time.Hour, Do: s.tidySessions}},
		Checks:  s.checks(),
		Say:     s.Say,
		Sealed:  []crypt.Column{{Table: "people_account", Column: "totp_secret"}, {Table: "people_officer", Column: "name"}, {Table: "people_passkey", Column: "name"}},
	}
}

// OrgName is what an organisation is called for a reader of lang.
func (s *Service) OrgName(t *db.Tx, oid actor.OrganisationID, lang string) (string, error) {
	n, err := db.One(t, func(r db.Row) (n Names, err error) { return n, r.Scan(&n.AR, &n.FR, &n.ZGH) },
		`SELECT name_ar, name_fr, name_zgh FROM people_organisation WHERE id = ?1`, oid)
	return n.In(lang), err
}

// Organisation is one organisation.
func (s *Service) Organisation(t *db.Tx, oid actor.OrganisationID) (Organisation, error) {
	return getOrganisation(t, oid)
}

// Organisations is every organisation, whatever its status, by its Latin name.
func (s *Service) Organisations(t *db.Tx) ([]Organisation, error) {
	all, err := db.List(t, scanOrganisation, `SELECT `+organisationColumns+` FROM people_organisation o ORDER BY o.sort_fr, o.id`)
	if err != nil {
		return nil, err
	}
	return withTerritory(t, all)
}

// Recognised tells whether an organisation may act now. One that does not
// exist may not.
func (s *Service) Recognised(t *db.Tx, oid actor.OrganisationID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM people_organisation WHERE id = ?1 AND status = 'recognised'`, oid)
}

// AccountName is the staff name of an account, for colleagues.
func (s *Service) AccountName(t *db.Tx, aid actor.AccountID) (string, error) {
	return db.One(t, db.Text, `SELECT name FROM people_account WHERE id = ?1`, aid)
}

// Languages is what people here may say they speak, by code, in the order of
// the country pack.
func (s *Service) Languages() []string { return s.languages() }
