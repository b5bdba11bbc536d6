package ship

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Kinds of files.
const (
	kindWhole  = "whole"  // every page
	kindCoarse = "coarse" // what changed in an hour or so
	kindFine   = "fine"   // what changed in a few seconds
)

// file is one of those that travel. Steps are counted from 1 in each
// generation; a file leads from the state before its first step to that after
// its last.
type file struct {
	generation, kind string
	first, last      uint64
	at               time.Time // of the state after it
}

func (f file) name() string {
	return fmt.Sprintf("%s/%s-%012d-%012d-%013d.ltx.age", f.generation, f.kind, f.first, f.last, f.at.UnixMilli())
}

var named = regexp.MustCompile(`^([0-9]{8}T[0-9]{6}-[0-9a-z]{6})/(whole|coarse|fine)-([0-9]{12})-([0-9]{12})-([0-9]{13})\.ltx\.age$`)

// filesOf reads names; what is not one of ours is left alone.
func filesOf(names []string) (all []file) {
	for _, n := range names {
		m := named.FindStringSubmatch(n)
		if m == nil {
			continue
		}
		first, _ := strconv.ParseUint(m[3], 10, 64)
		last, _ := strconv.ParseUint(m[4], 10, 64)
		ms, _ := strconv.ParseInt(m[5], 10, 64)
		all = append(all, file{m[1], m[2], first, last, time.UnixMilli(ms).UTC()})
	}
	slices.SortFunc(all, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.generation, b.generation), cmp.Compare(a.last, b.last), cmp.Compare(a.first, b.first), a.at.Compare(b.at))
	})
	return all
}

// generations splits sorted files, newest first.
func generations(all []file) (out [][]file) {
	for start := 0; start < len(all); {
		end := start
		for end < len(all) && all[end].generation == all[start].generation {
			end++
		}
		out = append(out, all[start:end])
		start = end
	}
	slices.Reverse(out)
	return out
}

// plan is which files lead to the newest state not after at (zero: to the
// newest of all). A file that is missing on the way is an error that names it.
func plan(all []file, at time.Time) ([]file, error) {
	for _, g := range generations(all) {
		var base *file
		var there []file
		for i, f := range g {
			if !at.IsZero() && f.at.After(at) {
				continue
			}
			there = append(there, f)
			if f.kind == kindWhole {
				base = &g[i]
			}
		}
		if base == nil {
			if len(there) > 0 {
				return nil, fmt.Errorf("ship: the generation %s has no whole copy: the first of its files (%s-…-%012d) is missing", g[0].generation, kindWhole, there[0].last)
			}
			continue
		}
		return chain(*base, there)
	}
	if at.IsZero() {
		return nil, fmt.Errorf("ship: there is no copy here")
	}
	return nil, fmt.Errorf("ship: there is no copy from before %s here", at.UTC().Format(time.RFC3339))
}

func chain(base file, there []file) ([]file, error) {
	out := []file{base}
	for last := base.last; ; {
		var next *file
		for i, f := range there {
			// Of two that are the same step the later was confirmed, the other perhaps not.
			if f.kind != kindWhole && f.first <= last+1 && f.last > last && (next == nil || f.last >= next.last) {
				next = &there[i]
			}
		}
		if next == nil {
			for _, f := range there {
				if f.last > last {
					return nil, fmt.Errorf("ship: step %d of generation %s is missing: after it comes %s", last+1, base.generation, f.name())
				}
			}
			return out, nil
		}
		out, last = append(out, *next), next.last
	}
}

// outlived is which files nobody needs any more, in the order in which to take
// them away: cut short at any point, what is left still leads to every moment
// that it names. Fine steps end when a coarse one has covered them for fine;
// whole copies when there is one that is older than keep and newer than they.
func outlived(all []file, now time.Time, fine, keep time.Duration) (out []file) {
	for _, g := range generations(all) {
		base, newest := uint64(0), time.Time{}
		for _, f := range g {
			if f.kind == kindWhole && f.at.Before(now.Add(-keep)) {
				base = f.last
			}
			newest = later(newest, f.at)
		}
		over := newest.Before(now.Add(-keep)) && g[0].generation != all[len(all)-1].generation
		var early, covered []file
		for _, f := range g {
			switch {
			case over || f.last < base || f.last == base && f.kind != kindWhole:
				early = append(early, f)
			case f.kind == kindFine && slices.ContainsFunc(g, func(c file) bool {
				return c.kind == kindCoarse && c.first <= f.first && f.last <= c.last && c.at.Before(now.Add(-fine))
			}):
				covered = append(covered, f)
			}
		}
		slices.Reverse(covered) // else the rest of a run would want its beginning
		slices.SortStableFunc(early, func(a, b file) int { return cmp.Compare(a.last, b.last) })
		out = append(append(out, early...), covered...)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
