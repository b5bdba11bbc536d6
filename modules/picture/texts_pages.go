package picture

import (
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
)

// textsPage is the same news in the form of each way by which people hear it, in
// every language. A language that lacks a sentence is shown as missing; no other
// stands in for it (requirement N20).
type textsPage struct {
	ui.Frame
	Open  bool
	Langs []langTexts
}

type langTexts struct {
	Lang, Dir, Name string
	Draft           bool
	Missing         []string // keys of the parts that are missing: "what", "advice"
	SMS             string
	Script          []string
	Share           string
}

// mostSMS is how long the text for a message is at most (requirement N20).
const mostSMS = 160

func (s *Service) showTexts(c *web.Ctx) error {
	now, open, err := s.ports.Crisis(c.Context())
	if err != nil {
		return err
	}
	p := &textsPage{Open: open}
	p.Nav, p.Title = "crisis", c.P.Text("picture.texts.title")
	if open {
		for _, l := range p.Frame.Languages() {
			p.Langs = append(p.Langs, s.textsIn(c, l, now))
		}
	}
	c.Common("cases.crisis", "cases.emergency", "picture.shelter", "field.road")
	return c.Render("picture_texts", p)
}

func (s *Service) textsIn(c *web.Ctx, l ui.Language, now Crisis) (x langTexts) {
	p := c.Site.Cat.For(i18n.Lang(l.Code), c.Site.Zone)
	x = langTexts{Lang: l.Code, Dir: l.Dir, Name: l.Name}
	own := func(part, key string) string {
		text, draft, ok := p.Own(key)
		if !ok {
			x.Missing = append(x.Missing, part)
		}
		x.Draft = x.Draft || draft
		return text
	}
	title := own("name", now.Name)
	what := own("what", now.What)
	var advice []string
	for _, key := range now.Advice {
		advice = append(advice, own("advice", key))
	}
	call := own("call", "picture.texts.call")
	own("share", "picture.texts.share")
	if len(x.Missing) > 0 {
		return x
	}
	number := ""
	if all := s.places.Country().Emergency; len(all) > 0 {
		number = all[0].Number
	}
	call = strings.ReplaceAll(call, "{number}", number)
	x.SMS = short(append([]string{title + ".", call}, advice...))
	x.Script = append([]string{title + ".", what}, append(advice, call)...)
	x.Share = p.Text("picture.texts.share", "crisis", title, "advice", strings.Join(advice, " "), "link", c.Address()+"/"+l.Code+"/crisis")
	return x
}

// short puts whole sentences together as long as there is room: nothing is cut in
// the middle.
func short(all []string) string {
	out := ""
	for _, s := range all {
		next := strings.TrimSpace(out + " " + s)
		if utf8.RuneCountInString(next) > mostSMS {
			break
		}
		out = next
	}
	return out
}
