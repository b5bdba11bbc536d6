package app

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/modules/intake"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
)

// visitor is one column of the table.
type visitor struct {
	name   string
	grants []actor.Grant
	id     actor.AccountID
	token  string
}

// stage is a house with two organisations, where things are put for visitors
// to reach for.
type stage struct {
	*testing.T
	h            *House
	handler      http.Handler
	ours, theirs actor.OrganisationID
	target       actor.AccountID // for administrators to change
	douars       []string        // of the first province
	elsewhere    string          // code of another province
	callers      int
	fundID       giving.FundID
}

const homeProvince = "07.041" // Al Haouz

func newStage(t *testing.T) (*stage, []*visitor) { return newStageOn(t, model.SQLite(t)) }

// newStageOn is the same over the store that dsn names.
func newStageOn(t *testing.T, dsn string) (*stage, []*visitor) {
	s := &stage{T: t, h: openHouse(t, dsn, &clock.Held{At: morning})}
	s.handler = s.h.Handler()
	for _, commune := range s.h.Places.Children(homeProvince) {
		for _, d := range s.h.Places.Children(commune.Code) {
			s.douars = append(s.douars, d.Code)
		}
	}
	for _, p := range s.h.Places.All(places.Province) {
		if p.Code != homeProvince {
			s.elsewhere = p.Code
			break
		}
	}
	s.ours, s.theirs = s.organisation("Agadir", people.Recognised), s.organisation("Tamga", people.Recognised)
	here := func(org actor.OrganisationID, territory string, roles ...actor.Role) (all []actor.Grant) {
		for _, r := range roles {
			g := actor.Grant{Role: r, Territory: territory}
			if r.ForOrganisation() {
				g.Org = org
			}
			all = append(all, g)
		}
		return all
	}
	visitors := []*visitor{{name: "passer-by"}}
	for _, r := range actor.Roles {
		visitors = append(visitors, &visitor{name: strings.ReplaceAll(string(r), "_", " "), grants: here(s.ours, "", r)})
	}
	everywhere := slices.DeleteFunc(slices.Clone(actor.Roles), func(r actor.Role) bool { return r == actor.Administrator })
	visitors = append(visitors,
		&visitor{name: "wrong organisation", grants: here(s.theirs, "", actor.Coordinator, actor.Leader)},
		&visitor{name: "wrong territory", grants: here(s.ours, s.elsewhere, everywhere...)},
		&visitor{name: "suspended organisation", grants: here(s.ours, "", actor.Coordinator, actor.Leader)})
	for i, v := range visitors[1:] {
		v.id = somebody(t, s.h, fmt.Sprintf("visitor%d", i+1), v.grants...)
		v.token = s.session(v.id)
	}
	s.target = somebody(t, s.h, "target", actor.Grant{Role: actor.Agent})
	return s, visitors
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) organisation(name string, status people.Status) actor.OrganisationID {
	o := people.Organisation{ID: id.New[actor.Organisation](morning), Kind: people.Association, Names: people.Names{AR: "جمعية " + name, FR: "Association " + name},
		Receipt: "7/2020", Status: status, Phone: "+212524001122"}
	s.must(s.h.People.SeedOrganisation(s.Context(), o))
	return o.ID
}

func (s *stage) session(aid actor.AccountID) string {
	token, err := s.h.People.Session(s.Context(), System("test"), aid)
	s.must(err)
	return token
}

// coordinator acts for the first organisation when things are put on stage.
func (s *stage) coordinator() actor.Actor {
	return actor.Actor{Account: s.target, Org: s.ours, Channel: "web", Grants: []actor.Grant{{Role: actor.Coordinator, Org: s.ours, Recognised: true}}}
}

// ask puts a request in, each time from another telephone and place.
func (s *stage) ask(more forms.Answers) cases.CaseID {
	s.Helper()
	s.callers++
	a := forms.Answers{"need": []string{"food"}, "where": forms.Place{Code: s.douars[s.callers%len(s.douars)]}, "people": int64(3),
		"phone": forms.Phone(fmt.Sprintf("+2126%08d", 10_000_000+s.callers)), "words": "the bridge is gone", "name": "Aicha"}
	for k, v := range more {
		a[k] = v
	}
	out, err := s.h.Cases.Ask(s.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Answers: a, Lang: "fr", Channel: "web"})
	s.must(err)
	return out.ID
}

func (s *stage) owned() cases.CaseID {
	c := s.ask(nil)
	s.must(s.h.Cases.Claim(s.Context(), s.coordinator(), c))
	return c
}

func (s *stage) sector() string {
	all, err := cases.LoadSectors(packs.FS)
	s.must(err)
	return all.Codes()[0]
}

