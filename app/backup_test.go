package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/testkit"
)

// twiza runs one command of the program in this process.
func twiza(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	var out bytes.Buffer
	code = Main(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &out, &out)
	return out.String(), code
}

// askFor puts a plea through the API of a house in this process.
func askFor(t *testing.T, handler http.Handler, p *plea) {
	t.Helper()
	body, err := json.Marshal(p.in)
	if err != nil {
		t.Fatal(err)
	}
	w := send(handler, "/api/v1/requests", "application/json", string(body))
	var out cases.ReceiptOut
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	p.receipt = out.Receipt
}

var sender atomic.Int64

// send posts a body as another passer-by each time.
func send(handler http.Handler, path, kind, body string, more ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080"+path, strings.NewReader(body))
	n := sender.Add(1)
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func proxied(c *Config) { c.Proxied = true }

// opens tells whether a plea's receipt opens, and that it must.
func opens(t *testing.T, h *House, p *plea) cases.CaseID {
	t.Helper()
	number, err := receipt.Parse(p.receipt)
	if err != nil {
		t.Fatal(err)
	}
	k, err := h.Cases.Recognise(t.Context(), number, p.word)
	if err != nil {
		t.Fatalf("the receipt %s does not open: %v", p.receipt, err)
	}
	return k.Case
}

// busy keeps a house busy with requests until the function that it gives is called.
func busy(t *testing.T, handler http.Handler) (enough func() []*plea) {
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var all []*plea
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				p := newPlea(i)
				body, _ := json.Marshal(p.in) // strings and numbers
				w := send(handler, "/api/v1/requests", "application/json", string(body))
				var out cases.ReceiptOut
				if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code >= 300 {
					t.Errorf("a request was not taken in while the house was busy: %d %s", w.Code, w.Body)
					return
				}
				p.receipt = out.Receipt
				mu.Lock()
				all = append(all, p)
				mu.Unlock()
			}
		})
	}
	return func() []*plea {
		stop()
		wg.Wait()
		return all
	}
}

// dispatcher of the whole country, for closing a case.
func dispatcher(account actor.AccountID) actor.Actor {
	return actor.Actor{Account: account, Channel: "web", Grants: []actor.Grant{{Role: actor.Dispatcher}, {Role: actor.CrisisCell}, {Role: actor.Agent}}}
}

func TestACopyMadeWhileRequestsComeInIsWholeAndForgetsWhoWasForgotten(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "", clock.System{}, proxied)
	handler := h.Handler()
	var before []*plea
	for i := range 30 {
		before = append(before, newPlea(i))
		askFor(t, handler, before[i])
	}
	staff := dispatcher(somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
	gone := opens(t, h, before[7])
	if err := h.Cases.End(t.Context(), staff, cases.DeedRefuse, gone, "out_of_scope", ""); err != nil {
		t.Fatal(err)
	}

	enough := busy(t, handler)
	copied := filepath.Join(t.TempDir(), "copy.db")
	said, code := twiza(t, "backup", "--data", h.Config.Data, "--key", h.Config.Key, copied)
	during := enough()
	if code != exitOK {
		t.Fatalf("backup: exit %d: %s", code, said)
	}
	if len(during) < 10 {
		t.Errorf("only %d requests came in meanwhile: the copy was not made under load", len(during))
	}
	if said, code := twiza(t, "backup", "--data", h.Config.Data, "--key", h.Config.Key, copied); code != exitBroke || !strings.Contains(said, "is there already") {
		t.Errorf("a copy was written over another: exit %d: %s", code, said)
	}
	if err := h.Cases.Erase(t.Context(), actor.Actor{Channel: "web"}, gone); err != nil {
		t.Fatal(err)
	}

	elsewhere := filepath.Join(t.TempDir(), "restored")
	said, code = twiza(t, "restore", "--data", elsewhere, "--key", h.Config.Key, copied)
	if code != exitOK || !strings.Contains(said, "1 erasures replayed") {
		t.Fatalf("restore: exit %d: %s", code, said)
	}
	stored := filepath.Join(elsewhere, "twiza.db")
	was, err := os.ReadFile(stored)
	if err != nil {
		t.Fatal(err)
	}
	if said, code := twiza(t, "restore", "--data", elsewhere, "--key", h.Config.Key, copied); code != exitBroke || !strings.Contains(said, "is there already") {
		t.Errorf("a house was written over by a copy: exit %d: %s", code, said)
	}
	if is, err := os.ReadFile(stored); err != nil || !bytes.Equal(was, is) {
		t.Error("a restore that was refused changed the house all the same")
	}

	again := openHouse(t, "", clock.System{}, func(c *Config) { c.Data, c.Key = elsewhere, h.Config.Key })
	for i, p := range before {
		if i != 7 {
			opens(t, again, p)
		}
	}
	number, _ := receipt.Parse(before[7].receipt)
	if _, err := again.Cases.Recognise(t.Context(), number, before[7].word); err == nil {
		t.Error("somebody asked to be forgotten, and the restored copy remembers them")
	}
	if left := sealedIn(t, again, gone); left != 0 {
		t.Errorf("%d bytes of somebody who asked to be forgotten are in the restored copy", left)
	}
	if said, code := twiza(t, "check", "--data", elsewhere, "--key", h.Config.Key); code != exitOK {
		t.Errorf("the restored house is not sound: exit %d: %s", code, said)
	}
}

func TestWhatWasErasedIsNoLongerInTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := Config{Data: filepath.Join(dir, "data"), Key: filepath.Join(dir, "outside.key"), Country: "ma", Proxied: true}
	if err := c.settle(); err != nil {
		t.Fatal(err)
	}
	h, err := Open(t.Context(), c, clock.System{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	handler := h.Handler()
	var all []*plea
	for i := range 20 {
		all = append(all, newPlea(i))
		askFor(t, handler, all[i])
	}
	staff := dispatcher(somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
	gone, stays := opens(t, h, all[3]), opens(t, h, all[4])
	erased, kept := sealOf(t, h, gone), sealOf(t, h, stays)
	if err := h.Cases.End(t.Context(), staff, cases.DeedRefuse, gone, "out_of_scope", ""); err != nil {
		t.Fatal(err)
	}
	if err := h.Cases.Erase(t.Context(), actor.Actor{Channel: "web"}, gone); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "copy.db")
	if err := h.DB.Backup(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil { // the write-ahead log goes into the file
		t.Fatal(err)
	}
	for _, file := range []string{h.Config.store(), other} {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(body, kept) {
			t.Fatalf("%s does not hold what was not erased: the looking is wrong", filepath.Base(file))
		}
		if bytes.Contains(body, erased) {
			t.Errorf("what somebody had erased is still in %s, sealed", filepath.Base(file))
		}
	}
}

func sealOf(t *testing.T, h *House, c cases.CaseID) (b []byte) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		b, err = db.One(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT private FROM cases_case WHERE id = ?1`, c)
		return err
	})
	if err != nil || len(b) < 40 {
		t.Fatalf("%d bytes are sealed: %v", len(b), err)
	}
	return b
}

func sealedIn(t *testing.T, h *House, c cases.CaseID) (n int64) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(tx, db.Int, `SELECT COALESCE(LENGTH(private), 0) FROM cases_case WHERE id = ?1`, c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestARestoreOfSomethingElseThanACopyTouchesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("not a copy of a house\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	for _, from := range []string{file, filepath.Join(dir, "nothing")} {
		said, code := twiza(t, "restore", "--data", data, from)
		if code != exitBroke {
			t.Errorf("%s: exit %d: %s", filepath.Base(from), code, said)
		}
		if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a refused restore made a house", filepath.Base(from))
		}
	}
}

func TestTheMasterKeyTurnsOverWhileRequestsComeIn(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "", clock.System{}, proxied)
	handler := h.Handler()
	copied := filepath.Join(t.TempDir(), "before.db")
	first := newPlea(0)
	askFor(t, handler, first)
	if said, code := twiza(t, "backup", "--data", h.Config.Data, "--key", h.Config.Key, copied); code != exitOK {
		t.Fatalf("backup: exit %d: %s", code, said)
	}
	old, err := os.ReadFile(h.Config.Key)
	if err != nil {
		t.Fatal(err)
	}

	enough := busy(t, handler)
	time.Sleep(100 * time.Millisecond)
	said, code := twiza(t, "key", "rotate", "--data", h.Config.Data, "--key", h.Config.Key)
	time.Sleep(100 * time.Millisecond)
	all := append(enough(), first)
	if code != exitOK {
		t.Fatalf("key rotate: exit %d: %s", code, said)
	}
	text, err := os.ReadFile(h.Config.Key)
	if err != nil || !bytes.HasSuffix(text, old[len(old)-len(masterKey)-1:]) || len(text) <= len(old) {
		t.Fatalf("the key file does not hold the new key on top of the old one: %v", err)
	}
	if said, code := twiza(t, "check", "--data", h.Config.Data, "--key", h.Config.Key); code != exitOK {
		t.Errorf("after the turn the house is not sound: exit %d: %s", code, said)
	}
	other := openHouse(t, "", clock.System{}, func(c *Config) { c.Data, c.Key = h.Config.Data, h.Config.Key })
	staff := dispatcher(somebody(t, other, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
	for _, p := range all {
		told, err := other.Cases.Reveal(t.Context(), staff, opens(t, other, p), "call")
		if err != nil {
			t.Fatal(err)
		}
		if words := p.in["answers"].(map[string]any)["words"]; told.Answers.Text("words") != words {
			t.Fatalf("%q was sealed as %q", words, told.Answers.Text("words"))
		}
	}

	alone := filepath.Join(t.TempDir(), "old.key")
	if err := os.WriteFile(alone, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, code := twiza(t, "check", "--data", h.Config.Data, "--key", alone); code != exitBroke {
		t.Errorf("the old key alone still opens the house: exit %d: %s", code, said)
	}
	elsewhere := filepath.Join(t.TempDir(), "restored")
	if said, code := twiza(t, "restore", "--data", elsewhere, "--key", h.Config.Key, copied); code != exitOK {
		t.Errorf("a copy of before the turn does not open any more: exit %d: %s", code, said)
	}
}

// planted is what must be found nowhere outside the seal.
var planted = map[string]string{
	"phone":            "661903275",
	"own words":        "Planted: the door behind the mill",
	"a name":           "Zoubida Tamplantit",
	"a chosen word":    "amplantword",
	"words for where":  "planted lane by the well",
	"words in Arabic":  "المغروس خلف الطاحونة",
	"a draft":          "Planted draft words",
	"a concern":        "Planted: he is alone in the yard",
	"a complaint":      "Planted: they asked for money",
	"a note":           "Planted: call after the prayer",
	"a reason to stop": "Planted: went to her sister",
	"a row of a file":  "Planted row of a file",
	"a wrong row":      "Planted wrong row",
}

func TestNothingThatIsKeptTellsAPhoneANameOwnWordsOrTheMasterKey(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, dsn string) {
		dir := t.TempDir()
		c := Config{Data: filepath.Join(dir, "data"), Key: filepath.Join(dir, "outside.key"), Country: "ma", Proxied: true}
		if strings.HasPrefix(dsn, "postgres") {
			c.DB = dsn
		}
		if err := errors.Join(os.WriteFile(c.Key, []byte(masterKey+"\n"), 0o600), c.settle()); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		h, err := Open(t.Context(), c, clock.System{}, slog.New(slog.NewJSONHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		plant(t, h)
		if err := h.Deeds.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		places := map[string][]byte{"the log": log.Bytes()}
		if c.DB != "" {
			for table, rows := range everyRow(t, h) {
				places["the table "+table] = rows
			}
		} else {
			file := filepath.Join(dir, "data", "copy.db")
			if err := h.DB.Backup(t.Context(), file); err != nil {
				t.Fatal(err)
			}
		}
		readAll(t, c.Data, places) // while the house is open: the write-ahead log is there too
		if erasures, err := os.ReadFile(c.Journal); err == nil {
			places["the record of erasures"] = erasures
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		secret, err := base64.StdEncoding.DecodeString(strings.Fields(masterKey)[1])
		if err != nil {
			t.Fatal(err)
		}
		unwanted := map[string]string{"the master key": string(secret), "the master key as text": strings.Fields(masterKey)[1]}
		for what, text := range planted {
			unwanted[what] = text
		}
		seen := 0
		for place, kept := range places {
			seen += len(kept)
			for what, text := range unwanted {
				if holds(kept, text) {
					t.Errorf("%s tells %s in clear", place, what)
				}
			}
		}
		if seen < 50_000 || !sawReceipts(places) {
			t.Errorf("only %d bytes were looked at, or not those that hold the requests: the looking is wrong", seen)
		}
	})
}

// holds tells whether text stands in kept: as bytes, as the hexadecimal that
// PostgreSQL shows, as base64, or escaped as JSON escapes.
func holds(kept []byte, text string) bool {
	escaped, _ := json.Marshal(text) // a string cannot fail
	for _, way := range []string{text, hex.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text)), strings.Trim(string(escaped), `"`), url.QueryEscape(text)} {
		if bytes.Contains(kept, []byte(way)) {
			return true
		}
	}
	return false
}

// sawReceipts makes sure that the looking looks where requests are kept: what
// may be in clear, the code of their place, is found.
func sawReceipts(places map[string][]byte) bool {
	for _, kept := range places {
		if bytes.Contains(kept, []byte("cases.case.ask")) && bytes.Contains(kept, []byte("07.041.07.07")) {
			return true
		}
	}
	return false
}

// plant says each planted thing where people say such things.
func plant(t *testing.T, h *House) {
	t.Helper()
	handler := h.Handler()
	ask := func(more map[string]any) *plea {
		p := newPlea(0)
		answers := p.in["answers"].(map[string]any)
		answers["phone"], p.word = "0"+planted["phone"], planted["phone"][5:]
		for k, v := range more {
			answers[k] = v
		}
		askFor(t, handler, p)
		return p
	}
	own := ask(map[string]any{"words": planted["own words"] + " " + planted["words in Arabic"], "name": planted["a name"]})
	ask(map[string]any{"where": map[string]any{"text": planted["words for where"], "code": "07.041.07.07"}})
	ask(map[string]any{"phone": "", "secret": planted["a chosen word"]})
	ask(map[string]any{"fragile": []string{"child_alone"}, "words": planted["a concern"]})

	draft := id.New[cases.Draft](clock.System{}.Now()).String()
	form := url.Values{"people": {"3"}, "words": {planted["a draft"]}}
	if w := send(handler, "/fr/help/crisis_help/"+draft+"/people", "application/x-www-form-urlencoded", form.Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("a step of the form: %d %s", w.Code, w.Body)
	}

	cid := opens(t, h, own)
	account := somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher})
	staff := dispatcher(account)
	ctx := t.Context()
	_, _, err := h.Cases.Complain(ctx, cid, id.New[cases.Complaint](clock.System{}.Now()), "asked_for_money", planted["a complaint"], "fr")
	if err == nil {
		err = h.Cases.Contact(ctx, staff, cid, "reached", planted["a note"])
	}
	if err == nil {
		_, err = h.Cases.Reveal(ctx, staff, cid, "call")
	}
	if err == nil {
		err = h.Cases.End(ctx, staff, cases.DeedRefuse, cid, "out_of_scope", planted["a reason to stop"])
	}
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.People.Session(ctx, System("test"), account)
	if err != nil {
		t.Fatal(err)
	}
	plantFile(t, handler, token)
}

