package reach

import (
	"bytes"
	"encoding/binary"
	"math"
)

// lineRate is how many values a second a telephone line carries.
const lineRate = 8000

// telephone brings a WAV file to what a telephone line carries.
func telephone(b []byte) (out []byte, ms int64, ok bool) {
	p, ok := readWAV(b)
	if !ok {
		return nil, 0, false
	}
	frames := len(p.data) / (p.channels * p.bits / 8)
	ms = int64(frames) * 1000 / int64(p.rate)
	if ms > mostSeconds*1000 {
		return nil, ms, true // refused by whoever asked: not worth the work
	}
	mono := make([]float64, frames)
	for i := range mono {
		for c := range p.channels {
			mono[i] += p.at(i*p.channels+c) / float64(p.channels)
		}
	}
	return wav(atLineRate(mono, p.rate)), ms, true
}

// at is one value, from -1 to 1.
func (p *pcm) at(i int) float64 {
	b := p.data[i*p.bits/8:]
	switch {
	case p.float:
		v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		if math.IsNaN(v) {
			return 0
		}
		return max(-1, min(1, v))
	case p.bits == 8:
		return (float64(b[0]) - 128) / 128
	case p.bits == 16:
		return float64(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case p.bits == 24:
		return float64(int32(b[0])<<8|int32(b[1])<<16|int32(int8(b[2]))<<24) / (1 << 31)
	}
	return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
}

// atLineRate takes, for each value of the line, the mean of what lies under it:
// enough for a voice, and nothing above the line's range is left to whistle.
func atLineRate(in []float64, rate int) []int16 {
	if rate == lineRate {
		return whole(in)
	}
	step := float64(rate) / lineRate
	out := make([]float64, int(float64(len(in))/step))
	for i := range out {
		from, to := float64(i)*step, float64(i+1)*step
		if step < 1 { // between two values
			at := int(from)
			next := min(at+1, len(in)-1)
			out[i] = in[at] + (in[next]-in[at])*(from-float64(at))
			continue
		}
		sum := 0.0
		for k := int(from); k < min(int(math.Ceil(to)), len(in)); k++ {
			sum += in[k] * (min(to, float64(k+1)) - max(from, float64(k)))
		}
		out[i] = sum / step
	}
	return whole(out)
}

func whole(in []float64) []int16 {
	out := make([]int16, len(in))
	for i, v := range in {
		out[i] = int16(math.Round(max(-1, min(1, v)) * math.MaxInt16))
	}
	return out
}

// wav is a file of such values.
func wav(values []int16) []byte {
	var b bytes.Buffer
	n := uint32(2 * len(values))
	b.WriteString("RIFF")
	for _, v := range []any{36 + n, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(lineRate), uint32(2 * lineRate), uint16(2), uint16(16), []byte("data"), n, values} {
		binary.Write(&b, binary.LittleEndian, v) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}
