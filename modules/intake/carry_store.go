package intake

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// OldFile is a file as an earlier release kept it, opened.
type OldFile struct {
	ID, Name, Service, Account string
	Mapping                    json.RawMessage
	Body, Errors               []byte
	Done                       bool
	Rows, Added, Again, Failed int
	MadeAt, DoneAt             time.Time
}

// CarryFile keeps a file that was brought in before files had a module of their
// own; it stays its bringer's.
func (s *Service) CarryFile(t *db.Tx, f OldFile) error {
	fid, err := id.Parse[fileKind](f.ID)
	if err != nil {
		return err
	}
	account, err := id.Parse[actor.Account](f.Account)
	if err != nil {
		return err
	}
	var m Mapping
	if err := json.Unmarshal(f.Mapping, &m); err != nil {
		return err
	}
	sealed, err := s.sealAbout(fid, f.Name, m)
	if err != nil {
		return err
	}
	var body, errors []byte
	if len(f.Body) > 0 && !f.Done {
		body = s.vault.Seal("intake_file.body|"+fid.String(), f.Body)
	}
	if len(f.Errors) > 0 {
		errors = s.vault.Seal("intake_file.errors|"+fid.String(), f.Errors)
	}
	state := "preview"
	if f.Done {
		state = "done"
	}
	_, err = t.Exec(`INSERT INTO intake_file (id, kind, service, sealed, body, errors, state, rows, added, again, failed, account, made_at, done_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (id) DO NOTHING`,
		fid, string(source.CSV), f.Service, sealed, blob(body), blob(errors), state, f.Rows, f.Added, f.Again, f.Failed, account, f.MadeAt, moment(f.DoneAt))
	return err
}

// CarryReading keeps how columns were read. The first release kept heads in
// clear, a person's row among them where a file had none: that is forgotten.
func (s *Service) CarryReading(t *db.Tx, key string, heads []string, mapping json.RawMessage) error {
	if key == "" {
		if source.Headless(heads) {
			return nil
		}
		key = s.headsKey(heads)
	}
	var m Mapping
	if err := json.Unmarshal(mapping, &m); err != nil {
		return err
	}
	return s.remember(t, key, m)
}
