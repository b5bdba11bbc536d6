package service

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Crisis is a template from which a crisis is opened: what it turns on, in
// what time, and what people are told first.
type Crisis struct {
	Code     string
	Version  int
	From     time.Time
	Hazard   string
	Icon     string
	Services []string // codes of services it turns on
	Layers   []string // codes of map layers it turns on: their texts are layer.CODE
	Advice   []Advice // what to do now, in order
	Numbers  []string // whom to call, as country.yaml says: "ambulance", "gendarmerie"

	file      string
	texts     map[string]text
	drafts    []string
	overrides map[string]map[string]delay
	lines     map[string]int // where services and numbers are named
}

// Advice is one line of what to do now; its words are advice.N, counted from 1.
type Advice struct{ Key string }

// Names is what the crisis is called in each language.
func (c *Crisis) Names() map[string]string { return maps.Clone(c.texts["text.name"].in) }

// Text is a sentence of the crisis in lang, the language it is really in, and
// whether no translator has read it yet. Keys: text.NAME, advice.N, layer.CODE,
// source.CODE.
func (c *Crisis) Text(key, lang string) (text, textLang string, draft bool) {
	text, textLang = c.texts[key].in.In(lang)
	return text, textLang, slices.Contains(c.drafts, textLang)
}

// Over is the service as it is while this crisis lasts: with the crisis's
// delays where it sets any. The definition itself stays as it is.
func (c *Crisis) Over(d *Definition) *Definition {
	set, ok := c.overrides[d.Code]
	if !ok {
		return d
	}
	with := *d
	with.delays = maps.Clone(d.delays)
	maps.Copy(with.delays, set)
	with.texts = maps.Clone(d.texts)
	for key, t := range c.texts {
		if len(key) > 7 && key[:7] == "source." {
			with.texts[key] = t
		}
	}
	return &with
}

var neededCrisisTexts = []string{"name", "what"}

// leastAdvice is how many lines of what to do a crisis page opens with.
const leastAdvice = 3

func (r *reading) crisis(body []byte) (*Crisis, error) {
	w, err := newWriting(r)
	if err != nil {
		return nil, err
	}
	c := &Crisis{file: r.file, texts: w.texts, overrides: map[string]map[string]delay{}, lines: map[string]int{}}
	n := r.parse(body)
	if n == nil {
		return c, nil
	}
	var f fileCrisis
	r.record(n, reflect.ValueOf(&f).Elem())
	c.Code, c.Version, c.From = r.named(f.Code), r.whole(f.Version, 1, 1_000_000), r.day(f.EffectiveFrom)
	if c.Hazard, c.Icon = f.Hazard.Is, f.Icon.Is; c.Hazard == "" || c.Icon == "" {
		r.find(r.at("hazard"), "hazard and icon are needed")
	}
	c.lines["code"] = r.at("code")
	c.drafts = r.draftLangs(f.Drafts)
	for _, key := range neededCrisisTexts {
		if _, ok := f.Texts[key]; !ok {
			r.find(r.at("texts"), "texts: %s is not written", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.Texts)) {
		w.add("text."+key, f.Texts[key], 1)
	}
	for _, key := range slices.Sorted(maps.Keys(f.Sources)) {
		w.add("source."+key, f.Sources[key], 1)
	}
	if len(f.Advice) < leastAdvice {
		r.find(r.at("advice"), "advice: %d lines of what to do are needed", leastAdvice)
	}
	for i, a := range f.Advice {
		key := fmt.Sprintf("advice.%d", i+1)
		w.add(key, a, 1)
		t := w.texts[key]
		t.vital = true // what to do now: a draft shows with its Arabic twin
		w.texts[key] = t
		c.Advice = append(c.Advice, Advice{key})
	}
	r.turnsOn(c, w, &f)
	return c, nil
}

func (r *reading) turnsOn(c *Crisis, w writing, f *fileCrisis) {
	if len(f.Services) == 0 {
		r.find(r.at("services"), "services: the crisis turns on none")
	}
	for _, s := range f.Services {
		c.Services = append(c.Services, s.Is)
		c.lines["service "+s.Is] = s.Line
	}
	for _, n := range f.Numbers {
		c.Numbers = append(c.Numbers, n.Is)
		c.lines["number "+n.Is] = n.Line
	}
	for _, l := range f.Layers {
		if !code(l.Code) {
			r.find(l.Line, "a layer needs a code in small letters, digits and _")
		}
		c.Layers = append(c.Layers, l.Code)
		w.add("layer."+l.Code, l.Texts, l.Line)
	}
	for _, service := range slices.Sorted(maps.Keys(f.Delays)) {
		c.overrides[service] = map[string]delay{}
		for _, name := range slices.Sorted(maps.Keys(f.Delays[service])) {
			x := f.Delays[service][name]
			c.overrides[service][name] = r.delay(name, x, f.Sources)
			c.lines["service "+service] = x.Line
		}
	}
}
