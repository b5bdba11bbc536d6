package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// Checks are the invariants of every module, and the journal's chain. Each
// finding goes to say; the count comes back.
func (h *House) Checks(ctx context.Context, say io.Writer) (found int, err error) {
	wrong, err := h.Findings(ctx, say)
	return len(wrong), err
}

// Findings are what Checks counts, and what it says of each.
func (h *House) Findings(ctx context.Context, say io.Writer) (wrong []string, err error) {
	find := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		wrong = append(wrong, line)
		fmt.Fprintln(say, line)
	}
	v, err := deed.Verify(ctx, h.DB)
	if err != nil {
		return wrong, err
	}
	if v.Broken != "" {
		find("journal: %s", v.Broken)
	}
	fmt.Fprintf(say, "journal: %d lines sealed, %d not yet\n", v.Sealed, v.Unsealed)
	if v.Back > 0 {
		fmt.Fprintf(say, "journal: at %d lines the clock had been put back; their order is that of their numbers\n", v.Back)
	}
	if err := h.Vault.Check(ctx); err != nil {
		find("keys: %v", err)
	}
	stale, err := h.Vault.StaleIn(ctx, h.sealedColumns())
	if err != nil {
		return wrong, err
	}
	saySpool(say, filepath.Join(h.Config.Data, "spool"))
	fmt.Fprintf(say, "keys: %d values sealed with an older data key\n", stale)
	kept, err := h.Cases.KeptAtAll(ctx)
	if err != nil {
		return wrong, err
	}
	fmt.Fprintf(say, "kept: %s\n", kept)
	for _, c := range kept.Late {
		find("kept: the person of case %s should have been forgotten days ago", c)
	}
	for _, m := range h.Modules {
		for _, k := range m.Checks {
			var bad []string
			err := h.DB.Read(ctx, func(t *db.Tx) (err error) { bad, err = k.Find(t); return err })
			if err != nil {
				return wrong, errors.Join(fmt.Errorf("%s: %s", m.Name, k.Name), err)
			}
			for _, b := range bad {
				find("%s: not so: %s: %s", m.Name, k.Name, b)
			}
		}
	}
	return wrong, nil
}
