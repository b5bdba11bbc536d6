package translog

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// signer is one secret key of the log, and its public half. It prints as its name.
type signer struct {
	note.Signer
	public string // "name+hash+key", as verify.ReadKeys has it
}

// Format keeps the secret out of whatever is printed.
func (s *signer) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "key %s+%08x of a log", s.Name(), s.KeyHash())
}

// NewKey draws a key for a log, as the line of its key file and as the public line
// that everybody may have (Ed25519; C2SP signed-note, signature type 0x01).
func NewKey(origin string) (secret, public string, err error) {
	if origin == "" || strings.ContainsAny(origin, " \t\n+") {
		return "", "", fmt.Errorf("translog: %q cannot name a log: it may hold no space and no plus", origin)
	}
	return note.GenerateKey(rand.Reader, origin)
}

// KeyFile is a fresh key file for a log.
func KeyFile(origin string) (string, error) {
	secret, public, err := NewKey(origin)
	return "# Secret keys of the public log, newest first. Every one of them signs, so that who\n# knows the old one alone can follow while a new one is made known.\n# Public half: " + public + "\n" + secret + "\n", err
}

// ReadKeys reads the secret keys of a log, newest first: the lines of a key file, or
// of a variable in which a newline, comma or semicolon stands between them. Empty
// lines and those that begin with # are skipped. All of them sign each checkpoint.
// Errors name the line and never its content.
func ReadKeys(text, origin string) (all []note.Signer, public []string, err error) {
	seen := map[uint32]bool{}
	for i, line := range keyLines(text) {
		if line == "" {
			continue
		}
		s, err := readKey(line)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("translog: line %d is no secret key of a log", i+1)
		case s.Name() != origin:
			return nil, nil, fmt.Errorf("translog: line %d is a key of the log %q, and this is %q", i+1, s.Name(), origin)
		case seen[s.KeyHash()]:
			return nil, nil, fmt.Errorf("translog: line %d has a key that is there already", i+1)
		}
		seen[s.KeyHash()] = true
		all, public = append(all, s), append(public, s.public)
	}
	if len(all) == 0 {
		return nil, nil, errors.New("translog: no key is in it")
	}
	return all, public, nil
}

// keyLines takes a text apart, line by line; remarks are empty.
func keyLines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			line = ""
		}
		for _, key := range strings.FieldsFunc(line+" ", func(r rune) bool { return r == ',' || r == ';' }) {
			all = append(all, strings.TrimSpace(key))
		}
	}
	return all
}

// PublicKeys are the public halves of the log's keys, a line each; none without a key.
func (l *Log) PublicKeys() (all []string) {
	for _, s := range l.c.Signers {
		all = append(all, s.(*signer).public)
	}
	return all
}

func readKey(line string) (*signer, error) {
	s, err := note.NewSigner(line)
	if err != nil {
		return nil, err
	}
	// NewSigner has read it as PRIVATE+KEY+name+hash+key, the key a byte of its kind
	// and the seed (RFC 8032, 5.1.5).
	parts := strings.SplitN(line, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, io.ErrUnexpectedEOF
	}
	public, err := note.NewEd25519VerifierKey(s.Name(), ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey))
	return &signer{s, public}, err
}
