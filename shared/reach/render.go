package reach

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/reach/channel"
)

// latn marks somebody who writes Amazigh in Latin letters: their phone may show
// no others.
const latn = "-Latn"

// texts says lines in the language of the conversation, one sentence or choice
// on each. "zgh-Latn" is Amazigh in Latin letters.
func (s *Service) texts(lang string, all []Line) (out []string) {
	lang, latin := strings.CutSuffix(lang, latn)
	p := s.printer(lang)
	defer func() {
		for i := range out {
			if latin {
				out[i] = arabic.Tifinagh(out[i])
			}
		}
	}()
	for _, l := range all {
		switch {
		case l.Key != "":
			out = append(out, plainText(p.Text(l.Key, l.Args...)))
		case l.Text != "":
			out = append(out, l.Text)
		}
		for _, c := range l.Choices {
			text := c.Text
			if c.Key != "" {
				text = plainText(p.Text(c.Key))
			}
			out = append(out, strconv.Itoa(c.Digit)+" "+text)
		}
	}
	return out
}

// isolates keep directions apart on a page. Old phones show them as boxes and
// gateways drop them, so in a message a code stands alone instead (DESIGN §5.2).
var isolates = strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "", "\u200e", "", "\u200f", "", "\u00a0", " ", "\u202f", " ")

func plainText(s string) string { return strings.TrimSpace(isolates.Replace(s)) }

// render is a whole message, for channels that send it at once.
func (s *Service) render(c *Conversation, all []Line) string {
	return strings.Join(s.texts(c.Talk.tag(), all), "\n")
}

// What one USSD screen holds: 182 septets of the default alphabet by 3GPP TS
// 23.038, of which networks pass 160; 80 characters where one needs UCS-2.
const (
	screenGSM  = 160
	screenUCS2 = 80
	moreKeys   = "98" // what menus of banks and operators use for "more"
)

func fits(s string) bool {
	if sms.Of(s) == sms.GSM7 {
		return utf8.RuneCountInString(s) <= screenGSM
	}
	return utf8.RuneCountInString(s) <= screenUCS2
}

// screen is as much of a text as one USSD screen holds, and the rest, which
// the person asks for. Words are kept whole where they can be.
func screen(text, more string) (page, rest string) {
	if fits(text) {
		return text, ""
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		next := strings.TrimPrefix(page+"\n"+l, "\n")
		if fits(next + "\n" + more) {
			page = next
			continue
		}
		if page != "" {
			return page + "\n" + more, strings.Join(lines[i:], "\n")
		}
		words := strings.Fields(l) // one line longer than a screen
		for n := len(words); n > 0; n-- {
			if start := strings.Join(words[:n], " "); fits(start + "\n" + more) {
				return start + "\n" + more, strings.Join(append([]string{strings.Join(words[n:], " ")}, lines[i+1:]...), "\n")
			}
		}
		cut := []rune(l)
		n := min(len(cut), screenUCS2-utf8.RuneCountInString(more)-2)
		return string(cut[:n]) + "\n" + more, strings.Join(append([]string{string(cut[n:])}, lines[i+1:]...), "\n")
	}
	return page, ""
}

// prompts are the recordings that say lines, in order.
func prompts(p *i18n.Printer, all []Line) (out []channel.Prompt) {
	add := func(name, text string) { out = append(out, channel.Prompt{Name: name, Text: text}) }
	for _, l := range all {
		switch {
		case l.Key == "reach.menu.more": // there is nothing to write with
		case len(l.Choices) == 0 && len(l.Prompts) > 0:
			for _, n := range l.Prompts {
				add(n, "")
			}
		case l.Key != "":
			add(l.Key, plainText(p.Text(l.Key, l.Args...)))
		}
		for i, c := range l.Choices {
			if i < len(l.Prompts) {
				add(l.Prompts[i], "")
			} else if c.Key != "" {
				add(c.Key, plainText(p.Text(c.Key)))
			}
			add("reach.voice.press", "")
			add("digit."+strconv.Itoa(c.Digit), "")
		}
	}
	return out
}
