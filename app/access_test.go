package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/people"
)

// testdata/access.csv says for every door and every deed who gets through:
//
//	open       anybody may, signed in or not
//	sign in    whoever is not signed in is asked to
//	own        anybody may with what is their own, and this visitor showed none:
//	           the receipt and its word, or the link
//	denied     no role of theirs does this anywhere
//	here only  a role of theirs does it, and not to this thing: it is another
//	           organisation's, or elsewhere, or they may not act now
//	taken      the same, told with whose it is, or that somebody was faster
//	missing    there is no such thing for them
//	house      only the house itself does it, as part of another deed
//	ok         they get through, and nothing was changed: they only read, or
//	           what they sent was wrong, or came too late
//	done       they get through, and the journal says that they did it
//
// The thing belongs to the first organisation and lies in the first province.
// A form carries what it needs to reach the question whether one may.

// try knocks, and says in a word how it went.
func (s *stage) try(d module.Door, c doorCall, v *visitor) string {
	s.Helper()
	token := v.token
	if token != "" && strings.HasPrefix(d.Deed.Name, "people.session.") {
		token = s.session(v.id) // these end it
	}
	before := s.lastLine()
	var w *httptest.ResponseRecorder
	switch {
	case d.Method == "GET":
		w = knock(s.handler, d.Method, c.path, token, nil)
	case d.API:
		body, err := json.Marshal(c.body)
		s.must(err)
		r := httptest.NewRequest(d.Method, c.path, bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w = httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
	default:
		w = knock(s.handler, d.Method, c.path, token, c.form)
	}
	switch {
	case w.Code >= 500:
		s.Errorf("%s %s as %s answers %d", d.Method, c.path, v.name, w.Code)
		return "broke"
	case s.since(before, d.Deed) > 0 && w.Code >= 400:
		s.Errorf("%s %s as %s answers %d, and it was done all the same", d.Method, c.path, v.name, w.Code)
		return "broke"
	case w.Code == http.StatusUnauthorized:
		return "sign in"
	case w.Code == http.StatusForbidden && d.Deed.Open:
		return "own"
	case w.Code == http.StatusForbidden && (actor.Actor{Grants: v.grants}).Holds(d.Deed.Roles...):
		return "here only"
	case w.Code == http.StatusForbidden:
		return "denied"
	case d.Deed.Open:
		return "open"
	case w.Code == http.StatusConflict:
		return "taken"
	case w.Code == http.StatusNotFound:
		return "missing"
	case s.since(before, d.Deed) > 0:
		return "done"
	}
	return "ok"
}

// lines is how often the journal tells of a deed.
func (s *stage) lines(d deed.Deed) int64 { return s.since(0, d) }

// since is how often the journal tells of a deed after one of its lines.
func (s *stage) since(line int64, d deed.Deed) (n int64) {
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record WHERE seq > ?1 AND deed = ?2`, line, d.Name)
		return err
	}))
	return n
}

// lastLine is the newest of the journal.
func (s *stage) lastLine() (n int64) {
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COALESCE(MAX(seq), 0) FROM deed_record`)
		return err
	}))
	return n
}

// may is what the rules say of a deed on a thing of the first organisation in
// the first province, whatever door leads to it.
func (s *stage) may(d deed.Deed, v *visitor) string {
	by := actor.Actor{Account: v.id}
	for _, g := range v.grants {
		g.Recognised = v.name != "suspended organisation"
		by.Grants = append(by.Grants, g)
	}
	place, _ := s.h.Places.Get(homeProvince)
	_, here := by.May(d.Roles, actor.Scope{Org: s.ours, Path: []string{place.Parent, place.Code}})
	switch err := deed.May(by, d); {
	case d.Open:
		return "open"
	case len(d.Roles) == 0:
		return "house"
	case !by.Known():
		return "sign in"
	case err != nil:
		return "denied"
	case !here:
		return "here only"
	}
	return "ok"
}

// forAll is what may be done by whoever holds the role, wherever they hold it
// and for whom.
var forAll = map[string]string{
	"POST /depot/lots":                       "a depot is the organisation's, in whatever territory one coordinates for it",
	"POST /depot/losses":                     "a depot is the organisation's, in whatever territory one coordinates for it",
	"GET /concerns/{id}":                     "a concern has no place: whoever is trained may be the one on duty",
	"POST /concerns/{id}/take":               "the same",
	"POST /concerns/{id}/guardians":          "the same",
	"POST /concerns/{id}/voices/{voice}":     "the same",
	"POST /safeguarding/seen":                "one's own notices",
	"POST /safeguarding/{second}/refuse":     "a no takes nothing from anybody: whoever reads restricted concerns may say it",
	"POST /channels/heard":                   "what was written to the house has no place until it is read",
	"POST /channels/unsent/again":            "an answer that belongs to no case has no place; one that does is asked of the case",
	"POST /channels/unsent/drop":             "the same",
	"POST /channels/pause/{gateway}":         "a gateway serves the whole country",
	"POST /channels/resume/{gateway}":        "the same",
	"POST /calls/{id}/take":                  "who waits for a call has no place yet",
	"POST /calls/{id}/reveal":                "the same, and one's own call alone",
	"POST /calls/{id}/finish":                "the same",
	"POST /roads/new":                        "a road belongs to no organisation: whoever plans journeys in its territory may say how it is",
	"POST /damage/reports/{id}/confirm":      "what citizens told belongs to no organisation: whoever works in its territory may say what they know of it",
	"POST /damage/reports/{id}/refute":       "the same",
	"POST /spellings/file":                   "how people write the places of the country names nobody: the list is one for all who work with it",
	"GET /notes/{id}":                        "a voice of somebody who waits for a call; one of a case is asked of the case",
	"POST /prompts/{lang}/{name}":            "the telephone menu is one for the whole country",
	"POST /prompts/{lang}/{name}/remove":     "the same",
	"POST /api/v1/round/devices":             "one's own phone",
	"GET /api/v1/round/pack":                 "the same, and the missions of one's own organisation",
	"POST /round/devices/{id}/cut":           "a phone has no place: whoever answers for its organisation cuts it off",
	"POST /round/conflicts/{id}":             "the same of what a phone wrote down",
	"POST /api/v1/round/records/{id}/settle": "the same",
	"POST /queue/views":                      "a filter that one keeps for oneself: what it shows, the queue asks",
	"POST /queue/bulk":                       "choosing does nothing yet: each request is asked of when it is done",
	"POST /handover":                         "one's own desk",
	"POST /cases/{id}/tasks/{task}/take":     "a sector is asked, and any organisation of it may take the part",
}

