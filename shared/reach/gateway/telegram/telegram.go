// Package telegram lets people write to the house from Telegram: they write, tap
// an answer, share where they are or speak, in a chat between them and our bot.
// In groups the bot says nothing and leaves, since what somebody needs is
// nobody else's to read.
//
// It speaks the Telegram Bot API (core.telegram.org/bots/api), verified against
// version 10.3 of 24 August 2026 for the few methods and fields that are used;
// what we say goes through github.com/go-telegram/bot, which was written for
// version 9.4. What we hear does not, for two reasons.
//
// The library's own loop names an update in the next getUpdates, which confirms
// it, as soon as it has put it into a queue in memory, and its handlers cannot
// say that they failed: a full disk or a restart would lose what people wrote.
// Here an update is confirmed when the Inbox has it, and never before.
//
// The library's models refuse an update whole when one field of it is of a kind
// that came after them. Here only what is used is read, so that a new kind of
// sticker beside it never costs somebody their message.
//
// What always holds: no chat, name, word, recording or token is in a log or an
// error, only codes; nothing is fetched but from the configured address; what
// may have been taken is never called failed. Telegram never says whether a
// message reached the phone, and has no name of ours for it: an unsure message
// stays unsure. Messages wait at Telegram for a day at most (Outgoing.ValidFor
// cannot be told to it, and is ignored).
package telegram

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

// textLimit is the longest text of sendMessage, in UTF-16 units.
const textLimit = 4096

// Config is what the bot must know.
type Config struct {
	Token   string        // as BotFather gives it, "123456:ABC…"
	Name    string        // the bot's name without the @, which becomes Incoming.To
	API     string        // "" is https://api.telegram.org; or a Bot API server of one's own; or the simulator
	Webhook string        // the public address at which Hook is called; "" asks for updates again and again instead
	Secret  string        // what Telegram is to say in its header when it calls Hook, 1–256 of A–Z a–z 0–9 _ -
	Poll    time.Duration // how long one asking for updates lasts; 0 is 50 seconds
	Timeout time.Duration // of everything else; 0 is 15 seconds
	Client  *http.Client  // nil: one of our own
}

// Client is the bot. It is a channel.Gateway, a channel.Runner and a
// channel.Hook: Run asks for updates or, where Config.Webhook is set, tells
// Telegram to call Hook. It is safe for use at once.
type Client struct {
	bot     *bot.Bot
	http    *http.Client
	log     *slog.Logger
	api     string // without a slash at its end
	token   string
	name    string
	webhook string
	secret  string
	poll    time.Duration
	timeout time.Duration

	tries wire.Tries[int64] // updates whose voice note could not be fetched yet
}

var (
	tokenForm  = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{1,100}$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

// New makes the bot. It calls nobody yet. The error says which setting is wrong.
// The clock is taken as every gateway takes one, and not needed: Telegram names
// the time of what it tells.
func New(c Config, _ clock.Clock, log *slog.Logger) (*Client, error) {
	api := strings.TrimRight(c.API, "/")
	if api == "" {
		api = "https://api.telegram.org"
	}
	switch {
	case !tokenForm.MatchString(c.Token):
		return nil, errors.New("telegram: the token is not of the form that BotFather gives")
	case !address(api):
		return nil, errors.New("telegram: the API is not an http address")
	case c.Webhook != "" && !address(c.Webhook):
		return nil, errors.New("telegram: the webhook is not an http address")
	case c.Webhook != "" && c.Secret == "":
		return nil, errors.New("telegram: a webhook needs a secret")
	case c.Secret != "" && !secretForm.MatchString(c.Secret):
		return nil, errors.New("telegram: the secret has other characters than A–Z a–z 0–9 _ -, or more than 256")
	}
	t := &Client{
		log: log,
		api: api, token: c.Token, name: c.Name, webhook: c.Webhook, secret: c.Secret,
		poll: c.Poll, timeout: c.Timeout,
	}
	if t.poll <= 0 {
		t.poll = 50 * time.Second
	}
	if t.timeout <= 0 {
		t.timeout = 15 * time.Second
	}
	t.http = wire.Client(c.Client, t.poll+2*t.timeout, connections) // one request may wait for updates
	// The library's errors carry what Telegram said, which may be anything. They
	// come back to us as values; its own log is silenced.
	b, err := bot.New(c.Token, bot.WithSkipGetMe(), bot.WithServerURL(api),
		bot.WithHTTPClient(t.timeout, &carrier{t.http}),
		bot.WithErrorsHandler(func(error) {}), bot.WithDebugHandler(func(string, ...any) {}))
	if err != nil {
		return nil, errors.New("telegram: the bot could not be made")
	}
	t.bot = b
	return t, nil
}

func address(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// Send writes to somebody who wrote to the bot before: Telegram lets no bot
// write first. The answers become buttons under the text.
func (c *Client) Send(ctx context.Context, m channel.Outgoing) (channel.Sent, error) {
	chat, err := strconv.ParseInt(m.To, 10, 64)
	if err != nil || chat <= 0 { // groups and channels have negative numbers
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "not_a_private_chat")
	}
	if len(utf16.Encode([]rune(m.Text))) > textLimit {
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "too_long")
	}
	p := &bot.SendMessageParams{
		ChatID: chat, Text: m.Text,
		// A preview would make Telegram call every address we write.
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: bot.True()},
	}
	if len(m.Replies) > 0 {
		p.ReplyMarkup = keyboard(m.Replies)
	}
	var sent *models.Message
	err = c.call(ctx, c.timeout, func(ctx context.Context) (err error) {
		sent, err = c.bot.SendMessage(ctx, p)
		return err
	})
	if err != nil {
		return channel.Sent{}, err
	}
	return channel.Sent{Ref: strconv.Itoa(sent.ID), Parts: 1}, nil
}

// keyboard puts the answers under a text, one to a row, since they are
// sentences. Each begins with its digit, which may be typed just as well.
func keyboard(rs []channel.Reply) models.ReplyMarkup {
	var rows [][]models.InlineKeyboardButton
	for _, r := range rs {
		rows = append(rows, []models.InlineKeyboardButton{{Text: r.Key + " " + r.Text, CallbackData: r.Payload()}})
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}
