package app

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// setGiving puts a fund on stage, with a gift, a line that nobody explained, and a
// spending that waits.
func (s *stage) setGiving(d module.Door, c *doorCall) {
	gift := strings.HasPrefix(d.Path, "/gift")
	if !gift && !about(d, "/funds") && !strings.HasPrefix(d.Path, "/treasury") {
		return
	}
	if d.Path == "/treasury" {
		c.form = url.Values{"id": {freshID()}, "code": {"sel"}, "iban": {stageIBAN}, "basis": {"Loi"}, "name_ar": {"الملح"}, "name_fr": {"Sel"}}
		return
	}
	s.fund()
	if err := s.h.Giving.ReopenFund(s.Context(), s.as(actor.CrisisCell), "neige"); !errors.Is(err, deed.ErrNothingDone) {
		s.must(err) // a door before this one ended it
	}
	keeper := s.as(actor.Treasurer)
	g, err := s.h.Giving.Announce(s.Context(), actor.Actor{Channel: "web"}, id.New[giving.Gift](morning), "neige", 900_00, giving.EarmarkID{})
	s.must(err)
	s.must(s.statement(keeper, g.Receipt.String()))
	x := giving.Spending{ID: id.New[giving.Spending](morning), Kind: giving.Allocate, Minor: 1_00, Purpose: "bois"}
	s.must(s.h.Giving.Write(s.Context(), keeper, "neige", x, "Bois", ""))
	lines, _, err := s.h.Giving.Look(s.Context(), keeper, "neige")
	s.must(err)
	c.holes["code"] = "neige"
	e := giving.Earmark{ID: id.New[giving.Earmark](morning), Names: map[string]string{"ar": "أسقف", "fr": "Toits"}}
	c.form = url.Values{"id": {freshID()}, "name_ar": {"كتب"}, "name_fr": {"Livres"}, "amount": {"20"}, "kind": {"allocate"}, "purpose": {"bois"}, "name": {"Bois"}, "line": {lines[0].ID.String()}, "what": {"gift"}}
	switch {
	case strings.HasSuffix(d.Path, "/reopen"):
		s.must(s.h.Giving.EndFund(s.Context(), s.as(actor.CrisisCell), "neige"))
	case strings.HasSuffix(d.Path, "/unmark"):
		s.must(s.h.Giving.OpenEarmark(s.Context(), s.as(actor.CrisisCell), "neige", e))
		c.form = url.Values{"id": {e.ID.String()}}
	case strings.HasSuffix(d.Path, "/take-back"):
		told, _, err := s.h.Giving.LookBack(s.Context(), keeper, "neige", "")
		s.must(err)
		c.form = url.Values{"line": {told[0].ID.String()}, "why": {"slip"}}
	case strings.HasSuffix(d.Path, "/payee"), strings.HasSuffix(d.Path, "/paper"):
		c.form = url.Values{"id": {s.toPay(keeper, x.ID).String()}}
	case strings.HasSuffix(d.Path, "/agree"), strings.HasSuffix(d.Path, "/drop"):
		c.form = url.Values{"id": {x.ID.String()}}
	case gift:
		c.path = d.Path + "?number=" + g.Receipt.String()
	}
}

const stageIBAN = "MA64001810007800020110620318"

// as is somebody of a role that acts everywhere.
func (s *stage) as(role actor.Role) actor.Actor {
	return actor.Actor{Account: s.target, Channel: "web", Grants: []actor.Grant{{Role: role, Recognised: true}}}
}

// fund is one that is open; the same each time.
func (s *stage) fund() {
	s.Helper()
	f := giving.Fund{ID: s.fundID, Code: "neige", IBAN: stageIBAN, Basis: "Loi", Names: map[string]string{"ar": "الثلج", "fr": "Neige"}}
	if s.fundID.IsZero() {
		f.ID = id.New[giving.Fund](morning)
		s.fundID = f.ID
		s.must(s.h.Giving.OpenFund(s.Context(), s.as(actor.CrisisCell), f))
	}
}

// statement is a file of the bank with a gift of a number, and a line that nobody knows.
func (s *stage) statement(by actor.Actor, number string) error {
	s.callers++
	line := func(ref, words string) string {
		return fmt.Sprintf(`<Ntry><Amt Ccy="MAD">900</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>%s%d</AcctSvcrRef><AddtlNtryInf>%s</AddtlNtryInf></Ntry>`, ref, s.callers, words)
	}
	body := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>` + fmt.Sprint(s.callers) + `</Id><Acct><Id><IBAN>` + stageIBAN + `</IBAN></Id><Ccy>MAD</Ccy></Acct>` +
		line("a", number) + line("b", "?") + `</Stmt></BkToCstmrStmt></Document>`
	_, err := s.h.Giving.Import(s.Context(), by, "neige", []byte(body))
	return err
}

// toPay is a payment that waits, out of what another spending set apart.
func (s *stage) toPay(keeper actor.Actor, set giving.SpendingID) giving.SpendingID {
	s.Helper()
	s.must(s.h.Giving.Agree(s.Context(), actor.Actor{Account: id.New[actor.Account](morning), Channel: "web", Grants: []actor.Grant{{Role: actor.CrisisCell, Recognised: true}}}, set))
	x, err := s.h.Giving.Spending(s.Context(), set)
	s.must(err)
	pay := giving.Spending{ID: id.New[giving.Spending](morning), Kind: giving.Pay, Envelope: x.Envelope, Minor: 1_00, Purpose: "bois", Paper: []byte("%PDF-1.7")}
	s.must(s.h.Giving.Write(s.Context(), keeper, "neige", pay, "", "Bois"))
	return pay.ID
}
