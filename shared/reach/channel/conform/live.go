package conform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// LiveRig is one gateway of live sessions at its simulator, connected: a Caller
// runs already (see Attend), a Live is called by the simulator already (see
// LiveDoor).
type LiveRig struct {
	Begin  func(from string) Handset // somebody dials or calls; "" withholds the number
	Number string                    // an address of the kind the channel uses, ending in two digits that may be changed
	Asks   bool                      // who does nothing is told so to the talker (Silent) and stays; otherwise the network ends the session
	Words  bool                      // people can type words, and not keys alone
}

// Handset is somebody at the other end of a live session.
type Handset interface {
	Told() []string    // the texts they were shown, or the names of the prompts they heard, oldest first
	Press(keys string) // they type or press, and send
	HangUp()           // they end the session
	Drop()             // the network loses them
	Wait()             // they do nothing until somebody tires of it
	Over() bool        // the session is over
}

// Script is a talker that remembers every turn. It tells the n-th turn of
// 06…37 the text and the prompt "step.37.n", asks for as many keys as the last
// key says (1 to 9), and ends the session on "0".
type Script struct {
	mu     sync.Mutex
	turns  []channel.Turn
	count  map[string]int
	refuse int
}

// Talk implements channel.Talker.
func (s *Script) Talk(_ context.Context, t channel.Turn) (channel.Said, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return channel.Said{}, errors.New("the disk is full")
	}
	s.turns = append(s.turns, t)
	if s.count == nil {
		s.count = map[string]int{}
	}
	if t.New {
		s.count[t.Session] = 0
	}
	s.count[t.Session]++
	name := stepName(t.From, s.count[t.Session])
	keys := 1
	if n := len(t.Keys); n > 0 && t.Keys[n-1] >= '1' && t.Keys[n-1] <= '9' {
		keys = int(t.Keys[n-1] - '0')
	}
	return channel.Said{Text: name, Prompts: []channel.Prompt{{Name: name}}, Lang: "shi", Keys: keys, End: t.Keys == "0"}, nil
}

// Refuse makes the next n turns fail, as a full disk would.
func (s *Script) Refuse(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = n
}

// Of is every turn of one number, oldest first.
func (s *Script) Of(from string) (all []channel.Turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.turns {
		if t.From == from {
			all = append(all, t)
		}
	}
	return all
}

func stepName(from string, n int) string {
	return fmt.Sprintf("step.%s.%d", from[max(0, len(from)-2):], n)
}

// RunLive checks what every gateway of live sessions promises. open is called
// once per subtest.
func RunLive(t *testing.T, open func(t *testing.T, n *channel.Network, with channel.Talker, log *slog.Logger) LiveRig) {
	t.Helper()
	for _, p := range livePromises {
		t.Run(p.says, func(t *testing.T) {
			t.Parallel()
			b := &stage{Network: channel.NewNetwork(), script: &Script{}, log: &memory{}}
			b.LiveRig = open(t, b.Network, b.script, slog.New(b.log))
			if len(b.Number) < 3 {
				t.Fatal("the rig needs a Number that ends in two digits")
			}
			p.check(t, b)
			quiet := &bench{Rig: Rig{Number: b.Number}, said: b.typed}
			if what := quiet.personal(b.log.String()); what != "" {
				t.Errorf("there is %s in the log", what)
			}
		})
	}
}

// Attend runs a gateway that keeps a connection of its own until the test ends,
// and returns once it is up. Run must then return promptly.
func Attend(t *testing.T, c channel.Caller, with channel.Talker) {
	t.Helper()
	Keep(t, attendant{c, with}, nil)
}

type attendant struct {
	c    channel.Caller
	with channel.Talker
}

func (a attendant) Run(ctx context.Context, _ channel.Inbox, note func(string)) error {
	return a.c.Run(ctx, a.with, note)
}

// stage is what one subtest works with.
type stage struct {
	LiveRig
	*channel.Network
	script *Script
	log    *memory
	typed  []string
}

