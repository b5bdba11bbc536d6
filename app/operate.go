package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ship"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/service"
)

// check reads everything that always holds, and names what does not.
func check(ctx context.Context, e *env, args []string) error {
	var c Config
	if _, err := parse(flags(e, "check", "read the journal's chain and every invariant", &c), args, &c); err != nil {
		return err
	}
	h, err := quiet(ctx, c, e)
	if err != nil {
		return err
	}
	defer h.Close()
	found, err := h.Checks(ctx, e.out)
	if err != nil {
		return err
	}
	if found > 0 {
		fmt.Fprintf(e.out, "%d found wrong\n", found)
		return errFound
	}
	fmt.Fprintln(e.out, "clean")
	return nil
}

func backup(ctx context.Context, e *env, args []string) error {
	var c Config
	f := flags(e, "backup", "copy the SQLite store to FILE while the house goes on; the master key is not in it", &c)
	rest, err := parse(f, args, &c)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usage{"backup needs one FILE to write"}
	}
	h, err := quiet(ctx, c, e)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := h.DB.Backup(ctx, rest[0]); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s holds everything but the master key (%s). Every page of it was read back.\n", rest[0], c.Key)
	return nil
}

// restore puts a copy in place of nothing, erases again what was erased since
// it was made, and checks it whole.
func restore(ctx context.Context, e *env, args []string) error {
	var c Config
	var s source
	f := flags(e, "restore", "put a copy into an empty data folder, replay erasures, check", &c)
	s.flags(e, f)
	rest, err := parse(f, args, &c)
	if err != nil {
		return err
	}
	switch {
	case s.from == "" && (len(rest) != 1 || s.at != ""):
		return usage{"restore needs one FILE to read, or --from PLACE"}
	case s.from != "" && len(rest) > 0:
		return usage{"restore reads one FILE or --from PLACE, not both"}
	case c.DB != "":
		return usage{"restore puts back an SQLite store; for PostgreSQL use scripts/pg-restore.sh, then twiza check"}
	}
	if _, err := os.Stat(c.store()); err == nil {
		return fmt.Errorf("%s is there already; move it away first, so that nothing is lost", c.store())
	}
	if err := s.bring(ctx, e, rest, c); err != nil {
		return err
	}
	h, err := quiet(ctx, c, e)
	if err != nil { // most often the wrong key: the folder stays as empty as it was, so that one may try again
		for _, end := range []string{"", "-wal", "-shm"} {
			os.Remove(c.store() + end)
		}
		return err
	}
	defer h.Close()
	n, err := h.replay(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Restored. %d erasures replayed.\n", n)
	found, err := h.Checks(ctx, e.out)
	if err == nil && found > 0 {
		err = errFound
	}
	return err
}

// bring puts the copy where the store will be: a file, or what is at a place.
func (s *source) bring(ctx context.Context, e *env, files []string, c Config) error {
	if s.from == "" {
		if err := db.Sound(ctx, files[0]); err != nil {
			return err
		}
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return err
		}
		return copyFile(files[0], c.store())
	}
	place, keys, at, err := s.open(e)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	r, err := ship.Restore(ctx, place, keys, at, c.store())
	if err == nil {
		err = db.Sound(ctx, c.store())
	}
	if err != nil {
		os.Remove(c.store())
		os.Remove(c.Data) // it stays as it was, when it was empty
		return err
	}
	fmt.Fprintf(e.out, "The state of %s, from %d files.\n", r.Moment.Local().Format(time.RFC3339), r.Files)
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// appendErasure writes one line: which case, when. It names nobody.
func appendErasure(path string, c cases.CaseID, at time.Time) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("writing the erasure down: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s %s\n", c, at.UTC().Format(time.RFC3339Nano))
	return errors.Join(err, f.Sync(), f.Close())
}

func readErasures(path string) (all map[cases.CaseID]time.Time, err error) {
	all = map[cases.CaseID]time.Time{}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for line := 1; s.Scan(); line++ {
		c, at, err := readErasure(s.Text())
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s:%d: %w", filepath.Base(path), line, err)
		case !c.IsZero():
			all[c] = at
		}
	}
	return all, s.Err()
}

// readErasure reads one line; an empty one is nobody's.
func readErasure(line string) (c cases.CaseID, at time.Time, err error) {
	who, when, _ := strings.Cut(strings.TrimSpace(line), " ")
	if who == "" || strings.HasPrefix(who, forgottenMark) { // a volunteer's is for replayForgotten to read
		return c, at, nil
	}
	c, err1 := id.Parse[cases.Case](who)
	at, err2 := time.Parse(time.RFC3339Nano, when)
	return c, at, errors.Join(err1, err2)
}

// mendErasures takes away the last line where a crash cut it short: the store
// knows what it meant, and replay writes it again. A whole line that lacks its
// end alone gets it.
func mendErasures(path string) error {
	body, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || len(body) == 0 || err == nil && bytes.HasSuffix(body, []byte("\n")) {
		return nil
	}
	if err != nil {
		return err
	}
	start := bytes.LastIndexByte(body, '\n') + 1
	if c, at, err := readErasure(string(body[start:])); err == nil && !c.IsZero() {
		if err := os.Truncate(path, int64(start)); err != nil {
			return err
		}
		return appendErasure(path, c, at)
	}
	return os.Truncate(path, int64(start))
}

