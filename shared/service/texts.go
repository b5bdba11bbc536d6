package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/forms"
)

// text is one sentence of a file.
type text struct {
	in    forms.Text
	line  int
	vital bool // a life may hang on being understood
}

// Text is a sentence of the service in lang, the language it is really in, and
// whether no translator has read it yet. Keys: text.NAME, legal_basis,
// state.CODE, state_staff.CODE, reason.CODE, refuse.CODE, redirect.CODE,
// good.CODE, unit.CODE, complaint.CODE, concern.CODE, message.CODE,
// source.CODE, and those of the form: step.NAME, question.NAME, hint.NAME,
// required.NAME, constraint.NAME, choice.LIST.NAME, choice_hint.LIST.NAME.
func (d *Definition) Text(key, lang string) (text, textLang string, draft bool) {
	text, textLang = d.texts[key].in.In(lang)
	return text, textLang, slices.Contains(d.drafts, textLang)
}

// Keys is the key of every text, sorted.
func (d *Definition) Keys() []string { return slices.Sorted(maps.Keys(d.texts)) }

// Speak adds every text of every service and crisis to a catalogue, under
// service.CODE.KEY and crisis.CODE.KEY, so that pages say them like any other
// sentence.
func (s *Set) Speak(c *i18n.Catalogue) error {
	for _, d := range s.services {
		if err := speak(c, "service."+d.Code+".", d.texts, d.drafts); err != nil {
			return err
		}
	}
	for _, k := range s.crises {
		if err := speak(c, "crisis."+k.Code+".", k.texts, k.drafts); err != nil {
			return err
		}
	}
	return nil
}

func speak(c *i18n.Catalogue, prefix string, texts map[string]text, drafts []string) error {
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		t := texts[key]
		for _, l := range forms.Langs {
			if t.in[l] == "" {
				continue
			}
			if err := c.AddText(i18n.Lang(l), prefix+key, t.in[l], slices.Contains(drafts, l), t.vital); err != nil {
				return fmt.Errorf("service: %w", err)
			}
		}
	}
	return nil
}

// Coverage is how far one file is in one language. A draft counts as written
// for showing, and as missing for the figure that is published.
type Coverage struct {
	File, Lang             string
	Texts, Written, Drafts int
}

// Share is the part that is written and read by a translator, from 0 to 1.
func (c Coverage) Share() float64 {
	if c.Texts == 0 {
		return 1
	}
	return float64(c.Written-c.Drafts) / float64(c.Texts)
}

func coverage(file string, texts map[string]text, drafts []string) []Coverage {
	var out []Coverage
	for _, l := range forms.Langs {
		c := Coverage{File: file, Lang: l, Texts: len(texts)}
		for _, t := range texts {
			if t.in[l] != "" {
				c.Written++
			}
		}
		if slices.Contains(drafts, l) {
			c.Drafts = c.Written
		}
		out = append(out, c)
	}
	return out
}

// writing gathers the texts of one file and tells what is wrong with them.
type writing struct {
	*reading
	texts map[string]text
	words *i18n.Catalogue // tries every text as a message
}

func newWriting(r *reading) (writing, error) {
	c, err := i18n.Load()
	return writing{r, map[string]text{}, c}, err
}

// add takes in a sentence. Args are the names it may be filled with.
func (w writing) add(key string, t words, at int, args ...string) {
	line := t.Line
	if line == 0 {
		line = at
	}
	if w.texts[key].line != 0 {
		w.find(line, "%s has its text twice", key)
		return
	}
	w.texts[key] = text{in: t.Text, line: line}
	var missing []string
	for _, l := range forms.Langs {
		s := t.Text[l]
		if s == "" {
			missing = append(missing, l)
			continue
		}
		if err := w.words.AddText(i18n.Lang(l), key, s, false, false); err != nil {
			w.find(line, "%s in %s cannot be read: %v", key, l, err)
			continue
		}
		for _, name := range holes(s) {
			if !slices.Contains(args, name) {
				w.find(line, "%s in %s speaks of {%s}, which nothing fills", key, l, name)
			}
		}
	}
	if len(missing) > 0 {
		w.find(line, "%s is not written in %s", key, strings.Join(missing, ", "))
	}
}

// holes is the names a text is to be filled with: the word after a brace, up
// to the brace or comma that follows it.
func holes(s string) []string {
	var out []string
	for depth := 0; s != ""; s = s[1:] {
		switch s[0] {
		case '}':
			depth--
		case '{':
			// Inside a plural or a choice every second brace opens a text.
			if depth++; depth%2 == 1 {
				if end := strings.IndexAny(s, "},"); end > 0 {
					out = append(out, strings.TrimSpace(s[1:end]))
				}
			}
		}
	}
	return out
}
