package app

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/modules/works"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
)

// openWorks joins whoever clears rubble to those who know where people may be
// under it, and to phones.
func (h *House) openWorks() error {
	rules, err := works.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Works = works.New(h.Deeds, h.Vault, h.Places, works.Ports{Rules: rules, Cases: worksCases{h.Cases}, Orgs: orgs{h.People}, Phones: h.Reach, Develop: damage.Develop})
	return nil
}

// worksCases lets works ask of cases.
type worksCases struct{ o *cases.Office }

func (x worksCases) Trapped(t *db.Tx, province string, rules []works.TrappedRule) (out []works.Trapped, err error) {
	for _, r := range rules {
		all, err := x.o.OpenTelling(t, province, r.Service, r.Needs, r.Reasons)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			out = append(out, works.Trapped{Case: c.ID.String(), Receipt: c.Receipt.String(), Place: c.Place, HasPoint: c.HasPoint, At: c.At})
		}
	}
	return out, nil
}

func (x worksCases) Receipt(t *db.Tx, caseID string) (string, error) {
	cid, err := id.Parse[cases.Case](caseID)
	if err != nil {
		return "", nil
	}
	c, err := x.o.Get(t, cid)
	if fault.KindOf(err) == fault.Missing {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return c.Receipt.String(), nil
}
