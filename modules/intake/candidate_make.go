package intake

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
)

// numbers is what may be a telephone number within a text: eight digits or more
// with little between them.
var numbers = regexp.MustCompile(`[+＋]?\(?\p{Nd}(?:[\s.\-_/()·\x{00a0}\x{202f}\x{2010}-\x{2015}]{0,2}\p{Nd}){7,15}`)

// phoneSpan is a number and where it stands.
type phoneSpan struct {
	number   phone.Number // "" for digits that are none, and look like one
	from, to int
}

// phonesIn finds the numbers of a text.
func (s *Service) phonesIn(text string) (out []phoneSpan) {
	prefix := s.places.Country().Phone.Prefix
	for _, at := range numbers.FindAllStringIndex(text, 20) {
		if strings.HasPrefix(text[at[0]:], "20") && strings.ContainsAny(text[at[0]:at[1]], "/-") && at[1]-at[0] <= 11 {
			continue // 2023-09-09
		}
		n, err := phone.Parse(text[at[0]:at[1]], prefix)
		if err != nil {
			n = ""
		}
		out = append(out, phoneSpan{n, at[0], at[1]})
	}
	return out
}

// fromChat makes a candidate of one message. nth counts messages of the same
// words within one minute.
func (s *Service) fromChat(f FileID, seq int, kind source.Kind, it source.Item, nth int, by actor.AccountID) (*Candidate, error) {
	def, err := s.def(s.rules.Service)
	if err != nil {
		return nil, err
	}
	b := Body{Words: forms.Clean(it.Text, true), From: forms.Clean(it.From, false), Media: it.Media}
	for _, p := range s.phonesIn(b.Words) {
		if p.number != "" && !slices.Contains(b.Phones, p.number) && len(b.Phones) < 2 {
			b.Phones = append(b.Phones, p.number)
		}
	}
	if n, err := phone.Parse(b.From, s.places.Country().Phone.Prefix); err == nil && len(b.Phones) == 0 {
		b.Phones = []phone.Number{n}
	}
	if it.HasPoint {
		b.Point = &it.Point
	}
	c := &Candidate{File: f, Seq: seq, Source: kind, Service: def.Code, State: Waiting, SaidAt: it.At, Brought: by,
		SenderKey: s.vault.Index("intake sender", b.From)}
	minute := it.At.Truncate(time.Minute)
	c.ID = id.Derive[candidateKind](minute, s.vault.Index("intake message", fmt.Sprintf("%s|%d|%s|%t|%d", kind, minute.Unix(), sameWords(b.Words), b.Media, nth)))
	s.read(c, &b)
	return c, s.seal(c, b)
}

// fromRow makes a candidate of one row, whose answers its mapping read.
func (s *Service) fromRow(f FileID, seq int, kind source.Kind, def *service.Definition, a Asking, by actor.AccountID) (*Candidate, error) {
	words, where := a.Answers.Text(def.Bind.Text), a.Answers.Place(def.Bind.Place)
	b := Body{Words: words, Place: where.Text, Contact: a.Contact, Answers: a.Answers}
	for _, q := range []string{def.Bind.Phone, def.Bind.Family} {
		if n := a.Answers.Phone(q); n != "" {
			b.Phones = append(b.Phones, phone.Number(n))
		}
	}
	if where.HasPoint {
		at := where.Point()
		b.Point = &at
	}
	if a.At.IsZero() {
		a.At = s.h.DB.Now()
	}
	c := &Candidate{File: f, Seq: seq, Source: kind, Service: def.Code, State: Waiting, SaidAt: a.At, Brought: by, Lang: a.Lang}
	cid, err := id.Parse[candidateKind](a.ID)
	if err != nil {
		return nil, err
	}
	c.ID = cid
	s.read(c, &b)
	for _, n := range a.Answers.List(def.Bind.Need) {
		if !slices.Contains(c.Needs, n) {
			c.Needs = append(c.Needs, n)
		}
	}
	if n := a.Answers.Int(def.Bind.People); n > 0 {
		c.People = int(n)
	}
	if where.Code != "" {
		s.put(c, where.Code)
	}
	if len(c.Needs) > 0 && c.Kind == Nothing {
		c.Kind, c.State, c.Reason, c.DecidedAt = Need, Waiting, "", time.Time{}
	}
	return c, s.seal(c, b)
}

// read lets the house read a candidate: what it asks for, how urgent, where.
// All of it is a proposal.
func (s *Service) read(c *Candidate, b *Body) {
	said := s.sensed(b.Words)
	for _, f := range said.Findings {
		if need, ok := strings.CutPrefix(f.Key, "needs."); ok && !slices.Contains(c.Needs, need) && len(c.Needs) < 12 {
			c.Needs = append(c.Needs, need)
		}
	}
	c.Danger, c.People = said.Has("danger"), min(people(said), 20_000)
	c.Points = int(math.Round(min(100_000, max(-1000, said.Urgency()*10))))
	if said.Lang != "" {
		c.Lang = said.Lang
	}
	weak := slices.ContainsFunc(said.Findings, func(f sense.Finding) bool {
		return strings.HasPrefix(f.Key, "weak.") || f.Key == "unserved" || f.Key == "people" || f.Key == "households"
	})
	switch {
	case c.Danger:
		c.Kind = Need
	case s.rules.offer(b.Words):
		c.Kind, c.Points = Gives, c.Points-1000
	case len(c.Needs) > 0 || weak || b.Point != nil || len(b.Phones) > 0 && b.Words != "" && hasPhone(s.phonesIn(b.Words)):
		c.Kind = Need
	default:
		c.Kind = Nothing
	}
	if len(b.Phones) > 0 {
		c.PhoneKey = s.vault.Index("phone", string(b.Phones[0]))
	}
	if k := sameWords(b.Words); len([]rune(k)) >= 12 {
		c.Spoken = s.vault.Index("intake words", k)
	}
	text, found := s.where(*b, said)
	if b.Place == "" {
		b.Place = text
	}
	if found.Sure {
		s.put(c, found.Candidates[0].Place.Code)
	}
	if c.Kind == Nothing { // set aside where it can be seen: the house may be wrong
		c.State, c.Reason, c.DecidedAt = Aside, says, s.h.DB.Now()
	}
}

