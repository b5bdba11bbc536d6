package app

import (
	"io/fs"
	"sync"

	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
)

// What the pack of a country says is the same for every house of a program, and
// reading it is most of what opening a house costs: it is read once. Nothing of
// it is changed afterwards; what a house learns it keeps apart.
var (
	placesOf = once(func(country string) (*places.Gazetteer, error) { return places.Load(packs.FS, country) })
	senseOf  = once(func(country string) (*sense.Lexicon, error) { return sense.Load(packs.FS, country) })
	alikeOf  = once(func(country string) (*linkage.Model, error) {
		g, err := placesOf(country)
		if err != nil {
			return nil, err
		}
		return linkage.LoadFor(packs.FS, country, g)
	})
	spoken sync.Map // country → *i18n.Catalogue
)

// once remembers what was read, and what went wrong.
func once[V any](read func(string) (V, error)) func(string) (V, error) {
	var known sync.Map // → func() (V, error)
	return func(country string) (V, error) {
		f, _ := known.LoadOrStore(country, sync.OnceValues(func() (V, error) { return read(country) }))
		return f.(func() (V, error))()
	}
}

// words are every catalogue of the house, the packs' included. While somebody
// works on them they are read anew each time.
func (h *House) words() (*i18n.Catalogue, error) {
	if h.Config.Dev {
		return h.readWords()
	}
	if c, ok := spoken.Load(h.Config.Country); ok {
		return c.(*i18n.Catalogue).Apart(), nil
	}
	c, err := h.readWords()
	if err == nil {
		spoken.Store(h.Config.Country, c)
		c = c.Apart()
	}
	return c, err
}

func (h *House) readWords() (*i18n.Catalogue, error) {
	files := []fs.FS{h.source("platform/ui", ui.Locale), h.source("platform/web", web.Locale), h.source("shared/forms", forms.Files),
		h.source("shared/places", places.Files), h.source("shared/deed", deed.Files), h.source("app", Files)}
	for _, m := range h.Modules {
		files = append(files, h.source("modules/"+m.Name, h.source("shared/"+m.Name, m.Files)))
	}
	cat, err := i18n.Load(files...)
	if err != nil {
		return nil, err
	}
	if err := h.Service.Speak(cat); err != nil {
		return nil, err
	}
	if err := h.Places.Owners().Speak(cat, h.Places.Country().Draft); err != nil {
		return nil, err
	}
	return cat, h.Sectors.Speak(cat)
}
