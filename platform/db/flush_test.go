package db

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What a crowded unit of work wrote is on the disk when Write returns, and others are
// let on before.
func TestWhatACrowdWritesIsOnTheDiskWhenItIsTold(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		one := "crowded"
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(d.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES (?1, 0)`, one); return err }))
		var all sync.WaitGroup
		var told atomic.Int64
		for i := range 16 {
			all.Go(func() {
				for range 10 {
					var written string
					err := d.Write(t.Context(), func(tx *Tx) error {
						if err := tx.Crowded("shelf/crowded"); err != nil {
							return err
						}
						_, err := tx.Exec(`UPDATE shelf SET n = n + 1 WHERE id = ?1`, one)
						if err == nil && tx.Postgres() {
							written, err = One(tx, Text, `SELECT CAST(pg_current_wal_insert_lsn() AS text)`)
						}
						return err
					})
					if err != nil {
						t.Error(i, err)
						return
					}
					told.Add(1)
					if written == "" {
						continue
					}
					err = d.Read(t.Context(), func(tx *Tx) error {
						ok, err := Has(tx, `SELECT 1 WHERE pg_current_wal_flush_lsn() >= CAST(CAST(?1 AS text) AS pg_lsn)`, written)
						if err == nil && !ok {
							return fmt.Errorf("what was written up to %s is not on the disk", written)
						}
						return err
					})
					if err != nil {
						t.Error(i, err)
					}
				}
			})
		}
		all.Wait()
		must(d.Read(t.Context(), func(tx *Tx) error {
			n, err := One(tx, Int, `SELECT n FROM shelf WHERE id = ?1`, one)
			if n != told.Load() || n != 160 {
				t.Errorf("%d were told and %d are there", told.Load(), n)
			}
			return err
		}))
	})
}

// One who has a turn waits for a row that the next one has locked: the next one does not
// wait for ever.
func TestATurnIsNoLockThatNobodyFindsOut(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		for _, id := range []string{"a", "b"} {
			if err := d.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec(`INSERT INTO shelf (id, n) VALUES (?1, 0)`, id); return err }); err != nil {
				t.Fatal(err)
			}
		}
		add := func(tx *Tx, id string) error {
			_, err := tx.Exec(`UPDATE shelf SET n = n + 1 WHERE id = ?1`, id)
			return err
		}
		inTurn, hasRow := make(chan struct{}), make(chan struct{})
		var one, two sync.Once
		var both sync.WaitGroup
		begun := time.Now()
		both.Go(func() {
			if err := d.Write(t.Context(), func(tx *Tx) error {
				if err := tx.Crowded("a"); err != nil {
					return err
				}
				one.Do(func() { close(inTurn) })
				if tx.Postgres() {
					<-hasRow
				}
				return add(tx, "b")
			}); err != nil {
				t.Error(err)
			}
		})
		<-inTurn
		both.Go(func() {
			if err := d.Write(t.Context(), func(tx *Tx) error {
				if err := add(tx, "b"); err != nil {
					return err
				}
				two.Do(func() { close(hasRow) })
				if err := tx.Crowded("a"); err != nil {
					return err
				}
				return add(tx, "a")
			}); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if lasted := time.Since(begun); lasted > 5*time.Second {
			t.Errorf("they stood still for %s", lasted)
		}
	})
}
