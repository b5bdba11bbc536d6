package app

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/modules/picture"
	"github.com/twiza/twiza/shared/actor"
)

// publishings lets the story publish as the house does, a few times a day, so that
// the picture has a past; and lets the crisis cell open places to sleep.
func (n *night) publishings() {
	for at := declared + 2*time.Hour; at < story.Now; at += 3 * time.Hour {
		n.at(at, n.publish)
	}
	n.at(declared+3*time.Hour, n.shelter)
}

func (n *night) publish(ctx context.Context) error {
	_, err := n.h.Press.Publish(ctx)
	return err
}

// shelter opens places in the communes that the first requests came from. The
// last is for those who must not be found.
func (n *night) shelter(ctx context.Context) error {
	by := n.who(actor.CrisisCell, actor.Scope{})
	all := []picture.Shelter{{Name: "المدرسة الجماعاتية", Capacity: 180, Fit: true}, {Name: "القاعة المغطاة", Capacity: 120}, {Name: "دار الطالبة", Capacity: 60, Fit: true}, {Name: "دار الأمان", Capacity: 12, Protected: true}}
	var used []string
	for _, q := range n.story.Requests {
		c, ok := n.h.Places.Commune(q.Place)
		if !ok || slices.Contains(used, c.Code) {
			continue
		}
		x := all[len(used)]
		x.Place = c.Code
		if _, err := n.h.Picture.OpenShelter(ctx, by, x); err != nil {
			return err
		}
		if used = append(used, c.Code); len(used) == len(all) {
			return nil
		}
	}
	return nil
}
