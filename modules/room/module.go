// Package room is what a room full of dispatchers needs beside the queue: views
// that are kept under a name, one deed for many requests with a look before and a
// way back, what one shift leaves to the next, lists on paper, the week.
//
// Words: a View is a filter of the queue with a name. A Bulk is one deed for up to
// two hundred cases; each case is a deed of its own. A Note is what whoever leaves
// writes for whoever comes; it is signed by whoever read it.
//
// What always holds: a view shows its reader no more than the queue does; a bulk
// does to each case only what its doer might do to that one, once, and only while
// the case is what they saw; undoing it touches nothing that somebody else has
// touched since; the words of a note are sealed and go after some time.
package room

import (
	"context"
	"embed"
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Line is one case in a list, in its reader's words. Nothing in it names a person.
type Line struct {
	ID      string
	Receipt string
	Level   int
	Title   template.HTML // what is needed
	Place   template.HTML // "" when it is not known
	State   template.HTML
	Owner   template.HTML // "" when nobody has it
	Due     time.Time
	Late    bool
	Over    bool      // it is ended: no deadline counts
	Since   time.Time // when it was asked
	People  int
}

// Item is one case of a bulk: its identifier, the revision in which it was seen
// and, once done, the one that the bulk left and what it takes to put it back.
type Item struct {
	Case  string
	Seen  int64
	After int64
	Was   []byte
}

// What names the deed of a bulk to whoever keeps cases.
type What struct {
	Bulk   string
	Act    string
	Team   string
	Sector string
}

// Shift is how the work of an area stands: identifiers and numbers alone.
type Shift struct {
	Overdue  []string      `json:"overdue"`
	OverdueN int           `json:"overdue_n"`
	Taken    []string      `json:"taken"`
	TakenN   int           `json:"taken_n"`
	Waits    []WaitOn      `json:"waits"`
	AnswerN  int           `json:"answer_n"`
	Blocked  []BlockedPart `json:"blocked"`
	BlockedN int           `json:"blocked_n"`
}

// WaitOn is an organisation and how many cases are in its hands.
type WaitOn struct {
	Org actor.OrganisationID `json:"org"`
	N   int                  `json:"n"`
}

// BlockedPart is a part of a need that cannot go on, and why, as codes.
type BlockedPart struct {
	Task   string    `json:"task"`
	Case   string    `json:"case"`
	Sector string    `json:"sector"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Week is what happened in a span of time.
type Week struct{ Asked, Owned, Helped int }

// Forgotten is a commune where people wait and to which nobody goes.
type Forgotten struct {
	Commune string
	Waiting int
	Level   int
	Oldest  time.Time
}

// Cases is what the room asks of whoever keeps requests.
type Cases interface {
	// Keys are what an address of the queue may filter by.
	Keys() []string
	// Stale are the keys of a filter that name something gone or out of reach.
	Stale(by actor.Actor, filter url.Values) []string
	// Lines are what an address of the queue shows its reader: at most so many,
	// and whether there are more.
	Lines(c *web.Ctx, t *deed.Tx, filter url.Values, most int) ([]Line, bool, error)
	// LinesOf are those of some cases that the reader may see, in that order.
	LinesOf(c *web.Ctx, t *deed.Tx, ids []string) ([]Line, error)
	// Revisions of those that the reader may see.
	Revisions(t *deed.Tx, ids []string) (map[string]int64, error)
	// Acts are what somebody may do to many cases.
	Acts(by actor.Actor) []string
	// Sectors that can be asked to go and look, as codes.
	Sectors() []string
	// Hinder tells for each case what hinders the deed now; nil where nothing does.
	Hinder(ctx context.Context, by actor.Actor, w What, items []Item) ([]error, error)
	// Do does it to one case; keep is called within the same unit of work.
	Do(ctx context.Context, by actor.Actor, w What, i Item, keep func(t *db.Tx, was []byte, after int64) error) error
	// Undo puts one case back, unless something else has touched it since.
	Undo(ctx context.Context, by actor.Actor, w What, i Item, keep func(t *db.Tx) error) error
	// Shift tells how an area stands, for all or for one organisation.
	Shift(t *db.Tx, area string, org actor.OrganisationID, since time.Time, most int) (Shift, error)
	// Happened counts a span of time within a reader's reach.
	Happened(t *db.Tx, by actor.Actor, from, till time.Time) (Week, error)
	// Reached counts those of some cases that lie within a reader's reach.
	Reached(t *db.Tx, by actor.Actor, ids []string) (int, error)
	// Longest are the open cases that have waited longest within a reader's reach.
	Longest(t *db.Tx, by actor.Actor, most int) ([]string, error)
	// Forgotten are the communes to which nobody goes within a reader's reach.
	Forgotten(t *db.Tx, by actor.Actor, most int) ([]Forgotten, error)
}

// Field is what the room asks of whoever sends people.
type Field interface {
	// Teams that somebody may give cases to, in the reader's language.
	Teams(t *db.Tx, by actor.Actor, lang string) ([]ui.Option, error)
	// Delivered are the cases that something was handed over for in a span of time.
	Delivered(t *db.Tx, from, till time.Time) ([]string, error)
}

// Orgs is what the room asks of whoever keeps organisations and accounts.
type Orgs interface {
	Name(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
	// Who is the name of somebody who works here, for those who work with them.
	Who(t *db.Tx, a actor.AccountID) (string, error)
}

// Ports is what the room asks of the rest of the house.
type Ports struct {
	Rules Rules
	Cases Cases
	Field Field
	Orgs  Orgs
	Press *release.Press // every count that the public reads
}

// Service is what the room can do for the rest of the house.
type Service struct {
	h      *deed.House
	vault  *crypt.Vault
	places *places.Gazetteer
	Ports
}

// New makes the service.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, p Ports) *Service {
	return &Service{h: h, vault: v, places: g, Ports: p}
}

// The deeds of the room.
var (
	works = []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator}
	leads = []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}

	DeedViewSee    = deed.Deed{Name: "room.view.see", Roles: append([]actor.Role{actor.Leader, actor.Auditor}, works...)}
	DeedViewSave   = deed.Deed{Name: "room.view.save", Roles: DeedViewSee.Roles}
	DeedViewShare  = deed.Deed{Name: "room.view.share", Roles: leads}
	DeedViewRename = deed.Deed{Name: "room.view.rename", Roles: DeedViewSee.Roles}
	DeedViewDrop   = deed.Deed{Name: "room.view.drop", Roles: DeedViewSee.Roles}

	DeedBulkPrepare = deed.Deed{Name: "room.bulk.prepare", Roles: leads}
	DeedBulkDo      = deed.Deed{Name: "room.bulk.do", Roles: leads}
	DeedBulkUndo    = deed.Deed{Name: "room.bulk.undo", Roles: leads}

	DeedNoteList  = deed.Deed{Name: "room.note.list", Roles: works}
	DeedNoteWrite = deed.Deed{Name: "room.note.write", Roles: works}
	DeedNoteRead  = deed.Deed{Name: "room.note.read", Roles: works}
	DeedNoteSign  = deed.Deed{Name: "room.note.sign", Roles: works}

	DeedPrint  = deed.Deed{Name: "room.list.print", Roles: DeedViewSee.Roles}
	DeedFollow = deed.Deed{Name: "room.place.follow", Open: true}
	DeedWeek   = deed.Deed{Name: "room.week.read", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Auditor}}
)

var deeds = []deed.Deed{DeedViewSee, DeedViewSave, DeedViewShare, DeedViewRename, DeedViewDrop, DeedBulkPrepare, DeedBulkDo, DeedBulkUndo,
	DeedNoteList, DeedNoteWrite, DeedNoteRead, DeedNoteSign, DeedPrint, DeedWeek, DeedFollow}

// Manifest is the room as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "room", Files: Files, Say: s.Say, Deeds: deeds, Doors: s.doors(), Gallery: gallery(), Checks: checks(),
		Sealed: []crypt.Column{{Table: "room_view", Column: "name"}, {Table: "room_note", Column: "body"}},
		Chores: []module.Chore{
			{Name: "room.notes.forget", Every: time.Hour, Do: s.ForgetNotes},
			{Name: "room.bulks.sweep", Every: time.Hour, Do: s.SweepBulks},
		},
	}
}
