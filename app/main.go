// Package app is the only package that knows every module: it builds the
// house, starts it and stops it. One file holds each command.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sort"
	"strings"
)

// Exit codes, the same for every command.
const (
	exitOK    = 0 // done
	exitFound = 1 // done, and something is wrong: check found faults, rows failed
	exitUsage = 2 // the command line is not understood
	exitBroke = 3 // it could not be done; the sentence on stderr says why
)

// errFound is how a command says that it worked and found something wrong.
var errFound = errors.New("something was found wrong")

// usage is a mistake on the command line.
type usage struct{ text string }

func (u usage) Error() string { return u.text }

// env is what a command may use of the outside.
type env struct {
	getenv   func(string) string
	in       io.Reader
	out, err io.Writer
}

// command is one word after "twiza".
type command struct {
	about string
	run   func(context.Context, *env, []string) error
}

func commands() map[string]command {
	return map[string]command{
		"serve":     {"open the house: pages, API and chores", serve},
		"migrate":   {"bring the tables up to date, and stop", migrate},
		"backup":    {"copy an SQLite store while it is in use, and prove the copy by opening it", backup},
		"restore":   {"put a copy back, erase again what was erased since, and check it", restore},
		"emergency": {"on or off: read-only, while requests for help are taken", emergencyCommand},
		"drill":     {"bring the copies back beside the house for a trial, compare, say what would be lost", drill},
		"seal":      {"seal what comes in with the public keys of backups", sealCommand},
		"unseal":    {"open what was sealed with the secret keys of backups", unsealCommand},
		"check":     {"read the journal's chain and every invariant, and name what is wrong", check},
		"import":    {"requests FILE, or outlines FILE.geojson", importCommand},
		"pack":      {"check DIR: read a pack as the house would, with file and line; learn DIR: its model of words", pack},
		"key":       {"rotate: a new master key on top, everything wrapped again, without a stop; backup: a pair of keys for copies", key},
		"log":       {"the public log: key; export FOLDER: its public files; cosign FILE: a witness's signature", logCommand},
		"verify":    {"check the public files of a log, or receipts, with its public key alone", verifyCommand},
		"bench":     {"measure a workload on this machine: bench intake, bench sms or bench sync [--json]", bench},
		"version":   {"say which build this is", version},
	}
}

// Main runs one command and says how it went.
func Main(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out, errw io.Writer) int {
	e := &env{getenv, in, out, errw}
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		help(out)
		return exitOK
	}
	c, ok := commands()[args[0]]
	if !ok {
		fmt.Fprintf(errw, "twiza: there is no command %q. \"twiza help\" lists them.\n", args[0])
		return exitUsage
	}
	err := c.run(ctx, e, args[1:])
	switch {
	case err == nil, errors.Is(err, errHelped):
		return exitOK
	case errors.Is(err, errFound):
		return exitFound
	}
	fmt.Fprintln(errw, "twiza:", err)
	if _, ok := errors.AsType[usage](err); ok {
		return exitUsage
	}
	return exitBroke
}

func help(w io.Writer) {
	fmt.Fprintln(w, "Twiza: a call for help, answered once, with proof. One program, one file of data.")
	fmt.Fprintln(w, "\nCommands (twiza COMMAND --help says more):")
	all := commands()
	var names []string
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(w, "  %-9s%s\n", n, all[n].about)
	}
	fmt.Fprintln(w, "\nEvery flag may also be given as a variable: --data as TWIZA_DATA, --db as TWIZA_DB.")
	fmt.Fprintln(w, "Exit codes: 0 done; 1 done, and something is wrong; 2 not understood; 3 could not be done.")
}

func version(_ context.Context, e *env, args []string) error {
	if askedForHelp(args) {
		return explain(e, "version", "say which build this is")
	}
	rev, at, dirty := "unknown", "", ""
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, s := range b.Settings {
			switch s.Key {
			case "vcs.revision":
				rev = s.Value[:min(12, len(s.Value))]
			case "vcs.time":
				at = " " + s.Value
			case "vcs.modified":
				if s.Value == "true" {
					dirty = " (changed)"
				}
			}
		}
		fmt.Fprintf(e.out, "twiza %s%s%s %s\n", rev, at, dirty, strings.TrimPrefix(b.GoVersion, "go"))
	}
	return nil
}
