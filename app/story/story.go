// Package story makes up the Al Haouz night for demonstrations and
// measurements: people who call for help after the earthquake of 8 September
// 2023, organisations that answer, and what became of each call by the hour
// the story stops. Places and the shape of the disaster are real; every
// person, text, telephone number and organisation is invented.
//
// A story is plain values: no database and no clock. The same pack, gazetteer,
// seed and size give the same story on any machine. Times are durations after
// the shock.
package story

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/twiza/twiza/base/geo"
)

// The earthquake: USGS event us7000kufc, Mw 6.8.
var (
	Shock     = time.Date(2023, 9, 8, 22, 11, 0, 0, time.UTC) // 23:11 in Morocco
	Epicentre = geo.Point{Lat: 31.06, Lon: -8.39}
)

const (
	Span = 36 * time.Hour // over which requests arrive
	Now  = 38 * time.Hour // when the story stops
)

// Story is one night, ready to be turned into deeds. What points at something
// else in the story does so by index; -1 is nothing.
type Story struct {
	Service       string // code of the service that is asked of
	Crisis        string // code of the crisis that is opened
	Organisations []Organisation
	Teams         []Team
	Accounts      []Account
	Goods         []Good
	Requests      []Request // in the order they were made
	Missions      []Mission // in the order they departed
}

// Request is one call for help and what became of it.
type Request struct {
	At      time.Duration
	Channel string // web, phone (staff wrote down a call) or import (a volunteers' list)

	Place     string  // code of a douar or commune; "" when only PlaceText is known
	PlaceText string  // the place in the asker's own words, where they wrote any
	Lat, Lon  float64 // where the telephone was; both 0 when it did not say

	Needs    []string // need codes, the first weighs most
	People   int
	Fragile  []string // infant, pregnant, elderly, disabled, ill, child_alone
	ForWhom  string   // self or other
	Text     string
	TextLang string // ary, ar, fr, en, shi-Latn, shi-Tfng
	Spoken   string // the language to call back in: shi, ary, fr, en
	Name     string // "" when none was given
	Phone    string // E.164, always inside PhoneRange; "" when the person has none
	Word     string // opens the tracker of a person without a phone

	DuplicateOf int  // the earlier request this one tells again; -1
	Merged      bool // somebody has already joined it to that one

	Fate    string // one of the Fates
	Org     int    // who owns it, or where it was redirected
	Team    int
	Mission int
	Taken   time.Duration // when it was claimed; 0 when nobody owns it
	Settled time.Duration // when it reached its fate; 0 for received
	Reason  string        // code, for refused and redirected
	Late    bool          // nobody owns it and it has waited longer than it should
}

// Fates is what can have become of a request when the story stops.
var Fates = []string{
	Received, Contacted, Claimed, Assigned, EnRoute, Delivered,
	Confirmed, Partly, Reopened, Refused, Redirected, Silent,
}

const (
	Received   = "received"         // nobody has looked yet
	Contacted  = "contacted"        // called back, not taken by anybody; a child alone: taken up by safeguarding
	Claimed    = "claimed"          // an organisation holds it on a lease
	Assigned   = "assigned"         // and has given it to a team
	EnRoute    = "en_route"         // the team has left and is not there yet
	Delivered  = "delivered"        // the team recorded a delivery, the family has not answered
	Confirmed  = "confirmed"        // the family said yes
	Partly     = "partly"           // the family said partly
	Reopened   = "no_then_reopened" // the family said no: the case is open again
	Refused    = "refused"          // with Reason
	Redirected = "redirected"       // to Org, with Reason
	Silent     = "silent"           // delivered, and nobody answers a call: what silence closes, it closes after the story's end
)

// Mission is one journey of a team. Its goods always balance: of every good,
// loaded = delivered + returned + lost + aboard, and nothing is aboard once
// the team is back.
type Mission struct {
	Team     int
	Departed time.Duration
	Back     time.Duration // 0 while the team is away
	Stops    []Stop        // in the order they are visited
	Manifest []Line
}

// Stop is a visit to the people of one request.
type Stop struct {
	Request int
	Arrived time.Duration // 0 when the team is not there yet
	Given   []Quantity    // what the stop adds to Delivered; empty until Arrived
	Proof   string        // code (the family's) or witness
}

type Quantity struct {
	Good  string
	Units int
}

// Line is one good on a manifest, in units.
type Line struct {
	Good                                      string
	Loaded, Delivered, Returned, Lost, Aboard int
	LostWhy                                   string // code, when Lost is not 0
}

// Most is the largest story: beyond it two families would share a telephone.
const Most = phoneBlock

// Night tells the story with n requests. The pack is the folder packs/demo.
func Night(pack fs.FS, g Gazetteer, seed uint64, n int) (*Story, error) {
	if n < 1 || n > Most {
		return nil, fmt.Errorf("story: %d requests asked, it can be 1 to %d", n, Most)
	}
	p, err := readPack(pack)
	if err != nil {
		return nil, err
	}
	land, err := survey(g)
	if err != nil {
		return nil, err
	}
	if err := p.settle(land); err != nil {
		return nil, err
	}
	s := &Story{Organisations: p.orgs, Teams: p.teams, Accounts: p.accounts, Goods: p.goods, Service: p.service, Crisis: p.crisis}
	a := asking{pack: p, land: land, r: chance(seed, 1), folk: newFolk(p, chance(seed, 2), n)}
	s.Requests = a.requests(n)
	f := newField(s, land, chance(seed, 3))
	f.dispatch()
	f.rest()
	return s, nil
}

// chance is a stream of its own for each part of the story, so that a change
// in one part does not reshuffle the others.
func chance(seed, part uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, part)) }
