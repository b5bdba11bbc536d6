package intake

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load is a closed loop: so many connections, each with one request under way
// at a time. It speaks just enough HTTP/1.1 to cost little beside the server.
type load struct {
	Connections int
	For         time.Duration
	Count       int                             // at most so many; 0 is no bound
	Request     func(to []byte, n int64) []byte // appends the n-th request, whole
	Want        int                             // the status that counts as an answer
}

// tally is what came of a load.
type tally struct {
	Done   int
	Failed int
	Busy   int    // were asked to come again later, as many are when more come than the house serves
	Sample string // the first answer that was not the wanted one
	Took   time.Duration
	waits  []time.Duration // sorted, of the answers that count
}

// quantile is how long the given part of the callers waited at most.
func (t tally) quantile(part float64) time.Duration {
	if len(t.waits) == 0 {
		return 0
	}
	return t.waits[min(len(t.waits)-1, int(part*float64(len(t.waits))))]
}

// run asks until the time is over or the count is reached. Loopback only: this
// is no tool against other people's machines.
func (l load) run(ctx context.Context, address string, first int64) (t tally, err error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return t, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return t, fmt.Errorf("%s is not on this machine's loopback", address)
	}
	ctx, cancel := context.WithTimeout(ctx, l.For)
	defer cancel()
	var next atomic.Int64
	parts := make([]tally, l.Connections)
	errs := make([]error, l.Connections)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range l.Connections {
		wg.Go(func() {
			parts[i], errs[i] = l.ask(ctx, address, func() (int64, bool) {
				n := next.Add(1) - 1
				return first + n, l.Count == 0 || n < int64(l.Count)
			})
		})
	}
	wg.Wait()
	t.Took = time.Since(begin)
	for i, p := range parts {
		if errs[i] != nil {
			return t, errs[i]
		}
		t.Busy += p.Busy
		t.Done, t.Failed, t.waits = t.Done+p.Done, t.Failed+p.Failed, append(t.waits, p.waits...)
		if t.Sample == "" {
			t.Sample = p.Sample
		}
	}
	slices.Sort(t.waits)
	return t, nil
}

// A request is created, or accepted: kept on the disk beside the store when more
// come than it takes. Both answers are durable, and hold the receipt.
const created, accepted, busy = 201, 202, 503

// ask is one connection.
func (l load) ask(ctx context.Context, address string, next func() (int64, bool)) (t tally, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return t, err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	var out, body []byte
	for ctx.Err() == nil {
		n, more := next()
		if !more {
			break
		}
		out = l.Request(out[:0], n)
		begin := time.Now()
		if _, err := conn.Write(out); err != nil {
			return t, err
		}
		status, got, err := answer(in, body[:0])
		if err != nil {
			return t, err
		}
		body = got
		if status == busy {
			t.Busy++
			continue
		}
		if status != l.Want && !(l.Want == created && status == accepted) {
			t.Failed++
			if t.Sample == "" {
				t.Sample = fmt.Sprintf("%d %s", status, bytes.TrimSpace(body))
			}
			continue
		}
		t.Done++
		t.waits = append(t.waits, time.Since(begin))
	}
	return t, nil
}

// maxAnswer bounds what one answer may hold.
const maxAnswer = 1 << 20

// answer reads one answer that tells its own length.
func answer(in *bufio.Reader, body []byte) (status int, _ []byte, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, fmt.Errorf("%q is no answer of HTTP/1.1", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, err
	}
	length := -1
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, nil, err
			}
		}
	}
	if length < 0 || length > maxAnswer {
		return 0, nil, fmt.Errorf("an answer of %d bytes", length)
	}
	body = slices.Grow(body, length)[:length]
	_, err = io.ReadFull(in, body)
	return status, body, err
}
