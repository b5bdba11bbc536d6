package app

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/testkit"
)

// An authenticator of Chromium's own, inside a phone, that somebody verified.
func TestSomebodyMakesAPasskeySignsOutAndComesInWithIt(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	s := newStreet(t)
	s.site = strings.Replace(s.site, "127.0.0.1", "localhost", 1)
	s.must(s.h.People.UsePasskeys(s.site))
	b := testkit.Chromium(t)
	_, err := chromedp.Call(b.Context(), webauthn.Enable, webauthn.EnableParams{})
	s.must(err)
	_, err = chromedp.Call(b.Context(), webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	s.must(err)
	s.signIn(b, "fr", "dispatcher")
	b.Open(s.site + "/fr/me/passkeys")
	s.onDesk(b, "passkeys")
	b.Fill("[name=name]", "Téléphone du travail")
	b.Follow("[data-make]")
	if !strings.Contains(b.Text("main"), "Téléphone du travail") {
		t.Fatalf("the passkey is not kept: %s", b.Text("main"))
	}
	s.onDesk(b, "passkeys-one")
	signOut(b)
	s.onPhone(b, "sign-in-passkey")
	b.Follow(`form[action$="/sign-in/passkey"] [data-ask]`)
	if b.Count("[name=password]") > 0 || !strings.HasSuffix(b.URL(), "/fr/queue") {
		t.Fatalf("does not get in: %s at %s", b.Text("main"), b.URL())
	}
	b.Open(s.site + "/fr/me/passkeys")
	signOut(b)
	b.Fill("[name=login]", "dispatcher")
	b.Fill("[name=password]", walkPassword)
	b.Follow(`form[action$="/sign-in"] [data-ask]`)
	if b.Count("[name=password]") > 0 {
		t.Fatalf("does not get in with password and passkey: %s", b.Text("main"))
	}
}

// signOut opens the menu of whoever is here, as a person does, and leaves.
func signOut(b *testkit.Browser) {
	b.Click(`details:has(form[action$="/sign-out"]) > summary`)
	b.Submit(`form[action$="/sign-out"]`)
}
