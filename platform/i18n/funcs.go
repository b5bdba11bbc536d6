package i18n

import (
	"html/template"
	"time"
)

// Funcs is what templates say through a printer:
//
//	{{t "cases.case.title" "n" .Count}}   a sentence; in an attribute its tags fall away
//	{{text "cases.case.title"}}           the same without markup, for <title>
//	{{n .Count}} {{percent .Share}} {{money .Minor "MAD"}}
//	{{date .T}} {{clock .T}} {{dateclock .T}} {{day .T}} {{weekday .T}} {{when .T}}
//	{{left .Deadline}} {{if late .Deadline}} {{duration .D}}
//	{{phone .Phone}} {{masked .Phone}} {{code .Receipt}}
//	<html lang="{{htmllang}}" dir="{{dir}}"> {{lang}}
func Funcs(p *Printer) template.FuncMap {
	return template.FuncMap{
		"t":         p.T,
		"text":      p.Text,
		"n":         p.Number,
		"percent":   p.Percent,
		"money":     p.Money,
		"date":      p.Date,
		"clock":     p.Clock,
		"dateclock": p.DateClock,
		"day":       p.Day,
		"weekday":   p.Weekday,
		"when":      p.When,
		"left":      func(deadline time.Time) template.HTML { shown, _ := p.Left(deadline); return shown },
		"late":      func(deadline time.Time) bool { _, late := p.Left(deadline); return late },
		"duration":  p.Duration,
		"phone":     p.Phone,
		"masked":    p.PhoneMasked,
		"code":      p.Code,
		"lang":      func() string { return string(p.Lang()) },
		"htmllang":  func() string { return HTMLLang(p.Lang()) },
		"dir":       p.Dir,
	}
}