// task is a part of a case's need that the first organisation may take, or has.
func (s *stage) task(c cases.CaseID, taken bool) string {
	k := id.New[cases.Task](morning)
	s.must(s.h.Cases.AddTask(s.Context(), s.coordinator(), cases.TaskAsk{ID: k, Case: c, Part: "visit", Sector: s.sector()}))
	if taken {
		s.must(s.h.Cases.TakeTask(s.Context(), s.coordinator(), k))
	}
	return k.String()
}

func (s *stage) team() field.TeamID {
	m := field.Team{ID: id.New[field.Team](morning), Org: s.ours, Names: field.Names{FR: fmt.Sprint("Équipe ", s.callers)}, Skills: []string{"logistics"}, Languages: []string{"shi"}, People: 4, Base: s.douars[0]}
	s.callers++
	s.must(s.h.Field.CreateTeam(s.Context(), s.coordinator(), m))
	return m.ID
}

// mission is one with a stop; once departed, with goods aboard.
func (s *stage) mission(departed bool) (field.MissionID, field.StopID) {
	s.Helper()
	var c field.CaseID
	s.must(c.UnmarshalText([]byte(s.owned().String())))
	p := field.Plan{ID: id.New[field.Mission](morning), Team: s.team(), At: morning, Cases: []field.CaseID{c}}
	s.must(s.h.Field.Plan(s.Context(), s.coordinator(), p))
	if departed {
		s.must(s.h.Field.Load(s.Context(), s.coordinator(), p.ID, map[string]int{"blanket": 10}))
		s.must(s.h.Field.Depart(s.Context(), s.coordinator(), p.ID))
	}
	j, err := s.h.Field.Journey(s.Context(), p.ID)
	s.must(err)
	return p.ID, j.Stops[0].ID
}

// witnessed is a mission with a delivery that somebody stood by at.
func (s *stage) witnessed() (field.MissionID, field.StopID) {
	mid, sid := s.mission(true)
	_, err := s.h.Field.Deliver(s.Context(), s.coordinator(), field.Handover{ID: id.New[field.Delivery](morning), Mission: mid, Stop: sid,
		Goods: map[string]int{"blanket": 2}, Proof: field.ByWitness, Witness: "Brahim", Relation: "elder"})
	s.must(err)
	return mid, sid
}

func (s *stage) complaint() cases.ComplaintID {
	number, _, err := s.h.Cases.Complain(s.Context(), s.owned(), id.New[cases.Complaint](morning), "late", "nobody came", "fr")
	s.must(err)
	all, err := s.h.Cases.Complaints(s.Context(), actor.Actor{Account: s.target, Grants: []actor.Grant{{Role: actor.CrisisCell}}})
	s.must(err)
	for _, x := range all {
		if x.Receipt == number {
			return x.ID
		}
	}
	s.Fatal("the complaint is not among those to answer")
	return cases.ComplaintID{}
}

// second is a wish that waits for a second person: an administrator of long
// standing wants somebody to read restricted concerns.
func (s *stage) second() string {
	s.callers++
	asker := actor.Actor{Account: somebody(s.T, s.h, fmt.Sprint("asker", s.callers), actor.Grant{Role: actor.Administrator}), Channel: "web",
		Grants: []actor.Grant{{Role: actor.Administrator}}}
	whom := somebody(s.T, s.h, fmt.Sprint("trusted", s.callers))
	s.must(s.h.People.Give(s.Context(), asker, people.Grant{Account: whom, Role: actor.Safeguarding}))
	sid := ""
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		sid, err = db.One(t, db.Text, `SELECT id FROM people_second WHERE account = ?1 AND state = 'waiting'`, whom)
		return err
	}))
	return sid
}

// officer is somebody who presides over the first organisation.
func (s *stage) officer() string {
	s.callers++
	x := people.Officer{ID: id.New[people.Officer](morning), Org: s.ours, Office: "president", Name: "Aicha", From: morning.AddDate(-20, 0, 3*s.callers)}
	s.must(s.h.People.NameOfficer(s.Context(), System("test"), x))
	return x.ID.String()
}

// crisis is one that is open.
func (s *stage) crisis() string {
	k, err := s.h.Cases.OpenCrisis(s.Context(), System("test"), s.noCrisis(), []string{homeProvince})
	s.must(err)
	return k.ID.String()
}

// noCrisis is a kind of crisis of which none is open.
func (s *stage) noCrisis() string {
	now, err := s.h.Cases.Crises(s.Context())
	s.must(err)
	for _, k := range now {
		s.must(s.h.Cases.CloseCrisis(s.Context(), System("test"), k.ID))
	}
	return s.h.Service.Crises()[0].Code
}

