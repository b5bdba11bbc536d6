package translog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
)

// Checkpoint is the newest signed head, with the signatures of witnesses beneath those
// of the log. It is written down before it is handed out; one that does not continue
// what this machine showed before is *Refused. None yet is fault.Missing.
func (l *Log) Checkpoint(ctx context.Context) (msg []byte, err error) {
	shown, err := l.shown.recall()
	if err != nil {
		return nil, err
	}
	var c checkpoint
	var lines []string
	err = l.h.DB.Read(ctx, func(t *db.Tx) error {
		var there bool
		if c, there, err = lastCheckpoint(t); err != nil {
			return err
		}
		if err := l.continues(t, c.size, shown); err != nil {
			return err
		}
		if !there {
			return fault.New(fault.Missing, "error.missing")
		}
		lines, err = cosignatures(t, c.size)
		return err
	})
	if err != nil {
		return nil, err
	}
	head, err := parseNote(c.note)
	if err != nil {
		return nil, err
	}
	if err := l.shown.remember(head, []byte(c.note)); err != nil {
		return nil, err
	}
	return []byte(c.note + strings.Join(lines, "")), nil
}

// Older is a head that the log signed at a size that it has outgrown, or has now, with
// the signatures of witnesses; fault.Missing where it signed none at that size.
func (l *Log) Older(ctx context.Context, size int64) (msg []byte, err error) {
	if _, err := l.Checkpoint(ctx); err != nil { // nothing is shown of a store that was rolled back
		return nil, err
	}
	err = l.h.DB.Read(ctx, func(t *db.Tx) error {
		c, there, err := checkpointAt(t, size)
		if err == nil && !there {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err != nil {
			return err
		}
		lines, err := cosignatures(t, size)
		msg = []byte(c.note + strings.Join(lines, ""))
		return err
	})
	return msg, err
}

func parseNote(msg string) (verify.Checkpoint, error) {
	text, _, _ := strings.Cut(msg, "\n\n")
	return verify.ParseText(text + "\n")
}

// Cosign takes the signature of a witness on a head that the log signed: the note as
// the witness gave it back, or its lines alone under the note's text. Only witnesses
// whose keys the log was given count (C2SP tlog-cosignature).
func (l *Log) Cosign(ctx context.Context, msg []byte) (names []string, err error) {
	if l.keys == nil {
		return nil, fault.New(fault.Missing, "error.missing")
	}
	n, err := note.Open(msg, l.keys.Verifiers())
	if err != nil {
		return nil, fault.New(fault.Invalid, "translog.cosignature.other")
	}
	c, err := verify.ParseText(n.Text)
	if err != nil || c.Origin != l.c.Origin {
		return nil, fault.New(fault.Invalid, "translog.cosignature.other")
	}
	err = l.h.DB.Write(ctx, func(t *db.Tx) error {
		names = nil
		ours, there, err := checkpointAt(t, c.Size)
		if err != nil {
			return err
		}
		if !there || tlog.Hash(ours.root) != c.Root {
			return fault.New(fault.Conflict, "translog.cosignature.other")
		}
		for _, s := range n.Sigs {
			if s.Name == l.c.Origin {
				continue
			}
			if err := keepCosignature(t, c.Size, fmt.Sprintf("%s+%08x", s.Name, s.Hash), "— "+s.Name+" "+s.Base64+"\n"); err != nil {
				return err
			}
			names = append(names, s.Name)
		}
		if len(names) == 0 {
			return fault.New(fault.Invalid, "translog.cosignature.other")
		}
		return nil
	})
	return names, err
}

// Tile is the body of a public file of the tree, as far as the newest signed head has
// it; fault.Missing where it has not.
func (l *Log) Tile(ctx context.Context, x verify.Tile) (body []byte, err error) {
	err = l.h.DB.Read(ctx, func(t *db.Tx) error {
		c, there, err := lastCheckpoint(t)
		if err != nil {
			return err
		}
		if !there || x.In(c.size) < x.W {
			return fault.New(fault.Missing, "error.missing")
		}
		body, err = tileBody(t, x)
		return err
	})
	return body, err
}

func tileBody(t *db.Tx, x verify.Tile) (body []byte, err error) {
	if x.Level != verify.Entries {
		return tlog.ReadTileData(tlog.Tile{H: 8, L: x.Level, N: x.N, W: x.W}, newTree(t))
	}
	from := x.N * verify.Width
	all, err := entriesFrom(t, from, from+int64(x.W))
	if err != nil {
		return nil, err
	}
	if len(all) != x.W {
		return nil, fmt.Errorf("translog: %d entries from %d on, and not %d", len(all), from, x.W)
	}
	for _, f := range all {
		body = verify.AppendEntry(body, f.entry)
	}
	return body, nil
}

// Proof shows that a leaf stands in the log, for everybody (C2SP tlog-proof): it holds
// the leaf and not what the leaf commits to.
func (l *Log) Proof(ctx context.Context, index int64) (msg []byte, err error) {
	return l.prove(ctx, func(t *db.Tx) (leaf, json.RawMessage, error) {
		all, err := entriesFrom(t, index, index+1)
		if err == nil && len(all) == 0 {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err != nil {
			return leaf{}, nil, err
		}
		return all[0], nil, nil
	})
}

// Receipt is a proof for whom the leaf is about: it also tells what the leaf commits
// to, as body says it, and by which salt. A body that is not that one is an error; for
// a leaf that was erased it is left out. A leaf without its place yet is
// fault.Conflict: a second later it has one.
func (l *Log) Receipt(ctx context.Context, lid LeafID, body any) (msg []byte, err error) {
	return l.prove(ctx, func(t *db.Tx) (leaf, json.RawMessage, error) {
		f, err := leafByID(t, lid)
		if err != nil {
			return f, nil, err
		}
		told, err := verify.Canonical(body)
		return f, told, err
	})
}

func (l *Log) prove(ctx context.Context, find func(*db.Tx) (leaf, json.RawMessage, error)) (msg []byte, err error) {
	head, err := l.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	c, err := parseNote(string(head))
	if err != nil {
		return nil, err
	}
	err = l.h.DB.Read(ctx, func(t *db.Tx) error {
		f, body, err := find(t)
		if err != nil {
			return err
		}
		if f.index < 0 || f.index >= c.Size {
			return fault.New(fault.Conflict, "translog.leaf.waiting")
		}
		r := verify.Receipt{Leaf: string(f.entry)}
		if body != nil && f.salt != nil {
			if r.Salt, err = l.opened(f, body); err != nil {
				return err
			}
			r.Body = body
		}
		extra, err := verify.Canonical(r)
		if err != nil {
			return err
		}
		path, err := tlog.ProveRecord(c.Size, f.index, newTree(t))
		msg = verify.Proof{Extra: extra, Index: f.index, Path: path, Note: head}.Marshal()
		return err
	})
	return msg, err
}

// opened is the salt by which a leaf's commitment opens to body.
func (l *Log) opened(f leaf, body []byte) (string, error) {
	salt, err := l.vault.Open(saltAt(f.id), f.salt)
	if err != nil {
		return "", err
	}
	x, err := verify.ParseLeaf(f.entry)
	if err != nil {
		return "", err
	}
	if !x.Opens(salt, body) {
		return "", errors.New("translog: the leaf commits to something else")
	}
	return fmt.Sprintf("%x", salt), nil
}
