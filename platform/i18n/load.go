package i18n

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

// baseWords is what every page needs: months, days, units, yes and no.
//
//go:embed locale/*.json
var baseWords embed.FS

// Load reads the catalogue of every package that speaks: locale/ar.json,
// zgh.json, fr.json and en.json of each, and the base words of this one. A
// value is a text, or {"text": …, "draft": true, "vital": true}. Everything
// wrong is told at once, by file and key; a key that two packages have is an
// error that names both.
func Load(fsyses ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{sentences: map[string]*sentence{}, missing: map[string]bool{}}
	var wrong []error
	type spoken struct {
		texts []text
		err   error
	}
	all := append([]fs.FS{baseWords}, fsyses...)
	read := make([]spoken, len(all))
	var wait sync.WaitGroup
	for i, files := range all {
		wait.Go(func() { read[i].texts, read[i].err = readAll(files) })
	}
	wait.Wait()
	for i, r := range read {
		if r.err != nil {
			wrong = append(wrong, fmt.Errorf("catalogue %d: %w", i, r.err))
			continue
		}
		name := speaker(r.texts, i)
		for _, t := range r.texts {
			source := name + "/locale/" + string(t.lang) + ".json"
			if err := c.add(source, t.lang, t.key, t.Text, t.Draft, t.Vital); err != nil {
				wrong = append(wrong, err)
			}
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("i18n: %w", errors.Join(wrong...))
	}
	return c, nil
}

// text is one line of a catalogue file.
type text struct {
	lang  Lang
	key   string
	Text  string `json:"text"`
	Draft bool   `json:"draft"`
	Vital bool   `json:"vital"`
}

func readAll(files fs.FS) ([]text, error) {
	var all []text
	found := false
	for _, l := range langs {
		path := "locale/" + string(l) + ".json"
		data, err := fs.ReadFile(files, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = true
		texts, err := readFile(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, t := range texts {
			t.lang = l
			all = append(all, t)
		}
	}
	if !found {
		return nil, errNoCatalogue
	}
	return all, nil
}

// readFile reads one file, key by key, for encoding/json would let a second
// text under the same key silently replace the first.
func readFile(data []byte) ([]text, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("not an object of keys and texts"), err)
	}
	var all []text
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key := t.(string) // within an object the decoder gives nothing else
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if seen[key] {
			return nil, fmt.Errorf("%s is there twice", key)
		}
		seen[key] = true
		one, err := readText(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		one.key = key
		all = append(all, one)
	}
	_, err := d.Token() // the closing brace
	return all, err
}

func readText(raw json.RawMessage) (text, error) {
	var t text
	if raw[0] == '"' {
		return t, json.Unmarshal(raw, &t.Text)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return t, d.Decode(&t)
}

// speaker names the package a catalogue belongs to, for errors: the word with
// which most of its keys begin, as keys are module.noun.what. A file system
// does not know its own name.
func speaker(texts []text, i int) string {
	times := map[string]int{}
	best := ""
	for _, t := range texts {
		first, _, _ := strings.Cut(t.key, ".")
		times[first]++
	}
	for _, word := range slices.Sorted(maps.Keys(times)) {
		if times[word] > times[best] {
			best = word
		}
	}
	return fmt.Sprintf("%s (catalogue %d)", best, i)
}
