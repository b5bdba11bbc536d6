package people

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
)

// Standing is where an account stands. Only an active one may sign in.
type Standing string

const (
	Invited  Standing = "invited" // has a link, and no password or second factor yet
	Active   Standing = "active"
	Disabled Standing = "disabled"
)

// Account is a person who works here. The name is a staff name: colleagues see
// it, the journal never does.
type Account struct {
	ID      actor.AccountID
	Login   string // lower case, chosen once
	Name    string
	Langs   []string // languages spoken, as the country pack has them: shi, ary, fr …
	State   Standing
	MadeAt  time.Time
	Version int64

	password string // argon2id, "" until it is chosen
	totp     []byte // sealed secret
	totpLast int64
	fresh    string // password, hashed anew at a sign-in; "" when it need not be
}

// LeastPassword is how many characters a password must have: more than NIST SP
// 800-63B-4 §3.1.1.2 asks beside a second factor, for staff read out phones and
// addresses.
const LeastPassword = 12

var loginShape = regexp.MustCompile(`^[a-z0-9][a-z0-9.\-_]{1,38}[a-z0-9]$`)

// tidyLogin is a login as it is kept: people type capitals and Arabic digits.
func tidyLogin(s string) string { return strings.ToLower(strings.TrimSpace(arabic.Digits(s))) }

// wrong says everything that an account cannot be made with; known are the
// languages that people may speak.
func (a Account) wrong(known []string) (all fault.All) {
	if !loginShape.MatchString(a.Login) {
		all = append(all, fault.New(fault.Invalid, "people.account.login_shape").On("login"))
	}
	switch n := utf8.RuneCountInString(a.Name); {
	case n == 0:
		all = append(all, fault.New(fault.Invalid, "people.account.name_missing").On("name"))
	case n > maxName:
		all = append(all, fault.New(fault.Invalid, "people.account.name_long", "most", maxName).On("name"))
	}
	return append(all, wrongLangs(a.Langs, known)...)
}

func wrongLangs(langs, known []string) (all fault.All) {
	for _, l := range langs {
		if !slices.Contains(known, l) {
			all = append(all, fault.New(fault.Invalid, "people.account.lang_unknown", "lang", l).On("langs"))
		}
	}
	return all
}

// whenOpen is where an account stands once nobody keeps it shut.
func (a Account) whenOpen() Standing {
	if a.password != "" && len(a.totp) > 0 {
		return Active
	}
	return Invited
}

//go:embed common.txt
var commonText string

// common is the passwords that are tried first, longest first: the world's, and
// the words that people here begin with.
var common = sync.OnceValue(func() []string {
	words := strings.Fields(commonText)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
})

// fewLetters is what a password has left, once the common ones are taken out
// of it, when it is no better than they are.
const fewLetters = 4

// wrongPassword says why a password is not good enough: too short, or made of
// the common ones and of the login. It asks for no kinds of characters.
func wrongPassword(password, login string) *fault.Fault {
	if n := utf8.RuneCountInString(password); n < LeastPassword {
		return fault.New(fault.Invalid, "people.account.password_short", "got", n, "least", LeastPassword).On("password")
	}
	rest := strings.ToLower(arabic.Digits(password))
	if len(login) >= fewLetters {
		rest = strings.ReplaceAll(rest, login, "")
	}
	for _, word := range common() {
		rest = strings.ReplaceAll(rest, word, "")
	}
	left := map[rune]bool{}
	for _, r := range rest {
		left[r] = true
	}
	if len(left) < fewLetters {
		return fault.New(fault.Invalid, "people.account.password_common").On("password")
	}
	return nil
}
