package round

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// DeviceIn enrols a phone. The password is asked for again.
type DeviceIn struct {
	ID       string `json:"id" doc:"UUIDv7 minted on the phone"`
	Name     string `json:"name" doc:"what its holder calls it"`
	Password string `json:"password"`
}

// DeviceOut is what the phone makes its key from, and where it seals letters to.
type DeviceOut struct {
	ID         string    `json:"id"`
	Salt       []byte    `json:"salt" doc:"base64, 16 bytes"`
	Iterations int       `json:"iterations" doc:"of PBKDF2-HMAC-SHA-256"`
	Recipient  string    `json:"recipient" doc:"age1…"`
	Until      time.Time `json:"until"`
}

// RecordsIn is what was written down on a phone, at most 50 at a time.
type RecordsIn struct {
	Device  string       `json:"device"`
	Records []wireRecord `json:"records"`
}

// RecordsOut is what became of each, in their order.
type RecordsOut struct {
	Results []ResultOut `json:"results"`
}

type ResultOut struct {
	ID      string `json:"id"`
	State   string `json:"state" doc:"taken, again, conflict, refused or later"`
	Message string `json:"message"`
	Receipt string `json:"receipt,omitempty"`
	Other   *Other `json:"other,omitempty"`
}

// SettleIn decides on a record that waits for a person.
type SettleIn struct {
	Choice string `json:"choice" doc:"mine, theirs or both"`
	Reason string `json:"reason" doc:"a code of the pack"`
}

// printer is the language that the phone asked for by ?lang=, or else the reader's.
func printer(c *web.Ctx) *i18n.Printer {
	l := i18n.Lang(c.R.URL.Query().Get("lang"))
	if !i18n.Known(l) || l == c.P.Lang() {
		return c.P
	}
	p := c.Site.Cat.For(l, c.Site.Zone)
	p.Now, p.National = c.P.Now, c.P.National
	return p
}

// refused answers whoever may not pass a door: a device that was cut off is
// told so though nobody is signed in on it any more, so that it erases what it
// knows. Who is there is not asked: the answer is about the device alone.
func (s *Service) refused(c *web.Ctx, err error) error {
	did, bad := id.Parse[Device](c.R.URL.Query().Get("device"))
	if bad != nil && c.R.Method == "POST" {
		var in struct {
			Device string `json:"device"`
		}
		if body, read := io.ReadAll(c.R.Body); read == nil && json.Unmarshal(body, &in) == nil {
			did, bad = id.Parse[Device](in.Device)
		}
	}
	if bad == nil && s.isCut(c.Context(), did) {
		return errCut()
	}
	return err
}

func deviceOf(text string) (DeviceID, error) {
	did, err := id.Parse[Device](text)
	if err != nil {
		return did, fault.New(fault.Invalid, "round.device.id_wrong").On("device")
	}
	return did, nil
}

func (s *Service) session(c *web.Ctx) func(*db.Tx) (string, error) {
	return func(t *db.Tx) (string, error) { return s.People.Session(t, c) }
}

func (s *Service) apiEnrol(c *web.Ctx) error {
	var in DeviceIn
	if err := c.ReadJSON(&in); err != nil {
		return err
	}
	e := Enrolment{Name: in.Name, Password: in.Password, From: c.From()}
	e.ID, _ = id.Parse[Device](in.ID) // one that is none is refused there
	d, err := s.Enrol(c.Context(), c.Site.Limit, actor.From(c.Context()), e, s.session(c))
	if err != nil {
		return err
	}
	box, err := s.letterbox()
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, DeviceOut{d.ID.String(), d.Salt, iterations, box.Address(), s.h.DB.Now().Add(packLife)})
}

func (s *Service) apiPack(c *web.Ctx) error {
	q := c.R.URL.Query()
	did, err := deviceOf(q.Get("device"))
	if err != nil {
		return err
	}
	p, err := s.TakePack(c.Context(), actor.From(c.Context()), did, q.Get("mission"), printer(c), s.session(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, p)
}

func (s *Service) apiRecords(c *web.Ctx) error {
	var in RecordsIn
	if err := c.ReadJSON(&in); err != nil {
		return err
	}
	did, err := deviceOf(in.Device)
	if err != nil {
		return err
	}
	all, err := s.TakeIn(c.Context(), actor.From(c.Context()), did, in.Records)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, wire(printer(c), all))
}

func wire(p *i18n.Printer, all []Result) RecordsOut {
	out := RecordsOut{Results: []ResultOut{}}
	for _, r := range all {
		out.Results = append(out.Results, wireResult(p, r))
	}
	return out
}

func wireResult(p *i18n.Printer, r Result) ResultOut {
	return ResultOut{r.ID, r.State, sentence(p, r), r.Receipt, r.Other}
}

// sentence says in words what became of a record; of several things that are
// wrong, each.
func sentence(p *i18n.Printer, r Result) string {
	if r.Err == nil {
		if r.Key == "" {
			return ""
		}
		return p.Text(r.Key)
	}
	all, ok := errors.AsType[fault.All](r.Err)
	if f, one := errors.AsType[*fault.Fault](r.Err); !ok && one {
		all = fault.All{f}
	}
	var out []string
	for _, f := range all {
		out = append(out, p.Text(f.Key, web.Pairs(f.Args)...))
	}
	if len(out) == 0 {
		return p.Text("error.ours")
	}
	return strings.Join(out, " ")
}

func (s *Service) apiSettle(c *web.Ctx) error {
	rid, err := id.Parse[Record](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "round.record.missing")
	}
	var in SettleIn
	if err := c.ReadJSON(&in); err != nil {
		return err
	}
	out, err := s.Settle(c.Context(), actor.From(c.Context()), rid, in.Choice, in.Reason)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, wireResult(printer(c), out))
}

func (s *Service) apiRescue(c *web.Ctx) error {
	if err := c.Site.Limit.Take("rescue from "+c.From(), 20, time.Hour); err != nil {
		return err
	}
	letter, err := io.ReadAll(c.R.Body)
	if err != nil {
		return err
	}
	all, err := s.Rescue(c.Context(), actor.From(c.Context()), letter)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, wire(printer(c), all))
}

// metadata reads the pairs of Upload-Metadata (tus 1.0.0, Creation): a name, a
// space, a value in base64.
func metadata(header string) map[string]string {
	out := map[string]string{}
	for _, pair := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value)); err == nil && name != "" {
			out[name] = string(plain)
		}
	}
	return out
}
