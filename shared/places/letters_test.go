package places_test

import "testing"

func TestAPlaceWrittenInTifinaghIsFoundThoughItsListIsNot(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"ⵉⵎⵉⵏⵜⴰⵍⴰⵜ":        "0410501201002",
		"ⴷⴷⵓⵡⴰⵔ ⵉⵎⵉⵏⵜⴰⵍⴰⵜ": "0410501201002",
		"imintalat":  "0410501201002",
		"ⵜⵛⴻⴼⵜⵛⴰⵡⴻⵏ": "01.151.01.01",
		"ⵟⴰⵏⵊ-ⵟⵉⵜⴰⵡⵉⵏ-ⵍⵃⵓⵙⵉⵎⴰ": "01",
	} {
		if all := morocco.Search(written, "", 5); len(all) == 0 || all[0].Place.Code != want || all[0].Score < 1 {
			t.Errorf("%q finds %v and not %s beyond doubt", written, all, want)
		}
	}
}
