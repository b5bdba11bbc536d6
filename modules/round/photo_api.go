package round

import (
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// Photos come by tus 1.0.0 (tus.io/protocols/resumable-upload): creation, and
// the core. The checksum is told once, of the whole, at creation.
const (
	tusVersion  = "1.0.0"
	tusChecksum = 460 // tus 1.0.0, Checksum: "Checksum Mismatch"
)

func tus(c *web.Ctx, have int) {
	h := c.W.Header()
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Upload-Offset", strconv.Itoa(have))
	h.Set("Cache-Control", "no-store")
}

func (s *Service) apiPhotoBegin(c *web.Ctx) error {
	m := metadata(c.R.Header.Get("Upload-Metadata"))
	var p Photo
	p.ID, _ = id.Parse[Photo](m["id"]) // what is none is refused there
	p.Record, _ = id.Parse[Record](m["record"])
	p.Device, _ = id.Parse[Device](m["device"])
	if p.Device.IsZero() {
		p.Device, _ = id.Parse[Device](c.R.URL.Query().Get("device"))
	}
	p.Sum, _ = hex.DecodeString(m["sha256"])
	p.Size, _ = strconv.Atoi(c.R.Header.Get("Upload-Length"))
	have, err := s.BeginPhoto(c.Context(), actor.From(c.Context()), p)
	if err != nil {
		return err
	}
	tus(c, have)
	c.W.Header().Set("Location", "/api/v1/round/photos/"+p.ID.String())
	c.W.WriteHeader(http.StatusCreated)
	return nil
}

func photoID(c *web.Ctx) (PhotoID, error) {
	pid, err := id.Parse[Photo](c.R.PathValue("id"))
	if err != nil {
		return pid, fault.New(fault.Missing, "round.photo.missing")
	}
	return pid, nil
}

func (s *Service) apiPhotoHead(c *web.Ctx) error {
	pid, err := photoID(c)
	if err != nil {
		return err
	}
	have, size, err := s.PhotoSoFar(c.Context(), actor.From(c.Context()), pid)
	if err != nil {
		return err
	}
	tus(c, have)
	c.W.Header().Set("Upload-Length", strconv.Itoa(size))
	c.W.WriteHeader(http.StatusOK)
	return nil
}

func (s *Service) apiPhotoPart(c *web.Ctx) error {
	pid, err := photoID(c)
	if err != nil {
		return err
	}
	if c.R.Header.Get("Content-Type") != "application/offset+octet-stream" {
		return fault.New(fault.Invalid, "round.photo.part_kind")
	}
	from, err := strconv.Atoi(c.R.Header.Get("Upload-Offset"))
	if err != nil || from < 0 {
		return fault.New(fault.Invalid, "round.photo.offset_missing")
	}
	// What arrived before the network went counts: the phone goes on from there.
	piece, broken := io.ReadAll(c.R.Body)
	if _, big := errors.AsType[*http.MaxBytesError](broken); big {
		return broken
	}
	have, err := s.AddPhotoPart(c.Context(), actor.From(c.Context()), pid, from, piece)
	if errors.Is(err, errSum) {
		tus(c, 0)
		c.W.WriteHeader(tusChecksum)
		return nil
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Args["have"] != nil {
		c.W.Header().Set("Upload-Offset", strconv.Itoa(f.Args["have"].(int)))
	}
	if err != nil {
		return err
	}
	tus(c, have)
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}
