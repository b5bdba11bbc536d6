package app

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/testkit"
)

// bought is a gift that was paid out for blankets, and the number of the payment.
func (s *stage) bought(keeper actor.Actor) (gift, payment string) {
	s.Helper()
	s.fund()
	cell := s.as(actor.CrisisCell)
	cell.Account = somebody(s.T, s.h, "cell", actor.Grant{Role: actor.CrisisCell})
	g, err := s.h.Giving.Announce(s.Context(), actor.Actor{Channel: "web"}, id.New[giving.Gift](morning), "neige", 900_00, giving.EarmarkID{})
	s.must(err)
	s.must(s.statement(keeper, g.Receipt.String()))
	set := giving.Spending{ID: id.New[giving.Spending](morning), Kind: giving.Allocate, Minor: 800_00, Purpose: "bois"}
	s.must(s.h.Giving.Write(s.Context(), keeper, "neige", set, "Bois", ""))
	s.must(s.h.Giving.Agree(s.Context(), cell, set.ID))
	is, err := s.h.Giving.Spending(s.Context(), set.ID)
	s.must(err)
	pay := giving.Spending{ID: id.New[giving.Spending](morning), Kind: giving.Pay, Envelope: is.Envelope, Minor: 600_00, Purpose: "couvertures", Document: strings.Repeat("ab", 32)}
	s.must(s.h.Giving.Write(s.Context(), keeper, "neige", pay, "", "Bois"))
	is, err = s.h.Giving.Spending(s.Context(), pay.ID)
	s.must(err)
	if got, _, _, err := s.readPaid(is); err != nil || got != nil {
		s.Errorf("a payment that nobody agreed to is one: %v, %v", got, err)
	}
	s.must(s.h.Giving.Agree(s.Context(), cell, pay.ID))
	return g.Receipt.String(), is.Number.String()
}

func (s *stage) readPaid(x *giving.Spending) (is *giving.Spending, currency string, hands []actor.AccountID, err error) {
	err = s.h.DB.Read(s.Context(), func(t *db.Tx) error {
		is, currency, hands, err = s.h.Giving.PaidBy(t, x.Number)
		return err
	})
	return is, currency, hands, err
}

