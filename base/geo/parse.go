package geo

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/arabic"
)

// longest is how much of a text is looked at: a forwarded message, not a book.
const longest = 4000

// Parse finds the point somebody pasted: a map link anywhere in the text
// (geo:, Google, Apple, Waze, OpenStreetMap), a whole plus code, degrees with
// minutes and seconds, labelled latitude and longitude, or a plain pair "31.2, -8.1", with Arabic
// digits and signs or decimal commas ("31,2; -8,1") too. A pair of bare numbers
// counts only when it is the whole text or written to three decimals, so that
// "2.5, 3 familles" places nobody. Latitude comes first unless labelled. What is
// off the globe, and 0,0, which phones say when they do not know, is not ok.
func Parse(text string) (Point, bool) {
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	s := plain(text)
	for _, read := range readers {
		if p, ok := read(s); ok {
			return p, true
		}
	}
	return Point{}, false
}

// plain folds what keyboards and links write differently: digits, signs,
// separators, percent codes, Arabic compass words; it drops direction marks.
func plain(s string) string {
	return strings.TrimSpace(unfold.Replace(arabic.Digits(s)))
}

var unfold = strings.NewReplacer(
	"\u200e", "", "\u200f", "", "\u061c", "", "\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "",
	"\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "", "\ufeff", "",
	"\u00a0", " ", "\u202f", " ", "\u2009", " ",
	"٫", ".", "،", ",", "؛", ";", "\u2212", "-", "\u2013", "-", "\u2010", "-", "\u2011", "-",
	"%2C", ",", "%2c", ",", "%20", " ", "%3A", ":", "%3a", ":", "%C2%B0", "°", "%c2%b0", "°", "%22", `"`, "%27", "'", "%3D", "=", "%3d", "=", "%26", "&", "%3F", "?", "%3f", "?", "%40", "@", "%2F", "/", "%2f", "/", "%23", "#", "%21", "!", "&amp;", "&",
	"شمالا", " N ", "شمال", " N ", "جنوبا", " S ", "جنوب", " S ", "شرقا", " E ", "شرق", " E ", "غربا", " W ", "غرب", " W ",
	"درجة و", "°", "درجة", "°", "دقيقة و", "'", "دقيقة", "'", "ثانية", `"`,
	"º", "°", "′", "'", "’", "'", "″", `"`, "”", `"`, "''", `"`,
)

const (
	num   = `([+-]?\d{1,3}(?:\.\d+)?)`
	comma = `[\s+]*,[\s+]*`
	stop  = `(?:[^\d]|$)`
)

// readers, the surest first: a dropped pin before the middle of a screen, a link
// before a pair of numbers.
var readers = []func(string) (Point, bool){
	link(`!3d` + num + `!4d` + num + stop), // Google: the place itself
	apart(`[?&#;]mlat=`+num, `[?&#;]mlon=`+num),
	link(`(?i)[?&](?:q|query|ll|destination|daddr|center|cbll|viewpoint|coordinate|to)=(?:loc:|point:|@)?` + num + `(?:` + comma + `|[\s+]+)` + num + stop),
	link(`(?i)\bgeo:` + num + comma + num + stop), // RFC 5870
	link(`(?i)/(?:place|search|dir/[^/\s]*)/` + num + comma + num + stop),
	link(`/@` + num + comma + num + stop),
	link(`#map=\d{1,2}(?:\.\d+)?/` + num + `/` + num + stop),
	plusCode,
	compass,
	apart(`(?i)(?:\blat(?:itude)?\b|العرض)[\s:=]*`+num, `(?i)(?:\b(?:lon|lng|long|longitude)\b|الطول)[\s:=]*`+num),
	pair,
}

func link(pattern string) func(string) (Point, bool) {
	re := regexp.MustCompile(pattern)
	return func(s string) (Point, bool) {
		if m := re.FindStringSubmatch(s); m != nil {
			return point(m[1], m[2])
		}
		return Point{}, false
	}
}

