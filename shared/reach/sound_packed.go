package reach

import (
	"bytes"
	"encoding/binary"
)

// readOgg tells which codec an Ogg file holds and how long it is: the last page
// says how many values there are (RFC 3533, 6; RFC 7845, 4; Vorbis I, 4.2.2).
func readOgg(b []byte) (media string, ms int64, ok bool) {
	head, ok := oggPage(b)
	if !ok {
		return "", 0, false
	}
	rate, skip := int64(0), int64(0)
	switch {
	case bytes.HasPrefix(head, []byte("OpusHead")) && len(head) >= 19:
		media, rate, skip = mediaOpus, 48000, int64(binary.LittleEndian.Uint16(head[10:]))
	case bytes.HasPrefix(head, []byte("\x01vorbis")) && len(head) >= 30:
		media, rate = mediaOgg, int64(binary.LittleEndian.Uint32(head[12:]))
	default:
		return "", 0, false
	}
	if rate < 4000 || rate > 192000 {
		return "", 0, false
	}
	last := bytes.LastIndex(b, []byte("OggS"))
	if last == 0 || len(b) < last+14 { // a head and no sound
		return "", 0, false
	}
	values := int64(binary.LittleEndian.Uint64(b[last+6:]))
	if values < 0 || values > 1<<40 { // no packet ends there: it does not tell
		return media, 0, true
	}
	return media, max(0, values-skip) * 1000 / rate, true
}

// oggPage is what stands in the first page.
func oggPage(b []byte) ([]byte, bool) {
	if len(b) < 27 || b[4] != 0 {
		return nil, false
	}
	segments := int(b[26])
	if len(b) < 27+segments {
		return nil, false
	}
	size := 0
	for _, n := range b[27 : 27+segments] {
		size += int(n)
	}
	if len(b) < 27+segments+size {
		return nil, false
	}
	return b[27+segments : 27+segments+size], true
}

// Bits per second of MPEG audio frames, layer III, in thousands (ISO/IEC
// 11172-3, 2.4.2.3; 13818-3 for the lower sampling rates).
var (
	mp3Bits1 = [16]int64{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}
	mp3Bits2 = [16]int64{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}
	mp3Rates = [4]int64{44100, 48000, 32000, 0}
)

// readMP3 walks over the frames: every one says how long it is.
func readMP3(b []byte) (ms int64, ok bool) {
	at := 0
	if len(b) >= 10 && string(b[:3]) == "ID3" { // the size is in sevens of bits (ID3v2, 3.1)
		at = 10 + int(b[6]&0x7f)<<21 + int(b[7]&0x7f)<<14 + int(b[8]&0x7f)<<7 + int(b[9]&0x7f)
	}
	frames, us := 0, int64(0)
	for at >= 0 && at+4 <= len(b) {
		size, long, good := mp3Frame(b[at:])
		if !good {
			break // a tag at the end
		}
		frames, us, at = frames+1, us+long, at+size
	}
	return us / 1000, frames >= 2
}

// mp3Frame is how many bytes a frame has and how long it lasts, in microseconds.
func mp3Frame(b []byte) (size int, us int64, ok bool) {
	if b[0] != 0xff || b[1]&0xe0 != 0xe0 || b[1]>>1&3 != 1 { // layer III
		return 0, 0, false
	}
	version := b[1] >> 3 & 3 // 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5
	bits, rate, values := mp3Bits1[b[2]>>4], mp3Rates[b[2]>>2&3], int64(1152)
	if version == 1 || rate == 0 {
		return 0, 0, false
	}
	if version != 3 {
		bits, rate, values = mp3Bits2[b[2]>>4], rate/2, 576
		if version == 0 {
			rate /= 2
		}
	}
	if bits == 0 {
		return 0, 0, false
	}
	return int(values/8*bits*1000/rate) + int(b[2]>>1&1), values * 1_000_000 / rate, true
}
