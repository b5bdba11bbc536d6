package intake

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
)

//go:embed requests.json
var sample []byte

// asked is the workload as data: what people ask for, and in what words.
var asked = func() (a struct {
	Service string
	Needs   [][]string
	Words   []string
}) {
	if err := json.Unmarshal(sample, &a); err != nil {
		panic(err) // the file is in the binary and a test reads it
	}
	return a
}()

// spread turns 0, 1, 2 … into numbers that look drawn, the same ones in every
// run (the finisher of SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
func spread(n int64) uint64 {
	z := uint64(n)*0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// again is one caller in so many who has asked before, from the same phone.
const again = 20

// body is the n-th request: a place, needs, people, a phone and some two
// hundred characters of own words.
func body(n int64, places []string) []byte {
	who := n
	if n%again == again-1 {
		who = n / 2
	}
	r := spread(n)
	pick := func(of int) int {
		i := int(r % uint64(of))
		r = spread(int64(r))
		return i
	}
	b, err := json.Marshal(map[string]any{
		"service": asked.Service,
		"lang":    "ar",
		"answers": map[string]any{
			"for_whom": "self",
			"need":     asked.Needs[pick(len(asked.Needs))],
			"where":    map[string]any{"code": places[pick(len(places))]},
			"people":   1 + pick(9),
			"words":    fmt.Sprintf("%s (%d)", asked.Words[pick(len(asked.Words))], n),
			"phone":    fmt.Sprintf("06%08d", spread(who)%100_000_000),
		},
	})
	if err != nil {
		panic(err) // plain strings and numbers
	}
	return b
}

// addresses is from how many addresses the callers come. The door takes 600
// requests a minute from each, which stays as it is: the house is started as
// one behind a proxy, and the callers are told apart by what a proxy says.
const addresses = 16_384

// requests makes POSTs of this house's own sequence.
func (s *server) requests(places []string) func([]byte, int64) []byte {
	return func(to []byte, n int64) []byte {
		text := body(n, places)
		a := n % addresses
		to = append(to, "POST /api/v1/requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Forwarded-For: 10.0."...)
		to = strconv.AppendInt(to, a>>8&255, 10)
		to = append(to, '.')
		to = strconv.AppendInt(to, a&255, 10)
		to = append(to, "\r\nContent-Length: "...)
		to = strconv.AppendInt(to, int64(len(text)), 10)
		to = append(to, "\r\n\r\n"...)
		return append(to, text...)
	}
}

func helloRequest(to []byte, _ int64) []byte {
	return append(to, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"...)
}
