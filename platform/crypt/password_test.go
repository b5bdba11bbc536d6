package crypt

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
)

func TestAPasswordOpensItsOwnDoorAndNoOther(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, err := HashPassword(ctx, "كلمة السر ديالي")
	if err != nil {
		t.Fatal(err)
	}
	b, err := HashPassword(ctx, "كلمة السر ديالي")
	if err != nil || a == b {
		t.Fatalf("one password gave one string twice: %v", err)
	}
	if !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored as %s", a)
	}
	if ok, err := VerifyPassword(ctx, a, "كلمة السر ديالي"); !ok || err != nil {
		t.Errorf("the right password: %v, %v", ok, err)
	}
	for _, wrong := range []string{"كلمة السر", "", strings.Repeat("x", 10_000)} {
		if ok, err := VerifyPassword(ctx, a, wrong); ok || err != nil {
			t.Errorf("a wrong password: %v, %v", ok, err)
		}
	}
}

func TestOneAccentTypedOnTwoKeyboardsIsOnePassword(t *testing.T) {
	t.Parallel()
	stored, err := HashPassword(t.Context(), "\u00e9t\u00e9 au douar")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := VerifyPassword(t.Context(), stored, "e\u0301te\u0301 au douar"); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestAnAccountThatIsNotThereIsWorkedOnAndNeverOpens(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", "anything at all"} {
		if ok, err := VerifyPassword(t.Context(), "", password); ok || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
}

// Test vectors of the reference implementation (P-H-C/phc-winner-argon2,
// src/test.c, Argon2id, version 0x13).
func TestThePasswordsOfTheReferenceImplementationOpen(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
		"$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg",
	} {
		if ok, err := VerifyPassword(t.Context(), stored, "password"); !ok || err != nil {
			t.Errorf("%s: %v, %v", stored, ok, err)
		}
		if ok, _ := VerifyPassword(t.Context(), stored, "Password"); ok {
			t.Errorf("%s opens for another password", stored)
		}
		if !NeedsRehash(stored) {
			t.Errorf("%s is thought strong enough", stored)
		}
	}
}

func TestAPasswordOfTodayNeedsNoNewHash(t *testing.T) {
	t.Parallel()
	stored, err := HashPassword(t.Context(), "eight or more")
	if err != nil || NeedsRehash(stored) {
		t.Errorf("%s, %v", stored, err)
	}
	weaker := strings.Replace(stored, "m=19456", "m=19455", 1)
	if !NeedsRehash(weaker) || !NeedsRehash("") {
		t.Error("a weaker setting is thought strong enough")
	}
}

func TestAPasswordTooShortOrTooLongIsToldInCharacters(t *testing.T) {
	t.Parallel()
	_, err := HashPassword(t.Context(), "سبعةحرو")
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Key != "crypt.password.too_short" || f.Args["got"] != 7 || f.Args["least"] != 8 {
		t.Errorf("%v", err)
	}
	_, err = HashPassword(t.Context(), strings.Repeat("ا", 257))
	if f, ok = errors.AsType[*fault.Fault](err); !ok || f.Key != "crypt.password.too_long" || f.Args["most"] != 256 {
		t.Errorf("%v", err)
	}
}

func TestABrokenStoredPasswordIsAnErrorAndCostsNothing(t *testing.T) {
	t.Parallel()
	const salt, sum = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, stored := range []string{
		"x", "$", "$argon2id$v=19$m=256,t=2,p=1$" + salt,
		"$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=9999,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=2,p=300$" + salt + "$" + sum,
		"$argon2id$v=19$t=2,m=256,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$",
		"$argon2id$v=19$m=256,t=2,p=1$$" + sum,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "=$" + sum,
	} {
		if ok, err := VerifyPassword(t.Context(), stored, "password"); ok || !errors.Is(err, errPHC) {
			t.Errorf("%s: %v, %v", stored, ok, err)
		}
	}
}

// Not parallel: it takes both places at the counter.
func TestAThirdPasswordWaitsForItsTurn(t *testing.T) {
	for range cap(hashing) {
		hashing <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, err := HashPassword(ctx, "waiting in line"); done <- err }()
	select {
	case err := <-done:
		t.Errorf("it did not wait: %v", err)
	default:
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("who left the line got %v", err)
	}
	<-hashing
	if _, err := HashPassword(t.Context(), "a place is free"); err != nil {
		t.Errorf("with a place free: %v", err)
	}
	<-hashing
	if cap(hashing) != 2 {
		t.Errorf("%d passwords are worked on at once", cap(hashing))
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=0,t=0,p=0$$")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err != nil {
			return
		}
		if p.memory > 1<<18 || p.passes == 0 || p.lanes == 0 || len(p.salt) < 8 || len(p.sum) < 16 {
			t.Fatalf("%q gives %+v", s, p)
		}
		if again, err := parsePHC(p.String()); err != nil || again.String() != p.String() {
			t.Fatalf("%q is written back as %q, %v", s, p, err)
		}
	})
}

func BenchmarkHashPassword(b *testing.B) {
	for b.Loop() {
		if _, err := HashPassword(b.Context(), "correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}
