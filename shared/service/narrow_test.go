package service

import (
	"slices"
	"testing"
)

func TestAVitalServiceWithoutAPathWithoutInternetIsNotPublished(t *testing.T) {
	t.Parallel()
	planted(t, "services/crisis_help.yaml", map[string]string{"services/road_report.yaml": read(t, "services/road_report.yaml")}, []plant{
		{"no digit", "digit: 1\nalways", "always", "code: crisis_help", "no path by SMS, USSD or voice"},
		{"a choice without a digit", "weak,ill,5,first-aid-kit", "weak,ill,,first-aid-kit", "", "cannot be answered by keys"},
		{"a receipt that no message tells", "    phase: open\n    icon: check\n    sms: true", "    phase: open\n    icon: check\n    sms: false", "states:", "would get no receipt"},
		{"a message without the receipt", "Receipt:\\n{receipt}\\nKeep it.", "Receipt: soon.", "messages:", "does not hold {receipt}"},
		{"a question that is not there", "narrow: [fragile]", "narrow: [frail]", "", `no question is called "frail"`},
		{"words for what is not there", "  choice.needs.water: [water", "  choice.needs.wine: [water", "said:", `there is no text "choice.needs.wine"`},
	})
}

func TestAServiceTellsHowPeopleSayThings(t *testing.T) {
	t.Parallel()
	d := help(t)
	if !slices.Contains(d.Said("choice.needs.food"), "aghrum") || d.Said("choice.needs.nothing") != nil || !slices.Equal(d.Narrow, []string{"fragile"}) {
		t.Errorf("%v %v", d.Said("choice.needs.food"), d.Narrow)
	}
}
