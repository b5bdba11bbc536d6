package translog

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/twiza/twiza/shared/translog/verify"
)

// witness countersigns as C2SP tlog-cosignature has it.
type witness struct {
	name string
	key  ed25519.PrivateKey
}

func newWitness(t *testing.T, name string) witness {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return witness{name, key}
}

func (w witness) public() []byte { return append([]byte{4}, w.key.Public().(ed25519.PublicKey)...) }
func (w witness) Name() string   { return w.name }
func (w witness) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(w.name+"\n"), w.public()...))
	return binary.BigEndian.Uint32(sum[:])
}
func (w witness) Sign(msg []byte) ([]byte, error) {
	at := uint64(1_770_000_000)
	return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(w.key, append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), msg...))...), nil
}
func (w witness) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", w.name, w.KeyHash(), base64.StdEncoding.EncodeToString(w.public()))
}

// cosigned is a head as a witness gives it back.
func (w witness) cosigned(t *testing.T, msg []byte, log note.Verifier) []byte {
	t.Helper()
	n, err := note.Open(msg, note.VerifierList(log))
	if err != nil {
		t.Fatal(err)
	}
	out, err := note.Sign(n, w)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheWordOfAWitnessIsKeptAndServed(t *testing.T) {
	engines(t, func(s *scene) {
		a, b, stranger := newWitness(t, "witness.example/a"), newWitness(t, "witness.example/b"), newWitness(t, "stranger.example")
		s.Log = s.open(s.Log.shown.dir, a.vkey()+"\n"+b.vkey())
		s.gave(1)
		s.integrate()
		own, err := note.NewVerifier(s.public)
		if err != nil {
			s.Fatal(err)
		}
		msg, err := s.Checkpoint(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		for _, w := range []witness{a, b, a} {
			if names, err := s.Cosign(s.Context(), w.cosigned(s.T, msg, own)); err != nil || len(names) != 1 || names[0] != w.name {
				s.Errorf("%q %v", names, err)
			}
		}
		k, err := verify.ReadKeys(s.public + "\n" + a.vkey() + "\n" + b.vkey())
		if err != nil {
			s.Fatal(err)
		}
		after, err := s.Checkpoint(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		if c, err := k.Open(after); err != nil || len(c.Witnesses) != 2 || len(c.Unknown) != 0 {
			s.Errorf("%v: witnesses %q, unknown %q in\n%s", err, c.Witnesses, c.Unknown, after)
		}
		if c := s.head(); len(c.Unknown) != 2 {
			s.Errorf("who does not know the witnesses is told of %q", c.Unknown)
		}
		forged := verify.Checkpoint{Origin: origin, Size: 1, Root: [32]byte{1}}
		lie, err := note.Sign(&note.Note{Text: forged.Text()}, a)
		if err != nil {
			s.Fatal(err)
		}
		for name, bad := range map[string][]byte{"a stranger": stranger.cosigned(s.T, msg, own), "the log alone": msg, "nothing": nil, "another head": lie} {
			if names, err := s.Cosign(s.Context(), bad); err == nil {
				s.Errorf("%s: taken from %q", name, names)
			}
		}
		s.gave(2)
		s.integrate()
		if msg, err := s.Checkpoint(s.Context()); err != nil {
			s.Error(err)
		} else if c, err := k.Open(msg); err != nil || len(c.Witnesses) != 0 || c.Size != 2 {
			s.Errorf("the word of a witness on an older head stands on a newer one: %+v %v", c, err)
		}
	})
}
