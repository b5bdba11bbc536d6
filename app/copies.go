package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/ship"
)

// Copies is what an operator decides about copies that leave while the house works.
type Copies struct {
	To     string // a folder, or s3://…
	Public string // file of the keys that seal them; never inside Data
	Secret string // file of the keys that open them; only restore and drill need it

	Every, Coarse, Whole time.Duration // between the three kinds of files
	Fine, Keep           time.Duration // how long they are kept
}

// flags of "serve"; those of restore and drill are fewer.
func (c *Copies) flags(e *env, f *flag.FlagSet) {
	every := func(to *time.Duration, name, variable string, usual time.Duration, about string) {
		if d, err := time.ParseDuration(e.getenv(variable)); err == nil {
			usual = d
		}
		f.DurationVar(to, name, usual, about)
	}
	f.StringVar(&c.To, "backup-to", e.getenv("TWIZA_BACKUP_TO"), "folder, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT, to which what is written is copied all the time (docs/operating.md)")
	f.StringVar(&c.Public, "backup-key", e.getenv("TWIZA_BACKUP_KEY"), "file of the public keys that seal those copies (\"twiza key backup\" makes a pair)")
	f.StringVar(&c.Secret, "backup-secret", e.getenv("TWIZA_BACKUP_SECRET"), "file of the secret keys: with it the house tries every week whether its copies come back")
	every(&c.Every, "backup-every", "TWIZA_BACKUP_EVERY", 5*time.Second, "how often what was written is sent")
	every(&c.Coarse, "backup-coarse", "TWIZA_BACKUP_COARSE", time.Hour, "how often it is sent again in one piece, which makes restoring short")
	every(&c.Whole, "backup-whole", "TWIZA_BACKUP_WHOLE", 24*time.Hour, "how often a whole copy is sent")
	every(&c.Fine, "backup-fine", "TWIZA_BACKUP_FINE", 24*time.Hour, "for how long one can go back to any few seconds; then to the hour")
	every(&c.Keep, "backup-keep", "TWIZA_BACKUP_KEEP", 7*24*time.Hour, "for how long one can go back at all")
}

// openCopies makes ready what ships this house, when somebody asked for it.
func (h *House) openCopies(e *env) error {
	c := h.Config.Copies
	if c.To == "" {
		return nil
	}
	if err := h.copiesWrong(); err != nil {
		return err
	}
	place, err := ship.At(c.To, e.getenv)
	if err != nil {
		return err
	}
	if folder := place.String(); !strings.Contains(folder, "://") && within(h.Config.Data, folder) {
		return usage{"copies inside the data folder are lost with it: name a place elsewhere"}
	}
	seal, err := crypt.ReadSeal(c.Public)
	if err != nil {
		return err
	}
	h.ships = ship.New(h.DB, ship.Config{Place: place, Seal: seal, Dir: filepath.Join(h.Config.Data, "sent"), Every: c.Every, Coarse: c.Coarse, Whole: c.Whole, Fine: c.Fine, Keep: c.Keep, Log: h.Log})
	h.measureCopies()
	if c.Secret == "" {
		return nil
	}
	keys, err := crypt.ReadUnseal(c.Secret)
	if err != nil {
		return err
	}
	h.Jobs.Chore(jobs.Chore{Name: "app.drill", Every: time.Hour, Do: func(ctx context.Context) error { return h.drillWeekly(ctx, place, keys) }})
	return nil
}

// copiesWrong is what an operator asked for that cannot be.
func (h *House) copiesWrong() error {
	c := h.Config.Copies
	switch {
	case h.Config.DB != "":
		return usage{"--backup-to copies an SQLite store; PostgreSQL has its own archive (scripts/pg-backup.sh)"}
	case c.Public == "":
		return usage{"--backup-to needs --backup-key FILE: copies leave the house sealed or not at all"}
	case within(h.Config.Data, c.Public) || c.Secret != "" && within(h.Config.Data, c.Secret):
		return usage{"the keys of backups may not lie inside the data folder"}
	case c.Every <= 0 || c.Coarse <= 0 || c.Whole <= 0 || c.Fine <= 0 || c.Keep < c.Fine:
		return usage{"the times of --backup-… are above nothing, and what is kept is kept no shorter than what is fine"}
	}
	return nil
}

// measureCopies tells the figures how the copies do.
func (h *House) measureCopies() {
	s := h.ships
	h.Meter.Gauges("twiza_backup_lag_seconds", "Age of what would be lost now: what was written since is not at the place of the copies.", nil, func(put func(float64, ...string)) {
		lag, _ := s.Lag()
		put(lag.Seconds())
	})
	h.Meter.Gauges("twiza_backup_ok", "1 when the last try to send a copy went well.", nil, func(put func(float64, ...string)) {
		if _, err := s.Lag(); err != nil {
			put(0)
			return
		}
		put(1)
	})
	h.Meter.Gauges("twiza_drill_age_seconds", "How long ago the copies were last brought back for a trial; nothing when never.", []string{"ok"}, func(put func(float64, ...string)) {
		if at, ok, err := h.lastDrill(context.Background()); err == nil && !at.IsZero() {
			put(h.clock.Now().Sub(at).Seconds(), fmt.Sprint(ok))
		}
	})
}

