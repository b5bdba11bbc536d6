package smpp

import (
	"encoding/binary"
	"errors"
	"io"
)

// Commands, §5.1.2.1.
const (
	genericNack       = 0x80000000
	bindReceiver      = 0x00000001
	bindTransmitter   = 0x00000002
	submitSM          = 0x00000004
	deliverSM         = 0x00000005
	unbind            = 0x00000006
	bindTransceiver   = 0x00000009
	enquireLink       = 0x00000015
	alertNotification = 0x00000102

	answerTo = 0x80000000 // set in the answer to a command
)

const (
	headerOctets = 16
	mostOctets   = 64 << 10 // of a whole PDU: the longest payload there is, with room for the rest of it
)

// pdu is one protocol data unit, §3.2: what is asked or answered, and its body.
type pdu struct {
	id, status, seq uint32
	body            []byte
}

// errLength says that a PDU claims a length that none has. What follows it
// cannot be found any more.
var errLength = errors.New("smpp: no PDU is so long or so short")

// readPDU reads one PDU, never more than mostOctets.
func readPDU(r io.Reader) (pdu, error) {
	var head [headerOctets]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return pdu{}, err
	}
	n := binary.BigEndian.Uint32(head[:])
	p := pdu{
		id:     binary.BigEndian.Uint32(head[4:]),
		status: binary.BigEndian.Uint32(head[8:]),
		seq:    binary.BigEndian.Uint32(head[12:]),
	}
	if n < headerOctets || n > mostOctets {
		return p, errLength
	}
	p.body = make([]byte, n-headerOctets)
	_, err := io.ReadFull(r, p.body)
	return p, err
}

// bytes writes the PDU.
func (p pdu) bytes() []byte {
	out := make([]byte, 0, headerOctets+len(p.body))
	out = binary.BigEndian.AppendUint32(out, uint32(headerOctets+len(p.body)))
	out = binary.BigEndian.AppendUint32(out, p.id)
	out = binary.BigEndian.AppendUint32(out, p.status)
	out = binary.BigEndian.AppendUint32(out, p.seq)
	return append(out, p.body...)
}

// reader takes the fields of a body one after the other. After the first that
// is cut off or too long, all are empty and bad is true.
type reader struct {
	rest []byte
	bad  bool
}

// text takes a C-octet string, §3.1: at most so many octets with the one that
// ends it.
func (r *reader) text(most int) string {
	for i, b := range r.rest[:min(most, len(r.rest))] {
		if b == 0 {
			s := string(r.rest[:i])
			r.rest = r.rest[i+1:]
			return s
		}
	}
	r.rest, r.bad = nil, true
	return ""
}

func (r *reader) octets(n int) []byte {
	if n > len(r.rest) {
		r.rest, r.bad = nil, true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) octet() byte {
	if b := r.octets(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) number() uint16 {
	if b := r.octets(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// Optional parameters, §5.3.2.
const (
	tagUserReference = 0x0204 // user_message_reference
	tagSarReference  = 0x020C // sar_msg_ref_num
	tagSarParts      = 0x020E // sar_total_segments
	tagSarPart       = 0x020F // sar_segment_seqnum
	tagVersion       = 0x0210 // sc_interface_version
	tagNetworkError  = 0x0423 // network_error_code
	tagPayload       = 0x0424 // message_payload
	tagReceiptedID   = 0x001E // receipted_message_id
	tagMessageState  = 0x0427 // message_state
)

// tlv is one optional parameter, §3.2.4.1.
type tlv struct {
	tag   uint16
	value []byte
}

type tlvs []tlv

// get is the value of a parameter, and whether it is there.
func (ts tlvs) get(tag uint16) ([]byte, bool) {
	for _, t := range ts {
		if t.tag == tag {
			return t.value, true
		}
	}
	return nil, false
}

// number is the value of a parameter that is a number of one octet or two.
func (ts tlvs) number(tag uint16) (int, bool) {
	switch v, _ := ts.get(tag); len(v) {
	case 1:
		return int(v[0]), true
	case 2:
		return int(binary.BigEndian.Uint16(v)), true
	}
	return 0, false
}

// optional takes all that is left as optional parameters.
func (r *reader) optional() (ts tlvs) {
	for len(r.rest) > 0 {
		t := tlv{tag: r.number()}
		t.value = r.octets(int(r.number()))
		if r.bad {
			return nil
		}
		ts = append(ts, t)
	}
	return ts
}

func (ts tlvs) append(b []byte) []byte {
	for _, t := range ts {
		b = binary.BigEndian.AppendUint16(b, t.tag)
		b = binary.BigEndian.AppendUint16(b, uint16(len(t.value)))
		b = append(b, t.value...)
	}
	return b
}

// appendText writes a C-octet string, cut to what the field holds.
func appendText(b []byte, s string, most int) []byte {
	return append(append(b, s[:min(len(s), most-1)]...), 0)
}
