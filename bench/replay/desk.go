package replay

import (
	"strings"
	"time"
)

// Desk is how long what a person does at a desk takes: operators of the
// keystroke-level model (Card, Moran and Newell 1983: K 0.28 s a key for an
// average typist, P 1.1 s to point, M 1.35 s to make up one's mind), reading at
// 200 words a minute, and two estimates of ours for talking on the phone.
type Desk struct {
	Key, Point, Mind, Word time.Duration
	Call                   time.Duration // reaching somebody and saying what it is about
	Dictate                time.Duration // telling one stop to a crew, with its address
}

// TheDesk is the same for both ways.
var TheDesk = Desk{Key: 280 * time.Millisecond, Point: 1100 * time.Millisecond, Mind: 1350 * time.Millisecond, Word: 300 * time.Millisecond,
	Call: 40 * time.Second, Dictate: 20 * time.Second}

// Read is reading what somebody wrote, and where.
func (d Desk) Read(texts ...string) time.Duration {
	words := 0
	for _, t := range texts {
		words += len(strings.Fields(t))
	}
	return d.Mind + time.Duration(words)*d.Word
}

// Keys and Points are so many of each.
func (d Desk) Keys(n int) time.Duration   { return time.Duration(n) * d.Key }
func (d Desk) Points(n int) time.Duration { return time.Duration(n) * d.Point }
