package people

import (
	"html/template"
	"slices"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// options are codes with their words, those chosen marked.
func options(c *web.Ctx, prefix string, codes []string, chosen ...string) []ui.Option {
	var all []ui.Option
	for _, code := range codes {
		all = append(all, ui.Option{Value: code, Title: c.P.T(prefix + code), Chosen: slices.Contains(chosen, code)})
	}
	return all
}

// plainHTML is a name as an option shows it.
func plainHTML(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) }

// langName is what a language is called by a reader of lang.
func (s *Service) langName(code, lang string) string {
	for _, spoken := range s.places.Country().Spoken {
		if name := spoken.Names[lang]; spoken.Code == code && name != "" {
			return name
		}
	}
	if i18n.Known(i18n.Lang(code)) {
		return i18n.Name(i18n.Lang(code))
	}
	return code
}

// langOptions are the languages people may say they speak, in the reader's words.
func (s *Service) langOptions(lang string, chosen []string) []ui.Option {
	var all []ui.Option
	for _, code := range s.languages() {
		all = append(all, ui.Option{Value: code, Title: plainHTML(s.langName(code, lang)), Chosen: slices.Contains(chosen, code)})
	}
	return all
}

// orgOptions are the organisations that a role can be held for.
func (s *Service) orgOptions(t *db.Tx, lang string, chosen string) ([]ui.Option, error) {
	all, err := s.Organisations(t)
	var rows []ui.Option
	for _, o := range all {
		rows = append(rows, ui.Option{Value: o.ID.String(), Title: plainHTML(o.Names.In(lang)), Chosen: o.ID.String() == chosen})
	}
	return rows, err
}

// roleCodes is every role, as forms send them.
func roleCodes() (all []string) {
	for _, r := range actor.Roles {
		all = append(all, string(r))
	}
	return all
}
