package reach

import (
	"math"

	"github.com/twiza/twiza/shared/places"
)

// Network is what can be used in a place.
type Network string

const (
	Unknown   Network = ""      // nobody has said: taken for what the country's survey says
	DataToo   Network = "data"  // telephone and data
	VoiceOnly Network = "voice" // telephone and text messages, no data
	NoNetwork Network = "none"
)

// Ways to tell something to everybody in a place.
const (
	WayWeb   = "web"
	WaySMS   = "sms"
	WayVoice = "voice"
	WayField = "field" // somebody goes there
)

// Proposal is how to reach the people of a place, the best way first, and how
// many each way reaches by the census and the survey of equipment: an
// estimate, and said to be one.
type Proposal struct {
	Ways      []Way
	Best      int  // people whom the best way reaches
	People    int  // of the census
	Unreached bool // too few are reached without going there
}

// Way is one of them.
type Way struct {
	Code   string
	People int
}

// propose weighs the ways for one place: who cannot read is reached by a voice,
// who has no data by telephone, and where nothing works somebody goes
// (requirements C01, B01).
func (r *Rules) propose(p *places.Place, n Network) Proposal {
	reads := 1 - p.Illiteracy/100
	of := func(share float64) int { return int(math.Round(float64(p.Population) * share)) }
	out := Proposal{People: p.Population}
	phone, data := r.Equipment.Mobile/100, r.Equipment.Internet/100
	if n == NoNetwork {
		phone = 0
	}
	if n == NoNetwork || n == VoiceOnly {
		data = 0
	}
	text, voice, web := Way{WaySMS, of(phone * reads)}, Way{WayVoice, of(phone)}, Way{WayWeb, of(data * reads)}
	switch {
	case phone == 0:
	case p.Illiteracy >= r.Plan.VoiceFirst:
		out.Ways = append(out.Ways, voice, text)
	default:
		out.Ways = append(out.Ways, text, voice)
	}
	if data > 0 {
		out.Ways = append(out.Ways, web)
	}
	for _, w := range out.Ways {
		out.Best = max(out.Best, w.People)
	}
	out.Unreached = p.Population > 0 && out.Best*100 < p.Population*r.Plan.Unreached
	if out.Unreached || len(out.Ways) == 0 {
		out.Ways = append([]Way{{WayField, p.Population}}, out.Ways...)
	} else {
		out.Ways = append(out.Ways, Way{WayField, p.Population})
	}
	return out
}
