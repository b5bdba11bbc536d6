// Package ari is how somebody who has a voice and a few keys asks for help: they
// call a number, hear their own language as somebody recorded it, press a key,
// and say the rest after a tone.
//
// It speaks Asterisk's REST interface, ARI: HTTP for what we do and a WebSocket
// for what happens. Checked against the Asterisk 20 to 22 documentation
// (docs.asterisk.org: Channels, Playbacks, Recordings and Events REST API, REST
// Data Models). Lists of media in one playback and fetching a recording's file
// came with Asterisk 14, which is the oldest that will do. What is used:
//
//	GET    /events?app=APP                       the WebSocket, subprotocol "ari"
//	GET    /channels                             calls still up after a failure
//	POST   /channels/ID/answer
//	POST   /channels/ID/play/PLAYBACK            media=URI,URI,…
//	POST   /channels/ID/record                   name format maxDurationSeconds beep terminateOn
//	DELETE /channels/ID                          hang up, with a reason
//	GET    /playbacks/ID, DELETE                 is it still playing; stop it
//	GET    /recordings/live/NAME, POST …/stop
//	GET    /recordings/stored/NAME/file, DELETE
//
// and the events StasisStart, StasisEnd, ChannelDtmfReceived, ChannelDestroyed,
// ChannelHangupRequest, PlaybackFinished, RecordingFinished, RecordingFailed and
// ApplicationReplaced. The dialplan sends calls to Stasis(APP).
//
// What always holds: a prompt that nobody recorded is left out and reported, and
// no machine speaks in its place; a recording is deleted from the exchange only
// after the talker has kept it; who hangs up while recording is still heard; no
// number, word or recording is logged.
package ari

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Config is one exchange.
type Config struct {
	Name string // of this gateway, for channel.Turn

	URL            string // "http://127.0.0.1:8088/ari"
	App            string // the Stasis application that the dialplan calls, "twiza"
	User, Password string // of ari.conf
	HTTP           *http.Client

	// Has says whether a prompt was recorded in a language; nil is that all were.
	// Media is what plays it; nil is "sound:twiza/LANG/NAME". Missing is told
	// once of each prompt that was left out.
	Has     func(lang, name string) bool
	Media   func(lang, name string) string
	Missing func(lang, name string)

	Lang     string // in which a call is spoken to before the talker says; "ary"
	Farewell string // the prompt that tells somebody to call again, when the house lost them; "call.again"
	Format   string // of recordings, "wav" or "ogg"; "" is "wav"
	Prefix   string // calling code of numbers written without one, "212"

	Silence time.Duration // without a key after the last prompt, then it is told; 0 is 8 seconds
	Between time.Duration // after a key, for the next one; 0 is 4 seconds
	Longest time.Duration // a call; 0 is 20 minutes
	Look    time.Duration // how often we ask after what ought to have ended; 0 is 15 seconds
	Calls   int           // at once, others hear that the lines are busy; 0 is 200
	Retry   time.Duration // after the first failure to connect, then twice as long up to a minute; 0 is 1 second
}

// Client answers the calls of one exchange. It implements channel.Caller.
type Client struct {
	cfg   Config
	clock clock.Clock
	log   *slog.Logger
	rest  *rest

	mu      sync.Mutex
	calls   map[string]*call  // by channel
	ended   []string          // channels that are over, the newest last
	early   []event           // of channels that have not begun yet: events overtake each other
	lost    map[string]string // channels we lost while they were up, with their language
	missing map[string]bool
	wg      sync.WaitGroup
}

var _ channel.Caller = (*Client)(nil)

// How much is remembered of calls that are over, or not begun.
const (
	mostEnded = 512
	mostEarly = 128
)

