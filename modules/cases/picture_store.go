package cases

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Counted is a request as it is counted in public: nothing in it leads to its
// person, and no point.
type Counted struct {
	ID      string
	Place   string // the commune, or what wider is known; "" is nothing
	Need    string // the first of what is needed
	Channel string // by which it came: "web", "sms", "helper" …
	Spoken  string // "" when nobody said
	People  int
	Org     actor.OrganisationID // whose it is, or was at the end
	Also    []actor.OrganisationID
	Asked   time.Time
	Owned   time.Time // somebody took it on; zero: nobody yet
	Helped  time.Time // its person said that help had come; zero: not yet
	Gone    bool      // it was joined to another, which carries the work for both
}

// CountedSince hands every request that changed since a moment to each, in no
// order. Restricted concerns are in a table of their own and are never among them.
func (o *Office) CountedSince(t *db.Tx, since time.Time, each func(Counted)) error {
	also, err := partners(t)
	if err != nil {
		return err
	}
	_, err = db.List(t, func(r db.Row) (none struct{}, err error) {
		var c Counted
		var needs string
		if err = r.Scan(&c.ID, &c.Place, &needs, &c.Channel, &c.Spoken, &c.People, &c.Org, db.Time(&c.Asked), db.Time(&c.Owned), db.Time(&c.Helped), &c.Gone); err != nil {
			return none, err
		}
		var all []string
		if err = json.Unmarshal([]byte(needs), &all); err == nil {
			if len(all) > 0 {
				c.Need = all[0]
			}
			c.Also = also[c.ID]
			each(c)
		}
		return none, err
	}, `SELECT id, COALESCE(commune, province, region, ''), needs, COALESCE(way, channel), spoken, people, org, made_at, owned_at, helped_at, merged_into IS NOT NULL
		FROM cases_case WHERE changed_at >= ?1`, since)
	return err
}

// partners are the organisations that do, or did, a part of each case beside its
// owner.
func partners(t *db.Tx) (map[string][]actor.OrganisationID, error) {
	out := map[string][]actor.OrganisationID{}
	_, err := db.List(t, func(r db.Row) (none struct{}, err error) {
		var id string
		var org actor.OrganisationID
		if err = r.Scan(&id, &org); err == nil {
			out[id] = append(out[id], org)
		}
		return none, err
	}, `SELECT DISTINCT case_id, org FROM cases_task WHERE org IS NOT NULL AND state IN ('doing', 'done')`)
	return out, err
}
