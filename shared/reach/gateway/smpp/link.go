package smpp

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

// link is one connection, of either side: it asks and waits for answers, which
// come in any order, and hands over what the other side asks.
//
// mu guards seq, asked and left. writing is held while a PDU is written, never
// together with mu.
type link struct {
	conn   net.Conn
	answer time.Duration // how long an answer is waited for
	most   int           // of questions nobody waits for any more

	writing sync.Mutex
	mu      sync.Mutex
	seq     uint32
	asked   map[uint32]*question
	left    int

	answered atomic.Int32 // how often the other side answered
	once     sync.Once
	over     chan struct{} // closed when the connection is
	why      string        // a code, set before over is closed
}

// question is what was asked and not answered yet. Once written it stays until
// the connection ends, since a late answer still says that something happened.
type question struct {
	id      uint32
	done    chan pdu      // the answer, where anybody still waits for it
	settled chan struct{} // closed when nobody waits any more
	then    func(pdu)     // is told the answer before anything that came after it is read
}

func newLink(conn net.Conn, answer time.Duration) *link {
	return &link{conn: conn, answer: answer, most: 256, asked: map[uint32]*question{}, over: make(chan struct{})}
}

// close ends the connection; the first reason is the one that is kept.
func (l *link) close(why string) {
	l.once.Do(func() {
		l.why = why
		close(l.over)
		_ = l.conn.Close()
	})
}

// write writes a PDU and says whether all of it went out.
func (l *link) write(p pdu) bool {
	l.writing.Lock()
	defer l.writing.Unlock()
	b := p.bytes()
	_ = l.conn.SetWriteDeadline(clock.System{}.Now().Add(l.answer)) // of the wire, not of the house
	n, err := l.conn.Write(b)
	if err != nil {
		l.close("lost")
	}
	return n == len(b)
}

// reply answers.
func (l *link) reply(to pdu, status uint32, body []byte) {
	l.write(pdu{id: to.id | answerTo, status: status, seq: to.seq, body: body})
}

// ask asks and waits for the answer. An error is ErrAway where nothing can have
// been understood, and ErrUnsure where the answer is missing. then, if any, is
// told the answer even when it comes too late for the caller.
func (l *link) ask(ctx context.Context, id uint32, body []byte, then func(pdu)) (pdu, error) {
	if ctx.Err() != nil {
		return pdu{}, channel.Wrong(channel.ErrAway, "cancelled")
	}
	q := l.put(id, body, then)
	if q == nil {
		return pdu{}, channel.Wrong(channel.ErrAway, "lost")
	}
	return l.await(ctx, q)
}

// put writes a question; nil where it did not go out whole.
func (l *link) put(id uint32, body []byte, then func(pdu)) *question {
	seq, q := l.note(id, then)
	if q != nil && !l.write(pdu{id: id, seq: seq, body: body}) {
		l.forget(seq)
		return nil
	}
	return q
}

// await waits for the answer to what was put.
func (l *link) await(ctx context.Context, q *question) (pdu, error) {
	wait := time.NewTimer(l.answer)
	defer wait.Stop()
	code := ""
	select {
	case p := <-q.done:
		return p, nil
	case <-ctx.Done():
		code = "cancelled"
	case <-wait.C:
		code = "no_answer"
	case <-l.over:
		code = "lost"
	}
	return l.leave(q, code)
}

// note keeps a question; nil once the connection is over.
func (l *link) note(id uint32, then func(pdu)) (uint32, *question) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.over:
		return 0, nil
	default:
	}
	l.seq = l.seq%0x7FFFFFFF + 1 // §3.2: 1 to 0x7FFFFFFF
	q := &question{id: id, done: make(chan pdu, 1), settled: make(chan struct{}), then: then}
	l.asked[l.seq] = q
	return l.seq, q
}

func (l *link) forget(seq uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q := l.asked[seq]; q != nil {
		close(q.settled)
		delete(l.asked, seq)
	}
}

// leave is where a caller stops waiting, unless the answer came just now.
func (l *link) leave(q *question, code string) (pdu, error) {
	l.mu.Lock()
	select {
	case p := <-q.done:
		l.mu.Unlock()
		return p, nil
	default:
	}
	close(q.settled)
	l.left++
	many := l.left > l.most
	l.mu.Unlock()
	if many { // whoever leaves so much unanswered is asked over a new connection
		l.close("unanswered")
	}
	return pdu{}, channel.Wrong(channel.ErrUnsure, code)
}

// waiting are the questions of a command for whose answers somebody waits now.
func (l *link) waiting(id uint32) (qs []*question) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range l.asked {
		select {
		case <-q.settled:
		default:
			if q.id == id {
				qs = append(qs, q)
			}
		}
	}
	return qs
}

// hear gives an answer to whoever asked.
func (l *link) hear(p pdu) {
	l.mu.Lock()
	q := l.asked[p.seq]
	if q == nil || p.id != genericNack && p.id != q.id|answerTo {
		l.mu.Unlock()
		return
	}
	delete(l.asked, p.seq)
	l.mu.Unlock()
	l.answered.Add(1)
	if q.then != nil {
		q.then(p)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-q.settled:
		l.left--
	default:
		q.done <- p
		close(q.settled)
	}
}

// read reads until the connection ends. handle is told what the other side
// asks, but for what every side answers alike; it must not wait.
func (l *link) read(handle func(pdu)) {
	for {
		p, err := readPDU(l.conn)
		switch {
		case errors.Is(err, errLength):
			l.write(pdu{id: genericNack, status: statusLength, seq: p.seq}) // §4.3
			l.close("garbled")
			return
		case err != nil:
			l.close("lost")
			return
		case p.id&answerTo != 0:
			l.hear(p)
		case p.id == enquireLink:
			l.reply(p, statusOK, nil)
		case p.id == unbind:
			l.reply(p, statusOK, nil)
			l.close("unbound")
			return
		default:
			handle(p)
		}
	}
}

// watch asks after the other side every so often, §4.11, and ends the
// connection when it is silent.
func (l *link) watch(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-l.over:
			return
		case <-tick.C:
		}
		if _, err := l.ask(context.Background(), enquireLink, nil, nil); err != nil {
			l.close("silent")
			return
		}
	}
}
