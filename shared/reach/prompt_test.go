package reach

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

// lottery is a desk at which anything may happen.
type lottery struct {
	all  []*service.Definition
	luck *rand.Rand
}

func (d lottery) Services(context.Context) ([]*service.Definition, error) { return d.all, nil }

func (d lottery) Ask(_ context.Context, a Asking) (Asked, error) {
	var def *service.Definition
	for _, x := range d.all {
		if x.Code == a.Service {
			def = x
		}
	}
	switch d.luck.IntN(4) {
	case 0:
		return Asked{Receipt: "482719064", Restricted: true}, nil
	case 1:
		if _, err := def.Form.Validate(a.Answers); err != nil {
			return Asked{}, err
		}
	case 2:
		for _, q := range def.Form.Questions {
			if len(q.RequiredMessage) > 0 && d.luck.IntN(3) == 0 {
				return Asked{}, fault.All{fault.New(fault.Invalid, "service."+def.Code+".required."+q.Name).On(q.Name)}
			}
		}
	}
	return Asked{Case: "cases.case/x", Receipt: "482719064", Code: "4217"}, nil
}

func (d lottery) standing() Standing {
	def := d.all[d.luck.IntN(len(d.all))]
	st := def.States[d.luck.IntN(len(def.States))]
	return Standing{Case: "cases.case/x", Receipt: "482719064", State: "service." + def.Code + ".state." + st.Code, Waiting: d.luck.IntN(2) == 0, Late: d.luck.IntN(2) == 0}
}

func (d lottery) Mine(context.Context, Who) ([]Standing, error) {
	if d.luck.IntN(2) == 0 {
		return nil, nil
	}
	return []Standing{d.standing()}, nil
}

func (d lottery) Open(context.Context, Who, receipt.Number, string) (Standing, error) {
	switch d.luck.IntN(4) {
	case 0:
		return Standing{}, fault.New(fault.Limited, "x.y.z")
	case 1, 2:
		return Standing{}, fault.New(fault.Missing, "x.y.z")
	}
	s := d.standing()
	if d.luck.IntN(3) == 0 {
		s.News = &News{Since: noon}
	}
	return s, nil
}

func (d lottery) Family(context.Context, Who, string, string) (Standing, error) {
	return Standing{}, fault.New(fault.Missing, "x.y.z")
}

func (d lottery) Answer(context.Context, Who, string, string) error {
	if d.luck.IntN(3) == 0 {
		return fault.New(fault.Conflict, "x.y.z")
	}
	return nil
}

func (d lottery) Notice(context.Context, string) (Notice, error) { return Notice{}, nil }

func (d lottery) CallBack(context.Context, Who, string, string, []string) error {
	if d.luck.IntN(3) == 0 {
		return errNoPhone
	}
	return nil
}

// allServices is every service of the pack, as if all took requests at once.
func allServices(r *rig) []*service.Definition {
	set, err := service.Load(os.DirFS(filepath.Join(testkit.Root(r.T), "packs")), ".")
	r.must(err)
	return set.All()
}

