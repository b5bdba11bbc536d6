package damage

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
)

// reportPage is the whole form on one page: what, where, words, a phone.
type reportPage struct {
	ui.Frame
	ID    string
	Keep  string // the address that takes it by itself, for a phone without a network; "" keeps nothing
	V     url.Values
	What  ui.Choices
	Where whereAsked
}

// toldPage thanks, says how it stands, and takes a picture.
type toldPage struct {
	ui.Frame
	ID, Receipt string
	What        string
	Place       template.HTML
	State       Standing
	At          time.Time
	Photos      int
	MorePhotos  bool
	MB          int
}

// whereAsked is the question "where": own words with a search, lists from
// province to douar, and the phone's own position.
type whereAsked struct {
	Error    template.HTML
	Text     string
	Code     string
	Say      template.HTML // the place chosen so far
	Found    []ui.Option
	Searched bool
	Lists    []whereList
	GPS      ui.Where
}

type whereList struct {
	Name    string
	Label   template.HTML
	Options []ui.Option
}

// Limits of what one address and one phone may tell.
const reportsPerAddress, reportsPerPhone, photosPerAddress = 30, 10, 30

// whatIcons are the pictograms of what people tell of, with their colours.
var whatIcons = map[string][2]string{
	"building": {"house-line", "brick"}, "road": {"road-horizon", "blue"}, "bridge": {"path", "night"}, "school": {"graduation-cap", "plum"},
	"clinic": {"first-aid-kit", "teal"}, "landslide": {"warning", "saffron"}, "water": {"drop", "sky"}, "crack": {"warning-octagon", "olive"},
}

// reportDoor opens the form under an identifier of its own, so that sent twice it
// is one report. A phone may keep a copy of it.
func (s *Service) reportDoor(c *web.Ctx) error {
	if s.mayKeep(c) {
		c.KeepForm("/report?all=1")
	}
	s.deviceOf(c, true)
	return s.showReport(c, id.New[Report](s.h.DB.Now()).String(), url.Values{"what": {c.R.URL.Query().Get("what")}}, nil)
}

func (s *Service) mayKeep(c *web.Ctx) bool { return !actor.From(c.Context()).Known() && !c.Shared() }

func (s *Service) showReport(c *web.Ctx, rid string, v url.Values, wrong error) error {
	p := &reportPage{ID: rid, V: v}
	p.Kind, p.Nav, p.Title = ui.Form, "crisis", c.P.Text("damage.report.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	if s.mayKeep(c) {
		p.Keep = c.Href("/report/" + rid + "/send")
	}
	p.What = ui.Choices{Name: "what", Legend: c.P.T("damage.report.what"), Error: p.Error("what")}
	for i, w := range Whats {
		p.What.Options = append(p.What.Options, ui.Option{Value: w, Title: c.P.T("damage.what." + w), Icon: whatIcons[w][0], Colour: whatIcons[w][1], Digit: i + 1, Chosen: v.Get("what") == w})
	}
	p.Where = s.askWhere(c, v, p.Error("place"))
	return c.RenderStatus(status, "damage_report", p)
}

