package app

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

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
	model.Engines(t, func(t *testing.T, dsn string) {
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
