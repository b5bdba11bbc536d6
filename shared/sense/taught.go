package sense

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// ReadTaught reads the sentences of a country pack, sense/*.csv with the heads
// text,lang,script,says,people, and the fingerprint of them and of the list of
// words beside them: what a model of that pack must be learnt from.
func ReadTaught(pack fs.FS) (all []Taught, of string, err error) {
	sum := sha256.New()
	list, err := fs.ReadFile(pack, "sense.yaml")
	if err != nil {
		return nil, "", err
	}
	sum.Write(list)
	files, err := fs.Glob(pack, "sense/*.csv")
	for _, name := range files {
		raw, err := fs.ReadFile(pack, name)
		if err != nil {
			return nil, "", err
		}
		sum.Write([]byte("\x00" + path.Base(name) + "\x00"))
		sum.Write(raw)
		some, err := taughtIn(raw)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, some...)
	}
	return all, hex.EncodeToString(sum.Sum(nil)), err
}

func taughtIn(raw []byte) (all []Taught, err error) {
	r := csv.NewReader(bytes.NewReader(raw))
	heads, err := r.Read()
	if err != nil || !slices.Equal(heads, []string{"text", "lang", "script", "says", "people"}) {
		return nil, errors.Join(err, errors.New("the heads are not text,lang,script,says,people"))
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Taught{Text: row[0], Lang: row[1], Says: strings.Fields(row[3])})
	}
}

// KeysOf is everything that sentences say, sorted.
func KeysOf(all []Taught) (keys []string) {
	for _, t := range all {
		keys = append(keys, t.Says...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
