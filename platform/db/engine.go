package db

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedrv "modernc.org/sqlite"

	"github.com/twiza/twiza/base/fault"
)

type engine uint8

const (
	sqlite engine = iota
	postgres
)

func (e engine) String() string { return [...]string{"sqlite", "postgres"}[e] }

// types are the only words of a schema file that differ between engines.
// Times are whole microseconds since 1970 in both, so that one text compares them.
var types = map[string][2]string{ // word: {sqlite, postgres}
	"{{serial}}": {"INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"},
	"{{id}}":     {"TEXT", "TEXT"},
	"{{text}}":   {"TEXT", "TEXT"},
	"{{int}}":    {"INTEGER", "BIGINT"},
	"{{bool}}":   {"INTEGER", "BOOLEAN"},
	"{{real}}":   {"REAL", "DOUBLE PRECISION"},
	"{{time}}":   {"INTEGER", "BIGINT"},
	"{{bytes}}":  {"BLOB", "BYTEA"},
	"{{table}}":  {"STRICT", ""}, // after a CREATE TABLE's closing parenthesis
}

func (e engine) schema(s string) string {
	for word, t := range types {
		s = strings.ReplaceAll(s, word, t[e])
	}
	return s
}

// bind turns ?1 into $1 for PostgreSQL. A ? inside quotes stays.
func (e engine) bind(q string) string {
	if e == sqlite || !strings.Contains(q, "?") {
		return q
	}
	b, quoted := []byte(q), false
	for i, c := range b {
		switch {
		case c == '\'':
			quoted = !quoted
		case c == '?' && !quoted:
			b[i] = '$'
		}
	}
	return string(b)
}

// unnumbered leaves the numbers of ?1, ?2 … ?n away where they stand once each
// and in order, as in an INSERT: SQLite and its driver look each numbered one up
// by its name, among all the others.
func unnumbered(q string) string {
	out, quoted, last := make([]byte, 0, len(q)), false, 0
	for i := 0; i < len(q); i++ {
		c := q[i]
		out = append(out, c)
		switch {
		case c == '\'':
			quoted = !quoted
		case c == '?' && !quoted:
			n := 0
			for ; i+1 < len(q) && q[i+1] >= '0' && q[i+1] <= '9'; i++ {
				n = 10*n + int(q[i+1]-'0')
			}
			if last++; n != last {
				return q
			}
		}
	}
	return string(out)
}

// encode spells what database/sql cannot: a moment is microseconds, none is NULL.
func (e engine) encode(args []any) []any {
	for i, a := range args {
		if t, ok := a.(time.Time); ok {
			if args[i] = any(t.UnixMicro()); t.IsZero() {
				args[i] = nil
			}
		}
	}
	return args
}

// Time scans a moment; NULL is the zero time.
func Time(t *time.Time) any { return (*timeScan)(t) }

type timeScan time.Time

func (s *timeScan) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*s = timeScan{}
	case int64:
		*s = timeScan(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("db: cannot scan %T as a time", v)
	}
	return nil
}

// Opt scans a column that may be NULL into a plain value; NULL is its zero.
func Opt[T any](p *T) any { return &opt[T]{p} }

type opt[T any] struct{ p *T }

func (o *opt[T]) Scan(v any) error {
	if v == nil {
		var zero T
		*o.p = zero
		return nil
	}
	switch p := any(o.p).(type) {
	case *string:
		switch v := v.(type) {
		case string:
			*p = v
			return nil
		case []byte:
			*p = string(v)
			return nil
		}
	case *int64:
		if v, ok := v.(int64); ok {
			*p = v
			return nil
		}
	case *int:
		if v, ok := v.(int64); ok {
			*p = int(v)
			return nil
		}
	case *float64:
		if v, ok := v.(float64); ok {
			*p = v
			return nil
		}
	case *bool:
		switch v := v.(type) {
		case bool:
			*p = v
			return nil
		case int64:
			*p = v != 0
			return nil
		}
	}
	return fmt.Errorf("db: cannot scan %T into %T", v, o.p)
}

// OrNull stores a zero value as NULL.
func OrNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// explain turns the one complaint that people can cause, a duplicate, into a
// fault; the module says in its own words what was there twice.
func (e engine) explain(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "23505" {
		return &fault.Fault{Kind: fault.Conflict, Key: "error.exists", Cause: err}
	}
	if lite, ok := errors.AsType[*sqlitedrv.Error](err); ok && (lite.Code() == 2067 || lite.Code() == 1555) {
		return &fault.Fault{Kind: fault.Conflict, Key: "error.exists", Cause: err}
	}
	return err
}

// undone tells whether a failed statement left SQLite's transaction as it was
// before: a broken rule of the schema does, and a mistake in the statement; a
// full disk does not (sqlite.org/lang_transaction.html, 3).
func undone(err error) bool {
	lite, ok := errors.AsType[*sqlitedrv.Error](err)
	return !ok || lite.Code()&0xff == 19 || lite.Code()&0xff == 1 // SQLITE_CONSTRAINT, SQLITE_ERROR
}

// again tells whether a unit of work failed only because another was under
// way (PostgreSQL 40001 serialization failure, 40P01 deadlock).
func (e engine) again(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01")
}
