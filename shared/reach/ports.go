package reach

import (
	"context"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
)

// Ports is what the staff pages of reach ask of whoever takes requests. app
// fills them while the house is built.
type Ports struct {
	// MaySee is the receipt of a case, for whoever may see the case on its page;
	// fault.Denied or fault.Missing for others.
	MaySee func(ctx context.Context, by actor.Actor, subject string) (receipt.Number, error)
	// MayHear tells whether somebody may open what names the person of a case: a
	// voice does.
	MayHear func(ctx context.Context, by actor.Actor, subject string) error
	// CaseOf is the subject of the case that has a receipt, for whoever may see it.
	CaseOf func(ctx context.Context, by actor.Actor, n receipt.Number) (subject string, err error)
	// Open is everybody with an open request in some communes of a province: at most
	// so many, of one service or of all (""). It opens their phones for the message
	// alone.
	Open func(t *db.Tx, province string, communes []string, service string, most int) ([]Person, error)
	// Services is every service of the house, whether it takes requests now or not.
	Services func() []*service.Definition
}

// ofCases begins the subject of every case.
const ofCases = "cases.case/"

// ofCall begins the subject of somebody who is to be called.
const ofCall = "reach.call/"
