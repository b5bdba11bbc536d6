package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// declare opens the crisis, over the territory of the crisis cell.
func (n *night) declare(ctx context.Context) error {
	by := n.who(actor.CrisisCell, actor.Scope{})
	i := slices.Index(n.cast.orgs, by.Org)
	_, err := n.h.Cases.OpenCrisis(ctx, by, n.story.Crisis, n.story.Organisations[i].Territory)
	return err
}

// choose is the request that a newcomer follows: the last one that was
// answered and still waits for its person's word; where the story has none,
// one that came as far as possible.
func (n *night) choose() int {
	best, rank := 0, len(story.Fates)+1
	for i, q := range n.story.Requests {
		if q.Channel != "web" || q.Place == "" || q.DuplicateOf >= 0 || slices.Contains(q.Fragile, "child_alone") {
			continue
		}
		r := slices.Index([]string{story.Delivered, story.EnRoute, story.Confirmed, story.Assigned, story.Claimed, story.Contacted, story.Received}, q.Fate)
		if r >= 0 && (r < rank || r == rank && q.Settled > n.story.Requests[best].Settled) {
			best, rank = i, r
		}
	}
	return best
}

// ask makes a request in its channel, and puts down what became of it.
func (n *night) ask(ctx context.Context, i int) error {
	q := n.story.Requests[i]
	by, d := actor.Actor{Channel: "web"}, cases.DeedAsk
	switch q.Channel {
	case "phone":
		by, d = n.agent(q.Spoken), cases.DeedTakeDown
	case "import":
		by, d = n.who(actor.CrisisCell, actor.Scope{}), cases.DeedImport
	}
	by.Channel = q.Channel
	out, err := n.h.Cases.Ask(ctx, by, d, cases.Request{Service: n.story.Service, Answers: answersOf(q), Lang: langOf(q.TextLang), Channel: q.Channel})
	if err != nil {
		return err
	}
	n.asked[i] = out
	if all := len(n.story.Requests); (i+1)%max(all/6, 1) == 0 {
		fmt.Fprintf(n.say, "  %d of %d requests\n", i+1, all)
	}
	n.follow(i)
	return nil
}

func answersOf(q story.Request) forms.Answers {
	a := forms.Answers{"for_whom": q.ForWhom, "need": q.Needs, "people": int64(q.People), "words": q.Text, "spoken": q.Spoken,
		"where": forms.Place{Code: q.Place, Text: q.PlaceText, Lat: q.Lat, Lon: q.Lon, HasPoint: q.Lat != 0 || q.Lon != 0}}
	if q.Spoken == "en" {
		a["spoken"] = "other"
	}
	if len(q.Fragile) > 0 {
		a["fragile"] = q.Fragile
	}
	if q.Phone != "" {
		a["phone"] = forms.Phone(q.Phone)
	}
	for name, text := range map[string]string{"secret": q.Word, "name": q.Name} {
		if text != "" {
			a[name] = text
		}
	}
	return a
}

// langOf is the language of the pages that somebody who writes like this
// reads.
func langOf(written string) string {
	switch written {
	case "ary", "ar":
		return "ar"
	case "shi-Tfng":
		return "zgh"
	case "en":
		return "en"
	}
	return "fr"
}

// follow puts down what became of a request, as far as no mission brought it.
func (n *night) follow(i int) {
	q := n.story.Requests[i]
	do := func(when time.Duration, fn func(context.Context, int) error) {
		n.at(when, func(ctx context.Context) error { return fn(ctx, i) })
	}
	switch {
	case n.asked[i].Restricted:
		if q.Fate != story.Received {
			do(q.Settled, n.protect)
		}
	case q.Merged:
		do(q.At+12*time.Minute, n.merge)
	case q.Mission >= 0:
		do(n.taken(i, n.story.Missions[q.Mission].Departed-packing), n.claim)
	case q.Fate == story.Contacted:
		do(q.Settled, n.call)
	case q.Fate == story.Claimed:
		do(n.taken(i, story.Now), n.claim)
	case q.Fate == story.Assigned:
		do(n.taken(i, story.Now), n.claim)
		do(max(q.Settled, n.taken(i, story.Now)+time.Minute), n.assign)
	case q.Fate == story.Refused, q.Fate == story.Redirected:
		do(q.Settled-3*time.Minute, n.call)
		do(q.Settled, n.end)
	}
}

// taken is when an organisation takes a request on that it holds until then.
// The story does not know leases: who took it too early for its lease to last
// takes it later.
func (n *night) taken(i int, until time.Duration) time.Duration {
	q := n.story.Requests[i]
	if def, ok := n.h.Service.Get(n.story.Service); ok {
		if lease, ok := def.Delay("lease", n.asked[i].Level); ok {
			return max(q.Taken, until-lease*4/5)
		}
	}
	return q.Taken
}

// call is the call centre reaching somebody, with the number opened for it.
func (n *night) call(ctx context.Context, i int) error { return n.ring(ctx, i, "reached") }

func (n *night) ring(ctx context.Context, i int, result string) error {
	by := n.agent(n.story.Requests[i].Spoken)
	if _, err := n.h.Cases.Reveal(ctx, by, n.asked[i].ID, "call"); err != nil {
		return err
	}
	return n.h.Cases.Contact(ctx, by, n.asked[i].ID, result, "")
}

func (n *night) claim(ctx context.Context, i int) error {
	return n.h.Cases.Claim(ctx, n.who(actor.Coordinator, n.scope(i, n.story.Requests[i].Org)), n.asked[i].ID)
}

func (n *night) assign(ctx context.Context, i int) error {
	q := n.story.Requests[i]
	return n.h.Cases.Assign(ctx, n.who(actor.Coordinator, n.scope(i, q.Org)), n.asked[i].ID, toTeam(n.cast.teams[q.Team]))
}

// merge joins the second report of a need to the first.
func (n *night) merge(ctx context.Context, i int) error {
	return n.h.Cases.Merge(ctx, n.desk(n.scope(i, -1)), n.asked[i].ID, n.asked[n.story.Requests[i].DuplicateOf].ID)
}

// Why requests end without help: the story's reasons in the service's words.
var (
	refusals  = map[string]string{"need_met": "already_helped", "outside_crisis_area": "out_of_scope"}
	elsewhere = map[string]string{"medicine": "health", "rescue": "civil_protection", "road": "roads", "water": "local_authority", "other": "local_authority"}
)

func (n *night) end(ctx context.Context, i int) error {
	q := n.story.Requests[i]
	d, reason := cases.DeedRefuse, refusals[q.Reason]
	if q.Fate == story.Redirected {
		d, reason = cases.DeedRedirect, elsewhere[q.Needs[0]]
	}
	return n.h.Cases.End(ctx, n.desk(n.scope(i, -1)), d, n.asked[i].ID, reason, "")
}

// protect is one of the trained people reading what no queue shows, and taking
// it up.
func (n *night) protect(ctx context.Context, i int) error {
	nid, err := id.Parse[cases.Concern](n.asked[i].ID.String())
	if err != nil {
		return err
	}
	trained := slices.DeleteFunc(slices.Clone(n.cast.accounts), func(a actor.Actor) bool { return !a.Holds(actor.Safeguarding) })
	by := trained[i%len(trained)]
	if _, _, err := n.h.Cases.ReadConcern(ctx, by, nid); err != nil {
		return err
	}
	return n.h.Cases.TakeConcern(ctx, by, nid)
}
