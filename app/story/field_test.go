package story

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestManifestsBalanceToTheUnit(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	lost := 0
	for i, m := range s.Missions {
		given := map[string]int{}
		for _, stop := range m.Stops {
			for _, q := range stop.Given {
				if q.Units < 1 {
					t.Errorf("mission %d gave %d of %s", i, q.Units, q.Good)
				}
				given[q.Good] += q.Units
			}
			if (stop.Arrived != 0) != (len(stop.Given) > 0) || (stop.Arrived != 0) != (stop.Proof != "") {
				t.Errorf("mission %d: a stop reached at %v was given %v with proof %q", i, stop.Arrived, stop.Given, stop.Proof)
			}
		}
		if len(m.Manifest) == 0 {
			t.Errorf("mission %d carries nothing", i)
		}
		for _, l := range m.Manifest {
			if l.Loaded != l.Delivered+l.Returned+l.Lost+l.Aboard || l.Delivered != given[l.Good] {
				t.Errorf("mission %d: %+v, and %d were given", i, l, given[l.Good])
			}
			if min(l.Loaded-1, l.Delivered, l.Returned, l.Lost, l.Aboard) < 0 || (l.Lost > 0) != (l.LostWhy != "") {
				t.Errorf("mission %d: %+v", i, l)
			}
			if m.Back != 0 && l.Aboard != 0 || m.Back == 0 && l.Returned != 0 {
				t.Errorf("mission %d, back at %v: %+v", i, m.Back, l)
			}
			delete(given, l.Good)
			lost += l.Lost
		}
		if len(given) > 0 {
			t.Errorf("mission %d gave what it never loaded: %v", i, given)
		}
	}
	if lost == 0 {
		t.Error("nothing was ever lost on the way")
	}
}

func TestOnlyRecognisedOrganisationsTakeCases(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	for i, m := range s.Missions {
		if o := s.Organisations[s.Teams[m.Team].Org]; !o.Recognised() {
			t.Errorf("mission %d is of %s, which is %s", i, o.Key, o.Status)
		}
	}
	for i, q := range s.Requests {
		if q.Org >= 0 && !s.Organisations[q.Org].Recognised() {
			t.Errorf("request %d is with %s", i, s.Organisations[q.Org].Key)
		}
		if q.Team >= 0 && s.Teams[q.Team].Org != q.Org {
			t.Errorf("request %d is with a team of another organisation", i)
		}
	}
}

func TestMissionsGoWhereTheyMayAndCanHelp(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	land, err := survey(census(t))
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]time.Duration{}
	seen := map[int]bool{}
	for i, m := range s.Missions {
		team := s.Teams[m.Team]
		if m.Departed < out[m.Team] {
			t.Errorf("mission %d: %s left before it was home", i, team.Key)
		}
		if out[m.Team] = m.Back; m.Back == 0 {
			out[m.Team] = Now
		}
		for _, stop := range m.Stops {
			q := s.Requests[stop.Request]
			if seen[stop.Request] || q.Mission != i || restricted(q) {
				t.Errorf("mission %d should not visit request %d", i, stop.Request)
			}
			seen[stop.Request] = true
			if q.Taken < q.At || q.Taken > m.Departed || stop.Arrived != 0 && stop.Arrived < m.Departed {
				t.Errorf("request %d: asked %v, taken %v, left %v, arrived %v", stop.Request, q.At, q.Taken, m.Departed, stop.Arrived)
			}
			if !land.within(q.Place, s.Organisations[team.Org].Territory) || !slices.Contains(team.Serves, q.Needs[0]) {
				t.Errorf("%s was sent to %s for %v", team.Key, q.Place, q.Needs)
			}
			if (stop.Arrived == 0) != (q.Fate == EnRoute) {
				t.Errorf("request %d is %s and was reached at %v", stop.Request, q.Fate, stop.Arrived)
			}
		}
	}
}

func TestEveryFateIsToldAndAgreesWithItself(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	count, late, alone := map[string]int{}, 0, 0
	for i, q := range s.Requests {
		count[q.Fate]++
		owned := !slices.Contains([]string{Received, Contacted, Refused, Redirected}, q.Fate)
		atTeam := owned && q.Fate != Claimed
		onMission := atTeam && q.Fate != Assigned
		if owned != (q.Taken != 0) || owned && q.Org < 0 || atTeam != (q.Team >= 0) || onMission != (q.Mission >= 0) {
			t.Errorf("request %d cannot be %s: org %d, team %d, mission %d, taken %v", i, q.Fate, q.Org, q.Team, q.Mission, q.Taken)
		}
		if (q.Fate == Refused || q.Fate == Redirected) != (q.Reason != "") || (q.Settled == 0) != (q.Fate == Received) {
			t.Errorf("request %d is %s with reason %q at %v", i, q.Fate, q.Reason, q.Settled)
		}
		if restricted(q) {
			alone++
			if q.Fate != Received && q.Fate != Contacted || q.DuplicateOf >= 0 {
				t.Errorf("a child alone, request %d, is %s", i, q.Fate)
			}
		}
		if q.Late {
			late++
			if owned || q.Merged {
				t.Errorf("request %d is %s and late", i, q.Fate)
			}
		}
	}
	for _, fate := range Fates {
		if count[fate] == 0 {
			t.Errorf("no request is %s: %v", fate, count)
		}
	}
	if len(count) != len(Fates) {
		t.Errorf("fates nobody named: %v", count)
	}
	if alone == 0 || alone > size*2/100 {
		t.Errorf("%d children are alone", alone)
	}
	if late == 0 || late > size/4 {
		t.Errorf("%d of %d are late", late, size)
	}
}

