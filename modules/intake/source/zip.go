package source

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"
)

// maxEntries bounds what an archive may list. WhatsApp packs every picture of a
// chat beside its text; they are never opened.
const maxEntries = 20_000

func sniffZip(body []byte) Kind {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return XLSX // its reader says what is wrong
	}
	for _, f := range z.File[:min(len(z.File), maxEntries)] {
		switch {
		case strings.HasPrefix(f.Name, "xl/"):
			return XLSX
		case isChatText(f.Name):
			return WhatsApp
		case isResult(f.Name), isTalkPage(f.Name):
			return Telegram
		}
	}
	return XLSX
}

func isChatText(name string) bool { return strings.EqualFold(path.Ext(name), ".txt") }
func isResult(name string) bool   { return strings.EqualFold(path.Base(name), "result.json") }

// fromZip opens the first file of an archive that is wanted. What is packed may
// unpack to a thousand times its size, so no more than MaxOpen is read.
func fromZip(body []byte, wanted func(string) bool) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, wrong("bad_zip")
	}
	for _, f := range z.File[:min(len(z.File), maxEntries)] {
		if wanted(f.Name) {
			out, _, err := unpack(f, MaxOpen)
			return out, err
		}
	}
	return nil, wrong("bad_zip")
}

// unpack reads one entry of an archive, of at most left bytes, and says how many
// may still be read.
func unpack(f *zip.File, left int64) ([]byte, int64, error) {
	r, err := f.Open()
	if err != nil {
		return nil, left, wrong("bad_zip")
	}
	defer r.Close()
	out, err := io.ReadAll(io.LimitReader(r, left+1))
	switch {
	case int64(len(out)) > left:
		return nil, 0, wrong("too_big", "mb", MaxOpen>>20)
	case err != nil:
		return nil, left, wrong("bad_zip")
	}
	return out, left - int64(len(out)), nil
}
