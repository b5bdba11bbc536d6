package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/talk"
	"github.com/twiza/twiza/shared/actor"
)

// uttered is something that is said on the channel of the story's mission.
type uttered struct {
	after   time.Duration // since the mission left
	who     string        // leader, coordinator or desk
	text    bool          // by a text message from their phone
	becomes string        // "", a task, or one that is done
	said    string
}

func readChannel(pack fs.FS) (all []uttered, err error) {
	body, err := fs.ReadFile(pack, "channel.csv")
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(body))
	r.FieldsPerRecord = 5
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("demo/channel.csv: %w", err)
	}
	for _, x := range rows[min(1, len(rows)):] {
		minutes, err := strconv.Atoi(x[0])
		if err != nil {
			return nil, fmt.Errorf("demo/channel.csv: %w", err)
		}
		all = append(all, uttered{time.Duration(minutes) * time.Minute, x[1], x[2] == "sms", x[3], x[4]})
	}
	return all, nil
}

// talking is the mission whose people are heard talking: the last one on its way
// whose leader has an account, or else the caravan.
func (n *night) talking() int {
	for i := len(n.story.Missions) - 1; i >= 0; i-- {
		m := n.story.Missions[i]
		for _, a := range n.story.Accounts {
			if m.Back == 0 && a.TeamKey != "" && a.Team == m.Team {
				return i
			}
		}
	}
	return n.caravan()
}

// leadersPhone is where whoever leads that mission reads text messages.
const leadersPhone = 40

// converse puts down what the people of mission i say to each other from now on.
// Whoever leads gives their phone first: beyond the bridge there is no data.
func (n *night) converse(ctx context.Context, i int) error {
	j, m := n.sent[i], n.story.Missions[i]
	var mid talk.MissionID
	_ = mid.UnmarshalText([]byte(j.id.String())) // what String wrote is read
	scope := actor.Scope{Org: n.cast.orgs[n.story.Teams[m.Team].Org]}
	for _, s := range m.Stops {
		scope.Path = append(scope.Path, n.path(n.story.Requests[s.Request].Place)...)
	}
	who := map[string]actor.Actor{"leader": j.by, "coordinator": n.who(actor.Coordinator, actor.Scope{Org: scope.Org, Path: n.path(n.story.Teams[m.Team].Base)}), "desk": n.desk(scope)}
	if err := n.h.Talk.SetPhone(ctx, j.by, mid, string(demoPhone(leadersPhone)), "ar"); err != nil {
		return err
	}
	for k, l := range n.channel {
		n.at(m.Departed+l.after, func(ctx context.Context) error { return n.speak(ctx, who[l.who], mid, l, k) })
	}
	return nil
}

func (n *night) speak(ctx context.Context, by actor.Actor, mid talk.MissionID, l uttered, k int) error {
	if l.text {
		_, heard, err := n.h.Talk.HeardText(ctx, fmt.Sprintf("demo-%d", k), string(demoPhone(leadersPhone)), l.said)
		if err == nil && !heard {
			err = fmt.Errorf("demo/channel.csv: line %d was not heard on the channel", k+2)
		}
		return err
	}
	x := talk.Said{ID: id.New[talk.Message](n.clock.Now()), Mission: mid, Text: l.said}
	if err := n.h.Talk.Post(ctx, by, x); err != nil || l.becomes == "" {
		return err
	}
	n.at(n.clock.Now().Sub(n.start)+2*time.Minute, func(ctx context.Context) error { return n.h.Talk.MakeTask(ctx, by, mid, x.ID) })
	if l.becomes == "done" {
		n.at(n.clock.Now().Sub(n.start)+9*time.Minute, func(ctx context.Context) error { return n.h.Talk.FinishTask(ctx, by, mid, x.ID) })
	}
	return nil
}
