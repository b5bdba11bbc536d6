package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/testkit"
)

// From a number taken without an account to a payment and its proof, by the pages that
// people see: who gives, who keeps the money, who decides, and who doubts all of them.
func TestAGiftIsGivenKeptDecidedPaidFollowedAndProved(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, _ string) {
		dsn := model.SQLite(t)
		if strings.HasSuffix(t.Name(), "postgres") {
			dsn = model.Postgres(t)
		}
		s, _ := newStageOn(t, dsn)
		keeper := s.session(somebody(t, s.h, "keeper", actor.Grant{Role: actor.Treasurer}))
		cell := s.session(somebody(t, s.h, "cell", actor.Grant{Role: actor.CrisisCell}))
		s.fund()
		does := func(w *httptest.ResponseRecorder, code int, want ...string) string {
			t.Helper()
			said := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(w.Body.String())
			for _, x := range want {
				if !strings.Contains(said, x) {
					t.Errorf("nothing says %q", x)
				}
			}
			if w.Code != code {
				t.Fatalf("%d, not %d: %s", w.Code, code, said)
			}
			return said
		}
		up := func(what, token string, form url.Values, field string, body []byte) *httptest.ResponseRecorder {
			fields, files := map[string]string{}, map[string][]byte{}
			for name := range form {
				fields[name] = form.Get(name)
			}
			if body != nil {
				files[field] = body
			}
			return s.uploads("/fr/treasury/neige/"+what, token, fields, files)
		}
		get := func(path, token string) *httptest.ResponseRecorder {
			return knock(s.handler, "GET", "/fr"+path, token, nil)
		}
		gid := freshID()
		give := url.Values{"id": {gid}, "amount": {"٩٠٠"}}
		w := knock(s.handler, "POST", "/fr/funds/neige", "", give)
		does(w, http.StatusSeeOther)
		mine := strings.TrimPrefix(w.Header().Get("Location"), "/fr")
		if again := knock(s.handler, "POST", "/fr/funds/neige", "", give).Header().Get("Location"); again != "/fr"+mine {
			t.Errorf("sent twice, it is another gift: %s and %s", mine, again)
		}
		number := strings.TrimPrefix(mine, "/gift?number=")
		does(get(mine, ""), http.StatusOK, "Pas encore arrivé", "MA64 0018 1000")
		does(knock(s.handler, "POST", "/fr/funds/neige", "", url.Values{"id": {freshID()}, "amount": {"beaucoup"}}), http.StatusUnprocessableEntity, "Écrivez un montant")
		does(get("/gift?number=482719065", ""), http.StatusUnprocessableEntity, "n’est pas juste")

		line := `<Ntry><Amt Ccy="MAD">894.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef><Chrgs><Rcrd><Amt Ccy="MAD">6</Amt><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs><AddtlNtryInf>don ` + number + `</AddtlNtryInf></Ntry>`
		file := []byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><IBAN>` + stageIBAN + `</IBAN></Id><Ccy>MAD</Ccy></Acct>` + line + `</Stmt></BkToCstmrStmt></Document>`)
		does(up("statement", keeper, nil, "file", []byte("PDF")), http.StatusUnprocessableEntity, "camt.053")
		for range 2 {
			does(up("statement", keeper, nil, "file", file), http.StatusOK, "Reconnues à leur numéro")
		}
		does(up("statement", cell, nil, "file", file), http.StatusForbidden)
		does(get(mine, ""), http.StatusOK, "0 DH", "894 DH", "attendent sur le compte", "6 DH")

		spend := url.Values{"id": {freshID()}, "kind": {"allocate"}, "amount": {"894,01"}, "name": {"Bois"}, "purpose": {"bois"}, "about": {causeMission + freshID()}}
		does(up("spend", keeper, spend, "document", nil), http.StatusUnprocessableEntity, "une crise ouverte ou une mission")
		spend.Set("about", causeCrisis+s.crisis())
		does(up("spend", keeper, spend, "document", nil), http.StatusUnprocessableEntity, "pas assez d’argent")
		spend.Set("amount", "500")
		does(up("spend", keeper, spend, "document", nil), http.StatusSeeOther)
		agree := func(token string) *httptest.ResponseRecorder {
			return knock(s.handler, "POST", "/fr/treasury/neige/agree", token, url.Values{"id": {spend.Get("id")}})
		}
		does(agree(keeper), http.StatusForbidden)
		does(agree(cell), http.StatusSeeOther)
		envelope := ""
		s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			envelope, err = db.One(tx, db.Text, `SELECT id FROM giving_envelope WHERE name = 'Bois'`)
			return err
		}))
		invoice := []byte("%PDF-1.7 facture")
		spend = url.Values{"id": {freshID()}, "kind": {"pay"}, "amount": {"320.55"}, "envelope": {envelope}, "purpose": {"12 stères"}, "payee": {"Scierie inventée"}}
		does(up("spend", keeper, spend, "document", nil), http.StatusUnprocessableEntity, "Joignez la facture")
		does(up("spend", keeper, spend, "document", []byte("MZ facture")), http.StatusUnprocessableEntity, "PDF, JPEG ou PNG")
		does(up("spend", keeper, spend, "document", invoice), http.StatusSeeOther)
		does(knock(s.handler, "POST", "/fr/treasury/neige/payee", cell, url.Values{"id": {spend.Get("id")}}), http.StatusOK, "Scierie inventée")
		if strings.Contains(get("/treasury/neige", cell).Body.String(), "Scierie") {
			t.Error("whom it is paid to is shown before anybody asks")
		}
		if w := knock(s.handler, "POST", "/fr/treasury/neige/paper", cell, url.Values{"id": {spend.Get("id")}}); w.Code != http.StatusOK || w.Body.String() != string(invoice) || !strings.Contains(w.Header().Get("Content-Disposition"), ".pdf") {
			t.Errorf("the paper is answered with %d %v", w.Code, w.Header())
		}
		does(agree(cell), http.StatusSeeOther)
		does(get("/funds/neige", ""), http.StatusOK, ", depuis le")
		does(get(mine, ""), http.StatusOK, "320,55 DH", "179,45 DH", "394 DH", "12 stères")
		if said := does(get("/funds/neige", ""), http.StatusOK, "900 DH", "320,55 DH", "12 stères"); strings.Contains(said, "Scierie") || strings.Contains(said, "Dons :") {
			t.Error("the public page names whom it was paid to, or counts so few gifts")
		}

		s.must(s.h.Proof.Integrate(t.Context()))
		proof := get(strings.Replace(mine, "/gift?", "/gift/proof?", 1), "")
		does(proof, http.StatusOK)
		house := []string{"--db", dsn, "--key", s.h.Config.Key, "--data", s.h.Config.Data, "--log", s.h.Config.Public.Name}
		dir, key, receipt := filepath.Join(t.TempDir(), "public"), filepath.Join(t.TempDir(), "log.key"), filepath.Join(t.TempDir(), "mine.tlog-proof")
		public, _ := twiza(t, append([]string{"log", "key"}, house...)...)
		s.must(os.WriteFile(key, []byte(public), 0o600))
		s.must(os.WriteFile(receipt, proof.Body.Bytes(), 0o600))
		if said, code := twiza(t, "verify", "--lang", "en", "--key", key, receipt); code != exitOK {
			t.Errorf("the receipt of the gift: %d %s", code, said)
		}
		if said, code := twiza(t, append([]string{"log", "export", dir}, house...)...); code != exitOK {
			t.Fatal(said)
		}
		said, code := twiza(t, "verify", "--lang", "en", "--key", key, dir)
		for _, want := range []string{"giving.gift.receive gift: 1 leaves, 90000 MAD", "giving.spending.agree allocate: 1 leaves, 50000 MAD", "giving.spending.agree pay: 1 leaves, 32055 MAD"} {
			if code != exitOK || !strings.Contains(said, want) {
				t.Errorf("%d: nothing says %q:\n%s", code, want, said)
			}
		}
		if strings.Contains(said, number) {
			t.Error("the log tells the number of a gift")
		}

		// whoever keeps the money has the store in their hands and makes 800 of 900, everywhere
		// where the sum stands
		s.rewritten(gid)
		if said, code := twiza(t, append([]string{"check"}, house...)...); code == exitOK || !strings.Contains(said, gid) {
			t.Errorf("the house finds nothing: %d %s", code, said)
		}
		other := filepath.Join(t.TempDir(), "rewritten")
		if said, code := twiza(t, append([]string{"log", "export", other}, house...)...); code == exitOK { // what is handed out then
			if said, code = twiza(t, "verify", "--lang", "en", "--key", key, other); code == exitOK {
				t.Errorf("an outsider finds nothing: %s", said)
			}
			if said, code = twiza(t, "verify", "--lang", "en", "--key", key, "--since", filepath.Join(dir, "checkpoint"), other); code == exitOK {
				t.Errorf("an outsider who kept the head of yesterday finds nothing: %s", said)
			}
		} else if !strings.Contains(said, "log") {
			t.Error(said)
		}
	})
}

// rewritten is what somebody with the store in hand can do to a gift of 900: its row, the
// ledger and the leaf say 800, and what forbids that is taken away and put back.
func (s *stage) rewritten(gid string) {
	s.Helper()
	s.must(s.h.DB.Write(s.Context(), func(tx *db.Tx) error {
		all := []string{`DROP TRIGGER translog_leaf_stays`, `DROP TRIGGER ledger_posting_stays`, `UPDATE ledger_posting SET amount = amount * 8 / 9 WHERE amount IN (90000, -90000)`,
			`UPDATE ledger_account SET balance = balance - 10000 WHERE kind = 'fund'`, `UPDATE ledger_account SET balance = balance + 10000 WHERE kind = 'giver'`,
			`UPDATE translog_leaf SET entry = CAST(REPLACE(CAST(entry AS TEXT), '"90000"', '"80000"') AS BLOB) WHERE subject = 'giving.gift/` + gid + `'`, `UPDATE giving_gift SET minor = 80000 WHERE id = '` + gid + `'`}
		if tx.Postgres() {
			all[0], all[1] = all[0]+` ON translog_leaf`, all[1]+` ON ledger_posting`
			all[5] = `UPDATE translog_leaf SET entry = convert_to(REPLACE(convert_from(entry, 'UTF8'), '"90000"', '"80000"'), 'UTF8') WHERE subject = 'giving.gift/` + gid + `'`
		}
		for _, q := range all {
			if _, err := tx.Exec(q); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return nil
	}))
	s.T.Cleanup(func() { s.h.Close() }) // it is not sound any more, and that was seen
}

// The bank's line of one giver bore the number of another: the treasurer takes back what
// was said, and the public log adds up to what is there.
func TestAGiftUnderAWrongNumberIsTakenBackInPublic(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, _ string) {
		dsn := model.SQLite(t)
		if strings.HasSuffix(t.Name(), "postgres") {
			dsn = model.Postgres(t)
		}
		s, _ := newStageOn(t, dsn)
		token := s.session(somebody(t, s.h, "keeper", actor.Grant{Role: actor.Treasurer}))
		s.fund()
		announced := func() *giving.Gift {
			g, err := s.h.Giving.Announce(t.Context(), actor.Actor{Channel: "web"}, id.New[giving.Gift](morning), "neige", 900_00, giving.EarmarkID{})
			s.must(err)
			return g
		}
		ours, theirs := announced(), announced()
		s.must(s.statement(s.as(actor.Treasurer), theirs.Receipt.String()))
		post := func(what string, form url.Values) string {
			w := knock(s.handler, "POST", "/fr/treasury/neige/"+what, token, form)
			if w.Code >= http.StatusBadRequest {
				t.Fatalf("%s: %d %s", what, w.Code, w.Body)
			}
			return w.Body.String()
		}
		gift := func(g *giving.Gift) string {
			page := knock(s.handler, "GET", "/fr/gift?number="+g.Receipt.String(), "", nil).Body.String()
			return strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(page)
		}
		told := post("look-back", url.Values{})
		m := regexp.MustCompile(`take-back"><input type="hidden" name="line" value="([^"]+)"`).FindStringSubmatch(told)
		if m == nil {
			t.Fatalf("no line to take back: %s", told)
		}
		if w := knock(s.handler, "POST", "/fr/treasury/neige/take-back", token, url.Values{"line": {m[1]}, "why": {""}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Choisissez pourquoi") {
			t.Errorf("without a reason: %d", w.Code)
		}
		for range 2 { // sent twice, it is done once
			post("take-back", url.Values{"line": {m[1]}, "why": {"other_gift"}})
		}
		if page := gift(theirs); !strings.Contains(page, "il s’est avéré") || !strings.Contains(page, "le don d’un autre numéro") || !strings.Contains(page, "Pas encore arrivé") {
			t.Errorf("the page of the wrong number says nothing: %s", page)
		}
		post("explain", url.Values{"line": {m[1]}, "what": {"gift"}, "number": {ours.Receipt.String()}})
		if page := gift(ours); !strings.Contains(page, "attendent sur le compte") {
			t.Errorf("the page of the right number: %s", page)
		}
		s.must(s.h.Proof.Integrate(t.Context()))
		house := []string{"--db", dsn, "--key", s.h.Config.Key, "--data", s.h.Config.Data, "--log", s.h.Config.Public.Name}
		dir, key := filepath.Join(t.TempDir(), "public"), filepath.Join(t.TempDir(), "log.key")
		public, _ := twiza(t, append([]string{"log", "key"}, house...)...)
		s.must(os.WriteFile(key, []byte(public), 0o600))
		if said, code := twiza(t, append([]string{"log", "export", dir}, house...)...); code != exitOK {
			t.Fatal(said)
		}
		said, code := twiza(t, "verify", "--lang", "en", "--key", key, dir)
		if want := "giving.gift.receive gift: 3 leaves, 90000 MAD"; code != exitOK || !strings.Contains(said, want) {
			t.Errorf("%d: nothing says %q:\n%s", code, want, said)
		}
	})
}

func TestALinkToNoFundAndToOneThatEndedSayNotToGive(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t)
	s.fund()
	get := func(path string) (int, string) {
		w := knock(s.handler, "GET", path, "", nil)
		return w.Code, w.Body.String()
	}
	for _, path := range []string{"/fr/funds/nulle-part", "/fr/funds/nulle-part/share"} {
		if code, page := get(path); code != http.StatusNotFound || !strings.Contains(page, "Ne donnez pas") || !strings.Contains(page, "Aucun fonds de ce nom") {
			t.Errorf("%s: %d %s", path, code, page)
		}
	}
	code, page := get("/en/funds/neige/share")
	for _, want := range []string{"/ar/funds/neige", "/zgh/funds/neige", "(Loi)", `class="qr"`, "We never ask"} {
		if code != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d: the page to share lacks %s", code, want)
		}
	}
	if _, page := get("/en/funds/neige"); !strings.Contains(page, `property="og:description" content="Give from your own bank`) || !strings.Contains(page, `id="give"`) {
		t.Error("the card of an open fund does not say by which text it was opened")
	}
	cell := s.session(somebody(t, s.h, "cell", actor.Grant{Role: actor.CrisisCell}))
	for range 2 {
		if w := knock(s.handler, "POST", "/en/treasury/neige/end", cell, url.Values{}); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if _, page := get("/en/funds/neige"); !strings.Contains(page, "Do not give") || strings.Contains(page, `id="give"`) || !strings.Contains(page, `content="Do not give: collection ended`) {
		t.Error("the page of a fund that ended still asks for gifts")
	}
	if w := knock(s.handler, "POST", "/en/funds/neige", "", url.Values{"id": {freshID()}, "amount": {"10"}}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "collects no more") {
		t.Errorf("a number of a fund that ended: %d", w.Code)
	}
	if _, page := get("/en/funds/neige/share"); !strings.Contains(page, "Do not give") || strings.Contains(page, `class="qr"`) {
		t.Error("a fund that ended is still passed on")
	}
	if w := knock(s.handler, "POST", "/en/treasury/neige/reopen", cell, url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	if _, page := get("/en/funds/neige"); !strings.Contains(page, `id="give"`) {
		t.Error("a fund that collects again does not say so")
	}
}
