package reach

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// A campaign tells everybody who has an open request in some communes one
// thing: "the road to Tnirt is open until four". What always holds: one person
// writes it in every language and another sends it, after both saw how many it
// reaches and what it costs; who said STOP is not told, and nobody twice within
// the time that the pack sets; there is a cap on how many one campaign reaches.
var (
	DeedCampaignSee      = deed.Deed{Name: "reach.campaign.see", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Auditor}}
	DeedCampaignWrite    = deed.Deed{Name: "reach.campaign.write", Roles: campaigners}
	DeedCampaignSend     = deed.Deed{Name: "reach.campaign.send", Roles: campaigners}
	DeedCampaignWithdraw = deed.Deed{Name: "reach.campaign.withdraw", Roles: campaigners}

	campaigners = []actor.Role{actor.CrisisCell, actor.Dispatcher}
)

// ofCampaign begins the subject of every campaign.
const ofCampaign = "reach.campaign/"

// How long a text of a campaign is, in characters.
const (
	leastCampaign = 10
	mostCampaign  = 300
)

// Campaign is one text for the people of some communes.
type Campaign struct {
	ID       CampaignID
	Province string
	Communes []string
	Service  string // "" is every service
	Texts    map[string]string
	State    string // draft, sent, withdrawn
	Author   actor.AccountID
	Sender   actor.AccountID
	People   int // as it was sent; 0 before
	Parts    int
	Minor    int
	MadeAt   time.Time
	DoneAt   time.Time
}

type CampaignID = id.Of[Campaign]

// Person is somebody with an open request, for whom a campaign may be.
type Person struct{ Subject, Phone, Lang string }

type (
	campaignTold struct {
		Communes int `json:"communes"`
	}
	campaignSentTold struct {
		Communes int `json:"communes"`
		People   int `json:"people"`
		Parts    int `json:"parts"`
		Minor    int `json:"minor"`
	}
)

// check says everything that is wrong with what somebody wrote.
func (s *Service) check(k Campaign) error {
	var wrong fault.All
	if len(k.Communes) == 0 {
		wrong = append(wrong, fault.New(fault.Invalid, "reach.campaign.choose_commune").On("commune"))
	}
	for _, code := range k.Communes {
		if p, ok := s.places.Commune(code); !ok || p.Code != code || p.Parent != k.Province {
			wrong = append(wrong, fault.New(fault.Invalid, "reach.campaign.choose_commune").On("commune"))
			break
		}
	}
	for _, lang := range forms.Langs {
		n := utf8.RuneCountInString(k.Texts[lang])
		switch {
		case n < leastCampaign:
			wrong = append(wrong, fault.New(fault.Invalid, "reach.campaign.write_it").On("text_"+lang))
		case n > mostCampaign:
			wrong = append(wrong, fault.New(fault.Invalid, "reach.campaign.too_long", "most", mostCampaign).On("text_"+lang))
		}
	}
	return wrong.OrNil()
}

// over says whether a draft is too old to be sent: what it says may be true no more.
func (s *Service) over(k Campaign, now time.Time) bool {
	return k.State == "draft" && now.Sub(k.MadeAt) > time.Duration(s.Rules.Campaign.Valid)
}

// WriteCampaign keeps what somebody wrote, for another person to send. It is
// never changed: who made a mistake withdraws it and writes another.
func (s *Service) WriteCampaign(ctx context.Context, by actor.Actor, k Campaign) error {
	for lang, text := range k.Texts {
		k.Texts[lang] = forms.Clean(text, true)
	}
	if err := s.check(k); err != nil {
		return err
	}
	return welcome(s.h.Do(ctx, by, DeedCampaignWrite, func(t *deed.Tx) error {
		if err := s.allowThere(t, k); err != nil {
			return err
		}
		k.Author, k.State = by.Account, "draft"
		fresh, err := s.addCampaign(t.Tx, k)
		if err == nil && !fresh {
			err = deed.ErrNothingDone
		}
		if err != nil {
			return err
		}
		return t.Tell(ofCampaign+k.ID.String(), campaignTold{len(k.Communes)})
	}))
}