// New makes a client. It connects when it runs.
func New(cfg Config, c clock.Clock, log *slog.Logger) *Client {
	or := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	or(&cfg.Silence, 8*time.Second)
	or(&cfg.Between, 4*time.Second)
	or(&cfg.Longest, 20*time.Minute)
	or(&cfg.Look, 15*time.Second)
	or(&cfg.Retry, time.Second)
	if cfg.Calls == 0 {
		cfg.Calls = 200
	}
	if cfg.Format == "" {
		cfg.Format = "wav"
	}
	if cfg.Lang == "" {
		cfg.Lang = "ary"
	}
	if cfg.Farewell == "" {
		cfg.Farewell = "call.again"
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: patience}).DialContext, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience,
		}}
	}
	stay := *cfg.HTTP // the exchange and nobody else is ever asked
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		cfg: cfg, clock: c, log: log.With("gateway", cfg.Name),
		rest:  &rest{base: strings.TrimSuffix(cfg.URL, "/"), user: cfg.User, password: cfg.Password, http: &stay},
		calls: map[string]*call{}, lost: map[string]string{}, missing: map[string]bool{},
	}
}

// Run answers calls until ctx ends. When it ends, whoever is on the line is
// told that they are gone to the talker, and hung up on.
func (c *Client) Run(ctx context.Context, with channel.Talker, note func(state string)) error {
	wait := c.cfg.Retry
	for ctx.Err() == nil {
		err := c.attend(ctx, with, func() {
			wait = c.cfg.Retry
			note("up")
		})
		if ctx.Err() != nil {
			break
		}
		code := channel.CodeOf(err)
		if code == "replaced" {
			wait = time.Minute // two houses must not take the calls from each other in turns
		}
		c.log.Warn("ari: not connected", "code", code)
		note(code)
		if !sleep(ctx, wait) {
			break
		}
		wait = min(2*wait, time.Minute)
	}
	c.wg.Wait()
	return ctx.Err()
}

// attend connects, and hears events until the connection breaks.
func (c *Client) attend(ctx context.Context, with channel.Talker, up func()) error {
	// Asked for before we are connected: nobody can enter the application before
	// that, so whoever is in it now was there when we were lost.
	left, err := c.left(ctx)
	if err != nil {
		return err
	}
	conn, err := c.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(longestEvent)
	beat, stop := context.WithCancel(ctx)
	defer stop()
	c.wg.Go(func() { c.keepAlive(beat, conn) })
	defer c.loseAll()
	up()
	for id, lang := range left {
		c.farewell(ctx, id, lang)
	}
	for {
		_, b, err := conn.Read(ctx)
		if err != nil {
			return channel.Wrong(channel.ErrAway, "connection_lost")
		}
		e, err := parse(b)
		if err != nil {
			c.log.Warn("ari: an event cannot be read", "code", channel.CodeOf(err))
			continue
		}
		if e.Type == "ApplicationReplaced" {
			return channel.Wrong(channel.ErrAway, "replaced")
		}
		c.hear(ctx, e, with)
	}
}

func (c *Client) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address := "ws" + strings.TrimPrefix(c.rest.base, "http") + "/events?" + url.Values{"app": {c.cfg.App}}.Encode()
	header := http.Header{}
	q := &http.Request{Header: header}
	q.SetBasicAuth(c.cfg.User, c.cfg.Password) // a key in the address would stand in logs
	conn, answer, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: c.rest.http, HTTPHeader: header, Subprotocols: []string{"ari"}})
	switch {
	case err == nil:
		return conn, nil
	case answer != nil && answer.StatusCode != http.StatusSwitchingProtocols:
		return nil, channel.Wrong(channel.ErrAway, fmt.Sprintf("http_%d", answer.StatusCode))
	}
	return nil, channel.Wrong(channel.ErrAway, "no_connection")
}

// keepAlive finds a connection that broke without a word.
func (c *Client) keepAlive(ctx context.Context, conn *websocket.Conn) {
	for sleep(ctx, c.cfg.Look) {
		ping, cancel := context.WithTimeout(ctx, patience)
		err := conn.Ping(ping)
		cancel()
		if err != nil {
			_ = conn.CloseNow()
			return
		}
	}
}

