package round

import "time"

// Result is what became of one record that was sent.
type Result struct {
	ID      string
	State   string // taken, again, conflict, refused or later
	Err     error  // why, for a sentence in the reader's language
	Key     string // or the sentence itself
	Receipt string
	Other   *Other
}

// What a phone is told of a record.
const (
	ResultTaken    = "taken"
	ResultAgain    = "again"
	ResultConflict = "conflict"
	ResultRefused  = "refused"
	ResultLater    = "later"
)

// Other is what stands where a record wants to be: the other account, without
// anybody's name.
type Other struct {
	Kind   string         `json:"kind" doc:"delivery, not_reached, moved, closed or cut"`
	At     *time.Time     `json:"at,omitempty"`
	Goods  map[string]int `json:"goods,omitempty"`
	Proof  string         `json:"proof,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Yours  bool           `json:"yours" doc:"told by the same account"`
}
