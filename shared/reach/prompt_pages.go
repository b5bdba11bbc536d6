package reach

import (
	"errors"
	"html/template"
	"io"
	"net/http"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// promptsPage is how far the telephone menu is recorded, language by language.
type promptsPage struct {
	ui.Frame
	Langs []PromptLang
	Total int
}

// PromptLang is one language that the telephone menu speaks.
type PromptLang struct {
	Code           string
	Name           template.HTML
	Done, Missing  int
	Share          int // per cent
	First, Written string
}

// promptListPage is every sentence in one language.
type promptListPage struct {
	ui.Frame
	Lang     PromptLang
	Show     string
	Segments []ui.Link
	Rows     []PromptRow
}

// PromptRow is one sentence of the telephone menu.
type PromptRow struct {
	Name    string
	Text    string
	Written string // the language in whose letters it stands
	Dir     string
	Done    bool
	Seconds int // 0 when the file does not tell
	At      time.Time
	Href    string // where it is recorded, without the language
	Sound   string // where it is heard; "" when it is missing
}

// promptPage is where one sentence is recorded.
type promptPage struct {
	ui.Frame
	Lang  PromptLang
	Row   PromptRow
	Other template.HTML // the same in the page's own words
	Next  string        // the next that is missing; "" when none is
	Left  int
	KB    int
	Most  int
}

// known is what was recorded, by language and name.
func (s *Service) known(t *db.Tx) (map[string]Recording, error) {
	all, err := listPrompts(t)
	out := map[string]Recording{}
	for _, p := range all {
		out[p.Lang+"/"+p.Name] = p
	}
	return out, err
}

func (s *Service) lookPrompts(c *web.Ctx) (have map[string]Recording, err error) {
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedPromptSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		have, err = s.known(t.Tx)
		return err
	})
	return have, err
}

func (s *Service) promptLang(c *web.Ctx, l VoiceLang, names []channel.Prompt, have map[string]Recording) PromptLang {
	p := PromptLang{Code: l.Code, Name: s.spokenName(c, l.Code), Written: l.Written}
	for _, n := range names {
		if _, ok := have[l.Code+"/"+n.Name]; ok {
			p.Done++
			continue
		}
		p.Missing++
		if p.First == "" {
			p.First = n.Name
		}
	}
	if len(names) > 0 {
		p.Share = 100 * p.Done / len(names)
	}
	return p
}

func (s *Service) prompts(c *web.Ctx) error {
	have, err := s.lookPrompts(c)
	if err != nil {
		return err
	}
	names := s.PromptNames()
	p := &promptsPage{Frame: ui.Frame{Title: c.P.Text("reach.prompts.title"), Kind: ui.Staff, Nav: "prompts"}, Total: len(names)}
	for _, l := range s.VoiceLangs() {
		p.Langs = append(p.Langs, s.promptLang(c, l, names, have))
	}
	return c.Render("reach_prompts", p)
}

func (s *Service) promptRow(l VoiceLang, name string, have map[string]Recording) PromptRow {
	r := PromptRow{Name: name, Text: s.promptText(name, l.Written), Written: l.Written, Dir: s.printer(l.Written).Dir(), Href: "/prompts/" + l.Code + "/" + name}
	if p, ok := have[l.Code+"/"+name]; ok {
		r.Done, r.Seconds, r.At, r.Sound = true, p.Seconds, p.At, r.Href+"/sound"
	}
	return r
}

func (s *Service) promptList(c *web.Ctx) error {
	l, ok := s.voiceLang(c.R.PathValue("lang"))
	if !ok {
		return fault.New(fault.Missing, "error.missing")
	}
	have, err := s.lookPrompts(c)
	if err != nil {
		return err
	}
	names := s.PromptNames()
	p := &promptListPage{Frame: ui.Frame{Title: c.P.Text("reach.prompts.title"), Kind: ui.Staff, Nav: "prompts"}, Lang: s.promptLang(c, l, names, have), Show: c.R.URL.Query().Get("show")}
	if p.Show != "done" && p.Show != "all" {
		p.Show = "missing"
	}
	counts := map[string]int{"missing": p.Lang.Missing, "done": p.Lang.Done, "all": len(names)}
	for _, x := range []string{"missing", "done", "all"} {
		p.Segments = append(p.Segments, ui.Link{Href: c.Href("/prompts/" + l.Code + "?show=" + x), Key: "reach.prompts.show_" + x, Current: x == p.Show, Count: counts[x]})
	}
	for _, n := range names {
		if r := s.promptRow(l, n.Name, have); p.Show == "all" || r.Done == (p.Show == "done") {
			p.Rows = append(p.Rows, r)
		}
	}
	return c.Render("reach_prompt_list", p)
}

