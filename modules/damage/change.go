package damage

import (
	"bytes"
	"cmp"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
)

// Bounds of a picture that is compared: some 16 megapixels, a square kilometre
// and a half at a quarter of a metre.
const (
	mostPicture = 24 << 20 // bytes of a file
	mostPixels  = 16 << 20
)

// Bounds of a picture on the ground, in degrees of WGS84: its outer edges.
type bounds struct{ West, South, East, North float64 }

func (b bounds) valid() bool {
	sw, ne := geo.Point{Lat: b.South, Lon: b.West}, geo.Point{Lat: b.North, Lon: b.East}
	return sw.Valid() && ne.Valid() && b.West < b.East && b.South < b.North
}

// worldFile reads the six lines of an ESRI world file: the size of a pixel, two
// rotations, which must be none, and the middle of the pixel in the upper left
// corner. In degrees alone: what is measured in metres lies off the globe.
func worldFile(text string, width, height int) (b bounds, err error) {
	bad := fault.All{fault.New(fault.Invalid, "damage.change.world_wrong").On("world")}
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return b, bad
	}
	var x [6]float64
	for i, f := range fields {
		if x[i], err = strconv.ParseFloat(strings.ReplaceAll(f, ",", "."), 64); err != nil || math.IsNaN(x[i]) || math.IsInf(x[i], 0) {
			return b, bad
		}
	}
	if x[1] != 0 || x[2] != 0 || x[0] <= 0 || x[3] >= 0 {
		return b, bad
	}
	b = bounds{West: x[4] - x[0]/2, North: x[5] - x[3]/2}
	b.East, b.South = b.West+x[0]*float64(width), b.North+x[3]*float64(height)
	if !b.valid() {
		return b, bad
	}
	return b, nil
}

// readPicture reads a PNG as the grey of its pixels.
func readPicture(raw []byte, field string) (*image.Gray, error) {
	size, err := png.DecodeConfig(bytes.NewReader(raw))
	switch {
	case err != nil:
		return nil, fault.All{fault.New(fault.Invalid, "damage.change.not_png").On(field)}
	case size.Width < 1 || size.Height < 1 || size.Width*size.Height > mostPixels:
		return nil, fault.All{fault.New(fault.Invalid, "damage.change.too_large", "most", mostPixels>>20).On(field)}
	}
	full, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fault.All{fault.New(fault.Invalid, "damage.change.not_png").On(field)}
	}
	grey := image.NewGray(image.Rect(0, 0, size.Width, size.Height))
	at := full.Bounds().Min
	for y := range size.Height {
		for x := range size.Width {
			grey.SetGray(x, y, color.GrayModel.Convert(full.At(at.X+x, at.Y+y)).(color.Gray))
		}
	}
	return grey, nil
}

// Cell is a square of the grid that differs between the pictures, and how much:
// 0 not at all, 1 from black to white.
type Cell struct {
	X, Y  int // column and row, from the upper left
	Score float64
}

var errSizes = errors.New("damage: the pictures are not of one size")

// compare finds the cells that changed. The later picture is given the greys of
// the earlier one first (histogram matching: another sun, another sensor), then
// each cell scores the mean of |a−b| / (a+b) over its pixels, a normalised
// difference. A cell changed when it scores at least so much, and so many times
// what usual cells of this pair do: the median of all and how far cells stray
// from it (median absolute deviation), which a few changed cells do not move.
func (r *Rules) compare(before, after *image.Gray) ([]Cell, error) {
	if before.Bounds() != after.Bounds() {
		return nil, errSizes
	}
	side := r.Change.Cell
	w, h := before.Bounds().Dx(), before.Bounds().Dy()
	match := matching(before, after)
	var all []Cell
	for cy := 0; cy*side < h; cy++ {
		for cx := 0; cx*side < w; cx++ {
			sum, n := 0.0, 0
			for y := cy * side; y < min(h, (cy+1)*side); y++ {
				for x := cx * side; x < min(w, (cx+1)*side); x++ {
					a, b := float64(before.GrayAt(x, y).Y), match[after.GrayAt(x, y).Y]
					sum, n = sum+math.Abs(a-b)/(a+b+16), n+1 // 16: the noise of black is no change
				}
			}
			all = append(all, Cell{cx, cy, sum / float64(n)})
		}
	}
	usual, stray := spreadOf(all)
	least := max(r.Change.Least, usual+r.Change.Noise*stray)
	changed := slices.DeleteFunc(all, func(c Cell) bool { return c.Score < least })
	slices.SortStableFunc(changed, func(a, b Cell) int { return cmp.Compare(b.Score, a.Score) })
	return changed, nil
}

// matching is which grey of the earlier picture each grey of the later one
// stands for: the one below which the same share of pixels lies. Greys that few
// pixels have, at both ends, follow the line of the others: what is new is often
// lighter or darker than all there was, and must not be folded back into it.
func matching(before, after *image.Gray) (out [256]float64) {
	var a, b [256]int
	for _, p := range before.Pix {
		a[p]++
	}
	for _, p := range after.Pix {
		b[p]++
	}
	low, high := 0, -1 // of the greys that matter
	j, below, reached := 0, 0, a[0]
	for i := range out {
		middle := below + b[i]/2 // of the pixels of this grey
		below += b[i]
		for j < 255 && reached <= middle {
			j++
			reached += a[j]
		}
		out[i] = float64(j)
		if below*tail <= len(after.Pix) {
			low = min(i+1, 255)
		}
		if high < 0 && (len(after.Pix)-below)*tail <= len(after.Pix) {
			high = i
		}
	}
	slope := 1.0
	if high > low {
		slope = max(.25, min(4, (out[high]-out[low])/float64(high-low)))
	}
	for i := range out {
		switch {
		case i < low:
			out[i] = max(0, out[low]-slope*float64(low-i))
		case i > high:
			out[i] = min(255, out[high]+slope*float64(i-high))
		}
	}
	return out
}

// tail: one pixel in so many, at each end, is too few to be matched by itself.
const tail = 50

func spreadOf(all []Cell) (median, deviation float64) {
	scores := make([]float64, len(all))
	for i, c := range all {
		scores[i] = c.Score
	}
	slices.Sort(scores)
	median = scores[len(scores)/2]
	for i, s := range scores {
		scores[i] = math.Abs(s - median)
	}
	slices.Sort(scores)
	return median, scores[len(scores)/2]
}

// onGround are changed cells as the areas of a layer, each with its score.
func (r *Rules) onGround(cells []Cell, b bounds, width, height int) []Feature {
	dx, dy := (b.East-b.West)/float64(width), (b.North-b.South)/float64(height)
	side := float64(r.Change.Cell)
	var out []Feature
	for _, c := range cells {
		west, north := b.West+float64(c.X)*side*dx, b.North-float64(c.Y)*side*dy
		east, south := min(b.East, west+side*dx), max(b.South, north-side*dy)
		out = append(out, Feature{Props: map[string]string{"score": strconv.FormatFloat(c.Score, 'f', 3, 64)},
			Rings: [][]geo.Point{{{Lat: north, Lon: west}, {Lat: north, Lon: east}, {Lat: south, Lon: east}, {Lat: south, Lon: west}}}})
	}
	return out
}
