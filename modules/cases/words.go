package cases

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/service"
)

func unmarshal(told json.RawMessage, v any) error { return json.Unmarshal(told, v) }

// trackKey is what is compared of a word or of four digits: as people type
// them, in any script and with any digits.
func trackKey(typed string) string { return arabic.Key(arabic.Digits(typed)) }

// asFault is the fault in err; for anything else, one that says that it could
// not be read.
func asFault(err error) *fault.Fault {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	return &fault.Fault{Kind: fault.Invalid, Key: "error.unreadable", Cause: err}
}

// roleKey is the catalogue key of a journal line's role; "system:lease" is one too.
func roleKey(role string) string { return "role." + strings.ReplaceAll(role, ":", "_") }

func groups(number string) string {
	if n, err := receipt.Parse(number); err == nil {
		return n.Groups()
	}
	return number
}

func (o *Office) defOf(c *web.Ctx, cid CaseID) (def *service.Definition, err error) {
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := getCase(t, cid)
		if err == nil {
			def, err = o.def(t, k)
		}
		return err
	})
	return def, err
}

func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

// safeCells keeps a spreadsheet from running what somebody wrote (CWE-1236).
func safeCells(row []string) []string {
	for i, s := range row {
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			row[i] = "'" + s
		}
	}
	return row
}
