package story

import "slices"

// load fills the manifest: what each stop needs and a little more, then what
// was given, lost on the way, brought back, or is still aboard.
func (f *field) load(m *Mission) {
	var lines []Line
	line := func(good string) *Line {
		i := slices.IndexFunc(lines, func(l Line) bool { return l.Good == good })
		if i < 0 {
			lines, i = append(lines, Line{Good: good}), len(lines)
		}
		return &lines[i]
	}
	for i := range m.Stops {
		stop := &m.Stops[i]
		q := f.s.Requests[stop.Request]
		for _, want := range f.wants(m.Team, q) {
			l := line(want.Good)
			l.Loaded += want.Units
			if stop.Arrived == 0 {
				l.Aboard += want.Units
				continue
			}
			given := want.Units
			if q.Fate == Partly {
				given = (given + 1) / 2
			}
			stop.Given = append(stop.Given, Quantity{want.Good, given})
			l.Delivered += given
			l.Aboard += want.Units - given
		}
	}
	for _, g := range f.tools(m.Team) {
		l := line(g)
		l.Loaded = 2 + f.r.IntN(3)
		l.Aboard = l.Loaded
	}
	for i := range lines {
		f.close(&lines[i], m.Back != 0)
	}
	m.Manifest = lines
}

// close adds a reserve, loses a unit now and then, and unloads a team that is
// back.
func (f *field) close(l *Line, back bool) {
	if tool := f.good(l.Good).Returns; !tool {
		reserve := f.r.IntN(2 + l.Loaded/8)
		l.Loaded += reserve
		l.Aboard += reserve
		if l.Aboard > 0 && f.r.Float64() < 0.15 {
			l.Lost = 1 + f.r.IntN(min(3, l.Aboard))
			l.Aboard -= l.Lost
			l.LostWhy = pick(f.r, []string{"broken", "wet", "road", "spoiled"}, []float64{4, 3, 2, 2})
		}
	}
	if back {
		l.Returned, l.Aboard = l.Aboard, 0
	}
}

// wants is what the people of a request need of what this team brings. A big
// hamlet gets a first load, not all at once.
func (f *field) wants(team int, q Request) []Quantity {
	const firstLoad = 60 // people
	var all []Quantity
	for _, g := range f.s.Goods {
		if g.Returns || !slices.Contains(q.Needs, g.Need) || !slices.Contains(f.s.Teams[team].Serves, g.Need) {
			continue
		}
		if g.Only != "" && !slices.Contains(q.Fragile, g.Only) {
			continue
		}
		all = append(all, Quantity{g.Key, (min(q.People, firstLoad) + g.For - 1) / g.For})
	}
	return all
}

// tools are the goods a team takes along and brings home again.
func (f *field) tools(team int) []string {
	var all []string
	for _, g := range f.s.Goods {
		if g.Returns && slices.Contains(f.s.Teams[team].Serves, g.Need) {
			all = append(all, g.Key)
		}
	}
	return all
}

func (f *field) good(key string) Good {
	return f.s.Goods[slices.IndexFunc(f.s.Goods, func(g Good) bool { return g.Key == key })]
}
