package board

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// kept is what a house that stays filled tells the next run: who is let in, and
// how many requests it holds.
type kept struct {
	file    string
	session string
	stored  int
}

func (k *kept) read() error {
	b, err := os.ReadFile(k.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = fmt.Sscan(string(b), &k.session, &k.stored)
	}
	return err
}

func (k *kept) write(session string, stored int) error {
	k.session, k.stored = session, stored
	return os.WriteFile(k.file, fmt.Appendln(nil, session, stored), 0o600)
}
