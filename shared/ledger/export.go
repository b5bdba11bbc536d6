package ledger

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/platform/db"
)

// Journal writes all entries as plain text that hledger (hledger.org) and ledger
// (ledger-cli.org) read, so that an accountant can add everything up again with a
// tool that is not ours. Each line asserts what the account then holds, in the
// order of the days: a tool that comes to another sum says so. No text of a person
// is in it: references, purposes and the fingerprint of the document.
func Journal(t *db.Tx, w io.Writer) error {
	out := bufio.NewWriter(w)
	all, err := Accounts(t, "")
	if err != nil {
		return err
	}
	names, assets := map[AccountID]string{}, map[string]bool{}
	for _, a := range all {
		if !assets[a.Asset] {
			fmt.Fprintf(out, "commodity %s\n", shape(a.Asset))
		}
		assets[a.Asset] = true
		names[a.ID] = plainName(a)
		fmt.Fprintf(out, "account %s\n", names[a.ID])
	}
	held := map[AccountID]int64{}
	if err := Each(t, func(e Entry) error {
		fmt.Fprintf(out, "\n%s (%s) %s\n", e.ValueOn, plain(e.Ref), plain(e.About))
		for _, tag := range [][2]string{{"id", e.ID.String()}, {"purpose", e.Purpose}, {"document", e.Document}, {"sum", hex.EncodeToString(e.Sum)}} {
			if tag[1] != "" {
				fmt.Fprintf(out, "    ; %s: %s\n", tag[0], plain(tag[1]))
			}
		}
		if was := e.Was; was != nil {
			fmt.Fprintf(out, "    ; was: %s at %s of %s\n", money.Amount{Minor: was.Minor, Currency: money.Currency(was.Currency)}, plain(was.Rate), plain(was.On))
		}
		for _, p := range e.Postings {
			held[p.Account] += p.Amount
			fmt.Fprintf(out, "    %s  %s = %s%s\n", names[p.Account], quantity(p.Asset, p.Amount), quantity(p.Asset, held[p.Account]), feeNote(p.Fee))
		}
		return nil
	}); err != nil {
		return err
	}
	return out.Flush()
}

func feeNote(fee bool) string {
	if fee {
		return "  ; fee"
	}
	return ""
}

// plainName is an account as those tools have them: parts with colons between.
func plainName(a *Account) string {
	name := strings.ReplaceAll(a.Code, "/", ":")
	if !strings.HasPrefix(name, string(a.Kind)+":") {
		name = string(a.Kind) + ":" + name
	}
	return name
}

// quantity is an amount with what it is of; goods are quoted.
func quantity(asset string, n int64) string {
	if strings.HasPrefix(asset, "lot/") {
		return strconv.FormatInt(n, 10) + ` "` + asset + `"`
	}
	return money.Amount{Minor: n, Currency: money.Currency(asset)}.String()
}

// shape is how amounts of an asset look, as those tools want it declared.
func shape(asset string) string {
	if strings.HasPrefix(asset, "lot/") {
		return `1000. "` + asset + `"`
	}
	if text := quantity(asset, 100_000); strings.Contains(text, ".") {
		return text
	}
	return "1000. " + asset
}

// plain keeps a text from being read as anything else.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune("();|\"", r) {
			return '_'
		}
		return r
	}, s)
}
