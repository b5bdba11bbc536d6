package cases

import (
	"strings"
	"unicode"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
)

// A head that is longer than this, and asks nothing, is what somebody said.
const maxHead = 100

// headless finds in the first line of a file what names of columns never are
// and what people's rows are made of: a telephone number, coordinates, an
// address of mail, a moment, a long text. The sentence tells the column and
// never what stands there. Such a file is turned away before any of it is kept.
func headless(heads []string) error {
	for i, h := range heads {
		if looksPersonal(h) {
			return fault.All{fault.New(fault.Invalid, "cases.import.no_heads", "n", i+1).On("file")}
		}
	}
	return nil
}

func looksPersonal(cell string) bool {
	cell = strings.TrimSpace(arabic.Digits(cell))
	if cell == "" {
		return false
	}
	if _, ok := geo.Parse(cell); ok {
		return true
	}
	digits, letters, dots := 0, 0, 0
	for _, r := range cell {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			letters++
		case r == '.' || r == ',':
			dots++
		}
	}
	switch {
	case letters == 0 && digits >= 7: // a phone, an identity card, a moment
		return true
	case letters <= 1 && dots > 0 && digits >= 4: // half of a pair of coordinates
		return true
	case letters <= 2 && digits >= 8: // 2023-09-09T03:12, or the letters of an identity card
		return true
	case strings.Contains(cell, "@") && strings.Contains(cell[strings.Index(cell, "@"):], ".") && !strings.ContainsAny(cell, " \n"):
		return true
	case strings.ContainsAny(cell, "\n\r"):
		return true
	}
	return len([]rune(cell)) > maxHead && !strings.ContainsAny(cell[len(cell)-min(len(cell), 4):], "?؟:)*")
}
