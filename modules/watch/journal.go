package watch

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/deed"
)

// short is an identifier by its last eight signs, which tell apart what one
// page shows; anything else stays whole. The first ones are only the time.
func short(s string) string {
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		return s[28:]
	}
	return s
}

// groups is a hash in fours, to be compared by eye.
func groups(sum []byte) (all []string) {
	for four := range slices.Chunk([]byte(hex.EncodeToString(sum)), 4) {
		all = append(all, string(four))
	}
	return all
}

// verified is what a verification found, as the journal keeps it.
type verified struct {
	Sealed   int64  `json:"sealed"` // lines found in order
	Unsealed int64  `json:"unsealed"`
	Head     string `json:"head,omitempty"`
	Sound    bool   `json:"sound"`
}

func verdict(v deed.Verdict) verified {
	return verified{v.Sealed, v.Unsealed, hex.EncodeToString(v.Head), v.Broken == ""}
}

// fileColumns are those of a file of lines.
var fileColumns = []string{"seq", "at", "deed", "subject", "account", "organisation", "role", "channel", "told"}

// asFile writes lines as CSV (RFC 4180), the newest first.
func asFile(lines []deed.Record) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(fileColumns); err != nil {
		return nil, err
	}
	for _, r := range lines {
		row := []string{fmt.Sprint(r.Seq), r.At.UTC().Format(time.RFC3339Nano), r.Deed, r.Subject, r.Account.String(), r.Org.String(), r.Role, r.Channel, string(r.Told)}
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// cell keeps a spreadsheet from running a cell as a formula: what begins with
// one of these signs, wide forms included, gets an apostrophe in front (OWASP,
// "CSV Injection").
func cell(s string) string {
	if strings.HasPrefix(s, "\t") || strings.HasPrefix(s, "\r") || strings.HasPrefix(s, "\n") {
		return "'" + s
	}
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, sign) {
			return "'" + s
		}
	}
	return s
}
