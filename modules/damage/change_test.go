package damage

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
)

// village draws roofs on a slope, as a picture from above, under a sun: gain and
// lift are how it lights the ground, noise what its sensor adds. Houses that fell
// are a heap of light and dark.
func village(seed uint64, size int, fallen map[int]bool, gain, lift, noise float64) *image.Gray {
	p := image.NewGray(image.Rect(0, 0, size, size))
	ground, sensor := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, uint64(gain*1000)+7))
	grey := make([]float64, size*size)
	for y := range size {
		for x := range size {
			grey[y*size+x] = 90 + 30*math.Sin(float64(x)/37) + 20*math.Cos(float64(y)/23) + 6*ground.NormFloat64()
		}
	}
	for n := range houses(size) {
		at := house16(n, size)
		roof := 140 + 60*ground.Float64()
		rubble := rand.New(rand.NewPCG(seed, uint64(n)))
		for y := at.Min.Y; y < at.Max.Y; y++ {
			for x := at.Min.X; x < at.Max.X; x++ {
				grey[y*size+x] = roof + 4*ground.NormFloat64()
				if fallen[n] {
					grey[y*size+x] = 30 + 70*rubble.Float64()
				}
			}
		}
	}
	for i, g := range grey {
		p.Pix[i] = uint8(max(0, min(255, g*gain+lift+noise*sensor.NormFloat64())))
	}
	return p
}

// houses stand on every third square of the grid, in both directions.
func houses(size int) int { k := size / 48; return k * k }

func house16(n, size int) image.Rectangle {
	k := size / 48
	x, y := (n%k)*48+16, (n/k)*48+16
	return image.Rect(x, y, x+16, y+16)
}

func TestHousesThatFellBetweenTwoPicturesAreFound(t *testing.T) {
	t.Parallel()
	r := moroccan(t)
	const size = 480
	fallen := map[int]bool{}
	for n := range houses(size) {
		fallen[n] = n%4 == 0
	}
	before := village(7, size, nil, 1, 0, 3)
	after := village(7, size, fallen, 0.8, 25, 3) // another sun, another sensor
	cells, err := r.compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	right, wanted := 0, 0
	for n := range houses(size) {
		if fallen[n] {
			wanted++
		}
	}
	for _, c := range cells {
		if (c.X-1)%3 == 0 && (c.Y-1)%3 == 0 && fallen[(c.Y-1)/3*(size/48)+(c.X-1)/3] {
			right++
		}
	}
	precision, recall := float64(right)/float64(max(1, len(cells))), float64(right)/float64(wanted)
	t.Logf("%d of %d fallen houses found, %d cells marked: precision %.2f, recall %.2f", right, wanted, len(cells), precision, recall)
	if precision < 0.95 || recall < 0.95 {
		t.Errorf("precision %.2f, recall %.2f", precision, recall)
	}
	for i := range cells[1:] {
		if cells[i].Score < cells[i+1].Score {
			t.Fatal("the cells are not in order")
		}
	}
}

// What is new is darker or lighter than all there was: it must not be folded
// back into the greys of the earlier picture.
func TestOneHouseThatFellAmongAHundredIsFound(t *testing.T) {
	t.Parallel()
	r := moroccan(t)
	cells, err := r.compare(village(3, 480, nil, 1, 0, 3), village(3, 480, map[int]bool{55: true}, .9, 10, 3))
	if err != nil || len(cells) != 1 || cells[0].X != 55%10*3+1 || cells[0].Y != 55/10*3+1 {
		t.Errorf("%+v (%v)", cells, err)
	}
}

func TestTwoPicturesOfTheSameGroundUnderAnotherSunShowNoChange(t *testing.T) {
	t.Parallel()
	r := moroccan(t)
	for seed := range uint64(4) {
		cells, err := r.compare(village(seed, 480, nil, 1, 0, 3), village(seed, 480, nil, 0.7, 40, 4))
		if err != nil || len(cells) > 0 {
			t.Errorf("ground %d: %d cells changed (%v)", seed, len(cells), err)
		}
	}
}

func encoded(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPairBecomesADraftThatAPersonMustAccept(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		p, _ := x.places.Get(ighil)
		before, after := encoded(t, village(7, 480, nil, 1, 0, 3)), encoded(t, village(7, 480, map[int]bool{0: true, 5: true, 9: true, 44: true}, 1, 0, 3))
		typed := url.Values{}
		for name, v := range map[string]float64{"west": p.At.Lon - .002, "east": p.At.Lon + .002, "south": p.At.Lat - .002, "north": p.At.Lat + .002} {
			typed.Set(name, fmt.Sprintf("%.6f", v))
		}
		all, err := x.Pair(x.ctx, before, after, "", typed)
		x.must(err)
		lid, _, err := x.Bring(x.ctx, x.cell, layer(Change), append(before, after...), all)
		x.must(err)
		if x.fresh(); x.level(ighil) != 0 {
			t.Fatal("what a program saw counts before a person looked")
		}
		x.must(x.Accept(x.ctx, x.cell, lid))
		if x.fresh(); x.level(ighil) < 1 || x.level(ighil) > 2 {
			t.Fatalf("a change is of level %d", x.level(ighil))
		}
		world := fmt.Sprintf("%.9f\n0\n0\n%.9f\n%.9f\n%.9f\n", .004/480, -.004/480, p.At.Lon-.002+.002/480, p.At.Lat+.002-.002/480)
		same, err := x.Pair(x.ctx, before, after, world, nil)
		if x.must(err); len(same) != len(all) || math.Abs(same[0].Rings[0][0].Lat-all[0].Rings[0][0].Lat) > 1e-5 {
			t.Fatalf("the world file places it elsewhere: %v, %v", same[0].Rings, all[0].Rings)
		}
	})
}

func TestPicturesThatCannotBeComparedAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	small, large := encoded(t, village(1, 96, nil, 1, 0, 0)), encoded(t, village(1, 144, nil, 1, 0, 0))
	bounds := url.Values{"west": {"-8.4"}, "east": {"-8.3"}, "south": {"31"}, "north": {"31.1"}}
	huge := image.NewGray(image.Rect(0, 0, 8192, 2049))
	for i := range huge.Pix {
		huge.Pix[i] = 1
	}
	for _, row := range []struct {
		a, b  []byte
		world string
		v     url.Values
		want  []string
	}{
		{small, large, "", bounds, []string{"damage.change.sizes"}}, {small, small, "", bounds, []string{"damage.change.none"}}, {small, []byte("GIF89a"), "", bounds, []string{"damage.change.not_png"}},
		{[]byte("x"), []byte("y"), "", bounds, []string{"damage.change.not_png", "damage.change.not_png"}}, {small, small, "1 2 3", bounds, []string{"damage.change.world_wrong"}},
		{small, small, "30 0 0 -30 252000 71000", bounds, []string{"damage.change.world_wrong"}}, {small, small, "", url.Values{"west": {"-8.3"}, "east": {"-8.4"}, "south": {"31"}, "north": {"31.1"}}, []string{"damage.change.bounds_wrong"}},
		{encoded(t, huge), small, "", bounds, []string{"damage.change.too_large"}}, {small[:len(small)/2], small, "", bounds, []string{"damage.change.not_png"}},
	} {
		_, err := x.Pair(x.ctx, row.a, row.b, row.world, row.v)
		if got := keysOf(err); !slices.Equal(got, row.want) {
			t.Errorf("want %v, got %v (%v)", row.want, got, err)
		}
	}
}
