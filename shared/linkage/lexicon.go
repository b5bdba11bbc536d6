package linkage

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/shared/places"
)

// token is one name or word, as it sounds, and how rare it is.
type token struct {
	key     string
	sound   []byte
	servant []byte  // of a name that begins with Abd: how what follows sounds
	bone    string  // skeleton of the sound: what it is looked up by
	bits    float64 // how rare: bits that sharing it is worth
	given   bool    // a given name that many bear
	number  bool
	both    bool // and a name as well
	need    bool // listed as a word of need only: villages may be called so
	maybe   bool // perhaps the next word and no name: it may agree, and not contradict
	listed  bool // a word that many write, spelled as it is listed
}

func hear(key string) *token {
	p := arabic.Phones(key)
	return &token{key: key, sound: p, servant: servant(p), bone: arabic.Skeleton(p)}
}

// servant is how a name goes on that begins with Abd, "servant of", and its
// article; nil of any other. Half of such a name is the same in all of them.
func servant(sound []byte) []byte {
	rest, ok := bytes.CutPrefix(sound, []byte("abd"))
	if !ok {
		if rest, ok = bytes.CutPrefix(bytes.TrimPrefix(sound, []byte("o")), []byte("bd")); !ok {
			rest, ok = bytes.CutPrefix(sound, []byte("oabd"))
		}
	}
	if !ok || len(rest) < 2 {
		return nil
	}
	for _, front := range [...]string{"eaiu", "lL"} { // Abdel, Abder, عبد ال
		if len(rest) > 2 && strings.IndexByte(front, rest[0]) >= 0 {
			rest = rest[1:]
		}
	}
	return rest
}

// AlikeFrom is how alike two names must sound to be one: of 553 pairs of one name
// in two spellings 523 are, of 708 pairs of names that resemble each other 42
// (twiza bench merge).
const AlikeFrom = 0.80

// Words must be more alike than names: they are many.
const (
	alikeFrom = AlikeFrom
	wordsFrom = 0.86
	slipFrom  = 0.70 // the other part of a name that agrees already
	listFrom  = 0.92 // a listed word, which is many words apart from names
)

// lexicon knows how rare listed names or words are, in any spelling.
type lexicon struct {
	byKey  map[string]*token
	byBone map[string][]*token
	begun  map[string][]*token // beginnings, by their first three letters
}

func (l *lexicon) add(key string, bits float64, given bool) {
	if l.byKey == nil {
		*l = lexicon{map[string]*token{}, map[string][]*token{}, map[string][]*token{}}
	}
	if _, known := l.byKey[key]; known || key == "" {
		return
	}
	t := hear(key)
	t.bits, t.given = bits, given
	l.byKey[key] = t
	l.byBone[t.bone] = append(l.byBone[t.bone], t)
}

// beginning adds all words that begin so.
func (l *lexicon) beginning(key string) {
	l.addNeed(key)
	if first, ok := firstLetters(key); ok {
		l.begun[first] = append(l.begun[first], &token{key: key, bits: needBits, need: true})
	}
}

// addNeed adds a word of need.
func (l *lexicon) addNeed(key string) {
	if _, known := l.byKey[key]; known {
		return
	}
	l.add(key, needBits, false)
	t := l.byKey[key]
	t.need = true
	l.byKey[key] = t
}

func firstLetters(key string) (string, bool) {
	n := 0
	for i := range key {
		if n == 3 {
			return key[:i], true
		}
		n++
	}
	return key, n == 3
}

// find is the listed one that t is, however it is spelled: letter by letter, by
// how it begins, or, when it is long enough, by how it sounds.
func (l *lexicon) find(t *token, least float64) (*token, bool) {
	if known, ok := l.byKey[t.key]; ok {
		return known, true
	}
	if first, ok := firstLetters(t.key); ok {
		for _, b := range l.begun[first] {
			if strings.HasPrefix(t.key, b.key) {
				return b, true
			}
		}
	}
	if len(t.bone) < 2 || len(t.sound) < 4 || least >= listFrom && len(t.sound) < 7 {
		return nil, false
	}
	for _, known := range l.byBone[t.bone] {
		if arabic.LikenessFrom(t.sound, known.sound, least) > 0 {
			return known, true
		}
	}
	return nil, false
}

