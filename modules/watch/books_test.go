package watch

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// moves enters how many blankets went from where to where, for a mission.
func (x *house) moves(ref, mission string, all map[string]int64) {
	x.t.Helper()
	kinds := map[string]ledger.Kind{"depot": ledger.Giver, "road": ledger.Transit, "given": ledger.Given, "lost": ledger.Lost}
	x.must(x.h.Do(x.t.Context(), as(actor.Coordinator, ""), thing, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		e := ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: ref, About: "field.mission/" + mission, ValueOn: "2026-11-21"}
		for place, n := range all {
			a, err := ledger.OpenAccount(t, ledger.Account{ID: id.New[ledger.Account](t.Now()), Kind: kinds[place], Code: place + "/blanket", Asset: "lot/blanket"})
			if err != nil {
				return err
			}
			e.Postings = append(e.Postings, ledger.Posting{Account: a.ID, Amount: n})
		}
		_, _, err := ledger.Post(t, e)
		return err
	}))
}

// stocked is a house in which ten blankets left, six were given and one was lost.
func stocked(t *testing.T, dsn string) *house {
	x := open(t, dsn)
	x.LotOf = func(asset string) (Lot, bool) { return Lot{Org: x.org, Good: "=blanket"}, asset == "lot/blanket" }
	x.Opens = func(_ actor.Actor, path string) bool { return strings.HasPrefix(path, "/missions/") }
	x.moves("field/depart/1", "m1", map[string]int64{"depot": -10, "road": 10})
	x.moves("field/deliver/1", "m1", map[string]int64{"road": -6, "given": 6})
	x.moves("=1+1", "m2", map[string]int64{"road": -1, "lost": 1})
	return x
}

func TestWhereGoodsAreIsReadFromTheLedger(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := stocked(t, dsn)
		auditor := as(actor.Auditor, "")
		site := x.edge(&auditor)
		code, page := x.answer(http.Get(site.URL + "/en/books"))
		page = regexp.MustCompile(`</?bdi[^>]*>`).ReplaceAllString(page, "")
		for _, want := range []string{"Le Fanal", `data-h="Left the depots">10<`, `data-h="On the road">3<`, `data-h="Given">6<`, `<b class="late">1</b>`, "3 movements in all", "/missions/m1", "6 given", "10 onto the road"} {
			if !strings.Contains(page, want) {
				t.Errorf("%d: the page lacks %s", code, want)
			}
		}
		if strings.Index(page, "1 lost") > strings.Index(page, "10 onto the road") {
			t.Error("what moved last does not stand first")
		}
		b, err := x.books(t.Context(), auditor)
		x.must(err)
		if len(b.Stock) != 1 || b.Stock[0].left() != 10 {
			t.Errorf("%+v", b.Stock)
		}
	})
}

func TestOnlyAuditorsOfTheWholeCountryTakeTheLedgerAndItIsALine(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := stocked(t, dsn)
		for _, by := range []actor.Actor{as(actor.CrisisCell, ""), as(actor.Dispatcher, ""), as(actor.Auditor, "A1")} {
			if _, err := x.BooksFile(t.Context(), by, booksCSV); fault.KindOf(err) != fault.Denied {
				t.Errorf("%v took the ledger: %v", by.Grants, err)
			}
		}
		auditor := as(actor.Auditor, "")
		if _, err := x.BooksFile(t.Context(), auditor, "exe"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a file of no kind: %v", err)
		}
		body, err := x.BooksFile(t.Context(), auditor, booksCSV)
		x.must(err)
		rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
		x.must(err)
		sums := map[string]int64{}
		for _, r := range rows[1:] {
			n, err := strconv.ParseInt(r[10], 10, 64)
			x.must(err)
			sums[r[2]] += n
			for i, cell := range r {
				if i != 10 && strings.HasPrefix(cell, "=") {
					t.Errorf("a spreadsheet would run %q", cell)
				}
			}
		}
		if len(rows) != 7 || len(sums) != 3 {
			t.Errorf("%d rows, %d entries", len(rows), len(sums))
		}
		for entry, sum := range sums {
			if sum != 0 {
				t.Errorf("in the file %s sums to %d", entry, sum)
			}
		}
		book, err := x.BooksFile(t.Context(), auditor, booksSheet)
		x.must(err)
		inWorkbook(t, book, rows)
		site := x.edge(&auditor)
		r, err := http.PostForm(site.URL+"/fr/books/file", url.Values{"as": {booksText}})
		code, text := x.answer(r, err)
		if code != http.StatusOK || !strings.Contains(text, "field/deliver/1") || !strings.Contains(r.Header.Get("Content-Disposition"), ".journal") {
			t.Errorf("%d %v: %s", code, r.Header, text)
		}
		var lines []deed.Record
		x.must(x.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { lines, err = deed.Trail(tx, "ledger.books/all"); return err }))
		if len(lines) != 3 || !strings.Contains(string(lines[0].Told)+string(lines[1].Told), `"entries":3`) {
			t.Errorf("taking the file is told as %+v", lines)
		}
	})
}

