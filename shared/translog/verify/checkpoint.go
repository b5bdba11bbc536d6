package verify

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a log as it was at one size (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string // which log
	Size   int64  // how many leaves it had
	Root   tlog.Hash
}

// Text is what is signed: origin, size and root, a line each.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseText reads what Text writes and no other spelling. Extension lines are
// refused: nobody could audit them.
func ParseText(text string) (c Checkpoint, err error) {
	bad := errors.New("verify: no checkpoint")
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" {
		return c, bad
	}
	c.Origin = lines[0]
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return c, bad
	}
	root, err := strict.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, bad
	}
	if c.Root = tlog.Hash(root); c.Text() != text {
		return c, bad
	}
	return c, nil
}

// strict is base64 of which no byte can be changed without changing what it says.
var strict = base64.StdEncoding.Strict()

// Signed is a checkpoint whose signatures were looked at.
type Signed struct {
	Checkpoint
	Witnesses []string // by whom, among those known, it is countersigned
	Unknown   []string // signature lines of keys that nobody named: they could not be checked
}

// Open reads a signed checkpoint. At least one key of the log must have signed it,
// the log's name must be that of the key, and a signature of a known key that does
// not fit is an error, whatever else is there (C2SP signed-note, "Signatures").
func (k *Keys) Open(msg []byte) (s Signed, err error) {
	if err := plainSignatures(string(msg)); err != nil {
		return s, err
	}
	n, err := note.Open(msg, k.Verifiers())
	if err != nil {
		return s, fmt.Errorf("verify: %w", err)
	}
	if s.Checkpoint, err = ParseText(n.Text); err != nil {
		return s, err
	}
	ours := false
	for _, sig := range n.Sigs {
		if k.isLog(sig.Name, sig.Hash) {
			ours = ours || sig.Name == s.Origin
		} else {
			s.Witnesses = append(s.Witnesses, sig.Name)
		}
	}
	for _, sig := range n.UnverifiedSigs {
		s.Unknown = append(s.Unknown, fmt.Sprintf("%s+%08x", sig.Name, sig.Hash))
	}
	if !ours {
		return s, errors.New("verify: the log itself did not sign it")
	}
	return s, nil
}

// plainSignatures refuses signatures that are spelled in a second way, or stand
// there twice: a byte could be changed in them that nobody would notice.
func plainSignatures(msg string) error {
	at := strings.LastIndex(msg, "\n\n")
	if at < 0 {
		return errors.New("verify: no signed note")
	}
	seen := map[string]bool{}
	for line := range strings.Lines(msg[at+2:]) {
		name, sig, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "— "), " ")
		raw, err := strict.DecodeString(sig)
		if err != nil || len(raw) < 5 {
			return errors.New("verify: a signature that is not spelled in base64")
		}
		who := name + " " + string(raw[:4])
		if seen[who] {
			return errors.New("verify: two signatures of one key")
		}
		seen[who] = true
	}
	return nil
}
