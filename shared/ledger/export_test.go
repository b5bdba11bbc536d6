package ledger

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

func TestAnAccountantAddsEverythingUpAgainWithAToolThatIsNotOurs(t *testing.T) {
	hledger, err := exec.LookPath("hledger")
	if err != nil {
		testkit.Lacking(t, "hledger is not installed (Debian: hledger)")
	}
	engines(t, func(b *book) {
		givers, fund, shop, bank := b.account("giver/people", Giver, "MAD", ""), b.account("fund/haouz", Fund, "MAD", ""), b.account("paid/shop", Paid, "MAD", ""), b.account("fee/bank", Fee, "MAD", "")
		seller, depot, road, commune := b.account("giver/shop", Giver, "lot/7", ""), b.account("stock/asni", Stock, "lot/7", ""), b.account("transit/1", Transit, "lot/7", ""), b.account("given/04", Given, "lot/7", "")
		gift := entry("gift", givers, fund, 100_050)
		gift.Postings[1].Amount = 100_000
		gift.Postings = append(gift.Postings, Posting{Account: bank.ID, Amount: 50, Fee: true})
		gift.Was = &Was{Minor: 9_500, Currency: "EUR", Rate: "10.53", On: "2026-11-20", From: "bank"}
		odd := entry("ref (with) ; signs | \"", fund, shop, 12_345)
		for _, e := range []Entry{gift, odd, entry("bought", seller, depot, 40), entry("loaded", depot, road, 40), entry("given", road, commune, 37)} {
			if err := b.post(e); err != nil {
				b.Fatal(e.Ref, err)
			}
		}
		var text bytes.Buffer
		if err := b.h.DB.Read(b.Context(), func(t *db.Tx) error { return Journal(t, &text) }); err != nil {
			b.Fatal(err)
		}
		file := filepath.Join(b.TempDir(), "twiza.journal")
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		ask := func(args ...string) (string, error) {
			c := exec.Command(hledger, append([]string{"-f", file, "--strict"}, args...)...)
			c.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
			out, err := c.CombinedOutput()
			return string(out), err
		}
		out, err := ask("balance", "-O", "csv", "-N", "--flat", "-E")
		if err != nil {
			b.Fatalf("%v: %s\n%s", err, out, text.String())
		}
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			b.Fatal(err, out)
		}
		got := map[string]string{}
		for _, r := range rows[1:] {
			got[r[0]] = r[1]
		}
		for name, want := range map[string]string{"fund:haouz": "876.55 MAD", "giver:people": "-1000.50 MAD", "paid:shop": "123.45 MAD", "fee:bank": "0.50 MAD", "stock:asni": "0", "transit:1": `3 "lot/7"`, "given:04": `37 "lot/7"`, "giver:shop": `-40 "lot/7"`} {
			if got[name] != want {
				b.Errorf("hledger has %q in %s, and we %q", got[name], name, want)
			}
		}
		// What one line says is changed: the tool says so.
		if err := os.WriteFile(file, bytes.Replace(text.Bytes(), []byte("123.45 MAD = 123.45"), []byte("123.44 MAD = 123.44"), 1), 0o600); err != nil {
			b.Fatal(err)
		}
		if out, err := ask("balance"); err == nil {
			b.Errorf("a changed line was added up: %s", out)
		}
	})
}
