package smpp

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/twiza/twiza/shared/reach/channel"
)

// receipt is what a delivery receipt says of one part.
type receipt struct {
	ref    string // the centre's name of it, canonical
	use    uint16 // our own, where the centre gives it back
	hasUse bool
	from   string // the digits of the phone, to compare with where the part went
	state  channel.State
	code   string // "DELIVRD", "UNDELIV_069"
}

// states are those of message_state, §5.2.28, and of receipts, Appendix B.
// Whoever says UNKNOWN has not said that it failed.
var states = map[string]channel.State{
	"DELIVRD": channel.Delivered,
	"EXPIRED": channel.Failed,
	"DELETED": channel.Failed,
	"UNDELIV": channel.Failed,
	"REJECTD": channel.Failed,
	"ACCEPTD": channel.Taken,
	"UNKNOWN": channel.Taken,
	"ENROUTE": channel.Taken,
}

var stateNames = map[int]string{
	1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}

// readReceipt reads a receipt from its parameters where it has them, and from
// its text. ok is false where it names no message or no state.
func (c *Client) readReceipt(m message) (r receipt, ok bool) {
	text, _ := decode(m.coding, m.content())
	said := fields(text)
	name := said["stat"]
	if n, has := m.optional.number(tagMessageState); has && stateNames[n] != "" {
		name = stateNames[n]
	}
	state, known := states[strings.ToUpper(name)]
	if !known {
		return receipt{}, false
	}
	r = receipt{state: state, code: strings.ToUpper(printable(name, 7)), from: strings.TrimPrefix(m.from.text, "+")}
	if e := c.errorOf(m, said["err"]); e != "" {
		r.code += "_" + e
	}
	r.ref = c.nameIn(m, said["id"])
	if v, has := m.optional.get(tagUserReference); has && len(v) == 2 {
		r.use, r.hasUse = binary.BigEndian.Uint16(v), true
	}
	return r, r.ref != "" || r.hasUse
}

// nameIn is the centre's name of the message that a receipt speaks of.
func (c *Client) nameIn(m message, inText string) string {
	form := func(f IDForm) IDForm {
		if f == Same {
			return c.cfg.AnswerID
		}
		return f
	}
	if v, has := m.optional.get(tagReceiptedID); has && len(v) > 0 {
		return canonical(strings.TrimRight(string(v), "\x00"), form(c.cfg.ReceiptParamID))
	}
	return canonical(inText, form(c.cfg.ReceiptID))
}

// errorOf is the network's reason: network_error_code, §5.3.2.31, or what the
// text says; "" where there is none.
func (c *Client) errorOf(m message, inText string) string {
	if v, has := m.optional.get(tagNetworkError); has && len(v) == 3 {
		if n := binary.BigEndian.Uint16(v[1:]); n != 0 {
			return strconv.Itoa(int(n))
		}
	}
	if strings.Trim(inText, "0") == "" {
		return ""
	}
	return printable(inText, 8)
}

// fields are the words "name:value" of a receipt's text, up to the beginning of
// the message it repeats, which anybody may have written.
func fields(text string) map[string]string {
	out := map[string]string{}
	for _, word := range strings.Fields(text) {
		name, value, found := strings.Cut(word, ":")
		name = strings.ToLower(name)
		if !found {
			continue
		}
		if name == "text" {
			break
		}
		if _, twice := out[name]; !twice {
			out[name] = value
		}
	}
	return out
}
