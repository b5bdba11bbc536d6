package crypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// keySize is that of AES-256 and of HMAC-SHA-256, in bytes.
const keySize = 32

// MasterKey wraps data keys and seals nothing else. It prints as its id alone.
type MasterKey struct {
	ID     string // names the key in the file and in every data key it wraps
	secret [keySize]byte
}

// NewMaster draws a master key.
func NewMaster() MasterKey {
	k := MasterKey{ID: "m-" + hex.EncodeToString(random(4))}
	rand.Read(k.secret[:])
	return k
}

// Line is the key as a line of a key file or of a variable. It holds the secret.
func (k MasterKey) Line() string {
	return k.ID + " " + base64.StdEncoding.EncodeToString(k.secret[:])
}

// Format keeps the secret out of whatever is printed, whichever verb is used.
func (k MasterKey) Format(s fmt.State, _ rune) { io.WriteString(s, "master key "+k.ID) }

// same tells, in constant time, whether two keys are one.
func (k MasterKey) same(o MasterKey) bool {
	return k.ID == o.ID && subtle.ConstantTimeCompare(k.secret[:], o.secret[:]) == 1
}

func (k MasterKey) aead() cipher.AEAD { return newGCM(k.secret[:]) }

func newGCM(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // keys are 32 bytes everywhere in this package
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: see crypto/rand
	return b
}

// Ring is the master keys of a house, newest first. It comes from a file or a
// variable that is in no data folder and in no backup: whoever finds a lost
// disk or a stolen copy finds nothing to read it with. A Ring does not change.
type Ring struct {
	keys []MasterKey
	path string // of its file; "" when it came from a variable
}

// Path is the file that the ring came from; "" for a variable.
func (r *Ring) Path() string { return r.path }

// Newest is the key that wraps from now on.
func (r *Ring) Newest() MasterKey { return r.keys[0] }

// IDs names the keys, newest first.
func (r *Ring) IDs() []string {
	ids := make([]string, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.ID
	}
	return ids
}

func (r *Ring) find(id string) (MasterKey, bool) {
	for _, k := range r.keys {
		if k.ID == id {
			return k, true
		}
	}
	return MasterKey{}, false
}

func (r *Ring) place() string {
	if r.path == "" {
		return "the variable that holds the master keys"
	}
	return r.path
}

// OpenRing loads the keys at path, or makes the first one there; created says
// which, so that the caller tells the operator loudly to keep a copy. A path
// inside the data folder is refused, links followed; dataDir is "" for a house
// that has none.
func OpenRing(path, dataDir string) (r *Ring, created bool, err error) {
	if dataDir != "" {
		in, err := inside(dataDir, path)
		if err != nil {
			return nil, false, fmt.Errorf("crypt: finding %s: %w", path, err)
		}
		if in {
			return nil, false, fmt.Errorf("crypt: the master key file %s is inside the data folder %s: a copy of that folder would carry the key to its own lock; name a file elsewhere", path, dataDir)
		}
	}
	r, err = LoadRing(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, false, err
	}
	r, err = NewRing(path)
	if errors.Is(err, fs.ErrExist) { // another process of the house was first
		r, err = LoadRing(path)
		return r, false, err
	}
	return r, err == nil, err
}

// LoadRing reads a key file. One that everybody on the machine may read, or
// that others may change, is refused.
func LoadRing(path string) (*Ring, error) {
	text, err := readPrivate(path, "the master key file")
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("crypt: %s: %w", path, err)
	}
	return &Ring{keys: keys, path: path}, nil
}

// readPrivate reads a file of secrets; what names it for an operator.
func readPrivate(path, what string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("crypt: opening %s: %w", what, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("crypt: %w", err)
	}
	// A group may read: that is how service managers hand secrets over.
	if mode := info.Mode().Perm(); mode&0o037 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("crypt: %s %s is open to others (mode %04o): chmod 600 it", what, path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("crypt: reading %s: %w", path, err)
	}
	return text, nil
}

// NewRing makes a key file with one fresh key, readable by its owner alone. A
// file that is there already is an error (fs.ErrExist) and stays as it is.
func NewRing(path string) (*Ring, error) {
	k := NewMaster()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("crypt: making a place for the master key: %w", err)
	}
	// Written aside and then linked: a file that is there is whole, and of two
	// processes that start at once only one makes it.
	tmp, err := writeAside(path, []byte(fileHead+k.Line()+"\n"))
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, path); err != nil {
		return nil, fmt.Errorf("crypt: making the master key file: %w", err)
	}
	return &Ring{keys: []MasterKey{k}, path: path}, syncDir(path)
}

const fileHead = `# Master keys of this house, newest first: id, then 32 bytes in base64.
# Keep a copy away from this machine and away from its backups. Without a key
# that is named here, nothing that was sealed can be read again by anybody.
`

