package picture

import (
	"html/template"
	"strings"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

// Say puts the facts of the lines of shelters into words.
func (s *Service) Say(c *web.Ctx, _ *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		switch f.Name {
		case "place":
			if _, ok := s.places.Get(f.Value); ok {
				f.Words = s.placeSay(c, f.Value)
			}
		case "capacity":
			f.Words = c.P.T("picture.fact.capacity", "n", f.Value)
		case "protected":
			f.Words = c.P.T("picture.shelter.protected")
		}
	}
	return nil
}

// name is a place in the reader's language, or marked with the one it is in.
func name(c *web.Ctx, p *places.Place) template.HTML {
	text, lang := p.Name(c.Lang())
	safe := template.HTMLEscapeString(text)
	if lang == c.Lang() || lang == "" {
		return template.HTML("<bdi>" + safe + "</bdi>")
	}
	dir := "ltr"
	if lang == "ar" {
		dir = "rtl"
	}
	return template.HTML(`<bdi lang="` + lang + `" dir="` + dir + `">` + safe + `</bdi>`)
}

// nameOf is the place of a code; "" is the whole country.
func (s *Service) nameOf(c *web.Ctx, code string) template.HTML {
	if p, ok := s.places.Get(code); ok {
		return name(c, p)
	}
	return c.P.T("picture.country")
}

// placeSay is a place with what it lies in, smallest first.
func (s *Service) placeSay(c *web.Ctx, code string) template.HTML {
	var parts []string
	path := s.places.Path(code)
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].Kind != places.Region || len(parts) == 0 {
			parts = append(parts, string(name(c, path[i])))
		}
	}
	return template.HTML(strings.Join(parts, string(c.P.T("picture.comma"))))
}
