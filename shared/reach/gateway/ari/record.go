package ari

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// afterwards is how long a recording may take to be stored once it is over.
const afterwards = 5 * time.Second

// record records up to so many seconds after a tone, until a # or until they
// hang up, and fetches what they said. It stays on the exchange until it is
// kept here: the function deletes it.
func (k *call) record(ctx context.Context, seconds int) (channel.Turn, func()) {
	turn, nothing := k.turn(), func() {}
	name := "twiza-" + rand.Text()
	k.typed = "" // a key that only stopped the prompt is no answer
	_, err := k.c.rest.do(ctx, http.MethodPost, of("channels", k.id, "/record"), url.Values{
		"name": {name}, "format": {k.c.cfg.Format}, "maxDurationSeconds": {fmt.Sprint(seconds)},
		"ifExists": {"fail"}, "beep": {"true"}, "terminateOn": {"#"},
	}, longestAnswer)
	switch {
	case errors.Is(err, errGone):
		k.leave()
	case err != nil && !errors.Is(err, errThere): // there already: the answer to our first asking was lost
		k.c.log.Error("ari: a recording did not start", "code", channel.CodeOf(err))
	default:
		length := k.recorded(ctx, name, seconds)
		turn.Noted = k.fetch(ctx, name, length)
	}
	k.typed = ""
	turn.Gone = k.over(ctx)
	turn.Silent = turn.Noted == nil && !turn.Gone
	if turn.Noted == nil {
		return turn, nothing
	}
	return turn, func() { k.discard(ctx, name) }
}

// recorded waits until a recording is over, and returns its seconds, 0 when
// nobody says.
func (k *call) recorded(ctx context.Context, name string, seconds int) (length int) {
	look := time.NewTicker(k.c.cfg.Look)
	defer look.Stop()
	limit := time.NewTimer(time.Duration(seconds)*time.Second + afterwards)
	defer limit.Stop()
	gone := k.gone
	for {
		select {
		case <-gone:
			gone = nil // the exchange still has to store it
			limit.Reset(afterwards)
		case <-ctx.Done():
			return 0
		case <-limit.C:
			_, _ = k.c.rest.do(ctx, http.MethodPost, of("recordings/live", name, "/stop"), nil, longestAnswer)
			return 0
		case <-look.C:
			if _, err := k.c.rest.do(ctx, http.MethodGet, of("recordings/live", name), nil, longestAnswer); isOver(err) {
				return 0
			}
		case e := <-k.events: // keys are part of what they say
			if e.Recording != nil && e.Recording.Name == name {
				k.deaf = e.at()
				return e.Recording.Length
			}
		}
	}
}

// fetch fetches a recording, nil when there is nothing in it. What cannot be
// fetched stays on the exchange.
func (k *call) fetch(ctx context.Context, name string, length int) *channel.Note {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*patience)
	defer cancel()
	b, err := k.c.rest.do(ctx, http.MethodGet, of("recordings/stored", name, "/file"), nil, longestNote)
	if err != nil {
		if !isOver(err) {
			k.c.log.Error("ari: a recording is left on the exchange", "code", channel.CodeOf(err))
		}
		return nil
	}
	sound := len(b)
	if k.c.cfg.Format == "wav" {
		sound = samples(b)
	}
	if sound == 0 {
		k.discard(ctx, name)
		return nil
	}
	if length == 0 && k.c.cfg.Format == "wav" {
		length = max(1, sound/wavSecond)
	}
	return &channel.Note{Type: "audio/" + k.c.cfg.Format, Seconds: length, Bytes: b}
}

func (k *call) discard(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if _, err := k.c.rest.do(ctx, http.MethodDelete, of("recordings/stored", name), nil, longestAnswer); err != nil && !isOver(err) {
		k.c.log.Error("ari: a recording is left on the exchange", "code", channel.CodeOf(err))
	}
}

// wavSecond is a second of Asterisk's wav: 8000 samples of 16 bits, one channel.
const wavSecond = 16000

// samples is how many bytes of sound there are in a wav file: what stands behind
// the header of its data, whatever that says of its size, for the header of a
// recording that broke off says nothing. Of a file in any other form everything
// is taken to be sound: it is not for us to throw away what somebody said.
func samples(b []byte) int {
	const header = 12
	if len(b) < header || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return len(b)
	}
	for at := header; at+8 <= len(b); {
		if string(b[at:at+4]) == "data" {
			return len(b) - at - 8
		}
		size := int64(binary.LittleEndian.Uint32(b[at+4 : at+8]))
		if size > int64(len(b)-at-8) {
			break
		}
		at += 8 + int(size+size%2)
	}
	return len(b) - header
}
