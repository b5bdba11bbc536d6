package people

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const organisationColumns = `o.id, o.kind, o.name_ar, o.name_fr, o.name_zgh, o.legal_receipt, o.phone, o.domains, o.status, o.status_reason, o.made_at, o.version`

func scanOrganisation(r db.Row) (o Organisation, err error) {
	var domains string
	err = r.Scan(&o.ID, &o.Kind, &o.Names.AR, &o.Names.FR, &o.Names.ZGH, &o.Receipt, &o.Phone, &domains, &o.Status, &o.Reason, db.Time(&o.MadeAt), &o.Version)
	return o, errors.Join(err, unpack(domains, &o.Domains))
}

// pack and unpack keep a short list of codes in one column.
func pack(codes []string) string {
	if len(codes) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(codes) // strings always marshal
	return string(b)
}

func unpack(s string, into *[]string) error {
	if s == "" || s == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(s), into)
}

func getOrganisation(t *db.Tx, oid actor.OrganisationID) (Organisation, error) {
	o, err := db.One(t, scanOrganisation, `SELECT `+organisationColumns+` FROM people_organisation o WHERE o.id = ?1`, oid)
	if err != nil {
		return o, err
	}
	o.Territory, err = territory(t, oid)
	return o, err
}

func territory(t *db.Tx, oid actor.OrganisationID) ([]string, error) {
	return db.List(t, db.Text, `SELECT code FROM people_territory WHERE org = ?1 ORDER BY code`, oid)
}

// withTerritory fills in where each of a list of organisations works.
func withTerritory(t *db.Tx, all []Organisation) ([]Organisation, error) {
	type row struct {
		org  actor.OrganisationID
		code string
	}
	rows, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.org, &x.code) },
		`SELECT org, code FROM people_territory ORDER BY org, code`)
	codes := map[actor.OrganisationID][]string{}
	for _, x := range rows {
		codes[x.org] = append(codes[x.org], x.code)
	}
	for i := range all {
		all[i].Territory = codes[all[i].ID]
	}
	return all, err
}

func addOrganisation(t *db.Tx, o Organisation) error {
	_, err := t.Exec(`INSERT INTO people_organisation (id, kind, name_ar, name_fr, name_zgh, sort_ar, sort_fr, legal_receipt, phone, domains, status, status_reason, made_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1)`,
		o.ID, string(o.Kind), o.Names.AR, o.Names.FR, o.Names.ZGH, arabic.Key(o.Names.AR), arabic.Key(o.Names.FR),
		o.Receipt, string(o.Phone), pack(o.Domains), string(o.Status), o.Reason, o.MadeAt)
	if err != nil {
		return err
	}
	for _, code := range o.Territory {
		if _, err := t.Exec(`INSERT INTO people_territory (org, code) VALUES (?1, ?2)`, o.ID, code); err != nil {
			return err
		}
	}
	return nil
}

// saveOrganisation keeps names and status; somebody who was faster is a conflict.
func saveOrganisation(t *db.Tx, o Organisation) error {
	n, err := t.Exec(`UPDATE people_organisation SET name_ar = ?1, name_fr = ?2, name_zgh = ?3, sort_ar = ?4, sort_fr = ?5, status = ?6, status_reason = ?7, version = version + 1
		WHERE id = ?8 AND version = ?9`, o.Names.AR, o.Names.FR, o.Names.ZGH, arabic.Key(o.Names.AR), arabic.Key(o.Names.FR),
		string(o.Status), o.Reason, o.ID, o.Version)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "people.organisation.changed")
	}
	return err
}

func scanAlias(r db.Row) (a Alias, err error) {
	return a, r.Scan(&a.Name, db.Time(&a.From), db.Time(&a.To))
}

// aliases lists every name of an organisation, those in use first.
func aliases(t *db.Tx, oid actor.OrganisationID) ([]Alias, error) {
	return db.List(t, scanAlias, `SELECT name, from_at, to_at FROM people_organisation_alias WHERE org = ?1
		ORDER BY CASE WHEN to_at IS NULL THEN 0 ELSE 1 END, from_at DESC, key`, oid)
}

// nameHolder is who bears a name now; zero when nobody does.
func nameHolder(t *db.Tx, key string) (actor.OrganisationID, error) {
	oid, err := db.One(t, func(r db.Row) (oid actor.OrganisationID, err error) { return oid, r.Scan(&oid) },
		`SELECT org FROM people_organisation_alias WHERE key = ?1 AND to_at IS NULL`, key)
	if fault.KindOf(err) == fault.Missing {
		return oid, nil
	}
	return oid, err
}

// addName puts a name into use, or, with an end, on record. A name that the
// organisation bears already stays as it is; one that another bears is a conflict.
func addName(t *db.Tx, oid actor.OrganisationID, a Alias) error {
	key := arabic.Key(a.Name)
	if a.To.IsZero() {
		switch holder, err := nameHolder(t, key); {
		case err != nil:
			return err
		case holder == oid:
			return nil
		case !holder.IsZero():
			return fault.New(fault.Conflict, "people.organisation.name_taken", "name", a.Name)
		}
	}
	_, err := t.Exec(`INSERT INTO people_organisation_alias (org, name, key, sound, from_at, to_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
		oid, a.Name, key, arabic.Sound(a.Name), a.From, a.To)
	return err
}

func endName(t *db.Tx, oid actor.OrganisationID, name string, at time.Time) error {
	_, err := t.Exec(`UPDATE people_organisation_alias SET to_at = ?1 WHERE org = ?2 AND key = ?3 AND to_at IS NULL`, at, oid, arabic.Key(name))
	return err
}

// leastSound is how many letters a sound needs to prove anything (see arabic.Sound).
const leastSound = 3

// organisationPage is how many organisations a page lists.
const organisationPage = 50

// find is what a list of organisations is looked up by.
type find struct {
	status Status // "" is every status
	query  string // a name in any spelling, of any date; "" is every one
	lang   string // the order: Arabic letters for ar and zgh, Latin for the others
	after  string // the last organisation of the page before; "" is the beginning
}

// findOrganisations lists a page of organisations by name; more says that
// there are others after it. Names match in part and without their spaces,
// which people put where they like («و الأسرة»), or whole by their sound.
func findOrganisations(t *db.Tx, f find) (all []Organisation, more bool, err error) {
	sort := "sort_fr"
	if f.lang == "ar" || f.lang == "zgh" {
		sort = "sort_ar"
	}
	key, sound := arabic.Key(f.query), arabic.Sound(f.query)
	if key == "" && f.query != "" {
		return nil, false, nil // no letter in it: nobody is called so
	}
	if len(sound) < leastSound {
		sound = ""
	}
	all, err = db.List(t, scanOrganisation, `SELECT `+organisationColumns+` FROM people_organisation o
		WHERE (?1 = '' OR o.status = ?1) AND (?2 = '' OR (o.`+sort+`, o.id) > (SELECT x.`+sort+`, x.id FROM people_organisation x WHERE x.id = ?2))
		AND (?3 = '' OR EXISTS (SELECT 1 FROM people_organisation_alias a WHERE a.org = o.id AND (REPLACE(a.key, ' ', '') LIKE ?4 OR ?5 <> '' AND a.sound = ?5)))
		ORDER BY o.`+sort+`, o.id LIMIT ?6`, string(f.status), f.after, key, "%"+strings.ReplaceAll(key, " ", "")+"%", sound, organisationPage+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(all) > organisationPage; more {
		all = all[:organisationPage]
	}
	all, err = withTerritory(t, all)
	return all, more, err
}
