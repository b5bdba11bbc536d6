package cases

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// What follows is what conversations without internet ask of cases: app joins
// the two; neither knows the other.

// ways are the channels beyond those that the table names, and which of those
// each belongs to.
var ways = map[string]string{"sms": "phone", "ussd": "phone", "voice": "phone", "telegram": "phone", "whatsapp": "phone", "helper": "desk", "paper": "desk", "round": "desk", "relay": "desk"}

// wayOf is how a channel is kept: its kind, and the way where there is one.
func wayOf(ch string) (kind, way string) {
	if k, ok := ways[ch]; ok {
		return k, ch
	}
	return ch, ""
}

// byAsker says that whoever needs help asked with their own hands, and so was
// told the delivery code: staff and helpers never are.
func byAsker(ch string) bool {
	return slices.Contains([]string{"web", "api", "sms", "ussd", "voice", "telegram", "whatsapp"}, ch)
}

// Open lists the services that take requests now.
func (o *Office) Open(ctx context.Context) ([]*service.Definition, error) { return o.openServices(ctx) }

// Stand is how a case stands, for whoever holds it.
type Stand struct {
	Case    CaseID
	Receipt receipt.Number
	Key     string // sentence of the catalogue
	Waiting bool   // the service waits for "did it arrive?"
	Late    bool
	Before  string // sentence to say instead where it stands before its owner of last resort; "" when it does not
}

// StandFor opens a receipt for a phone that a network vouches for, or for
// whoever knows what belongs to it. Whatever does not fit gets the same answer.
func (o *Office) StandFor(ctx context.Context, n receipt.Number, ph phone.Number, word string) (s Stand, err error) {
	err = o.h.Look(ctx, actor.Actor{}, DeedTrack, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if word != "" {
			h, err := o.recognise(t.Tx, n, word)
			if err == nil && h.Case.IsZero() {
				return fault.New(fault.Missing, "cases.track.no_match")
			}
			if err == nil {
				s, err = o.stand(t.Tx, h.Case)
			}
			return err
		}
		c, err := caseByReceipt(t.Tx, n)
		if err != nil || ph == "" || !slices.Equal(c.PhoneKey, o.vault.Index("phone", string(ph))) {
			return fault.New(fault.Missing, "cases.track.no_match")
		}
		s, err = o.stand(t.Tx, c.ID)
		return err
	})
	return s, err
}

// StandsOf are the cases of a phone that are not over, or were until lately,
// the latest first.
func (o *Office) StandsOf(ctx context.Context, ph phone.Number, also []CaseID) (all []Stand, err error) {
	err = o.h.Look(ctx, actor.Actor{}, DeedTrack, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		ids := slices.Clone(also)
		if ph != "" {
			found, err := lately(t.Tx, o.vault.Index("phone", string(ph)), t.Now().Add(-stillTold))
			if err != nil {
				return err
			}
			ids = append(found, ids...)
		}
		for i, cid := range ids {
			if slices.Contains(ids[:i], cid) {
				continue
			}
			s, err := o.stand(t.Tx, cid)
			if err != nil {
				return err
			}
			all = append(all, s)
		}
		return nil
	})
	return all, err
}

// stillTold is how long a case that is over is told of without its number.
const stillTold = 14 * 24 * time.Hour

func (o *Office) stand(t *db.Tx, cid CaseID) (s Stand, err error) {
	own, err := getCase(t, cid)
	if err != nil {
		return s, err
	}
	k := own
	if !own.MergedInto.IsZero() {
		if k, err = getCase(t, own.MergedInto); err != nil {
			return s, err
		}
	}
	def, err := o.def(t, k)
	if err != nil {
		return s, err
	}
	_, s.Waiting = def.Move(k.State, MoveYes)
	s.Case, s.Receipt, s.Key = own.ID, own.Receipt, key(def, "state."+k.State)
	s.Late = k.Phase == service.Open && k.DueAt.Before(t.Now())
	if !k.LastAt.IsZero() {
		s.Before = "cases.stand.before_" + string(k.Phase)
	}
	return s, nil
}

