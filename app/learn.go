package app

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/twiza/twiza/shared/sense"
)

// learn makes sense.model of a country pack from its sentences, sense/*.csv, and
// its list of words. The same files give the same bytes.
func learn(e *env, dir string) error {
	all, of, err := sense.ReadTaught(os.DirFS(dir))
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("%s has no sentences to learn from", dir)
	}
	words, err := sense.LoadList(os.DirFS(filepath.Dir(dir)), filepath.Base(dir))
	if err != nil {
		return err
	}
	m := sense.Learn(words, sense.KeysOf(all), all)
	m.Of = of
	body, err := m.Bytes()
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "sense.model")
	if err := os.WriteFile(name, body, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s: %d sentences, %d features, %d KB\n", name, len(all), len(m.IDs), len(body)>>10)
	return nil
}
