package crypt

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
)

// What the house signs, anybody checks with the public key alone, years later
// and without asking the house: Ed25519 (RFC 8032). The private key is derived
// from the key that derives codes, which lies wrapped by the master key and is
// never replaced, so that what was signed once stays checkable after every
// rotation. Each purpose has a pair of its own: a paper that the house signed as
// one thing is never taken for another.
//
// docs/decisions/0003-keys.md names this key with the others.

// Sign is the house's signature on message, 64 bytes, the same each time.
func (v *Vault) Sign(purpose string, message []byte) []byte {
	return ed25519.Sign(v.signer(purpose), message)
}

// SignKey is the public key of a purpose, 32 bytes, for whoever checks by
// themselves.
func (v *Vault) SignKey(purpose string) ed25519.PublicKey {
	return v.signer(purpose).Public().(ed25519.PublicKey)
}

// Signed tells whether the house signed message for that purpose.
func (v *Vault) Signed(purpose string, message, signature []byte) bool {
	return len(signature) == ed25519.SignatureSize && ed25519.Verify(v.SignKey(purpose), message, signature)
}

// signer derives the pair of a purpose. Codes of 4 to 9 digits begin at block
// 4<<16: no code and no seed is worked out from the same bytes.
func (v *Vault) signer(purpose string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(derive(v.keys.Load().code, "ed25519|"+purpose, "", 0))
}

// Fingerprint is a public key in a form that people compare: the first 16 bytes
// of its SHA-256, in hexadecimal.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:16])
}
