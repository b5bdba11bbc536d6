package crypt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// ErrOtherSeal is a file that was sealed for other keys than those at hand.
var ErrOtherSeal = errors.New("crypt: it does not open with these keys")

// Seal closes copies of the house for whoever keeps the other half of its keys
// (age-encryption.org/v1). With it one can write copies and read none, so it
// may lie on the machine whose copies leave it.
type Seal struct{ to []age.Recipient }

// ReadSeal reads the public halves, one a line, as age writes them. More than
// one: each of them opens every copy.
func ReadSeal(path string) (*Seal, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	to, err := age.ParseRecipients(strings.NewReader(string(body)))
	if err != nil { // never the words of the library: they quote the line, which may be the secret half
		return nil, fmt.Errorf("crypt: %s holds no public keys of backups (lines that begin with age1)", path)
	}
	return &Seal{to}, nil
}

// Wrap gives a writer whose words arrive sealed at w. Close ends the sealing,
// not w; what was not closed does not open.
func (s *Seal) Wrap(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, s.to...) }

// Unseal is the secret half.
type Unseal struct {
	ids   []age.Identity
	place string
}

// ReadUnseal reads the secret halves, one a line, as age writes them.
func ReadUnseal(path string) (*Unseal, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(strings.NewReader(string(body)))
	if err != nil {
		return nil, fmt.Errorf("crypt: %s holds no secret keys of backups (lines that begin with AGE-SECRET-KEY)", path)
	}
	return &Unseal{ids, path}, nil
}

// Open reads what was sealed for one of the keys. A change of a single bit, or
// an end that is missing, fails while reading, before a wrong byte is given out.
func (u *Unseal) Open(r io.Reader) (io.Reader, error) {
	plain, err := age.Decrypt(r, u.ids...)
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other {
		return nil, fmt.Errorf("%w: %s", ErrOtherSeal, u.place)
	}
	return plain, err
}

// Format keeps the secret out of whatever is printed.
func (u *Unseal) Format(s fmt.State, _ rune) { io.WriteString(s, "keys of "+u.place) }

// NewSeal draws a pair of keys for backups, as the lines of two files.
func NewSeal() (secret, public string, err error) {
	k, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return k.String() + "\n", k.Recipient().String() + "\n", nil
}
