package crypt

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Passkeys asks authenticators and checks what they answer, for one site (W3C,
// Web Authentication level 3). It keeps nothing: a question comes with what must
// be kept until its answer is checked, and the caller sees to it that a question
// is answered once and soon.
type Passkeys struct {
	w    *webauthn.WebAuthn
	host string // host and port that browsers must stand at
}

// Passkey is what the house keeps of one. Nothing of it is a secret: who has it
// can check a signature and make none.
type Passkey struct {
	ID         []byte // chosen by the authenticator
	Key        []byte // public, in COSE (RFC 9052)
	Counter    uint32 // of its signatures; 0 where the authenticator counts none
	Flags      byte   // what the authenticator said of it: verified, copied to others
	Transports []string
}

// ErrPasskeySite says that browsers make no passkeys for such an address.
var ErrPasskeySite = errors.New("crypt: passkeys need an address that begins with https://, or http://localhost")

// NewPasskeys is for one site: "https://twiza.example" or
// "http://localhost:8080" (level 3, 13.4.9: a name, in a secure context). name is
// what the person's device shows.
func NewPasskeys(site, name string) (*Passkeys, error) {
	u, err := url.Parse(site)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && u.Hostname() == "localhost") {
		return nil, ErrPasskeySite
	}
	if protocol.ValidateRPID(u.Hostname()) != nil { // a number is no name
		return nil, ErrPasskeySite
	}
	w, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation})
	if err != nil {
		return nil, fmt.Errorf("crypt: passkeys: %w", err)
	}
	return &Passkeys{w, u.Host}, nil
}

// Host is the host, with its port, at which browsers use these passkeys.
func (p *Passkeys) Host() string { return p.host }

// PasskeyQuestion is one challenge: what the browser is told, its challenge, by
// which its answer is known again, and what to keep until then.
type PasskeyQuestion struct {
	Options   json.RawMessage
	Challenge string
	Kept      []byte
}

// NewOne asks for a new passkey of somebody: handle is what the authenticator
// gives back to tell whose it is, and names nobody; have are those that they
// have already, so that none is made twice on one device.
func (p *Passkeys) NewOne(handle []byte, login, name string, have []Passkey) (PasskeyQuestion, error) {
	var known []protocol.CredentialDescriptor
	for _, k := range have {
		c := k.credential()
		known = append(known, c.Descriptor())
	}
	must := true
	options, kept, err := p.w.BeginRegistration(holder{handle, login, name, nil}, webauthn.WithExclusions(known),
		webauthn.WithCredentialParameters(webauthn.CredentialParametersRecommendedL3()), webauthn.WithConveyancePreference(protocol.PreferNoAttestation),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{RequireResidentKey: &must, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationPreferred}))
	if err != nil {
		return PasskeyQuestion{}, fmt.Errorf("crypt: asking for a passkey: %w", err)
	}
	return question(options.Response, kept)
}

// Any asks for any passkey of this site, whoever's. alone says that nothing else
// is asked: the device must then check that it is its owner who holds it.
func (p *Passkeys) Any(alone bool) (PasskeyQuestion, error) {
	verify := protocol.VerificationPreferred
	if alone {
		verify = protocol.VerificationRequired
	}
	options, kept, err := p.w.BeginDiscoverableLogin(webauthn.WithUserVerification(verify))
	if err != nil {
		return PasskeyQuestion{}, fmt.Errorf("crypt: asking for a passkey: %w", err)
	}
	return question(options.Response, kept)
}

func question(options any, kept *webauthn.SessionData) (q PasskeyQuestion, err error) {
	if q.Options, err = json.Marshal(options); err != nil {
		return q, err
	}
	q.Challenge = kept.Challenge
	q.Kept, err = json.Marshal(kept)
	return q, err
}

// ErrPasskey is any answer that is not right; what it wraps says why.
var ErrPasskey = errors.New("crypt: not the answer of a passkey")

func wrongPasskey(err error) error {
	if told, ok := errors.AsType[*protocol.Error](err); ok {
		return fmt.Errorf("%w: %s %s", ErrPasskey, told.Details, told.DevInfo)
	}
	return fmt.Errorf("%w: %v", ErrPasskey, err)
}

// PasskeyAnswer is what a browser sent back, read and not yet believed.
type PasskeyAnswer struct {
	Challenge  string // which question it answers, as it says
	Credential []byte // which passkey, as it says
	made       *protocol.ParsedCredentialCreationData
	shown      *protocol.ParsedCredentialAssertionData
}

// ReadNewPasskey reads the answer to NewOne.
func ReadNewPasskey(body []byte) (a PasskeyAnswer, err error) {
	if a.made, err = protocol.ParseCredentialCreationResponseBytes(body); err != nil {
		return a, wrongPasskey(err)
	}
	a.Challenge, a.Credential = a.made.Response.CollectedClientData.Challenge, a.made.RawID
	return a, nil
}

// ReadPasskey reads the answer to Any.
func ReadPasskey(body []byte) (a PasskeyAnswer, err error) {
	if a.shown, err = protocol.ParseCredentialRequestResponseBytes(body); err != nil {
		return a, wrongPasskey(err)
	}
	a.Challenge, a.Credential = a.shown.Response.CollectedClientData.Challenge, a.shown.RawID
	return a, nil
}

// Made checks the answer to NewOne and gives the passkey to keep.
func (p *Passkeys) Made(a PasskeyAnswer, kept, handle []byte) (Passkey, error) {
	var s webauthn.SessionData
	if err := json.Unmarshal(kept, &s); err != nil {
		return Passkey{}, fmt.Errorf("crypt: question of a passkey: %w", err)
	}
	if a.made == nil {
		return Passkey{}, ErrPasskey
	}
	c, err := p.w.CreateCredential(holder{handle: handle}, s, a.made)
	if err != nil {
		return Passkey{}, wrongPasskey(err)
	}
	return asKept(c), nil
}

// Shown checks the answer to Any against the passkey that it names and whose it
// is. The passkey comes back with its counter moved on; copied says that the
// counter did not, so that there are two of what should be one (level 3, 6.1.1).
func (p *Passkeys) Shown(a PasskeyAnswer, kept, handle []byte, of Passkey) (now Passkey, copied bool, err error) {
	var s webauthn.SessionData
	if err := json.Unmarshal(kept, &s); err != nil {
		return of, false, fmt.Errorf("crypt: question of a passkey: %w", err)
	}
	if a.shown == nil {
		return of, false, ErrPasskey
	}
	one := holder{handle, "", "", []webauthn.Credential{of.credential()}}
	_, c, err := p.w.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return one, nil }, s, a.shown)
	if err != nil {
		return of, false, wrongPasskey(err)
	}
	now = asKept(c)
	now.Counter = max(now.Counter, of.Counter)
	return now, c.Authenticator.CloneWarning, nil
}

func asKept(c *webauthn.Credential) Passkey {
	k := Passkey{ID: c.ID, Key: c.PublicKey, Counter: c.Authenticator.SignCount, Flags: byte(c.Flags.ProtocolValue())}
	for _, t := range c.Transport {
		k.Transports = append(k.Transports, string(t))
	}
	return k
}

func (k Passkey) credential() webauthn.Credential {
	c := webauthn.Credential{ID: k.ID, PublicKey: k.Key, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)), Authenticator: webauthn.Authenticator{SignCount: k.Counter}}
	for _, t := range k.Transports {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

// holder is somebody as the library asks for them.
type holder struct {
	handle      []byte
	login, name string
	has         []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.handle }
func (h holder) WebAuthnName() string                       { return h.login }
func (h holder) WebAuthnDisplayName() string                { return h.name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.has }
