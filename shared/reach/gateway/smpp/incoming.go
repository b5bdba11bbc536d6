package smpp

import (
	"encoding/binary"
	"strings"

	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// decode reads the octets of a text. known is false where they are no text, or
// in a script that no phone here writes.
func decode(coding byte, octets []byte) (text string, known bool) {
	switch {
	case coding == codingDefault, coding&0xFC == 0x10, coding&0xFC == 0xF0: // and 23.038 §4: 7 bits with a class
		return sms.DecodeGSM7(octets), true
	case coding == codingASCII, coding == codingLatin1:
		r := make([]rune, len(octets))
		for i, b := range octets {
			r[i] = rune(b)
		}
		return string(r), true
	case coding == codingUCS2, coding&0xFC == 0x18: // and 23.038 §4: UCS2 with a class
		return sms.DecodeUCS2(octets), true
	}
	return "", false
}

// heard makes of deliver_sm what the house hears; ok is false where it cannot
// be read.
func (c *Client) heard(m message) (in channel.Incoming, ok bool) {
	content := m.content()
	var h sms.Header
	if m.class&esmUserHeader != 0 {
		var err error
		if h, content, err = sms.ParseUDH(content); err != nil {
			return in, false
		}
	}
	if h.Parts == 0 {
		h = sarHeader(m.optional)
	}
	text, ok := decode(m.coding, content)
	if !ok {
		return in, false
	}
	in = channel.Incoming{From: c.number(m.from), To: c.number(m.to), Text: text}
	if h.Parts > 1 {
		in.Series, in.Part, in.Parts = h.Ref, h.Part, h.Parts
	}
	return in, true
}

// sarHeader reads what the sar parameters say; Parts is 0 where they are not
// there or make no sense.
func sarHeader(ts tlvs) sms.Header {
	ref, has := ts.get(tagSarReference)
	parts, _ := ts.number(tagSarParts)
	part, _ := ts.number(tagSarPart)
	if !has || len(ref) != 2 || part < 1 || part > parts || parts > sms.MostParts {
		return sms.Header{}
	}
	return sms.Header{Ref: binary.BigEndian.Uint16(ref), Wide: true, Part: part, Parts: parts}
}

// number is an address as the house writes it: a number in E.164 where it is
// one, and otherwise as it stands, as short codes and names do.
func (c *Client) number(a address) string {
	switch {
	case a.TON == tonAlphanumeric:
		return a.text
	case a.TON == tonInternational && strings.Trim(a.text, "0123456789") == "" && !strings.HasPrefix(a.text, "0"):
		if n, err := phone.Parse("+"+a.text, ""); err == nil {
			return string(n)
		}
		return "+" + a.text
	}
	if n, err := phone.Parse(a.text, c.cfg.Country); err == nil {
		return string(n)
	}
	return a.text
}
