package replay

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Figures are what a night is judged by.
type Figures struct {
	Arm             string
	DeskPer100      time.Duration // worked at desks for a hundred requests
	Served, Sites   int
	Median, Slowest time.Duration // from the first telling until help stands at the door; the nine-tenths point
	RescueMedian    time.Duration
	RescueSlowest   time.Duration
	Sure            int
	SureMedian      time.Duration // until the people said that it came
	SureSlowest     time.Duration
	Waiting         int // people unserved after 24 hours
	People          int
	Trips, Visits   int
	ForNone, Lost   int
	Acts            map[string]int
	Worst           []Gap
}

// Gap is the worst group beside the best, of those with enough needs.
type Gap struct {
	By          string
	Worst, Best string
	Slow, Fast  time.Duration
}

// least is how many needs a group must have to be compared.
const least = 30

// Figures reckons a result. A need that nobody served counts as served at the end
// of the time that was replayed, or later: it stands in every median.
func (r Result) Figures(requests int, horizon time.Duration) Figures {
	f := Figures{Arm: r.Arm, Sites: len(r.Sites), Trips: r.Trips, Visits: r.Visits, ForNone: r.ForNone, Lost: r.Lost, Acts: r.Acts,
		DeskPer100: r.Desk * 100 / time.Duration(max(1, requests))}
	var all, rescue, sure []time.Duration
	by := map[string]map[string][]time.Duration{"channel": {}, "language": {}, "commune": {}}
	for _, s := range r.Sites {
		wait, known := horizon-s.First, horizon-s.First
		if s.Served >= 0 {
			wait = s.Served - s.First
			f.Served++
		}
		if s.Sure >= 0 {
			known = s.Sure - s.First
			f.Sure++
		}
		all, sure = append(all, wait), append(sure, known)
		if s.Rescue {
			rescue = append(rescue, wait)
		}
		f.People += s.People
		if s.Served < 0 || s.Served > s.First+24*time.Hour {
			f.Waiting += s.People
		}
		for k, group := range map[string]string{"channel": s.Channel, "language": s.Lang, "commune": s.Commune} {
			by[k][group] = append(by[k][group], wait)
		}
	}
	f.Median, f.Slowest = at(all, 0.5), at(all, 0.9)
	f.RescueMedian, f.RescueSlowest = at(rescue, 0.5), at(rescue, 0.9)
	f.SureMedian, f.SureSlowest = at(sure, 0.5), at(sure, 0.9)
	for _, k := range []string{"channel", "language", "commune"} {
		if g, ok := gap(k, by[k]); ok {
			f.Worst = append(f.Worst, g)
		}
	}
	return f
}

func gap(by string, groups map[string][]time.Duration) (g Gap, ok bool) {
	type one struct {
		name string
		half time.Duration
	}
	var all []one
	for name, waits := range groups {
		if len(waits) >= least {
			all = append(all, one{name, at(waits, 0.5)})
		}
	}
	if len(all) < 2 {
		return g, false
	}
	slices.SortFunc(all, func(x, y one) int { return cmp.Or(cmp.Compare(x.half, y.half), strings.Compare(x.name, y.name)) })
	best, worst := all[0], all[len(all)-1]
	return Gap{by, worst.name, best.name, worst.half, best.half}, true
}

// at is the value below which that share lies.
func at(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[min(len(all)-1, int(share*float64(len(all))))]
}

// Write prints figures side by side, the house first.
func Write(w io.Writer, all []Figures) {
	row := func(name string, value func(Figures) string) {
		fmt.Fprintf(w, "%-58s", name)
		for _, f := range all {
			fmt.Fprintf(w, "%22s", value(f))
		}
		fmt.Fprintln(w)
	}
	hours := func(d time.Duration) string { return fmt.Sprintf("%d h %02d", int(d.Hours()), int(d.Minutes())%60) }
	row("", func(f Figures) string { return f.Arm })
	row("minutes at desks per 100 requests", func(f Figures) string { return fmt.Sprintf("%.1f", f.DeskPer100.Minutes()) })
	row("needs served, of all", func(f Figures) string { return fmt.Sprintf("%d of %d", f.Served, f.Sites) })
	row("from telling to help: half", func(f Figures) string { return hours(f.Median) })
	row("from telling to help: nine in ten", func(f Figures) string { return hours(f.Slowest) })
	row("people under rubble: half", func(f Figures) string { return hours(f.RescueMedian) })
	row("people under rubble: nine in ten", func(f Figures) string { return hours(f.RescueSlowest) })
	row("help confirmed by its people", func(f Figures) string { return fmt.Sprintf("%d", f.Sure) })
	row("from telling to confirmed help: half", func(f Figures) string { return hours(f.SureMedian) })
	row("from telling to confirmed help: nine in ten", func(f Figures) string { return hours(f.SureSlowest) })
	row("people unserved 24 hours after they told, of all", func(f Figures) string { return fmt.Sprintf("%d of %d", f.Waiting, f.People) })
	row("journeys, visits", func(f Figures) string { return fmt.Sprintf("%d, %d", f.Trips, f.Visits) })
	row("visits where others had been before", func(f Figures) string {
		return fmt.Sprintf("%d (%.0f %%)", f.ForNone, 100*float64(f.ForNone)/float64(max(1, f.Visits)))
	})
	row("visits that found nobody", func(f Figures) string { return fmt.Sprint(f.Lost) })
	for i, g := range all[0].Worst {
		row("slowest "+g.By+" beside the fastest (halves)", func(f Figures) string {
			if i >= len(f.Worst) {
				return "-"
			}
			g := f.Worst[i]
			return fmt.Sprintf("%s %.1f : %s %.1f h", g.Worst, g.Slow.Hours(), g.Best, g.Fast.Hours())
		})
	}
	for _, f := range all {
		kinds := make([]string, 0, len(f.Acts))
		for k := range f.Acts {
			kinds = append(kinds, k)
		}
		slices.Sort(kinds)
		for i, k := range kinds {
			kinds[i] = fmt.Sprintf("%d × %s", f.Acts[k], k)
		}
		fmt.Fprintf(w, "%s, at desks: %s\n", f.Arm, strings.Join(kinds, ", "))
	}
}
