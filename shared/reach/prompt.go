package reach

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
)

var recorders = []actor.Role{actor.Administrator, actor.CrisisCell, actor.Dispatcher}

var (
	DeedPromptSee    = deed.Deed{Name: "reach.prompt.see", Roles: recorders}
	DeedPromptRecord = deed.Deed{Name: "reach.prompt.record", Roles: recorders}
	DeedPromptRemove = deed.Deed{Name: "reach.prompt.remove", Roles: recorders}
)

// Recording is one recorded sentence of the telephone menu.
type Recording struct {
	Lang, Name string
	Sound
	At time.Time
}

// PromptFarewell is said by the exchange itself when it lost the house.
const PromptFarewell = "call.again"

// engineSays are the sentences that the telephone menu says whatever is asked
// for. That none is missing here is tested by walking through every menu.
var engineSays = []string{
	"reach.language.ask", "reach.voice.press", "reach.menu.title", "reach.menu.follow",
	"reach.talk.we_were_here", "reach.talk.silence", "reach.talk.taken_back",
	"reach.ask.many", "reach.ask.skip", "reach.ask.place_voice", "reach.ask.place_is_number", "reach.ask.choose_digit", "reach.ask.no_such_digit", "reach.ask.one_only",
	"reach.done.receipt", "reach.done.code", "reach.done.restricted",
	"reach.track.ask_number", "reach.track.ask_word", "reach.track.not_number", "reach.track.no_match", "reach.track.too_often", "reach.track.late", "reach.news.late", "reach.news.only",
	"reach.confirm.ask", "reach.confirm.yes", "reach.confirm.no", "reach.confirm.partly", "reach.confirm.not_now",
	"reach.confirm.thanks_yes", "reach.confirm.thanks_no", "reach.confirm.thanks_partly",
	"reach.call.coming", "reach.call.no_phone", "reach.live.no_number", "reach.live.kept", "reach.ask.closed", PromptFarewell,
	"forms.answer.required", "forms.answer.will_not_do",
}

// wrongOf are the sentences about an answer by keys that is none.
var wrongOf = map[forms.Type][]string{
	forms.TypeInteger: {"forms.answer.not_whole", "forms.answer.not_number", "forms.answer.too_big"},
	forms.TypeDecimal: {"forms.answer.not_number", "forms.answer.too_big"},
	forms.TypeDate:    {"forms.answer.not_date"},
	forms.TypePoint:   {"forms.answer.not_point"},
}

// aloud is what is read aloud where the written sentence has a number in it, or
// speaks of writing: the number itself is said after it, digit by digit.
var aloud = map[string]string{
	"reach.ask.no_such_digit": "reach.voice.no_such_digit", "reach.done.restricted": "reach.voice.restricted", "reach.done.code": "reach.voice.code",
	"reach.track.ask_number": "reach.voice.ask_number", "reach.track.ask_word": "reach.voice.ask_word", "reach.call.no_phone": "reach.voice.no_phone",
	"reach.confirm.not_now": "reach.voice.not_now", "reach.live.no_number": "reach.voice.no_number", "reach.ask.many": "reach.voice.many",
	"reach.menu.title": "reach.voice.menu", "reach.ask.choose_digit": "reach.voice.choose_digit", "reach.ask.skip": "reach.voice.skip", PromptFarewell: "reach.voice.call_again",
}

// VoiceLangs are the languages that the telephone menu speaks.
func (s *Service) VoiceLangs() []VoiceLang { return s.Rules.Voice.Languages }

func (s *Service) voiceLang(code string) (VoiceLang, bool) {
	i := slices.IndexFunc(s.VoiceLangs(), func(l VoiceLang) bool { return l.Code == code })
	if i < 0 {
		return VoiceLang{}, false
	}
	return s.VoiceLangs()[i], true
}

// PromptNames is everything that the telephone menu can say, once each, in the
// order in which it is best recorded: what every caller hears stands first.
// Pauses and tones are the exchange's own.
func (s *Service) PromptNames() []channel.Prompt {
	return s.PromptTexts(s.places.Country().Default)
}

// PromptTexts is the same in the letters of a language.
func (s *Service) PromptTexts(written string) (all []channel.Prompt) {
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			all = append(all, channel.Prompt{Name: name, Text: s.promptText(name, written)})
		}
	}
	for _, name := range engineSays {
		add(name)
	}
	for i := range 10 {
		add("digit." + strconv.Itoa(i))
	}
	for _, c := range s.engine.spokenChoices().Prompts {
		add(c)
	}
	for _, def := range s.Ports.Services() {
		for _, name := range serviceSays(def) {
			add(name)
		}
	}
	return all
}