func TestStoriesOfAnySizeHold(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 30, 20_000} {
		s := night(t, seed, n)
		if len(s.Requests) != n {
			t.Errorf("%d requests, want %d", len(s.Requests), n)
		}
		for _, m := range s.Missions {
			for _, l := range m.Manifest {
				if l.Loaded != l.Delivered+l.Returned+l.Lost+l.Aboard {
					t.Errorf("a story of %d: %+v", n, l)
				}
			}
			for _, stop := range m.Stops {
				if restricted(s.Requests[stop.Request]) {
					t.Errorf("a story of %d sends a team to a child alone", n)
				}
			}
		}
		phones := map[string]bool{}
		for i, q := range s.Requests {
			if q.Phone != "" && !strings.HasPrefix(q.Phone, "+212600") {
				t.Fatalf("a story of %d: request %d has the telephone %s", n, i, q.Phone)
			}
			if q.Phone != "" && phones[q.Phone] && q.DuplicateOf < 0 {
				t.Fatalf("a story of %d: request %d has somebody else's telephone", n, i)
			}
			phones[q.Phone] = true
		}
		if n == 20_000 && len(s.Missions) < 600 {
			t.Errorf("a story of %d has %d missions", n, len(s.Missions))
		}
	}
	for _, n := range []int{-1, 0, Most + 1} {
		if _, err := Night(os.DirFS(packDir), census(t), seed, n); err == nil {
			t.Errorf("a story of %d was told", n)
		}
	}
}

func TestThePackIsRich(t *testing.T) {
	t.Parallel()
	p, err := readPack(os.DirFS(packDir))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.phrases) < 60 {
		t.Errorf("%d texts, want 60 or more", len(p.phrases))
	}
	needs := []string{"rescue", "warm", "food", "medicine", "shelter", "water", "road", "other"}
	flags := []string{"infant", "pregnant", "elderly", "disabled", "ill", "child_alone"}
	for _, x := range p.phrases {
		if !slices.Contains(scripts, x.Lang) || x.People[0] < 1 || x.People[1] < x.People[0] || len(x.Needs) == 0 {
			t.Errorf("%+v", x)
		}
		for _, need := range x.Needs {
			if !slices.Contains(needs, need) {
				t.Errorf("%q needs %q", x.Text, need)
			}
		}
		for _, flag := range x.Fragile {
			if !slices.Contains(flags, flag) {
				t.Errorf("%q is about %q", x.Text, flag)
			}
		}
	}
	roles := map[string]int{}
	names := map[string]bool{}
	for _, g := range p.given {
		for _, s := range p.family {
			names[g.ar+" "+s.ar+"|"+g.latin+" "+s.latin] = true
		}
	}
	for _, a := range p.accounts {
		roles[a.Role]++
		if !names[a.AR+"|"+a.FR] {
			t.Errorf("%s is called %s, %s: not composed from names.csv", a.Login, a.AR, a.FR)
		}
	}
	for _, role := range []string{"administrator", "crisis_cell", "dispatcher", "agent", "coordinator", "leader", "safeguarding", "auditor"} {
		if roles[role] == 0 {
			t.Errorf("nobody is %s", role)
		}
	}
	keys := map[string]bool{}
	for _, o := range p.orgs {
		if o.Name.AR == "" || o.Name.FR == "" || o.Name.ZGH == "" || (o.Status == "suspended") != (o.Reason != "") {
			t.Errorf("%+v", o)
		}
	}
	for _, g := range p.goods {
		if g.AR == "" || g.FR == "" || g.ZGH == "" || g.EN == "" || (g.For == 0) != g.Returns || !slices.Contains(needs, g.Need) {
			t.Errorf("%+v", g)
		}
	}
	for _, x := range p.teams {
		if keys[x.Key] || x.AR == "" || x.FR == "" || x.People < 1 || len(x.Languages) == 0 {
			t.Errorf("%+v", x)
		}
		keys[x.Key] = true
	}
}

func TestAPackThatPointsNowhereIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, from, to, want string }{
		{"organisations.yaml", `"07.041.05.05"`, `"07.041.99.99"`, "07.041.99.99"},
		{"teams.yaml", "org: sept-portes", "org: huit-portes", "huit-portes"},
		{"teams.yaml", "skills: [mule]", "skills: [camel]", "camel"},
		{"accounts.yaml", "team: cle-3", "team: portes-3", "portes-3"},
		{"goods.yaml", "returns: true", "comes_back: true", "comes_back"},
		{"names.csv", "given,", "nickname,", "names.csv"},
	} {
		files := fstest.MapFS{}
		for _, name := range []string{"organisations.yaml", "teams.yaml", "accounts.yaml", "goods.yaml", "needs.yaml", "names.csv"} {
			b, err := os.ReadFile(packDir + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if name == c.file {
				b = []byte(strings.ReplaceAll(string(b), c.from, c.to))
			}
			files[name] = &fstest.MapFile{Data: b}
		}
		if _, err := Night(files, census(t), seed, size); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: %v", c.file, c.to, err)
		}
	}
}

func TestAGazetteerInPercentIsRefused(t *testing.T) {
	t.Parallel()
	c := slices.Clone(census(t))
	for i := range c {
		c[i].Shi *= 100
	}
	if _, err := Night(os.DirFS(packDir), c, seed, size); err == nil {
		t.Error("shares in percent were taken for shares")
	}
}

func BenchmarkNight(b *testing.B) {
	for b.Loop() {
		night(b, seed, size)
	}
}
