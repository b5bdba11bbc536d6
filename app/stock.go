package app

import (
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/platform/db"
)

// openStock joins depots to the house: what payments bought, and where it went.
func (h *House) openStock() {
	h.Stock = stock.New(h.Deeds, h.Places, stock.Ports{Goods: stockGoods(h), Name: orgs{h.People}.Name, Payments: payments{h.Giving}, Currency: h.Giving.Currency(), Handed: handed(h.Field)}, h.Giving.Few())
	h.Giving.Goods = boughtGoods{h.Stock}
}

// handed lets depots ask of deliveries.
func handed(f *field.Service) func(*db.Tx, []string) (map[string]stock.Handing, error) {
	return func(t *db.Tx, refs []string) (map[string]stock.Handing, error) {
		out := map[string]stock.Handing{}
		for _, ref := range refs {
			d, c, commune, err := f.Handed(t, ref)
			if err != nil {
				return nil, err
			}
			if d != nil {
				out[ref] = stock.Handing{Commune: commune, Family: c.String()}
			}
		}
		return out, nil
	}
}

func stockGoods(h *House) func() []stock.Good {
	return func() (out []stock.Good) {
		for _, g := range (goods{h.Service}).Goods("") {
			out = append(out, stock.Good{Code: g.Code, Key: g.Key, Unit: g.Unit})
		}
		return out
	}
}

// payments lets depots ask for a payment of a fund.
type payments struct{ g *giving.Service }

func (p payments) Paid(t *db.Tx, n receipt.Number) (*stock.Payment, error) {
	x, currency, hands, err := p.g.PaidBy(t, n)
	if err != nil || x == nil {
		return nil, err
	}
	return &stock.Payment{ID: x.ID.String(), Minor: x.Minor, Currency: currency, Hands: hands}, nil
}

// boughtGoods lets funds ask what a payment became.
type boughtGoods struct{ s *stock.Service }

func (b boughtGoods) Became(t *db.Tx, payment string) (out []giving.Piece, err error) {
	all, err := b.s.Became(t, payment)
	for _, p := range all {
		out = append(out, giving.Piece{From: p.From, To: p.To, Key: p.Good.Key, Units: p.Units, State: string(p.State), Commune: p.Commune})
	}
	return out, err
}

func (b boughtGoods) Place(lang, code string) string { return b.s.PlaceName(lang, code) }