// one is the language and the sentence that an address names.
func (s *Service) onePrompt(c *web.Ctx) (l VoiceLang, name string, err error) {
	l, ok := s.voiceLang(c.R.PathValue("lang"))
	if name = c.R.PathValue("name"); !ok || !s.knows(name) {
		return l, "", fault.New(fault.Missing, "error.missing")
	}
	return l, name, nil
}

func (s *Service) prompt(c *web.Ctx) error { return s.showPrompt(c, nil) }

func (s *Service) showPrompt(c *web.Ctx, wrong error) error {
	l, name, err := s.onePrompt(c)
	if err != nil {
		return err
	}
	have, err := s.lookPrompts(c)
	if err != nil {
		return err
	}
	names := s.PromptNames()
	p := &promptPage{Frame: ui.Frame{Title: c.P.Text("reach.prompt.title"), Kind: ui.Staff, Nav: "prompts"},
		Lang: s.promptLang(c, l, names, have), Row: s.promptRow(l, name, have), KB: mostSound >> 10, Most: mostSeconds}
	status, err := again(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	if other := s.promptText(name, c.Lang()); other != p.Row.Text {
		p.Other = template.HTML(template.HTMLEscapeString(other))
	}
	p.Next, p.Left = s.nextMissing(l.Code, name, names, have), p.Lang.Missing
	// This page alone may use the microphone, and play what was just recorded
	// before it is sent.
	c.W.Header().Set("Permissions-Policy", "geolocation=(self), camera=(), microphone=(self), interest-cohort=()")
	c.W.Header().Set("Content-Security-Policy", c.W.Header().Get("Content-Security-Policy")+"; media-src 'self' blob:")
	return c.RenderStatus(status, "reach_prompt", p)
}

// nextMissing is the first sentence after this one that nobody recorded yet,
// then the first of all.
func (s *Service) nextMissing(lang, name string, names []channel.Prompt, have map[string]Recording) (next string) {
	past := false
	for _, n := range append(names, names...) {
		if n.Name == name {
			past = !past
			continue
		}
		if _, ok := have[lang+"/"+n.Name]; past && !ok {
			return n.Name
		}
	}
	return ""
}

func (s *Service) recordPost(c *web.Ctx) error {
	l, name, err := s.onePrompt(c)
	if err != nil {
		return err
	}
	if _, err := c.Form(); err != nil {
		if fault.KindOf(web.Fault(err)) == fault.Internal {
			return err
		}
		return s.showPrompt(c, onField(web.Fault(err), "sound"))
	}
	body, err := sentFile(c, "sound")
	if err == nil {
		err = s.Record(c.Context(), actor.From(c.Context()), l.Code, name, body)
	}
	if err != nil {
		return s.showPrompt(c, err)
	}
	c.Flash("reach.prompt.recorded")
	return c.Seek("/prompts/" + l.Code + "/" + name)
}

// sentFile is a file as it was sent; none is empty.
func sentFile(c *web.Ctx, field string) ([]byte, error) {
	f, _, err := c.R.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, mostSound+1))
}

func (s *Service) removePromptPost(c *web.Ctx) error {
	l, name, err := s.onePrompt(c)
	if err != nil {
		return err
	}
	if err := s.RemovePrompt(c.Context(), actor.From(c.Context()), l.Code, name); err != nil {
		return err
	}
	c.Flash("reach.prompt.removed")
	return c.Seek("/prompts/" + l.Code + "/" + name)
}

func (s *Service) promptSound(c *web.Ctx) error {
	l, name, err := s.onePrompt(c)
	if err != nil {
		return err
	}
	p, err := s.Recording(c.Context(), l.Code, name)
	if err != nil {
		return err
	}
	return play(c, p.Media, p.Body)
}
