package app

import (
	"context"
	"fmt"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/actor"
)

// What people of the story tell of, from which of their phones, and how long
// before its end. The places are real; what happened there is invented.
var demoReports = []struct {
	what, place, words string
	phone              int
	ago                time.Duration
}{
	{"building", "07.041.07.05", "دار سقطات حدا الجامع", 1, 26 * time.Hour},
	{"building", "07.041.07.05", "Une maison est tombée près de la mosquée", 2, 20 * time.Hour},
	{"road", "07.041.07.05", "الطريق مقطوعة بالحجر", 1, 19 * time.Hour},
	{"bridge", "07.041.07.11", "Le pont est fissuré", 3, 9 * time.Hour},
	{"school", "07.041.05.07", "حيط المدرسة طاح", 4, 7 * time.Hour},
	{"crack", "07.041.01.03", "شقوق كبار فالدار", 5, 5 * time.Hour},
	{"water", "07.041.07.03", "", 6, 3 * time.Hour},
	{"landslide", "07.041.07.09", "Des rochers descendent sur la piste", 7, 80 * time.Minute},
}

// hit puts down what maps and people say of damage, towards the end of the story.
func (n *night) hit() {
	n.at(story.Now-45*time.Minute, n.bringShaking)
	for i, r := range demoReports {
		n.at(story.Now-r.ago, func(ctx context.Context) error { return n.report(ctx, i) })
	}
}

// bringShaking is the crisis cell bringing in how strong it shook.
func (n *night) bringShaking(ctx context.Context) error {
	body, err := packs.FS.ReadFile("demo/shaking.csv")
	if err != nil {
		return err
	}
	all, err := damage.Read(body, map[string]bool{"mmi": true})
	if err != nil {
		return fmt.Errorf("demo/shaking.csv: %w", err)
	}
	by := n.who(actor.CrisisCell, actor.Scope{})
	lid, _, err := n.h.Damage.Bring(ctx, by, damage.Layer{Kind: damage.Shaking, Name: "ShakeMap us7000kufc", Source: "USGS ShakeMap", Licence: "public domain", Author: by.Name, Dated: "2023-09-08"}, body, all)
	if err != nil {
		return err
	}
	return n.h.Damage.Accept(ctx, by, lid)
}

func (n *night) report(ctx context.Context, i int) error {
	r := demoReports[i]
	_, err := n.h.Damage.Tell(ctx, actor.Actor{Channel: "web"}, damage.Report{ID: id.New[damage.Report](n.clock.Now()), What: r.what, Place: r.place, Lang: "ar"},
		damage.Private{Phone: fmt.Sprintf("+21260000090%d", r.phone), Words: r.words})
	return err
}
