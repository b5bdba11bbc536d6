// Package smpp speaks to the short message centre of a telephone company, so
// that what we write reaches every phone in the country, and what people write
// to our number reaches us, without anybody's server in between.
//
// The protocol is SMPP v3.4, issue 1.2 (SMPP Developers Forum, 12 October 1999);
// sections in comments are of that document. The texts are those of base/sms.
//
// What always holds: a message from somebody's phone is acknowledged once the
// Inbox has it, and told again by the centre otherwise; a message is called
// failed only when the centre says so; of a message in parts it is said that it
// was delivered when every part was, and failed when one was not. Numbers and
// texts are in no log and in no error.
//
// What is in memory alone: which part of which message a report speaks of.
// After a restart the reports of a message in one part still find it by
// Sent.Ref; those of a message in several parts find nobody, and it stays as
// taken as it was.
package smpp

import (
	"context"
	"crypto/tls"
	"errors"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Config is what a telephone company says in its letter.
type Config struct {
	Address                        string      // "host:port"
	TLS                            *tls.Config // nil: the connection is plain, as inside a tunnel of the company's
	SystemID, Password, SystemType string

	Source          string     // our number as people see it: "+212537000000", "5050", "TWIZA"
	SourceNumbering *Numbering // nil: from the look of Source
	ServiceType     string
	Country         string // of incoming numbers written without one; "" is "212"

	Window  int           // questions that may be open at once; 0 is 10
	Answer  time.Duration // how long an answer is waited for; 0 is 10 seconds
	Enquire time.Duration // how often the other side is asked whether it is there; 0 is 30 seconds
	Pause   time.Duration // before the first new attempt to connect, doubled up to a minute; 0 is a second

	Concat         Concat
	AbsoluteTime   bool          // validity as a moment and not as a span
	Validity       time.Duration // of messages that say none; 0 leaves it to the centre
	EchoesUserRef  bool          // the centre puts our user_message_reference on its receipts
	AnswerID       IDForm        // how answers to submit_sm write a message's name
	ReceiptID      IDForm        // how the text of receipts writes it
	ReceiptParamID IDForm        // how the parameter receipted_message_id writes it
}

// Concat is how the parts of a long message say that they belong together.
type Concat uint8

const (
	Header     Concat = iota // a user data header with a reference of 8 bits
	HeaderWide               // the same with 16 bits
	Sar                      // the parameters sar_msg_ref_num and its kin, §5.3.2.22 to 24
)

// IDForm is how a message's name is written. Centres are known to answer in
// hexadecimal and to write receipts in decimal.
type IDForm uint8

const (
	Same    IDForm = iota // of receipts: as in answers; of answers: as it stands
	Hex                   // a hexadecimal number
	Decimal               // a decimal number
)

var errConfig = errors.New("smpp: the configuration cannot be used")

// Client is the connection to one centre. It is safe for use at once.
type Client struct {
	cfg  Config
	now  clock.Clock
	log  *slog.Logger
	book *book
	once *repeats

	slots chan struct{} // one for every question that may be open

	mu   sync.Mutex
	link *link // nil while there is no connection
}

// New makes a client; Run connects it. It fails where a name is longer than the
// protocol carries.
func New(cfg Config, now clock.Clock, log *slog.Logger) (*Client, error) {
	if cfg.Address == "" || len(cfg.SystemID) >= sizeSystemID || len(cfg.Password) >= sizePassword ||
		len(cfg.SystemType) >= sizeSystemType || len(cfg.Source) >= sizeAddress || len(cfg.ServiceType) >= sizeService {
		return nil, errConfig
	}
	if cfg.AnswerID == Same && (cfg.ReceiptID != Same || cfg.ReceiptParamID != Same) {
		return nil, errConfig // a number cannot be compared with what is no number
	}
	setDefault(&cfg.Country, "212")
	setDefault(&cfg.Window, 10)
	setDefault(&cfg.Answer, 10*time.Second)
	setDefault(&cfg.Enquire, 30*time.Second)
	setDefault(&cfg.Pause, time.Second)
	return &Client{
		cfg: cfg, now: now, log: log, book: newBook(), once: newRepeats(cfg.Password),
		slots: make(chan struct{}, cfg.Window),
	}, nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// current is the connection that is bound now, or nil.
func (c *Client) current() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

func (c *Client) use(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = l
}

// Send hands a message over, part by part. With an error, the parts that the
// centre has are remembered: the same message again goes on after them.
func (c *Client) Send(ctx context.Context, m channel.Outgoing) (channel.Sent, error) {
	to, ok := destination(m.To)
	if !ok {
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "no_number")
	}
	ref := reference(m.ID)
	parts := sms.Parts(m.Text, ref, c.cfg.Concat != Header) // Sar may become a wide header on the way
	if parts == nil {
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "too_long")
	}
	rec := c.book.open(m.ID, to.text, len(parts))
	for i := range parts {
		if c.book.has(rec, i) {
			continue
		}
		if err := c.insist(ctx, rec, i, c.submission(m, to, parts, i, ref)); err != nil {
			return channel.Sent{}, err
		}
	}
	return channel.Sent{Ref: c.book.ref(rec), Parts: len(parts)}, nil
}

// reference is what the parts of a message have in common. It is the same
// whenever the same message is sent, after a restart too, so that a phone puts
// old parts and new ones together.
func reference(id string) uint16 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return uint16(h.Sum32()>>16) ^ uint16(h.Sum32())
}

// insist sends one part. A message of which somebody has the beginning is not
// given up for a centre that is busy for a moment.
func (c *Client) insist(ctx context.Context, rec *record, i int, m message) error {
	const tries = 4
	pause := 250 * time.Millisecond
	for try := 1; ; try++ {
		err := c.submit(ctx, rec, i, m)
		if err == nil || i == 0 || try == tries || !errors.Is(err, channel.ErrBusy) {
			return err
		}
		if !wait(ctx, pause) {
			return err
		}
		pause *= 2
	}
}

// submit sends one part once.
func (c *Client) submit(ctx context.Context, rec *record, i int, m message) error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return channel.Wrong(channel.ErrAway, "cancelled")
	}
	l := c.current()
	if l == nil {
		return channel.Wrong(channel.ErrAway, "not_connected")
	}
	if c.cfg.EchoesUserRef {
		ref := c.book.expect(rec, i)
		m.optional = append(m.optional, tlv{tagUserReference, []byte{byte(ref >> 8), byte(ref)}})
	}
	p, err := l.ask(ctx, submitSM, m.bytes(), func(p pdu) {
		if p.status == statusOK {
			c.book.taken(rec, i, canonical(answeredID(p.body), c.cfg.AnswerID))
		}
	})
	switch {
	case err != nil:
		return err
	case p.status != statusOK:
		return wrong(p.status)
	}
	return nil
}

// answeredID is the message_id of submit_sm_resp, §4.4.2.
func answeredID(body []byte) string {
	r := &reader{rest: body}
	return r.text(sizeMessageID)
}

// wait waits, and says whether it was for the whole of the time.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