// people is how many a text speaks of: the most, where it counts several times
// ("30 people, one woman is pregnant").
func people(said sense.Reading) (n int) {
	for _, f := range said.Findings {
		if f.Key == "people" {
			n = max(n, f.Count)
		}
	}
	return n
}

// says is why the house by itself sets a message aside.
const says = "says_nothing"

func hasPhone(all []phoneSpan) bool {
	return slices.ContainsFunc(all, func(p phoneSpan) bool { return p.number != "" })
}

func (s *Service) sensed(text string) sense.Reading {
	if s.Sense == nil || text == "" {
		return sense.Reading{}
	}
	return s.Sense.Read(text)
}

// communeReach is how far from a commune's centre, in km, a point may lie to be
// taken for it, as a request's own.
const communeReach = 25

// leastShown is the least score at which a place is proposed at all.
const leastShown = 0.5

// where proposes the places that a candidate may mean, and gives the words that
// named them: the words given for a place where there were any, else whichever
// part of the message explains itself best.
func (s *Service) where(b Body, said sense.Reading) (text string, best places.Answer) {
	hint := places.Hint{}
	if b.Point != nil {
		hint.At, hint.HasPoint = *b.Point, true
	}
	for _, part := range s.parts(b, said) {
		a := s.places.Resolve(part, hint)
		if len(a.Candidates) == 0 || a.Candidates[0].Score < leastShown {
			continue
		}
		if len(best.Candidates) == 0 || a.Sure && !best.Sure || a.Sure == best.Sure && a.Candidates[0].Score > best.Candidates[0].Score {
			text, best = part, a
		}
	}
	if len(best.Candidates) == 0 && b.Point != nil {
		for _, n := range s.places.Nearest(*b.Point, places.Commune, 3) {
			if n.Km <= communeReach {
				best.Candidates = append(best.Candidates, places.Candidate{Place: n.Place, Score: 1 - n.Km/communeReach/2, Reason: "intake.place.by_point"})
			}
		}
	}
	return text, best
}

// parts are the stretches of a message that may name a place: all of it without
// the words that are known to mean something else, and each clause of that.
func (s *Service) parts(b Body, said sense.Reading) (out []string) {
	if b.Place != "" {
		return []string{b.Place}
	}
	rest := []byte(b.Words)
	blank := func(from, to int) {
		for i := from; i < to && i < len(rest); i++ {
			rest[i] = ','
		}
	}
	for _, f := range said.Findings {
		blank(f.From, f.To)
	}
	for _, p := range s.phonesIn(b.Words) {
		blank(p.from, p.to)
	}
	var kept []string
	for w := range strings.FieldsSeq(string(rest)) {
		bare := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
		mark := ""
		if r := strings.TrimPrefix(w, bare); strings.ContainsAny(r, ".,;:!?،؛؟)") || bare == "" {
			mark = ","
		}
		if k := arabic.Key(bare); bare == "" || s.rules.asides[k] || isNumber(k) {
			kept = append(kept, ",")
			continue
		}
		kept = append(kept, bare+mark)
	}
	var clauses []string
	for c := range strings.FieldsFuncSeq(strings.Join(kept, " "), func(r rune) bool { return r == ',' }) {
		if c = strings.TrimSpace(c); c != "" {
			clauses = append(clauses, c)
		}
	}
	out = append(out, strings.Join(clauses, ", "))
	for _, c := range clauses {
		if len([]rune(c)) >= 3 && !slices.Contains(out, c) && len(out) < 10 {
			out = append(out, c)
		}
	}
	return out
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// put writes down where a candidate lies.
func (s *Service) put(c *Candidate, code string) {
	path := s.places.Path(code)
	if len(path) == 0 {
		return
	}
	c.Place, c.Path = code, nil
	for _, p := range path {
		if slices.Contains([]string{places.Region, places.Province, places.Commune}, p.Kind) {
			c.Path = append(c.Path, p.Code)
		}
	}
}

func (s *Service) seal(c *Candidate, b Body) error {
	plain, err := json.Marshal(b)
	if err == nil {
		c.Sealed = s.vault.Seal("intake_candidate.body|"+c.ID.String(), plain)
	}
	return err
}

func (s *Service) open(c *Candidate) (b Body, err error) {
	if len(c.Sealed) == 0 {
		return b, nil
	}
	plain, err := s.vault.Open("intake_candidate.body|"+c.ID.String(), c.Sealed)
	if err != nil {
		return b, fmt.Errorf("candidate %s: %w", c.ID, err)
	}
	return b, json.Unmarshal(plain, &b)
}

// def is a service as the pack has it; "" is the first.
func (s *Service) def(code string) (*service.Definition, error) {
	if d, ok := s.services.Get(code); ok {
		return d, nil
	}
	if all := s.services.All(); len(all) > 0 && code == "" {
		return all[0], nil
	}
	return nil, fmt.Errorf("intake: no service %q", code)
}

// pointOf is where a place lies.
func (s *Service) pointOf(code string) (geo.Point, bool) {
	at, _, ok := s.places.Point(code)
	return at, ok
}
