package reach

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const campaignColumns = `id, province, communes, service, body, state, author, sender, people, parts, minor, made_at, done_at`

func (s *Service) scanCampaign(r db.Row) (k Campaign, err error) {
	var communes string
	var sealed []byte
	if err = r.Scan(&k.ID, &k.Province, &communes, &k.Service, &sealed, &k.State, &k.Author, &k.Sender, &k.People, &k.Parts, &k.Minor, db.Time(&k.MadeAt), db.Time(&k.DoneAt)); err != nil {
		return k, err
	}
	if err = json.Unmarshal([]byte(communes), &k.Communes); err != nil {
		return k, err
	}
	plain, err := s.vault.Open(crypt.At("reach_campaign.body", k.ID.String()), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &k.Texts)
	}
	return k, err
}

// addCampaign keeps a draft; the same identifier again is the same one.
func (s *Service) addCampaign(t *db.Tx, k Campaign) (fresh bool, err error) {
	sealed, err := s.sealCampaign(k)
	if err != nil {
		return false, err
	}
	communes, err := json.Marshal(k.Communes)
	if err != nil {
		return false, err
	}
	n, err := t.Exec(`INSERT INTO reach_campaign (id, province, communes, service, body, state, author, people, parts, minor, made_at)
		VALUES (?1, ?2, ?3, ?4, ?5, 'draft', ?6, 0, 0, 0, ?7) ON CONFLICT (id) DO NOTHING`, k.ID, k.Province, string(communes), k.Service, sealed, k.Author, t.Now())
	return n > 0, err
}

func (s *Service) getCampaign(t *db.Tx, cid CampaignID) (Campaign, error) {
	return db.One(t, s.scanCampaign, `SELECT `+campaignColumns+` FROM reach_campaign WHERE id = ?1`, cid)
}

func (s *Service) listCampaigns(t *db.Tx, most int) ([]Campaign, error) {
	return db.List(t, s.scanCampaign, `SELECT `+campaignColumns+` FROM reach_campaign ORDER BY made_at DESC, id DESC LIMIT ?1`, most)
}

func sentCampaign(t *db.Tx, cid CampaignID, by actor.AccountID, a reached) error {
	return oneCampaign(t.Exec(`UPDATE reach_campaign SET state = 'sent', sender = ?1, people = ?2, parts = ?3, minor = ?4, done_at = ?5 WHERE id = ?6 AND state = 'draft' AND author <> ?1`,
		by, len(a.people), a.parts, a.minor, t.Now(), cid))
}

func withdrawCampaign(t *db.Tx, cid CampaignID) error {
	return oneCampaign(t.Exec(`UPDATE reach_campaign SET state = 'withdrawn', done_at = ?1 WHERE id = ?2 AND state = 'draft'`, t.Now(), cid))
}

func oneCampaign(n int64, err error) error {
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "error.changed_meanwhile")
	}
	return err
}

// toldLately is every conversation that a campaign wrote to since a moment.
func toldLately(t *db.Tx, since time.Time) (map[ConversationID]bool, error) {
	all, err := db.List(t, func(r db.Row) (c ConversationID, err error) { return c, r.Scan(&c) },
		`SELECT DISTINCT m.conversation FROM reach_campaign k JOIN reach_message m ON m.subject = '`+ofCampaign+`' || k.id WHERE k.state = 'sent' AND k.done_at > ?1`, since)
	out := map[ConversationID]bool{}
	for _, c := range all {
		out[c] = true
	}
	return out, err
}

// campaignState is how the messages of a campaign stand, by state.
func campaignStates(t *db.Tx, cid CampaignID) (map[string]int, error) {
	type row struct {
		state string
		n     int
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.state, &x.n) },
		`SELECT state, COUNT(*) FROM reach_message WHERE subject = ?1 GROUP BY state`, ofCampaign+cid.String())
	out := map[string]int{}
	for _, x := range all {
		out[x.state] = x.n
	}
	return out, err
}
