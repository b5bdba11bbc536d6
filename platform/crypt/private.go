package crypt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// OpenPrivate reads a file of secrets that is kept as the master key is: outside the
// data folder, readable by its owner alone. One that is not there yet is made with
// what first gives; created says so, that the operator be told to keep a copy. what
// names the file in errors ("the key file of the log").
func OpenPrivate(path, dataDir, what string, first func() (string, error)) (text string, created bool, err error) {
	if dataDir != "" {
		in, err := inside(dataDir, path)
		if err != nil {
			return "", false, fmt.Errorf("crypt: finding %s: %w", path, err)
		}
		if in {
			return "", false, fmt.Errorf("crypt: %s %s is inside the data folder %s: whoever has a copy of that folder would have the key; name a file elsewhere", what, path, dataDir)
		}
	}
	body, err := readPrivate(path, what)
	if !errors.Is(err, fs.ErrNotExist) {
		return string(body), false, err
	}
	if text, err = first(); err != nil {
		return "", false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", false, fmt.Errorf("crypt: making a place for %s: %w", what, err)
	}
	tmp, err := writeAside(path, []byte(text)) // then linked, as NewRing does: of two processes one makes it
	if err != nil {
		return "", false, err
	}
	defer os.Remove(tmp)
	switch err := os.Link(tmp, path); {
	case errors.Is(err, fs.ErrExist):
		body, err := readPrivate(path, what)
		return string(body), false, err
	case err != nil:
		return "", false, fmt.Errorf("crypt: making %s: %w", what, err)
	}
	return text, true, syncDir(path)
}