// NewsStand is what a family lets a relative know of how its request stands:
// found by its receipt or its phone, and the word that it told them.
type NewsStand struct {
	Key     string // sentence of the catalogue
	Since   time.Time
	Commune string // code; "" when it is not known
	Late    bool
}

// NewsStandFor is what the page for relatives says, for a conversation without
// internet. fault.Missing, with one and the same sentence, for whatever does not fit.
func (o *Office) NewsStandFor(ctx context.Context, n receipt.Number, tel phone.Number, word string) (s NewsStand, err error) {
	if trackKey(word) == "" || n == (receipt.Number{}) && tel == "" {
		return s, fault.New(fault.Missing, "cases.track.no_match")
	}
	own, err := o.NewsFor(ctx, n, tel, word)
	if fault.KindOf(err) == fault.Invalid {
		return s, fault.New(fault.Missing, "cases.track.no_match")
	}
	if err != nil {
		return s, err
	}
	return s, o.h.DB.Read(ctx, func(t *db.Tx) error {
		k, err := root(t, own)
		if err != nil {
			return err
		}
		def, err := o.def(t, k)
		if err != nil {
			return err
		}
		s = NewsStand{Key: key(def, "state."+k.State), Since: k.ChangedAt, Late: k.Phase == service.Open && k.DueAt.Before(t.Now())}
		if p, ok := o.places.Commune(k.Place); ok {
			s.Commune = p.Code
		}
		return nil
	})
}

// AnswerFrom takes "did it arrive?" from a phone or a chat that holds the case.
func (o *Office) AnswerFrom(ctx context.Context, cid CaseID, channel string, a Answer) error {
	err := o.h.DB.Read(ctx, func(t *db.Tx) error {
		k, err := getCase(t, cid)
		if err == nil && !k.MergedInto.IsZero() {
			cid = k.MergedInto
		}
		return err
	})
	if err != nil {
		return err
	}
	return o.Confirm(ctx, actor.Actor{Channel: channel}, DeedConfirm, cid, a)
}

// Tidings is what a case has to tell its holder now.
type Tidings struct {
	Send    bool
	Once    string
	Key     string
	Args    []any
	Code    string
	Lang    string
	Level   int
	Phone   phone.Number
	Waiting bool
	Told    bool
	Case    CaseID
	Also    []Tidings // what those hear whose requests were joined to this one
}

// TidingsOf is what a case has to tell now. It opens the phone for the message
// alone; the journal line of the message says so. Whoever asked for the same
// need under another number hears of it too, under their own.
func (o *Office) TidingsOf(ctx context.Context, subjectOf string) (n Tidings, err error) {
	cid, err := id.Parse[Case](strings.TrimPrefix(subjectOf, "cases.case/"))
	if err != nil {
		return n, nil // something else moved
	}
	err = o.h.DB.Read(ctx, func(t *db.Tx) error {
		c, err := getCase(t, cid)
		if fault.KindOf(err) == fault.Missing {
			return nil
		}
		if err != nil || !c.ErasedAt.IsZero() {
			return err
		}
		def, err := o.def(t, c)
		if err != nil {
			return err
		}
		if err := o.partedTidings(t, def, c, &n); err != nil {
			return err
		}
		if err := o.tidings(def, c, &n); err != nil || !n.Send || c.State == def.Start() { // of the beginning each was told already
			return err
		}
		joined, err := voices(t, cid)
		for _, v := range joined {
			own := *v
			own.State, own.Level, own.People, own.ChangedAt = c.State, c.Level, c.People, c.ChangedAt
			var also Tidings
			if err == nil && v.ErasedAt.IsZero() {
				err = o.tidings(def, &own, &also)
				n.Also = append(n.Also, also)
			}
		}
		return err
	})
	if err != nil {
		return n, err
	}
	return o.withBeginning(ctx, cid, n)
}

// beginningFor is how long after asking the first notice is told before a later
// one, in case whoever moved the request was faster than whoever tells of it.
const beginningFor = time.Hour

