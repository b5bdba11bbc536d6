package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

// evening is a demonstration of 150 requests, told once for each database.
// Its logins lie outside the store, so they are kept here by engine.
const few = 150

var (
	kept    sync.Map // engine → what lay in the file of logins
	evening = testkit.Template{Build: func(t testing.TB, dsn string) {
		dir := t.TempDir()
		c := Config{Data: filepath.Join(dir, "data"), DB: dsn, Key: filepath.Join(dir, "data.key"), KeyText: masterKey, Country: "ma", Demo: true}
		h, err := Open(t.Context(), c, &clock.Held{At: morning}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		if err := h.demonstrate(t.Context(), &env{out: io.Discard}, few); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(c.demoLogins())
		if err != nil {
			t.Fatal(err)
		}
		kept.Store(h.DB.Engine(), file)
	}}
)

// shown is a copy of the evening, as it stands when somebody starts it again.
func shown(t *testing.T, dsn string) *House {
	h := openHouse(t, dsn, &clock.Held{At: morning}, func(c *Config) { c.Demo = true })
	file, _ := kept.Load(h.DB.Engine())
	if err := os.WriteFile(h.Config.demoLogins(), file.([]byte), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// again starts a demonstration that was told already, and gives what it prints.
func again(t *testing.T, h *House) string {
	t.Helper()
	var said bytes.Buffer
	if err := h.demonstrate(t.Context(), &env{out: &said}, few); err != nil {
		t.Fatal(err)
	}
	return said.String()
}

func told(t *testing.T, h *House, requests int) *story.Story {
	t.Helper()
	pack, err := fs.Sub(packs.FS, "demo")
	if err != nil {
		t.Fatal(err)
	}
	s, err := story.Night(pack, storyPlaces{h.Places}, demoSeed, requests)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func count(t *testing.T, h *House, q string, args ...any) (n int) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *db.Tx) error {
		k, err := db.One(tx, db.Int, q, args...)
		n = int(k)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheDemonstrationHoldsWhatItsStoryTells(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		s := told(t, h, few)
		for q, want := range map[string]int{
			`SELECT COUNT(*) FROM people_organisation WHERE id NOT IN (SELECT org FROM people_owner)`:                           len(s.Organisations),
			`SELECT COUNT(*) FROM people_organisation WHERE id NOT IN (SELECT org FROM people_owner) AND status = 'recognised'`: 12,
			`SELECT COUNT(*) FROM people_owner`:                                                                                  len(h.Places.Owners().All()),
			`SELECT COUNT(*) FROM people_account WHERE state = 'active'`:                                                         len(s.Accounts),
			`SELECT COUNT(*) FROM field_team`:                                                                                    len(s.Teams),
			`SELECT COUNT(*) FROM field_mission`:                                                                                 len(s.Missions),
			`SELECT COUNT(*) FROM field_vehicle WHERE driver IS NOT NULL`:                                                        2, // one caravan
			`SELECT COUNT(*) FROM field_permit WHERE state = 'granted'`:                                                          1,
			`SELECT COUNT(*) FROM field_road WHERE state = 'closed'`:                                                             1,
			`SELECT COUNT(*) FROM cases_crisis WHERE closed_at IS NULL`:                                                          1,
			`SELECT COUNT(*) FROM talk_message`:                                                                                  7, // on one channel
			`SELECT COUNT(*) FROM talk_message WHERE via = 'sms'`:                                                                2,
			`SELECT COUNT(*) FROM talk_message WHERE task_at IS NOT NULL`:                                                        2, // one is done
			`SELECT COUNT(*) FROM works_order WHERE state = 'working'`:                                                           1,
			`SELECT COUNT(*) FROM works_order WHERE state = 'stopped' AND stopped_for <> ''`:                                     1,
			`SELECT COUNT(*) FROM jobs_job`:                                                                                      0,
			`SELECT (SELECT COUNT(*) FROM cases_case) + COUNT(*) FROM cases_concern WHERE id NOT IN (SELECT id FROM cases_case)`: few,
		} {
			if got := count(t, h, q); got != want {
				t.Errorf("%d, want %d: %s", got, want, q)
			}
		}
		under := 0
		for _, m := range s.Missions {
			if m.Back == 0 {
				under++
			}
		}
		if got := count(t, h, `SELECT COUNT(*) FROM field_mission WHERE state = 'departed'`); got != under || under == 0 {
			t.Errorf("%d missions are under way, the story has %d", got, under)
		}
		if got := count(t, h, `SELECT COUNT(*) FROM deed_record WHERE at > ?1`, morning); got > 0 {
			t.Errorf("%d deeds lie in the future", got)
		}
		if got := count(t, h, `SELECT COUNT(*) FROM cases_case WHERE made_at < ?1`, morning.Add(-story.Now)); got > 0 {
			t.Errorf("%d requests are older than the shock", got)
		}
	})
}

func TestEveryDeedOfTheDemonstrationWasDoneBySomebodyWhoHoldsTheRole(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		if n := count(t, h, `SELECT COUNT(*) FROM deed_record WHERE role IN ('coordinator', 'leader', 'agent', 'dispatcher', 'crisis_cell', 'safeguarding')`); n < few {
			t.Fatalf("only %d deeds were done by staff", n)
		}
		if n := count(t, h, `SELECT COUNT(*) FROM deed_record r WHERE r.account IS NOT NULL AND r.role <> 'self' AND NOT EXISTS
			(SELECT 1 FROM people_grant g WHERE g.account = r.account AND g.role = r.role AND COALESCE(g.org, '') = COALESCE(r.org, ''))`); n > 0 {
			t.Errorf("%d deeds were done in a role that their doer does not hold", n)
		}
	})
}

