package talk

import (
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// shown is how many of the last messages a page has.
const shown = 100

// channelPage is what was said on the channel of a mission, the latest last.
type channelPage struct {
	ui.Frame
	Mission  string
	Team     template.HTML
	ID       string // of the next message, minted here
	Typed    string
	Letters  int
	Rows     []messageRow
	Tasks    []messageRow
	Open     bool // somebody may write
	Gone     bool // it was forgotten
	CanHide  bool
	HasPhone bool
	Phone    string // as typed
	Members  int
	Texts    int    // phones that get what is said
	Number   string // that a basic phone writes to; "" when there is none
	Word     string // by which a text begins
	TaskWord string
}

type messageRow struct {
	ID     string
	Who    string // catalogue key of the role
	N      int
	Mine   bool
	Text   string
	At     time.Time
	BySMS  bool
	Texts  int
	Hidden bool
	Task   bool
	Done   time.Time
}

func (s *Service) doors() []module.Door {
	return []module.Door{
		module.Get("/talk/{mission}", DeedRead, s.seeChannel),
		module.Post("/talk/{mission}", DeedPost, s.postForm),
		module.Post("/talk/{mission}/phone", DeedPhone, s.phoneForm),
		module.Post("/talk/{mission}/{message}/task", DeedTask, s.step("talk.task.made", s.MakeTask)),
		module.Post("/talk/{mission}/{message}/done", DeedTaskDone, s.step("talk.task.finished", s.FinishTask)),
		module.Post("/talk/{mission}/{message}/hide", DeedHide, s.step("talk.message.hidden_now", s.Hide)),
	}
}

func (s *Service) seeChannel(c *web.Ctx) error {
	return s.show(c, url.Values{"id": {id.New[Message](s.h.DB.Now()).String()}}, nil)
}

// show shows a channel; after a form that was refused, with what was typed.
func (s *Service) show(c *web.Ctx, v url.Values, wrong error) error {
	mid, err := readID[missionKind](c.R.PathValue("mission"))
	if err != nil {
		return err
	}
	p := &channelPage{Mission: mid.String(), ID: v.Get("id"), Typed: v.Get("text"), Phone: v.Get("phone"), Letters: s.Rules.Letters, Word: s.word(s.Rules.Say, c.Lang()), TaskWord: s.word(s.Rules.Task, c.Lang())}
	if p.ID == "" {
		p.ID = id.New[Message](s.h.DB.Now()).String()
	}
	status := 200
	if wrong != nil {
		errs, ok := c.FieldErrors(wrong)
		if !ok {
			return wrong
		}
		p.Errors = errs
		status = map[fault.Kind]int{fault.Conflict: 409, fault.Limited: 429}[fault.KindOf(wrong)]
		if status == 0 {
			status = 422
		}
	}
	by := actor.From(c.Context())
	err = s.h.Look(c.Context(), by, DeedRead, func(t *deed.Tx) error {
		if err := s.Missions.May(t, mid.String()); err != nil {
			return err
		}
		return s.fill(c, t.Tx, by, mid, p)
	})
	if err != nil {
		return err
	}
	p.CanHide = p.Open && by.Holds(leads...)
	if s.Number != nil {
		p.Number = s.Number()
	}
	p.Kind, p.Nav, p.Title = ui.Staff, "missions", c.P.Text("talk.channel.title")
	return c.RenderStatus(status, "talk_channel", p)
}

// word is the one by which a text of a reader's language begins.
func (s *Service) word(all []string, lang string) string {
	i := map[string]int{"fr": 0, "en": 2, "ar": 3, "zgh": 5}[lang]
	return all[min(i, len(all)-1)]
}

func (s *Service) fill(c *web.Ctx, t *db.Tx, by actor.Actor, mid MissionID, p *channelPage) error {
	m, err := s.Missions.Mission(t, mid.String())
	if err != nil {
		return err
	}
	name, lang := m.Team[c.Lang()], c.Lang()
	for _, l := range []string{"fr", "ar"} {
		if name == "" {
			name, lang = m.Team[l], l
		}
	}
	p.Team, p.Open = template.HTML(`<bdi lang="`+template.HTMLEscapeString(lang)+`">`+template.HTMLEscapeString(name)+"</bdi>"), m.Open
	members, err := membersOf(t, mid)
	if err != nil {
		return err
	}
	of := map[MemberID]Member{}
	for _, x := range members {
		of[x.ID] = x
		if x.Texts {
			p.Texts++
		}
		if x.Account == by.Account && !by.Account.IsZero() {
			p.HasPhone = x.Phone != nil
		}
	}
	p.Members = len(members)
	said, err := lastMessages(t, mid, shown)
	if err != nil {
		return err
	}
	tasks, err := tasksOf(t, mid)
	if err != nil {
		return err
	}
	for i, all := range [][]Message{said, tasks} {
		for _, k := range all {
			row, err := s.row(k, of[k.Member], by)
			if err != nil {
				return err
			}
			p.Gone = p.Gone || k.Body == nil
			if i == 0 {
				p.Rows = append(p.Rows, row)
			} else if !row.Hidden {
				p.Tasks = append(p.Tasks, row)
			}
		}
	}
	return nil
}

func (s *Service) row(k Message, m Member, by actor.Actor) (messageRow, error) {
	row := messageRow{ID: k.ID.String(), Who: "talk.role." + m.Role, N: m.N, Mine: m.Account == by.Account && !by.Account.IsZero(), At: k.At, BySMS: k.Via == "sms",
		Texts: k.Texts, Hidden: !k.HiddenAt.IsZero(), Task: !k.TaskAt.IsZero(), Done: k.DoneAt}
	if row.Hidden || k.Body == nil {
		return row, nil
	}
	var err error
	row.Text, err = s.vault.OpenText(bodyAt(k.ID), k.Body)
	return row, err
}

func (s *Service) postForm(c *web.Ctx) error {
	mid, err := readID[missionKind](c.R.PathValue("mission"))
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	x := Said{Mission: mid, Text: v.Get("text"), Task: v.Get("task") != ""}
	if x.ID, err = readID[Message](v.Get("id")); err != nil {
		return err
	}
	if err := s.Post(c.Context(), actor.From(c.Context()), x); err != nil {
		return s.show(c, v, err)
	}
	c.Flash(map[bool]string{true: "talk.task.made", false: "talk.message.said"}[x.Task])
	return c.Seek("/talk/" + mid.String())
}

func (s *Service) phoneForm(c *web.Ctx) error {
	mid, err := readID[missionKind](c.R.PathValue("mission"))
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if v.Get("none") != "" {
		v.Set("phone", "")
	}
	if err := s.SetPhone(c.Context(), actor.From(c.Context()), mid, v.Get("phone"), c.Lang()); err != nil {
		return s.show(c, v, err)
	}
	c.Flash("talk.member.phone_kept")
	return c.Seek("/talk/" + mid.String())
}