// upload is a file of requests that waits to be taken in. It is its uploader's
// alone: the visitor's own where they may bring one, and not what the last three
// reach for.
func (s *stage) upload(v *visitor) string {
	token := v.token
	if !(actor.Actor{Grants: v.grants}).Holds(intake.DeedTake.Roles...) || v.name == "wrong territory" {
		token = s.session(s.dispatcher())
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", "list.csv")
	s.must(err)
	fmt.Fprint(part, "besoin,commune,nom\nfood,Asni,x\n")
	s.must(m.Close())
	r := httptest.NewRequest("POST", "/fr/import", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "session", Value: token})
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	_, iid, ok := strings.Cut(w.Header().Get("Location"), "/import/")
	if !ok {
		s.Fatalf("the upload answers %d", w.Code)
	}
	return iid
}

func (s *stage) dispatcher() actor.AccountID {
	aid, err := s.h.People.SeedAccount(s.Context(), "uploader", "Idder uploader", "seven lanterns, one well", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", nil, []actor.Grant{{Role: actor.Dispatcher}})
	s.must(err)
	return aid
}

// doorCall is one request to a door: where to, and what it carries.
type doorCall struct {
	path  string
	holes map[string]string // what stands for {id} and the like
	form  url.Values
	body  any // of an API door
}

// set puts on stage what a door is about, fresh each time, and says how to ask.
func (s *stage) set(d module.Door) doorCall { return s.setFor(d, &visitor{}) }

// setFor is set for one visitor: what only its maker may see is of their making.
func (s *stage) setFor(d module.Door, v *visitor) doorCall {
	s.Helper()
	c := doorCall{holes: map[string]string{}, form: url.Values{}, path: strings.TrimSuffix(d.Path, "{$}")}
	s.setEmergency(d)
	s.setCases(d, &c, v)
	s.setField(d, &c)
	s.setCaravan(d, &c)
	s.setPeople(d, &c, v)
	s.setReach(d, &c, v)
	s.setThrough(d, &c)
	s.setRound(d, &c, v)
	s.setOffer(d, &c)
	s.setIntake(d, &c)
	s.setDamage(d, &c)
	s.setRoom(d, &c, v)
	s.setCrew(d, &c)
	s.setSpelling(d, &c)
	s.setPicture(d, &c)
	s.setLog(d, &c)
	s.setGiving(d, &c)
	s.setStock(d, &c)
	s.setBooks(d, &c)
	s.setAudit(d, &c)
	s.setTeams(d, &c)
	if about(d, "/tiles") {
		c.holes = map[string]string{"layer": "cases", "z": "6", "x": "30", "file": "26.mvt"}
	}
	for _, m := range pathHole.FindAllStringSubmatch(d.Path, -1) {
		if c.holes[m[1]] == "" {
			s.Fatalf("%s %s: say in stage.set what stands for {%s}", d.Method, d.Path, m[1])
		}
		c.path = strings.ReplaceAll(c.path, m[0], c.holes[m[1]])
	}
	if !d.API {
		c.path = "/fr" + c.path
	}
	return c
}

// about tells whether a door is about one thing of a kind: /cases/{id}…
func about(d module.Door, kind string) bool {
	return strings.HasPrefix(strings.TrimPrefix(d.Path, "/api/v1"), kind+"/{")
}

func (s *stage) setCases(d module.Door, c *doorCall, v *visitor) {
	switch {
	case about(d, "/cases"):
		owned := s.owned()
		c.holes["id"] = owned.String()
		if strings.Contains(d.Path, "/{task}/") {
			c.holes["task"] = s.task(owned, !strings.HasSuffix(d.Path, "/take"))
		}
		switch d.Path {
		case "/cases/{id}/contact":
			c.form.Set("result", "reached")
		case "/cases/{id}/reveal":
			c.form.Set("reason", "call")
		case "/cases/{id}/locate":
			c.form.Set("place", s.douars[0])
		case "/cases/{id}/urgency":
			c.form.Set("level", "1")
		case "/cases/{id}/assign":
			c.form.Set("team", s.team().String())
		case "/cases/{id}/merge":
			c.form.Set("into", s.owned().String())
		case "/cases/{id}/apart":
			c.form.Set("other", s.owned().String())
		case "/cases/{id}/tasks":
			c.form = url.Values{"task": {freshID()}, "part": {"visit"}, "sector": {s.sector()}}
		case "/cases/{id}/tasks/{task}/block":
			c.form.Set("reason", "road_cut")
		}
	case about(d, "/concerns"):
		cid, note := s.whispered()
		c.holes["id"], c.holes["voice"] = cid.String(), note
		c.form.Set("outcome", "referred")
		c.form.Set("reason", "safety")
	case about(d, "/complaints"):
		c.holes["id"] = s.complaint().String()
		c.form.Set("answer", "a team is on its way")
	case d.Path == "/crises":
		c.form = url.Values{"template": {s.noCrisis()}, "area": {homeProvince}}
	case about(d, "/crises"):
		c.holes["id"] = s.crisis()
	case about(d, "/import"):
		c.holes["id"] = s.upload(v)
	case about(d, "/help"):
		c.holes = map[string]string{"service": "crisis_help", "draft": freshID(), "step": "need"}
	}
}

func (s *stage) setField(d module.Door, c *doorCall) {
	last := path.Base(d.Path)
	switch {
	case d.Path == "/teams/new":
		c.form = url.Values{"id": {freshID()}, "org": {s.ours.String()}, "name_fr": {"Équipe " + freshID()}, "people": {"4"}, "base": {s.douars[0]}, "skills": {"logistics"}, "languages": {"shi"}}
	case about(d, "/teams"):
		c.holes["id"] = s.team().String()
	case d.Path == "/missions/new":
		c.form = url.Values{"id": {freshID()}, "team": {s.team().String()}, "case": {s.owned().String()}}
	case strings.Contains(d.Path, "/witness/"):
		mid, sid := s.witnessed()
		c.holes["id"], c.holes["stop"] = mid.String(), sid.String()
		c.form.Set("reason", "audit")
	case about(d, "/missions"):
		mid, sid := s.mission(strings.Contains(d.Path, "/deliver") || last == "return" || last == "lose")
		c.holes["id"], c.holes["stop"] = mid.String(), sid.String()
		switch last {
		case "stops":
			c.form.Set("case", s.owned().String())
		case "load":
			c.form.Set("load_blanket", "5")
		case "lose":
			c.form = url.Values{"lost": {"1"}, "lost_good": {"blanket"}, "lost_reason": {"wet"}}
		case "return":
			c.form.Set("back_blanket", "1")
		case "{stop}":
			c.form = url.Values{"id": {freshID()}, "good_blanket": {"1"}, "proof": {"witness"}, "witness": {"Brahim"}, "relation": {"elder"}}
		case "deliveries":
			c.body = field.DeliveryIn{ID: freshID(), Stop: sid.String(), Goods: map[string]int{"blanket": 1}, Proof: "witness", Witness: "Brahim", Relation: "elder"}
		case "not-reached":
			c.form.Set("reason", "unsafe")
		}
	}
}

func (s *stage) setPeople(d module.Door, c *doorCall, v *visitor) {
	s.callers++
	name := fmt.Sprint("Association ", freshID())
	switch {
	case d.Path == "/organisations":
		c.form = url.Values{"id": {freshID()}, "kind": {"association"}, "name_ar": {"جمعية " + freshID()}, "name_fr": {name}, "receipt": {"7/2020"}}
	case about(d, "/organisations"):
		c.holes["id"] = s.organisation(freshID(), people.Pending).String()
		c.form = url.Values{"name_ar": {"جمعية " + freshID()}, "name_fr": {name}, "alias": {name}, "recognise": {"papers_checked"}, "suspend": {"conduct"}}
		if strings.Contains(d.Path, "/officers") {
			c.holes["id"] = s.ours.String()
			c.holes["officer"] = s.officer()
			c.form = url.Values{"id": {freshID()}, "office": {"secretary"}, "officer": {"Idder"}, "since": {morning.AddDate(-20, 0, 3*s.callers).Format(time.DateOnly)}, "until": {morning.AddDate(-20, 0, 3*s.callers+1).Format(time.DateOnly)}}
		}
	case d.Path == "/accounts":
		c.form = url.Values{"id": {freshID()}, "login": {fmt.Sprint("invited", s.callers)}, "name": {"Idder"}, "langs": {"shi"}}
	case about(d, "/safeguarding"):
		c.holes["second"] = s.second()
	case about(d, "/accounts"):
		c.holes["id"], c.holes["grant"] = s.target.String(), freshID()
		c.form = url.Values{"id": {freshID()}, "role": {"dispatcher"}, "territory": {s.elsewhere}}
	case about(d, "/journal/path"):
		c.holes["kind"], c.holes["id"] = "people.organisation", s.ours.String()
	case about(d, "/me/passkeys"):
		c.holes["passkey"] = s.passkey(v)
	case about(d, "/me/sessions"):
		c.holes["session"] = freshID()
	case about(d, "/welcome"):
		c.holes["token"] = "nobody-has-it"
	}
}

// freshID is an identifier that nothing has yet.
func freshID() string { return id.New[House](morning).String() }
