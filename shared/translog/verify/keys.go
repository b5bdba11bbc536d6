package verify

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Kinds of keys, by the first byte of their encoding (C2SP signed-note, "Signature types").
const (
	kindLog     = 0x01 // Ed25519, a log's own
	kindWitness = 0x04 // Ed25519 with a time, a witness's (C2SP tlog-cosignature)
)

// Keys are whose signatures count: the log's, and those of witnesses.
type Keys struct{ log, witnesses []note.Verifier }

// ReadKeys reads public keys, one a line, as "name+hash+key" (golang.org/x/mod/sumdb/note,
// C2SP signed-note). Empty lines and those that begin with # are skipped. At least
// one must be a log's.
func ReadKeys(text string) (*Keys, error) {
	k := &Keys{}
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		v, err := readKey(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		who := fmt.Sprintf("%s+%08x", v.Name(), v.KeyHash())
		if seen[who] {
			return nil, fmt.Errorf("line %d: the key %s is there twice", i+1, who)
		}
		seen[who] = true
		if _, is := v.(*witness); is {
			k.witnesses = append(k.witnesses, v)
		} else {
			k.log = append(k.log, v)
		}
	}
	if len(k.log) == 0 {
		return nil, errors.New("verify: no key of a log")
	}
	return k, nil
}

// Witnesses tells whether the keys of any witness are known.
func (k *Keys) Witnesses() bool { return len(k.witnesses) > 0 }

// Verifiers are the keys as golang.org/x/mod/sumdb/note takes them.
func (k *Keys) Verifiers() note.Verifiers { return note.VerifierList(k.all()...) }

func (k *Keys) all() []note.Verifier {
	return append(append([]note.Verifier{}, k.log...), k.witnesses...)
}

func (k *Keys) isLog(name string, hash uint32) bool {
	for _, v := range k.log {
		if v.Name() == name && v.KeyHash() == hash {
			return true
		}
	}
	return false
}

func readKey(line string) (note.Verifier, error) {
	if w, err := readWitness(line); err == nil {
		return w, nil
	}
	v, err := note.NewVerifier(line)
	if err != nil {
		return nil, errors.New("verify: no public key of a log or a witness")
	}
	return v, nil
}

// witness checks cosignatures: eight bytes of time, then Ed25519 over the time and
// the checkpoint (C2SP tlog-cosignature, "Ed25519 signed message").
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func readWitness(line string) (*witness, error) {
	parts := strings.SplitN(line, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("verify: no key")
	}
	raw, err := strict.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != kindWitness || parts[0] == "" || strings.ContainsAny(parts[0], " \t") {
		return nil, errors.New("verify: no key of a witness")
	}
	w := &witness{name: parts[0], hash: keyHash(parts[0], raw), key: raw[1:]}
	if got, err := strconv.ParseUint(parts[1], 16, 32); err != nil || uint32(got) != w.hash || len(parts[1]) != 8 {
		return nil, errors.New("verify: a witness's key whose hash is another's")
	}
	return w, nil
}

func keyHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at < 1<<63 && ed25519.Verify(w.key, cosigned(at, msg), sig[8:])
}

func cosigned(at uint64, msg []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), msg...)
}
