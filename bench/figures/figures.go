// Package figures writes down what benches measured.
package figures

import (
	"encoding/json"
	"io"
)

// JSON prints one object for each figure, a line each.
func JSON[T any](w io.Writer, all []T) error {
	e := json.NewEncoder(w)
	for _, f := range all {
		if err := e.Encode(f); err != nil {
			return err
		}
	}
	return nil
}
