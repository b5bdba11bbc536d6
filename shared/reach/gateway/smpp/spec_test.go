package smpp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// examplePDU is the one PDU that the specification shows in octets, §3.2.2.
const examplePDU = `00 00 00 2F 00 00 00 02 00 00 00 00 00 00 00 01
	53 4D 50 50 33 54 45 53 54 00 73 65 63 72 65 74
	30 38 00 53 55 42 4D 49 54 31 00 00 01 01 00`

func TestTheExampleOfTheSpecificationIsReadAndWrittenOctetByOctet(t *testing.T) {
	t.Parallel()
	raw := unhex(t, examplePDU)
	p, err := readPDU(bytes.NewReader(raw))
	if err != nil || p.id != bindTransmitter || p.status != 0 || p.seq != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	b, err := readBind(p.body)
	want := bind{systemID: "SMPP3TEST", password: "secret08", systemType: "SUBMIT1", serves: address{Numbering: Numbering{1, 1}}}
	if err != nil || b != want {
		t.Fatalf("%+v, %v", b, err)
	}
	p.body = b.bytes()
	if !bytes.Equal(p.bytes(), raw) {
		t.Errorf("written again it is % X", p.bytes())
	}
}

// The specification shows no other PDU in octets. These were put together by
// hand from its tables of fields: §4.4.1 (submit_sm), §4.6.1 (deliver_sm),
// §5.3.2 (parameters).
func TestMessagesAreWrittenAsTheTablesOfTheSpecificationSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		m    message
		raw  string
	}{
		{"a short text", message{
			from: address{Numbering{2, 8}, "555"}, to: address{Numbering{1, 1}, "555555555"}, short: []byte("Hello"),
		}, `00  02 08 353535 00  01 01 353535353535353535 00  00 00 00  00 00  00 00 00 00  05 48656C6C6F`},
		{"the second part of three in UCS2, for two days, with a receipt", message{
			service: "CMT", from: address{Numbering{5, 0}, "TWIZA"}, to: address{Numbering{1, 1}, "212661234542"},
			class: esmUserHeader, validity: "000002000000000R", registered: 1, coding: codingUCS2,
			short: []byte{5, 0, 3, 0xCC, 3, 2, 0x06, 0x45},
		}, `434D54 00  05 00 5457495A41 00  01 01 323132363631323334353432 00  40 00 00  00
			30303030303230303030303030303052 00  01 00 08 00  08 050003CC0302 0645`},
		{"a part by parameters", message{
			from: address{text: "5050"}, to: address{Numbering{1, 1}, "1"}, short: []byte("b"), optional: sarParameters(0x1234, 2, 3),
		}, `00  00 00 35303530 00  01 01 31 00  00 00 00  00 00  00 00 00 00  01 62
			020C 0002 1234  020E 0001 03  020F 0001 02`},
		{"a receipt", message{
			from: address{Numbering{1, 1}, "212661234542"}, to: address{text: "5050"}, class: esmReceipt,
			optional: tlvs{{tagReceiptedID, []byte("1A\x00")}, {tagMessageState, []byte{2}}, {tagNetworkError, []byte{3, 0, 0}}},
		}, `00  01 01 323132363631323334353432 00  00 00 35303530 00  04 00 00  00 00  00 00 00 00  00
			001E 0003 314100  0427 0001 02  0423 0003 030000`},
		{"a payload", message{
			from: address{text: "5"}, to: address{text: "6"}, optional: tlvs{{tagPayload, []byte("long")}},
		}, `00  00 00 35 00  00 00 36 00  00 00 00  00 00  00 00 00 00  00  0424 0004 6C6F6E67`},
	} {
		raw := unhex(t, c.raw)
		if got := c.m.bytes(); !bytes.Equal(got, raw) {
			t.Errorf("%s is written\n% X, want\n% X", c.name, got, raw)
		}
		back, err := readMessage(raw)
		if len(back.short) == 0 {
			back.short = nil
		}
		if err != nil || !reflect.DeepEqual(back, c.m) {
			t.Errorf("%s reads %+v, %v", c.name, back, err)
		}
	}
}

func TestAPDUOfALengthThatNoneHasIsNotRead(t *testing.T) {
	t.Parallel()
	for _, head := range []string{"0000000F", "00000000", "00010001", "FFFFFFFF"} {
		raw := unhex(t, head+"00000004 00000000 00000001")
		if _, err := readPDU(bytes.NewReader(raw)); !errors.Is(err, errLength) {
			t.Errorf("length %s: %v", head, err)
		}
	}
	if _, err := readPDU(bytes.NewReader(unhex(t, "00000020 00000004 00000000 00000001 00"))); err == nil {
		t.Error("a PDU that is cut off was read")
	}
	for _, raw := range []string{"", "00", "00 0000 00 0000 00 000000 0000 00000000 FF", "00 0000 00 0000 00 000000 0000 00000000 00 0424 0005 61"} {
		if _, err := readMessage(unhex(t, raw)); !errors.Is(err, errBody) {
			t.Errorf("the body %q: %v", raw, err)
		}
	}
}

