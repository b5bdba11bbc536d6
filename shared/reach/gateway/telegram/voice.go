package telegram

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/twiza/twiza/shared/reach/channel"
)

const (
	voiceLimit = 1 << 20 // some four minutes and more of speech
	voiceTries = 5
)

// errVoice is that a voice note cannot be fetched for now.
var errVoice = errors.New("telegram: a voice note cannot be fetched")

// fetchVoice puts the recording into what is to be heard. What is longer than
// 1 MiB, or gone, or could not be fetched five times over, is heard without it:
// AudioType without Audio is a voice note of which we know only that it was
// made, and whoever made it can be told so.
func (c *Client) fetchVoice(ctx context.Context, id int64, m meant) error {
	if m.voice.File == "" || m.voice.Size > voiceLimit {
		return nil
	}
	data, err := c.download(ctx, m.voice.File)
	if errors.Is(err, channel.ErrRefused) {
		err = nil
	}
	if err != nil && ctx.Err() == nil && c.tries.Vain(id) >= voiceTries {
		err = nil
	}
	if err != nil {
		return errors.Join(errVoice, err)
	}
	c.tries.Done(id)
	m.in.Audio = data
	return nil
}

// download fetches a file: getFile says where it is for the next hour. The path
// is Telegram's, and yet may lead nowhere else than below the files of the API.
// A server of one's own that runs with --local gives paths of its disk, which
// cannot be fetched: they count as gone.
func (c *Client) download(ctx context.Context, file string) ([]byte, error) {
	var f *models.File
	err := c.call(ctx, c.timeout, func(ctx context.Context) (err error) {
		f, err = c.bot.GetFile(ctx, &bot.GetFileParams{FileID: file})
		return err
	})
	if err != nil {
		return nil, err
	}
	path, ok := below(f.FilePath)
	if !ok || f.FileSize > voiceLimit {
		return nil, channel.Wrong(channel.ErrRefused, "file")
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api+"/file/bot"+c.token+"/"+path, nil)
	if err != nil {
		return nil, channel.Wrong(channel.ErrRefused, "file")
	}
	a, err := c.http.Do(req)
	if err != nil { // its text has the address, which has the token
		return nil, channel.Wrong(channel.ErrAway, "no_answer")
	}
	defer a.Body.Close()
	switch {
	case a.StatusCode == http.StatusNotFound || a.StatusCode == http.StatusGone || a.StatusCode == http.StatusBadRequest:
		return nil, channel.Wrong(channel.ErrRefused, "file")
	case a.StatusCode != http.StatusOK:
		return nil, answered(a.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(a.Body, voiceLimit+1))
	if err != nil {
		return nil, channel.Wrong(channel.ErrAway, "no_answer")
	}
	if len(data) > voiceLimit {
		return nil, channel.Wrong(channel.ErrRefused, "too_long")
	}
	return data, nil
}

// below is a file's path as part of an address, or false when it leads elsewhere.
func below(path string) (string, bool) {
	if path == "" || len(path) > 500 || strings.HasPrefix(path, "/") {
		return "", false
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if p == "" || p == "." || p == ".." || strings.Contains(p, `\`) {
			return "", false
		}
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/"), true
}
