package sms

import (
	"errors"
	"strings"
)

// Joiner gathers the parts of one message, in any order and however often each
// is told, and gives the text once all are there. It holds at most MostParts of
// at most mostOctets each. The zero Joiner is empty; it is not safe for use at
// once.
type Joiner struct {
	texts []string
	have  []bool
	n     int
}

// mostOctets is what the text of one part can take in UTF-8: 160 characters of
// three octets, with room for networks that let a part be longer.
const mostOctets = 1024

var (
	// ErrPart says that no message has such a part: not from 1 to the number of
	// parts, or more of them than MostParts, or far too long.
	ErrPart = errors.New("sms: there is no such part")
	// ErrSeries says that a part is of another message which has the same
	// reference: of another number of parts, or with other words in the same
	// place. What was gathered stays; the part begins a message of its own.
	ErrSeries = errors.New("sms: a part of another message")
)

// Add puts a part in its place. The same part again changes nothing.
func (j *Joiner) Add(part, parts int, text string) error {
	switch {
	case part < 1 || part > parts || parts > MostParts || len(text) > mostOctets:
		return ErrPart
	case j.texts == nil:
		j.texts, j.have = make([]string, parts), make([]bool, parts)
	case parts != len(j.texts) || j.have[part-1] && j.texts[part-1] != text:
		return ErrSeries
	case j.have[part-1]:
		return nil
	}
	j.texts[part-1], j.have[part-1] = text, true
	j.n++
	return nil
}

// Missing is how many parts are still to come; -1 before the first has told
// how many there are.
func (j *Joiner) Missing() int {
	if j.texts == nil {
		return -1
	}
	return len(j.texts) - j.n
}

// Text is the whole text once every part is there.
func (j *Joiner) Text() (text string, whole bool) {
	if j.Missing() != 0 {
		return "", false
	}
	return strings.Join(j.texts, ""), true
}
