package app

import (
	"html/template"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/reach/channel"
)

// deedPhones is playing the phone of somebody invented. Its doors are there
// only where the telephone networks are invented too.
var deedPhones = deed.Deed{Name: "app.phone.play", Open: true}

// handset is one of the phones that lie ready.
type handset struct{ who, number string }

// The numbers are of the story's range, past those that it gives away; the one
// abroad is of those that France keeps for stories (ARCEP, decision 2018-0881).
var handsets = []handset{
	{"family", story.PhoneRange + "990001"},
	{"neighbour", story.PhoneRange + "990002"},
	{"helper", story.PhoneRange + "990003"},
	{"abroad", "+33639980012"},
}

// mostOthers is how many phones of the story's people are shown.
const mostOthers = 8

func (p *phones) doors() []module.Door {
	open := func(fn func(*web.Ctx) error) func(*web.Ctx) error { return fn }
	if p.h.Config.Dev {
		open = here
	}
	return []module.Door{
		module.Get("/phones", deedPhones, open(p.page)),
		module.Get("/phones/{who}", deedPhones, open(p.page)),
		module.Post("/phones/{who}/{act}", deedPhones, open(p.play)),
	}
}

// phonesPage is one phone in the reader's hand.
type phonesPage struct {
	ui.Frame
	Phones   []phoneChoice
	Who      string // as in the address
	Number   string
	Letters  []phoneLetter
	Menu     bool   // a USSD session is on the screen
	Screen   string // what it shows
	Lost     bool   // the session broke off
	Call     bool
	Over     bool
	Deaf     bool // nobody takes calls
	Says     []phoneSays
	Typed    string
	Records  bool // the menu listens
	Faults   []phoneFault
	Code     string
	Line     string
	Messages string
}

// Keys are those of every telephone.
func (x *phonesPage) Keys() []string { return strings.Split("123456789*0#", "") }

type phoneChoice struct {
	Who, Number string
	Name        template.HTML // "" for a number of the story
	Current     bool
	Count       int
}

// phoneLetter is one text message.
type phoneLetter struct {
	Mine bool
	Last bool
	Text string
	At   time.Time
}

// phoneSays is one turn of a call: what was done, and what was heard after it.
type phoneSays struct {
	Last   bool
	Keys   string
	Spoke  bool
	Silent bool
	Lines  []phoneLine
}

// phoneLine is one sentence of the menu.
type phoneLine struct {
	Text    string
	Missing bool // nobody has recorded it
}

type phoneFault struct {
	Name string
	Key  string
	On   bool
}

// faultNames is what can be made to go wrong, in the order of the page.
var faultNames = []string{"away", "busy", "hang", "twice", "mix", "late"}

// hand is the number of a phone that may be played: one of those that lie
// ready, or one to which something was sent.
func (p *phones) hand(who string) (number string, ok bool) {
	for _, h := range handsets {
		if h.who == who {
			return h.number, true
		}
	}
	number = "+" + who
	return number, strings.HasPrefix(number, story.PhoneRange) && len(p.letters.On(number)) > 0
}

// lock lets one at a time play a phone: a session is one person's.
func (p *phones) lock(number string) (unlock func()) {
	p.mu.Lock()
	l := p.hands[number]
	if l == nil {
		l = &sync.Mutex{}
		p.hands[number] = l
	}
	p.mu.Unlock()
	l.Lock()
	return l.Unlock
}

func (p *phones) page(c *web.Ctx) error {
	who := c.R.PathValue("who")
	if who == "" {
		who = handsets[0].who
	}
	number, ok := p.hand(who)
	if !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	defer p.lock(number)()
	x := &phonesPage{Frame: ui.Frame{Title: c.P.Text("app.phones.title")}, Who: who, Number: number, Code: demoCode, Line: demoLine, Messages: p.texts}
	x.Phones = p.choices(c, who)
	x.Letters = p.thread(number)
	p.onScreen(x, c.P)
	p.mu.Lock()
	f := p.faults
	p.mu.Unlock()
	for _, n := range faultNames {
		x.Faults = append(x.Faults, phoneFault{n, "app.phones.fault." + n, f[n]})
	}
	return c.Render("phones", x)
}

