package talk

import (
	"context"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
)

var errNothing = deed.ErrNothingDone

// talks is who is on a channel; leads is who keeps it in order.
var (
	talks = []actor.Role{actor.Leader, actor.Volunteer, actor.Coordinator, actor.Dispatcher, actor.CrisisCell}
	leads = []actor.Role{actor.Leader, actor.Coordinator, actor.Dispatcher, actor.CrisisCell}
)

// The deeds of a channel. A text message is known by its phone alone.
var (
	DeedRead     = deed.Deed{Name: "talk.channel.read", Roles: talks}
	DeedPost     = deed.Deed{Name: "talk.message.post", Roles: talks}
	DeedText     = deed.Deed{Name: "talk.message.text", Open: true}
	DeedHide     = deed.Deed{Name: "talk.message.hide", Roles: leads}
	DeedTask     = deed.Deed{Name: "talk.task.make", Roles: talks}
	DeedTaskDone = deed.Deed{Name: "talk.task.finish", Roles: talks}
	DeedPhone    = deed.Deed{Name: "talk.member.phone", Roles: talks}
)

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{DeedRead, DeedPost, DeedText, DeedHide, DeedTask, DeedTaskDone, DeedPhone}

// told is what others hear: who of the channel, which message, how many texts.
type told struct {
	Mission MissionID `json:"mission"`
	Message MessageID `json:"message,omitzero"`
	Member  int       `json:"member,omitempty"`
	Texts   int       `json:"texts,omitempty"`
	Task    bool      `json:"task,omitempty"`
}

// SubjectOf begins the subject of every line about a channel.
const SubjectOf = "talk.channel/"

func subject(mid MissionID) string { return SubjectOf + mid.String() }

func missionOf(subject string) (MissionID, error) {
	_, text, _ := strings.Cut(subject, "/")
	return id.Parse[missionKind](text)
}

// Said is something to say on a channel. Its name is minted by whoever fills
// the form: sent twice, it is said once.
type Said struct {
	ID      MessageID
	Mission MissionID
	Text    string
	Task    bool // at once
	once    string
	via     string
}

// Post says something on the channel of a mission that is not over.
func (s *Service) Post(ctx context.Context, by actor.Actor, x Said) error {
	text, err := tidy(x.Text, s.Rules.Letters)
	if err != nil {
		return err
	}
	x.Text, x.via = text, "web"
	return s.on(ctx, by, DeedPost, x.Mission, func(t *deed.Tx) (told, error) {
		if old, err := findMessage(t.Tx, x.ID, ""); err != nil {
			return told{}, err
		} else if old != nil {
			return told{}, s.sameAs(old, x)
		}
		m, err := s.member(t, x.Mission)
		if err != nil {
			return told{}, err
		}
		out, _, err := s.say(t, m, x)
		return out, err
	})
}

// sameAs is a welcome retry when the same was said under that name before.
func (s *Service) sameAs(old *Message, x Said) error {
	if old.Mission == x.Mission && old.Body != nil {
		if was, err := s.vault.OpenText(bodyAt(old.ID), old.Body); err == nil && was == x.Text {
			return errNothing
		}
	}
	return fault.New(fault.Conflict, "talk.message.id_taken")
}

// say keeps a message and sends it to the phones of the others, as far as the
// country's limits let it.
func (s *Service) say(t *deed.Tx, m *Member, x Said) (out told, others int, err error) {
	n, err := saidSince(t.Tx, m.ID, t.Now().Add(-time.Hour))
	if err != nil {
		return out, 0, err
	}
	if n >= int64(s.Rules.Hour) {
		return out, 0, fault.New(fault.Limited, "talk.message.often", "most", s.Rules.Hour).On("text")
	}
	k := Message{ID: x.ID, Mission: x.Mission, Member: m.ID, Via: x.via, Once: x.once, At: t.Now(), Body: s.vault.SealText(bodyAt(x.ID), x.Text)}
	if x.Task {
		k.TaskAt = t.Now()
	}
	all, err := membersOf(t.Tx, x.Mission)
	if err != nil {
		return out, 0, err
	}
	if k.Texts, err = s.spread(t, all, m, k, x.Text); err != nil {
		return out, 0, err
	}
	return told{Mission: x.Mission, Message: k.ID, Member: m.N, Texts: k.Texts, Task: x.Task}, len(all) - 1, addMessage(t.Tx, k)
}

// spread sends a message to the phones of the others: to all of them or, when
// that is more than the house sends for a mission in a day, to nobody.
func (s *Service) spread(t *deed.Tx, all []Member, from *Member, k Message, text string) (n int, err error) {
	if s.Phones == nil {
		return 0, nil
	}
	sent, err := textsSince(t.Tx, k.Mission, t.Now().Add(-24*time.Hour))
	if err != nil {
		return 0, err
	}
	var to []Member
	for _, m := range all {
		if m.ID != from.ID && m.Texts && m.Phone != nil {
			to = append(to, m)
		}
	}
	if sent+int64(len(to)) > int64(s.Rules.Texts) {
		return 0, nil
	}
	for _, m := range to {
		number, err := s.vault.OpenText(phoneAt(m.ID), m.Phone)
		if err != nil {
			return 0, err
		}
		key := "talk.sms.message"
		if !k.TaskAt.IsZero() {
			key = "talk.sms.task"
		}
		err = s.Phones.Inform(t, reach.Inform{Subject: subject(k.Mission), Phone: number, Lang: m.Lang, Again: k.ID.String(),
			Line: reach.Line{Key: key, Args: []any{"who", i18n.Key("talk.role." + from.Role), "n", from.N, "text", text}}})
		if err != nil && fault.KindOf(err) != fault.Invalid { // a number that is none keeps nobody from the others
			return 0, err
		}
		n++
	}
	return n, nil
}

