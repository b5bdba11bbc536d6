package app

import (
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
)

// passkey is one of the visitor's own, where they have an account; else nobody's.
func (s *stage) passkey(v *visitor) string {
	pid := freshID()
	if v.id.IsZero() {
		return pid
	}
	s.must(s.h.DB.Write(s.Context(), func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO people_passkey (id, account, credential, key, counter, flags, transports, name, made_at) VALUES (?1, ?2, ?1, ?3, 0, 0, '', ?4, ?5)`,
			pid, v.id, []byte("test"), s.h.Vault.SealText(crypt.At("people_passkey.name", pid), "phone"), t.Now())
		return err
	}))
	return pid
}