// has is whether it is listed.
func (l *lexicon) has(t *token) bool {
	_, ok := l.find(t, wordsFrom)
	return ok
}

// learn makes the lexicons. What sense.yaml of the country lists are words of
// need, which many write: where it is missing they count as rare as any.
func (m *Model) learn(fsys fs.FS, country string, weights []byte) error {
	f := &m.file
	for bits, list := range f.Names.Common {
		for _, n := range list {
			m.names.add(arabic.Key(n), bits, true)
		}
	}
	for bits, list := range f.Names.Clans {
		for _, n := range list {
			m.names.add(arabic.Key(n), bits, false)
		}
	}
	m.titles, m.joined = set(f.Names.Titles), set(f.Names.Joined)
	m.homes, m.fillers, m.hamlets = set(f.Names.Homes), set(f.Names.Fillers), set(f.Words.Villages)
	for bits, list := range f.Words.Common {
		for _, w := range list {
			for word := range strings.FieldsSeq(arabic.Key(w)) {
				m.words.add(word, bits, false)
			}
		}
	}
	m.after = set(f.Names.After)
	m.short = map[string]string{}
	for short, full := range f.Names.Short {
		m.short[arabic.Key(short)] = arabic.Key(full)
	}
	for _, w := range f.Words.Whole {
		m.whole = append(m.whole, " "+arabic.Key(w)+" ")
	}
	raw, err := fs.ReadFile(fsys, country+"/sense.yaml")
	m.printed(weights, raw)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var all yaml.Node
	if err := yaml.Unmarshal(raw, &all); err != nil {
		return err
	}
	m.needWords(&all)
	return nil
}

func set(list []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[arabic.Key(s)] = true
	}
	return out
}

// needBits is what a word of need is worth: about one report in three that has
// any says the same.
const needBits = 1.5

func (m *Model) needWords(n *yaml.Node) {
	for _, c := range n.Content {
		m.needWords(c)
	}
	if n.Kind != yaml.ScalarNode {
		return
	}
	for piece := range strings.FieldsFuncSeq(n.Value, func(r rune) bool { return r == ' ' || r == '|' || r == '~' || r == '+' }) {
		key := arabic.Key(piece)
		switch {
		case strings.Contains(key, " "):
			for word := range strings.FieldsSeq(key) {
				m.words.addNeed(word)
			}
		case strings.HasSuffix(piece, "*") && utf8.RuneCountInString(key) >= 4:
			m.words.beginning(key)
		default:
			m.words.addNeed(key)
		}
	}
}

// know remembers what places are called.
func (m *Model) know(g *places.Gazetteer) {
	m.places, m.paths, m.villages = map[string][]*token{}, map[string][]string{}, map[string][]village{}
	for _, kind := range []string{places.Region, places.Province, places.Commune, places.Douar} {
		for _, p := range g.All(kind) {
			var all []*token
			for _, name := range p.Names {
				if kind == places.Douar {
					m.villages[p.Code] = append(m.villages[p.Code], newVillage(m.heard(arabic.Key(name))))
				}
				for key := range strings.FieldsSeq(arabic.Key(name)) {
					if t := hear(key); len(t.bone) > 0 && !slices.ContainsFunc(all, func(o *token) bool { return o.key == key }) {
						all = append(all, t)
					}
				}
				if t := hear(strings.ReplaceAll(arabic.Key(name), " ", "")); len(t.bone) > 0 {
					all = append(all, t)
				}
			}
			m.places[p.Code] = all
			for _, up := range g.Path(p.Code) {
				m.paths[p.Code] = append(m.paths[p.Code], up.Code)
			}
		}
	}
}

// memory keeps what was worked out for a word: people write the same ones. It is
// emptied when it is full, and is gone with the process.
type memory struct {
	mu    sync.RWMutex
	words map[string]*token
}

const remembered = 50_000

func (m *memory) of(key string, work func() *token) *token {
	m.mu.RLock()
	t, ok := m.words[key]
	m.mu.RUnlock()
	if ok {
		return t
	}
	t = work()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.words) >= remembered || m.words == nil {
		m.words = map[string]*token{}
	}
	m.words[key] = t
	return t
}
