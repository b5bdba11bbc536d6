package translog

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/translog/verify"
)

// doors are those of C2SP tlog-tiles under the prefix /log, those of the other public
// files as verify.Folder names them, one for proofs, and the page for people.
func (l *Log) doors() []module.Door {
	door := func(path string, class web.Class, do func(*web.Ctx) error) module.Door {
		return module.Door{API: true, Method: "GET", Path: path, Deed: DeedRead, Class: class, Handle: do}
	}
	return []module.Door{
		door("/log/checkpoint", web.Public, l.serveCheckpoint),
		door("/log/tile/{level}/{path...}", web.Bulk, l.serveTile),
		door("/log/proof/{index}", web.Public, l.serveProof),
		door("/log/"+verify.OlderFolder+"/{size}", web.Public, l.serveOlder),
		door("/log/"+verify.TotalsFile, web.Public, l.serveTotals),
		module.Get("/log", DeedRead, l.showLog),
	}
}

// For how long others may keep what they were sent: a head is old after a second, a
// proof is right for ever and another head makes a newer one, a tile never changes.
const (
	keepHead  = "public, max-age=2"
	keepProof = "public, max-age=60"
	keepTile  = "public, max-age=31536000, immutable"
)

func send(c *web.Ctx, kind, keep string, body []byte) error {
	h := c.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", keep)
	h.Set("Access-Control-Allow-Origin", "*") // whoever checks us may do it from a page of their own
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.W.Write(body) // a reader who has gone needs none
	return nil
}

// calmly turns a refusal into what people and programs are told; the whole is logged
// by whoever integrates.
func calmly(err error) error {
	if r, ok := errors.AsType[*Refused](err); ok {
		return &fault.Fault{Kind: fault.Away, Key: "translog.log.refused", Cause: r}
	}
	return err
}

// serveCheckpoint is GET /log/checkpoint.
func (l *Log) serveCheckpoint(c *web.Ctx) error {
	body, err := l.Checkpoint(c.Context())
	if err != nil {
		return calmly(err)
	}
	return send(c, "text/plain; charset=utf-8", keepHead, body)
}

// serveTile is GET /log/tile/<L>/<N>[.p/<W>] and GET /log/tile/entries/<N>[.p/<W>].
func (l *Log) serveTile(c *web.Ctx) error {
	x, err := verify.ParseTile("tile/" + c.R.PathValue("level") + "/" + c.R.PathValue("path"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	body, err := l.Tile(c.Context(), x)
	if err != nil {
		return err
	}
	if x.Level == verify.Entries { // text, which packs well; hashes do not
		c.W.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(c.R.Header.Get("Accept-Encoding"), "gzip") {
			c.W.Header().Set("Content-Encoding", "gzip")
			if body, err = packed(body); err != nil {
				return err
			}
		}
	}
	return send(c, "application/octet-stream", keepTile, body)
}

func packed(body []byte) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(body)
	err = errors.Join(err, z.Close())
	return out.Bytes(), err
}

// numbered reads a number of the address in its one spelling.
func numbered(c *web.Ctx, name string) (int64, error) {
	text := c.R.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fault.New(fault.Missing, "error.missing")
	}
	return n, nil
}

// serveOlder is GET /log/checkpoints/<size>: a head that was signed before, as it was.
func (l *Log) serveOlder(c *web.Ctx) error {
	size, err := numbered(c, "size")
	if err != nil {
		return err
	}
	body, err := l.Older(c.Context(), size)
	if err != nil {
		return calmly(err)
	}
	return send(c, "text/plain; charset=utf-8", keepProof, body)
}

// serveTotals is GET /log/totals.csv.
func (l *Log) serveTotals(c *web.Ctx) error {
	_, sums, err := l.Totals(c.Context())
	if err != nil {
		return calmly(err)
	}
	return send(c, "text/csv; charset=utf-8", keepHead, sums)
}

// serveProof is GET /log/proof/<index>, named so that it is kept as a .tlog-proof file.
func (l *Log) serveProof(c *web.Ctx) error {
	index, err := numbered(c, "index")
	if err != nil {
		return err
	}
	body, err := l.Proof(c.Context(), index)
	if err != nil {
		return calmly(err)
	}
	c.W.Header().Set("Content-Disposition", `attachment; filename="`+strconv.FormatInt(index, 10)+verify.ProofSuffix+`"`)
	return send(c, "text/plain; charset=utf-8", keepProof, body)
}
