package crypt

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	qrcode "github.com/skip2/go-qrcode"
)

// RFC 6238 appendix B, SHA-1. The document prints eight digits; six are their end.
var rfc6238 = []struct {
	at   int64
	code string
}{
	{59, "94287082"}, {1111111109, "07081804"}, {1111111111, "14050471"},
	{1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"},
}

var rfcSecret = base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))

func TestTheCodesOfRFC6238AreAccepted(t *testing.T) {
	t.Parallel()
	for _, v := range rfc6238 {
		c, ok := CheckTOTP(rfcSecret, v.code[2:], time.Unix(v.at, 0), 0)
		if !ok || c != v.at/30 {
			t.Errorf("at %d: counter %d, %v", v.at, c, ok)
		}
	}
}

func TestACodeToldIsTheOneOfTheApp(t *testing.T) {
	t.Parallel()
	for _, v := range rfc6238 {
		if code, err := TOTPCode(rfcSecret, time.Unix(v.at, 0)); err != nil || code != v.code[2:] {
			t.Errorf("at %d: %q, %v", v.at, code, err)
		}
	}
	if _, err := TOTPCode("not base32!", time.Unix(59, 0)); err == nil {
		t.Error("a broken secret has a code")
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	at := time.Unix(1234567890, 0)
	c, ok := CheckTOTP(rfcSecret, "005924", at, 0)
	if !ok {
		t.Fatal("the first use was refused")
	}
	if _, ok := CheckTOTP(rfcSecret, "005924", at, c); ok {
		t.Error("the second use was accepted")
	}
	if _, ok := CheckTOTP(rfcSecret, "005924", at.Add(29*time.Second), c); ok {
		t.Error("the second use was accepted half a minute later")
	}
	if _, ok := CheckTOTP(rfcSecret, "005924", at, c+1); ok {
		t.Error("a code older than the last one used was accepted")
	}
}

func TestACodeIsGoodOneStepEarlyOrLateAndNoMore(t *testing.T) {
	t.Parallel()
	at := time.Unix(1234567890, 0) // the beginning of a step
	for shift, want := range map[time.Duration]bool{
		0: true, 29 * time.Second: true, 59 * time.Second: true, -30 * time.Second: true,
		60 * time.Second: false, -31 * time.Second: false, time.Hour: false,
	} {
		c, ok := CheckTOTP(rfcSecret, "005924", at.Add(shift), 0)
		if ok != want || ok && c != at.Unix()/30 {
			t.Errorf("%v away: counter %d, %v", shift, c, ok)
		}
	}
}

func TestACodeIsReadAsItWasTyped(t *testing.T) {
	t.Parallel()
	at := time.Unix(1234567890, 0)
	for code, want := range map[string]bool{
		"005 924": true, " 005924 ": true, "٠٠٥٩٢٤": true, "۰۰۵ ۹۲۴": true,
		"5924": false, "": false, "0059240": false, "00592A": false,
	} {
		if _, ok := CheckTOTP(rfcSecret, code, at, 0); ok != want {
			t.Errorf("%q: %v", code, ok)
		}
	}
	if _, ok := CheckTOTP("not base32!", "005924", at, 0); ok {
		t.Error("a broken secret accepts codes")
	}
}

func TestAnAppCanReadTheSecondFactorItIsShown(t *testing.T) {
	t.Parallel()
	secret, link, err := NewTOTP("amina@example.org", "تويزة")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/تويزة:amina@example.org" {
		t.Errorf("%s, %v", link, err)
	}
	q := u.Query()
	if q.Get("secret") != secret || q.Get("issuer") != "تويزة" || q.Get("digits") != "6" || q.Get("period") != "30" || q.Get("algorithm") != "SHA1" {
		t.Errorf("%v", q)
	}
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil || len(raw) != 20 {
		t.Errorf("a secret of %d bytes, %v", len(raw), err)
	}
	if other, _, err := NewTOTP("amina@example.org", "تويزة"); err != nil || other == secret {
		t.Errorf("one secret twice, %v", err)
	}
	for _, name := range []string{"", "a:b"} {
		if _, _, err := NewTOTP(name, "Twiza"); err == nil {
			t.Errorf("the account %q was taken", name)
		}
	}
}

func TestAQRCodeShowsEveryDotAndNothingElse(t *testing.T) {
	t.Parallel()
	const text = "otpauth://totp/Twiza:amina?secret=JBSWY3DPEHPK3PXP&issuer=Twiza"
	html, err := QR(text)
	if err != nil {
		t.Fatal(err)
	}
	svg := string(html)
	if strings.Contains(svg, "style") || strings.Contains(svg, "script") || strings.Contains(svg, "secret") {
		t.Errorf("more than dots: %s", svg)
	}
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	want := q.Bitmap()
	if !strings.Contains(svg, fmt.Sprintf(`viewBox="0 0 %d %d"`, len(want), len(want))) {
		t.Errorf("the frame is wrong: %.120s", svg)
	}
	got := make([][]bool, len(want))
	for y := range got {
		got[y] = make([]bool, len(want))
	}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		if m[3] != m[4] {
			t.Errorf("a run goes %s and comes back %s", m[3], m[4])
		}
		for i := range n {
			got[y][x+i] = true
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("the drawing is not the code")
	}
	if _, err := QR(strings.Repeat("x", 3000)); err == nil {
		t.Error("a text that fits no code was drawn")
	}
}
