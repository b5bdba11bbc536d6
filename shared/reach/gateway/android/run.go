package android

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// watched is a message of which we wait to hear what became of it.
type watched struct {
	since, until time.Time
	asked        time.Time
	state        channel.State // the last we handed on
	unsure       bool          // nobody told us that the phone has it
}

const (
	watchMost  = 10000           // messages waited for; beyond them the phone's own calls must do
	watchLeast = time.Hour       // how long one is waited for after it lost its worth
	watchRound = 50              // messages asked for at a time: it is a telephone
	registerIn = time.Hour       // how often the webhooks are registered again, in case the phone was reset
	settle     = 2 * time.Minute // after which a message that the phone does not know is not on its way to it
	slowest    = time.Minute     // between attempts at a phone that does not answer
	quickest   = time.Second     // likewise
	dayLong    = 24 * time.Hour  // how long a message without a term is waited for
)

// watch waits for what becomes of a message.
func (c *Client) watch(id string, valid time.Duration, unsure bool) {
	now := c.clock.Now()
	if valid <= 0 {
		valid = dayLong
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if w := c.watched[id]; w != nil {
		w.unsure = w.unsure && unsure
		return
	}
	if len(c.watched) < watchMost {
		c.watched[id] = &watched{since: now, until: now.Add(valid + watchLeast), unsure: unsure}
	}
}

// Watch takes up again, after the program was started anew, the messages of
// which nobody has said yet what became of them.
func (c *Client) Watch(ids ...string) {
	for _, id := range ids {
		c.watch(id, 0, false)
	}
}

// heardOf notes what became of a message; an end needs no more asking.
func (c *Client) heardOf(id string, s channel.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watched[id]
	switch {
	case w == nil:
	case s == channel.Taken:
		w.state, w.unsure = s, false
	default:
		delete(c.watched, id)
	}
}

// due are the messages to ask for now, those first that were asked for longest
// ago. A message that was sent just now is left to the phone's own call.
func (c *Client) due() []string {
	now := c.clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []string
	for id, w := range c.watched {
		if now.After(w.until) {
			delete(c.watched, id)
		} else if now.Sub(w.since) >= c.cfg.Poll && now.Sub(w.asked) >= c.cfg.Poll {
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(a, b int) bool { return c.watched[ids[a]].asked.Before(c.watched[ids[b]].asked) })
	return ids[:min(len(ids), watchRound)]
}

// Run registers our hook at the phone and asks for what the phone did not tell,
// until ctx ends.
func (c *Client) Run(ctx context.Context, in channel.Inbox, note func(state string)) error {
	var registered time.Time
	hook, noted, failures := "", "", 0
	for {
		code := ""
		if c.cfg.Hook != "" && c.clock.Now().Sub(registered) >= registerIn {
			if code, hook = c.register(ctx); code == "" {
				registered = c.clock.Now()
			}
		}
		if code == "" {
			code = c.ask(ctx, in)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := c.cfg.Poll
		if code == "" {
			failures = 0
			code = cmp.Or(hook, "up")
		} else {
			wait = min(quickest<<min(failures, 6), slowest)
			failures++
		}
		if code != noted {
			noted = code
			note(code)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// refusedHook tells the operator that the phone does not take our address, and
// that people's own messages will not be heard.
const refusedHook = "webhook_refused"

// register asks the phone to call us. code is what is wrong with the phone,
// hook what is wrong with our address. An event that an older app does not know
// is left, all but what people write.
func (c *Client) register(ctx context.Context) (code, hook string) {
	for _, e := range []string{eventReceived, eventSent, eventDelivered, eventFailed, eventCancelled} {
		h := map[string]string{"id": "twiza-" + strings.ReplaceAll(e, ":", "-"), "url": c.cfg.Hook, "event": e}
		if c.cfg.Device != "" && c.cfg.Server {
			h["deviceId"] = c.cfg.Device
		}
		body, _ := json.Marshal(h)
		a, err := c.do(ctx, http.MethodPost, "/webhooks", body)
		switch {
		case err != nil:
			return channel.CodeOf(err), ""
		case a.Status/100 == 2:
		case a.Status == http.StatusBadRequest && e == eventReceived:
			return "", refusedHook
		case a.Status == http.StatusBadRequest || e == eventCancelled:
			c.log.Debug("android: an event is not known to the phone", "event", e)
		default:
			return wire.Code(a.Status), ""
		}
	}
	return "", ""
}

// ask asks for the state of what is due; of nothing at all when nothing is, to
// see whether the phone answers.
func (c *Client) ask(ctx context.Context, in channel.Inbox) (code string) {
	ids := c.due()
	if len(ids) == 0 {
		a, err := c.do(ctx, http.MethodGet, "/messages/twiza-are-you-there", nil)
		return codeFor(a, err)
	}
	for _, id := range ids {
		a, err := c.do(ctx, http.MethodGet, "/messages/"+url.PathEscape(id), nil)
		if code := codeFor(a, err); code != "" {
			return code
		}
		c.learn(ctx, in, id, a)
	}
	return ""
}

// codeFor is what is wrong with the phone; not knowing a message is not.
func codeFor(a wire.Answer, err error) string {
	switch {
	case err != nil:
		return channel.CodeOf(err)
	case a.Status/100 == 2, a.Status == http.StatusNotFound:
		return ""
	}
	return wire.Code(a.Status)
}

type status struct {
	State      string `json:"state"`
	Recipients []struct {
		State string `json:"state"`
		Error string `json:"error"`
	} `json:"recipients"`
}

// learn hands on what the phone answered about a message. What could not be
// kept is asked for again.
func (c *Client) learn(ctx context.Context, in channel.Inbox, id string, a wire.Answer) {
	now := c.clock.Now()
	c.mu.Lock()
	w := c.watched[id]
	if w == nil {
		c.mu.Unlock()
		return
	}
	w.asked = now
	was := *w
	c.mu.Unlock()

	r := channel.Report{ID: id, Ref: id, At: now}
	var s status
	switch {
	case a.Status == http.StatusNotFound:
		if !was.unsure || c.SendsOnce() || now.Sub(was.since) < settle {
			return // it may still be on its way, or be simply sent again
		}
		r.State, r.Code = channel.Failed, "never_taken"
	case json.Unmarshal(a.Body, &s) != nil:
		return
	default:
		r.State, r.Code = s.meaning()
	}
	if r.State == was.state {
		return
	}
	if in.Became(ctx, r) == nil {
		c.heardOf(id, r.State)
	}
}

// meaning reads the app's states: Pending, Processed, Sent, Delivered, Failed,
// Cancelling, Cancelled.
func (s status) meaning() (channel.State, string) {
	switch s.State {
	case "Delivered":
		return channel.Delivered, ""
	case "Cancelled":
		return channel.Failed, "cancelled"
	case "Failed":
		for _, r := range s.Recipients {
			if r.Error != "" {
				return channel.Failed, reason(r.Error)
			}
		}
		return channel.Failed, "failed"
	}
	return channel.Taken, ""
}
