package i18n

import (
	"html"
	"html/template"
	"regexp"
)

var tag = regexp.MustCompile(`<[^>]*>`)

// PlainOf is what a reader sees of a piece of a page that this house made: for where
// there are no pages, such as paper.
func PlainOf(h template.HTML) string { return html.UnescapeString(tag.ReplaceAllString(string(h), "")) }
