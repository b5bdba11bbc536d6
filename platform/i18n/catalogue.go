package i18n

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Catalogue is every sentence of the house in every language it has been
// written in. Messages are parsed once, when they come in.
type Catalogue struct {
	mu        sync.RWMutex
	sentences map[string]*sentence // each is never changed, only replaced
	missing   map[string]bool      // asked for and not found
}

// sentence is one key in the languages that have it.
type sentence struct {
	in    [len(langs)]*entry
	vital bool // in any language: a life may hang on being understood
}

// entry is a sentence in one language. What it means is read when it is first
// said: most sentences of most languages never are, and would lie in memory.
type entry struct {
	lang   Lang
	source string // the file or pack it came from
	text   string
	draft  bool // written, and not yet reviewed by a translator
	said   atomic.Pointer[reading]
}

// reading is a sentence as it is put together.
type reading struct {
	words message

	// For a sentence without holes, what it always reads as.
	still bool
	plain string
	html  template.HTML
}

// newEntry refuses a text that nobody could say.
func newEntry(lang Lang, source, text string, draft bool) (*entry, error) {
	if strings.ContainsAny(text, "{}'#") || len(text) > maxMessage {
		if _, err := parseMessage(text); err != nil {
			return nil, err
		}
	}
	return &entry{lang: lang, source: source, text: text, draft: draft}, nil
}

func (e *entry) read() *reading {
	if r := e.said.Load(); r != nil {
		return r
	}
	words, _ := parseMessage(e.text) // newEntry saw that it can be read
	r := &reading{words: words, still: words.still()}
	if r.still {
		for _, n := range words {
			r.plain += n.text
			r.html += template.HTML(n.html)
		}
	}
	e.said.Store(r)
	return r
}

// AddText adds one sentence that comes from data, as the texts of a service
// do. Adding the same text again changes nothing; another text under a key
// that is taken is an error. draft: no translator has reviewed it. vital: a
// life may hang on it, so a draft shows with its Arabic twin.
func (c *Catalogue) AddText(lang Lang, key, text string, draft, vital bool) error {
	return c.add("data", lang, key, text, draft, vital)
}

func (c *Catalogue) add(source string, lang Lang, key, text string, draft, vital bool) error {
	at := lang.index()
	switch {
	case at < 0:
		return fmt.Errorf("%s: %s: there is no language %q", source, key, lang)
	case key == "":
		return fmt.Errorf("%s: a text has no key: %.40q", source, text)
	}
	e, err := newEntry(lang, source, text, draft)
	if err != nil {
		return fmt.Errorf("%s: %s (%s): %w", source, key, lang, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var next sentence
	if old := c.sentences[key]; old != nil {
		next = *old
	}
	if had := next.in[at]; had != nil {
		if had.source == source && had.text == text && had.draft == draft {
			return nil
		}
		return fmt.Errorf("%s (%s) is in %s and again in %s", key, lang, had.source, source)
	}
	next.in[at] = e
	next.vital = next.vital || vital
	c.sentences[key] = &next
	return nil
}

// Apart is a catalogue of the same sentences that keeps an account of its own of
// what was asked for and not found. No text is added to either of them any more.
func (c *Catalogue) Apart() *Catalogue {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return &Catalogue{sentences: c.sentences, missing: map[string]bool{}}
}

// Has says whether the key is in the catalogue, in any language.
func (c *Catalogue) Has(key string) bool { return c.sentence(key) != nil }

// Keys is every key there is, sorted.
func (c *Catalogue) Keys() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Sorted(maps.Keys(c.sentences))
}

func (c *Catalogue) sentence(key string) *sentence {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.sentences[key]
}

// find is the sentence as a reader of lang gets it: their own, or the first
// there is on the way to Arabic.
func (s *sentence) find(lang Lang) *entry {
	for _, l := range lang.chain() {
		if e := s.in[l.index()]; e != nil {
			return e
		}
	}
	return nil
}

// twin is the Arabic that goes along with a life-saving sentence whose
// translation nobody has reviewed; nil when none is needed or none exists.
func (s *sentence) twin(e *entry) *entry {
	if s.vital && e.draft && e.lang != AR {
		return s.in[AR.index()]
	}
	return nil
}

// maxMissing bounds what is remembered of keys that are not there; some keys
// are made of data.
const maxMissing = 1000

func (c *Catalogue) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.missing) < maxMissing {
		c.missing[what] = true
	}
}

// Missing is what was asked for and not found, sorted: keys in no language,
// and arguments that a sentence needs and was not given, as "key {argument}".
// A test that renders pages fails unless it is empty.
func (c *Catalogue) Missing() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Sorted(maps.Keys(c.missing))
}

// Coverage is how far one language is, as published: a draft counts as missing.
type Coverage struct {
	Lang       Lang
	Strings    int // sentences there are
	Translated int // written and reviewed
	Drafts     int // written, not yet reviewed
	Missing    int // drafts and sentences not written at all
}

// Share is the part translated, from 0 to 1.
func (c Coverage) Share() float64 {
	if c.Strings == 0 {
		return 1
	}
	return float64(c.Translated) / float64(c.Strings)
}

// Coverage counts every language, in the order of Langs.
func (c *Catalogue) Coverage() []Coverage {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]Coverage, len(langs))
	for i, l := range langs {
		out[i] = Coverage{Lang: l, Strings: len(c.sentences)}
		for _, s := range c.sentences {
			switch e := s.in[i]; {
			case e == nil || blank(e.text):
			case e.draft:
				out[i].Drafts++
			default:
				out[i].Translated++
			}
		}
		out[i].Missing = out[i].Strings - out[i].Translated
	}
	return out
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

var errNoCatalogue = errors.New("no locale/ar.json, zgh.json, fr.json or en.json in it")
