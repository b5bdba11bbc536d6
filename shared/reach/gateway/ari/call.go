package ari

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// call is one telephone line. Its fields belong to the goroutine of run, except
// events and gone, and lang, which others read under c.mu.
type call struct {
	c    *Client
	id   string
	from string
	lang string

	events chan event
	gone   chan struct{} // closed when they hung up, or when we hear nothing any more
	once   sync.Once

	typed   string    // keys pressed and not told yet
	pressed []string  // the last presses, to know one that is told twice
	deaf    time.Time // keys up to here belonged to a recording
	hash    time.Time // until here, one # only closes the number that is told already
}

// hear takes an event. It never blocks: whoever presses 256 keys while we think
// is not followed.
func (k *call) hear(e event) {
	switch e.Type {
	case "StasisEnd", "ChannelDestroyed", "ChannelHangupRequest":
		k.leave()
	case "ChannelDtmfReceived", "PlaybackFinished", "RecordingFinished", "RecordingFailed":
		select {
		case k.events <- e:
		default:
			k.c.log.Warn("ari: too many events", "code", "queue_full")
		}
	}
}

func (k *call) leave() { k.once.Do(func() { close(k.gone) }) }

func (k *call) isGone() bool {
	select {
	case <-k.gone:
		return true
	default:
		return false
	}
}

// run is the whole call.
func (k *call) run(ctx context.Context, with channel.Talker) {
	if k.isGone() {
		return
	}
	life, cancel := context.WithTimeout(ctx, k.c.cfg.Longest)
	defer cancel()
	if _, err := k.c.rest.do(life, http.MethodPost, of("channels", k.id, "/answer"), nil, longestAnswer); err != nil {
		if !isOver(err) {
			k.c.log.Error("ari: a call could not be answered", "code", channel.CodeOf(err))
			k.hangUp(ctx, "congestion")
		}
		return
	}
	turn, kept := k.turn(), func() {}
	turn.New = true
	for {
		said, err := k.talk(life, with, turn)
		if err != nil {
			k.c.log.Error("ari: a turn was not answered", "code", "talker")
			k.hangUp(ctx, "normal")
			if !turn.Gone {
				turn = k.turn()
				turn.Gone = true
				_, _ = k.talk(life, with, turn) // the last thing that can be tried
			}
			return
		}
		kept()
		if turn.Gone {
			return
		}
		if turn, kept = k.say(life, said); said.End {
			k.hangUp(ctx, "normal")
			return
		}
		if turn.Gone && life.Err() != nil && !k.isGone() || ctx.Err() != nil {
			k.hangUp(ctx, "normal") // the house closes, or the line was forgotten off the hook
		}
	}
}

func (k *call) turn() channel.Turn {
	return channel.Turn{Kind: channel.Voice, Gateway: k.c.cfg.Name, Session: k.id, From: k.from}
}

// talk tells a turn, again when it failed, for somebody is waiting on the line.
// That somebody is gone, and what they recorded, is told even when the house closes.
func (k *call) talk(ctx context.Context, with channel.Talker, t channel.Turn) (said channel.Said, err error) {
	if t.Gone || t.Noted != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 2*patience)
		defer cancel()
	}
	for try := range tries {
		if try > 0 && !sleep(ctx, time.Duration(try)*200*time.Millisecond) {
			break
		}
		if said, err = with.Talk(ctx, t); err == nil {
			return said, nil
		}
	}
	return channel.Said{}, err
}

// say plays what is said and waits for what they do: the next turn, and what to
// do once it is kept. After an End there is no turn.
func (k *call) say(ctx context.Context, said channel.Said) (channel.Turn, func()) {
	nothing := func() {}
	if said.Lang != "" {
		k.c.mu.Lock()
		k.lang = said.Lang
		k.c.mu.Unlock()
	}
	if said.End {
		k.play(ctx, said.Prompts, false)
		return channel.Turn{}, nothing
	}
	k.play(ctx, said.Prompts, true)
	if said.Record > 0 && !k.over(ctx) {
		return k.record(ctx, said.Record)
	}
	turn := k.turn()
	turn.Keys = k.collect(ctx, said.Keys)
	turn.Gone = turn.Keys == "" && k.over(ctx)
	turn.Silent = turn.Keys == "" && !turn.Gone
	return turn, nothing
}

func (k *call) over(ctx context.Context) bool { return ctx.Err() != nil || k.isGone() }

