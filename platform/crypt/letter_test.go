package crypt_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
)

// TestABoxKeepsItsAddressThroughEveryRotation also proves that a letter written
// before a rotation opens after it: a phone may be away for days.
func TestABoxKeepsItsAddressThroughEveryRotation(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, r *crypt.Ring) {
		v := open(t, d, r)
		box, err := v.Letterbox("round")
		if err != nil {
			t.Fatal(err)
		}
		letter := write(t, box.Address(), "seven people, Tizi Oussem")
		if err := v.RotateField(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := v.RotateMaster(t.Context(), crypt.NewMaster()); err != nil {
			t.Fatal(err)
		}
		again, err := v.Letterbox("round")
		if err != nil || again.Address() != box.Address() {
			t.Fatalf("the address is another one now: %v %v", again, err)
		}
		plain, err := again.Open(letter, 1000)
		if err != nil || string(plain) != "seven people, Tizi Oussem" {
			t.Fatalf("%q %v", plain, err)
		}
		other, err := v.Letterbox("another")
		if err != nil || other.Address() == box.Address() {
			t.Fatal("two boxes have one address")
		}
		if _, err := other.Open(letter, 1000); err != crypt.ErrLetter {
			t.Errorf("a letter opened in another box: %v", err)
		}
		if _, err := box.Open(letter, 3); err != crypt.ErrLetter {
			t.Errorf("a letter that is too long was opened: %v", err)
		}
		for _, bad := range [][]byte{nil, []byte("age-encryption.org/v1\n"), letter[:len(letter)-1], bytes.Replace(letter, letter[len(letter)-4:], []byte("abcd"), 1)} {
			if _, err := box.Open(bad, 1000); err != crypt.ErrLetter {
				t.Errorf("opened %q: %v", bad, err)
			}
		}
		if said := fmt.Sprintf("%v %+v %#v", box, box, box); strings.Contains(said, "SECRET") || !strings.Contains(said, "age1") {
			t.Errorf("a box prints as %s", said)
		}
	})
}

func write(t *testing.T, address, words string) []byte {
	t.Helper()
	to, err := age.ParseX25519Recipient(address)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, words)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
