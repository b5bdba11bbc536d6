package telegram

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/go-telegram/bot"

	"github.com/twiza/twiza/shared/reach/channel"
)

const (
	firstPause = 250 * time.Millisecond
	lastPause  = time.Minute
)

// Run hears what people write until ctx ends, and returns nil then. Where a
// webhook is configured it tells Telegram so and waits.
func (c *Client) Run(ctx context.Context, in channel.Inbox, note func(state string)) error {
	n := &notes{tell: note, log: c.log}
	if c.webhook != "" {
		if c.insist(ctx, n, c.register) {
			n.up(ctx)
		}
		<-ctx.Done()
		return nil
	}
	// getUpdates is refused while a webhook is set. What waits there stays.
	if !c.insist(ctx, n, c.unregister) {
		return nil
	}
	c.listen(ctx, in, n)
	return nil
}

// register tells Telegram where to call Hook.
func (c *Client) register(ctx context.Context) error {
	return c.call(ctx, c.timeout, func(ctx context.Context) error {
		_, err := c.bot.SetWebhook(ctx, &bot.SetWebhookParams{URL: c.webhook, SecretToken: c.secret, AllowedUpdates: heardKinds})
		return err
	})
}

func (c *Client) unregister(ctx context.Context) error {
	return c.call(ctx, c.timeout, func(ctx context.Context) error {
		_, err := c.bot.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
		return err
	})
}

// insist does something until it is done; false is that ctx ended before.
func (c *Client) insist(ctx context.Context, n *notes, do func(context.Context) error) bool {
	var p pause
	for {
		err := do(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		n.wrong(ctx, err)
		if !p.wait(ctx, err) {
			return false
		}
	}
}

// listen asks for updates and has them heard, one after the other.
func (c *Client) listen(ctx context.Context, in channel.Inbox, n *notes) {
	q := queue{heard: map[int64]bool{}}
	var p pause
	for ctx.Err() == nil {
		most := c.poll
		if n.last != "up" { // whether it is up again is worth knowing at once
			most = 0
		}
		us, err := c.updates(ctx, q.offset, most)
		if err == nil {
			err = c.hearAll(ctx, us, &q, in)
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			n.wrong(ctx, err)
			p.wait(ctx, err)
			continue
		}
		p = 0
		n.up(ctx)
	}
}

// queue is what we know of the updates that wait at Telegram.
type queue struct {
	offset int64          // the first update that is not confirmed by the next asking; 0 confirms nothing
	heard  map[int64]bool // those behind it that were heard already
}

// hearAll has the updates of one answer heard, oldest first. An update counts as
// confirmed, and is forgotten by Telegram, when updates are asked for from a
// later one on: so the first that could not be heard is the next to be asked
// for, and what was heard behind it is remembered until then.
func (c *Client) hearAll(ctx context.Context, us []update, q *queue, in channel.Inbox) error {
	if len(us) == 0 {
		// All is confirmed. Nothing need be named any more, and better not: after a
		// quiet week Telegram counts from a number of its own choice.
		*q = queue{heard: map[int64]bool{}}
		return nil
	}
	slices.SortStableFunc(us, func(a, b update) int { return cmp.Compare(*a.ID, *b.ID) })
	var first error
	for _, u := range us {
		var err error
		if !q.heard[*u.ID] {
			err = c.hear(ctx, u, in)
		}
		if first == nil && err == nil {
			q.offset = *u.ID + 1
			delete(q.heard, *u.ID)
			continue
		}
		if err == nil {
			q.heard[*u.ID] = true
			continue
		}
		if first == nil {
			first, q.offset = err, *u.ID
		}
		// A voice note that cannot be fetched keeps only itself waiting. What could
		// not be kept keeps everybody: the disk is full.
		if !errors.Is(err, errVoice) {
			break
		}
	}
	return first
}

// hear has one update heard. Nil is that Telegram may forget it.
func (c *Client) hear(ctx context.Context, u update, in channel.Inbox) error {
	m := u.meaning(c.name)
	if m.leave != 0 {
		c.leave(ctx, m.leave)
		return nil
	}
	if m.in == nil {
		return nil
	}
	if m.voice != nil {
		if err := c.fetchVoice(ctx, *u.ID, m); err != nil {
			return err
		}
	}
	if err := in.Heard(ctx, *m.in); err != nil {
		return err
	}
	if m.press != nil {
		c.release(ctx, *m.press)
	}
	return nil
}

// leave leaves a group. It is tried again with the next thing said there.
func (c *Client) leave(ctx context.Context, chat int64) {
	err := c.call(ctx, c.timeout, func(ctx context.Context) error {
		_, err := c.bot.LeaveChat(ctx, &bot.LeaveChatParams{ChatID: chat})
		return err
	})
	c.log.LogAttrs(ctx, slog.LevelInfo, "telegram: left a group", slog.String("code", channel.CodeOf(err)))
}

// release stops the turning wheel on a button that was tapped, and takes the
// buttons away: a second tap would answer the next question. Neither is worth
// waiting for: the tap was heard.
func (c *Client) release(ctx context.Context, p press) {
	most := min(c.timeout, 5*time.Second)
	err := c.call(ctx, most, func(ctx context.Context) error {
		_, err := c.bot.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: p.id})
		return err
	})
	if err == nil && p.message != 0 {
		err = c.call(ctx, most, func(ctx context.Context) error {
			_, err := c.bot.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{ChatID: p.chat, MessageID: int(p.message)})
			return err
		})
	}
	if err != nil {
		c.log.LogAttrs(ctx, slog.LevelDebug, "telegram: a button was not released", slog.String("code", channel.CodeOf(err)))
	}
}

