package people

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// authenticator is one written for tests from the standard (W3C, Web
// Authentication level 3, 6.1 and 6.5): a P-256 key, CBOR by hand, and every way
// of lying that a test asks for.
type authenticator struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	counts  bool // a device that counts its signatures; a synced passkey does not

	origin     string // where the browser says that it stands
	rp         string // what the device was asked to sign for
	unverified bool   // nobody looked whose finger it is
}

const softSite = "https://twiza.example"

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authenticator{t: t, key: key, id: make([]byte, 32), counts: true, origin: softSite, rp: "twiza.example"}
	rand.Read(a.id)
	return a
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// asked is what a browser is told, as far as a device needs it.
type asked struct {
	Challenge string `json:"challenge"`
	User      struct {
		ID string `json:"id"`
	} `json:"user"`
	Selection struct {
		ResidentKey string `json:"residentKey"`
	} `json:"authenticatorSelection"`
	UserVerification string `json:"userVerification"`
	Attestation      string `json:"attestation"`
	RP               struct {
		ID string `json:"id"`
	} `json:"rp"`
	RPID    string `json:"rpId"`
	Allow   []any  `json:"allowCredentials"`
	Exclude []struct {
		ID string `json:"id"`
	} `json:"excludeCredentials"`
}

func (a *authenticator) read(options []byte) (q asked) {
	a.t.Helper()
	if err := json.Unmarshal(options, &q); err != nil || q.Challenge == "" {
		a.t.Fatalf("%v: %s", err, options)
	}
	return q
}

func (a *authenticator) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// data is the authenticator data of 6.1: hash of the site, flags, counter.
func (a *authenticator) data(made []byte) []byte {
	site := sha256.Sum256([]byte(a.rp))
	flags := byte(0x01) // somebody is there
	if !a.unverified {
		flags |= 0x04
	}
	if made != nil {
		flags |= 0x40
	}
	if a.counts {
		a.counter++
	}
	out := append(site[:], flags)
	out = binary.BigEndian.AppendUint32(out, a.counter)
	return append(out, made...)
}

func cborBytes(b []byte) []byte {
	if len(b) < 256 {
		return append([]byte{0x58, byte(len(b))}, b...)
	}
	return append([]byte{0x59, byte(len(b) >> 8), byte(len(b))}, b...)
}

func cborText(s string) []byte { return append([]byte{0x60 | byte(len(s))}, s...) }

// make answers a question for a new passkey, with attestation "none".
func (a *authenticator) make(options []byte) []byte {
	a.t.Helper()
	q := a.read(options)
	handle, err := base64.RawURLEncoding.DecodeString(q.User.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	a.handle = handle
	point, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		a.t.Fatal(err)
	}
	// COSE_Key (RFC 9053, 7.1.1): kty EC2, alg ES256, crv P-256, x, y
	cose := bytes.Join([][]byte{{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}, cborBytes(point[1:33]), {0x22}, cborBytes(point[33:])}, nil)
	made := append(make([]byte, 16), byte(len(a.id)>>8), byte(len(a.id)))
	made = append(append(made, a.id...), cose...)
	object := bytes.Join([][]byte{{0xa3}, cborText("fmt"), cborText("none"), cborText("attStmt"), {0xa0}, cborText("authData"), cborBytes(a.data(made))}, nil)
	return a.wire(map[string]any{"clientDataJSON": base64url(a.client("webauthn.create", q.Challenge)), "attestationObject": base64url(object), "transports": []string{"internal"}})
}

// show answers a question for a passkey.
func (a *authenticator) show(options []byte) []byte {
	a.t.Helper()
	client := a.client("webauthn.get", a.read(options).Challenge)
	data := a.data(nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.wire(map[string]any{"clientDataJSON": base64url(client), "authenticatorData": base64url(data), "signature": base64url(sig), "userHandle": base64url(a.handle)})
}

func (a *authenticator) wire(response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{"id": base64url(a.id), "rawId": base64url(a.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}