// withBeginning puts the notice that a request was received before what there is
// to tell now: the code in it, without which nobody is given the help, is told
// nowhere else to a family for whom somebody asked. Once names it as it did at
// the beginning, so whoever was told is not told again.
func (o *Office) withBeginning(ctx context.Context, cid CaseID, now Tidings) (Tidings, error) {
	var first Tidings
	err := o.h.DB.Read(ctx, func(t *db.Tx) error {
		c, err := getCase(t, cid)
		if err != nil {
			return err
		}
		def, err := o.def(t, c)
		if err != nil || c.State == def.Start() || !c.ErasedAt.IsZero() || t.Now().Sub(c.MadeAt) > beginningFor {
			return err
		}
		was := *c
		was.State, was.ChangedAt = def.Start(), c.MadeAt
		return o.tidings(def, &was, &first)
	})
	if err != nil || !first.Send || first.Told {
		return now, err
	}
	first.Also = append([]Tidings{now}, now.Also...)
	first.Also[0].Also = nil
	return first, nil
}

func (o *Office) tidings(def *service.Definition, c *Case, n *Tidings) error {
	n.Case = c.ID
	s, ok := def.State(c.State)
	if !ok || !s.SMS {
		return nil
	}
	private, err := o.unseal(c)
	if err != nil {
		return err
	}
	first := c.State == def.Start()
	n.Send, n.Level, n.Lang, n.Key = true, c.Level, c.Lang, key(def, "message."+c.State)
	n.Phone = private.Phone(def.Bind.Phone)
	since := c.ChangedAt
	if first && c.OwnedAt.IsZero() { // for the first time: whatever was changed meanwhile, it is told once
		since = c.MadeAt
	}
	n.Once = c.ID.String() + "|" + c.State + "|" + strconv.FormatInt(since.UnixMicro(), 10)
	n.Args = []any{"receipt", i18n.Code(c.Receipt.String()), "people", c.People, "code", ""}
	_, n.Waiting = def.Move(c.State, MoveYes)
	// Whoever wrote or typed has the receipt on their screen already; a voice or a
	// USSD screen leaves nothing behind, and a helper's words are soon forgotten.
	n.Told = first && slices.Contains([]string{"sms", "telegram", "whatsapp", "import"}, c.Channel)
	if first && (!byAsker(c.Channel) || c.Channel == "voice" || c.Channel == "ussd") {
		n.Code = o.code(c.ID)
	}
	return nil
}

// MoveWords are the deeds after which a case may have something to tell.
func MoveWords() (all []string) {
	for _, d := range []deed.Deed{DeedAsk, DeedTakeDown, DeedAssign, DeedDepart, DeedDeliver, DeedRefuse, DeedRedirect, DeedMerge, DeedAddVoice, DeedUnmerge, DeedConfirm, DeedConfirmFor, DeedSilence} {
		all = append(all, d.Name)
	}
	return all
}

// Reachable is somebody with an open request, who may be told something that is
// true for all of a commune.
type Reachable struct {
	Case  CaseID
	Phone phone.Number // "" where none was left
	Lang  string
}

// OpenIn is everybody with an open request in some communes of a province, the
// voices that were joined to another request among them: at most so many, of
// one service or of all (""). It opens their phones for the message alone.
func (o *Office) OpenIn(t *db.Tx, province string, communes []string, service string, most int) (out []Reachable, err error) {
	all, err := openIn(t, province, communes, service, most)
	for _, c := range all {
		def, err := o.def(t, c)
		if err != nil {
			return nil, err
		}
		private, err := o.unseal(c)
		if err != nil {
			return nil, err
		}
		out = append(out, Reachable{c.ID, private.Phone(def.Bind.Phone), c.Lang})
	}
	return out, err
}

// Subject names a case in the journal.
func Subject(cid CaseID) string { return subject(cid) }

// CaseOf is the case that a subject names.
func CaseOf(subjectOf string) (CaseID, error) {
	return id.Parse[Case](strings.TrimPrefix(subjectOf, "cases.case/"))
}

// EraseWords are the deeds after which nobody may be told of a case any more.
func EraseWords() []string { return []string{DeedErase.Name} }