// Somebody without patience presses everything that a telephone has, in every
// order that chance finds, and whatever they hear must be on the recorder's list.
func TestTheTelephoneMenuSaysNothingThatIsNotOnTheRecordersList(t *testing.T) {
	t.Parallel()
	r := open(t, model.SQLite(t))
	all := allServices(r)
	r.Ports.Services = func() []*service.Definition { return all }
	listed := map[string]bool{"pause": true, "tone": true} // the exchange's own
	for _, p := range r.PromptNames() {
		listed[p.Name] = true
	}
	luck := rand.New(rand.NewPCG(1, 2))
	e := *r.engine
	e.desk, e.newCase = lottery{all, luck}, func() string { return "x" }
	said, strange := map[string]int{}, map[string]string{}
	keys := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "25", "1 2", "12", "482719064", "482719063", "99999", "12345678901234567890", "1234", "00", ""}
	for _, lang := range []string{"ar", "fr"} {
		printer := r.printer(lang)
		for walk := range 400 {
			talk, path := Talk{Lang: lang, Given: forms.Answers{}}, []string{"begins"}
			turn := Turn{Began: true}
			for range 30 {
				out, err := e.hear(t.Context(), Who{Kind: channel.Voice, Phone: "+212661234567"}, &talk, turn)
				r.must(err)
				for _, p := range prompts(printer, out.Lines) {
					if said[p.Name]++; !listed[p.Name] {
						strange[p.Name] = strings.Join(path, ", ")
					}
				}
				turn = Turn{Text: keys[luck.IntN(len(keys))], Silent: luck.IntN(12) == 0, Began: luck.IntN(15) == 0}
				if out.Record && luck.IntN(2) == 0 {
					turn = Turn{Note: fmt.Sprint("note", walk)}
				}
				path = append(path, fmt.Sprintf("%q", turn.Text))
				body, err := json.Marshal(&talk) // as it would be kept between two turns
				r.must(err)
				given := talk.Given
				talk, err = unpack(body)
				r.must(err)
				talk.Given = given
			}
		}
	}
	for name, path := range strange {
		t.Errorf("%s is said and is not on the list, after %s", name, path)
	}
	// The walk is worth something only where it went everywhere: every service,
	// and almost everything on the list.
	if len(said) < len(listed)*8/10 {
		t.Errorf("the walk heard only %d of %d sentences", len(said), len(listed))
	}
	for _, def := range all {
		if q := def.Form.Questions; len(q) > 0 && def.Digit > 0 && said["service."+def.Code+".text.name"] == 0 {
			t.Errorf("the walk never came to %s", def.Code)
		}
	}
}

func TestEverySentenceOfTheTelephoneMenuCanBeReadAloud(t *testing.T) {
	t.Parallel()
	r := open(t, model.SQLite(t))
	r.Ports.Services = func() []*service.Definition { return allServices(r) }
	seen := map[string]bool{}
	for _, p := range r.PromptNames() {
		if seen[p.Name] {
			t.Errorf("%s is on the list twice", p.Name)
		}
		if seen[p.Name] = true; !safeName.MatchString(p.Name) {
			t.Errorf("%s cannot be the name of a file", p.Name)
		}
		for _, l := range r.VoiceLangs() {
			if text := r.promptText(p.Name, l.Written); text == "" || strings.ContainsAny(text, "⟦{}") {
				t.Errorf("%s in %s is %q", p.Name, l.Written, text)
			}
		}
	}
	for _, s := range r.places.Country().Spoken {
		if _, ok := r.voiceLang(s.Code); !ok && s.Census != "" {
			t.Errorf("%s is spoken in the country, and the telephone menu is not recorded in it", s.Code)
		}
	}
}

// as is somebody on duty.
func as(role actor.Role) actor.Actor {
	a := actor.Actor{Grants: []actor.Grant{{Role: role, Recognised: true}}, Channel: "web"}
	if err := a.Account.UnmarshalText(fmt.Appendf(nil, "01900000-0000-7000-8000-%012d", slices.Index(actor.Roles, role)+1)); err != nil {
		panic(err)
	}
	return a
}

// told is how often the journal tells of a deed on something.
func (r *rig) told(d deed.Deed, subject string) int64 {
	return r.count(`deed_record WHERE deed = ?1 AND subject = ?2`, d.Name, subject)
}

