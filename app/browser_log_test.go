package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/testkit"
)

// A giver doubts: from the page of their gift to the verifier in their browser, the
// whole log, a copy of it without a network, another key, and a log that was rewritten.
func TestADoubterChecksTheLogInTheirBrowser(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	s := newStreet(t)
	s.must(s.h.Giving.OpenFund(t.Context(), s.acts(actor.CrisisCell), giving.Fund{ID: id.New[giving.Fund](s.h.clock.Now()), Code: "neige", IBAN: stageIBAN, Basis: "Loi", Names: map[string]string{"ar": "الثلج", "fr": "Neige"}}))
	number := s.given()
	b.Size(360, 740)
	b.Open(s.site + "/fr/gift?number=" + number)
	b.Follow(`a[href*="/log?file="]`)
	says := func(want string) string {
		t.Helper()
		said := ""
		comes(t, want, func() bool { said = b.Text("[data-out]"); return strings.Contains(said, want) })
		return said
	}
	if said := says("s’engage à"); !strings.Contains(said, "Juste") || !strings.Contains(said, "giving.gift.receive") || !strings.Contains(said, number) {
		t.Errorf("of the giver's own receipt it says %q", said)
	}
	s.look(b, "log", 360, 1440)
	b.Click("[data-all]")
	if said := says("Rien de ce qui a pu être vérifié"); strings.Contains(said, "avait vu avant") || !strings.Contains(said, "personne dont la clé est connue") {
		t.Errorf("of the whole log it says %q", said)
	}
	s.given() // the log grows, and this browser remembers what it saw
	b.Open(s.site + "/fr/log")
	b.Click("[data-all]")
	says("avait vu avant")

	dir := filepath.Join(t.TempDir(), "public")
	s.must(s.h.Proof.Export(t.Context(), dir))
	proof := filepath.Join(t.TempDir(), "x.tlog-proof")
	body, err := s.h.Proof.Proof(t.Context(), 0)
	s.must(err)
	s.must(os.WriteFile(proof, body, 0o600))
	b.Upload("[name=receipt]", proof)
	says("à la place 0")
	body[len(body)/2] ^= 1
	s.must(os.WriteFile(proof, body, 0o600))
	b.Upload("[name=receipt]", proof)
	says("le reçu ne tient pas")
	key := b.Value("[name=key]")
	b.Click("details:has([name=key]) summary")
	b.Fill("[name=key]", "pas une clé")
	b.Click("[data-all]")
	says("Copiez la ligne entière")
	b.Fill("[name=key]", key)

	// whoever has the store in their hands changes one line of it
	forge := func(from, to string) {
		t.Helper()
		s.must(s.h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE translog_leaf SET entry = CAST(REPLACE(CAST(entry AS TEXT), ?1, ?2) AS BLOB)`, from, to)
			return err
		}))
	}
	s.must(s.h.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`DROP TRIGGER translog_leaf_stays`)
		return err
	}))
	forge(`"amount":"50000"`, `"amount":"90000"`)
	b.Click("[data-all]")
	if said := says("Faux"); !strings.Contains(said, "tile/entries/000") || !strings.Contains(said, "des entrées ont été modifiées") {
		t.Errorf("of a line that was changed it says %q", said)
	}
	forge(`"amount":"90000"`, `"amount":"50000"`) // the house itself finds it too: see house_test.go
	for _, c := range b.Complaints() {
		t.Error("the browser complains:", c)
	}
}

// given is a gift of 500 that came, and its number.
func (s *street) given() string {
	s.Helper()
	ctx := context.Background()
	g, err := s.h.Giving.Announce(ctx, actor.Actor{Channel: "web"}, id.New[giving.Gift](s.h.clock.Now()), "neige", 500_00, giving.EarmarkID{})
	s.must(err)
	n := g.Receipt.String()
	body := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>` + n + `</Id><Acct><Id><IBAN>` + stageIBAN + `</IBAN></Id><Ccy>MAD</Ccy></Acct><Ntry><Amt Ccy="MAD">500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>B` + n + `</AcctSvcrRef><AddtlNtryInf>don ` + n + `</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>`
	_, err = s.h.Giving.Import(ctx, s.acts(actor.Treasurer), "neige", []byte(body))
	s.must(err)
	s.must(s.h.Proof.Integrate(ctx))
	return n
}

// acts is somebody of a role that acts everywhere.
func (s *street) acts(role actor.Role) actor.Actor {
	return actor.Actor{Account: s.chief, Channel: "web", Grants: []actor.Grant{{Role: role, Recognised: true}}}
}
