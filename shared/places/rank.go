package places

// lift gives a commune the rank of the douar in it that bears its name: who says
// the name alone may mean either, and both lie there. And it gives the town the
// rank of the province that is named after it: nobody sends help to a province.
func (q *query) lift() {
	for i := range q.room.best {
		w := &q.room.best[i]
		if w.labelled {
			continue
		}
		switch w.Place.Kind {
		case Douar:
			if c := q.of(w.Place.up[levelOf(Commune)]); c != nil && c.named >= 0.75 && c.from == w.from && c.to == w.to {
				c.Score, c.named = max(c.Score, w.Score-0.001), max(c.named, w.named)
			}
		case Commune:
			if p := q.of(w.Place.up[levelOf(Province)]); p != nil && w.named >= 0.85 && p.from == w.from && p.to == w.to && p.named <= w.named+0.15 {
				w.Score = max(w.Score, p.Score)
				p.less = max(p.less, p.Place.prior-w.Place.prior+0.001)
			}
		}
	}
}

// stepBack puts a wider place behind the finer one it was named to tell apart:
// it leaves the list when the finer one is certain.
func (q *query) stepBack() {
	for level := len(kinds) - 1; level > 0; level-- {
		for i := range q.room.best {
			w := &q.room.best[i]
			if w.gone || w.Place.Kind != kinds[level] {
				continue
			}
			for _, parent := range w.Inside {
				wide := q.of(parent)
				if wide == nil || wide.gone || w.named < sound || !w.Place.in(parent) {
					continue
				}
				if w.named >= strong {
					wide.gone = true
				} else if wide.Score >= w.Score {
					wide.Score = w.Score - 0.01
					wide.less = max(wide.less, wide.Place.prior-w.Place.prior)
				}
			}
		}
	}
}