// updates asks for what waits from offset on, and waits so long for the first
// of it. An update that cannot be read is passed over, and those around it are
// heard.
func (c *Client) updates(ctx context.Context, offset int64, most time.Duration) ([]update, error) {
	ctx, cancel := context.WithTimeout(ctx, most+c.timeout)
	defer cancel()
	ask, err := json.Marshal(struct {
		Offset  int64    `json:"offset,omitempty"`
		Limit   int      `json:"limit"`
		Timeout int      `json:"timeout"`
		Allowed []string `json:"allowed_updates"`
	}{offset, 100, int(most / time.Second), heardKinds})
	if err != nil {
		return nil, channel.Wrong(channel.ErrAway, "request")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.api+"/bot"+c.token+"/getUpdates", bytes.NewReader(ask))
	if err != nil {
		return nil, channel.Wrong(channel.ErrAway, "request")
	}
	req.Header.Set("Content-Type", "application/json")
	a, err := c.http.Do(req)
	if err != nil { // its text has the address, which has the token
		return nil, channel.Wrong(channel.ErrAway, "no_answer")
	}
	defer a.Body.Close()
	body, err := io.ReadAll(http.MaxBytesReader(nil, a.Body, answerLimit))
	if err != nil {
		return nil, channel.Wrong(channel.ErrAway, "no_answer")
	}
	return c.readUpdates(ctx, a.StatusCode, body)
}

// readUpdates reads the answer to getUpdates.
func (c *Client) readUpdates(ctx context.Context, status int, body []byte) ([]update, error) {
	var a struct {
		OK         bool              `json:"ok"`
		Result     []json.RawMessage `json:"result"`
		Code       int               `json:"error_code"`
		Parameters struct {
			RetryAfter int `json:"retry_after"`
		} `json:"parameters"`
	}
	err := json.Unmarshal(body, &a)
	switch {
	case err == nil && a.OK:
	case a.Code == http.StatusTooManyRequests:
		return nil, tooMany(a.Parameters.RetryAfter)
	case a.Code != 0:
		return nil, answered(a.Code)
	default:
		return nil, answered(status)
	}
	var us []update
	for _, raw := range a.Result {
		u, err := read(raw)
		if err != nil {
			c.log.LogAttrs(ctx, slog.LevelWarn, "telegram: an update cannot be read", slog.String("code", channel.CodeOf(err)))
			if u, err = bare(raw); err != nil {
				continue
			}
		}
		us = append(us, u)
	}
	if len(us) == 0 && len(a.Result) > 0 {
		return nil, channel.Wrong(channel.ErrAway, "unreadable")
	}
	return us, nil
}

// bare is an update of which only the number can be read, so that it can be
// confirmed and those behind it are heard.
func bare(raw []byte) (update, error) {
	var u struct {
		ID *int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &u); err != nil || u.ID == nil || *u.ID < 0 {
		return update{}, channel.ErrGarbled
	}
	return update{ID: u.ID}, nil
}

// notes tells how it goes when that changes.
type notes struct {
	tell func(state string)
	log  *slog.Logger
	last string
}

func (n *notes) up(ctx context.Context) { n.set(ctx, "up", slog.LevelInfo) }

func (n *notes) wrong(ctx context.Context, err error) {
	code := channel.CodeOf(err)
	if code == "" {
		code = "inbox"
	}
	n.set(ctx, code, slog.LevelWarn)
}

func (n *notes) set(ctx context.Context, state string, level slog.Level) {
	if state == n.last {
		return
	}
	n.last = state
	n.log.LogAttrs(ctx, level, "telegram: the connection", slog.String("state", state))
	n.tell(state)
}

// pause is how long was waited last.
type pause time.Duration

// wait waits ever longer, or as long as Telegram asks for; false is that ctx
// ended.
func (p *pause) wait(ctx context.Context, err error) bool {
	*p = min(max(2**p, pause(firstPause)), pause(lastPause))
	d := time.Duration(*p)
	if busy, ok := errors.AsType[*channel.Problem](err); ok {
		d = max(d, busy.Wait)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