func TestARecognisedCoordinatorSeesWhoWaits(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		link := regexp.MustCompile(`href="/fr/queue\?case=[0-9a-f-]{36}`)
		for login, want := range map[string]bool{"coord.etoile": true, "regulation": true, "coord.puits": false, "coord.tente": false} {
			seen := knock(h.Handler(), "GET", "/fr/queue", inAs(t, h, login), nil)
			if got := link.MatchString(seen.Body.String()); got != want {
				t.Errorf("%s sees cases in the queue: %v, want %v (status %d)", login, got, want, seen.Code)
			}
		}
	})
}

// inAs opens a session for an account of the demonstration.
func inAs(t *testing.T, h *House, login string) (token string) {
	t.Helper()
	var text string
	err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		text, err = db.One(tx, db.Text, `SELECT id FROM people_account WHERE login = ?1`, login)
		return err
	})
	aid, errID := id.Parse[actor.Account](text)
	if err == nil && errID == nil {
		token, err = h.People.Session(t.Context(), System("test"), aid)
	}
	if err := errors.Join(err, errID); err != nil {
		t.Fatal(err)
	}
	return token
}

func TestEveryLoginThatTheDemonstrationPrintsOpens(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		said := again(t, h)
		password := regexp.MustCompile(`The password of every login is (\S+)`).FindStringSubmatch(said)
		if password == nil {
			t.Fatalf("no password was told:\n%s", said)
		}
		lines := regexp.MustCompile(`(?m)^  (\S+) +(\d{6}) +(\d{6}) +(\w+) `).FindAllStringSubmatch(said, -1)
		if want := len(told(t, h, few).Accounts); len(lines) != want {
			t.Fatalf("%d logins were told, want %d:\n%s", len(lines), want, said)
		}
		for i, x := range lines {
			code := x[2+i%2] // the code of now, or the next one: both are good
			if _, _, err := h.People.SignIn(t.Context(), nil, people.Try{Login: x[1], Password: password[1], Code: code, Device: "program", Channel: "web"}); err != nil {
				t.Errorf("%s (%s) does not get in: %v", x[1], x[4], err)
			}
		}
	})
}

func TestADemonstrationIsFilledOnce(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		lines := count(t, h, `SELECT COUNT(*) FROM deed_record`)
		first := again(t, h)
		if second := again(t, h); first != second || strings.Contains(first, "Filling") {
			t.Errorf("the second start says something else:\n%s", second)
		}
		if n := count(t, h, `SELECT COUNT(*) FROM deed_record`); n != lines {
			t.Errorf("starting again did %d deeds", n-lines)
		}
	})
}

