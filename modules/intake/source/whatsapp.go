package source

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
)

// The first line of a message, as phones write it (WhatsApp has no
// specification; these are the exports of Android and iOS in Arabic, French and
// English):
//
//	09/09/2023, 03:12 - Aicha: …        Android
//	09/09/2023 à 03:12 - Aicha : …      older, in French
//	٩/٩/٢٠٢٣، ٣:١٢ م - عائشة: …          in Arabic
//	[09/09/2023, 03:12:45] Aicha: …     iOS
//
// Marks of direction are taken out before a line is read.
var (
	chatDate  = `(\p{Nd}{1,4})[/.\-](\p{Nd}{1,2})[/.\-](\p{Nd}{1,4})`
	chatClock = `(\p{Nd}{1,2})[:.h](\p{Nd}{2})(?:[:.](\p{Nd}{2}))?` + gapIn + `?([aApP]\.?` + gapIn + `?[mM]\.?|ص|م)?`
	gapIn     = `[ \x{00a0}\x{202f}\x{2009}]`
	between   = `(?:[,،]?` + gapIn + `*(?:à|at|في)?` + gapIn + `+)`
	android   = regexp.MustCompile(`^` + chatDate + between + chatClock + gapIn + `*[-–—]` + gapIn + `*(.*)$`)
	apple     = regexp.MustCompile(`^\[` + chatDate + between + chatClock + `\]` + gapIn + `*(.*)$`)
	nameEnd   = regexp.MustCompile(`^(.{1,120}?)[ \x{00a0}\x{202f}]?:(?:[ \x{00a0}]|$)`)
	position  = regexp.MustCompile(`https?://[^\s<>"]{4,300}`)
)

// looksLikeChat is whether one of the first lines begins a message.
func looksLikeChat(head []byte) bool {
	for n := 0; n < 5 && len(head) > 0; n++ {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\n"))
		if _, ok := begin(unmarked(string(line[:min(len(line), 400)]))); ok {
			return true
		}
	}
	return false
}

// unmarked takes the marks of direction out of a line.
func unmarked(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200e', r == '\u200f', r == '\u061c', r == '\ufeff', r == '\r', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

// started is the first line of a message, taken apart. The order of day and
// month is that of the whole file.
type started struct {
	a, b, c           int // of the date, as written
	hour, minute, sec int
	half              string // "am", "pm" or ""
	rest              string
}

func begin(line string) (s started, ok bool) {
	m := android.FindStringSubmatch(line)
	if m == nil {
		m = apple.FindStringSubmatch(line)
	}
	if m == nil {
		return s, false
	}
	n := func(i int) int { x, _ := strconv.Atoi(arabic.Digits(m[i])); return x }
	s = started{a: n(1), b: n(2), c: n(3), hour: n(4), minute: n(5), sec: n(6), rest: m[8]}
	switch h := strings.ToLower(m[7]); {
	case h == "":
	case h == "ص", strings.HasPrefix(h, "a"):
		s.half = "am"
	default:
		s.half = "pm"
	}
	return s, s.hour < 25 && s.minute < 60 && s.sec < 62
}

// order is how a file writes its dates.
type order int

const (
	dayFirst order = iota
	monthFirst
	yearFirst
)

// date reads the day in an order; ok is whether there is such a day.
func (s started) date(o order) (y, m, d int, ok bool) {
	switch o {
	case yearFirst:
		y, m, d = s.a, s.b, s.c
	case monthFirst:
		m, d, y = s.a, s.b, s.c
	default:
		d, m, y = s.a, s.b, s.c
	}
	if y < 100 {
		y += 2000
	}
	ok = y >= 2009 && y < 2200 && m >= 1 && m <= 12 && d >= 1 && d <= 31 // WhatsApp is of 2009
	return y, m, d, ok
}

func (s started) moment(o order, zone *time.Location) (time.Time, bool) {
	y, m, d, ok := s.date(o)
	h := s.hour
	switch {
	case s.half == "am" && h == 12:
		h = 0
	case s.half == "pm" && h < 12:
		h += 12
	}
	return time.Date(y, time.Month(m), d, h, s.minute, s.sec, 0, zone).UTC(), ok && h < 24
}

// orderOf is the order in which all dates are dates and, of two such, the one
// in which the chat goes forward in time. Here the day is written first.
func orderOf(all []started, zone *time.Location) order {
	best, least := dayFirst, -1
	for _, o := range []order{dayFirst, monthFirst, yearFirst} {
		bad := 0
		var last time.Time
		for _, s := range all {
			at, ok := s.moment(o, zone)
			switch {
			case !ok:
				bad += 1000
			case at.Before(last):
				bad++
			}
			if ok {
				last = at
			}
		}
		if least < 0 || bad < least {
			best, least = o, bad
		}
	}
	return best
}

// readWhatsApp reads the exported text of a chat, or the archive that holds it.
func readWhatsApp(body []byte, zone *time.Location) (out []Item, dropped int, err error) {
	if bytes.HasPrefix(body, []byte("PK\x03\x04")) {
		if body, err = fromZip(body, isChatText); err != nil {
			return nil, 0, err
		}
	}
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return nil, 0, wrong("not_utf8")
	}
	var heads []started
	var texts []string
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(unmarked(line), "\n")
		if s, ok := begin(line); ok {
			if heads = append(heads, s); len(heads) > MaxRows {
				return nil, 0, wrong("too_many", "max", MaxRows)
			}
			texts = append(texts, s.rest)
			continue
		}
		if n := len(texts); n > 0 && len(texts[n-1])+len(line) < 4*MaxText { // the message goes on
			texts[n-1] += "\n" + line
		}
	}
	o := orderOf(heads, zone)
	for i, s := range heads {
		at, ok := s.moment(o, zone)
		it, said := message(texts[i])
		if !ok || !said {
			dropped++
			continue
		}
		it.At = at
		out = append(out, it)
	}
	if len(out) == 0 {
		return nil, dropped, wrong("no_messages")
	}
	return out, dropped, nil
}

// message parts what follows the moment into who and what. said is false for
// what the program itself says in a chat.
func message(rest string) (it Item, said bool) {
	m := nameEnd.FindStringSubmatch(rest)
	if m == nil {
		return it, false // "Aicha joined using this group's invite link"
	}
	it.From = strings.TrimSpace(strings.TrimPrefix(m[1], "~"))
	text := strings.TrimSpace(rest[len(m[0]):])
	if chatSays(text) {
		return it, false
	}
	it.Text, it.Media = withoutMedia(text)
	it.Point, it.HasPoint = shared(it.Text)
	it.Text = clip(it.Text, MaxText)
	return it, it.Text != "" || it.Media
}

// shared is the position that a text gives by a link to a map or as numbers.
func shared(text string) (geo.Point, bool) {
	for _, link := range position.FindAllString(text, 4) {
		if p, ok := geo.Parse(link); ok {
			return p, true
		}
	}
	return geo.Parse(strings.TrimSpace(text))
}
