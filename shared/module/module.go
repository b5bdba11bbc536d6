// Package module is what a module hands to the house: its tables, its words,
// its pages, its doors, its deeds, and the invariants that it promises.
package module

import (
	"context"
	"io/fs"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Manifest is one module as the house sees it.
type Manifest struct {
	Name    string
	Files   fs.FS // schema/*.sql, locale/*.json, pages/*.html
	Deeds   []deed.Deed
	Doors   []Door
	Gallery []Example
	Hears   []Hearing
	Chores  []Chore
	Checks  []Check
	Sealed  []crypt.Column // every column of sealed values, so that they are sealed anew after a rotation
	Say     Say            // puts the facts of its journal lines into words; nil shows them as codes
}

// Door is a route and the deed that one must be allowed to do to pass it.
type Door struct {
	Method, Path string
	Deed         deed.Deed
	API          bool
	MaxBody      int64
	Class        web.Class // how much it matters when more come than can be served; the house fills it in
	In, Out      any       // of an API door: the wire structs, for the OpenAPI document
	Handle       func(*web.Ctx) error
	Refused      func(*web.Ctx, error) error // what to answer whoever may not do the deed; nil is the error itself
}

// Get and Post make the doors of pages.
func Get(path string, d deed.Deed, h func(*web.Ctx) error) Door {
	return Door{Method: "GET", Path: path, Deed: d, Handle: h}
}

func Post(path string, d deed.Deed, h func(*web.Ctx) error) Door {
	return Door{Method: "POST", Path: path, Deed: d, Handle: h}
}

// Route is the door as the web serves it: closed to whoever may not do its deed.
func (d Door) Route() web.Route {
	return web.Route{Method: d.Method, Path: d.Path, Word: d.Deed.Name, API: d.API, MaxBody: d.MaxBody, Class: d.Class, Handle: func(c *web.Ctx) error {
		if err := deed.May(actor.From(c.Context()), d.Deed); err != nil {
			if d.Refused != nil {
				return d.Refused(c, err)
			}
			return err
		}
		return d.Handle(c)
	}}
}

// Example is a page with invented data, for the gallery and for the test that
// its template fits it.
type Example struct {
	Template string
	Page     web.Page
}

// Hearing is a deed that the module wants to learn of.
type Hearing struct {
	Word string
	Do   deed.Hearer
	When func() bool // asked at each deed whether there is anything to hear it for; nil is always
}

// Chore is something the module does by itself every so often.
type Chore struct {
	Name  string
	Every time.Duration
	Do    func(context.Context) error
}

// Check is an invariant: it lists what breaks it, in words for an operator.
type Check struct {
	Name string
	Find func(*db.Tx) ([]string, error)
}
