package reach

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// playable are the kinds of sound that are handed to a browser as such; what a
// stranger's phone calls by any other name is a file to keep.
var playable = []string{"audio/ogg", "audio/opus", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav", "audio/x-wav", "audio/webm", "audio/3gpp"}

// listen hands on a voice note. The door is a link too, for those without a
// player in their page.
func (s *Service) listen(c *web.Ctx) error {
	nid, err := id.Parse[note](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	media, sound, err := s.Listen(c.Context(), actor.From(c.Context()), nid)
	if err != nil {
		return err
	}
	return Play(c, media, sound)
}

// Play answers with what somebody said, as a sound where browsers know its kind.
func Play(c *web.Ctx, media string, sound []byte) error {
	kind, _, _ := strings.Cut(strings.ToLower(media), ";")
	if kind = strings.TrimSpace(kind); !slices.Contains(playable, kind) {
		return c.Download("note.bin", "application/octet-stream", sound)
	}
	return play(c, media, sound)
}

// play answers with a sound, whole or the piece that a player asks for.
func play(c *web.Ctx, media string, sound []byte) error {
	c.W.Header().Set("Content-Type", media)
	c.W.Header().Set("Content-Disposition", "inline")
	http.ServeContent(c.W, c.R, "", time.Time{}, bytes.NewReader(sound))
	return nil
}
