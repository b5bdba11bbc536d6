package intake

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/platform/web"
)

// ErrorFile is the reader's own rows that failed, with one more column that
// says why, so that they can be mended and brought in again.
func (s *Service) ErrorFile(c *web.Ctx, t source.Table, failed []RowError) []byte {
	say := func(err error) string {
		errs, _ := c.FieldErrors(err)
		var all []string
		for _, e := range errs {
			all = append(all, e.Field+": "+stripTags(string(e.Text)))
		}
		return strings.Join(all, "; ")
	}
	return errorFile(t, failed, c.P.Text("intake.import.why"), say)
}

func errorFile(t source.Table, failed []RowError, head string, say func(error) string) []byte {
	var b bytes.Buffer
	b.WriteString("\xef\xbb\xbf")
	w := csv.NewWriter(&b)
	w.Write(append(safeCells(slices.Clone(t.Heads)), head))
	for _, f := range failed {
		row := make([]string, len(t.Heads))
		copy(row, t.Rows[f.Line-2])
		w.Write(append(safeCells(row), strconv.Itoa(f.Line)+": "+say(f.Err)))
	}
	w.Flush()
	return b.Bytes()
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

func stripTags(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return b.String()
}
