package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/translog"
	"github.com/twiza/twiza/shared/translog/verify"
)

// LogConfig is the public log of a house (docs/proof.md).
type LogConfig struct {
	Name      string // its origin, "twiza.example/log"; "" keeps leaves and signs nothing
	KeyText   string // the lines of its key file, from TWIZA_LOG_KEY
	Key       string // the file itself: beside the master key, never in the data folder
	Shown     string // folder that remembers what was shown, beside it
	Witnesses string // file of the public keys of witnesses; "" is none
}

// settleLog fills in where the log keeps what must not be in the store.
func (c *Config) settleLog() {
	if c.Public.Key == "" {
		c.Public.Key = c.Key + ".log"
	}
	if c.Public.Shown == "" {
		c.Public.Shown = c.Public.Key + ".shown"
	}
}

// openLog makes the public log. The first start of one that has a name makes its key.
func (h *House) openLog() error {
	l := h.Config.Public
	c := translog.Config{Origin: l.Name, Zone: h.Places.Country().Zone()}
	var err error
	if l.Name != "" {
		text := l.KeyText
		if text == "" {
			var created bool
			text, created, err = crypt.OpenPrivate(l.Key, h.Config.Data, "the key file of the log", func() (string, error) { return translog.KeyFile(l.Name) })
			if created {
				h.Note = strings.TrimSpace(h.Note + "\n\nA key for the public log was made in " + l.Key + ".\nIt is in no backup: copy it now to a place of its own. \"twiza log key\" shows its public half, which everybody should have.")
			}
		}
		if err == nil {
			c.Signers, _, err = translog.ReadKeys(text, l.Name)
		}
		if err != nil {
			return err
		}
		c.Shown = l.Shown
	}
	if l.Witnesses != "" {
		text, err := os.ReadFile(l.Witnesses)
		if err != nil {
			return fmt.Errorf("keys of witnesses: %w", err)
		}
		c.Witnesses = string(text)
	}
	if h.Proof, err = translog.New(h.Deeds, h.Vault, c); err != nil {
		return err
	}
	h.Proof.Good = func(code string) string {
		for _, g := range (goods{h.Service}).Goods("") {
			if strings.ReplaceAll(g.Code, "_", "-") == code {
				return g.Key
			}
		}
		return ""
	}
	h.People.Public, h.Cases.Public, h.Giving.Public, h.Stock.Public, h.Audit.Public = h.Proof, h.Proof, h.Proof, h.Proof, h.Proof
	return nil
}

// logCommand shows the public key of the log, writes its public files into a folder,
// or takes the signature of a witness.
func logCommand(ctx context.Context, e *env, args []string) error {
	var c Config
	rest, err := parse(flags(e, "log", "the public log: its key, its files, its witnesses", &c), args, &c)
	if err != nil {
		return err
	}
	word := strings.Join(rest, " ")
	asks := len(rest) == 1 && rest[0] == "key" || len(rest) == 2 && (rest[0] == "export" || rest[0] == "cosign")
	switch {
	case !asks:
		return usage{fmt.Sprintf("say: twiza log key, twiza log export FOLDER, or twiza log cosign FILE (and not %q)", word)}
	case c.Public.Name == "":
		return usage{"which log? name it with --log, or in TWIZA_LOG"}
	}
	h, err := quiet(ctx, c, e)
	if err != nil {
		return err
	}
	defer h.Close()
	switch rest[0] {
	case "key":
		for _, public := range h.Proof.PublicKeys() {
			fmt.Fprintln(e.out, public)
		}
		return nil
	case "export":
		if err := h.Proof.Integrate(ctx); err != nil {
			return err
		}
		if err := h.Proof.Export(ctx, rest[1]); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s holds the public files of %s.\n", rest[1], c.Public.Name)
		return nil
	}
	msg, err := os.ReadFile(rest[1])
	if err != nil {
		return err
	}
	names, err := h.Proof.Cosign(ctx, msg)
	if err != nil {
		return errors.New("it is not signed by a witness of --log-witnesses over a head of this log")
	}
	fmt.Fprintln(e.out, strings.Join(names, "\n"))
	return nil
}

// verifyCommand is twiza-verify, for whoever has this program already.
func verifyCommand(_ context.Context, e *env, args []string) error {
	if askedForHelp(args) {
		fmt.Fprintf(e.out, "twiza verify: %s\n\n%s\n", commands()["verify"].about, manual["verify"])
		return errHelped
	}
	switch verify.Main(args, e.getenv, e.out, e.err) {
	case verify.Fine:
		return nil
	case verify.Found:
		return errFound
	}
	return usage{"twiza verify --help says how it is used"}
}
