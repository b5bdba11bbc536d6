package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Config is what an operator decides. Each field is a flag and a variable.
type Config struct {
	Listen  string // address of the pages and the API
	Data    string // folder of the SQLite store
	DB      string // postgres://… instead of the folder
	Key     string // file of the master key; never inside Data
	KeyText string // the key itself, from TWIZA_MASTER_KEY
	Country string // code of the country pack
	Demo    bool   // an invented night to try things on
	beside  bool   // a command, which may work beside a house that serves
	Dev     bool   // pages and words read from the source tree, act-as, the clock in hand
	Proxied bool   // behind a reverse proxy that speaks TLS
	Help    string // the help line, E.164
	SMS     string // the short code
	Mandate string // the authority that mandated this house, if any
	Scrape  string // the word of whoever collects figures, from TWIZA_SCRAPE_TOKEN; "": administrators alone
	Site    string // where people find this house: https://…; passkeys are bound to it
	Journal string // where erasures are written down, outside the store

	Spool     string // folder in which requests wait while the store does not answer; "" lets nothing wait
	Emergency bool   // from the start: everything is read, nothing changes, requests are taken
	LeastMB   int    // room on the disk under which the house warns

	Gateways string // file of the ways by which people are reached without internet
	Prompts  string // folder in which the telephone exchange finds recorded sentences
	Copies   Copies // that leave while the house works

	Public LogConfig // the log that everybody may check
}

// errHelped: the flags' own help was asked for and given.
var errHelped = errors.New("helped")

// flags makes a command's flag set over a Config; every flag may come from a
// variable as well.
func flags(e *env, name, about string, c *Config) *flag.FlagSet {
	f := flagSet(e, name, about)
	f.StringVar(&c.Data, "data", fallback(e, "TWIZA_DATA", "data"), "folder of the SQLite store")
	f.StringVar(&c.DB, "db", e.getenv("TWIZA_DB"), "postgres://… to keep records in PostgreSQL instead")
	f.StringVar(&c.Key, "key", e.getenv("TWIZA_KEY"), "file of the master key, outside the data folder (default: beside it, NAME.key; or TWIZA_MASTER_KEY holds the key itself)")
	f.StringVar(&c.Country, "country", fallback(e, "TWIZA_COUNTRY", "ma"), "country pack")
	f.StringVar(&c.Public.Name, "log", e.getenv("TWIZA_LOG"), "name of the public log, by which everybody knows it for ever: twiza.example/log (docs/proof.md)")
	f.StringVar(&c.Public.Key, "log-key", e.getenv("TWIZA_LOG_KEY_FILE"), "file of its secret keys, outside the data folder (default: beside the master key, NAME.key.log; or TWIZA_LOG_KEY holds them)")
	f.StringVar(&c.Public.Witnesses, "log-witnesses", e.getenv("TWIZA_LOG_WITNESSES"), "file of the public keys of those who countersign it")
	c.Public.KeyText = e.getenv("TWIZA_LOG_KEY")
	c.KeyText = e.getenv("TWIZA_MASTER_KEY")
	c.Dev = e.getenv("TWIZA_DEV") != ""
	c.Scrape = e.getenv("TWIZA_SCRAPE_TOKEN")
	return f
}

// flagSet is a flag set that tells what its command does when asked, and only
// then: a mistake gets one sentence, not a page.
func flagSet(e *env, name, about string) *flag.FlagSet {
	f := flag.NewFlagSet("twiza "+name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {
		fmt.Fprintf(e.out, "twiza %s: %s\n\n%s\n", name, about, manual[name])
		f.SetOutput(e.out)
		f.PrintDefaults()
	}
	return f
}

// askedForHelp: one of the words is -h or --help.
func askedForHelp(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == "-h" || a == "-help" || a == "--help" })
}

func fallback(e *env, name, text string) string {
	if v := e.getenv(name); v != "" {
		return v
	}
	return text
}

// parse reads the flags, wherever they stand, and gives back the other words.
func parse(f *flag.FlagSet, args []string, c *Config) (words []string, err error) {
	if askedForHelp(args) {
		f.Usage()
		return nil, errHelped
	}
	f.Usage = func() {}
	for {
		if err := f.Parse(args); err != nil {
			return nil, usage{fmt.Sprintf("%v (%q lists the flags)", err, f.Name()+" --help")}
		}
		if f.NArg() == 0 {
			return words, c.settle()
		}
		words, args = append(words, f.Arg(0)), f.Args()[1:]
	}
}

// settle fills in what follows from the rest.
func (c *Config) settle() error {
	abs, err := filepath.Abs(c.Data)
	if err != nil {
		return err
	}
	c.Data = abs
	if c.Key == "" {
		c.Key = strings.TrimSuffix(abs, string(filepath.Separator)) + ".key"
	}
	if c.Journal == "" {
		c.Journal = c.Key + ".erasures"
	}
	c.settleLog()
	return nil
}

// dsn is where records are kept.
func (c *Config) dsn() (string, error) {
	if c.DB != "" {
		return c.DB, nil
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return "", fmt.Errorf("making the data folder: %w", err)
	}
	return "file:" + c.store(), nil
}

func (c *Config) store() string { return filepath.Join(c.Data, "twiza.db") }
