package crypt

import (
	"crypto/subtle"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	qrcode "github.com/skip2/go-qrcode"
)

// The second factor is RFC 6238 with what every authenticator app supports:
// six digits, thirty seconds, HMAC-SHA-1, a secret of 160 bits (RFC 4226 §4 R6).
const (
	totpStep   = 30 // seconds
	totpSecret = 20 // bytes
)

// NewTOTP draws a secret for an account. The secret is base32, to be sealed;
// url is what the app reads from the QR code (otpauth://totp/…). Neither name
// may be empty or hold a colon.
func NewTOTP(account, issuer string) (secret, url string, err error) {
	if strings.Contains(account+issuer, ":") {
		return "", "", fmt.Errorf("crypt: a colon in %q or %q would be read as the end of the issuer", account, issuer)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, Period: totpStep, SecretSize: totpSecret})
	if err != nil {
		return "", "", fmt.Errorf("crypt: making a second factor: %w", err)
	}
	return key.Secret(), key.URL(), nil
}

// CheckTOTP tells whether code is the one of this half minute, or of the one
// before or after, for clocks and people are not exact (RFC 6238 §5.2). A code
// is good once: one of a counter that is not above last is refused. Keep the
// counter that comes back where last is read from, in one statement that fails
// when another sign-in was faster ("… SET last = ?1 WHERE … AND last < ?1").
func CheckTOTP(secret, code string, at time.Time, last int64) (counter int64, ok bool) {
	given := []byte(typed(code))
	now := at.Unix() / totpStep
	for c := max(now-1, 0); c <= now+1; c++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(c), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(want), given) == 1 && c > last && !ok {
			counter, ok = c, true
		}
	}
	return counter, ok
}

// TOTPCode is the code that an authenticator app with the secret shows at that
// moment: for a demonstration, which tells its own codes, and for tests.
func TOTPCode(secret string, at time.Time) (string, error) {
	code, err := hotp.GenerateCodeCustom(secret, uint64(at.Unix()/totpStep), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", fmt.Errorf("crypt: telling a code: %w", err)
	}
	return code, nil
}

// Dots are the dark and light fields of a QR code (ISO/IEC 18004, level M), row by
// row, with its quiet zone of four.
func Dots(text string) ([][]bool, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("crypt: drawing a QR code: %w", err)
	}
	return q.Bitmap(), nil
}

// QR draws text as an SVG: black on white in every theme, for readers expect
// that, with no style of its own (class "qr" gives the size). It is hidden from
// screen readers: show what it says beside it. Text too long for a code, some
// 2,300 bytes, is an error.
func QR(text string) (template.HTML, error) {
	dots, err := Dots(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="qr" viewBox="0 0 %d %d" aria-hidden="true" focusable="false" shape-rendering="crispEdges">`, len(dots), len(dots))
	fmt.Fprintf(&b, `<path class="qr-paper" fill="#fff" d="M0 0h%dv%dH0z"/><path class="qr-ink" fill="#000" d="`, len(dots), len(dots))
	for y, row := range dots {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil
}