// FromEnv reads a ring from the value of a variable: the lines of a key file,
// separated by newlines, commas or semicolons.
func FromEnv(value string) (*Ring, error) {
	keys, err := parseKeys(strings.NewReplacer(",", "\n", ";", "\n").Replace(value))
	if err != nil {
		return nil, fmt.Errorf("crypt: the variable that holds the master keys: %w", err)
	}
	return &Ring{keys: keys}, nil
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$`)

// parseKeys reads `id base64` lines; empty lines and those that begin with #
// are skipped. Errors name the line and never its content.
func parseKeys(text string) ([]MasterKey, error) {
	var keys []MasterKey
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 2 || !keyID.MatchString(fields[0]) {
			return nil, fmt.Errorf("line %d is not an id and a key in base64", i+1)
		}
		secret, err := base64.StdEncoding.DecodeString(fields[1])
		if err != nil || len(secret) != keySize {
			return nil, fmt.Errorf("line %d: the key %q is not %d bytes in base64", i+1, fields[0], keySize)
		}
		if bytes.Count(secret, secret[:1]) == keySize {
			return nil, fmt.Errorf("line %d: the key %q is one byte repeated, which anybody guesses", i+1, fields[0])
		}
		if seen[fields[0]] {
			return nil, fmt.Errorf("line %d: the id %q is there twice", i+1, fields[0])
		}
		seen[fields[0]] = true
		keys = append(keys, MasterKey{ID: fields[0], secret: [keySize]byte(secret)})
	}
	if len(keys) == 0 {
		return nil, errors.New("no key is in it")
	}
	return keys, nil
}

// again reads the ring's file once more; a ring from a variable is what it is.
func (r *Ring) again() (*Ring, error) {
	if r.path == "" {
		return r, nil
	}
	return LoadRing(r.path)
}

// topped is the ring with k as its newest key, in its file as well. A ring from
// a variable cannot be changed from here: k has to be its newest already.
func (r *Ring) topped(k MasterKey) (*Ring, error) {
	now, err := r.again()
	if err != nil {
		return nil, err
	}
	old, known := now.find(k.ID)
	switch {
	case known && !old.same(k):
		return nil, fmt.Errorf("crypt: %s has another key under the id %q", now.place(), k.ID)
	case known && now.keys[0].ID == k.ID:
		return now, nil
	case known:
		return nil, fmt.Errorf("crypt: %q is in %s already, and not its newest", k.ID, now.place())
	case now.path == "":
		return nil, fmt.Errorf("crypt: the master keys came from a variable: put the new one first in it and start again; the old ones stay behind it")
	}
	text, err := readPrivate(now.path, "the master key file")
	if err != nil {
		return nil, err
	}
	// Before the first key, behind whatever the operator noted above it.
	lines := strings.SplitAfter(string(text), "\n")
	at := 0
	for at < len(lines) && (strings.TrimSpace(lines[at]) == "" || strings.HasPrefix(strings.TrimSpace(lines[at]), "#")) {
		at++
	}
	body := strings.Join(lines[:at], "") + k.Line() + "\n" + strings.Join(lines[at:], "")
	tmp, err := writeAside(now.path, []byte(body))
	if err != nil {
		return nil, err
	}
	if err := os.Rename(tmp, now.path); err != nil {
		os.Remove(tmp)
		return nil, fmt.Errorf("crypt: putting the new master key in place: %w", err)
	}
	if err := syncDir(now.path); err != nil {
		return nil, err
	}
	return &Ring{keys: append([]MasterKey{k}, now.keys...), path: now.path}, nil
}

// writeAside writes a private file next to path and flushes it.
func writeAside(path string, body []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".master-*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("crypt: writing %s: %w", path, err)
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("crypt: writing %s: %w", path, err)
	}
	return f.Name(), nil
}

// syncDir makes a name in a folder survive a power cut.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be flushed there
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("crypt: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// inside tells whether path lies in dir, as it is written or as links lead.
func inside(dir, path string) (bool, error) {
	pairs := [2][2]string{}
	for i, p := range []string{dir, path} {
		abs, err := filepath.Abs(p)
		if err != nil {
			return false, err
		}
		real, err := resolve(abs)
		if err != nil {
			return false, err
		}
		pairs[0][i], pairs[1][i] = abs, real
	}
	for _, p := range pairs {
		if rel, err := filepath.Rel(p[0], p[1]); err == nil && filepath.IsLocal(rel) {
			return true, nil
		}
	}
	return false, nil
}

// resolve follows links in as much of a path as is there yet.
func resolve(abs string) (string, error) {
	real, err := filepath.EvalSymlinks(abs)
	if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(abs) == abs {
		return real, err
	}
	parent, err := resolve(filepath.Dir(abs))
	return filepath.Join(parent, filepath.Base(abs)), err
}
