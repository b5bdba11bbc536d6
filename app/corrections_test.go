package app

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// What the house said in public and was wrong stands on a page of its own, and nobody
// takes it back: its file is the one whose fingerprint the public log has.
func TestAnErrorIsCorrectedInPublicAndStays(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s, _ := newStageOn(t, dsn)
		token := s.session(somebody(t, s.h, "cell", actor.Grant{Role: actor.CrisisCell}))
		form := func(change ...string) url.Values {
			v := url.Values{"id": {freshID()}, "page": {"/numbers"}, "since": {"2026-11-01"}, "wrong_ar": {"قلنا إن 412 أسرة توصلت."}, "wrong_fr": {"412 familles servies."}, "right_ar": {"بل 397 أسرة."}, "right_fr": {"397 familles servies."}}
			for i := 0; i+1 < len(change); i += 2 {
				v.Set(change[i], change[i+1])
			}
			return v
		}
		says := func(token string, v url.Values, code int, want string) {
			t.Helper()
			if w := knock(s.handler, "POST", "/fr/corrections", token, v); w.Code != code || !strings.Contains(spaced(w.Body.String()), want) {
				t.Errorf("%v: %d %s", v, w.Code, w.Body)
			}
		}
		says("", form(), http.StatusUnauthorized, "Connectez-vous")
		says(s.session(somebody(t, s.h, "hand", actor.Grant{Role: actor.Dispatcher})), form(), http.StatusForbidden, "")
		says(token, form("right_ar", ""), http.StatusUnprocessableEntity, "Écrivez une phrase")
		says(token, form("right_fr", "Appelez le 06 12 34 56 78."), http.StatusUnprocessableEntity, "numéro de téléphone")
		says(token, form("right_ar", "اتصل ب ٠٦١٢٣٤٥٦٧٨"), http.StatusUnprocessableEntity, "numéro de téléphone")
		says(token, form("page", "https://example.org/"), http.StatusUnprocessableEntity, "adresse de ce site")
		says(token, form("since", "demain"), http.StatusUnprocessableEntity, "jour passé")
		if page := knock(s.handler, "GET", "/fr/corrections", "", nil); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Aucune correction") {
			t.Errorf("what was refused is published: %d %s", page.Code, page.Body)
		}
		good := form("right_fr", "397 familles <b>servies</b>.")
		for range 2 { // sent twice
			says(token, good, http.StatusSeeOther, "")
		}
		fr, ar := knock(s.handler, "GET", "/fr/corrections", "", nil).Body.String(), knock(s.handler, "GET", "/ar/corrections", "", nil).Body.String()
		for _, want := range []string{"412 familles servies.", "397 familles &lt;b&gt;servies", "1er novembre 2026", `href="/fr/numbers"`} {
			if !strings.Contains(fr, want) && !strings.Contains(spaced(fr), want) {
				t.Errorf("the page does not say %q: %s", want, fr)
			}
		}
		if !strings.Contains(ar, "بل 397 أسرة.") || strings.Count(ar, "بل 397 أسرة.") != 1 || strings.Contains(fr, "<form method=\"post\" action=\"/fr/corrections\"") {
			t.Error("the correction does not stand there once, in Arabic too, with no form for passers-by")
		}
		link := regexp.MustCompile(`/fr/corrections/[0-9a-f-]{36}`).FindString(fr)
		file := knock(s.handler, "GET", link, "", nil).Body.Bytes()
		sum := sha256.Sum256(file)
		s.must(s.h.Proof.Integrate(t.Context()))
		head := strings.Split(knock(s.handler, "GET", "/log/checkpoint", "", nil).Body.String(), "\n")
		entries := knock(s.handler, "GET", "/log/tile/entries/000.p/"+head[1], "", nil).Body.String()
		if !strings.Contains(entries, `"sum":"`+hex.EncodeToString(sum[:])+`"`) || !strings.Contains(fr, hex.EncodeToString(sum[:])) {
			t.Errorf("the public log does not have the file %s: %s", file, entries)
		}
		sound := func() (bad []string) {
			s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) error {
				for _, c := range s.h.Audit.Manifest().Checks {
					more, err := c.Find(tx)
					if err != nil {
						return err
					}
					bad = append(bad, more...)
				}
				return nil
			}))
			return bad
		}
		if bad := sound(); len(bad) > 0 {
			t.Error(bad)
		}
		keep := func(body string) {
			s.must(s.h.DB.Write(t.Context(), func(tx *db.Tx) error {
				sum := sha256.Sum256([]byte(body))
				_, err := tx.Exec(`UPDATE audit_correction SET body = ?1, sum = ?2`, body, hex.EncodeToString(sum[:]))
				return err
			}))
		}
		keep(strings.ReplaceAll(string(file), "412", "400"))
		if bad := sound(); len(bad) != 1 {
			t.Errorf("a correction reworded by hand, with its fingerprint, is not named: %v", bad)
		}
		keep(string(file))
	})
}
