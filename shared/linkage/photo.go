package linkage

import (
	"image"
	"math/bits"
)

// PhotoHash is what a picture looks like in 64 bits, dHash after Krawetz (2013):
// it is shrunk to nine by eight grey squares, and each bit says whether a square
// is brighter than the one to its right. The same picture sent through another
// application, smaller and compressed again, differs in a few bits; another one
// in some 32. A plain picture, all of one brightness, is 0 and is like nothing.
func PhotoHash(img image.Image) uint64 {
	const wide, high = 9, 8
	b := img.Bounds()
	if b.Dx() < 1 || b.Dy() < 1 {
		return 0
	}
	var grey [high][wide]float64
	for y := range high {
		for x := range wide {
			grey[y][x] = brightness(img, image.Rect(
				b.Min.X+x*b.Dx()/wide, b.Min.Y+y*b.Dy()/high,
				b.Min.X+max((x+1)*b.Dx()/wide, x*b.Dx()/wide+1), b.Min.Y+max((y+1)*b.Dy()/high, y*b.Dy()/high+1)))
		}
	}
	var hash uint64
	for y := range high {
		for x := range wide - 1 {
			hash <<= 1
			if grey[y][x] > grey[y][x+1]+level {
				hash |= 1
			}
		}
	}
	return hash
}

const (
	level   = 256 // of 65,535: differences below are grain, not picture
	samples = 16  // a side: a square is read at no more points than 16 by 16
)

// brightness is the mean luma (ITU-R BT.601) of a part of a picture.
func brightness(img image.Image, r image.Rectangle) (mean float64) {
	stepX, stepY := max(1, r.Dx()/samples), max(1, r.Dy()/samples)
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y += stepY {
		for x := r.Min.X; x < r.Max.X; x += stepX {
			red, green, blue, _ := img.At(x, y).RGBA()
			mean += 0.299*float64(red) + 0.587*float64(green) + 0.114*float64(blue)
			n++
		}
	}
	return mean / float64(max(1, n))
}

// alike is how many bits part the nearest two pictures, 64 when there are none.
func alike(a, b []uint64) int {
	least := 64
	for _, p := range a {
		for _, q := range b {
			if p != 0 && q != 0 {
				least = min(least, bits.OnesCount64(p^q))
			}
		}
	}
	return least
}