var livePromises = []struct {
	says  string
	check func(*testing.T, *stage)
}{
	{"ASessionBeginsOnceAndSaysWhoIsThere", begins},
	{"WhoWithholdsTheirNumberIsServed", withheld},
	{"EachInputArrivesAloneAndInOrder", inputs},
	{"WhoDoesNothingIsNotForgotten", waits},
	{"WhoHangsUpIsGoneOnce", hangsUp},
	{"WhoWasDroppedComesBack", dropped},
	{"TheEndIsTheEnd", ends},
	{"TwentyAtOnceDoNotHearEachOther", together},
	{"AStepToldTwiceIsDoneOnce", toldTwice},
	{"WhatComesInAnotherOrderDoesNoHarm", mixed},
	{"WhatIsLateArrives", late},
	{"WhatCouldNotBeKeptIsDoneAgain", again},
}

// person is somebody of the subtest who reads before they press.
type person struct {
	Handset
	from string
	seen int
}

func (b *stage) begin(t *testing.T, i int) *person {
	t.Helper()
	p := &person{from: fmt.Sprintf("%s%02d", b.Number[:len(b.Number)-2], i+10)}
	p.Handset = b.Begin(p.from)
	p.reads(t)
	return p
}

// reads waits for the next thing that the script tells.
func (p *person) reads(t *testing.T) {
	t.Helper()
	p.seen++
	want := stepName(p.from, p.seen)
	if !eventually(t, func() bool { return len(p.Told()) >= p.seen }) {
		t.Fatalf("told %v, and never %s", p.Told(), want)
	}
	if got := p.Told()[p.seen-1]; got != want {
		t.Fatalf("told %v; the last was to be %s", p.Told(), want)
	}
}

func (p *person) press(t *testing.T, keys string) {
	t.Helper()
	p.Press(keys)
	p.reads(t)
}

// settles waits for the turns of somebody to be as many as they should, and a
// little longer for one too many.
func (b *stage) settles(t *testing.T, from string, want int) []channel.Turn {
	t.Helper()
	if !eventually(t, func() bool { return len(b.script.Of(from)) >= want }) {
		t.Fatalf("%d turns were heard of %d", len(b.script.Of(from)), want)
	}
	time.Sleep(50 * time.Millisecond)
	all := b.script.Of(from)
	if len(all) != want {
		t.Fatalf("%d turns were heard of %d", len(all), want)
	}
	for i, turn := range all {
		if turn.Session == "" || turn.Session != all[0].Session || turn.Kind == "" || turn.Gateway == "" {
			t.Errorf("turn %d has another session, or no name", i)
		}
		if turn.New != (i == 0) {
			t.Errorf("turn %d has New %t", i, turn.New)
		}
	}
	return all
}

func begins(t *testing.T, b *stage) {
	p := b.begin(t, 1)
	if turn := b.settles(t, p.from, 1)[0]; turn.Keys != "" || turn.Silent || turn.Gone {
		t.Error("the first turn says more than that somebody is there")
	}
	if p.Over() {
		t.Error("the session is over already")
	}
}

func withheld(t *testing.T, b *stage) {
	p := &person{Handset: b.Begin("")}
	p.reads(t)
	p.press(t, "1")
	b.settles(t, "", 2)
}

func inputs(t *testing.T, b *stage) {
	p := b.begin(t, 1)
	all := []string{"1", "*", "#", "1", "3", "482", "9", "4827190**", "1"}
	if b.Words {
		all = append(all, "Tizi n'Test *2* douar", "  ⴰⵎⴰⵏ +&=%20", "1")
		b.typed = append(b.typed, all[9], all[10])
	}
	for _, keys := range all {
		p.press(t, keys)
	}
	for i, turn := range b.settles(t, p.from, 1+len(all))[1:] {
		if turn.Keys != all[i] {
			t.Errorf("input %d came otherwise than it was typed", i+1)
		}
	}
}