// within tells whether path lies in folder; links are followed where they lead.
func within(folder, path string) bool {
	real := func(p string) string {
		if abs, err := filepath.Abs(p); err == nil {
			p = abs
		}
		if to, err := filepath.EvalSymlinks(p); err == nil {
			return to
		}
		return p
	}
	rel, err := filepath.Rel(real(folder), real(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// copySeconds is how far behind the copies are, for /readyz.
func (h *House) copySeconds() *int64 {
	if h.ships == nil {
		return nil
	}
	lag, _ := h.ships.Lag()
	n := int64(lag.Seconds())
	return &n
}

// source is where a copy comes from: the flags of restore and of drill.
type source struct{ from, secret, at string }

func (s *source) flags(e *env, f *flag.FlagSet) {
	f.StringVar(&s.from, "from", "", "folder, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT, that \"twiza serve --backup-to\" copies to")
	f.StringVar(&s.secret, "backup-secret", e.getenv("TWIZA_BACKUP_SECRET"), "file of the secret keys that open those copies")
	f.StringVar(&s.at, "at", "", "the moment to go back to, as 2026-11-22T14:05:00Z or \"2026-11-22 14:05\" by this machine's clock; without it, the last")
}

func (s *source) open(e *env) (place ship.Place, keys *crypt.Unseal, at time.Time, err error) {
	if s.secret == "" {
		return nil, nil, at, usage{"--backup-secret FILE names the keys that open the copies"}
	}
	if at, err = momentOf(s.at); err != nil {
		return nil, nil, at, err
	}
	if keys, err = crypt.ReadUnseal(s.secret); err == nil {
		place, err = ship.At(s.from, e.getenv)
	}
	return place, keys, at, err
}

func momentOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usage{fmt.Sprintf("--at %q is no moment: say 2026-11-22T14:05:00Z, or \"2026-11-22 14:05\" by this machine's clock", text)}
}

// keyBackup makes a pair of keys for backups.
func keyBackup(e *env, args []string) error {
	if askedForHelp(args) {
		return explain(e, "key backup", "draw a pair of keys for copies")
	}
	if len(args) != 2 {
		return usage{"say: twiza key backup SECRET PUBLIC (two files, which must not be there)"}
	}
	secret, public, err := crypt.NewSeal()
	if err != nil {
		return err
	}
	for i, text := range []string{secret, public} {
		f, err := os.OpenFile(args[i], os.O_WRONLY|os.O_CREATE|os.O_EXCL, []os.FileMode{0o600, 0o644}[i])
		if err != nil {
			return err
		}
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.out, "%s seals copies: the house needs it. %s opens them: keep it away from the house and its copies, in two places.\n", args[1], args[0])
	return nil
}

// sealCommand seals what comes in, for scripts/pg-backup.sh.
func sealCommand(_ context.Context, e *env, args []string) error {
	f := flagSet(e, "seal", "seal what comes in, with the public keys of backups")
	public := f.String("backup-key", e.getenv("TWIZA_BACKUP_KEY"), "file of the public keys")
	if askedForHelp(args) {
		f.Usage()
		return errHelped
	}
	if f.Parse(args) != nil || f.NArg() > 0 || *public == "" {
		return usage{"say: twiza seal --backup-key FILE <FROM >TO"}
	}
	seal, err := crypt.ReadSeal(*public)
	if err != nil {
		return err
	}
	w, err := seal.Wrap(e.out)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, e.in)
	return errors.Join(err, w.Close())
}

// unsealCommand opens what "twiza seal" closed. When it fails, what it wrote so
// far is true, and not whole.
func unsealCommand(_ context.Context, e *env, args []string) error {
	f := flagSet(e, "unseal", "open what was sealed, with the secret keys of backups")
	secret := f.String("backup-secret", e.getenv("TWIZA_BACKUP_SECRET"), "file of the secret keys")
	if askedForHelp(args) {
		f.Usage()
		return errHelped
	}
	if f.Parse(args) != nil || f.NArg() > 0 || *secret == "" {
		return usage{"say: twiza unseal --backup-secret FILE <FROM >TO"}
	}
	keys, err := crypt.ReadUnseal(*secret)
	if err != nil {
		return err
	}
	r, err := keys.Open(e.in)
	if err != nil {
		return err
	}
	_, err = io.Copy(e.out, r)
	return err
}
