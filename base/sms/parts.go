package sms

import (
	"encoding/binary"
	"errors"
)

// Part is one part of a message as it goes out.
type Part struct {
	UDH     []byte // the user data header, its length octet first; nil for a message that is whole
	Coding  Coding
	Payload []byte // after the header: septets one in each octet (PackGSM7 packs them), or UTF-16
}

// Parts cuts a text and writes its parts. ref is what the parts of one message
// have in common; wide carries it in 16 bits, at the price of an octet, and
// otherwise its lower eight are carried. It is nil for a text of more than
// MostParts.
func Parts(text string, ref uint16, wide bool) []Part {
	c := Of(text)
	pieces := c.split(text, wide)
	if len(pieces) > MostParts {
		return nil
	}
	out := make([]Part, len(pieces))
	for i, piece := range pieces {
		out[i] = Part{Coding: c, Payload: c.encode(piece)}
		if len(pieces) > 1 {
			out[i].UDH = Header{Ref: ref, Wide: wide, Part: i + 1, Parts: len(pieces)}.UDH()
		}
	}
	return out
}

func (c Coding) encode(text string) []byte {
	if c == GSM7 {
		b, _ := EncodeGSM7(text)
		return b
	}
	return EncodeUCS2(text)
}

// Header says which part of which message a part is. Parts is 0 where a message
// came whole.
type Header struct {
	Ref   uint16
	Wide  bool // Ref is carried in 16 bits
	Part  int  // from 1
	Parts int
}

// Identifiers of information elements, 23.040 §9.2.3.24.
const (
	concatenated     = 0x00 // §9.2.3.24.1
	concatenatedWide = 0x08 // §9.2.3.24.8
)

// UDH writes the header with its length octet.
func (h Header) UDH() []byte {
	if h.Wide {
		return []byte{6, concatenatedWide, 4, byte(h.Ref >> 8), byte(h.Ref), byte(h.Parts), byte(h.Part)}
	}
	return []byte{5, concatenated, 3, byte(h.Ref), byte(h.Parts), byte(h.Part)}
}

// ErrUDH says that a header is longer than the octets there are.
var ErrUDH = errors.New("sms: the user data header is cut off")

// ParseUDH reads the header with which octets begin and gives what follows it.
// Elements other than concatenation are passed over; of several the last
// counts, and one that makes no sense, part 0 or part 4 of 3, counts for
// nothing (23.040 §9.2.3.24, §9.2.3.24.1).
func ParseUDH(octets []byte) (h Header, rest []byte, err error) {
	if len(octets) == 0 || int(octets[0]) > len(octets)-1 {
		return h, nil, ErrUDH
	}
	elements, rest := octets[1:1+int(octets[0])], octets[1+int(octets[0]):]
	for len(elements) >= 2 {
		name, n := elements[0], int(elements[1])
		if n > len(elements)-2 {
			return Header{}, nil, ErrUDH
		}
		if found := element(name, elements[2:2+n]); found.Parts > 0 {
			h = found
		}
		elements = elements[2+n:]
	}
	if len(elements) > 0 {
		return Header{}, nil, ErrUDH
	}
	return h, rest, nil
}

// element reads one element of concatenation; of anything else Parts is 0.
func element(name byte, v []byte) Header {
	var h Header
	switch {
	case name == concatenated && len(v) == 3:
		h = Header{Ref: uint16(v[0]), Parts: int(v[1]), Part: int(v[2])}
	case name == concatenatedWide && len(v) == 4:
		h = Header{Ref: binary.BigEndian.Uint16(v), Wide: true, Parts: int(v[2]), Part: int(v[3])}
	}
	if h.Part == 0 || h.Part > h.Parts {
		return Header{}
	}
	return h
}