// allowThere asks whether the doer may act in every commune of a campaign.
func (s *Service) allowThere(t *deed.Tx, k Campaign) error {
	for _, code := range k.Communes {
		scope := actor.Scope{Service: k.Service}
		for _, p := range s.places.Path(code) {
			scope.Path = append(scope.Path, p.Code)
		}
		if err := t.Allow(scope); err != nil {
			return err
		}
	}
	return nil
}

// SendCampaign sends it, by somebody else than its author. seen is how many
// people the sender saw that it reaches: when it has become others, they look again.
func (s *Service) SendCampaign(ctx context.Context, by actor.Actor, cid CampaignID, seen int) error {
	return welcome(s.h.Do(ctx, by, DeedCampaignSend, func(t *deed.Tx) error {
		k, err := s.getCampaign(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := s.allowThere(t, k); err != nil {
			return err
		}
		switch {
		case k.State == "sent" && k.Sender == by.Account:
			return deed.ErrNothingDone
		case k.State != "draft":
			return fault.New(fault.Conflict, "reach.campaign.not_now")
		case s.over(k, t.Now()):
			return fault.New(fault.Conflict, "reach.campaign.too_old")
		case k.Author == by.Account:
			return fault.New(fault.Denied, "reach.campaign.other_person")
		}
		a, err := s.audience(t.Tx, k)
		if err != nil {
			return err
		}
		switch n := len(a.people); {
		case n == 0:
			return fault.New(fault.Conflict, "reach.campaign.nobody")
		case a.more:
			return fault.New(fault.Conflict, "reach.campaign.too_many", "most", s.Rules.Campaign.Most)
		case n != seen:
			return fault.New(fault.Conflict, "reach.campaign.changed", "n", n)
		}
		for _, p := range a.people {
			if err := s.campaignTo(t.Tx, k, p); err != nil {
				return err
			}
		}
		if err := sentCampaign(t.Tx, k.ID, by.Account, a); err != nil {
			return err
		}
		return t.Tell(ofCampaign+k.ID.String(), campaignSentTold{len(k.Communes), len(a.people), a.parts, a.minor})
	}))
}

// WithdrawCampaign takes back what was not sent.
func (s *Service) WithdrawCampaign(ctx context.Context, by actor.Actor, cid CampaignID) error {
	return welcome(s.h.Do(ctx, by, DeedCampaignWithdraw, func(t *deed.Tx) error {
		k, err := s.getCampaign(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := s.allowThere(t, k); err != nil {
			return err
		}
		switch k.State {
		case "withdrawn":
			return deed.ErrNothingDone
		case "sent":
			return fault.New(fault.Conflict, "reach.campaign.not_now")
		}
		if err := withdrawCampaign(t.Tx, cid); err != nil {
			return err
		}
		return t.Tell(ofCampaign+cid.String(), campaignTold{len(k.Communes)})
	}))
}

func (s *Service) campaignTo(t *db.Tx, k Campaign, p addressee) (err error) {
	c := p.conv
	if c == nil {
		if c, err = s.converse(t, channel.SMS, "", p.phone, p.lang); err != nil {
			return err
		}
	}
	return s.put(t, c, message{kind: "notice", subject: ofCampaign + k.ID.String(), once: "campaign|" + k.ID.String() + "|" + c.ID.String(),
		text: s.campaignText(k, p.lang), lang: p.lang, level: askLevel})
}

// campaignText is what somebody reads: the text of their language, and how to
// be left in peace.
func (s *Service) campaignText(k Campaign, tag string) string {
	lang, latin := strings.CutSuffix(tag, latn)
	text, ok := k.Texts[lang]
	if !ok {
		lang = s.places.Country().Default
		text = k.Texts[lang]
	}
	if latin {
		text = arabic.Tifinagh(text)
	}
	return text + "\n" + strings.Join(s.texts(tag, []Line{say("reach.campaign.stop")}), "")
}

// addressee is one person whom a campaign reaches.
type addressee struct {
	conv  *Conversation // nil: by text message, to phone, for the first time
	phone string
	lang  string
}

// reached is whom a campaign reaches now, and what it costs.
type reached struct {
	people  []addressee
	open    int // requests looked at
	stopped int // people who said STOP
	lately  int // people who were written to by another campaign a short time ago
	without int // requests that nobody can be told of: no phone, or no way
	more    bool
	parts   int
	minor   int
	langs   map[string]int
}

// audience finds whom a campaign reaches. It changes nothing.
func (s *Service) audience(t *db.Tx, k Campaign) (a reached, err error) {
	most := s.Rules.Campaign.Most
	all, err := s.Ports.Open(t, k.Province, k.Communes, k.Service, 2*most+1)
	if err != nil {
		return a, err
	}
	a.open, a.more, a.langs = len(all), len(all) > 2*most, map[string]int{}
	told, err := toldLately(t, t.Now().Add(-time.Duration(s.Rules.Campaign.Each)))
	if err != nil {
		return a, err
	}
	seen := map[string]bool{}
	for _, p := range all {
		these, err := s.addressees(t, p)
		if err != nil {
			return a, err
		}
		if len(these) == 0 {
			a.without++
		}
		for _, x := range these {
			key := x.phone
			if x.conv != nil {
				key = x.conv.ID.String()
			}
			if seen[key] {
				continue
			}
			seen[key] = true
			switch {
			case x.conv != nil && !x.conv.StoppedAt.IsZero():
				a.stopped++
			case x.conv != nil && told[x.conv.ID]:
				a.lately++
			default:
				s.count(&a, k, x)
			}
		}
	}
	a.more = a.more || len(a.people) > most
	return a, nil
}

func (s *Service) count(a *reached, k Campaign, x addressee) {
	kind := channel.SMS
	if x.conv != nil {
		kind = x.conv.Channel
	}
	parts := 1
	if kind == channel.SMS {
		parts, _ = sms.Count(sms.Cheaper(s.campaignText(k, x.lang)))
	}
	a.people = append(a.people, x)
	a.parts += parts
	a.langs[strings.TrimSuffix(x.lang, latn)]++
	if i := slices.IndexFunc(s.gateways, func(g *Gateway) bool { return g.Kind == kind && g.Out != nil }); i >= 0 {
		a.minor += parts * s.gateways[i].Minor
	}
}

// addressees are who is told of a request: the conversations that hold it, by a
// channel that can be written to; else the phone that was left.
func (s *Service) addressees(t *db.Tx, p Person) (out []addressee, err error) {
	all, err := s.holders(t, p.Subject)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Channel == channel.USSD || c.Channel == channel.Voice {
			x, err := s.byPhone(t, c.Address, c.Lang)
			if err != nil {
				return nil, err
			}
			out = append(out, x...)
		} else if s.serves(c.Channel) {
			out = append(out, addressee{c, c.Address, s.tongue(c.Lang, p.Lang)})
		}
	}
	if len(all) == 0 && p.Phone != "" {
		return s.byPhone(t, p.Phone, p.Lang)
	}
	return out, nil
}

func (s *Service) byPhone(t *db.Tx, number, lang string) ([]addressee, error) {
	if !s.serves(channel.SMS) {
		return nil, nil
	}
	all, err := db.List(t, s.scanConversation, `SELECT `+conversationColumns+` FROM reach_conversation WHERE channel = ?1 AND address_key = ?2`,
		string(channel.SMS), s.addressKey(channel.SMS, number))
	if err != nil || len(all) == 0 {
		return []addressee{{nil, number, s.tongue(lang)}}, err
	}
	return []addressee{{all[0], number, s.tongue(all[0].Lang, lang)}}, nil
}

// tongue is the first language that is one.
func (s *Service) tongue(all ...string) string {
	for _, l := range all {
		if l != "" {
			return l
		}
	}
	return s.places.Country().Default
}

func (s *Service) sealCampaign(k Campaign) ([]byte, error) {
	plain, err := json.Marshal(k.Texts)
	if err != nil {
		return nil, fmt.Errorf("a campaign's texts: %w", err)
	}
	return s.vault.Seal(crypt.At("reach_campaign.body", k.ID.String()), plain), nil
}
