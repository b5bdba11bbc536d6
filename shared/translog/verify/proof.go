package verify

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Proof shows offline that an entry stands in a log (C2SP tlog-proof).
type Proof struct {
	Extra []byte // here a Receipt; nil is none
	Index int64  // of the entry, from 0
	Path  tlog.RecordProof
	Note  []byte // the signed checkpoint, as the log gave it
}

const (
	proofHead = "c2sp.org/tlog-proof@v1\n"
	mostPath  = 63
)

// Marshal writes the proof as text.
func (p Proof) Marshal() []byte {
	out := []byte(proofHead)
	if p.Extra != nil {
		out = fmt.Appendf(out, "extra %s\n", strict.EncodeToString(p.Extra))
	}
	out = fmt.Appendf(out, "index %d\n", p.Index)
	for _, h := range p.Path {
		out = fmt.Appendf(out, "%s\n", h)
	}
	return append(append(out, '\n'), p.Note...)
}

// ParseProof reads what Marshal writes and no other spelling of it.
func ParseProof(msg []byte) (p Proof, err error) {
	bad := errors.New("verify: no proof of a log")
	head, noteText, ok := strings.Cut(string(msg), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 2 || lines[0]+"\n" != proofHead || len(lines) > mostPath+3 {
		return p, bad
	}
	lines = lines[1:]
	if extra, is := strings.CutPrefix(lines[0], "extra "); is {
		if p.Extra, err = strict.DecodeString(extra); err != nil {
			return p, bad
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return p, bad
	}
	if p.Index, err = strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64); err != nil || p.Index < 0 {
		return p, bad
	}
	for _, line := range lines[1:] {
		raw, err := strict.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return p, bad
		}
		p.Path = append(p.Path, tlog.Hash(raw))
	}
	p.Note = []byte(noteText)
	if !bytes.Equal(p.Marshal(), msg) {
		return p, bad
	}
	return p, nil
}

// Receipt is what the extra data of a proof hold here: the leaf, and for whoever
// may know it, what the leaf commits to. Canonical JSON. Every byte of it is
// checked: the leaf by its place in the log, salt and body by the commitment.
type Receipt struct {
	Leaf string          `json:"leaf"`           // the entry, a text in itself
	Body json.RawMessage `json:"body,omitempty"` // canonical, absent where it is not told or was erased
	Salt string          `json:"salt,omitempty"` // hexadecimal, beside Body
}

// Proved is what a proof shows.
type Proved struct {
	Signed
	Index int64
	Leaf  Leaf
	Body  json.RawMessage // what the leaf commits to, if the receipt tells it
}

// Check verifies a receipt by the log's keys alone: the signature on its checkpoint,
// the path from the leaf to the root, and what the leaf commits to, if it is there.
func (k *Keys) Check(msg []byte) (out Proved, err error) {
	p, err := ParseProof(msg)
	if err != nil {
		return out, err
	}
	if out.Signed, err = k.Open(p.Note); err != nil {
		return out, err
	}
	out.Index = p.Index
	var r Receipt
	if err := json.Unmarshal(p.Extra, &r); err != nil {
		return out, errors.New("verify: the proof does not say of which leaf it is")
	}
	if again, err := Canonical(r); err != nil || !bytes.Equal(again, p.Extra) {
		return out, errors.New("verify: the leaf of the proof is not spelled canonically")
	}
	if p.Index >= out.Size {
		return out, errors.New("verify: the proof is of a leaf behind the end of the log")
	}
	if err := tlog.CheckRecord(p.Path, out.Size, out.Root, p.Index, tlog.RecordHash([]byte(r.Leaf))); err != nil {
		return out, fmt.Errorf("verify: the leaf does not stand in the log at %d: %w", p.Index, err)
	}
	if out.Leaf, err = ParseLeaf([]byte(r.Leaf)); err != nil && !errors.Is(err, ErrVersion) {
		return out, err
	}
	if r.Salt == "" && r.Body == nil {
		return out, nil
	}
	salt, err := hex.DecodeString(r.Salt)
	if err != nil || hex.EncodeToString(salt) != r.Salt || !out.Leaf.Opens(salt, r.Body) {
		return out, errors.New("verify: the leaf commits to something else than the receipt tells")
	}
	out.Body = r.Body
	return out, nil
}
