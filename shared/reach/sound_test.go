package reach

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/twiza/twiza/base/fault"
)

// toneFile is a WAV file of a tone of 440 Hz.
func toneFile(rate, channels, bits, ms int) []byte {
	var data bytes.Buffer
	frames := rate * ms / 1000
	for i := range frames {
		v := math.Sin(2 * math.Pi * 440 * float64(i) / float64(rate))
		for range channels {
			switch bits {
			case 8:
				data.WriteByte(byte(128 + 100*v))
			case 16:
				binary.Write(&data, binary.LittleEndian, int16(30000*v))
			case 24:
				n := uint32(int32(7_000_000 * v))
				data.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, x := range []any{uint32(36 + data.Len()), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(channels), uint32(rate), uint32(rate * channels * bits / 8), uint16(channels * bits / 8), uint16(bits), []byte("data"), uint32(data.Len()), data.Bytes()} {
		binary.Write(&b, binary.LittleEndian, x)
	}
	return b.Bytes()
}

// oggFile is the head of an Ogg file and its last page.
func oggFile(codec string, values uint64) []byte {
	page := func(at uint64, body []byte) []byte {
		b := append([]byte("OggS\x00\x02"), make([]byte, 20)...)
		binary.LittleEndian.PutUint64(b[6:], at)
		return append(append(b, 1, byte(len(body))), body...)
	}
	head := append([]byte(codec), make([]byte, 30)...)
	if codec == "\x01vorbis" {
		binary.LittleEndian.PutUint32(head[12:], 16000)
	}
	return append(page(0, head), page(values, []byte("sound"))...)
}

// mp3File is as many frames of MPEG-1 layer III, 64 kbit/s at 44,100 Hz: 208
// bytes and 26 ms each.
func mp3File(frames int) []byte {
	frame := append([]byte{0xff, 0xfb, 0x50, 0xc4}, make([]byte, 204)...)
	return append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), bytes.Repeat(frame, frames)...)
}

func TestAnyWAVFileBecomesWhatATelephoneLineCarries(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ rate, channels, bits int }{{8000, 1, 16}, {44100, 2, 16}, {48000, 1, 24}, {16000, 1, 16}, {11025, 1, 8}, {6000, 1, 16}} {
		s, err := ReadSound(toneFile(x.rate, x.channels, x.bits, 900))
		if err != nil {
			t.Errorf("%v: %v", x, err)
			continue
		}
		p, ok := readWAV(s.Body)
		if !ok || p.rate != 8000 || p.channels != 1 || p.bits != 16 || s.Seconds != 1 || s.Ext() != "wav" {
			t.Errorf("%v became %d Hz, %d channels, %d bits, %d seconds", x, p.rate, p.channels, p.bits, s.Seconds)
		}
		if n := len(p.data) / 2; n < 7150 || n > 7210 {
			t.Errorf("%v became %d values", x, n)
		}
		// The tone is still the tone: it crosses zero 880 times a second.
		crossed, last := 0, int16(0)
		for i := 0; i+1 < len(p.data); i += 2 {
			v := int16(binary.LittleEndian.Uint16(p.data[i:]))
			if last < 0 && v >= 0 || last > 0 && v <= 0 {
				crossed++
			}
			last = v
		}
		if crossed < 780 || crossed > 800 {
			t.Errorf("%v crosses zero %d times in 0.9 seconds", x, crossed)
		}
	}
}

func TestASoundIsKnownByItsBytesAndNotByItsName(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		body    []byte
		ext     string
		seconds int
	}{
		"opus":   {oggFile("OpusHead", 48000*3), "opus", 3},
		"vorbis": {oggFile("\x01vorbis", 16000*4), "ogg", 4},
		"mp3":    {mp3File(100), "mp3", 3},
		"unsaid": {oggFile("OpusHead", math.MaxUint64), "opus", 0},
	} {
		s, err := ReadSound(x.body)
		if err != nil || s.Ext() != x.ext || s.Seconds != x.seconds || !bytes.Equal(s.Body, x.body) {
			t.Errorf("%s: %s of %d seconds, %v", name, s.Ext(), s.Seconds, err)
		}
	}
	for name, x := range map[string]struct {
		body []byte
		key  string
	}{
		"nothing":          {nil, "reach.prompt.choose"},
		"a page":           {[]byte("<!doctype html><script>alert(1)</script>"), "reach.prompt.not_sound"},
		"a picture":        {[]byte("\x89PNG\r\n\x1a\n0000000000000000"), "reach.prompt.not_sound"},
		"half a head":      {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), "reach.prompt.not_sound"},
		"other Ogg":        {oggFile("\x80theora", 48000), "reach.prompt.not_sound"},
		"one frame":        {mp3File(1), "reach.prompt.not_sound"},
		"a megabyte":       {make([]byte, 1<<20), "reach.prompt.too_large"},
		"a minute and one": {oggFile("OpusHead", 48000*61), "reach.prompt.too_long"},
		"long and slow":    {toneFile(8000, 1, 8, 61000), "reach.prompt.too_long"},
	} {
		_, err := ReadSound(x.body)
		f, ok := err.(*fault.Fault)
		if !ok || f.Key != x.key || f.Field != "sound" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadSound(f *testing.F) {
	f.Add(toneFile(44100, 2, 24, 20))
	f.Add(oggFile("OpusHead", 4800))
	f.Add(mp3File(3))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadSound(b)
		if err == nil && (len(s.Body) == 0 || s.Seconds < 0 || s.Seconds > mostSeconds) {
			t.Errorf("%s of %d bytes and %d seconds", s.Media, len(s.Body), s.Seconds)
		}
		if again, err := ReadSound(s.Body); s.Media == mediaWAV && len(s.Body) <= mostSound && len(s.Body) > 45 && (err != nil || again.Seconds > s.Seconds+1) {
			t.Errorf("what was kept cannot be read again: %v", err)
		}
	})
}