// at is a client that is not connected.
func at(t testing.TB, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{Address: "127.0.0.1:1", SystemID: "twiza", Source: "5050"}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg, &clock.Held{At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAMessageIsValidAsLongAsItHelps(t *testing.T) {
	t.Parallel()
	c := at(t, nil)
	for d, want := range map[time.Duration]string{
		0:                  "",
		time.Second:        "000000000100000R",
		2 * time.Hour:      "000000020000000R",
		7 * 24 * time.Hour: "000007000000000R", // the example of §7.1.1.2 for seven days
		10*24*time.Hour + 23*time.Hour + 34*time.Minute + 29*time.Second: "000010233429000R", // and the days and hours of the other
		400 * 24 * time.Hour: "000028000000000R",
	} {
		if got := c.validity(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	c.cfg.AbsoluteTime, c.cfg.Validity = true, time.Hour
	if got := c.validity(0); got != "261122110000000+" {
		t.Errorf("an hour from ten o'clock is %q", got)
	}
}

func TestWhatACentreSaysMeansWhatTheSpecificationSays(t *testing.T) {
	t.Parallel()
	for status, want := range map[uint32]error{
		0x58: channel.ErrBusy, 0x14: channel.ErrBusy,
		0x0B: channel.ErrRefused, 0x01: channel.ErrRefused, 0x65: channel.ErrRefused, 0x15: channel.ErrRefused,
		0x08: channel.ErrAway, 0x04: channel.ErrAway, 0x64: channel.ErrAway,
		0x400: channel.ErrAway, 0xFFFFFFFF: channel.ErrAway, // what nobody knows is tried again
	} {
		if err := wrong(status); !errors.Is(err, want) || channel.CodeOf(err) == "" {
			t.Errorf("%#x is %v, want %v", status, err, want)
		}
	}
	if got := nameOf(0x0B); got != "ESME_RINVDSTADR" {
		t.Errorf("0x0B is called %s", got)
	}
	if got := nameOf(0x412); got != "ESME_0x00000412" {
		t.Errorf("0x412 is called %s", got)
	}
}

func TestReceiptsAreReadInEveryFormTheyComeIn(t *testing.T) {
	t.Parallel()
	const form = "id:0123456789 sub:001 dlvrd:001 submit date:0911221030 done date:0911221031 stat:%s err:%s Text: id:9 stat:DELIVRD"
	text := func(stat, err string) []byte {
		return []byte(strings.Replace(strings.Replace(form, "%s", stat, 1), "%s", err, 1))
	}
	for _, c := range []struct {
		name   string
		m      message
		change func(*Config)
		ref    string
		state  channel.State
		code   string
		no     bool
	}{
		{"the text of Appendix B", message{short: text("DELIVRD", "000")}, nil, "0123456789", channel.Delivered, "DELIVRD", false},
		{"a failure with a reason", message{short: text("UNDELIV", "069")}, nil, "0123456789", channel.Failed, "UNDELIV_069", false},
		{"expired", message{short: text("EXPIRED", "0")}, nil, "0123456789", channel.Failed, "EXPIRED", false},
		{"rejected", message{short: text("REJECTD", "")}, nil, "0123456789", channel.Failed, "REJECTD", false},
		{"unknown is not failed", message{short: text("UNKNOWN", "000")}, nil, "0123456789", channel.Taken, "UNKNOWN", false},
		{"accepted is not delivered", message{short: text("ACCEPTD", "000")}, nil, "0123456789", channel.Taken, "ACCEPTD", false},
		{"no id", message{short: []byte("stat:DELIVRD err:000 text:id:7")}, nil, "", "", "", true},
		{"no state", message{short: []byte("id:7 err:000 text:stat:DELIVRD")}, nil, "", "", "", true},
		{"parameters alone", message{optional: tlvs{{tagReceiptedID, []byte("abc\x00")}, {tagMessageState, []byte{5}}, {tagNetworkError, []byte{3, 0, 69}}}},
			nil, "abc", channel.Failed, "UNDELIV_69", false},
		{"parameters before the text", message{short: text("UNDELIV", "000"), optional: tlvs{{tagReceiptedID, []byte("abc")}, {tagMessageState, []byte{2}}}},
			nil, "abc", channel.Delivered, "DELIVRD", false},
		{"in a payload", message{optional: tlvs{{tagPayload, text("DELIVRD", "000")}}}, nil, "0123456789", channel.Delivered, "DELIVRD", false},
		{"hexadecimal", message{short: []byte("id:00FF stat:DELIVRD")}, func(c *Config) { c.AnswerID = Hex }, "255", channel.Delivered, "DELIVRD", false},
		{"hexadecimal and decimal", message{short: []byte("id:0000000255 stat:DELIVRD")}, func(c *Config) { c.AnswerID, c.ReceiptID = Hex, Decimal }, "255", channel.Delivered, "DELIVRD", false},
		{"what is no number after all", message{short: []byte("id:xyz-1 stat:DELIVRD")}, func(c *Config) { c.AnswerID = Hex }, "xyz-1", channel.Delivered, "DELIVRD", false},
		{"in UCS2", message{coding: codingUCS2, short: unhex(t, "00690064003A00370020007300740061007400 3A00440045004C0049005600520044")}, nil, "7", channel.Delivered, "DELIVRD", false},
	} {
		r, ok := at(t, c.change).readReceipt(c.m)
		if ok == c.no {
			t.Errorf("%s: read %t", c.name, ok)
			continue
		}
		if ok && (r.ref != c.ref || r.state != c.state || r.code != c.code) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestWhoWroteIsANumberThatCanBeAnswered(t *testing.T) {
	t.Parallel()
	c := at(t, nil)
	for want, as := range map[string][]address{
		"+212661234542": {
			{Numbering{1, 1}, "212661234542"}, {Numbering{0, 1}, "0661234542"}, {Numbering{2, 1}, "661234542"},
			{Numbering{0, 0}, "212661234542"}, {Numbering{1, 1}, "+212661234542"}, {Numbering{0, 0}, "00212661234542"},
		},
		"+33612345678": {{Numbering{1, 1}, "33612345678"}, {Numbering{0, 0}, "0033612345678"}},
		"5050":         {{Numbering{3, 0}, "5050"}, {Numbering{0, 0}, "5050"}},
		"IAM":          {{Numbering{5, 0}, "IAM"}},
	} {
		for _, a := range as {
			if got := c.number(a); got != want {
				t.Errorf("TON %d %q is %q, want %q", a.TON, a.text, got, want)
			}
		}
	}
	for source, want := range map[string]address{
		"+212537000000": {Numbering{1, 1}, "212537000000"}, "5050": {Numbering{}, "5050"}, "TWIZA": {Numbering{5, 0}, "TWIZA"},
	} {
		c.cfg.Source = source
		if got := c.source(); got != want {
			t.Errorf("we are %+v, want %+v", got, want)
		}
	}
}

func TestTextsAreReadInEveryCodingThatPhonesUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		coding byte
		octets string
		want   string
		known  bool
	}{
		{0x00, "00 1B65 7F", "@€à", true},
		{0x01, "40 61", "@a", true},
		{0x03, "E9 E7", "éç", true},
		{0x08, "0645 2D30", "مⴰ", true},
		{0x18, "0645", "م", true},
		{0x11, "00", "@", true},
		{0xF1, "00", "@", true},
		{0x04, "FFD8", "", false},
		{0xF5, "FFD8", "", false},
		{0x02, "FFD8", "", false},
	} {
		if got, known := decode(c.coding, unhex(t, c.octets)); got != c.want || known != c.known {
			t.Errorf("coding %#x: %q, %t", c.coding, got, known)
		}
	}
}

func TestAConfigurationThatTheProtocolCannotCarryIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"no address":          func(c *Config) { c.Address = "" },
		"a long system_id":    func(c *Config) { c.SystemID = strings.Repeat("x", 16) },
		"a long password":     func(c *Config) { c.Password = "ninechars" },
		"names never compare": func(c *Config) { c.ReceiptID = Hex },
	} {
		cfg := Config{Address: "127.0.0.1:1"}
		change(&cfg)
		if _, err := New(cfg, clock.System{}, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func FuzzWhatACentreSendsIsReadOrRefused(f *testing.F) {
	f.Add(unhex(f, examplePDU))
	m := message{
		from: address{Numbering{1, 1}, "212661234542"}, to: address{text: "5050"}, class: esmUserHeader, coding: codingUCS2,
		short: []byte{5, 0, 3, 1, 2, 1, 6, 0x45}, optional: sarParameters(1, 1, 2),
	}
	f.Add(pdu{id: deliverSM, seq: 7, body: m.bytes()}.bytes())
	m.class, m.short, m.coding = esmReceipt, []byte("id:12 stat:UNDELIV err:69 text:"), 0
	m.optional = tlvs{{tagReceiptedID, []byte("1A\x00")}, {tagMessageState, []byte{2}}, {tagUserReference, []byte{0, 1}}}
	f.Add(pdu{id: deliverSM, seq: 8, body: m.bytes()}.bytes())
	c := at(f, func(c *Config) { c.AnswerID, c.ReceiptID = Hex, Decimal })
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := readPDU(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if again, err := readPDU(bytes.NewReader(p.bytes())); err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("a PDU written again reads otherwise: %v", err)
		}
		if b, err := readBind(p.body); err == nil {
			if again, err := readBind(b.bytes()); err != nil || again != b {
				t.Fatal("a bind written again reads otherwise")
			}
		}
		_ = answeredID(p.body)
		m, err := readMessage(p.body)
		if err != nil {
			return
		}
		if again, err := readMessage(m.bytes()); err != nil || !bytes.Equal(again.bytes(), m.bytes()) {
			t.Fatal("a message written again reads otherwise")
		}
		if in, ok := c.heard(m); ok && (in.Part > in.Parts || in.Parts == 1) {
			t.Fatalf("part %d of %d", in.Part, in.Parts)
		}
		if r, ok := c.readReceipt(m); ok && (len(r.ref) > sizeMessageID+20 || len(r.code) > 16) {
			t.Fatalf("a name of %d octets and a code of %d", len(r.ref), len(r.code))
		}
	})
}
