package places

import (
	"fmt"
	"math"
	"strings"
)

// harm shades the neighbourhood of each commune that was hit, one path for each
// level: the worse it is, the darker and the wider. Words beside the map say it too.
func (d *drawing) harm(of map[string]int) {
	if len(of) == 0 {
		return
	}
	var paths [5]strings.Builder
	for _, p := range d.g.byKind[Commune] {
		level := of[p.Code]
		if level < 1 || level >= len(paths) || !d.seen(p) {
			continue
		}
		x, y := d.xy(p.At)
		r := int(math.Round(float64(8+2*level) * d.unit))
		fmt.Fprintf(&paths[level], "M%d %da%d %d 0 1 0 %d 0a%d %d 0 1 0 %d 0", x-r, y, r, r, 2*r, r, r, -2*r)
	}
	for level := range paths {
		if paths[level].Len() > 0 {
			fmt.Fprintf(d, `<path class="hm h%d" d="%s"/>`, level, paths[level].String())
		}
	}
}
