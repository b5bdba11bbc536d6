package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/modules/audit"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/platform/pdf"
	"github.com/twiza/twiza/shared/actor"
)

// The fund of the story. Its account checks, and no bank has the code 999.
const (
	demoFund = "neige"
	demoIBAN = "MA64999780000000000000840901"
)

// raise opens a fund in the story and lets gifts come, wait, be set apart and be paid,
// by the same deeds and the same files as everywhere.
func (n *night) raise() {
	cell, keeper := n.who(actor.CrisisCell, actor.Scope{}), n.who(actor.Treasurer, actor.Scope{})
	before := func(d time.Duration, do func(context.Context) error) { n.at(story.Now-d, do) }
	before(10*time.Hour, func(ctx context.Context) error {
		return n.h.Giving.OpenFund(ctx, cell, giving.Fund{ID: id.New[giving.Fund](n.clock.Now()), Code: demoFund, IBAN: demoIBAN, Basis: "نص مبتكر رقم 1 · Texte inventé n° 1",
			Names: map[string]string{"ar": "صندوق دفء الجبل", "fr": "Fonds Chaleur de montagne", "en": "Mountain warmth fund"}})
	})
	books := giving.Earmark{Names: map[string]string{"ar": "محافظ وكتب للمدرسة", "fr": "Cartables et livres d’école"}}
	before(10*time.Hour, func(ctx context.Context) error {
		books.ID = id.New[giving.Earmark](n.clock.Now())
		return n.h.Giving.OpenEarmark(ctx, cell, demoFund, books)
	})
	var gifts []string
	for _, dirhams := range []int64{500, 1_200, 300, 20_000, 5_000, 150} {
		before(9*time.Hour, func(ctx context.Context) error {
			purpose := giving.EarmarkID{}
			if dirhams == 1_200 {
				purpose = books.ID
			}
			g, err := n.h.Giving.Announce(ctx, actor.Actor{Channel: "web"}, id.New[giving.Gift](n.clock.Now()), demoFund, dirhams*100, purpose)
			if err == nil && dirhams != 150 { // the last one has not come yet
				gifts = append(gifts, n.bankLine(dirhams*100-6_00, 6_00, "don "+g.Receipt.Groups(), len(gifts)))
			}
			return err
		})
	}
	before(9*time.Hour, func(ctx context.Context) error { // from abroad
		g, err := n.h.Giving.Announce(ctx, actor.Actor{Channel: "web"}, id.New[giving.Gift](n.clock.Now()), demoFund, 1_081_25, giving.EarmarkID{})
		if err == nil {
			line := n.bankLine(1_081_25, 0, "don "+g.Receipt.Groups(), len(gifts))
			gifts = append(gifts, strings.Replace(line, "<TxDtls>", `<TxDtls><AmtDtls><InstdAmt><Amt Ccy="EUR">100.00</Amt><CcyXchg><SrcCcy>EUR</SrcCcy><TrgtCcy>MAD</TrgtCcy><XchgRate>10.8125</XchgRate></CcyXchg></InstdAmt></AmtDtls>`, 1))
		}
		return err
	})
	before(7*time.Hour, func(ctx context.Context) error {
		lines := strings.Join(gifts, "") + n.bankLine(750_00, 0, "solidarité", 20) + n.bankLine(-12_00, 0, "frais de tenue de compte", 21)
		_, err := n.h.Giving.Import(ctx, keeper, demoFund, n.statement(1, lines))
		return err
	})
	set := giving.Spending{Kind: giving.Allocate, Minor: 18_600_00, Purpose: "بطانيات وحطب للدواوير العالية · Couvertures et bois"}
	before(6*time.Hour, func(ctx context.Context) error {
		open, err := n.h.Cases.Crises(ctx)
		if len(open) > 0 {
			set.About = causeCrisis + open[0].ID.String()
		}
		return err
	})
	n.spend(6*time.Hour, keeper, cell, &set, "بطانيات وحطب · Couvertures et bois", "")
	pay := giving.Spending{Kind: giving.Pay, Minor: 14_000_00, Purpose: "60 couvertures, 2 400 kg", Paper: demoInvoice()}
	before(5*time.Hour, func(context.Context) error { pay.Envelope = set.Envelope; return nil })
	n.spend(5*time.Hour, keeper, cell, &pay, "", "تعاونية مبتكرة · Coopérative inventée")
	n.supply(&pay)
	before(2*time.Hour, func(ctx context.Context) error {
		_, err := n.h.Giving.Import(ctx, keeper, demoFund, n.statement(2, n.bankLine(-pay.Minor, 0, "VIR "+pay.Number.String(), 22)))
		return err
	})
	before(time.Hour, func(ctx context.Context) error {
		x := giving.Spending{ID: id.New[giving.Spending](n.clock.Now()), Kind: giving.Allocate, Minor: 4_000_00, Purpose: "نقل القافلة · Transport de la caravane"}
		return n.h.Giving.Write(ctx, keeper, demoFund, x, "النقل · Transport", "")
	})
}

