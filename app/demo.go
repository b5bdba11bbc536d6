package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/places"
)

// The demonstration is an invented night after an earthquake (app/story), done
// in an empty house by the deeds that people do, each at its moment of the
// last day and a half. Nothing is put into a table past them: what the rules
// refuse did not happen.

const (
	demoRequests = 1200
	demoSeed     = 8092023
)

// demo fills an empty house, or finds it filled already, and tells how to come
// in either way.
func (h *House) demo(ctx context.Context, e *env) error { return h.demonstrate(ctx, e, demoRequests) }

func (h *House) demonstrate(ctx context.Context, e *env, requests int) error {
	file := h.Config.demoLogins()
	empty, err := h.empty(ctx)
	if err != nil {
		return err
	}
	l, err := readLogins(file)
	switch {
	case empty && (err == nil || errors.Is(err, os.ErrNotExist)):
		l, err = h.fill(ctx, e.out, l, requests)
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("people work in this house already, and there is no %s: it is no demonstration, or its logins are lost; start it without --demo, or name an empty folder with --data", file)
	}
	switch {
	case err != nil:
		return err
	case !l.Whole:
		return fmt.Errorf("the demonstration was stopped before it was told to its end: remove %s and start again", h.where())
	}
	return l.tell(e.out, file, h.clock.Now())
}

// empty tells whether nobody ever came into the house.
func (h *House) empty(ctx context.Context) (bool, error) {
	some := false
	err := h.DB.Read(ctx, func(t *db.Tx) (err error) {
		some, err = db.Has(t, `SELECT 1 FROM people_account`)
		return err
	})
	return !some, err
}

// where is what holds the records, as an operator would remove it.
func (h *House) where() string {
	if h.DB.Engine() == "postgres" {
		return "the tables of the database"
	}
	return h.Config.Data
}

// fill does the whole night. The logins are written down before anybody can
// come in, and marked as whole at the end.
func (h *House) fill(ctx context.Context, say io.Writer, before logins, requests int) (logins, error) {
	pack, err := fs.Sub(packs.FS, "demo")
	if err != nil {
		return logins{}, err
	}
	s, err := story.Night(pack, storyPlaces{h.Places}, demoSeed, requests)
	if err != nil {
		return logins{}, fmt.Errorf("the demonstration takes place in Morocco (--country ma): %w", err)
	}
	file := h.Config.demoLogins()
	l, err := newLogins(s.Accounts, before)
	if err == nil {
		err = l.write(file)
	}
	if err != nil {
		return l, err
	}
	fmt.Fprintf(say, "Filling the house with an invented night: %d requests for help, %d organisations, %d teams.\n",
		len(s.Requests), len(s.Organisations), len(s.Teams))
	n, err := h.night(ctx, s, say)
	if err != nil {
		return l, err
	}
	defer n.h.Close()
	if err := n.pass(ctx, pack, l); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return l, fmt.Errorf("the demonstration is not whole, remove %s before you start again: %w", h.where(), err)
	}
	if err := n.talk(ctx, pack); err != nil {
		return l, err
	}
	if err := n.h.Cases.LookAlike(ctx); err != nil { // the house does it by itself, a moment after each request
		return l, err
	}
	if err := n.publish(ctx); err != nil {
		return l, err
	}
	l.Receipt, l.Word, l.Whole = n.asked[n.newcomer].Receipt, newcomersWord, true
	return l, l.write(file)
}

// storyPlaces shows a country's places to the story.
type storyPlaces struct{ g *places.Gazetteer }

func (a storyPlaces) Places() (all []story.Place) {
	for _, kind := range []string{places.Region, places.Province, places.Commune, places.Douar} {
		for _, p := range a.g.All(kind) {
			x := story.Place{Code: p.Code, Kind: p.Kind, Parent: p.Parent, NameAR: p.Names["ar"], NameFR: p.Names["fr"],
				Population: p.Population, Shi: min(p.Langs["shi"]/100, 1)}
			if p.HasPoint {
				x.Lat, x.Lon = p.At.Lat, p.At.Lon
			}
			all = append(all, x)
		}
	}
	return all
}

// Before the night, things were set up at leisure.
const (
	registered = -30 * 24 * time.Hour // organisations
	invited    = -28 * 24 * time.Hour // accounts
	gathered   = -20 * 24 * time.Hour // teams
	declared   = 25 * time.Minute     // the crisis, after the shock
)
