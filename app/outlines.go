package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/twiza/twiza/shared/places"
)

// outlinesFile keeps finer outlines that an operator brought in. They are not
// ours to ship; whoever imports them answers for their source.
func (c *Config) outlinesFile() string { return filepath.Join(c.Data, "outlines.json") }

// importOutlines takes a GeoJSON file whose features carry a code of the
// gazetteer. A feature without a known code is an error, not a line on a map.
func (h *House) importOutlines(_ context.Context, e *env, body []byte) error {
	list, err := places.ReadGeoJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	if _, err := h.Places.WithOutlines(list); err != nil {
		return err
	}
	kept, err := json.Marshal(list)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(h.Config.Data, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(h.Config.outlinesFile(), kept, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%d outlines are drawn from the next start on.\n", len(list))
	return nil
}

// outlines adds what was imported to what the pack draws.
func (h *House) outlines() error {
	body, err := os.ReadFile(h.Config.outlinesFile())
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var list []places.Outline
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("%s: %w", h.Config.outlinesFile(), err)
	}
	h.Places, err = h.Places.WithOutlines(list)
	return err
}
