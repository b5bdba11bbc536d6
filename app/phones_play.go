package app

import (
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/reach/channel"
)

// play does what a phone's owner would do with it.
func (p *phones) play(c *web.Ctx) error {
	who := c.R.PathValue("who")
	number, ok := p.hand(who)
	if !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := c.Site.Limit.Take("phones:"+c.From(), 120, 5*time.Minute); err != nil {
		return err
	}
	defer p.lock(number)()
	to := "/phones/" + who + "#now" // what just happened, without a script to scroll there
	switch c.R.PathValue("act") {
	case "text":
		p.text(c, number, f.Get("text"))
		to = "/phones/" + who + "#last"
	case "dial":
		p.hangUp(number)
		p.dial(number)
	case "press":
		p.press(c, number, f.Get("key")+f.Get("keys"))
	case "call":
		p.leave(number)
		p.call(number)
		p.await(c.Context(), number, 1)
	case "speak":
		p.speak(c, number)
	case "hang-up":
		p.leave(number)
		p.hangUp(number)
	case "faults":
		on := map[string]bool{}
		for _, n := range f["fault"] {
			on[n] = slices.Contains(faultNames, n)
		}
		p.fail(on)
		to = "/phones/" + who + "#faults-h"
	default:
		return fault.New(fault.Missing, "error.missing")
	}
	return c.Seek(to)
}

// mostWritten is the longest text that a phone of this page sends, in letters.
const mostWritten = 1000

// text writes, and waits a moment for the answer.
func (p *phones) text(c *web.Ctx, number, words string) {
	words = strings.ReplaceAll(words, "\r\n", "\n")
	if strings.TrimSpace(words) == "" {
		return
	}
	if all := []rune(words); len(all) > mostWritten {
		words = string(all[:mostWritten])
	}
	came, patience := len(p.letters.On(number)), time.After(4*time.Second)
	p.write(number, words)
	for len(p.letters.On(number)) == came {
		changed := p.letters.Changed()
		if len(p.letters.On(number)) > came {
			return
		}
		select {
		case <-changed:
		case <-patience:
			return
		case <-c.Context().Done():
			return
		}
	}
}

// press presses keys in a call, or answers a screen of the menu.
func (p *phones) press(c *web.Ctx, number, keys string) {
	keys = strings.TrimSpace(keys)
	if all := []rune(keys); len(all) > 160 {
		keys = string(all[:160])
	}
	p.mu.Lock()
	session, call := p.sessions[number], p.calls[number]
	p.mu.Unlock()
	switch {
	case keys == "":
	case call != nil:
		keys = strings.Map(func(r rune) rune {
			if strings.ContainsRune("0123456789*#", r) {
				return r
			}
			return -1
		}, keys)
		p.mu.Lock()
		turns, one := len(call.turns), len(call.turns) > 0 && call.turns[len(call.turns)-1].Said.Keys == 1
		call.typed += keys
		p.mu.Unlock()
		call.caller.Press(keys)
		if one || strings.HasSuffix(keys, "#") {
			p.await(c.Context(), number, turns+1)
		}
	case session != nil:
		session.Press(keys)
	}
}

// speak says something after the tone.
func (p *phones) speak(c *web.Ctx, number string) {
	p.mu.Lock()
	call := p.calls[number]
	turns := 0
	if call != nil {
		turns = len(call.turns)
	}
	p.mu.Unlock()
	if call == nil || call.caller.Speak(hum()) != nil {
		return
	}
	call.caller.Press("#")
	p.await(c.Context(), number, turns+1)
}

// leave ends the menu that a phone is in.
func (p *phones) leave(number string) {
	p.mu.Lock()
	x := p.sessions[number]
	delete(p.sessions, number)
	p.mu.Unlock()
	if x != nil {
		x.HangUp()
	}
}

// slowly is how long everything takes when it is late.
const slowly = 3 * time.Second

// fail makes the networks go wrong until somebody says otherwise.
func (p *phones) fail(on map[string]bool) {
	p.mu.Lock()
	p.faults = on
	p.mu.Unlock()
	always := func(name string) int {
		if on[name] {
			return -1
		}
		return 0
	}
	f := channel.Faults{Away: always("away"), Busy: always("busy"), Hang: always("hang"), Twice: always("twice"), Mix: always("mix")}
	if on["late"] {
		f.Late = slowly
	}
	for _, n := range []*channel.Network{p.letters, p.menus, p.lines} {
		n.Fail(f)
	}
	if on["away"] {
		p.exchange.Drop()
	}
}

// hum is a second of a voice without words.
func hum() []byte {
	const rate = 8000
	b := make([]byte, 0, 2*rate)
	for i := range rate {
		v := int16((i%64 - 32) * (120 + i/100))
		b = append(b, byte(v), byte(v>>8))
	}
	return b
}