// replay makes store and erasure file agree, each way: what the file has is
// erased in the store, and what the store erased is in the file.
func (h *House) replay(ctx context.Context) (n int, err error) {
	if err := mendErasures(h.Config.Journal); err != nil {
		return 0, err
	}
	written, err := readErasures(h.Config.Journal)
	if err != nil {
		return 0, err
	}
	gone, err := h.Cases.Erased(ctx)
	if err != nil {
		return 0, err
	}
	for c, at := range written {
		if _, ok := gone[c]; !ok {
			did, err := h.Cases.Replay(ctx, c, at)
			if err != nil {
				return n, err
			}
			if did {
				n++
			}
		}
	}
	for c, at := range gone {
		if _, ok := written[c]; !ok {
			if err := h.writeErasure(c, at); err != nil {
				return n, err
			}
		}
	}
	volunteers, err := h.replayForgotten(ctx)
	return n + volunteers, err
}

// key rotates the master key: a new one on top, all data keys wrapped again,
// while the house goes on working.
func key(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 && args[0] == "backup" {
		return keyBackup(e, args[1:])
	}
	var c Config
	rest, err := parse(flags(e, "key rotate", "a new master key on top", &c), drop(args, "rotate"), &c)
	if err != nil {
		return err
	}
	if len(args) == 0 || args[0] != "rotate" || len(rest) != 0 {
		return usage{"say: twiza key rotate, or twiza key backup SECRET PUBLIC"}
	}
	if c.KeyText != "" {
		return usage{"a key given in TWIZA_MASTER_KEY is rotated by putting a new first line in it and starting again"}
	}
	h, err := quiet(ctx, c, e)
	if err != nil {
		return err
	}
	defer h.Close()
	k := crypt.NewMaster()
	if err := h.Vault.RotateMaster(ctx, k); err != nil {
		return err
	}
	if err := h.Vault.RotateField(ctx); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Master key %s is on top of %s. Copy the file again to its safe place.\n", k.ID, c.Key)
	return nil
}

func drop(args []string, first string) []string {
	if len(args) > 0 && args[0] == first {
		return args[1:]
	}
	return args
}

// pack reads a pack as the house would, and says what is wrong with it.
func pack(_ context.Context, e *env, args []string) error {
	if askedForHelp(args) {
		return explain(e, "pack", "read a pack as the house would")
	}
	if len(args) != 2 || args[0] != "check" && args[0] != "learn" {
		return usage{"say: twiza pack check DIR, or twiza pack learn DIR"}
	}
	if s, err := os.Stat(args[1]); err != nil || !s.IsDir() {
		return fmt.Errorf("%s is not a folder", args[1])
	}
	if args[0] == "learn" {
		return learn(e, args[1])
	}
	findings := service.Check(args[1])
	for _, f := range findings {
		fmt.Fprintln(e.out, f)
	}
	if len(findings) > 0 {
		fmt.Fprintf(e.out, "%d found wrong\n", len(findings))
		return errFound
	}
	fmt.Fprintln(e.out, "clean")
	return nil
}

func importCommand(ctx context.Context, e *env, args []string) error {
	if len(args) == 0 {
		return usage{"say: twiza import requests FILE, or twiza import outlines FILE.geojson"}
	}
	about, known := map[string]string{"requests": "bring requests for help in from a sheet, a survey or a chat", "outlines": "bring finer borders in"}[args[0]]
	switch {
	case !known && askedForHelp(args[:1]):
		return explain(e, "import", "bring a file in")
	case !known:
		return usage{"import knows requests and outlines, not " + args[0]}
	}
	var c Config
	f := flags(e, "import "+args[0], about, &c)
	rest, err := parse(f, args[1:], &c)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usage{"import " + args[0] + " needs one FILE"}
	}
	body, err := os.ReadFile(rest[0])
	if err != nil {
		return err
	}
	h, err := quiet(ctx, c, e)
	if err != nil {
		return err
	}
	defer h.Close()
	if args[0] == "outlines" {
		return h.importOutlines(ctx, e, body)
	}
	return h.importRequests(ctx, e, rest[0], body)
}

func (h *House) importRequests(ctx context.Context, e *env, name string, body []byte) error {
	say := func(err error) string { return h.sentence(err) }
	done, failed, err := h.Intake.TakeFile(ctx, System("import"), body, say)
	if err != nil {
		if fault.KindOf(err) != fault.Internal {
			return errors.New(say(err))
		}
		return err
	}
	if done.Chat {
		fmt.Fprintf(e.out, "%d messages: %d wait for a person (/triage), %d say nothing, %d known already.\n", done.Rows, done.Added, done.Aside, done.Again)
		return nil
	}
	fmt.Fprintf(e.out, "%d rows: %d taken in, %d known already, %d wrong", done.Rows, done.Added, done.Again, len(done.Failed))
	if done.Restricted > 0 {
		fmt.Fprintf(e.out, ", %d of them for the trained people alone", done.Restricted)
	}
	fmt.Fprintln(e.out, ".")
	if len(failed) == 0 {
		return nil
	}
	out := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) + ".errors.csv" // here, not among somebody's data
	if err := os.WriteFile(out, failed, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "The wrong rows are in %s, each with its reason.\n", out)
	return errFound
}

// sentence is an error in English, for a terminal.
func (h *House) sentence(err error) string {
	p := h.Site.Cat.For(i18n.EN, h.Site.Zone)
	if all, ok := errors.AsType[fault.All](err); ok {
		var out []string
		for _, f := range all {
			out = append(out, f.Field+": "+p.Text(f.Key, web.Pairs(f.Args)...))
		}
		return strings.Join(out, "; ")
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return p.Text(f.Key, web.Pairs(f.Args)...)
	}
	return err.Error()
}
