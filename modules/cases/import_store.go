package cases

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

func (o *Office) keepImport(ctx context.Context, by actor.Actor, iid ImportID, name string, m Mapping, body []byte, rows int) error {
	about, err := o.sealAbout(iid, cut(name, 120), m)
	if err != nil {
		return err
	}
	sealed := o.vault.Seal("cases_import.body|"+iid.String(), body)
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO cases_import (id, name, service, mapping, sealed, body, state, rows, added, again, failed, account, made_at)
			VALUES (?1, '', ?2, '', ?3, ?4, 'preview', ?5, 0, 0, 0, ?6, ?7)`, iid, m.Service, about, sealed, rows, by.Account, t.Now())
		return err
	})
}

// about is what is known of a file besides its rows. Names of files and of
// columns name people too: "Aicha.csv".
type about struct {
	Name    string  `json:"name"`
	Mapping Mapping `json:"mapping"`
}

func (o *Office) sealAbout(iid ImportID, name string, m Mapping) ([]byte, error) {
	plain, err := json.Marshal(about{name, m})
	if err != nil {
		return nil, err
	}
	return o.vault.Seal("cases_import.sealed|"+iid.String(), plain), nil
}

func (o *Office) openAbout(iid ImportID, sealed []byte) (a about, err error) {
	plain, err := o.vault.Open("cases_import.sealed|"+iid.String(), sealed)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(plain, &a)
}

func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

// mappingFor finds how these columns are read: as remembered for the same
// heads, else by a mapping of the pack that fits, else by names that agree.
func (o *Office) mappingFor(ctx context.Context, t Table) (m Mapping, err error) {
	var kept [][]byte
	where := o.headsKey(t.Heads)
	err = o.h.DB.Read(ctx, func(tx *db.Tx) error {
		kept, err = db.List(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT sealed FROM cases_reading WHERE key = ?1`, where)
		return err
	})
	if err != nil {
		return m, err
	}
	if len(kept) == 1 {
		plain, err := o.vault.Open(readingAt(where), kept[0])
		if err != nil {
			return m, err
		}
		return m, json.Unmarshal(plain, &m)
	}
	for _, m := range o.mappings {
		if m.Fits(t) {
			return m, nil
		}
	}
	return o.guess(t), nil
}

// headsKey is what the same heads are known again by; it tells nobody what
// they are.
func (o *Office) headsKey(heads []string) string {
	return hex.EncodeToString(o.vault.Index("import heads", strings.Join(heads, "\x1f")))
}

func readingAt(key string) string { return "cases_reading.sealed|" + key }

// guess takes columns that are called like our questions.
func (o *Office) guess(t Table) Mapping {
	m := Mapping{Code: "file", Columns: map[string]Column{}, ID: t.Heads[0]}
	if len(o.services.All()) > 0 {
		m.Service = o.services.All()[0].Code
	}
	def, err := o.current(m.Service)
	if err != nil {
		return m
	}
	for _, q := range def.Form.Questions {
		for _, h := range t.Heads {
			if q.Asks() && strings.EqualFold(h, q.Name) {
				m.Columns[q.Name] = columnOf(def.Bind.Place == q.Name, h)
			}
		}
	}
	return m
}

func columnOf(place bool, head string) Column {
	if place {
		return Column{Text: []string{head}}
	}
	return Column{From: []string{head}, Split: "|"}
}

type kept struct {
	name, state  string
	about, whole []byte // sealed
	rows         int
}

// readImport opens a file that waits to be taken in, for whoever brought it:
// it is full of names, and nobody else's.
func (o *Office) readImport(ctx context.Context, by actor.Actor, iid ImportID) (k kept, m Mapping, t Table, err error) {
	err = o.h.DB.Read(ctx, func(tx *db.Tx) error {
		k, err = db.One(tx, func(r db.Row) (k kept, err error) {
			return k, r.Scan(&k.about, &k.state, &k.whole, &k.rows)
		},
			`SELECT sealed, state, body, rows FROM cases_import WHERE id = ?1 AND account = ?2`, iid, by.Account)
		return err
	})
	if err != nil {
		return k, m, t, err
	}
	a, err := o.openAbout(iid, k.about)
	k.name, m = a.Name, a.Mapping
	if err != nil || len(k.whole) == 0 {
		return k, m, t, err
	}
	body, err := o.vault.Open("cases_import.body|"+iid.String(), k.whole)
	if err == nil {
		t, err = ReadTable(body)
	}
	return k, m, t, err
}

func (o *Office) keepMapping(ctx context.Context, iid ImportID, name string, m Mapping, t Table) error {
	about, err := o.sealAbout(iid, name, m)
	if err != nil {
		return err
	}
	return o.h.DB.Write(ctx, func(tx *db.Tx) error {
		err := o.remember(tx, o.headsKey(t.Heads), m)
		if err == nil {
			_, err = tx.Exec(`UPDATE cases_import SET sealed = ?1 WHERE id = ?2`, about, iid)
		}
		return err
	})
}