// left is who is still on the line from before, with the language they were
// spoken to.
func (c *Client) left(ctx context.Context) (map[string]string, error) {
	b, err := c.rest.do(ctx, http.MethodGet, "/channels", nil, longestAnswer)
	if err != nil {
		if channel.CodeOf(err) == "" {
			err = channel.Wrong(channel.ErrAway, "no_channels")
		}
		return nil, err
	}
	var up []line
	if json.Unmarshal(b, &up) != nil {
		return nil, channel.Wrong(channel.ErrGarbled, "no_channels")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]string{}
	for _, l := range up {
		app, _, _ := strings.Cut(l.Dialplan.Data, ",")
		lang, ours := c.lost[l.ID]
		if !plain(l.ID) || !ours && (l.Dialplan.App != "Stasis" || app != c.cfg.App) {
			continue
		}
		if lang == "" {
			lang = c.cfg.Lang
		}
		all[l.ID] = lang
	}
	clear(c.lost)
	return all, nil
}

// hear gives an event to the call it is about.
func (c *Client) hear(ctx context.Context, e event, with channel.Talker) {
	id := e.whose()
	if id == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.calls[id]; k != nil {
		k.hear(e)
		return
	}
	if slices.Contains(c.ended, id) {
		return
	}
	if e.Type != "StasisStart" {
		if len(c.early) == mostEarly {
			c.early = c.early[1:]
		}
		c.early = append(c.early, e)
		return
	}
	k := c.begin(id, c.cfg.Lang)
	k.from = c.number(e.Channel.Caller.Number)
	c.early = slices.DeleteFunc(c.early, func(e event) bool {
		if e.whose() != id {
			return false
		}
		k.hear(e)
		return true
	})
	busy := len(c.calls) > c.cfg.Calls
	c.wg.Go(func() {
		defer c.forget(k)
		if busy {
			c.log.Warn("ari: too many calls at once", "code", "lines_busy")
			k.hangUp(ctx, "congestion")
			return
		}
		k.run(ctx, with)
	})
}

// begin keeps a call. Whoever calls it holds c.mu.
func (c *Client) begin(id, lang string) *call {
	k := &call{c: c, id: id, lang: lang, events: make(chan event, 256), gone: make(chan struct{})}
	c.calls[id] = k
	return k
}

func (c *Client) forget(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls[k.id] != k {
		return
	}
	delete(c.calls, k.id)
	if len(c.ended) == mostEnded {
		c.ended = c.ended[1:]
	}
	c.ended = append(c.ended, k.id)
}

// loseAll tells every call that we hear nothing of it any more. What they do
// next cannot be known, so they are over; those still on the line when we are
// back are told to call again.
func (c *Client) loseAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, k := range c.calls {
		k.leave()
		delete(c.calls, id)
		c.lost[id] = k.lang
	}
	c.early = nil
}

// farewell asks somebody whom we lost to call again, and hangs up.
func (c *Client) farewell(ctx context.Context, id, lang string) {
	c.mu.Lock()
	k := c.begin(id, lang)
	c.mu.Unlock()
	c.wg.Go(func() {
		defer c.forget(k)
		c.log.Warn("ari: a call was lost", "code", "call_lost")
		end, cancel := context.WithTimeout(ctx, c.cfg.Longest)
		defer cancel()
		k.play(end, []channel.Prompt{{Name: c.cfg.Farewell}}, false)
		k.hangUp(ctx, "normal")
	})
}

// media finds what plays a prompt, "" where nobody recorded it.
func (c *Client) media(lang, name string) string {
	switch name {
	case "pause":
		return "sound:silence/1"
	case "tone":
		return "sound:beep"
	}
	uri := "sound:twiza/" + lang + "/" + name
	if c.cfg.Media != nil {
		uri = c.cfg.Media(lang, name)
	}
	// A comma would make two of it.
	if (c.cfg.Has == nil || c.cfg.Has(lang, name)) && uri != "" && !strings.Contains(uri, ",") {
		return uri
	}
	c.mu.Lock()
	known := c.missing[lang+"/"+name]
	c.missing[lang+"/"+name] = true
	c.mu.Unlock()
	if !known && c.cfg.Missing != nil {
		c.cfg.Missing(lang, name)
	}
	return ""
}

// number reads who calls, "" when it is withheld or says nothing.
func (c *Client) number(raw string) string {
	n, err := phone.Parse(raw, c.cfg.Prefix)
	if err != nil {
		return ""
	}
	return n.String()
}

func isOver(err error) bool { return errors.Is(err, errGone) || errors.Is(err, errThere) }
