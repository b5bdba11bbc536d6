package reach

import (
	"bytes"
	"encoding/binary"

	"github.com/twiza/twiza/base/fault"
)

// Sound is a recording as it is kept.
type Sound struct {
	Media   string
	Seconds int // rounded up; 0 when the file does not tell
	Body    []byte
}

const (
	mostSound   = 512 << 10 // bytes of a file as it is sent
	mostSeconds = 60
)

// The kinds of sound that exchanges play, by their own first bytes.
const (
	mediaWAV  = "audio/wav"
	mediaOpus = "audio/ogg; codecs=opus"
	mediaOgg  = "audio/ogg"
	mediaMP3  = "audio/mpeg"
)

var soundExts = []string{"wav", "opus", "ogg", "mp3"}

// Ext is how a file of it ends.
func (s Sound) Ext() string {
	switch s.Media {
	case mediaWAV:
		return "wav"
	case mediaOpus:
		return "opus"
	case mediaMP3:
		return "mp3"
	}
	return "ogg"
}

// ReadSound takes a file for what its bytes say it is, whatever its name says.
// A WAV file of any common kind is brought to what a telephone line carries:
// 8,000 values of 16 bits a second, one channel (ITU-T G.711 samples at that
// rate, and Asterisk's .wav has no other). Others are kept as they are.
func ReadSound(b []byte) (s Sound, err error) {
	if len(b) == 0 {
		return s, fault.New(fault.Invalid, "reach.prompt.choose").On("sound")
	}
	if len(b) > mostSound {
		return s, fault.New(fault.Invalid, "reach.prompt.too_large", "kb", mostSound>>10).On("sound")
	}
	s.Body = b
	var ms int64
	ok := false
	switch {
	case bytes.HasPrefix(b, []byte("RIFF")) && len(b) > 12 && string(b[8:12]) == "WAVE":
		s.Media = mediaWAV
		s.Body, ms, ok = telephone(b)
	case bytes.HasPrefix(b, []byte("OggS")):
		s.Media, ms, ok = readOgg(b)
	case bytes.HasPrefix(b, []byte("ID3")) || len(b) > 1 && b[0] == 0xff && b[1]&0xe0 == 0xe0:
		s.Media = mediaMP3
		ms, ok = readMP3(b)
	}
	switch {
	case !ok:
		return Sound{}, fault.New(fault.Invalid, "reach.prompt.not_sound").On("sound")
	case ms > mostSeconds*1000:
		return Sound{}, fault.New(fault.Invalid, "reach.prompt.too_long", "seconds", mostSeconds).On("sound")
	}
	s.Seconds = int((ms + 999) / 1000)
	return s, nil
}

// pcm is a WAV file's sound: values of -1 to 1, channels side by side.
type pcm struct {
	rate, channels, bits int
	float                bool
	data                 []byte
}

// readWAV finds the two chunks that matter ("Multimedia Programming Interface
// and Data Specifications 1.0", IBM and Microsoft, 1991, chapter 3).
func readWAV(b []byte) (p pcm, ok bool) {
	for at := 12; at+8 <= len(b); {
		kind, size := string(b[at:at+4]), int64(binary.LittleEndian.Uint32(b[at+4:]))
		at += 8
		end := int(min(int64(at)+size, int64(len(b)))) // a recorder that was cut off says more than there is
		body := b[at:end]
		switch {
		case kind == "fmt " && len(body) >= 16:
			form := binary.LittleEndian.Uint16(body)
			if form == 0xfffe && len(body) >= 26 { // extensible: the true kind stands further on
				form = binary.LittleEndian.Uint16(body[24:])
			}
			p.channels, p.rate, p.bits = int(binary.LittleEndian.Uint16(body[2:])), int(binary.LittleEndian.Uint32(body[4:])), int(binary.LittleEndian.Uint16(body[14:]))
			p.float = form == 3
			if form != 1 && form != 3 {
				return p, false
			}
		case kind == "data":
			p.data = body
		}
		at = end + int(size&1)
	}
	fits := p.float && p.bits == 32 || !p.float && (p.bits == 8 || p.bits == 16 || p.bits == 24 || p.bits == 32)
	return p, fits && p.channels >= 1 && p.channels <= 8 && p.rate >= 4000 && p.rate <= 192000 && len(p.data) >= p.channels*p.bits/8
}