func TestANewcomerFollowsTheRequestThatTheTerminalNames(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		l, err := readLogins(h.Config.demoLogins())
		if err != nil {
			t.Fatal(err)
		}
		if said := again(t, h); !strings.Contains(said, "receipt "+l.Receipt.Groups()+" and the word tawaf") {
			t.Errorf("the terminal does not name the request:\n%s", said)
		}
		holder, err := h.Cases.Recognise(t.Context(), l.Receipt, "Tawaf ")
		if err != nil || holder.Case.IsZero() {
			t.Fatalf("the word does not open it: %v", err)
		}
		err = h.DB.Read(t.Context(), func(tx *db.Tx) error {
			c, err := h.Cases.Get(tx, holder.Case)
			if err == nil && c.Phase != service.Waiting {
				t.Errorf("it is %s: a newcomer is asked nothing", c.State)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestNobodyInTheDemonstrationIsReal(t *testing.T) {
	t.Parallel()
	f, err := packs.FS.Open("demo/names.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	composed := map[string]bool{}
	for _, g := range rows {
		for _, s := range rows {
			if g[0] == "given" && s[0] == "family" {
				composed[g[2]+" "+s[2]], composed[g[3]+" "+s[3]] = true, true
			}
		}
	}
	h := shown(t, evening.SQLite(t))
	var all []cases.CaseID
	var staff []string
	err = h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		if staff, err = db.List(tx, db.Text, `SELECT name FROM people_account`); err != nil {
			return err
		}
		all, err = db.List(tx, func(r db.Row) (c cases.CaseID, err error) { return c, r.Scan(&c) }, `SELECT id FROM cases_case`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for _, name := range staff {
		if !composed[name] {
			t.Errorf("%q works here and is not composed from the pack", name)
		}
	}
	for _, c := range all {
		p, err := h.Cases.Reveal(t.Context(), System("test"), c, "verify")
		if err != nil {
			t.Fatal(err)
		}
		if name := p.Answers.Text("name"); name != "" {
			if names++; !composed[name] {
				t.Errorf("%q asked for help and is not composed from the pack", name)
			}
		}
		if phone := p.Answers.Text("phone"); phone != "" && !strings.HasPrefix(phone, story.PhoneRange) {
			t.Errorf("%s may be somebody's telephone", phone)
		}
	}
	if names < few/2 {
		t.Errorf("only %d of %d say their name", names, len(all))
	}
}

func TestAHouseWherePeopleWorkIsNeverFilled(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{})
	somebody(t, h, "fadma", actor.Grant{Role: actor.Administrator})
	lines := count(t, h, `SELECT COUNT(*) FROM deed_record`)
	err := h.demo(t.Context(), &env{out: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "it is no demonstration") {
		t.Errorf("it was taken for a demonstration: %v", err)
	}
	if n := count(t, h, `SELECT COUNT(*) FROM deed_record`); n != lines {
		t.Errorf("%d deeds were done", n-lines)
	}
	if _, err := os.Stat(h.Config.demoLogins()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("logins were written: %v", err)
	}
}

// stopper stops somebody's work at the first line that holds a word.
type stopper struct {
	word string
	stop func()
}

func (s stopper) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(s.word)) {
		s.stop()
	}
	return len(b), nil
}

func TestADemonstrationThatWasStoppedSaysWhatToRemove(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err := h.demonstrate(ctx, &env{out: stopper{"25 of 150", stop}}, few)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("it was not stopped: %v", err)
	}
	secret, err := readLogins(h.Config.demoLogins())
	if err != nil {
		t.Fatal(err)
	}
	err = h.demonstrate(t.Context(), &env{out: io.Discard}, few)
	if err == nil || !strings.Contains(err.Error(), "remove "+h.Config.Data) {
		t.Errorf("the next start says %v", err)
	}
	// In a new folder beside the same key, everybody keeps their codes.
	fresh, err := newLogins(told(t, h, few).Accounts, secret)
	if err != nil || fresh.Password != secret.Password || !slices.Equal(fresh.All, secret.All) {
		t.Errorf("starting again changed the logins: %v", err)
	}
}

func TestTheLoginsOfADemonstrationAreTheirOwnersOnly(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{})
	if err := h.demonstrate(t.Context(), &env{out: io.Discard}, 5); err != nil {
		t.Fatal(err)
	}
	file := h.Config.demoLogins()
	st, err := os.Stat(file)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file of logins has the rights %v: %v", st.Mode().Perm(), err)
	}
	if rel, err := filepath.Rel(h.Config.Data, file); err != nil || !strings.HasPrefix(rel, "..") {
		t.Errorf("the file of logins lies in the data folder: %s", rel)
	}
}
