package crypt

import (
	"bytes"
	"crypto/cipher"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
)

// fixed is a vault with known keys, for what must come out the same for ever.
func fixed() *Vault {
	key := make([]byte, keySize)
	for i := range key {
		key[i] = byte(i)
	}
	v := &Vault{unknown: map[uint32]struct{}{}}
	v.keys.Store(&keys{current: 7, fields: map[uint32]cipher.AEAD{7: newGCM(key)}, index: key, code: key})
	return v
}

// The expected values here and below were computed by another program (Python's
// hmac, hashlib and cryptography) from the definitions in the comments.
func TestWhatIsDerivedNeverChanges(t *testing.T) {
	t.Parallel()
	v := fixed()
	if got := hex.EncodeToString(v.Index("phone", "+212661234542")); got != "e971b54f37081a7181a2d1b032e7e9dd" {
		t.Errorf("index %s", got)
	}
	if got := v.Code("delivery", "case|1", 6); got != "385617" {
		t.Errorf("code %s", got)
	}
	if got := v.Code("delivery", "case|1", 4); got != "1200" {
		t.Errorf("code %s", got)
	}
	salt := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	if got := hex.EncodeToString(Commit(salt, []byte("زينب"))); got != "ba305f0d1e6705f35128f12c84936b0182595aff5faba55025b7ea0235cbe4f1" {
		t.Errorf("commitment %s", got)
	}
}

// firstSealed is AES-256-GCM of "زينب" at cases_request.name|01 with fixed's key.
const firstSealed = "01000000076465666768696a6b6c6d6e6f90a907eca06f8e366d5615d57e92518faab7010dbbec14f8"

func TestWhatWasSealedByTheFirstReleaseOpensForEver(t *testing.T) {
	t.Parallel()
	sealed, err := hex.DecodeString(firstSealed)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fixed().OpenText(At("cases_request.name", "01"), sealed); err != nil || got != "زينب" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestIndexesOfTwoPurposesCannotBeJoined(t *testing.T) {
	t.Parallel()
	v := fixed()
	a := v.Index("phone", "x")
	if len(a) != indexSize || !bytes.Equal(a, v.Index("phone", "x")) {
		t.Errorf("index %x and then %x", a, v.Index("phone", "x"))
	}
	for _, other := range [][]byte{v.Index("name", "x"), v.Index("phone", "y"), v.Index("phonex", ""), v.Index("phon", "ex")} {
		if bytes.Equal(a, other) {
			t.Errorf("two inputs share the index %x", a)
		}
	}
}

func TestEveryDeliveryCodeIsEquallyLikely(t *testing.T) {
	t.Parallel()
	v := fixed()
	var count [10][4]int
	const draws = 20_000
	for i := range draws {
		code := v.Code("delivery", strings.Repeat("x", i%50)+string(rune('a'+i%26))+string(rune(i)), 4)
		if len(code) != 4 {
			t.Fatalf("code %q", code)
		}
		for p, c := range []byte(code) {
			count[c-'0'][p]++
		}
	}
	for d := range count {
		for p, n := range count[d] { // 2,000 expected, standard deviation 42
			if n < 1750 || n > 2250 {
				t.Errorf("digit %d stands at place %d in %d of %d codes", d, p, n, draws)
			}
		}
	}
}

func TestACodeBelongsToOneSubjectAndOnePurpose(t *testing.T) {
	t.Parallel()
	v := fixed()
	code := v.Code("delivery", "case|1", 6)
	arabic := strings.NewReplacer("0", "٠", "1", "١", "2", "٢", "3", "٣", "4", "٤", "5", "٥", "6", "٦", "7", "٧", "8", "٨", "9", "٩")
	for _, given := range []string{code, " " + code[:3] + " " + code[3:], code[:3] + "-" + code[3:], arabic.Replace(code)} {
		if !v.Match("delivery", "case|1", 6, given) {
			t.Errorf("%q was refused", given)
		}
	}
	for _, given := range []string{"", code[:5], code + "0", "abcdef", v.Code("delivery", "case|2", 6), v.Code("mission", "case|1", 6)} {
		if v.Match("delivery", "case|1", 6, given) {
			t.Errorf("%q was accepted", given)
		}
	}
}

func TestATokenIsLongUniqueAndSafeInALink(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		s := Token()
		if len(s) != 43 || seen[s] || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Fatalf("token %q", s)
		}
		seen[s] = true
	}
	if bytes.Equal(TokenSum("a"), TokenSum("b")) || !bytes.Equal(TokenSum("a"), TokenSum("a")) {
		t.Error("sums do not tell tokens apart")
	}
}

func TestACommitmentHoldsForItsSaltAndDataAlone(t *testing.T) {
	t.Parallel()
	salt, data := NewSalt(), []byte("said")
	c := Commit(salt, data)
	if len(salt) != 16 || !Committed(c, salt, data) {
		t.Error("a commitment does not hold")
	}
	moved := append(bytes.Clone(salt), data[0]) // one byte from the data to the salt
	for name, ok := range map[string]bool{
		"other salt": Committed(c, NewSalt(), data), "other data": Committed(c, salt, []byte("sais")),
		"moved border": Committed(c, moved, data[1:]), "nothing": Committed(nil, salt, data),
	} {
		if ok {
			t.Errorf("%s: the commitment holds", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	d, err := db.Open("file:"+filepath.Join(f.TempDir(), "fuzz.db"), clock.System{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { d.Close() })
	if err := d.Migrate(f.Context(), "crypt", Files); err != nil {
		f.Fatal(err)
	}
	v := fixed()
	v.db = d // where the ids of keys that nobody has are looked up
	if v.ring, err = FromEnv(line1); err != nil {
		f.Fatal(err)
	}
	whole, err := hex.DecodeString(firstSealed)
	if err != nil {
		f.Fatal(err)
	}
	place := At("cases_request.name", "01")
	f.Add(place, whole)
	f.Add(place, whole[:20])
	f.Add("", []byte{})
	f.Fuzz(func(t *testing.T, at string, sealed []byte) {
		plain, err := v.Open(at, sealed)
		genuine := at == place && bytes.Equal(sealed, whole)
		if genuine != (err == nil) || err != nil && plain != nil {
			t.Fatalf("%x in %q opens as %q, %v", sealed, at, plain, err)
		}
	})
}
