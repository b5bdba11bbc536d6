package giving

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

// The flow diagram: a sum on one side, what became of it on the other.

const mostBranches = 7

var (
	colours = map[string]string{"given": "f-del", "road": "f-buy", "depot": "f-dep", "lost": "f-lost",
		string(partPaid): "f-pay", string(partSet): "f-set", string(partWaiting): "f-col", string(partFee): "f-fee"}
	order = []string{"given", "road", "depot", string(partPaid), string(partSet), string(partWaiting), string(partFee), "lost"}
)

// branch is one before it has words.
type branch struct {
	state      string // of goods, or of money
	minor      int64
	title, sub string
}

// river draws branches; what is too small to stand by itself stands together.
func river(p *i18n.Printer, label string, minor int64, currency string, all []branch) template.HTML {
	sum := func(n int64) string { return p.Plain(i18n.Money{Minor: n, Currency: currency}) }
	all = slices.DeleteFunc(all, func(b branch) bool { return b.minor <= 0 })
	if len(all) > mostBranches {
		slices.SortStableFunc(all, func(a, b branch) int { return cmp.Compare(b.minor, a.minor) })
		rest := branch{state: string(partFee), title: p.Text("giving.river.rest")}
		for _, b := range all[mostBranches-1:] {
			rest.minor += b.minor
		}
		all = append(all[:mostBranches-1], rest)
	}
	slices.SortStableFunc(all, func(a, b branch) int { return slices.Index(order, a.state) - slices.Index(order, b.state) })
	s := ui.Stream{Label: label, Sum: sum(minor), Minor: minor, Right: p.Dir() == "rtl"}
	said := []string{label + " " + s.Sum}
	for _, b := range all {
		s.Branches = append(s.Branches, ui.Branch{Minor: b.minor, Sum: sum(b.minor), Title: b.title, Sub: b.sub, Class: colours[b.state]})
		said = append(said, strings.Join([]string{sum(b.minor), b.title, b.sub}, " "))
	}
	s.Said = strings.Join(said, " · ")
	return ui.River(s)
}

// giftRiver is what became of a gift.
func giftRiver(p *i18n.Printer, g *giftPage) template.HTML {
	var all []branch
	for _, x := range g.Parts {
		rest := x.Minor
		for _, b := range x.Goods {
			rest -= b.Minor
			all = append(all, branch{b.State, b.Minor, p.Text("giving.river.good", "good", p.Text(b.Key), "state", p.Text("giving.good."+b.State)), b.Where})
		}
		all = append(all, branch{string(x.State), rest, p.Text("giving.part." + string(x.State)), cmp.Or(x.For, x.What)})
	}
	return river(p, p.Text("giving.river.gift"), g.Minor, g.Currency, all)
}

// fundRiver is what became of all that came into a fund.
func fundRiver(p *i18n.Printer, f *fundPage) template.HTML {
	all := []branch{{string(partWaiting), f.A.Waits, p.Text("giving.part.waiting"), ""}, {string(partFee), f.A.Fees, p.Text("giving.part.fee"), ""}}
	for _, e := range f.Envelopes {
		all = append(all, branch{string(partPaid), e.Paid, p.Text("giving.part.paid"), e.Name}, branch{string(partSet), e.Left, p.Text("giving.part.set"), e.Name})
	}
	return river(p, p.Text("giving.river.fund"), f.A.Came, f.A.Currency, all)
}