// correct has the crisis cell say in public what it had wrong.
func (n *night) correct() {
	cell := n.who(actor.CrisisCell, actor.Scope{})
	n.at(story.Now-3*time.Hour, func(ctx context.Context) error {
		return n.h.Audit.Correct(ctx, cell, audit.Correction{ID: id.New[audit.Correction](n.clock.Now()), Page: "/coverage", Since: n.today(),
			Wrong: map[string]string{"ar": "قلنا إن جماعة لم يصلها أحد، وكانت جمعية قد سلّمت فيها أغطية قبل ذلك بساعة.", "fr": "Nous disions que personne n’avait atteint une commune ; une association y avait remis des couvertures une heure plus tôt."},
			Right: map[string]string{"ar": "كان التسليم مكتوبا على ورق ودخل متأخرا. صار يُحسب الآن.", "fr": "La remise était notée sur papier et saisie en retard. Elle compte maintenant."}})
	})
}

// demoInvoice is an invented invoice.
func demoInvoice() []byte {
	d, err := pdf.New("Facture inventée", "fr", false, func(int, int) string { return "Démonstration : tout est inventé." })
	if err != nil {
		panic(err) // the fonts are part of the program
	}
	d.Heading("Facture inventée n° F-2291")
	d.Text("Coopérative inventée, Béni Mellal")
	d.Text("60 couvertures et 2 400 kg de bois de chauffage : 14 000 DH")
	body, err := d.Bytes()
	if err != nil {
		panic(err)
	}
	return body
}

// spend has the treasurer write a spending and the crisis cell agree to it.
func (n *night) spend(ago time.Duration, keeper, cell actor.Actor, x *giving.Spending, envelope, payee string) {
	n.at(story.Now-ago+time.Minute, func(ctx context.Context) error {
		x.ID = id.New[giving.Spending](n.clock.Now())
		return n.h.Giving.Write(ctx, keeper, demoFund, *x, envelope, payee)
	})
	n.at(story.Now-ago+20*time.Minute, func(ctx context.Context) error {
		if err := n.h.Giving.Agree(ctx, cell, x.ID); err != nil {
			return err
		}
		is, err := n.h.Giving.Spending(ctx, x.ID)
		if err == nil {
			*x = *is
		}
		return err
	})
}

// bankLine is a line of the bank; what it kept of a gift is in fee.
func (n *night) bankLine(minor, fee int64, words string, nth int) string {
	sign, kept := "CRDT", ""
	if minor < 0 {
		sign, minor = "DBIT", -minor
	}
	if fee > 0 {
		kept = `<Chrgs><Rcrd><Amt Ccy="MAD">` + dirhams(fee) + `</Amt><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>`
	}
	return fmt.Sprintf(`<Ntry><Amt Ccy="MAD">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>%s</Dt></BookgDt><AcctSvcrRef>D%d</AcctSvcrRef>%s<NtryDtls><TxDtls><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
		dirhams(minor), sign, n.today(), nth, kept, words)
}

func dirhams(minor int64) string { return money.Amount{Minor: minor, Currency: "MAD"}.Decimal() }

func (n *night) statement(nth int, lines string) []byte {
	return fmt.Appendf(nil, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>%s/%d</Id><Acct><Id><IBAN>%s</IBAN></Id><Ccy>MAD</Ccy></Acct>%s</Stmt></BkToCstmrStmt></Document>`, n.today(), nth, demoIBAN, lines)
}

// today is the day on which the story ends.
func (n *night) today() string { return n.start.Add(story.Now).Format(time.DateOnly) }
