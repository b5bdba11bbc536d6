package intake

import (
	"html/template"
	"strings"
	"unicode"

	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
)

// placeSay is a place with what it lies in, without its region.
func (s *Service) placeSay(c *web.Ctx, code string) template.HTML {
	path := s.places.Path(code)
	var parts []string
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].Kind != places.Region || len(parts) == 0 {
			parts = append(parts, string(named(c, path[i])))
		}
	}
	return template.HTML(strings.Join(parts, string(c.P.T("intake.comma"))))
}

func named(c *web.Ctx, p *places.Place) template.HTML {
	name, lang := p.Name(c.Lang())
	safe := template.HTMLEscapeString(name)
	if lang == c.Lang() || lang == "" {
		return template.HTML("<bdi>" + safe + "</bdi>")
	}
	dir := "ltr"
	if lang == "ar" {
		dir = "rtl"
	}
	return template.HTML(`<bdi lang="` + lang + `" dir="` + dir + `">` + safe + "</bdi>")
}

// spans cuts words at what they were read to mean, with numbers masked.
func (s *Service) spans(c *web.Ctx, def *service.Definition, words string, said sense.Reading) (out []Span) {
	hidden := s.hidden(words)
	at := 0
	for _, part := range said.Spans(words) {
		span := Span{Text: mask(part.Text, at, hidden)}
		at += len(part.Text)
		for _, f := range part.Says {
			if title := findingSay(c, def, f); title != "" && !strings.Contains(string(span.Says), string(title)) {
				if span.Says != "" {
					span.Says += c.P.T("intake.comma")
				}
				span.Says += title
			}
		}
		out = append(out, span)
	}
	return out
}

// findingSay is a finding in the reader's language; "" for what asks nothing.
func findingSay(c *web.Ctx, def *service.Definition, f sense.Finding) template.HTML {
	list, name, _ := strings.Cut(f.Key, ".")
	switch list {
	case "danger", "unserved", "served":
		return c.P.T("intake.finding." + list)
	case "people", "households":
		return c.P.T("intake.finding."+list, "n", f.Count)
	}
	for _, bound := range []string{def.Bind.Need, def.Bind.Fragile} {
		q := def.Form.Question(bound)
		if q == nil || q.List == nil || q.List.Name != list {
			continue
		}
		if _, ok := q.List.Choice(name); ok {
			title := c.P.T(key(def, "choice."+q.List.Name+"."+name))
			if f.Count > 0 {
				title += " × " + c.P.Number(int64(f.Count))
			}
			return title
		}
	}
	return ""
}

// shownDigits is how many digits of a number stay: enough to tell an operator's
// range, and not to call anybody.
const shownDigits = 4

// hidden are the places of the digits that stand on no screen.
func (s *Service) hidden(words string) map[int]bool {
	out := map[int]bool{}
	for _, p := range s.phonesIn(words) {
		n := 0
		for i, r := range words[p.from:p.to] {
			if unicode.IsNumber(r) {
				if n++; n > shownDigits {
					out[p.from+i] = true
				}
			}
		}
	}
	return out
}

// mask writes a stretch of a text that begins at from, without what is hidden.
func mask(part string, from int, hidden map[int]bool) string {
	var b strings.Builder
	for i, r := range part {
		if hidden[from+i] {
			b.WriteRune('•')
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (s *Service) masked(words string) string { return mask(words, 0, s.hidden(words)) }
