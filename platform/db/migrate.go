package db

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"strings"
)

// Migrate brings one module's tables up to date from its schema/*.sql files.
// Files are applied once, in the order of their names; one that was edited
// after it was applied is an error, not a surprise.
func (d *DB) Migrate(ctx context.Context, module string, files fs.FS) error {
	if err := d.Write(ctx, func(t *Tx) error {
		_, err := t.Exec(d.engine.schema(`CREATE TABLE IF NOT EXISTS schema_applied (
			module {{text}} NOT NULL, file {{text}} NOT NULL, sum {{text}} NOT NULL, at {{time}} NOT NULL,
			PRIMARY KEY (module, file)) {{table}}`))
		return err
	}); err != nil {
		return err
	}
	names, err := fs.Glob(files, "schema/*.sql")
	if err != nil {
		return err
	}
	for _, name := range names { // Glob sorts
		body, err := fs.ReadFile(files, name)
		if err == nil {
			err = d.Write(ctx, func(t *Tx) error { return t.apply(module, name, string(body)) })
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", module, name, err)
		}
	}
	return nil
}

func (t *Tx) apply(module, name, body string) error {
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(body)))
	was, err := List(t, Text, `SELECT sum FROM schema_applied WHERE module = ?1 AND file = ?2`, module, name)
	switch {
	case err != nil:
		return err
	case len(was) == 1 && was[0] != sum:
		return fmt.Errorf("was changed after it was applied")
	case len(was) == 1:
		return nil
	}
	t.wrote = true
	for _, stmt := range t.engine.statements(body) {
		if _, err := t.q.ExecContext(t.ctx, stmt); err != nil {
			return fmt.Errorf("%w in:\n%s", err, stmt)
		}
	}
	_, err = t.Exec(`INSERT INTO schema_applied (module, file, sum, at) VALUES (?1, ?2, ?3, ?4)`, module, name, sum, t.Now())
	return err
}

// statements splits a schema file at lines that end in ';' (a trigger's body
// ends its inner lines in '; --'), drops what is marked for the other engine
// ("-- only: postgres" above a statement), and spells out the types.
func (e engine) statements(body string) []string {
	other := "-- only: " + engine(1-e).String()
	var out []string
	for _, s := range strings.SplitAfter(body, ";\n") {
		if strings.Contains(s, other) || strings.TrimSpace(s) == "" {
			continue
		}
		out = append(out, e.schema(s))
	}
	return out
}