// serviceSays is what the telephone menu says of one service: its name, what it
// asks where each question costs time, the answers that have a digit, what can
// be wrong with them, and how a request stands.
func serviceSays(def *service.Definition) (all []string) {
	add := func(k string) { all = append(all, key(def, k)) }
	if def.Digit > 0 {
		add("text.name")
	}
	for _, q := range def.Form.Questions {
		if !q.Asks() || q.Name == def.Bind.Phone || !q.AlwaysRequired() && !q.MayBeRequired() && !slices.Contains(def.Narrow, q.Name) {
			continue
		}
		if q.Type != forms.TypePlace { // where it is, is spoken after a tone
			add("question." + q.Name)
		}
		if q.List != nil {
			for _, c := range q.List.Choices {
				if c.Digit > 0 {
					add("choice." + q.List.Name + "." + c.Name)
				}
			}
		}
		if len(q.RequiredMessage) > 0 {
			add("required." + q.Name)
		}
		if len(q.ConstraintMessage) > 0 {
			add("constraint." + q.Name)
		}
		all = append(all, wrongOf[q.Type]...)
	}
	for _, st := range def.States {
		add("state." + st.Code)
	}
	return all
}

// promptText is what is to be read aloud, in the letters of a language.
func (s *Service) promptText(name, written string) string {
	if d, ok := strings.CutPrefix(name, "digit."); ok {
		return d
	}
	if code, ok := strings.CutPrefix(name, "language."); ok {
		for _, l := range s.places.Country().Spoken {
			if l.Code == code {
				text, _ := places.In(l.Names, written)
				return text
			}
		}
	}
	if k := aloud[name]; k != "" {
		name = k
	}
	return plainText(s.printer(written).Text(name))
}

// PromptText is what a prompt says in a spoken language, in the letters in
// which that is read here; whoever has chosen none is read the country's own.
func (s *Service) PromptText(spoken, name string) string {
	if l, ok := s.voiceLang(spoken); ok {
		return s.promptText(name, l.Written)
	}
	return s.promptText(name, s.places.Country().Default)
}

// knows tells whether the telephone menu says a sentence.
func (s *Service) knows(name string) bool {
	return slices.ContainsFunc(s.PromptNames(), func(p channel.Prompt) bool { return p.Name == name })
}

// Record keeps a recording of a sentence, in place of the one there was.
func (s *Service) Record(ctx context.Context, by actor.Actor, lang, name string, body []byte) error {
	if _, ok := s.voiceLang(lang); !ok || !s.knows(name) {
		return fault.New(fault.Missing, "error.missing")
	}
	sound, err := ReadSound(body)
	if err != nil {
		return err
	}
	err = s.h.Do(ctx, by, DeedPromptRecord, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := keepPrompt(t.Tx, lang, name, sound, t.By.Account); err != nil {
			return err
		}
		return t.Tell("reach.prompt/"+lang+"."+name, promptTold{lang, name, sound.Media, sound.Seconds})
	})
	if err == nil {
		s.promptsChanged(ctx)
	}
	return err
}

type promptTold struct {
	Lang    string `json:"spoken"`
	Name    string `json:"prompt"`
	Media   string `json:"media,omitempty"`
	Seconds int    `json:"seconds,omitempty"`
}

// RemovePrompt takes a recording away: the sentence is missing again.
func (s *Service) RemovePrompt(ctx context.Context, by actor.Actor, lang, name string) error {
	err := s.h.Do(ctx, by, DeedPromptRemove, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		gone, err := dropPrompt(t.Tx, lang, name)
		if err != nil {
			return err
		}
		if !gone {
			return deed.ErrNothingDone
		}
		return t.Tell("reach.prompt/"+lang+"."+name, promptTold{Lang: lang, Name: name})
	})
	if err == nil {
		s.promptsChanged(ctx)
	}
	return welcome(err)
}

// recorded remembers which sentences were recorded, and the sounds asked for
// lately. Several houses over one store learn of each other's in half a minute.
type recorded struct {
	mu     sync.Mutex
	read   time.Time
	when   map[string]time.Time // "shi/digit.4" → when it was recorded
	turn   int                  // of changes: what was read before one is not kept after it
	sounds map[string]Recording
	bytes  int
}

const (
	recordedLasts = 30 * time.Second
	mostSounds    = 32 << 20
)

