package geo

import (
	"regexp"
	"strings"
)

// shortLinks hide the point behind somebody else's server: to learn where they
// lead one must ask it, and tell it who is looked for.
var shortLinks = regexp.MustCompile(`(?i)\b((?:https?://)?(?:maps\.app\.goo\.gl|goo\.gl/maps|g\.co/kgs|g\.page|maps\.apple/p|waze\.com/ul/h[a-z0-9]|w3w\.co|what3words\.com|bit\.ly|tinyurl\.com|t\.co)(?:/[^\s<>"]*|[a-z0-9]*))`)

// ShortLink finds a link that leads to a map without saying where: the point
// cannot be read from it, and the house asks nobody else. It is for saying so
// kindly: "send the place itself from the map, or its name". Not ok when the text
// holds a point as well, or no such link.
func ShortLink(text string) (link string, ok bool) {
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	m := shortLinks.FindString(text)
	if m == "" {
		return "", false
	}
	if _, known := Parse(text); known {
		return "", false
	}
	return strings.TrimRight(m, ".,;:!?)»"), true
}

// plusDigits are the twenty letters of plus codes, none of which looks like
// another.
const plusDigits = "23456789CFGHJMPQRVWX"

var plusShape = regexp.MustCompile(`(?i)(?:^|[^0-9A-Z+])([` + plusDigits + `]{8})(?:\+|%2B)([` + plusDigits + `]{2,7})(?:[^0-9A-Z+]|$)`)

// plusCode reads a whole plus code, "8C2V5RQ2+XX", wherever it stands: the middle
// of its square (Open Location Code specification 1.0, "Decoding"). Short codes
// need a town to start from and are not read here.
func plusCode(s string) (Point, bool) {
	m := plusShape.FindStringSubmatch(s)
	if m == nil {
		return Point{}, false
	}
	code := strings.ToUpper(m[1] + m[2])
	lat, lon, high, wide := -90.0, -180.0, 400.0, 400.0
	for i := 0; i+1 < 10 && i+1 < len(code); i += 2 {
		high, wide = high/20, wide/20
		lat += high * float64(strings.IndexByte(plusDigits, code[i]))
		lon += wide * float64(strings.IndexByte(plusDigits, code[i+1]))
	}
	for i := 10; i < len(code); i++ { // a finer grid of five rows and four columns
		d := strings.IndexByte(plusDigits, code[i])
		high, wide = high/5, wide/4
		lat += high * float64(d/4)
		lon += wide * float64(d%4)
	}
	return known(Point{lat + high/2, lon + wide/2}, lat < 90 && lon < 180)
}
