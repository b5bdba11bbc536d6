package httpsms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// tolerance is how far the clocks of the two sides may be apart.
const tolerance = 5 * time.Minute

// How many signatures of a call are looked at: enough for every replacement of
// keys, too few to keep us busy.
const maxSignatures = 16

type keys [][]byte

// readKeys reads "whsec_" and base64; the specification asks for 24 to 64 bytes.
func readKeys(written []string) (keys, error) {
	if len(written) == 0 {
		return nil, errors.New("httpsms: a key is missing")
	}
	var ks keys
	for _, w := range written {
		k, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(w), "whsec_"))
		if err != nil || len(k) < 24 || len(k) > 64 {
			return nil, errors.New(`httpsms: a key is not "whsec_" and the base64 of 24 to 64 bytes`)
		}
		ks = append(ks, k)
	}
	return ks, nil
}

func signature(key []byte, id, at string, body []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + at + "."))
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// sign makes the three headers, with a signature by each key.
func (ks keys) sign(id string, now time.Time, body []byte) http.Header {
	at := strconv.FormatInt(now.Unix(), 10)
	var all []string
	for _, k := range ks {
		all = append(all, signature(k, id, at, body))
	}
	h := http.Header{}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", at)
	h.Set("webhook-signature", strings.Join(all, " "))
	return h
}

// verify says whether somebody who has one of the keys made this call just now.
// Every key is tried with every signature, in constant time each.
func (ks keys) verify(h http.Header, body []byte, now time.Time) error {
	id, at := h.Get("webhook-id"), h.Get("webhook-timestamp")
	if id == "" || len(id) > 256 || strings.Contains(id, ".") {
		return channel.Wrong(channel.ErrForged, "id")
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != at {
		return channel.Wrong(channel.ErrForged, "timestamp")
	}
	if off := now.Unix() - seconds; off > int64(tolerance/time.Second) || off < -int64(tolerance/time.Second) {
		return channel.Wrong(channel.ErrForged, "timestamp")
	}
	given := strings.Fields(h.Get("webhook-signature"))
	right := false
	for _, g := range given[:min(len(given), maxSignatures)] {
		for _, k := range ks {
			right = hmac.Equal([]byte(g), []byte(signature(k, id, at, body))) || right
		}
	}
	if !right {
		return channel.Wrong(channel.ErrForged, "signature")
	}
	return nil
}
