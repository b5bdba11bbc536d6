// Package sync measures the evening on which everybody comes back from the
// mountains: hundreds of phones find the network at once, each with a day of
// records and some photos, and in the middle the house is killed.
//
// It talks to a real house, in a process of its own, as the offline app does:
// batches of at most 20 records, one under way a phone, each sent again until
// it is answered; then the photos, in pieces.
//
// What always holds: a record that was lost or counted twice ends the
// measuring, for figures with failures in them say nothing; processor time
// holds the server, before it was killed and after, and its database; a "hello"
// over the same loopback runs beside it.
package sync

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"

	"github.com/twiza/twiza/bench/intake"
)

// Plan is what to measure, on what.
type Plan struct {
	Program    string // the binary under test
	Phones     int
	Records    int       // of each phone
	Photos     int       // one record in so many has one
	Kill       bool      // kill -9 when half of the records are acknowledged
	Postgres   string    // address of an empty schema; "" leaves PostgreSQL out
	Postmaster int       // its process, on this machine
	Say        io.Writer // progress, for whoever waits
	// Fill makes a house whose phones are away: each with a mission of its own,
	// so many stops, and a session. folder is that of a house without PostgreSQL.
	Fill func(ctx context.Context, folder, postgres string, phones, stops int) ([]Phone, error)
	// Count counts what a house keeps, from outside.
	Count func(ctx context.Context, folder, postgres string) (Count, error)
}

// Phone is one that is away.
type Phone struct {
	Token, Device, Mission string
	Service                string // the one that people met on the way ask for
	Stops                  []string
}

// Count is what a house keeps of what its phones sent.
type Count struct {
	Records, Deliveries, NotReached, Visits, Requests, Photos int
	Unbalanced                                                int // goods whose deliveries do not add up
}

// Bounds of a plan: a bench is run beside other people's work.
const (
	MaxPhones  = 2000
	MaxRecords = 200
)

// Check refuses a plan that is out of bounds.
func (p Plan) Check() error {
	switch {
	case p.Phones < 2 || p.Phones > MaxPhones:
		return fmt.Errorf("phones are from 2 to %d", MaxPhones)
	case p.Records < 10 || p.Records > MaxRecords:
		return fmt.Errorf("records of a phone are from 10 to %d", MaxRecords)
	case p.Photos < 1:
		return fmt.Errorf("one record in how many has a photo? at least 1")
	}
	return nil
}

// Run measures, and gives back every figure.
func Run(ctx context.Context, p Plan) (*Report, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "twiza-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	out := &Report{}
	hello, err := intake.Start(ctx, "hello", 0, p.Program, "bench", "hello")
	if err != nil {
		return nil, err
	}
	defer hello.Stop()
	if err := p.measure(ctx, out, hello, folder, "sqlite", ""); err != nil {
		return nil, err
	}
	if p.Postgres != "" {
		if err := p.measure(ctx, out, hello, folder, "postgres", p.Postgres); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p Plan) say(format string, args ...any) { fmt.Fprintf(p.Say, format+"\n", args...) }

// measure fills one house, lets its phones come back, and counts.
func (p Plan) measure(ctx context.Context, out *Report, hello *intake.Process, folder, name, postgres string) error {
	data := filepath.Join(folder, name)
	// As the mix of a day: of ten records six are about stops, two are visits
	// to them, and two are new requests.
	stops := p.Records * 6 / 10
	p.say("%s: sending %d phones out, %d stops each", name, p.Phones, stops)
	phones, err := p.Fill(ctx, data, postgres, p.Phones, stops)
	if err != nil {
		return err
	}
	rate, each, err := hello.Hello(ctx, 64, helloFor)
	if err != nil {
		return err
	}
	h := &house{Plan: p, name: name, data: data, postgres: postgres, picture: photo()}
	if err := h.open(ctx); err != nil {
		return err
	}
	defer h.stop()
	crowd, want := h.load(phones)
	before, err := p.Count(ctx, data, postgres)
	if err != nil {
		return err
	}
	f, err := h.evening(ctx, crowd)
	if err != nil {
		return err
	}
	after, err := p.Count(ctx, data, postgres)
	if err != nil {
		return err
	}
	got := after.minus(before)
	for i := range f {
		f[i].Of, f[i].Phones, f[i].HelloCPU, f[i].Hello = name, p.Phones, f[i].CPU/ms(each), rate
		f[i].Lost, f[i].Doubled = got.missing(want), got.over(want)
	}
	out.Figures = append(out.Figures, f...)
	p.say("%s: %+v were sent, %+v are kept", name, want, got)
	if f[0].Lost+f[0].Doubled+after.Unbalanced > 0 {
		return fmt.Errorf("%s: %d lost, %d doubled, %d goods do not add up: %s", name, f[0].Lost, f[0].Doubled, after.Unbalanced, h.p.Complaints())
	}
	return nil
}

func (c Count) list() []int {
	return []int{c.Records, c.Deliveries, c.NotReached, c.Visits, c.Requests, c.Photos}
}

func (c Count) minus(b Count) Count {
	return Count{c.Records - b.Records, c.Deliveries - b.Deliveries, c.NotReached - b.NotReached, c.Visits - b.Visits, c.Requests - b.Requests, c.Photos - b.Photos, c.Unbalanced}
}

func (c Count) missing(want Count) (n int) {
	for i, w := range want.list() {
		n += max(0, w-c.list()[i])
	}
	return n
}

func (c Count) over(want Count) (n int) {
	for i, w := range want.list() {
		n += max(0, c.list()[i]-w)
	}
	return n
}

// photo is a picture as the offline app sends it: 1,280 by 960, about 150 KB.
func photo() []byte {
	m := image.NewYCbCr(image.Rect(0, 0, 1280, 960), image.YCbCrSubsampleRatio420)
	seed := uint32(1)
	for i := range m.Y {
		seed = seed*1664525 + 1013904223
		m.Y[i] = uint8(i/5000) + uint8(seed>>28)
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = color.Gray{uint8(100 + i%60)}.Y, 140
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 70}); err != nil {
		panic(err) // into memory
	}
	return b.Bytes()
}
