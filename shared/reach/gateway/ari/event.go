package ari

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/twiza/twiza/shared/reach/channel"
)

// longestEvent is more than any event of a channel takes.
const longestEvent = 256 << 10

// event is what of an ARI event we use. Which fields are there depends on Type.
type event struct {
	Type      string     `json:"type"`
	Timestamp string     `json:"timestamp,omitempty"`
	App       string     `json:"application,omitempty"`
	Channel   *line      `json:"channel,omitempty"`
	Digit     string     `json:"digit,omitempty"`
	Duration  int        `json:"duration_ms,omitempty"`
	Playback  *playback  `json:"playback,omitempty"`
	Recording *recording `json:"recording,omitempty"`
}

// line is a Channel: one telephone line with somebody at its end.
type line struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	State  string `json:"state,omitempty"`
	Caller struct {
		Number string `json:"number"`
		Name   string `json:"name"`
	} `json:"caller"`
	Dialplan struct {
		App  string `json:"app_name"`
		Data string `json:"app_data"`
	} `json:"dialplan"`
}

type playback struct {
	ID     string `json:"id"`
	Media  string `json:"media_uri,omitempty"`
	Target string `json:"target_uri"`
	State  string `json:"state"`
}

type recording struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	State  string `json:"state"`
	Target string `json:"target_uri"`
	Length int    `json:"duration,omitempty"` // seconds
}

// parse reads one event. What is not in the form of the protocol is ErrGarbled
// with a code.
func parse(b []byte) (event, error) {
	var e event
	wrong := func(code string) (event, error) { return event{}, channel.Wrong(channel.ErrGarbled, code) }
	if len(b) > longestEvent {
		return wrong("too_long")
	}
	if json.Unmarshal(b, &e) != nil {
		return wrong("no_json")
	}
	if e.Type == "" || !plain(e.Type) {
		return wrong("no_type")
	}
	if e.Channel != nil && !plain(e.Channel.ID) || e.Playback != nil && !plain(e.Playback.ID) || e.Recording != nil && !plain(e.Recording.Name) {
		return wrong("no_name")
	}
	switch e.Type {
	case "ChannelDtmfReceived":
		if e.Channel == nil || len(e.Digit) != 1 || !strings.Contains("0123456789*#ABCDE", e.Digit) {
			return wrong("no_key")
		}
	case "StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelHangupRequest":
		if e.Channel == nil {
			return wrong("no_channel")
		}
	case "PlaybackFinished":
		if e.Playback == nil {
			return wrong("no_playback")
		}
	case "RecordingFinished", "RecordingFailed":
		if e.Recording == nil {
			return wrong("no_recording")
		}
	}
	return e, nil
}

// plain is whether a name may stand in the path of a request.
func plain(s string) bool {
	return s != "" && len(s) <= 200 && strings.Trim(s, ".") != "" &&
		strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsGraphic(r) || r == '/' || r == '\\' }) < 0
}

// whose is the identifier of the channel that an event is about, or "".
func (e event) whose() string {
	target := ""
	switch {
	case e.Channel != nil:
		return e.Channel.ID
	case e.Playback != nil:
		target = e.Playback.Target
	case e.Recording != nil:
		target = e.Recording.Target
	}
	id, ok := strings.CutPrefix(target, "channel:")
	if !ok || !plain(id) {
		return ""
	}
	return id
}

// stamp is how the exchange writes the time: ISO 8601 to the millisecond, with
// a zone that has no colon.
const stamp = "2006-01-02T15:04:05.000-0700"

// at is when it happened, zero when the exchange does not say.
func (e event) at() time.Time {
	t, err := time.Parse(stamp, e.Timestamp)
	if err != nil {
		return time.Time{}
	}
	return t
}
