package crypt

import (
	"encoding/hex"
	"testing"
)

// The expected values were computed by another program: the seed with Python's
// hmac from the definition in sign.go, key and signature with OpenSSL.
func TestWhatTheHouseSignsIsCheckedByOthersAndNeverChanges(t *testing.T) {
	t.Parallel()
	v := fixed()
	if got := hex.EncodeToString(v.SignKey("attestation")); got != "47b17f1f44a83ed107a352d0fe2813572e7e6c06924ab5d1ffd491d65594f0dc" {
		t.Errorf("key %s", got)
	}
	const want = "27898c895b71647c46c53b547903afbc9c8456b2870448722c5d661b140e71ec3c651f5af973f940e15465fd00dd6c6a9ff7a88ab344b6b17f64beba47e8a80f"
	signature := v.Sign("attestation", []byte("six hours"))
	if got := hex.EncodeToString(signature); got != want {
		t.Errorf("signature %s", got)
	}
	if !v.Signed("attestation", []byte("six hours"), signature) {
		t.Error("what the house signed is not known to it")
	}
}

func TestASignatureIsGoodForItsOwnMessageAndPurposeAlone(t *testing.T) {
	t.Parallel()
	v := fixed()
	signature := v.Sign("attestation", []byte("six hours"))
	altered := append([]byte(nil), signature...)
	altered[10] ^= 1
	for what, ok := range map[string]bool{
		"another message": v.Signed("attestation", []byte("ten hours"), signature),
		"another purpose": v.Signed("receipt", []byte("six hours"), signature),
		"a changed bit":   v.Signed("attestation", []byte("six hours"), altered),
		"half of it":      v.Signed("attestation", []byte("six hours"), signature[:32]),
		"nothing":         v.Signed("attestation", []byte("six hours"), nil),
	} {
		if ok {
			t.Errorf("%s passes", what)
		}
	}
	if Fingerprint(v.SignKey("attestation")) == Fingerprint(v.SignKey("receipt")) {
		t.Error("two purposes share a key")
	}
}