// reportStep shows the form under an identifier that a phone minted, or the page
// of a report that was sent.
func (s *Service) reportStep(c *web.Ctx) error {
	rid, err := id.Parse[Report](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	switch c.R.PathValue("step") {
	case "all":
		return s.showReport(c, rid.String(), url.Values{}, nil)
	case "done":
		return s.showTold(c, rid, nil)
	}
	return fault.New(fault.Missing, "error.missing")
}

// sendReport takes the form; "all" shows it again with what was said, to be mended.
func (s *Service) sendReport(c *web.Ctx) error {
	rid, err := id.Parse[Report](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if act := v.Get("act"); act == "search" || act == "list" || c.R.PathValue("step") == "all" {
		return s.showReport(c, rid.String(), v, nil)
	}
	if c.R.PathValue("step") != "send" {
		return fault.New(fault.Missing, "error.missing")
	}
	out, err := s.takeReport(c, rid, v)
	if err != nil {
		if _, fields := c.FieldErrors(err); fields && !c.ForProgram() {
			return s.showReport(c, rid.String(), v, err)
		}
		return err
	}
	done := "/report/" + rid.String() + "/done"
	if c.ForProgram() {
		return c.JSON(http.StatusOK, toldOut{out.Receipt.String(), out.Receipt.Groups(), c.Href(done)})
	}
	return c.Seek(done)
}

// toldOut is what a phone shows of a report that waited on it.
type toldOut struct {
	Receipt string `json:"receipt"`
	Say     string `json:"say"`
	Done    string `json:"done"`
}

func (s *Service) takeReport(c *web.Ctx, rid ReportID, v url.Values) (out Report, err error) {
	if err := c.Site.Limit.Take("report:"+c.From(), reportsPerAddress, time.Hour); err != nil {
		return out, err
	}
	r := Report{ID: rid, What: v.Get("what"), Place: s.readWhere(v), Lang: c.Lang(), Device: s.deviceOf(c, !c.ForProgram())}
	p := Private{Words: v.Get("words"), Where: v.Get("place.text")}
	if lat, lon, ok := pointOf(v); ok {
		r.At, r.HasPoint = geo.Point{Lat: lat, Lon: lon}, true
	}
	tel, wrong := s.readPhone(v.Get("phone"))
	if wrong != nil {
		return out, all(wrong, s.wrongReport(&r, &p))
	}
	if p.Phone = tel; tel != "" {
		if err := c.Site.Limit.Take("report of:"+string(s.vault.Index("report phone", tel)), reportsPerPhone, 24*time.Hour); err != nil {
			return out, err
		}
	}
	return s.Tell(c.Context(), actor.From(c.Context()), r, p)
}

func pointOf(v url.Values) (lat, lon float64, ok bool) {
	lat, err1 := strconv.ParseFloat(v.Get("lat"), 64)
	lon, err2 := strconv.ParseFloat(v.Get("lon"), 64)
	return lat, lon, err1 == nil && err2 == nil && geo.Point{Lat: lat, Lon: lon}.Valid()
}

// deviceCookie tells one browser from another for a month, and nothing else: two
// reports of one browser are one source.
const deviceCookie = "told"

// deviceOf is the keyed hash of the reader's browser; nil when it is not known,
// because others use the phone or it sent no cookie yet.
func (s *Service) deviceOf(c *web.Ctx, mint bool) []byte {
	if c.Shared() {
		return nil
	}
	if k, err := c.R.Cookie(deviceCookie); err == nil && len(k.Value) == 22 {
		return s.vault.Index("device", k.Value)
	}
	if !mint {
		return nil
	}
	var b [16]byte
	rand.Read(b[:])
	value := base64.RawURLEncoding.EncodeToString(b[:])
	http.SetCookie(c.W, &http.Cookie{Name: deviceCookie, Value: value, Path: "/", MaxAge: 30 * 86400, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
	if c.R.Method == http.MethodGet {
		return nil
	}
	return s.vault.Index("device", value)
}

func (s *Service) showTold(c *web.Ctx, rid ReportID, wrong error) error {
	p := &toldPage{ID: rid.String(), MB: mostPhoto >> 20}
	p.Kind, p.Nav, p.Title = ui.Form, "crisis", c.P.Text("damage.told.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedTell, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		r, err := getReport(t.Tx, rid)
		if err != nil {
			return err
		}
		k, err := getClaim(t.Tx, r.Claim)
		if err != nil {
			return err
		}
		pictures, err := photosOf(t.Tx, rid)
		p.Receipt, p.What, p.State, p.At, p.Photos = r.Receipt.String(), k.What, k.State, r.MadeAt, len(pictures)
		p.MorePhotos = len(pictures) < s.rules.Reports.Photos && t.Now().Sub(r.MadeAt) <= photoAfter
		if k.Place != "" {
			p.Place = s.placeSay(c, k.Place)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "damage_told", p)
}

func (s *Service) sendPhoto(c *web.Ctx) error {
	rid, err := id.Parse[Report](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if err := c.Site.Limit.Take("report photo:"+c.From(), photosPerAddress, time.Hour); err != nil {
		return s.showTold(c, rid, err)
	}
	if _, err := c.Form(); err != nil {
		return err
	}
	raw, err := fileOf(c, "photo")
	if err == nil {
		err = s.AddPhoto(c.Context(), actor.From(c.Context()), rid, raw)
	}
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showTold(c, rid, err)
		}
		return err
	}
	c.Flash("damage.photo.kept")
	return c.Seek("/report/" + rid.String() + "/done")
}

var listLevels = []string{places.Province, places.Commune, places.Douar}

// askWhere narrows down from what is known: the words typed, the place chosen,
// the list opened so far.
func (s *Service) askWhere(c *web.Ctx, v url.Values, wrong template.HTML) whereAsked {
	code := s.readWhere(v)
	out := whereAsked{Error: wrong, Text: forms.Clean(v.Get("place.text"), false), Code: code, GPS: ui.Where{Lat: v.Get("lat"), Lon: v.Get("lon"), Acc: v.Get("acc")}}
	if code != "" {
		out.Say = s.placeSay(c, code)
	}
	if out.Searched = v.Get("act") == "search"; out.Searched {
		for _, found := range s.places.Search(out.Text, "", 6) {
			if found.Place.Code != code {
				out.Found = append(out.Found, ui.Option{Value: found.Place.Code, Title: s.placeSay(c, found.Place.Code), Name: "place.code"})
			}
		}
	}
	if v.Get("act") != "list" && v.Get("place.province") == "" {
		return out // the names of all provinces are a third of the page
	}
	chosen := map[string]string{}
	for _, p := range s.places.Path(code) {
		chosen[p.Kind] = p.Code
	}
	var provinces []*places.Place
	for _, r := range s.places.Children("") {
		provinces = append(provinces, s.places.Children(r.Code)...)
	}
	places.Sort(provinces, c.Lang())
	out.Lists = append(out.Lists, s.whereList(c, places.Province, provinces, chosen[places.Province]))
	for i, level := range listLevels[1:] {
		above := chosen[listLevels[i]]
		if under := s.places.Children(above); above != "" && len(under) > 0 {
			out.Lists = append(out.Lists, s.whereList(c, level, under, chosen[level]))
		}
	}
	return out
}

func (s *Service) whereList(c *web.Ctx, level string, under []*places.Place, chosen string) whereList {
	l := whereList{Name: "place." + level, Label: c.P.T("damage.place." + level)}
	for _, p := range under {
		name, _ := p.Name(c.Lang()) // an option holds text alone
		l.Options = append(l.Options, ui.Option{Value: p.Code, Title: template.HTML(template.HTMLEscapeString(name)), Chosen: p.Code == chosen})
	}
	return l
}

// readWhere is the place that a form means: the deepest list that was changed, or
// the place that was ticked. A list that belongs to another parent than the one
// above it is not believed.
func (s *Service) readWhere(v url.Values) string {
	listed := ""
	for _, level := range listLevels {
		x := v.Get("place." + level)
		if _, ok := s.places.Get(x); !ok || listed != "" && !s.places.Within(x, listed) {
			break
		}
		listed = x
	}
	known := func(code string) string {
		if _, ok := s.places.Get(code); ok {
			return code
		}
		return ""
	}
	ticked, was := known(v.Get("place.code")), known(v.Get("place.was"))
	switch {
	case listed != "" && listed != was && (ticked == "" || ticked == was):
		return listed
	case v.Has("place.code"):
		return ticked
	}
	return cmp.Or(listed, was)
}

// options are codes with their words, to choose from.
func options(c *web.Ctx, prefix string, codes []string) (out []ui.Option) {
	for _, k := range slices.Clone(codes) {
		out = append(out, ui.Option{Value: k, Title: c.P.T(prefix + k)})
	}
	return out
}