// inWorkbook holds the workbook against the file of lines, and adds both up: each asset
// sums to zero in the postings and in the trial balance.
func inWorkbook(t *testing.T, book []byte, rows [][]string) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{"postings", "accounts", "trial_balance"}) {
		t.Fatalf("the workbook has %v", got)
	}
	posted, err := f.GetRows("postings")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		// a reader of workbooks leaves empty cells at the end of a row out
		if i >= len(posted) || strings.Join(posted[i], "|") != strings.TrimRight(strings.Join(row, "|"), "|") {
			t.Fatalf("row %d differs: %v", i, row)
		}
	}
	if kind, err := f.GetCellType("postings", "K2"); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Errorf("an amount is no number: %v, %v", kind, err)
	}
	trial, err := f.GetRows("trial_balance")
	if err != nil || len(trial) < 3 {
		t.Fatal(len(trial), err)
	}
	accounts, err := f.GetRows("accounts")
	if err != nil || len(accounts) != len(trial) {
		t.Errorf("%d accounts and %d lines of the trial balance: %v", len(accounts), len(trial), err)
	}
	sums := map[string]int64{}
	for _, row := range trial[1:] {
		n, err := strconv.ParseInt(row[5], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sums[row[2]] += n
	}
	for asset, sum := range sums {
		if sum != 0 {
			t.Errorf("%s sums to %d", asset, sum)
		}
	}
}

func TestAWorkbookKeepsEveryDigit(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]any{32_700_000_00: int64(32_700_000_00), -999_999_999_999_999: int64(-999_999_999_999_999), 9_007_199_254_740_993: "9007199254740993", -1_000_000_000_000_000: "-1000000000000000"} {
		if got := exact(n); got != want {
			t.Errorf("%d is written as %v", n, got)
		}
	}
}

func TestAnAccountIsReadLineByLineWithWhatWasLeftAfterEach(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := stocked(t, dsn)
		for i := range statementLines {
			x.moves("field/more/"+strconv.Itoa(i), "m1", map[string]int64{"depot": -2, "road": 2})
		}
		auditor := as(actor.Auditor, "")
		site := x.edge(&auditor)
		plain := func(address string) string {
			code, page := x.answer(http.Get(site.URL + address))
			if code != http.StatusOK {
				t.Fatalf("%s: %d", address, code)
			}
			return regexp.MustCompile(`</?(?:bdi|svg|use)[^>]*>`).ReplaceAllString(page, "")
		}
		first := plain("/en/books/account?code=road%2Fblanket")
		after := regexp.MustCompile(`data-h="Balance after">(?:<span>)?(\d+)`).FindAllStringSubmatch(first, -1)
		if len(after) != statementLines || after[0][1] != "10" || after[1][1] != "4" || after[2][1] != "3" || after[3][1] != "5" {
			t.Fatalf("%d lines, and after each is left %v", len(after), after)
		}
		next := regexp.MustCompile(`href="(/en/books/account\?[^"]*after=\d+)"`).FindStringSubmatch(first)
		if next == nil {
			t.Fatal("no way to the rest")
		}
		rest := regexp.MustCompile(`data-h="Balance after">(?:<span>)?(\d+)`).FindAllStringSubmatch(plain(strings.ReplaceAll(next[1], "&amp;", "&")), -1)
		if len(rest) != 3 || rest[2][1] != "103" {
			t.Errorf("the rest is %v", rest)
		}
		for _, bad := range []string{"code=nobody", "code=road%2Fblanket&after=x", ""} {
			if code, _ := x.answer(http.Get(site.URL + "/en/books/account?" + bad)); code != http.StatusNotFound {
				t.Errorf("%q: %d", bad, code)
			}
		}
	})
}

func TestWhatCountsInClosedBooksIsWrittenNoMore(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		x := stocked(t, dsn)
		cell := as(actor.CrisisCell, "")
		site := x.edge(&cell)
		closing := func(till string) (int, string) {
			r, err := http.PostForm(site.URL+"/en/books/close", url.Values{"till": {till}})
			code, page := x.answer(r, err)
			return code, regexp.MustCompile(`</?bdi[^>]*>`).ReplaceAllString(page, "")
		}
		today := x.clock.Now()
		for _, till := range []string{"", "soon", "2026-02-30", today.Format("2006-01-02"), today.AddDate(0, 0, -1).Format("2006-01-02")} {
			if code, page := closing(till); code != http.StatusUnprocessableEntity || !strings.Contains(page, "Choose a day") {
				t.Errorf("%q: %d", till, code)
			}
		}
		day := today.AddDate(0, 0, -3).Format("2006-01-02")
		if code, page := closing(day); code != http.StatusOK || !strings.Contains(page, "The books are closed") {
			t.Fatalf("%d %s", code, page)
		}
		if code, page := closing(today.AddDate(0, 0, -4).Format("2006-01-02")); code != http.StatusConflict || !strings.Contains(page, "Enter it on a later day") {
			t.Errorf("closed again for less: %d", code)
		}
		auditor := as(actor.Auditor, "")
		if err := x.CloseBooks(t.Context(), auditor, today.AddDate(0, 0, -2).Format("2006-01-02")); fault.KindOf(err) != fault.Denied {
			t.Errorf("an auditor closed the books: %v", err)
		}
		enter := func(day string) error {
			return x.h.Do(t.Context(), as(actor.Coordinator, ""), thing, func(t *deed.Tx) error {
				if err := t.AllowAny(); err != nil {
					return err
				}
				road, err := ledger.Get(t.Tx, "road/blanket")
				if err != nil {
					return err
				}
				given, err := ledger.Get(t.Tx, "given/blanket")
				if err != nil {
					return err
				}
				_, _, err = ledger.Post(t, ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: "late/" + day, About: "field.mission/m1", ValueOn: day,
					Postings: []ledger.Posting{{Account: road.ID, Amount: -1}, {Account: given.ID, Amount: 1}}})
				return err
			})
		}
		if err := enter(day); fault.KindOf(err) != fault.Conflict {
			t.Errorf("entered on a closed day: %v", err)
		}
		x.must(enter(today.AddDate(0, 0, -2).Format("2006-01-02")))
	})
}
