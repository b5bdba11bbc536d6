package giving

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/translog"
	"github.com/twiza/twiza/testkit"
)

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files},
	testkit.Schema{Module: "ledger", Files: ledger.Files}, testkit.Schema{Module: "translog", Files: translog.Files}, testkit.Schema{Module: "giving", Files: Files})

var morning = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// The account of the invented fund: it checks, and no bank of Morocco has the code 999.
const ourIBAN = "MA64001810007800020110620318"

// till is a fund over an empty store, with those who keep it and those who decide.
type till struct {
	*testing.T
	*Service
	clock             *clock.Held
	keeper, one, two  actor.Actor
	day, lines, files int
}

func engines(t *testing.T, fn func(k *till)) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		c := &clock.Held{At: morning}
		store, err := db.Open(dsn, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		ring, _, err := crypt.OpenRing(filepath.Join(t.TempDir(), "master.key"), "")
		if err != nil {
			t.Fatal(err)
		}
		vault, err := crypt.OpenVault(t.Context(), store, ring)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := ReadRules(packs.FS, "ma")
		if err != nil {
			t.Fatal(err)
		}
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
		k := &till{T: t, Service: New(h, vault, rules, time.UTC), clock: c}
		if k.Public, err = translog.New(h, vault, translog.Config{Zone: time.UTC}); err != nil {
			t.Fatal(err)
		}
		k.keeper, k.one, k.two = k.somebody(actor.Treasurer), k.somebody(actor.CrisisCell), k.somebody(actor.CrisisCell)
		k.must(k.OpenFund(t.Context(), k.one, Fund{ID: id.New[Fund](morning), Code: "neige", IBAN: ourIBAN, Basis: "Décret inventé n° 1", Names: map[string]string{"ar": "صندوق الثلج", "fr": "Fonds de la neige"}}))
		fn(k)
		k.sound()
	})
}

func (k *till) somebody(role actor.Role) actor.Actor {
	k.clock.At = k.clock.At.Add(time.Millisecond)
	return actor.Actor{Account: id.New[actor.Account](k.clock.At), Channel: "web", Grants: []actor.Grant{{Role: role, Recognised: true}}}
}

func (k *till) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// sound is what `twiza check` would ask at the end.
func (k *till) sound() {
	k.Helper()
	for _, c := range append(checks(), ledger.Manifest().Checks...) {
		k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
			bad, err := c.Find(t)
			for _, b := range bad {
				k.Errorf("%s: %s", c.Name, b)
			}
			return err
		}))
	}
}

// came is a line of the bank; more than zero came, less left. fee is what it kept.
type came struct {
	minor, fee int64
	words      string
	euros      int64 // sent so, in cents
}

// bank writes a statement of those lines. Their references go on from the last one.
func (k *till) bank(all ...came) []byte {
	var b strings.Builder
	k.files++
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M%d</MsgId></GrpHdr><Stmt><Id>S%d</Id><Acct><Id><IBAN>%s</IBAN></Id><Ccy>MAD</Ccy></Acct>`, k.files, k.files, ourIBAN)
	for _, x := range all {
		k.lines++
		sign, n := "CRDT", x.minor
		if n < 0 {
			sign, n = "DBIT", -n
		}
		fee := ""
		if x.fee > 0 {
			fee = fmt.Sprintf(`<Chrgs><Rcrd><Amt Ccy="MAD">%s</Amt><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>`, dirhams(x.fee))
		}
		sent := ""
		if x.euros > 0 {
			sent = fmt.Sprintf(`<AmtDtls><InstdAmt><Amt Ccy="EUR">%s</Amt><CcyXchg><SrcCcy>EUR</SrcCcy><TrgtCcy>MAD</TrgtCcy><XchgRate>10.8125</XchgRate></CcyXchg></InstdAmt></AmtDtls>`, dirhams(x.euros))
		}
		fmt.Fprintf(&b, `<Ntry><Amt Ccy="MAD">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>B%d</AcctSvcrRef>%s<NtryDtls><TxDtls>%s<RltdPties><Dbtr><Nm>Une personne inventée</Nm></Dbtr></RltdPties><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
			dirhams(n), sign, k.lines, fee, sent, x.words)
	}
	b.WriteString(`</Stmt></BkToCstmrStmt></Document>`)
	return []byte(b.String())
}

func dirhams(minor int64) string { return money.Amount{Minor: minor, Currency: "MAD"}.Decimal() }

func (k *till) take(all ...came) Taken {
	k.Helper()
	out, err := k.Import(k.Context(), k.keeper, "neige", k.bank(all...))
	k.must(err)
	return out
}

// announced is a gift that somebody announced.
func (k *till) announced(minor int64) *Gift {
	k.Helper()
	g, err := k.Announce(k.Context(), actor.Actor{Channel: "web"}, id.New[Gift](k.clock.At), "neige", minor, EarmarkID{})
	k.must(err)
	return g
}

func (k *till) fund() (f *Fund, a account, envelopes []envelopeRow) {
	k.Helper()
	k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) (err error) {
		if f, err = fundByCode(t, "neige"); err != nil {
			return err
		}
		if a, err = k.accountOf(t, f); err != nil {
			return err
		}
		envelopes, err = k.envelopeRows(t, f)
		return err
	}))
	return f, a, envelopes
}

// spend writes a spending and has it agreed to.
func (k *till) spend(x Spending, name string) Spending {
	k.Helper()
	x.ID = id.New[Spending](k.clock.At)
	if x.Purpose == "" {
		x.Purpose = "couvertures"
	}
	payee := ""
	if x.Kind == Pay {
		payee, x.Document = "Coopérative inventée", strings.Repeat("ab", 32)
	}
	k.must(k.Write(k.Context(), k.keeper, "neige", x, name, payee))
	k.must(k.Agree(k.Context(), k.one, x.ID))
	k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
		s, err := spendingOf(t, x.ID.String())
		x = *s
		return err
	}))
	return x
}

// parts is what became of a gift, by state.
func (k *till) parts(g *Gift) map[partState]int64 {
	k.Helper()
	out := map[partState]int64{}
	k.must(k.h.DB.Read(k.Context(), func(t *db.Tx) error {
		f, err := fundByCode(t, "neige")
		if err != nil {
			return err
		}
		g, err := giftByID(t, g.ID)
		if err != nil {
			return err
		}
		all, err := k.trace(t, f, g)
		sum := int64(0)
		for _, p := range all {
			out[p.State] += p.Minor
			sum += p.Minor
		}
		if !g.Entry.IsZero() && sum != g.Minor {
			k.Errorf("the parts of a gift of %d add up to %d", g.Minor, sum)
		}
		return err
	}))
	return out
}
