package reach

import (
	"testing"

	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/places"
)

func TestWhereThereIsNoDataAVoiceOrATextGoesAndWhereThereIsNothingSomebodyGoes(t *testing.T) {
	t.Parallel()
	r, err := ReadRules(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	few, many := &places.Place{Population: 1000, Illiteracy: 20}, &places.Place{Population: 1000, Illiteracy: 45.9}
	for _, c := range []struct {
		name      string
		place     *places.Place
		net       Network
		first     string
		best      int
		web       bool
		unreached bool
	}{
		{"data, most read", few, DataToo, WaySMS, 1000, true, false},
		{"not known, many cannot read", many, Unknown, WayVoice, 1000, true, false},
		{"no data", few, VoiceOnly, WaySMS, 1000, false, false},
		{"no data, many cannot read", many, VoiceOnly, WayVoice, 1000, false, false},
		{"nothing", many, NoNetwork, WayField, 0, false, true},
	} {
		p := r.propose(c.place, c.net)
		web := false
		for _, w := range p.Ways {
			web = web || w.Code == WayWeb
		}
		if p.Ways[0].Code != c.first || p.Best != c.best || web != c.web || p.Unreached != c.unreached {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	if text := r.propose(few, VoiceOnly).Ways[0].People; text != 800 {
		t.Errorf("of 1,000 people of whom 20 %% cannot read, a text reaches %d", text)
	}
}