// remember keeps how columns with these heads are read.
func (o *Office) remember(tx *db.Tx, key string, m Mapping) error {
	plain, err := json.Marshal(m)
	if err == nil {
		_, err = tx.Exec(`INSERT INTO cases_reading (key, sealed, at) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET sealed = ?2, at = ?3`,
			key, o.vault.Seal(readingAt(key), plain), tx.Now())
	}
	return err
}

// SealImports moves what the first release kept in clear about files to where
// it is sealed. The house does it at its start and every hour; there is
// nothing to do after the first time.
func (o *Office) SealImports(ctx context.Context) error {
	return o.h.DB.Write(ctx, func(tx *db.Tx) error {
		type row struct{ key, name, mapping string }
		scan := func(r db.Row) (x row, err error) { return x, r.Scan(&x.key, &x.name, &x.mapping) }
		files, err := db.List(tx, scan, `SELECT id, name, mapping FROM cases_import WHERE sealed IS NULL`)
		if err != nil {
			return err
		}
		for _, x := range files {
			var m Mapping
			iid, err := id.Parse[importKind](x.key)
			if err == nil {
				err = json.Unmarshal([]byte(x.mapping), &m)
			}
			if err != nil {
				return err
			}
			sealed, err := o.sealAbout(iid, x.name, m)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE cases_import SET sealed = ?1, name = '', mapping = '' WHERE id = ?2`, sealed, iid); err != nil {
				return err
			}
		}
		old, err := db.List(tx, scan, `SELECT heads, '', mapping FROM cases_mapping`)
		for _, x := range old {
			var m Mapping
			if err := json.Unmarshal([]byte(x.mapping), &m); err != nil {
				return err
			}
			if heads := strings.Split(x.key, "\x1f"); headless(heads) == nil { // a person's row is forgotten
				if err := o.remember(tx, o.headsKey(heads), m); err != nil {
					return err
				}
			}
		}
		if err == nil && len(old) > 0 {
			_, err = tx.Exec(`DELETE FROM cases_mapping`)
		}
		return err
	})
}

// finishImport forgets the file, and keeps the rows that failed for their owner.
func (o *Office) finishImport(c *web.Ctx, iid ImportID, t Table, done Taken) error {
	var sealed []byte
	if len(done.Failed) > 0 {
		sealed = o.vault.Seal("cases_import.errors|"+iid.String(), o.ErrorFile(c, t, done.Failed))
	}
	return o.h.DB.Write(c.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE cases_import SET state = 'done', body = NULL, added = ?1, again = ?2, failed = ?3, errors = ?4, done_at = ?5 WHERE id = ?6`,
			done.Added, done.Again, len(done.Failed), sealed, tx.Now(), iid)
		return err
	})
}

// ErrorFile is the reader's own rows that failed, with one more column that
// says why, so that they can be mended and brought in again.
func (o *Office) ErrorFile(c *web.Ctx, t Table, failed []RowError) []byte {
	say := func(err error) string {
		errs, _ := c.FieldErrors(err)
		var all []string
		for _, e := range errs {
			all = append(all, e.Field+": "+stripTags(string(e.Text)))
		}
		return strings.Join(all, "; ")
	}
	return errorFile(t, failed, c.P.Text("cases.import.why"), say)
}

func errorFile(t Table, failed []RowError, head string, say func(error) string) []byte {
	var b bytes.Buffer
	b.WriteString("\xef\xbb\xbf")
	w := csv.NewWriter(&b)
	w.Write(append(safeCells(slices.Clone(t.Heads)), head))
	for _, f := range failed {
		row := make([]string, len(t.Heads))
		copy(row, t.Rows[f.Line-2])
		w.Write(append(safeCells(row), strconv.Itoa(f.Line)+": "+say(f.Err)))
	}
	w.Flush()
	return b.Bytes()
}

// safeCells keeps a spreadsheet from running what somebody wrote (CWE-1236).
func safeCells(row []string) []string {
	for i, s := range row {
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			row[i] = "'" + s
		}
	}
	return row
}

func stripTags(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// TakeFile is the command line's way in: read, map, take, and write the rows
// that failed.
func (o *Office) TakeFile(ctx context.Context, by actor.Actor, body []byte, say func(error) string) (Taken, []byte, error) {
	t, err := ReadTable(body)
	if err != nil {
		return Taken{}, nil, err
	}
	m, err := o.mappingFor(ctx, t)
	if err != nil {
		return Taken{}, nil, err
	}
	if !m.Fits(t) {
		return Taken{}, nil, errors.New("no mapping fits this file's columns; bring it in by the page, which asks how to read them")
	}
	done, err := o.Import(ctx, by, m, t)
	if err != nil || len(done.Failed) == 0 {
		return done, nil, err
	}
	return done, errorFile(t, done.Failed, "why", say), nil
}