func TestARecordingIsHeardFromTheMomentItIsKeptUntilItIsRemoved(t *testing.T) {
	rigs(t, func(r *rig) {
		r.Ports.Services = func() []*service.Definition { return r.desk.open }
		r.PromptDir = r.TempDir()
		by := as(actor.Dispatcher)
		if r.Has("shi", "digit.4") {
			r.Error("nobody recorded it, and it is there")
		}
		r.must(r.Record(r.Context(), by, "shi", "digit.4", toneFile(8000, 1, 16, 400)))
		if !r.Has("shi", "digit.4") || r.Has("rif", "digit.4") {
			r.Error("what was recorded is not known")
		}
		p, err := r.Recording(r.Context(), "shi", "digit.4")
		r.must(err)
		if p.Media != mediaWAV || p.Seconds != 1 {
			r.Errorf("it is %s of %d seconds", p.Media, p.Seconds)
		}
		file := filepath.Join(r.PromptDir, "shi", "digit.4.wav")
		body, err := os.ReadFile(file)
		r.must(err)
		if !slices.Equal(body, p.Body) {
			r.Error("the exchange plays something else")
		}
		r.must(os.WriteFile(filepath.Join(r.PromptDir, "shi", "README"), []byte("theirs"), 0o644))
		r.now.Advance(time.Minute)
		r.must(r.Record(r.Context(), by, "shi", "digit.4", oggFile("OpusHead", 48000*2)))
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			r.Error("the old recording is there beside the new one")
		}
		if _, err := os.Stat(filepath.Join(r.PromptDir, "shi", "digit.4.opus")); err != nil {
			r.Error(err)
		}
		if p, err = r.Recording(r.Context(), "shi", "digit.4"); err != nil || p.Ext() != "opus" || p.Seconds != 2 {
			r.Errorf("%s of %d seconds, %v", p.Ext(), p.Seconds, err)
		}
		r.must(r.RemovePrompt(r.Context(), by, "shi", "digit.4"))
		r.must(r.RemovePrompt(r.Context(), by, "shi", "digit.4")) // a second press is welcome
		if r.Has("shi", "digit.4") {
			r.Error("it was removed, and it is there")
		}
		if left, _ := os.ReadDir(filepath.Join(r.PromptDir, "shi")); len(left) != 1 || left[0].Name() != "README" {
			r.Errorf("in the folder are %v", left)
		}
		if n := r.told(DeedPromptRecord, "reach.prompt/shi.digit.4"); n != 2 {
			r.Errorf("the journal tells %d times of recording", n)
		}
		if n := r.told(DeedPromptRemove, "reach.prompt/shi.digit.4"); n != 1 {
			r.Errorf("the journal tells %d times of removing", n)
		}
	})
}

func TestOnlyWhatTheMenuSaysIsRecordedAndOnlyByThoseOnDuty(t *testing.T) {
	rigs(t, func(r *rig) {
		r.Ports.Services = func() []*service.Definition { return r.desk.open }
		sound := toneFile(8000, 1, 16, 400)
		for _, x := range []struct {
			by         actor.Role
			lang, name string
			want       fault.Kind
		}{
			{actor.Agent, "shi", "digit.4", fault.Denied},
			{actor.Auditor, "shi", "digit.4", fault.Denied},
			{actor.Administrator, "shi", "../../etc/passwd", fault.Missing},
			{actor.Administrator, "xx", "digit.4", fault.Missing},
			{actor.CrisisCell, "shi", "digit.10", fault.Missing},
		} {
			if err := r.Record(r.Context(), as(x.by), x.lang, x.name, sound); fault.KindOf(err) != x.want {
				r.Errorf("%s %s/%s: %v", x.by, x.lang, x.name, err)
			}
		}
		if n := r.count(`reach_prompt`); n != 0 {
			r.Errorf("%d recordings were kept", n)
		}
	})
}

func TestAnotherHousesRecordingIsKnownWithinHalfAMinute(t *testing.T) {
	rigs(t, func(r *rig) {
		if r.Has("fr", "digit.1") {
			r.Fatal("it is there already")
		}
		sound, err := ReadSound(toneFile(8000, 1, 16, 400))
		r.must(err)
		r.must(r.h.DB.Write(r.Context(), func(t *db.Tx) error { return keepPrompt(t, "fr", "digit.1", sound, actor.AccountID{}) }))
		r.now.Advance(recordedLasts + time.Second)
		if !r.Has("fr", "digit.1") {
			r.Error("it is not known")
		}
	})
}
