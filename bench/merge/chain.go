package merge

import "github.com/twiza/twiza/shared/linkage"

// chain is what a dispatcher lives to see: each report that comes is held against
// those before it, and where the best of them is very likely one need with it, it
// joins the case of that one. A case grows voice by voice, so two reports that
// nobody would put together are one through a third.
//
// All pairs within a case count as called one need, wrong ones that a wrong join
// brought among them. Wrong is how many joined a case that was begun by another
// need.
func (n *Night) chain(all []judged) Score {
	s := Score{Way: "joined one by one", Of: "all", Reports: len(n.Requests)}
	best := map[int]judged{}
	for _, j := range all {
		if b, ok := best[j.A]; j.Band == linkage.VeryLikely && (!ok || j.Probability > b.Probability) {
			best[j.A] = j
		}
	}
	begun, cases, events := make([]int, len(n.Requests)), make([][]int, len(n.Requests)), map[int]int{}
	for i, q := range n.Requests {
		begun[i] = i
		if b, ok := best[i]; ok {
			begun[i] = begun[b.B]
		}
		lead, right := begun[i], 0
		for _, j := range cases[lead] {
			if n.one(Pair{i, j}) {
				right++
			}
		}
		s.Pairs, s.Right, s.True = s.Pairs+len(cases[lead]), s.Right+right, s.True+events[q.Event]
		if events[q.Event] > 0 {
			s.Later++
		}
		if right > 0 {
			s.Led++
		}
		if !n.one(Pair{i, lead}) {
			s.Wrong++
			if q.Home != n.Requests[lead].Home {
				s.Family++
			}
		}
		cases[lead] = append(cases[lead], i)
		events[q.Event]++
	}
	return s
}