// apart reads a latitude and a longitude that stand in any order.
func apart(lat, lon string) func(string) (Point, bool) {
	reLat, reLon := regexp.MustCompile(lat+stop), regexp.MustCompile(lon+stop)
	return func(s string) (Point, bool) {
		a, o := reLat.FindStringSubmatch(s), reLon.FindStringSubmatch(s)
		if a == nil || o == nil {
			return Point{}, false
		}
		return point(a[1], o[1])
	}
}

const angle = `(\d{1,3}(?:[.,]\d+)?)\s*(°)?\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*'\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*"\s*)?`

var (
	// O is the French Ouest.
	letterLast  = regexp.MustCompile(`(?i)(?:^|[^\d.,])` + angle + `([NS])\b[\s,;/+]*` + angle + `([EWO])\b`)
	letterFirst = regexp.MustCompile(`(?i)\b([NS])\s*` + angle + `[\s,;/+]*([EWO])\s*` + angle)
)

// compass reads 31°12'30"N 8°06'W, N 31.2° W 8.1°, 31.2083 N, 8.1 O.
func compass(s string) (Point, bool) {
	if m := letterLast.FindStringSubmatch(s); m != nil {
		return bearing(m[1:5], m[5], m[6:10], m[10])
	}
	if m := letterFirst.FindStringSubmatch(s); m != nil {
		return bearing(m[2:6], m[1], m[7:11], m[6])
	}
	return Point{}, false
}

func bearing(lat []string, ns string, lon []string, ew string) (Point, bool) {
	if lat[1] == "" && !strings.ContainsAny(lat[0], ".,") {
		return Point{}, false // "5 N 3 E": a road, a flat, anything
	}
	a, okA := degrees(lat)
	o, okO := degrees(lon)
	if strings.EqualFold(ns, "s") {
		a = -a
	}
	if !strings.EqualFold(ew, "e") {
		o = -o
	}
	return known(Point{a, o}, okA && okO)
}

// degrees adds up degrees, a mark, minutes, seconds.
func degrees(part []string) (float64, bool) {
	sum, unit := 0.0, 1.0
	for i, s := range []string{part[0], part[2], part[3]} {
		if s != "" {
			v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
			if err != nil || i > 0 && v >= 60 {
				return 0, false
			}
			sum += v / unit
		}
		unit *= 60
	}
	return sum, true
}

var (
	wrapping    = `^[\s(\[]*`
	unwrapping  = `[\s)\].]*$`
	wholePoint  = regexp.MustCompile(wrapping + num + `(?:\s*[,;/]\s*|\s+)` + num + unwrapping)
	wholeComma  = regexp.MustCompile(wrapping + `([+-]?\d{1,3},\d+)(?:\s*[;/]\s*|\s*,\s+|\s+,?\s*|,\s*([+-]))` + `([+-]?\d{1,3},\d+)` + unwrapping)
	exactInText = regexp.MustCompile(`(?:^|[^\d.,+-])([+-]?\d{1,3}\.\d{3,})(?:\s*[,;/]\s*|\s+)([+-]?\d{1,3}\.\d{3,})(?:[^\d]|$)`)
)

func pair(s string) (Point, bool) {
	if m := wholePoint.FindStringSubmatch(s); m != nil && strings.Contains(m[1]+m[2], ".") {
		return point(m[1], m[2])
	}
	if m := wholeComma.FindStringSubmatch(s); m != nil {
		return point(strings.Replace(m[1], ",", ".", 1), m[2]+strings.Replace(m[3], ",", ".", 1))
	}
	if m := exactInText.FindStringSubmatch(s); m != nil {
		return point(m[1], m[2])
	}
	return Point{}, false
}

func point(lat, lon string) (Point, bool) {
	a, errA := strconv.ParseFloat(lat, 64)
	o, errO := strconv.ParseFloat(lon, 64)
	return known(Point{a, o}, errA == nil && errO == nil)
}

func known(p Point, ok bool) (Point, bool) {
	if !ok || !p.Valid() || p == (Point{}) {
		return Point{}, false
	}
	return p, true
}
