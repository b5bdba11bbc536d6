package cases

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// tracker is what the holder of a receipt reads, on a phone of their own.
func (d *frontDesk) tracker(lang string, out Asked) string {
	d.w.t.Helper()
	d.by.Store(&actor.Actor{})
	jar, err := cookiejar.New(nil)
	d.w.must(err)
	c := &http.Client{Jar: jar}
	r, err := c.PostForm(d.srv.URL+"/"+lang+"/track", url.Values{"number": {out.Receipt.String()}, "word": {string(phone1[len(phone1)-4:])}})
	d.w.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	d.w.must(err)
	if r.StatusCode != 200 || !strings.HasSuffix(r.Request.URL.Path, "/track/open") {
		d.w.t.Fatalf("the tracker does not open: %d at %s", r.StatusCode, r.Request.URL.Path)
	}
	return html.UnescapeString(saidOn(string(body)))
}

func TestAFamilyReadsOnItsTrackerWhoReadTheNameOfTheirWitness(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		out, owner := w.owned()
		other := w.ask(forms.Answers{"words": "another family"})
		if said := d.tracker("en", out); !strings.Contains(said, "Nobody so far.") {
			t.Errorf("before anybody read it: %s", said)
		}
		w.clock.Advance(time.Hour)
		w.teams.witnessed = map[CaseID][]Look{out.ID: {{w.clock.Now(), owner.Org, string(actor.Coordinator), "cases.reveal.verify"}}}
		w.clock.Advance(time.Hour)
		_, err := w.Reveal(t.Context(), w.staff(actor.Dispatcher, ""), out.ID, "safety")
		w.must(err)
		name, err := w.orgs.Name(nil, owner.Org, "")
		w.must(err)
		for lang, want := range map[string]string{"en": "The name of whoever stood by at the delivery: To check the request", "fr": "Le nom de la personne témoin de la remise : Pour vérifier la demande",
			"ar": "اسم من شهد على التسليم: التحقق من الطلب", "zgh": "ⵉⵙⵎ ⵏ ⵓⵏⴰⴳⴰⵏ"} {
			said := d.tracker(lang, out)
			first, then := strings.Index(said, want), strings.Index(said, map[string]string{"en": "For somebody’s safety", "fr": "Pour la sécurité", "ar": "سلامة شخص", "zgh": "ⵉ ⵓⴼⴳⴰⵏ"}[lang])
			if first < 0 || then < first || !strings.Contains(said, name) {
				t.Errorf("%s: the witness at %d, the file at %d, the name of who read: %v: %s", lang, first, then, strings.Contains(said, name), said)
			}
		}
		if said := d.tracker("en", other); strings.Contains(said, "stood by") {
			t.Error("another family reads of it")
		}
	})
}