// play plays prompts one after the other, as one playback. A key stops it, where
// it may; somebody who already knows the way hears nothing of it.
func (k *call) play(ctx context.Context, prompts []channel.Prompt, stops bool) {
	k.drain()
	var media []string
	for _, p := range prompts {
		if uri := k.c.media(k.lang, p.Name); uri != "" {
			media = append(media, uri)
		}
	}
	if len(media) == 0 || stops && k.typed != "" || k.over(ctx) {
		return
	}
	name := k.start(ctx, media)
	if name == "" {
		return
	}
	look := time.NewTicker(k.c.cfg.Look)
	defer look.Stop()
	for {
		select {
		case <-k.gone:
			return
		case <-ctx.Done():
			return
		case <-look.C: // its end may have been told to nobody
			if _, err := k.c.rest.do(ctx, http.MethodGet, of("playbacks", name), nil, longestAnswer); isOver(err) {
				return
			}
		case e := <-k.events:
			k.key(e)
			switch {
			case e.Type == "PlaybackFinished" && e.Playback.ID == name:
				if e.Playback.State == "failed" {
					k.c.log.Warn("ari: a prompt could not be played", "code", "playback_failed")
				}
				return
			case stops && k.typed != "":
				k.stop(ctx, name)
				return
			}
		}
	}
}

// start starts a playback and returns its name, "" when there is none. When the
// answer is lost, what may play is stopped before it is started again.
func (k *call) start(ctx context.Context, media []string) string {
	for try := range tries {
		if try > 0 && !sleep(ctx, time.Duration(try)*100*time.Millisecond) {
			return ""
		}
		name := "twiza-" + rand.Text()
		status, _, err := k.c.rest.once(ctx, http.MethodPost, of("channels", k.id, "/play/"+name), url.Values{"media": {strings.Join(media, ",")}}, longestAnswer)
		if err == nil {
			err = verdict(status)
		}
		switch {
		case err == nil:
			return name
		case isOver(err):
			k.leave()
			return ""
		}
		k.c.log.Warn("ari: a playback did not start", "code", channel.CodeOf(err))
		if !again(err) {
			return ""
		}
		k.stop(ctx, name)
	}
	return ""
}

func (k *call) stop(ctx context.Context, name string) {
	_, _ = k.c.rest.do(ctx, http.MethodDelete, of("playbacks", name), nil, longestAnswer) // one that is over needs no stopping
}

// collect waits for keys: so many, or, for 0, any number up to a #. It returns
// what was pressed when nothing more came, "" for nothing.
func (k *call) collect(ctx context.Context, want int) string {
	wait := time.NewTimer(k.c.cfg.Silence)
	defer wait.Stop()
	for {
		if keys, rest, whole := split(k.typed, want); whole {
			k.typed = rest
			if want > 1 && len(keys) == want {
				k.hash = k.c.clock.Now().Add(k.c.cfg.Between)
			}
			return keys
		}
		select {
		case <-k.gone: // a whole answer before they hung up is one, half a number is nobody's
			k.drain()
			keys, rest, _ := split(k.typed, want)
			k.typed = rest
			return keys
		case <-ctx.Done():
			return ""
		case e := <-k.events:
			if k.key(e) {
				wait.Reset(k.c.cfg.Between)
			}
		case <-wait.C:
			keys := k.typed
			k.typed = ""
			return keys
		}
	}
}

// mostKeys is more than any number that is asked for.
const mostKeys = 64

// split takes an answer off the front of what was pressed. A # ends a number,
// and is an answer where it stands alone.
func split(typed string, want int) (keys, rest string, whole bool) {
	most := want
	if want <= 0 {
		most = mostKeys
	}
	switch i := strings.IndexByte(typed, '#'); {
	case i == 0:
		return "#", typed[1:], true
	case i > 0 && i < most:
		return typed[:i], typed[i+1:], true
	case len(typed) >= most:
		return typed[:most], typed[most:], true
	}
	return "", typed, false
}

// drain takes in what happened while we were thinking.
func (k *call) drain() {
	for {
		select {
		case e := <-k.events:
			k.key(e)
		default:
			return
		}
	}
}

// key takes in a key, and says whether it is one that nobody has heard yet.
func (k *call) key(e event) bool {
	if e.Type != "ChannelDtmfReceived" {
		return false
	}
	at := e.at()
	if !at.IsZero() {
		this := e.Digit + e.Timestamp
		if slices.Contains(k.pressed, this) || !at.After(k.deaf) {
			return false
		}
		if len(k.pressed) == 32 {
			k.pressed = k.pressed[1:]
		}
		k.pressed = append(k.pressed, this)
	}
	closing := k.typed == "" && k.c.clock.Now().Before(k.hash)
	k.hash = time.Time{}
	if closing && e.Digit == "#" || len(k.typed) > mostKeys {
		return false
	}
	k.typed += e.Digit
	return true
}

// hangUp ends the call, also when the house closes.
func (k *call) hangUp(ctx context.Context, reason string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if _, err := k.c.rest.do(ctx, http.MethodDelete, of("channels", k.id), url.Values{"reason": {reason}}, longestAnswer); err != nil && !isOver(err) {
		k.c.log.Error("ari: a call could not be hung up", "code", channel.CodeOf(err))
	}
}