// deedsOf is every deed of the house: those of the modules, then its own.
func deedsOf(h *House) (all []deed.Deed) {
	for _, m := range h.Modules {
		all = append(all, m.Deeds...)
	}
	return append(all, deedAlive, deedFigures, deedAPI)
}

func TestWhoMayOpenEveryDoorAndDoEveryDeed(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	head := []string{"door or deed", "its deed"}
	for _, v := range visitors {
		head = append(head, v.name)
	}
	doors := s.h.allDoors()
	seen := make([][]string, len(doors))
	last := visitors[len(visitors)-1]
	calls := make([]doorCall, len(doors)) // the last visitor's things are there before the suspension
	for i, d := range doors {
		seen[i] = []string{d.Method + " " + d.Path, d.Deed.Name}
		calls[i] = s.setFor(d, last)
		for _, v := range visitors[:len(visitors)-1] {
			c := calls[i]
			if deed.May(actor.Actor{Account: v.id, Grants: v.grants}, d.Deed) == nil { // who may change it gets one of their own
				c = s.setFor(d, v)
			}
			seen[i] = append(seen[i], s.try(d, c, v))
		}
	}
	var ours people.Organisation
	s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		ours, err = s.h.People.Organisation(tx, s.ours)
		return err
	}))
	s.must(s.h.People.Suspend(t.Context(), System("test"), s.ours, ours.Version, "conduct"))
	for i, d := range doors {
		seen[i] = append(seen[i], s.try(d, calls[i], last))
	}
	for _, d := range deedsOf(s.h) {
		row := []string{"deed", d.Name}
		for _, v := range visitors {
			row = append(row, s.may(d, v))
		}
		seen = append(seen, row)
	}
	for _, row := range seen[:len(doors)] { // whatever the golden file says
		if !slices.Contains([]string{"open", "own", "sign in"}, row[2]) {
			t.Errorf("%s answers a passer-by with %q", row[0], row[2])
		}
		for i, v := range visitors[len(visitors)-3:] {
			if why := forAll[row[0]]; row[len(row)-3+i] == "done" && why == "" {
				t.Errorf("%s: the %s did it", row[0], v.name)
			}
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	s.must(w.Write(head))
	s.must(w.WriteAll(seen))
	golden(t, "access.csv", b.Bytes())
}

func TestADoorThatNamesNobodyIsClosedToAll(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	for _, d := range h.allDoors() {
		if !d.Deed.Open && len(d.Deed.Roles) == 0 {
			t.Errorf("%s %s leads to %q, which nobody may do", d.Method, d.Path, d.Deed.Name)
		}
		if d.Deed.Open && len(d.Deed.Roles) > 0 {
			t.Errorf("%s %s leads to %q, which is open and names roles", d.Method, d.Path, d.Deed.Name)
		}
	}
	everyRole := actor.Actor{Account: id.New[actor.Account](morning)}
	for _, r := range actor.Roles {
		everyRole.Grants = append(everyRole.Grants, actor.Grant{Role: r, Recognised: true})
	}
	forgotten := module.Get("/forgotten", deed.Deed{Name: "app.house.forgotten"}, favicon)
	for _, by := range []actor.Actor{{}, everyRole} {
		if deed.May(by, forgotten.Deed) == nil {
			t.Error("a deed that names nobody was allowed")
		}
	}
}

func TestEveryDeedHasOneNameAndItsWords(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	named := map[string]deed.Deed{}
	for _, d := range append(deedsOf(h), deedDev) {
		if _, twice := named[d.Name]; twice {
			t.Errorf("%s is declared twice", d.Name)
		}
		named[d.Name] = d
		if strings.Count(d.Name, ".") != 2 || strings.ToLower(d.Name) != d.Name {
			t.Errorf("%q is not module.noun.verb", d.Name)
		}
		for _, l := range i18n.Langs() {
			if said := h.Site.Cat.For(l, h.Site.Zone).Text("deed." + d.Name); said == "" || strings.Contains(said, "⟦") {
				t.Errorf("%s has no words in %s", d.Name, l)
			}
		}
		for _, r := range d.Roles {
			if !r.Valid() {
				t.Errorf("%s may be done by %q, which is no role", d.Name, r)
			}
		}
	}
	for _, d := range h.allDoors() {
		if declared, ok := named[d.Deed.Name]; !ok || declared.Open != d.Deed.Open || !slices.Equal(declared.Roles, d.Deed.Roles) {
			t.Errorf("%s %s leads to %q, which its module declares otherwise or not at all", d.Method, d.Path, d.Deed.Name)
		}
	}
	for _, m := range h.Modules {
		for _, x := range m.Hears {
			if _, ok := named[x.Word]; !ok {
				t.Errorf("%s listens for %q, which nobody does", m.Name, x.Word)
			}
		}
	}
}
