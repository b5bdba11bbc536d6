package service

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Canonical is the definition as JSON with sorted names and every value as
// text: the same for two files that differ in comments, order of names or
// layout only. It is itself a file that Parse reads.
func (d *Definition) Canonical() []byte { return slices.Clone(d.canon) }

// Hash is the SHA-256 of Canonical, in hexadecimal. A decision names the hash
// of the definition it was made by.
func (d *Definition) Hash() string { return hash(d.canon) }

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func canonical(n *yaml.Node) []byte {
	var b bytes.Buffer
	writeNode(&b, n)
	return b.Bytes()
}

func writeNode(b *bytes.Buffer, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		values := map[string]*yaml.Node{}
		names := []string{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if values[n.Content[i].Value] == nil {
				names = append(names, n.Content[i].Value)
			}
			values[n.Content[i].Value] = n.Content[i+1]
		}
		slices.Sort(names)
		b.WriteByte('{')
		for i, name := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, name)
			b.WriteByte(':')
			writeNode(b, values[name])
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			writeNode(b, item)
		}
		b.WriteByte(']')
	default:
		if n.ShortTag() == "!!null" {
			b.WriteString(`""`)
			return
		}
		writeString(b, n.Value)
	}
}

func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	b.Truncate(b.Len() - 1)
}
