package db

import (
	"context"
	"database/sql"
	"fmt"
	"os"
)

// Backup writes a whole, consistent copy of an SQLite store to path while the
// house goes on working (VACUUM INTO), and proves it by opening the copy.
// PostgreSQL has pg_dump for this; see docs/operating.md.
func (d *DB) Backup(ctx context.Context, path string) error {
	if d.engine != sqlite {
		return fmt.Errorf("db: only an SQLite store is copied by this program; use pg_dump for PostgreSQL")
	}
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("db: %s is there already", path)
	}
	c, err := sql.Open("sqlite", "file:"+d.path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, `VACUUM INTO ?1`, path); err != nil {
		return fmt.Errorf("db: copying to %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return Sound(ctx, path)
}

// Sound opens a copy and lets SQLite read every page of it.
func Sound(ctx context.Context, path string) error {
	c, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer c.Close()
	var said string
	if err := c.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&said); err != nil {
		return fmt.Errorf("db: %s does not open: %w", path, err)
	}
	if said != "ok" {
		return fmt.Errorf("db: %s is damaged: %s", path, said)
	}
	return nil
}
