package app

import (
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/packs"
)

// openGiving joins the treasury to the house.
func (h *House) openGiving() error {
	rules, err := giving.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.People.Apart = rules.Apart
	h.Giving = giving.New(h.Deeds, h.Vault, rules, h.Places.Country().Zone())
	h.Giving.Causes = causes{h}
	return nil
}
