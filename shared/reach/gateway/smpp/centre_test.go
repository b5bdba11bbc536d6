package smpp

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

// centre is a centre that the test plays itself, PDU by PDU.
type centre struct {
	t  *testing.T
	ln net.Listener
	*Client
	in    *conform.Inbox
	mu    sync.Mutex
	notes []string
}

func play(t *testing.T, change func(*Config)) *centre {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Address: ln.Addr().String(), SystemID: "twiza", Source: "5050",
		Enquire: time.Hour, Answer: 2 * time.Second, Pause: 5 * time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	said := &memory{}
	c, err := New(cfg, clock.System{}, slog.New(slog.NewJSONHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	p := &centre{t: t, ln: ln, Client: c, in: &conform.Inbox{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Run(ctx, p.in, func(s string) { p.mu.Lock(); p.notes = append(p.notes, s); p.mu.Unlock() })
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		cancel()
		<-done
		// Every text of these tests, and every number, would be seen here.
		for _, personal := range []string{"661234542", "Le camion", "ماء", "pendant", "id:"} {
			if strings.Contains(said.String()+strings.Join(p.noted(), " "), personal) {
				t.Errorf("%q is in the log", personal)
			}
		}
	})
	return p
}

// memory is a log that is kept.
type memory struct {
	mu   sync.Mutex
	text strings.Builder
}

func (m *memory) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.Write(b)
}

func (m *memory) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.String()
}

func (p *centre) noted() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.notes)
}

// wire is one connection of it.
type wire struct {
	t *testing.T
	net.Conn
}

// open takes the next connection, and its bind.
func (p *centre) open(status uint32) wire {
	p.t.Helper()
	conn, err := p.ln.Accept()
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	w := wire{p.t, conn}
	b := w.expect(bindTransceiver)
	if who, err := readBind(b.body); err != nil || who.systemID != "twiza" || who.version != 0x34 {
		p.t.Fatalf("bound as %+v, %v", who, err)
	}
	w.answer(b, status, []byte("C\x00"))
	return w
}

// expect reads the next PDU, which must be of this command.
func (w wire) expect(id uint32) pdu {
	w.t.Helper()
	_ = w.SetReadDeadline(clock.System{}.Now().Add(5 * time.Second))
	p, err := readPDU(w)
	if err != nil || p.id != id {
		w.t.Fatalf("expected %#x, got %#x, %v", id, p.id, err)
	}
	return p
}

// quiet checks that nothing is said.
func (w wire) quiet(for_ time.Duration) {
	w.t.Helper()
	_ = w.SetReadDeadline(clock.System{}.Now().Add(for_))
	if p, err := readPDU(w); err == nil {
		w.t.Fatalf("nothing was expected, and %#x came", p.id)
	}
}

func (w wire) say(p pdu) {
	w.t.Helper()
	if _, err := w.Write(p.bytes()); err != nil {
		w.t.Fatal(err)
	}
}

func (w wire) answer(to pdu, status uint32, body []byte) {
	w.t.Helper()
	w.say(pdu{id: to.id | answerTo, status: status, seq: to.seq, body: body})
}

// tell says a deliver_sm and gives the status with which it was answered.
func (w wire) tell(seq uint32, m message) uint32 {
	w.t.Helper()
	w.say(pdu{id: deliverSM, seq: seq, body: m.bytes()})
	p := w.expect(deliverSM | answerTo)
	if p.seq != seq || string(p.body) != "\x00" {
		w.t.Fatalf("answered %+v", p)
	}
	return p.status
}

// sending sends in the background.
func (p *centre) sending(id, text string) chan error {
	done := make(chan error, 1)
	go func() {
		_, err := p.Send(context.Background(), channel.Outgoing{ID: id, To: "+212661234542", Text: text})
		done <- err
	}()
	return done
}

func (p *centre) up() {
	p.t.Helper()
	p.eventually("connected", func() bool { return p.current() != nil })
}

func (p *centre) eventually(what string, ok func() bool) {
	p.t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Fatalf("it never was: %s", what)
}

func text(from, s string) message {
	b, _ := sms.EncodeGSM7(s)
	return message{from: address{Numbering{1, 1}, from}, to: address{text: "5050"}, short: b}
}

func receiptOf(ref, stat string) message {
	m := text("212661234542", "id:"+ref+" sub:001 dlvrd:001 stat:"+stat+" err:000 text:")
	m.class = esmReceipt
	return m
}
