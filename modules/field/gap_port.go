package field

import (
	"context"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Gaps is what field asks of whoever keeps cases, of places that nobody has
// taken on.
type Gaps interface {
	// Forgotten lists the communes where people wait and nobody has taken any
	// of them on, the longest wait first.
	Forgotten(t *db.Tx, limit int) ([]Forgotten, error)
	// Claim takes on what waits in a commune for the doer's organisation, each
	// request as its own deed, and tells how many that were.
	Claim(ctx context.Context, by actor.Actor, commune string) (int, error)
}

// Forgotten is a commune where people wait and nobody goes.
type Forgotten struct {
	Commune string
	Waiting int
	Level   int // the most urgent
	Oldest  time.Time
}

// UseGaps says who knows of such places. Without, none are known.
func (s *Service) UseGaps(g Gaps) { s.gapsOf = g }
