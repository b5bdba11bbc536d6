package room

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

// Bulk is one deed for many cases.
type Bulk struct {
	ID       BulkID
	Account  actor.AccountID // who chose, and alone does and undoes it
	Act      string
	Team     string
	Sector   string
	State    BulkState
	MadeAt   time.Time
	DoneAt   time.Time
	UndoneAt time.Time
}

type (
	bulkKind struct{}
	BulkID   = id.Of[bulkKind]
)

// BulkState is how far a bulk has come.
type BulkState string

const (
	Draft  BulkState = "draft" // chosen, to be looked over
	Done   BulkState = "done"
	Undone BulkState = "undone"
)

const (
	// MostAtOnce is how many cases one bulk may hold: more than anybody can look
	// over is not a choice.
	MostAtOnce = 200
	undoFor    = 10 * time.Minute
	draftFor   = 24 * time.Hour
	bulkFor    = 30 * 24 * time.Hour // for which its page can be opened again
)

// The states of one case of a bulk.
const (
	chosen = "chosen"
	left   = "left" // not done, and why
	done   = "done"
	undone = "undone"
	kept   = "kept" // done, and not put back, and why
)

func (b *Bulk) subject() string { return "room.bulk/" + b.ID.String() }

func (b *Bulk) what() What { return What{b.ID.String(), b.Act, b.Team, b.Sector} }

// undoable tells whether it may still be taken back.
func (b *Bulk) undoable(now time.Time) bool {
	return b.State == Done && now.Before(b.DoneAt.Add(undoFor))
}

// item is one case of a bulk, as it is kept.
type item struct {
	Item
	State  string
	Reason *fault.Fault // why it was left or kept
}

// why is a fault as it is kept: a key and its arguments; times are microseconds
// behind an at sign.
type why struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// asFault is what of an error a person is told; nil for what is ours to mend.
func asFault(err error) *fault.Fault {
	if all, ok := errors.AsType[fault.All](err); ok && len(all) > 0 {
		return all[0]
	}
	f, _ := errors.AsType[*fault.Fault](err)
	return f
}

func packWhy(f *fault.Fault) string {
	w := why{Key: f.Key, Args: map[string]string{}}
	for k, v := range f.Args {
		switch v := v.(type) {
		case string:
			w.Args[k] = v
		case time.Time:
			w.Args[k] = "@" + strconv.FormatInt(v.UnixMicro(), 10)
		case int:
			w.Args[k] = strconv.Itoa(v)
		}
	}
	b, _ := json.Marshal(w) // strings always marshal
	return string(b)
}

func unpackWhy(text string) *fault.Fault {
	var w why
	if json.Unmarshal([]byte(text), &w) != nil || w.Key == "" {
		return nil
	}
	f := fault.New(fault.Conflict, w.Key)
	for k, v := range w.Args {
		if f.Args == nil {
			f.Args = map[string]any{}
		}
		f.Args[k] = v
		if us, ok := strings.CutPrefix(v, "@"); ok {
			if n, err := strconv.ParseInt(us, 10, 64); err == nil {
				f.Args[k] = time.UnixMicro(n).UTC()
			}
		}
	}
	return f
}
