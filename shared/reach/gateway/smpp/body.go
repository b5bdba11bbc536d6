package smpp

import "errors"

// errBody says that a body is not in the form of its command.
var errBody = errors.New("smpp: the body cannot be read")

// Sizes of fields in octets, the one that ends them included, §4.1, §4.4, §4.6.
const (
	sizeSystemID   = 16
	sizePassword   = 9
	sizeSystemType = 13
	sizeRange      = 41
	sizeService    = 6
	sizeAddress    = 21
	sizeTime       = 17
	sizeMessageID  = 65
	mostShort      = 254 // of short_message; what is longer goes as message_payload
)

const version34 = 0x34 // interface_version, §5.2.4

// Numbering says how an address is to be understood: its type of number and
// its plan, §5.2.5, §5.2.6.
type Numbering struct{ TON, NPI byte }

// Types of number and plans that are told apart here.
const (
	tonInternational = 1
	tonAlphanumeric  = 5
	npiISDN          = 1
)

// address is a phone, a short code or a name.
type address struct {
	Numbering
	text string
}

func (r *reader) address(most int) address {
	return address{Numbering{r.octet(), r.octet()}, r.text(most)}
}

func (a address) append(b []byte) []byte {
	return appendText(append(b, a.TON, a.NPI), a.text, sizeAddress)
}

// bind is the body of bind_transceiver and its kin, §4.1.
type bind struct {
	systemID, password, systemType string
	version                        byte
	serves                         address
}

func (b bind) bytes() []byte {
	out := appendText(nil, b.systemID, sizeSystemID)
	out = appendText(out, b.password, sizePassword)
	out = appendText(out, b.systemType, sizeSystemType)
	out = append(out, b.version, b.serves.TON, b.serves.NPI)
	return appendText(out, b.serves.text, sizeRange)
}

func readBind(body []byte) (bind, error) {
	r := &reader{rest: body}
	b := bind{systemID: r.text(sizeSystemID), password: r.text(sizePassword), systemType: r.text(sizeSystemType), version: r.octet()}
	b.serves = r.address(sizeRange)
	if r.bad {
		return bind{}, errBody
	}
	return b, nil
}

// Bits of esm_class, §5.2.12.
const (
	esmKind       = 0x3C // of deliver_sm: what kind of message it is
	esmReceipt    = 0x04 // SMSC delivery receipt
	esmManual     = 0x10 // acknowledged by the person
	esmDelivery   = 0x08 // acknowledged by the device
	esmUnderway   = 0x20 // intermediate notification
	esmUserHeader = 0x40 // the text begins with a user data header
)

// message is the body of submit_sm and of deliver_sm, §4.4.1 and §4.6.1, which
// are the same.
type message struct {
	service              string
	from, to             address
	class                byte // esm_class
	protocol, priority   byte
	schedule, validity   string
	registered, replace  byte
	coding, standardText byte
	short                []byte
	optional             tlvs
}

func (m message) bytes() []byte {
	out := appendText(nil, m.service, sizeService)
	out = m.to.append(m.from.append(out))
	out = append(out, m.class, m.protocol, m.priority)
	out = appendText(out, m.schedule, sizeTime)
	out = appendText(out, m.validity, sizeTime)
	out = append(out, m.registered, m.replace, m.coding, m.standardText)
	short := m.short[:min(len(m.short), mostShort)]
	out = append(append(out, byte(len(short))), short...)
	return m.optional.append(out)
}

func readMessage(body []byte) (message, error) {
	r := &reader{rest: body}
	m := message{service: r.text(sizeService), from: r.address(sizeAddress), to: r.address(sizeAddress)}
	m.class, m.protocol, m.priority = r.octet(), r.octet(), r.octet()
	m.schedule, m.validity = r.text(sizeTime), r.text(sizeTime)
	m.registered, m.replace, m.coding, m.standardText = r.octet(), r.octet(), r.octet(), r.octet()
	n := int(r.octet())
	if n > mostShort {
		return message{}, errBody
	}
	m.short = r.octets(n)
	m.optional = r.optional()
	if r.bad {
		return message{}, errBody
	}
	return m, nil
}

// content is the text with its header: in short_message or, where that is
// empty, in message_payload, §5.3.2.32.
func (m message) content() []byte {
	if len(m.short) > 0 {
		return m.short
	}
	payload, _ := m.optional.get(tagPayload)
	return payload
}
