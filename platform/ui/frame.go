package ui

import (
	"encoding/json"
	"html/template"
	"slices"
	"strings"
	"sync"
	"time"
)

// The shells a page can have.
const (
	Citizen = "citizen" // header, tabs, footer
	Form    = "form"    // header alone: one question, one button
	Staff   = "staff"   // bar and rail
	Print   = "print"   // a sheet of paper
)

// Frame is everything that stands around a page. Page structs embed it, and
// their templates begin with {{template "head" .Frame}} and end with
// {{template "foot" .Frame}}.
type Frame struct {
	Title string // plain text, without the name of the house
	Lang  string // "ar", "zgh", "fr", "en"
	Dir   string // "rtl" or "ltr"
	About string // plain text in a sentence, for those who show the link elsewhere; "" is none
	Path  string // address without the language, with its query: the same page in another language
	Kind  string // Citizen, Form, Staff or Print; "" is Citizen
	Nav   string // the current tab: home, help, track, crisis, about

	User         *User        // nil when nobody is signed in
	Crisis       *Banner      // nil in quiet times
	Flash        string       // key of a sentence about what was just done
	HelpLine     string       // E.164; "" when nobody answers a phone here
	ShortCode    string       // number for SMS; "" when there is none
	USSD         string       // code that opens the menu on any phone; "" when there is none
	Mandate      string       // the authority that mandated this house; "" says that it is not a State portal
	SaveData     bool         // the phone asks to save data: no fonts
	PartlyArabic bool         // part of the page is in another language than Lang
	Errors       []FieldError // what is wrong with the form that was sent
	Demo         bool         // invented people and data; said on every door
	Phones       bool         // invented telephones lie ready at /phones
	Shared       bool         // others use this phone
	Copy         time.Time    // when the page was made, where phones may keep a copy of it
	Emergency    bool         // only requests for help are taken now; everything else is read-only
	Away         bool         // the store does not answer; requests are kept beside it
	Figures      []Figure     // how the work stands now, in the bar of staff pages
	Notice       *Link        // something that whoever is signed in must read; nil when nothing is
}

// Shell is the frame itself: every page struct that embeds Frame has it.
func (f *Frame) Shell() *Frame { return f }

// User is who is signed in, as the shell of staff pages shows them.
type User struct {
	Name     string
	Initials string
	Org      string
	Links    []Link
}

// Figure is one number of the bar: how much of something there is now.
type Figure struct {
	Key   string // catalogue key of what it counts
	Value string
	Hot   bool // somebody should look
}

// Link is one place on the rail.
type Link struct {
	Href    string // without the language
	Key     string // catalogue key of its name
	Icon    string // "siren.regular"
	Current bool
	Count   int // things waiting there; 0 shows nothing
}

// Banner is the crisis under way: what and where, since when, one link.
type Banner struct {
	Title template.HTML
	Icon  string // pictogram of the hazard; "" is siren
	Since time.Time
	Href  string // without the language; "" is /crisis
}

// FieldError is one thing wrong with a form. Field is "" when it is about the whole.
type FieldError struct {
	Field string
	Text  template.HTML
}

// Language is one entry of the language menu, in its own script.
type Language struct {
	Code, Dir, Name, Short string
}

// Languages are in the order they have everywhere.
var languages = []Language{
	{"ar", "rtl", "العربية", "ع"},
	{"zgh", "ltr", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "ⵣ"},
	{"fr", "ltr", "Français", "FR"},
	{"en", "ltr", "English", "EN"},
}

// Languages are those a page can be read in.
func (f Frame) Languages() []Language { return slices.Clone(languages) }

// Language is the one the page is in; English stands in for a language of tests.
func (f Frame) Language() Language {
	for _, l := range languages {
		if l.Code == f.Lang {
			return l
		}
	}
	return languages[len(languages)-1]
}

// Dial is the code of the menu as a link dials it: "#" would end the address.
func (f Frame) Dial() string { return strings.ReplaceAll(f.USSD, "#", "%23") }

// Is says whether the page has that kind of shell.
func (f Frame) Is(kind string) bool { return f.Kind == kind || f.Kind == "" && kind == Citizen }

// Error is what is wrong with one field; "" when nothing is.
func (f Frame) Error(field string) template.HTML {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Doors are the tabs of citizen pages, and lead only to what exists.
func (f Frame) Doors() []Link {
	doors := []Link{
		{Href: "/", Key: "ui.nav.home", Icon: "house.regular"},
		{Href: "/help", Key: "ui.nav.help", Icon: "hand-heart.regular"},
		{Href: "/track", Key: "ui.nav.track", Icon: "receipt.regular"},
		{Href: "/crisis", Key: "ui.nav.crisis", Icon: "siren.regular"},
		{Href: "/about", Key: "ui.nav.about", Icon: "info.regular"},
	}
	for i := range doors {
		d := &doors[i]
		d.Current = d.Key == "ui.nav."+f.Nav
		if d.Current {
			d.Icon = strings.TrimSuffix(d.Icon, ".regular")
		}
	}
	return doors
}

// Spoken is a sentence in a language of its own.
type Spoken struct{ Lang, Dir, Text string }

// DemoBand says in every language that people and data are invented and that
// this is not a State portal, the page's own language first: whoever lands
// here may not read the language of the page.
func (f Frame) DemoBand() []Spoken {
	var all []Spoken
	for _, l := range languages {
		s := Spoken{l.Code, l.Dir, demoTexts()[l.Code]}
		if l.Code == f.Lang {
			all = slices.Insert(all, 0, s)
		} else {
			all = append(all, s)
		}
	}
	return all
}

// demoTexts is the one sentence that every page shows in all languages, from
// the catalogues of this package.
var demoTexts = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, l := range languages {
		body, err := Locale.ReadFile("locale/" + l.Code + ".json")
		if err != nil {
			panic(err) // embedded at build
		}
		var all map[string]json.RawMessage
		if err := json.Unmarshal(body, &all); err != nil {
			panic(err) // tested in this package
		}
		out[l.Code] = text(all["ui.demo.band"])
	}
	return out
})

// text reads a catalogue value: a string, or an object with a text.
func text(raw json.RawMessage) string {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain
	}
	var marked struct{ Text string }
	if json.Unmarshal(raw, &marked) == nil {
		return marked.Text
	}
	return ""
}

// Sign is the pictogram of the hazard.
func (b Banner) Sign() string {
	if HasIcon(b.Icon) {
		return b.Icon
	}
	return "siren"
}

// Address is where the crisis is told, without the language.
func (b Banner) Address() string {
	if b.Href == "" {
		return "/crisis"
	}
	return b.Href
}

// Home is where the mark leads on staff pages: their first place on the rail.
func (f Frame) Home() string {
	if f.User == nil || len(f.User.Links) == 0 {
		return "/"
	}
	return f.User.Links[0].Href
}