// choices are the phones that lie ready, then those of the story's people who
// heard of their request lately.
func (p *phones) choices(c *web.Ctx, who string) (out []phoneChoice) {
	all := p.letters.All()
	count := map[string]int{}
	for _, a := range all {
		count[a.To]++
	}
	for _, h := range handsets {
		out = append(out, phoneChoice{h.who, h.number, c.P.T("app.phones.who." + h.who), h.who == who, count[h.number]})
		delete(count, h.number)
	}
	others := 0
	for _, a := range slices.Backward(all) {
		if other := strings.TrimPrefix(a.To, "+"); count[a.To] > 0 && (others < mostOthers || other == who) && strings.HasPrefix(a.To, story.PhoneRange) {
			out = append(out, phoneChoice{other, a.To, "", other == who, count[a.To]})
			others++
		}
		delete(count, a.To)
	}
	return out
}

// thread is every message of a phone, oldest first.
func (p *phones) thread(number string) (out []phoneLetter) {
	for _, a := range p.letters.On(number) {
		out = append(out, phoneLetter{Text: a.Text, At: a.At})
	}
	p.mu.Lock()
	for _, l := range p.written[number] {
		out = append(out, phoneLetter{Mine: true, Text: l.text, At: l.at})
	}
	p.mu.Unlock()
	slices.SortStableFunc(out, func(a, b phoneLetter) int { return a.At.Compare(b.At) })
	out = out[max(0, len(out)-mostLetters):]
	if len(out) > 0 {
		out[len(out)-1].Last = true
	}
	return out
}

// onScreen is the call or the menu that a phone is in.
func (p *phones) onScreen(x *phonesPage, words *i18n.Printer) {
	p.mu.Lock()
	session, call := p.sessions[x.Number], p.calls[x.Number]
	var turns []phoneTurn
	if call != nil {
		turns, x.Typed = slices.Clone(call.turns), call.typed
	}
	p.mu.Unlock()
	if session != nil {
		screen, over, err := session.Screen()
		x.Menu, x.Screen, x.Over, x.Lost = true, screen, over, err != nil
	}
	if call == nil {
		return
	}
	x.Call, x.Over = true, call.caller.Over()
	x.Deaf = x.Over && len(turns) == 0
	for i, t := range turns {
		s := phoneSays{Last: i == len(turns)-1, Keys: t.Keys, Spoke: t.Spoke, Silent: t.Silent}
		s.Lines = p.sentences(t.Said, words)
		x.Says = append(x.Says, s)
		x.Records = t.Said.Record > 0 && !x.Over
	}
}

// sentences are what was said in one turn: a choice with its key and the
// digits of a number each on one line, and what nobody recorded marked.
func (p *phones) sentences(said channel.Said, words *i18n.Printer) (out []phoneLine) {
	open := false // the line goes on
	for _, q := range said.Prompts {
		digit, isDigit := strings.CutPrefix(q.Name, "digit.")
		text := digit
		switch {
		case q.Name == "pause":
			continue
		case q.Name == "tone": // the exchange's own
			out, open = append(out, phoneLine{Text: words.Text("app.phones.tone")}), false
			continue
		case !isDigit:
			text = p.h.Reach.PromptText(said.Lang, q.Name)
		}
		missing, press := !p.recorded(said.Lang, q.Name), q.Name == "reach.voice.press"
		if last := len(out) - 1; last >= 0 && (press || isDigit && open) {
			out[last] = phoneLine{out[last].Text + " " + text, out[last].Missing || missing}
		} else {
			out = append(out, phoneLine{text, missing})
		}
		open = isDigit || press
	}
	return out
}
