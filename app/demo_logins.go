package app

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
)

// logins is how people come into a demonstration. It lies in a file beside the
// master key, never in the data folder, and only its owner may read it.
type logins struct {
	Password string // of every login
	All      []login
	Receipt  receipt.Number // a request that a newcomer can follow
	Word     string         // what opens it
	Whole    bool           // the night was told to its end
}

type login struct{ Name, Secret, Role, Who string }

// demoLogins is the file of a demonstration's logins. It bears the name of the
// key, so that two houses in one folder keep theirs apart.
func (c Config) demoLogins() string { return c.Key + ".demo-logins.txt" }

// newLogins draws a password and the secrets of the second factors. Those that
// are on file already are kept: who removes the data and starts again need not
// teach their authenticator app again.
func newLogins(accounts []story.Account, before logins) (logins, error) {
	r := strings.ToLower(rand.Text())
	l := logins{Password: strings.Join([]string{r[:4], r[4:8], r[8:12], r[12:16]}, "-")}
	if before.Password != "" {
		l.Password = before.Password
	}
	for _, a := range accounts {
		x := login{Name: a.Login, Role: a.Role, Who: a.FR, Secret: before.secret(a.Login)}
		if x.Secret == "" {
			var err error
			if x.Secret, _, err = crypt.NewTOTP(a.Login, "Twiza"); err != nil {
				return l, err
			}
		}
		l.All = append(l.All, x)
	}
	return l, nil
}

func (l logins) secret(name string) string {
	for _, x := range l.All {
		if x.Name == name {
			return x.Secret
		}
	}
	return ""
}

const loginsHead = `# The logins of a demonstration. Nobody in it exists. A login's secret makes its codes in any authenticator app.
`

// write keeps the logins in place of what was there.
func (l logins) write(file string) error {
	var b bytes.Buffer
	b.WriteString(loginsHead)
	fmt.Fprintf(&b, "password\t%s\n", l.Password)
	if l.Whole {
		fmt.Fprintf(&b, "whole\t%s\t%s\n", l.Receipt, l.Word)
	}
	for _, x := range l.All {
		fmt.Fprintf(&b, "login\t%s\t%s\t%s\t%s\n", x.Name, x.Secret, x.Role, x.Who)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("keeping the demonstration's logins: %w", err)
	}
	return nil
}

// readLogins reads what write wrote.
func readLogins(file string) (l logins, err error) {
	f, err := os.Open(file)
	if err != nil {
		return l, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for line := 1; s.Scan(); line++ {
		part := strings.Split(s.Text(), "\t")
		switch {
		case strings.HasPrefix(part[0], "#"), s.Text() == "":
		case part[0] == "password" && len(part) == 2:
			l.Password = part[1]
		case part[0] == "login" && len(part) == 5:
			l.All = append(l.All, login{part[1], part[2], part[3], part[4]})
		case part[0] == "whole" && len(part) == 3:
			if l.Receipt, err = receipt.Parse(part[1]); err != nil {
				return l, fmt.Errorf("%s:%d: %w", file, line, err)
			}
			l.Word, l.Whole = part[2], true
		default:
			return l, fmt.Errorf("%s:%d is not what this program wrote; remove the file and the data to begin again", file, line)
		}
	}
	return l, s.Err()
}

// tell says how to come in at that moment.
func (l logins) tell(w io.Writer, file string, now time.Time) error {
	fmt.Fprintf(w, "\nThis is a demonstration: an invented night after an earthquake. Nobody in it exists. Do not call its numbers.\n\n")
	fmt.Fprintf(w, "First, be the person who waits: open /en/track with the receipt %s and the word %s.\n", l.Receipt.Groups(), l.Word)
	fmt.Fprintf(w, "Then be those who answer: open /en/sign-in. The password of every login is %s\n\n", l.Password)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  login\tcode now\tnext code\trole\t")
	for _, x := range l.All {
		code, err := crypt.TOTPCode(x.Secret, now)
		next, errNext := crypt.TOTPCode(x.Secret, now.Add(30*time.Second))
		if err := errors.Join(err, errNext); err != nil {
			return err
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", x.Name, code, next, x.Role, x.Who)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nA code changes every 30 s and is good once; the next one is good already now, and for a minute.\n")
	_, err := fmt.Fprintf(w, "For more codes, put a login's secret from %s\ninto an authenticator app, or start again: every start prints the codes of its moment.\n\n", file)
	return err
}
