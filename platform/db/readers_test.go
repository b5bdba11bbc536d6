package db

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestReadersThatAllAskSomethingNewDoNotWaitForEachOtherForEver(t *testing.T) {
	each(t, func(t *testing.T, d *DB) {
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		many := 3 * readers
		var inside, all sync.WaitGroup
		inside.Add(readers) // as many as can be inside at once
		over := make(chan error, many)
		for i := range many {
			all.Go(func() {
				over <- d.Read(ctx, func(tx *Tx) error {
					if i < readers {
						inside.Done()
						inside.Wait()
					}
					_, err := List(tx, Int, fmt.Sprintf(`SELECT %d FROM shelf`, i))
					return err
				})
			})
			if i == readers-1 {
				inside.Wait()
			}
		}
		for range many {
			select {
			case err := <-over:
				if err != nil {
					t.Error(err)
				}
			case <-ctx.Done():
				t.Fatal("readers wait for each other")
			}
		}
		all.Wait()
	})
}
