package whatsapp

import (
	"cmp"
	"strings"
	"unicode/utf16"

	"github.com/twiza/twiza/shared/reach/channel"
)

// Limits of the API, counted in UTF-16 units, which is the most that
// "characters" can mean.
const (
	textLimit    = 4096 // of a text, and of the words above a list
	buttonsLimit = 1024 // of the words above buttons
	titleLimit   = 20   // of a button
	rowLimit     = 24   // of a row of a list
	detailLimit  = 72   // of what stands under it
	buttonsMost  = 3
	rowsMost     = 10
	argLimit     = 1024 // of an argument of a template
)

// outbound is a message as the API takes it. Ours is our name of it, which
// comes back with every report.
type outbound struct {
	Product     string       `json:"messaging_product"`
	Kind        string       `json:"recipient_type"`
	To          string       `json:"to,omitempty"`        // a number, or
	Recipient   string       `json:"recipient,omitempty"` // a business-scoped user ID
	Type        string       `json:"type"`
	Text        *words       `json:"text,omitempty"`
	Interactive *interactive `json:"interactive,omitempty"`
	Template    *template    `json:"template,omitempty"`
	Ours        string       `json:"biz_opaque_callback_data,omitempty"`
}

type words struct {
	Preview bool   `json:"preview_url"`
	Body    string `json:"body"`
}

type interactive struct {
	Type   string `json:"type"` // "button" or "list"
	Body   text   `json:"body"`
	Action action `json:"action"`
}

type text struct {
	Text string `json:"text"`
}

type action struct {
	Buttons  []button  `json:"buttons,omitempty"`
	Button   string    `json:"button,omitempty"` // which opens the list
	Sections []section `json:"sections,omitempty"`
}

type button struct {
	Type  string `json:"type"`
	Reply choice `json:"reply"`
}

type section struct {
	Rows []choice `json:"rows"`
}

type choice struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Detail string `json:"description,omitempty"`
}

type template struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components []component `json:"components,omitempty"`
}

type component struct {
	Type       string      `json:"type"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// compose makes the message that the API takes, or says why there is none.
func (c *Client) compose(m channel.Outgoing) (outbound, error) {
	p := outbound{Product: "whatsapp", Kind: "individual", Ours: m.ID}
	switch {
	case numberForm.MatchString(m.To):
		p.To = m.To
	case userForm.MatchString(m.To):
		p.Recipient = m.To
	default:
		return p, channel.Wrong(channel.ErrRefused, "not_an_address")
	}
	switch {
	case !m.Answer && m.Template == "":
		return p, channel.Wrong(channel.ErrRefused, "no_template")
	case !m.Answer:
		p.Type, p.Template = "template", c.template(m)
		return p, nil
	case m.Text == "":
		return p, channel.Wrong(channel.ErrRefused, "no_text")
	}
	if p.Interactive = choices(m); p.Interactive != nil {
		p.Type = "interactive"
		return p, nil
	}
	body := m.Text + unsaid(m)
	if units(body) > textLimit {
		return p, channel.Wrong(channel.ErrRefused, "too_long")
	}
	p.Type, p.Text = "text", &words{Body: body}
	return p, nil
}

// template names the sentence that was approved and what fills it. WhatsApp
// refuses line breaks, tabs and many spaces in an argument, and an empty one.
func (c *Client) template(m channel.Outgoing) *template {
	t := &template{Name: m.Template}
	t.Language.Code = m.Lang
	if l := c.languages[m.Lang]; l != "" {
		t.Language.Code = l
	}
	if len(m.Args) > 0 {
		body := component{Type: "body"}
		for _, a := range m.Args {
			a = strings.Join(strings.Fields(a), " ")
			body.Parameters = append(body.Parameters, parameter{"text", cut(cmp.Or(a, "–"), argLimit)})
		}
		t.Components = []component{body}
	}
	return t
}

// choices puts the answers under a text: up to three as buttons, up to ten in a
// list that a button opens, and nil when they fit into neither.
func choices(m channel.Outgoing) *interactive {
	if len(m.Replies) == 0 || len(m.Replies) > rowsMost || units(m.Text) > textLimit || !distinct(m.Replies) {
		return nil
	}
	if b := buttons(m.Replies); b != nil && units(m.Text) <= buttonsLimit {
		return &interactive{Type: "button", Body: text{m.Text}, Action: action{Buttons: b}}
	}
	var rows []choice
	titles := map[string]bool{}
	for _, r := range m.Replies {
		row := choice{ID: r.Payload(), Title: titled(r)}
		if units(row.Title) > rowLimit {
			// The whole sentence stands under its own beginning.
			row.Title, row.Detail = cut(row.Title, rowLimit), cut(r.Text, detailLimit)
		}
		if titles[row.Title] {
			return nil
		}
		titles[row.Title] = true
		rows = append(rows, row)
	}
	first, last := m.Replies[0].Key, m.Replies[len(m.Replies)-1].Key
	return &interactive{Type: "list", Body: text{m.Text}, Action: action{
		Button:   cut(first+" – "+last, titleLimit), // digits are read in every language
		Sections: []section{{Rows: rows}},
	}}
}

// buttons are the answers as buttons, or nil when they are too many or too long.
func buttons(rs []channel.Reply) []button {
	if len(rs) > buttonsMost {
		return nil
	}
	var bs []button
	titles := map[string]bool{}
	for _, r := range rs {
		if units(titled(r)) > titleLimit || titles[titled(r)] {
			return nil
		}
		titles[titled(r)] = true
		bs = append(bs, button{"reply", choice{ID: r.Payload(), Title: titled(r)}})
	}
	return bs
}

// titled begins with the digit, which may be typed just as well, and which makes
// each of them different from the others, as the API wants them to be.
func titled(r channel.Reply) string { return strings.TrimSpace(r.Key + " " + r.Text) }

// distinct says whether each answer has a key of its own that the API takes.
func distinct(rs []channel.Reply) bool {
	seen := map[string]bool{}
	for _, r := range rs {
		if r.Key == "" || len(r.Payload()) > 200 || r.Key != strings.TrimSpace(r.Key) || seen[r.Key] {
			return false
		}
		seen[r.Key] = true
	}
	return true
}

// unsaid are the answers that a text without buttons does not say itself.
func unsaid(m channel.Outgoing) string {
	var b strings.Builder
	for _, r := range m.Replies {
		if !strings.Contains(m.Text, r.Text) {
			b.WriteString("\n" + titled(r))
		}
	}
	return b.String()
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// cut shortens a text to so many units, with a sign that something is missing.
func cut(s string, most int) string {
	if units(s) <= most {
		return s
	}
	var b strings.Builder
	left := most - 1
	for _, r := range s {
		if left -= max(utf16.RuneLen(r), 1); left < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}
