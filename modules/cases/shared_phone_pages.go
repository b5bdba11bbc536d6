package cases

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/service"
)

// Beside is what stands beside the questions of a form: for whom and on what it
// is filled in and, on its first page, the other ways to do it.
type Beside struct {
	Helper    bool // the answers are those of somebody else
	Shared    bool // others use this phone
	Paper     string
	HelpURL   string
	SharedURL string // posts
	PaperURL  string
}

func (o *Office) beside(c *web.Ctx, def *service.Definition, d Draft, first bool, all []Asking) Beside {
	b := Beside{Helper: d.Around.Help != nil, Shared: d.Around.Shared, Paper: d.Around.Paper}
	if b.Shared {
		for _, a := range all {
			if a.Field != nil {
				a.Field.Fill = "off"
			}
		}
	}
	if first && b.Paper == "" {
		at := "/help/" + def.Code + "/" + d.ID.String()
		if b.PaperURL = c.Href("/help/" + def.Code + "/paper"); !b.Helper {
			b.HelpURL = c.Href(at + "/helper")
		}
		if !b.Shared {
			b.SharedURL = c.Href(at + "/shared")
		}
	}
	return b
}

// leftPage says that nothing stays behind.
type leftPage struct {
	ui.Frame
	SignedIn bool
}

var DeedLeave = deed.Deed{Name: "cases.page.leave", Open: true}

const (
	seatCookie = "seat"
	// seatFor is how long a form on a shared phone stays open without being sent.
	seatFor = time.Hour
	// sharedReceiptFor is how long its receipt shows again where the network
	// failed: the family has it by then, or the helper wrote it down.
	sharedReceiptFor = 10 * time.Minute
	// sharedHold is how long a tracker stays open there when nobody reads it.
	sharedHold = 5 * time.Minute
)

// sit ties a form to the window that fills it in: its address alone, which the
// history of a shared phone keeps, then opens nothing.
func (o *Office) sit(c *web.Ctx, did DraftID) {
	c.Share()
	plain := fmt.Sprintf("%s|%d", did, o.h.DB.Now().Add(seatFor).Unix())
	value := base64.RawURLEncoding.EncodeToString(o.vault.Seal("cases_pass.seat|-", []byte(plain)))
	http.SetCookie(c.W, &http.Cookie{Name: seatCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
}

// seat is the form that this window fills in on a shared phone.
func (o *Office) seat(c *web.Ctx) (did DraftID, ok bool) {
	k, err := c.R.Cookie(seatCookie)
	if err != nil {
		return did, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(k.Value)
	if err != nil {
		return did, false
	}
	plain, err := o.vault.Open("cases_pass.seat|-", sealed)
	if err != nil {
		return did, false
	}
	first, rest, _ := strings.Cut(string(plain), "|")
	till, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || o.h.DB.Now().Unix() > till {
		return did, false
	}
	did, err = id.Parse[draftKind](first)
	return did, err == nil
}

func (o *Office) sits(c *web.Ctx, did DraftID) bool {
	at, ok := o.seat(c)
	return ok && at == did
}

// seated says whether this window may see a form: on a shared phone only the one
// that fills it in.
func (o *Office) seated(c *web.Ctx, d Draft) bool { return !d.Around.Shared || o.sits(c, d.ID) }

// shareForm is "others use this phone": from here on nothing stays in it.
func (o *Office) shareForm(c *web.Ctx) error {
	def, d, err := o.openDraft(c)
	if err != nil {
		return err
	}
	d.Around.Shared = true
	if err := o.KeepDraft(c.Context(), d); err != nil {
		return err
	}
	o.sit(c, d.ID)
	return c.Seek("/help/" + def.Code + "/" + d.ID.String() + "/" + def.Form.Steps()[0].Name)
}

// openDraft is the form that an address names, or a new one under that name.
func (o *Office) openDraft(c *web.Ctx) (*service.Definition, Draft, error) {
	def, d, err := o.draftOf(c)
	if fault.KindOf(err) != fault.Missing || def == nil {
		return def, d, err
	}
	did, perr := id.Parse[draftKind](c.R.PathValue("draft"))
	if perr != nil {
		return def, d, err
	}
	if _, err := o.ReadDraft(c.Context(), did); fault.KindOf(err) != fault.Missing { // there is one, and it is not theirs
		return def, d, fault.New(fault.Missing, "cases.draft.gone")
	}
	if err := c.Site.Limit.Take("draft:"+c.From(), 240, time.Minute); err != nil {
		return def, d, err
	}
	return def, Draft{ID: did, Service: def.Code, Version: def.Version, Answers: forms.Answers{}}, nil
}

// leave forgets all that this window holds: the form under way, the tracker,
// the language. It answers at once, because a page with an address of its own
// would be one more line in the history.
func (o *Office) leave(c *web.Ctx) error {
	if did, ok := o.seat(c); ok {
		o.mind.drop(did)
		if err := o.h.DB.Write(c.Context(), func(t *db.Tx) error { return dropDraft(t, did) }); err != nil {
			return err
		}
	}
	by := actor.From(c.Context())
	if by.Known() {
		c.Forget("session")
	} else {
		c.Forget()
	}
	p := &leftPage{SignedIn: by.Known()}
	p.Kind, p.Title = ui.Form, c.P.Text("cases.shared.left")
	return c.Render("cases_left", p)
}

// hold opens a tracker in this window.
func (o *Office) hold(c *web.Ctx, h Holder) {
	long := holdFor
	if c.Shared() || c.R.PostForm.Get("shared") != "" {
		long = sharedHold
	}
	http.SetCookie(c.W, &http.Cookie{Name: trackCookie, Value: o.passFor(h, o.h.DB.Now(), long), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
}

// leaving closes the tracker of a shared phone when its reader goes to another page.
func leaving(all []module.Door) []module.Door {
	for i, d := range all {
		if d.Path == "/leave" || strings.HasPrefix(d.Path, "/track") {
			continue
		}
		next := d.Handle
		all[i].Handle = func(c *web.Ctx) error {
			if _, err := c.R.Cookie(trackCookie); err == nil && c.Shared() {
				http.SetCookie(c.W, &http.Cookie{Name: trackCookie, Path: "/", MaxAge: -1})
			}
			return next(c)
		}
	}
	return all
}

// fromPaper notes the number of the sheet that somebody of the staff types in.
func (o *Office) fromPaper(c *web.Ctx, v url.Values, d *Draft) {
	if n := v.Get("paper"); n != "" && d.Around.Paper == "" && actor.From(c.Context()).Holds(DeedTakeDown.Roles...) {
		d.Around.Paper = n
	}
}

// helpPairs says on the summary who helps, and whether the person agreed.
func (o *Office) helpPairs(c *web.Ctx, d Draft) []ui.Pair {
	h := d.Around.Help
	if h == nil {
		return nil
	}
	change := c.Href("/help/" + d.Service + "/" + d.ID.String() + "/helper?change=1")
	return []ui.Pair{{Name: c.P.T("cases.helper.who"), Value: c.P.T("cases.helper.kind_" + h.Kind), Change: change},
		{Name: c.P.T("cases.helper.agreed"), Value: c.P.T("cases.helper.how_" + h.How), Change: change}}
}
