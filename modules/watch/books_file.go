package watch

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
)

// postingColumns are those of the files, and stay as they are: programs read them.
// Amounts are in the smallest unit.
var postingColumns = []string{"value_on", "made_at", "entry", "ref", "about", "purpose", "document", "account", "kind", "asset", "amount", "fee", "deed", "by", "role"}

const amountColumn = 10

// eachPosting shows every posting as a row of text that no spreadsheet runs, and its
// amount, which is a number.
func eachPosting(t *db.Tx, fn func(row []string, amount int64) error) error {
	accounts, err := ledger.Accounts(t, "")
	if err != nil {
		return err
	}
	of := map[ledger.AccountID]*ledger.Account{}
	for _, a := range accounts {
		of[a.ID] = a
	}
	return ledger.Each(t, func(e ledger.Entry) error {
		for _, p := range e.Postings {
			a := of[p.Account]
			row := []string{e.ValueOn, e.MadeAt.UTC().Format(time.RFC3339Nano), e.ID.String(), e.Ref, e.About, e.Purpose, e.Document, a.Code, string(a.Kind), p.Asset, "",
				strconv.FormatBool(p.Fee), e.Deed, e.By.String(), e.Role}
			for i := range row {
				row[i] = cell(row[i])
			}
			row[amountColumn] = strconv.FormatInt(p.Amount, 10) // a number below zero is no formula
			if err := fn(row, p.Amount); err != nil {
				return err
			}
		}
		return nil
	})
}

func postingsCSV(t *db.Tx, out *bytes.Buffer) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	if err := w.Write(postingColumns); err != nil {
		return err
	}
	err := eachPosting(t, func(row []string, _ int64) error { return w.Write(row) })
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return err
}

// A sheet has no more rows than that, and its numbers no more than 15 digits that count
// (ECMA-376 part 1, 18.3.1.73; IEEE 754).
const (
	mostSheetRows   = 1<<20 - 1
	mostSheetNumber = 1_000_000_000_000_000
)

// exact is a number as a sheet keeps it without losing a digit.
func exact(n int64) any {
	if n > -mostSheetNumber && n < mostSheetNumber {
		return n
	}
	return strconv.FormatInt(n, 10)
}

// sheet writes rows under its heads, one after the other.
type sheet struct {
	w *excelize.StreamWriter
	n int
}

func newSheet(f *excelize.File, name string, heads ...string) (*sheet, error) {
	if _, err := f.NewSheet(name); err != nil {
		return nil, err
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	s := &sheet{w: w}
	row := make([]any, len(heads))
	for i, h := range heads {
		row[i] = h
	}
	return s, s.add(row...)
}

func (s *sheet) add(row ...any) error {
	if s.n == mostSheetRows {
		return fault.New(fault.Invalid, "watch.books.too_long")
	}
	s.n++
	return s.w.SetRow("A"+strconv.Itoa(s.n), row)
}

// workbook writes postings, accounts and the trial balance.
func workbook(t *db.Tx, out *bytes.Buffer) error {
	f := excelize.NewFile()
	defer f.Close()
	for _, write := range []func(*excelize.File, *db.Tx) error{sheetOfPostings, sheetOfAccounts, sheetOfBalance} {
		if err := write(f, t); err != nil {
			return err
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return err
	}
	_, err := f.WriteTo(out)
	return err
}

func sheetOfPostings(f *excelize.File, t *db.Tx) error {
	s, err := newSheet(f, "postings", postingColumns...)
	if err != nil {
		return err
	}
	err = eachPosting(t, func(row []string, amount int64) error {
		cells := make([]any, len(row))
		for i, x := range row {
			cells[i] = x
		}
		cells[amountColumn] = exact(amount)
		return s.add(cells...)
	})
	if err != nil {
		return err
	}
	return s.w.Flush()
}

func sheetOfAccounts(f *excelize.File, t *db.Tx) error {
	s, err := newSheet(f, "accounts", "account", "kind", "asset", "earmark", "floor", "balance", "held", "made_at", "closed_at")
	if err != nil {
		return err
	}
	all, err := ledger.Accounts(t, "")
	if err != nil {
		return err
	}
	for _, a := range all {
		floor, closed := any(""), ""
		if a.Limited {
			floor = exact(a.Floor)
		}
		if !a.ClosedAt.IsZero() {
			closed = a.ClosedAt.UTC().Format(time.RFC3339)
		}
		if err := s.add(cell(a.Code), string(a.Kind), cell(a.Asset), cell(a.Earmark), floor, exact(a.Balance), exact(a.Held), a.MadeAt.UTC().Format(time.RFC3339), closed); err != nil {
			return err
		}
	}
	return s.w.Flush()
}

func sheetOfBalance(f *excelize.File, t *db.Tx) error {
	s, err := newSheet(f, "trial_balance", "account", "kind", "asset", "in", "out", "balance")
	if err != nil {
		return err
	}
	all, err := ledger.TrialBalance(t, "9999-12-31")
	if err != nil {
		return err
	}
	for _, x := range all {
		if err := s.add(cell(x.Account.Code), string(x.Account.Kind), cell(x.Account.Asset), exact(x.In), exact(x.Out), exact(x.In-x.Out)); err != nil {
			return err
		}
	}
	return s.w.Flush()
}
