package app

import (
	"strings"
	"testing"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/reach"
)

func TestANetworkThatIsDownIsSeenOnTheMapsAndTellsARelativeWhy(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	s.owned()
	s.crisis()
	commune := s.h.Places.Children(homeProvince)[0].Code
	dispatcher := ""
	for _, v := range visitors {
		if v.name == string(actor.Dispatcher) {
			dispatcher = v.token
		}
	}
	page := func(path string) string {
		w := knock(s.handler, "GET", "/fr"+path, dispatcher, nil)
		if w.Code != 200 {
			t.Fatalf("%s answers %d", path, w.Code)
		}
		return w.Body.String()
	}
	plan := "/channels/plan?province=" + homeProvince
	pages := []string{"/queue?phase=owned", "/crisis", plan}
	signs := func(path string) (crosses, rings bool) {
		p := page(path)
		p = p[strings.Index(p, `viewBox="0 0 1000`):]
		p = p[:strings.Index(p, "</svg>")]
		return strings.Contains(p, `class="nn"`), strings.Contains(p, `class="nv"`)
	}
	for _, path := range pages {
		if crosses, rings := signs(path); crosses || rings {
			t.Errorf("%s shows a network that nobody said anything of", path)
		}
	}
	for _, x := range []struct {
		state          reach.Network
		crosses, rings bool
		says           string
	}{{reach.NoNetwork, true, false, "Aucun téléphone ne passe"}, {reach.VoiceOnly, false, true, "essayez un appel"}, {reach.DataToo, false, false, ""}} {
		s.must(s.h.Reach.SayNetwork(t.Context(), System("test"), commune, x.state))
		for _, path := range pages[1:] {
			if crosses, rings := signs(path); crosses != x.crosses || rings != x.rings {
				t.Errorf("%s, %s: crosses %v, rings %v", path, x.state, crosses, rings)
			}
		}
		news := page("/news?place=" + commune)
		if x.says != "" && !strings.Contains(news, x.says) || x.says == "" && strings.Contains(news, "essayez un appel") {
			t.Errorf("%s: whoever asks after the place is not told why nobody answers", x.state)
		}
	}
	s.must(s.h.Reach.SayNetwork(t.Context(), System("test"), commune, reach.NoNetwork))
	if q := page("/queue?phase=owned"); !strings.Contains(q, "Aucun réseau") {
		t.Error("the legend of the queue's map says nothing of networks")
	}
}