// plantFile uploads a file, of which one row is wrong, and takes it in.
func plantFile(t *testing.T, handler http.Handler, token string) {
	t.Helper()
	file := "id,need,where,people,phone,words\n" +
		"a1,food,Ijoukak,3,0" + planted["phone"] + "," + planted["a row of a file"] + "\n" +
		"a2,food,,many,," + planted["a wrong row"] + "\n"
	w := upload(handler, "/fr/import", token, "people.csv", file)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("uploading: %d %s", w.Code, w.Body)
	}
	w = send(handler, w.Header().Get("Location"), "application/x-www-form-urlencoded",
		url.Values{"id": {"id"}, "q.need": {"need"}, "q.where": {"where"}, "q.people": {"people"}, "q.phone": {"phone"}, "q.words": {"words"}}.Encode(), "Cookie", "session="+token)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "errors.csv") {
		t.Fatalf("taking the file in: %d %s", w.Code, w.Body)
	}
}

func upload(handler http.Handler, path, token, name, body string) *httptest.ResponseRecorder {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, body)
	}
	if err = errors.Join(err, m.Close()); err != nil {
		panic(err) // a buffer takes everything
	}
	return send(handler, path, m.FormDataContentType(), b.String(), "Cookie", "session="+token)
}

func readAll(t *testing.T, dir string, into map[string][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		into[e.Name()] = body
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // under PostgreSQL there is no data folder
		t.Fatal(err)
	}
}

// everyRow is every row of every table, as PostgreSQL writes them.
func everyRow(t *testing.T, h *House) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := h.DB.Read(t.Context(), func(tx *db.Tx) error {
		tables, err := db.List(tx, db.Text, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
		for _, table := range tables {
			rows, err := db.List(tx, db.Text, `SELECT x::text FROM `+table+` x`)
			if err != nil {
				return err
			}
			all[table] = []byte(strings.Join(rows, "\n"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
