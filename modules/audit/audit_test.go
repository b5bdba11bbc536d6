package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"testing"
)

func TestASampleIsWhatItsSeedDrawsAndNothingElse(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 1000 {
		all = append(all, "giving.gift/"+strconv.Itoa(i))
	}
	one := Draw("7-12-31", all, 20)
	upside := slices.Clone(all)
	slices.Reverse(upside)
	if again := Draw("7-12-31", upside, 20); !slices.Equal(one, again) {
		t.Errorf("the order of the list changes the sample: %v, %v", one, again)
	}
	if other := Draw("7-12-32", all, 20); slices.Equal(one, other) {
		t.Error("another seed draws the same")
	}
	if more := Draw("7-12-31", all, 50); !slices.Equal(one, more[:20]) {
		t.Error("a longer sample does not begin as the shorter one")
	}
	if whole := Draw("x", all[:3], 20); len(whole) != 3 {
		t.Errorf("of 3 things %d are drawn", len(whole))
	}
	// worked out by hand, as the page tells whoever draws again
	least, which := "~", ""
	for _, s := range all {
		if sum := sha256.Sum256([]byte("7-12-31\n" + s)); hex.EncodeToString(sum[:]) < least {
			least, which = hex.EncodeToString(sum[:]), s
		}
	}
	if one[0] != which {
		t.Errorf("the first is %s, by hand %s", one[0], which)
	}
	// each thing is drawn about as often as another: 1000 seeds of 20 of 1000 are 20 each
	often := map[string]int{}
	for i := range 1000 {
		for _, s := range Draw(strconv.Itoa(i), all, 20) {
			often[s]++
		}
	}
	for s, n := range often {
		if n > 50 { // 6.8 standard deviations
			t.Errorf("%s is drawn %d times", s, n)
		}
	}
	sum := sha256.Sum256([]byte("a\nb\n"))
	if Digest(list([]string{"b", "a"})) != hex.EncodeToString(sum[:]) {
		t.Error("the digest is not SHA-256 over the names in order")
	}
}
