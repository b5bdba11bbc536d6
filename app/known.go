package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/twiza/twiza/modules/cases"
)

// known is what a process needs to take requests before its store answers. It lies
// beside the spool: the data keys wrapped by the master key, which is elsewhere; the
// crises that were open; and numbers that are promised to nobody else.
type known struct {
	Keys json.RawMessage `json:"keys"`
	cases.Memory
}

const (
	knownSuffix = ".known"
	usedSuffix  = ".known-used" // its numbers are taken
)

func (h *House) knownFile() (string, error) {
	mine, err := h.Spool.Identity()
	return filepath.Join(h.Config.Spool, mine+knownSuffix), err
}

// recall finds what was known last time. Numbers are this process's own alone, and
// are taken out of the file before the first is given: no start gives them twice.
func (h *House) recall() (m cases.Memory, err error) {
	own, err := h.knownFile()
	if err != nil {
		return m, err
	}
	files, err := filepath.Glob(filepath.Join(h.Config.Spool, "*"+knownSuffix+"*"))
	if err != nil {
		return m, err
	}
	for _, name := range append([]string{own}, files...) {
		body, err := os.ReadFile(name)
		var k known
		if err != nil || json.Unmarshal(body, &k) != nil {
			continue
		}
		if h.Vault.Recall(k.Keys) != nil { // wrapped by a master key that is no more
			continue
		}
		if m.Crises = k.Crises; name == own && len(k.Numbers) > 0 {
			err := os.Rename(own, strings.TrimSuffix(own, knownSuffix)+usedSuffix) // needs no room on a full disk
			if err == nil {
				err = syncFolder(h.Config.Spool)
			}
			if err != nil {
				return m, err
			}
			m.Numbers = k.Numbers
		}
		return m, nil
	}
	return m, nil
}

// keepKnown writes down what the next start may need.
func (h *House) keepKnown() {
	name, err := h.knownFile()
	if err != nil {
		return // there is no room, or no folder: the spool says so
	}
	keys, err := h.Vault.Wrapped()
	if err != nil {
		return
	}
	if _, away := h.DB.Away(); away {
		return // what is known now is no newer
	}
	k := known{keys, h.Cases.Remember()}
	body, err := json.Marshal(k)
	if err != nil || bytes.Equal(body, h.wrote) {
		return
	}
	if err := writeKnown(name, k); err != nil {
		h.Log.Warn("what the next start needs is not written down", "problem", err.Error())
		return
	}
	h.wrote = body
	os.Remove(strings.TrimSuffix(name, knownSuffix) + usedSuffix)
}

// forgetKnown: the store is another house's than the one that was known.
func (h *House) forgetKnown() {
	files, _ := filepath.Glob(filepath.Join(h.Config.Spool, "*"+knownSuffix+"*")) // the pattern is ours
	for _, name := range files {
		os.Remove(name)
	}
}

// writeKnown replaces the file whole, and is on the disk when it returns.
func writeKnown(name string, k known) error {
	body, err := json.Marshal(k)
	if err != nil {
		return err
	}
	fresh := name + ".new"
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(fresh, name)
	}
	if err != nil {
		os.Remove(fresh)
		return err
	}
	return syncFolder(filepath.Dir(name))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
