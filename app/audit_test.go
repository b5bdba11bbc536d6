package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/audit"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// An auditor draws gifts by a seed, follows each dirham to the number of a family, writes
// down what is wrong, and hands out a report whose fingerprint the public log knows.
func TestAnAuditorDrawsASampleFollowsItToTheFamilyAndSealsAReport(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s, _ := newStageOn(t, dsn)
		ctx, by := t.Context(), s.coordinator()
		keeper := s.as(actor.Treasurer)
		keeper.Account = somebody(t, s.h, "keeper", actor.Grant{Role: actor.Treasurer})
		gift, payment := s.bought(keeper)
		s.must(s.h.Stock.Receive(ctx, by, stock.Lot{ID: id.New[stock.Lot](morning), Org: s.ours, Good: "blanket", Units: 50, Source: stock.Bought, Minor: 500_00}, payment))
		c := s.ask(forms.Answers{"where": forms.Place{Code: s.douars[0]}})
		s.must(s.h.Cases.Claim(ctx, by, c))
		p := field.Plan{ID: id.New[field.Mission](morning), Team: s.team(), At: morning, Cases: []field.CaseID{caseOf(s, c)}}
		s.must(s.h.Field.Plan(ctx, by, p))
		s.must(s.h.Field.Load(ctx, by, p.ID, map[string]int{"blanket": 10}))
		s.must(s.h.Field.Depart(ctx, by, p.ID))
		j, err := s.h.Field.Journey(ctx, p.ID)
		s.must(err)
		_, err = s.h.Field.Deliver(ctx, by, field.Handover{ID: id.New[field.Delivery](morning), Mission: p.ID, Stop: j.Stops[0].ID, Goods: map[string]int{"blanket": 5}, Proof: field.ByWitness, Witness: "Brahim", Relation: "elder"})
		s.must(err)
		var family string
		s.must(s.h.DB.Read(ctx, func(tx *db.Tx) (err error) {
			family, err = worksCases{s.h.Cases}.Receipt(tx, c.String())
			return err
		}))
		if len(family) < 9 {
			t.Fatal(family)
		}

		token := s.session(somebody(t, s.h, "auditor", actor.Grant{Role: actor.Auditor}))
		asks := func(method, path string, form url.Values, code int) (body, to string) {
			t.Helper()
			w := knock(s.handler, method, "/fr"+path, token, form)
			if w.Code != code {
				t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
			}
			return w.Body.String(), strings.TrimPrefix(w.Header().Get("Location"), "/fr")
		}
		told := func(d deed.Deed, what string) (n int64) {
			s.must(s.h.DB.Read(ctx, func(tx *db.Tx) (err error) {
				n, err = db.One(tx, db.Int, `SELECT COUNT(*) FROM deed_record WHERE deed = ?1 AND told LIKE ?2`, d.Name, "%"+what+"%")
				return err
			}))
			return n
		}
		wrong, _ := asks("POST", "/audit", url.Values{"id": {freshID()}, "kind": {"gift"}, "seed": {" "}, "wanted": {"mille"}}, http.StatusUnprocessableEntity)
		if strings.Count(wrong, `class="err"`) != 2 || !strings.Contains(wrong, "mille") {
			t.Errorf("a draw that cannot be read is answered with %s", wrong)
		}
		for _, kind := range []string{"payment", "lot", "delivery"} {
			_, to := asks("POST", "/audit", url.Values{"id": {freshID()}, "kind": {kind}, "seed": {"7-12-31"}, "wanted": {"٥"}}, http.StatusSeeOther)
			path, _ := asks("GET", to+"/1", nil, http.StatusOK)
			if !strings.Contains(plainDigits(path), plainDigits(family)) {
				t.Errorf("the path of a %s does not end at the family: %s", kind, spaced(path))
			}
		}
		draw := url.Values{"id": {freshID()}, "kind": {"gift"}, "seed": {"7-12-31"}, "wanted": {"5"}}
		_, to := asks("POST", "/audit", draw, http.StatusSeeOther)
		if _, again := asks("POST", "/audit", draw, http.StatusSeeOther); again != to {
			t.Errorf("sent twice it is another sample: %s, %s", to, again)
		}
		page, _ := asks("GET", to, nil, http.StatusOK)
		list, _ := asks("GET", to+"/list.txt", nil, http.StatusOK)
		sum := sha256.Sum256([]byte(list))
		if !strings.Contains(page, hex.EncodeToString(sum[:])) || strings.Count(list, "giving.gift/") != 1 {
			t.Errorf("the list is %q, and the page has another digest", list)
		}
		read := s.lines(audit.DeedPath)
		path, _ := asks("GET", to+"/1", nil, http.StatusOK)
		for _, want := range []string{gift, payment, plainDigits(family)} {
			if !strings.Contains(plainDigits(path), want) {
				t.Errorf("the path of a gift lacks %s: %s", want, spaced(path))
			}
		}
		for _, want := range []string{"600 DH", "100 DH", "200 DH"} { // paid, set apart and kept, waiting: of 900
			if !strings.Contains(spaced(path), want) {
				t.Errorf("the path of a gift lacks %s: %s", want, spaced(path))
			}
		}
		if n := s.lines(audit.DeedPath); n != read+1 {
			t.Errorf("a path that was read leaves %d lines", n-read)
		}
		asks("POST", to+"/1", url.Values{"finding": {freshID()}, "verdict": {"wrong"}, "words": {""}}, http.StatusUnprocessableEntity)
		finding := url.Values{"finding": {freshID()}, "verdict": {"wrong"}, "words": {"La facture de Brahim manque."}}
		for range 2 {
			asks("POST", to+"/1", finding, http.StatusSeeOther)
		}
		asks("GET", to+"/2", nil, http.StatusNotFound)
		body, _ := asks("POST", to+"/report", url.Values{}, http.StatusOK)
		var r struct {
			Items []struct {
				Subject  string
				Findings []struct{ Verdict, Words string }
			}
		}
		s.must(json.Unmarshal([]byte(body), &r))
		if len(r.Items) != 1 || len(r.Items[0].Findings) != 1 || r.Items[0].Findings[0].Words != "La facture de Brahim manque." || r.Items[0].Subject+"\n" != list {
			t.Errorf("the report says %s", body)
		}
		if strings.Contains(plainDigits(body), plainDigits(family)) {
			t.Error("the report names a family")
		}
		s.must(s.h.Proof.Integrate(ctx))
		seal := sha256.Sum256([]byte(body))
		if log := knock(s.handler, "GET", "/log/totals.csv", "", nil).Body.String(); !strings.Contains(log, "audit.report.seal,") {
			t.Errorf("the public log adds up to %s", log)
		}
		if n := told(audit.DeedSeal, hex.EncodeToString(seal[:])); n != 1 {
			t.Errorf("%d lines of the journal have the report's fingerprint", n)
		}
		if n := told(audit.DeedMark, "facture"); n != 0 {
			t.Error("the journal has the words of a finding")
		}
	})
}

// plainDigits is what a page says without what stands between digits.
func plainDigits(page string) string { return strings.ReplaceAll(spaced(page), " ", "") }
