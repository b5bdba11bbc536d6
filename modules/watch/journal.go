package watch

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/deed"
)

// fact is one thing a line tells: a code, an identifier, a number.
type fact struct{ Name, Value string }

// facts spells out what a line tells, by name. What is within another is named
// after both: "stop.quantity".
func facts(told json.RawMessage) []fact {
	d := json.NewDecoder(bytes.NewReader(told))
	d.UseNumber() // a receipt must not become 4.8e+08
	var v any
	if err := d.Decode(&v); err != nil {
		return []fact{{"?", string(told)}} // not ours, or altered: shown as it is
	}
	var all []fact
	spell("", v, &all)
	slices.SortStableFunc(all, func(a, b fact) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func spell(name string, v any, all *[]fact) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if name != "" {
				k = name + "." + k
			}
			spell(k, inner, all)
		}
	case []any:
		if len(v) > 0 && !plain(v) {
			for i, inner := range v {
				spell(fmt.Sprintf("%s.%d", name, i+1), inner, all)
			}
			return
		}
		var parts []string
		for _, inner := range v {
			parts = append(parts, short(fmt.Sprint(inner)))
		}
		*all = append(*all, fact{name, strings.Join(parts, ", ")})
	case nil:
	default:
		*all = append(*all, fact{name, short(fmt.Sprint(v))})
	}
}

// plain tells whether a list holds nothing that has names of its own.
func plain(list []any) bool {
	for _, v := range list {
		switch v.(type) {
		case map[string]any, []any:
			return false
		}
	}
	return true
}

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