// member is the doer as the channel knows them; let in the first time.
func (s *Service) member(t *deed.Tx, mid MissionID) (*Member, error) {
	if err := s.crew(t.Tx, mid); err != nil {
		return nil, err
	}
	m, err := memberBy(t.Tx, `m.mission = ?1 AND m.account = ?2`, mid, t.By.Account)
	if err != nil || m != nil {
		return m, err
	}
	role := string(t.As().Role)
	if role == "" {
		role = string(actor.CrisisCell) // the house itself
	}
	m = &Member{ID: id.New[Member](t.Now()), Mission: mid, Role: role, Account: t.By.Account, Lang: "ar"}
	if t.By.Account.IsZero() {
		m.Person = "house"
	}
	return m, addMember(t.Tx, m, nil)
}

// crew lets in the volunteers who were placed on a mission, with their phones:
// they gave these to be reached on.
func (s *Service) crew(t *db.Tx, mid MissionID) error {
	if s.Crew == nil {
		return nil
	}
	all, err := s.Crew.On(t, mid.String())
	if err != nil {
		return err
	}
	for _, p := range all {
		m, err := memberBy(t, `m.mission = ?1 AND (m.person = ?2 OR m.account = ?3)`, mid, p.ID, p.Account)
		if err != nil {
			return err
		}
		if m != nil {
			continue
		}
		m = &Member{ID: id.New[Member](t.Now()), Mission: mid, Role: string(actor.Volunteer), Account: p.Account, Person: p.ID, Lang: p.Lang}
		var key []byte
		if number, err := phone.Parse(p.Phone, s.prefix); err == nil {
			m.Phone, m.Texts, key = s.vault.SealText(phoneAt(m.ID), string(number)), true, s.key(string(number))
		}
		if err := addMember(t, m, key); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) key(number string) []byte { return s.vault.Index("talk_phone", number) }

// SetPhone gives the doer's own phone for this channel; "" takes it away.
func (s *Service) SetPhone(ctx context.Context, by actor.Actor, mid MissionID, number, lang string) error {
	var n phone.Number
	if number = strings.TrimSpace(number); number != "" {
		var err error
		if n, err = phone.Parse(number, s.prefix); err != nil {
			return fault.All{fault.New(fault.Invalid, "talk.member.phone_wrong").On("phone")}
		}
	}
	return s.on(ctx, by, DeedPhone, mid, func(t *deed.Tx) (told, error) {
		m, err := s.member(t, mid)
		if err != nil {
			return told{}, err
		}
		var key []byte
		m.Phone, m.Texts, m.Lang = nil, false, lang
		if n != "" {
			m.Phone, m.Texts, key = s.vault.SealText(phoneAt(m.ID), string(n)), true, s.key(string(n))
		}
		return told{Mission: mid, Member: m.N}, savePhone(t.Tx, m, key)
	})
}

// MakeTask turns something that was said into something to do, in one step.
func (s *Service) MakeTask(ctx context.Context, by actor.Actor, mid MissionID, kid MessageID) error {
	return s.onMessage(ctx, by, DeedTask, mid, kid, (*Message).makeTask, saveTask)
}

// FinishTask says that it was done.
func (s *Service) FinishTask(ctx context.Context, by actor.Actor, mid MissionID, kid MessageID) error {
	return s.onMessage(ctx, by, DeedTaskDone, mid, kid, (*Message).finish, saveDone)
}

// Hide takes something that was said out of sight.
func (s *Service) Hide(ctx context.Context, by actor.Actor, mid MissionID, kid MessageID) error {
	return s.onMessage(ctx, by, DeedHide, mid, kid, (*Message).hide, saveHidden)
}

func (s *Service) onMessage(ctx context.Context, by actor.Actor, d deed.Deed, mid MissionID, kid MessageID, become func(*Message, time.Time) error, save func(*db.Tx, Message, actor.AccountID) error) error {
	return s.on(ctx, by, d, mid, func(t *deed.Tx) (told, error) {
		k, err := findMessage(t.Tx, kid, "")
		switch {
		case err != nil:
			return told{}, err
		case k == nil || k.Mission != mid:
			return told{}, fault.New(fault.Missing, "error.missing")
		}
		if err := become(k, t.Now()); err != nil {
			return told{}, err
		}
		return told{Mission: mid, Message: kid}, save(t.Tx, *k, t.By.Account)
	})
}

// on holds a channel, asks whether the doer may work on its mission, and that
// this is not over; then decides and tells.
func (s *Service) on(ctx context.Context, by actor.Actor, d deed.Deed, mid MissionID, do func(*deed.Tx) (told, error)) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := s.Missions.May(t, mid.String()); err != nil {
			return err
		}
		if err := s.open(t.Tx, mid); err != nil {
			return err
		}
		out, err := do(t)
		if err != nil {
			return err
		}
		return t.Tell(subject(mid), out)
	}))
}

// open holds a channel, and refuses one whose mission is over.
func (s *Service) open(t *db.Tx, mid MissionID) error {
	ended, err := hold(t, mid)
	if err != nil {
		return err
	}
	m, err := s.Missions.Mission(t, mid.String())
	if err == nil && (ended || !m.Open) {
		err = fault.New(fault.Conflict, "talk.channel.closed").On("text")
	}
	return err
}