// From a gift to the commune where its blankets were given: what was bought is written
// down as it arrives, nothing leaves that did not, and the giver reads where each
// centime is.
func TestAGiftIsFollowedToTheCommuneWhereItsGoodsWereGiven(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, _ string) {
		dsn := model.SQLite(t)
		if strings.HasSuffix(t.Name(), "postgres") {
			dsn = model.Postgres(t)
		}
		s, _ := newStageOn(t, dsn)
		ctx, by := t.Context(), s.coordinator()
		keeper := s.as(actor.Treasurer)
		keeper.Account = somebody(t, s.h, "keeper", actor.Grant{Role: actor.Treasurer})
		gift, payment := s.bought(keeper)
		token := s.session(somebody(t, s.h, "depot", actor.Grant{Role: actor.Coordinator, Org: s.ours}))
		lot := url.Values{"org": {s.ours.String()}, "lot": {freshID()}, "good": {"blanket"}, "units": {"٥٠"}, "source": {"bought"}, "number": {payment}, "amount": {"500"}}
		arrives := func(code int, want string, change ...string) {
			t.Helper()
			v := url.Values{}
			for name := range lot {
				v.Set(name, lot.Get(name))
			}
			for i := 0; i+1 < len(change); i += 2 {
				v.Set(change[i], change[i+1])
			}
			w := knock(s.handler, "POST", "/fr/depot/lots", token, v)
			if w.Code != code || !strings.Contains(spaced(w.Body.String()), want) {
				t.Fatalf("%v: %d %s", change, w.Code, w.Body)
			}
		}
		arrives(http.StatusUnprocessableEntity, "Aucun paiement approuvé", "number", "482719064")
		arrives(http.StatusUnprocessableEntity, "Relisez les neuf chiffres", "number", "482719065")
		arrives(http.StatusUnprocessableEntity, "qui reste de ce paiement : 600 DH", "amount", "600,01")
		arrives(http.StatusUnprocessableEntity, "nombre entier", "units", "beaucoup")
		for range 2 { // sent twice
			arrives(http.StatusSeeOther, "")
		}
		arrives(http.StatusUnprocessableEntity, "100 DH", "lot", freshID(), "amount", "101")
		arrives(http.StatusUnprocessableEntity, "don de l’étranger", "lot", freshID(), "amount", "1", "customs", "309-010-2026-0012345-K")
		arrives(http.StatusUnprocessableEntity, "don de l’étranger", "lot", freshID(), "good", "firewood", "source", "given", "customs", "?")
		arrives(http.StatusSeeOther, "", "lot", freshID(), "good", "firewood", "source", "given", "customs", "٣٠٩-010-2026-0012345-k")
		if page := spaced(knock(s.handler, "GET", "/fr/depot", token, nil).Body.String()); !strings.Contains(page, "Déclaration en douane 309-010-2026-0012345-K") {
			t.Error("the depot does not say by which declaration goods came from abroad")
		}
		s.must(s.h.DB.Read(ctx, func(tx *db.Tx) error {
			var books strings.Builder
			if err := ledger.Journal(tx, &books); err != nil {
				return err
			}
			if !strings.Contains(books.String(), "customs/309-010-2026-0012345-K") {
				t.Error("the ledger has no line of the customs declaration")
			}
			return nil
		}))
		both := keeper
		both.Grants = by.Grants
		if err := s.h.Stock.Receive(ctx, both, stock.Lot{ID: id.New[stock.Lot](morning), Org: s.ours, Good: "blanket", Units: 1, Source: stock.Bought, Minor: 1}, payment); err == nil || !strings.Contains(err.Error(), "stock.payment.own_hand") {
			t.Errorf("whoever wrote the payment writes down what it bought: %v", err)
		}

		var families []field.CaseID
		for range 6 {
			c := s.ask(forms.Answers{"where": forms.Place{Code: s.douars[0]}})
			s.must(s.h.Cases.Claim(ctx, by, c))
			families = append(families, caseOf(s, c))
		}
		p := field.Plan{ID: id.New[field.Mission](morning), Team: s.team(), At: morning, Cases: families}
		s.must(s.h.Field.Plan(ctx, by, p))
		s.must(s.h.Field.Load(ctx, by, p.ID, map[string]int{"blanket": 51}))
		if w := knock(s.handler, "POST", "/fr/missions/"+p.ID.String()+"/depart", token, url.Values{}); w.Code != http.StatusConflict || !strings.Contains(spaced(w.Body.String()), "Le dépôt n’a que 50") {
			t.Errorf("more leaves than arrived: %d %s", w.Code, w.Body)
		}
		s.must(s.h.Field.Load(ctx, by, p.ID, map[string]int{"blanket": 40}))
		s.must(s.h.Field.Depart(ctx, by, p.ID))
		j, err := s.h.Field.Journey(ctx, p.ID)
		s.must(err)
		commune, _ := s.h.Places.Commune(s.douars[0])
		name, _ := commune.Name("fr")
		tell := func() string {
			t.Helper()
			s.must(s.h.Stock.Tell(ctx))
			s.must(s.h.Proof.Integrate(ctx))
			return knock(s.handler, "GET", "/log/totals.csv", "", nil).Body.String()
		}
		reads := func() string {
			t.Helper()
			w := knock(s.handler, "GET", "/fr/gift?number="+gift, "", nil)
			if w.Code != http.StatusOK {
				t.Fatal(w.Code)
			}
			return spaced(w.Body.String())
		}
		for i, stop := range j.Stops {
			log := tell()
			if said := reads(); strings.Contains(said, name) != (i >= 5) || strings.Contains(log, "stock.given.tell") != (i >= 5) {
				t.Errorf("after %d families the page of the gift or the public log names their commune: %v", i, i < 5)
			}
			_, err := s.h.Field.Deliver(ctx, by, field.Handover{ID: id.New[field.Delivery](morning), Mission: p.ID, Stop: stop.ID, Goods: map[string]int{"blanket": 5}, Proof: field.ByWitness, Witness: "Brahim", Relation: "elder"})
			s.must(err)
		}
		s.must(s.h.Field.Return(ctx, by, p.ID, map[string]int{"blanket": 4}))
		s.must(s.h.Field.Lose(ctx, by, p.ID, "blanket", 1, "wet"))
		loses := func(units string, code int) {
			t.Helper()
			if w := knock(s.handler, "POST", "/fr/depot/losses", token, url.Values{"org": {s.ours.String()}, "loss": {freshID()}, "lost_good": {"blanket"}, "lost_units": {units}, "reason": {"stolen"}}); w.Code != code {
				t.Errorf("%s lost: %d %s", units, w.Code, w.Body)
			}
		}
		loses("15", http.StatusUnprocessableEntity)
		loses("2", http.StatusSeeOther)
		said := reads()
		for _, want := range []string{name, "250 DH", "50 DH", "50 DH", "120 DH", "30 DH", "remis", "en route", "au dépôt", "perdu"} { // of 500 for 50: 30 given, 5 aboard, 12 there, 3 lost
			if !strings.Contains(said, want) {
				t.Errorf("the page of the gift does not say %q", want)
			}
		}
		if fund := spaced(knock(s.handler, "GET", "/fr/funds/neige", "", nil).Body.String()); !strings.Contains(fund, name) || !strings.Contains(fund, "remis") {
			t.Error("the page of the fund does not say where the goods went")
		}
		s.must(s.h.DB.Read(ctx, func(tx *db.Tx) error {
			depot, counted, err := ledger.Depot(tx, s.ours.String(), "blanket")
			if err != nil || !counted {
				t.Fatal(counted, err)
			}
			if a, err := ledger.Get(tx, depot.Code); err != nil || a.Balance != 12 {
				t.Errorf("the depot holds %+v, %v", a, err)
			}
			return nil
		}))
		// the sixth family waits for four others
		if log := tell(); !strings.Contains(log, "stock.lot.receive,bought,lot/blanket,1,50\n") || !strings.Contains(log, "stock.given.tell,,lot/blanket,1,25\n") {
			t.Errorf("the public log adds up to %s", log)
		}
		if page := spaced(knock(s.handler, "GET", "/fr/log", "", nil).Body.String()); !strings.Contains(page, "Biens remis à plusieurs familles") || !strings.Contains(page, "25 Couverture") {
			t.Errorf("the page of the log does not say what was given: %s", page)
		}
	})
}

var tags = regexp.MustCompile(`<[^>]*>`)

// spaced is what a page says, without its marks.
func spaced(s string) string {
	return strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(tags.ReplaceAllString(s, ""))
}

func caseOf(s *stage, c cases.CaseID) (out field.CaseID) {
	s.must(out.UnmarshalText([]byte(c.String())))
	return out
}