// Has tells whether a sentence was recorded in a language. A store that does
// not answer leaves it at what was known.
func (s *Service) Has(lang, name string) bool {
	r, now := &s.recorded, s.h.DB.Now()
	r.mu.Lock()
	when, turn, stale := r.when, r.turn, r.when == nil || now.Sub(r.read) > recordedLasts || now.Before(r.read)
	r.mu.Unlock()
	if stale { // the lock is not held meanwhile: whoever asks may hold what reading needs
		err := s.h.DB.Read(context.Background(), func(t *db.Tx) error {
			all, err := listPrompts(t)
			if err != nil {
				return err
			}
			when = map[string]time.Time{}
			for _, p := range all {
				when[p.Lang+"/"+p.Name] = p.At
			}
			return nil
		})
		if err == nil {
			r.mu.Lock()
			if turn == r.turn {
				r.when, r.read = when, now
			}
			r.mu.Unlock()
		}
		s.report(err)
	}
	_, ok := when[lang+"/"+name]
	return ok
}

// Recording is the sound of a sentence; fault.Missing when nobody recorded it.
func (s *Service) Recording(ctx context.Context, lang, name string) (p Recording, err error) {
	if !s.Has(lang, name) {
		return p, fault.New(fault.Missing, "error.missing")
	}
	r, k := &s.recorded, lang+"/"+name
	r.mu.Lock()
	p, ok := r.sounds[k]
	ok = ok && p.At.Equal(r.when[k])
	r.mu.Unlock()
	if ok {
		return p, nil
	}
	if err = s.h.DB.Read(ctx, func(t *db.Tx) (err error) { p, err = getPrompt(t, lang, name); return err }); err != nil {
		return p, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bytes += len(p.Body); r.sounds == nil || r.bytes > mostSounds {
		r.sounds, r.bytes = map[string]Recording{}, len(p.Body)
	}
	r.sounds[k] = p
	return p, nil
}

// promptsChanged forgets what was known, and writes the files anew where an
// exchange plays from them.
func (s *Service) promptsChanged(ctx context.Context) {
	s.recorded.mu.Lock()
	s.recorded.when, s.recorded.sounds, s.recorded.bytes = nil, nil, 0
	s.recorded.turn++
	s.recorded.mu.Unlock()
	s.report(s.KeepPrompts(ctx))
}

// KeepPrompts writes the recordings where PromptDir says; without one it does
// nothing.
func (s *Service) KeepPrompts(ctx context.Context) error {
	if s.PromptDir == "" {
		return nil
	}
	return s.WritePrompts(ctx, s.PromptDir)
}

// safeName is a name that is a file's on any system.
var safeName = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)

// WritePrompts makes DIR/LANG/NAME.EXT of every recording, for an exchange that
// plays files, and takes away those of recordings that are gone. A file that is
// there already is left alone; one that is being played is replaced whole.
func (s *Service) WritePrompts(ctx context.Context, dir string) error {
	var all []Recording
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { all, err = listPrompts(t); return err })
	if err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	kept := map[string]bool{}
	for _, p := range all {
		if !safeName.MatchString(p.Lang) || !safeName.MatchString(p.Name) {
			continue
		}
		file := filepath.Join(dir, p.Lang, p.Name+"."+p.Ext())
		kept[file] = true
		if is, err := os.Stat(file); err == nil && is.ModTime().Equal(p.At) {
			continue
		}
		if err := s.writePrompt(ctx, file, p); err != nil {
			return err
		}
	}
	return s.clearPrompts(dir, kept)
}

func (s *Service) writePrompt(ctx context.Context, file string, p Recording) error {
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { p, err = getPrompt(t, p.Lang, p.Name); return err })
	if fault.KindOf(err) == fault.Missing { // taken away this moment
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	fresh := file + ".new"
	if err := os.WriteFile(fresh, p.Body, 0o644); err != nil {
		return err
	}
	if err := os.Chtimes(fresh, p.At, p.At); err != nil {
		return err
	}
	return os.Rename(fresh, file)
}

// clearPrompts takes away files of ours that no recording stands behind. What
// is not a recording of one of our languages is somebody else's and stays.
func (s *Service) clearPrompts(dir string, kept map[string]bool) error {
	for _, l := range s.VoiceLangs() {
		files, err := fs.Glob(os.DirFS(dir), l.Code+"/*")
		if err != nil {
			return err
		}
		for _, f := range files {
			file := filepath.Join(dir, filepath.FromSlash(f))
			ext := strings.TrimPrefix(filepath.Ext(file), ".")
			if kept[file] || !slices.Contains(soundExts, ext) || !safeName.MatchString(strings.TrimSuffix(filepath.Base(file), "."+ext)) {
				continue
			}
			if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	return nil
}