func waits(t *testing.T, b *stage) {
	p := b.begin(t, 1)
	p.Wait()
	if !b.Asks {
		if turn := b.settles(t, p.from, 2)[1]; !turn.Gone || !p.Over() {
			t.Error("the network tired of it, and nobody was told")
		}
		return
	}
	p.reads(t)
	p.press(t, "1")
	p.press(t, "0")
	all := b.settles(t, p.from, 4)
	if !all[1].Silent || all[1].Keys != "" || all[2].Silent || all[2].Keys != "1" {
		t.Error("silence was not told as silence")
	}
}

func hangsUp(t *testing.T, b *stage) {
	p := b.begin(t, 1)
	p.press(t, "1")
	p.HangUp()
	if turn := b.settles(t, p.from, 3)[2]; !turn.Gone || turn.Keys != "" {
		t.Error("that they hung up was not told as that")
	}
	if !p.Over() {
		t.Error("they hung up, and the session goes on")
	}
}

func dropped(t *testing.T, b *stage) {
	p := b.begin(t, 1)
	p.press(t, "1")
	p.Drop()
	if turn := b.settles(t, p.from, 3)[2]; !turn.Gone {
		t.Fatal("that they were dropped was not told")
	}
	back := b.begin(t, 1)
	back.press(t, "1")
	all := b.script.Of(p.from)
	if len(all) != 5 || !all[3].New || all[3].Session == all[0].Session || all[4].Keys != "1" {
		t.Error("they came back, and were not met anew")
	}
}

func ends(t *testing.T, b *stage) {
	p := b.begin(t, 1)
	p.press(t, "0")
	if !eventually(t, p.Over) {
		t.Error("the last thing was said, and the session goes on")
	}
	if b.settles(t, p.from, 2)[1].Gone {
		t.Error("we ended it, and they are said to have gone")
	}
}

func together(t *testing.T, b *stage) {
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			p := &person{from: fmt.Sprintf("%s%02d", b.Number[:len(b.Number)-2], i+10)}
			p.Handset = b.Begin(p.from)
			for n, keys := range []string{"", "1", "2", "34", "0"} {
				if n > 0 {
					p.Press(keys)
				}
				if !eventually(t, func() bool { return len(p.Told()) > n }) || p.Told()[n] != stepName(p.from, n+1) {
					t.Errorf("person %d was told %v after input %d", i, p.Told(), n)
					return
				}
			}
		})
	}
	all.Wait()
	for i := range 20 {
		turns := b.settles(t, fmt.Sprintf("%s%02d", b.Number[:len(b.Number)-2], i+10), 5)
		if turns[1].Keys != "1" || turns[2].Keys != "2" || turns[3].Keys != "34" || turns[4].Keys != "0" {
			t.Errorf("the inputs of person %d came otherwise", i)
		}
	}
}

// walk goes through a session in which something is wrong on the way, and
// wants nobody to notice.
func walk(t *testing.T, b *stage) {
	t.Helper()
	all := []string{"1", "1", "*", "2", "34", "0"}
	p := b.begin(t, 1)
	for _, keys := range all {
		p.press(t, keys)
	}
	if !eventually(t, p.Over) {
		t.Error("the session goes on")
	}
	for i, turn := range b.settles(t, p.from, 1+len(all))[1:] {
		if turn.Keys != all[i] {
			t.Errorf("input %d came otherwise than it was typed", i+1)
		}
	}
}

func toldTwice(t *testing.T, b *stage) {
	b.Fail(channel.Faults{Twice: -1})
	walk(t, b)
}

func mixed(t *testing.T, b *stage) {
	b.Fail(channel.Faults{Mix: -1})
	walk(t, b)
}

func late(t *testing.T, b *stage) {
	b.Fail(channel.Faults{Late: 15 * time.Millisecond})
	walk(t, b)
}

func again(t *testing.T, b *stage) {
	p := b.begin(t, 1)
	b.script.Refuse(1)
	p.press(t, "1")
	b.script.Refuse(2)
	p.press(t, "0")
	all := b.settles(t, p.from, 3)
	if all[1].Keys != "1" || all[2].Keys != "0" {
		t.Error("the inputs came otherwise than they were typed")
	}
}
