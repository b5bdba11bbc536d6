package smpp

import (
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// data_coding, §5.2.19.
const (
	codingDefault = 0x00 // the alphabet of the centre: that of GSM, a septet in each octet
	codingASCII   = 0x01
	codingLatin1  = 0x03
	codingUCS2    = 0x08
)

const wantReceipt = 0x01 // registered_delivery, §5.2.17: of success and of failure

// destination is a phone's address, where To is a number in E.164.
func destination(to string) (address, bool) {
	n, err := phone.Parse(to, "")
	if err != nil || string(n) != to {
		return address{}, false
	}
	return address{Numbering{tonInternational, npiISDN}, strings.TrimPrefix(to, "+")}, true
}

// source is our own address.
func (c *Client) source() address {
	digits, international := strings.CutPrefix(c.cfg.Source, "+")
	a := address{text: digits}
	switch {
	case c.cfg.SourceNumbering != nil:
		a.Numbering = *c.cfg.SourceNumbering
	case international:
		a.Numbering = Numbering{tonInternational, npiISDN}
	case strings.Trim(digits, "0123456789") != "":
		a.Numbering = Numbering{TON: tonAlphanumeric}
	}
	return a
}

// submission is the body of submit_sm for one part.
func (c *Client) submission(m channel.Outgoing, to address, parts []sms.Part, i int, ref uint16) message {
	p := parts[i]
	out := message{
		service: c.cfg.ServiceType, from: c.source(), to: to,
		validity: c.validity(m.ValidFor), registered: wantReceipt, short: p.Payload,
	}
	if p.Coding == sms.UCS2 {
		out.coding = codingUCS2
	}
	switch {
	case len(parts) == 1:
	case c.cfg.Concat == Sar:
		out.optional = sarParameters(ref, i+1, len(parts))
	default:
		out.class = esmUserHeader
		out.short = append(p.UDH[:len(p.UDH):len(p.UDH)], p.Payload...)
	}
	return out
}

func sarParameters(ref uint16, part, parts int) tlvs {
	return tlvs{
		{tagSarReference, []byte{byte(ref >> 8), byte(ref)}},
		{tagSarParts, []byte{byte(parts)}},
		{tagSarPart, []byte{byte(part)}},
	}
}

// mostValidity is as far as a centre is asked to keep a message.
const mostValidity = 28 * 24 * time.Hour

// validity is validity_period, §7.1.1: "" where the centre may choose.
func (c *Client) validity(d time.Duration) string {
	if d <= 0 {
		d = c.cfg.Validity
	}
	if d <= 0 {
		return ""
	}
	d = min(max(d, time.Minute), mostValidity).Truncate(time.Second)
	if c.cfg.AbsoluteTime {
		return c.now.Now().UTC().Add(d).Format("060102150405") + "000+"
	}
	s := int(d.Seconds())
	return fmt.Sprintf("0000%02d%02d%02d%02d000R", s/86400, s/3600%24, s/60%60, s%60)
}
