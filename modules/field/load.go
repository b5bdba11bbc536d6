package field

import "github.com/twiza/twiza/base/fault"

// Burden is what a load weighs and how much room it takes, in whole grams and
// millilitres: sums of fractions would not add up.
type Burden struct {
	Grams, Millilitres int64
	Unweighed          []string // goods of which nobody has said what one weighs
}

// burden is what was loaded, by what the service files say of one unit.
func (s *Service) burden(m Manifest) (b Burden) {
	of := map[string]Good{}
	for _, g := range s.goods.Goods("") {
		of[g.Code] = g
	}
	for _, l := range m {
		g := of[l.Good]
		b.Grams += int64(l.Loaded) * int64(g.Grams)
		b.Millilitres += int64(l.Loaded) * int64(g.Millilitres)
		if g.Grams == 0 && l.Loaded > 0 {
			b.Unweighed = append(b.Unweighed, l.Good)
		}
	}
	return b
}

// room is what vehicles carry together.
func room(all []Vehicle) (b Burden) {
	for _, v := range all {
		b.Grams += int64(v.Kg) * 1000
		b.Millilitres += int64(v.Litres) * 1000
	}
	return b
}

// over refuses a load that the vehicles cannot take, and says by how much, in
// whole kilograms and litres rounded up (F20). A mission without vehicles is
// not weighed: nobody has said what carries it.
func (b Burden) over(vehicles []Vehicle) (all fault.All) {
	if len(vehicles) == 0 {
		return nil
	}
	r := room(vehicles)
	if more := b.Grams - r.Grams; more > 0 {
		all = append(all, fault.New(fault.Conflict, "field.load.too_heavy", "more", up(more), "most", r.Grams/1000).On("load"))
	}
	if more := b.Millilitres - r.Millilitres; more > 0 {
		all = append(all, fault.New(fault.Conflict, "field.load.too_big", "more", up(more), "most", r.Millilitres/1000).On("load"))
	}
	return all
}

// up is thousandths as whole ones, rounded up.
func up(thousandths int64) int64 { return (thousandths + 999) / 1000 }

// fits tells whether a load may be written down: it fits, or it is at least no
// more than what stood there, so that somebody can take off what is too much.
func (b Burden) fits(vehicles []Vehicle, was Burden) error {
	if b.Grams <= was.Grams && b.Millilitres <= was.Millilitres {
		return nil
	}
	return b.over(vehicles).OrNil()
}
