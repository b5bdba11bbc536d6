package app

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/shared/actor"
)

// When, before the story ends, what the fund paid for arrives.
const arrives = 4*time.Hour + 30*time.Minute

// supplied is the mission that carries what the fund bought: of those that leave after it
// arrived, the one with most families behind it that got some.
func (n *night) supplied() int {
	best, most := -1, 0
	for i, m := range n.story.Missions {
		stops := 0
		for _, s := range m.Stops {
			if slices.ContainsFunc(s.Given, func(q story.Quantity) bool { return q.Good == "blanket" }) {
				stops++
			}
		}
		if m.Departed > story.Now-arrives && stops > most {
			best, most = i, stops
		}
	}
	return best
}

// supply has an association write down what was bought, and what it had before.
func (n *night) supply(pay *giving.Spending) {
	i := n.supplied()
	if i < 0 {
		return
	}
	n.at(story.Now-arrives, func(ctx context.Context) error {
		team := n.story.Teams[n.story.Missions[i].Team]
		org := n.cast.orgs[team.Org]
		by := n.who(actor.Coordinator, actor.Scope{Org: org, Path: n.path(team.Base)})
		for _, l := range []stock.Lot{
			{Good: "blanket", Units: 60, Source: stock.Bought, Minor: 9_000_00},
			{Good: "firewood", Units: 240, Source: stock.Bought, Minor: 4_800_00},
			{Good: "blanket", Units: 140, Source: stock.Counted},
			{Good: "firewood", Units: 300, Source: stock.Counted},
		} {
			l.ID, l.Org = id.New[stock.Lot](n.clock.Now()), org
			if err := n.h.Stock.Receive(ctx, by, l, pay.Number.String()); err != nil {
				return err
			}
		}
		return nil
	})
}
