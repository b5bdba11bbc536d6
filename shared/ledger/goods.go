package ledger

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

// Goods are counted by whose they are and what: one asset for each good of each
// organisation. A depot that nobody counts has no floor: what leaves it was never
// written down before. A counted one holds what arrived less what left.

const goodsAsset = "lot/"

// GoodsAsset is the asset of an organisation's good.
func GoodsAsset(org, good string) string { return goodsAsset + org + "." + good }

// ParseGoods takes an asset of goods apart; ok is false for anything else.
func ParseGoods(asset string) (org, good string, ok bool) {
	rest, is := strings.CutPrefix(asset, goodsAsset)
	org, good, both := strings.Cut(rest, ".")
	return org, good, is && both
}

// GoodsAccount is an account of an organisation's good; code is what stands before the
// good's own.
func GoodsAccount(kind Kind, org, good, code string) Account {
	return Account{Kind: kind, Asset: GoodsAsset(org, good), Code: strings.ReplaceAll(code+"/"+good, "_", "-")}
}

// Depot is what an organisation has of a good and has not sent out. counted is false
// where nobody has ever written down what arrived.
func Depot(t *db.Tx, org, good string) (a Account, counted bool, err error) {
	a = CountedDepot(org, good)
	switch _, err = Get(t, a.Code); {
	case err == nil:
		return a, true, nil
	case fault.KindOf(err) != fault.Missing:
		return a, false, err
	}
	return GoodsAccount(Giver, org, good, "depot/"+org), false, nil
}

// CountedDepot is the account of a depot that is counted, whether it is open or not.
func CountedDepot(org, good string) Account {
	return GoodsAccount(Stock, org, good, "stock/"+org)
}

// Movement is a posting with the account that it moved.
type Movement struct {
	Seq     int64
	Order   int64 // of its entry
	Entry   EntryID
	Ref     string
	About   string
	ValueOn string
	MadeAt  time.Time
	Code    string
	Kind    Kind
	Amount  int64
}
