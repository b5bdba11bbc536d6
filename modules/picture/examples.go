package picture

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

// gallery is every page with invented figures.
func gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	citizen := ui.Frame{Title: "…", Nav: "crisis"}
	all := row{Asked: 184, People: 730, Reached: 61, State: 20, Association: 30, Both: 6, Untold: 5, Helped: 12}
	rows := []placeRow{{Name: "Amizmiz", Of: "Al Haouz", R: all, None: 123, Whole: true, Needs: []bar{{"Eau", 60, 0}, {"Nourriture", 44, 0}}, Wait: "h24"}, {Name: "إغيل", R: row{Asked: 7, Kind: places.Commune}, Whole: true}, {Name: "Al Haouz", R: row{Asked: 9, Kind: places.Province}}}
	full := make([]placeRow, onPaper) // as much as a sheet may ever hold
	for i := range full {
		full[i] = placeRow{Name: []template.HTML{"Sidi Abdallah Ghiat", "تيزي ن تاست", "ⵜⵉⵣⵉ ⵏ ⵜⴰⵙⵜ"}[i%3], Of: "Chichaoua", R: row{Asked: 1840, People: 7300, Reached: 610, State: 200, Association: 300, Both: 110, Untold: 55, Helped: 120}, None: 1230, Whole: true,
			Needs: []bar{{"Personnes sous les décombres", 1600, 0}, {"Chauffage et couvertures", 944, 0}, {"Médicament ou médecin", 644, 0}}, Rest: true, Wait: "more"}
	}
	calls := []call{{"15", "Protection civile"}}
	nobody := []nobodyRow{{"Ighil", 30 * time.Hour, 7, true}, {"أمزميز", time.Hour, 0, true}}
	areas := []ui.Option{{Value: "07", Title: "Marrakech-Safi", Chosen: true}}
	shelters := []shelterRow{{ID: "01999999-0000-7000-8000-000000000061", Name: "مدرسة النخيل", Place: "Amizmiz", Capacity: 120, Fit: true, Km: 4, Since: at}, {Name: "Salle couverte", Place: "Asni", Capacity: 80, Km: -1, Since: at, Hidden: true}}
	staff := ui.Frame{Title: "…", Kind: ui.Staff, Nav: "shelters"}
	wrong := staff
	wrong.Errors = []ui.FieldError{{Field: "name", Text: "…"}, {Field: "place", Text: "…"}, {Field: "capacity", Text: "…"}}
	return []module.Example{
		{Template: "picture_crisis", Page: &crisisPage{Frame: citizen, Calls: calls}},
		{Template: "picture_crisis", Page: &crisisPage{Frame: citizen, Open: true, Name: "Séisme", What: "…", Since: at, Advice: []template.HTML{"Aa", "Bb", "Cc"}, Calls: calls, Near: "Asni", Found: "Asni, Al Haouz", Shelters: shelters[:1],
			Roads: []roadRow{{"Ijoukak", "closed", 30, at}, {"Asni", "open", -1, at}}, Rows: rows, All: all, Floor: 5, Nobody: nobody, NobodyIn: 9, AsOf: at, Old: 12 * time.Minute, Cover: true}},
		{Template: "picture_crisis", Page: &crisisPage{Frame: citizen, Open: true, Name: "Séisme", Since: at, Near: "zzz", Lost: true, Floor: 5}},
		{Template: "picture_coverage", Page: &coveragePage{Frame: citizen, Rows: rows, All: all, None: 123, Floor: 5, Nobody: nobody, Areas: areas, Query: "?area=07", AsOf: at, Next: 15 * time.Minute}},
		{Template: "picture_coverage", Page: &coveragePage{Frame: citizen, Floor: 5, Areas: areas, Next: 15 * time.Minute}},
		{Template: "picture_texts", Page: &textsPage{Frame: citizen, Open: true, Langs: []langTexts{{Lang: "ar", Dir: "rtl", Name: "العربية", SMS: "زلزال. في الخطر اتصل بـ 15.", Script: []string{"زلزال."}, Share: "زلزال."},
			{Lang: "zgh", Dir: "ltr", Name: "ⵜⴰⵎⴰⵣⵉⵖⵜ", Missing: []string{"advice"}}, {Lang: "fr", Dir: "ltr", Name: "Français", Draft: true, SMS: "Séisme.", Script: []string{"Séisme."}, Share: "Séisme."}}}},
		{Template: "picture_texts", Page: &textsPage{Frame: citizen}},
		{Template: "picture_numbers", Page: &numbersPage{Frame: citizen, Spans: []ui.Option{{Value: "30", Title: "30", Chosen: true}}, Areas: areas, Query: "?days=30",
			Cards: []card{{Key: "received", N: 18462, Spark: spark([]int{3, 9, 4, 12}, "s1")}, {Key: "contact", N: 81, Share: true}, {Key: "help", None: true}, {Key: "covered", N: 44, Share: true}},
			Chart: lines("…", []string{"2026-11-20", "2026-11-21"}, []series{{"Received", "l1", []int{30, 50}}, {"Helped", "l2", []int{10, 50}}}), Finding: "…", Days: []dayRow{{"2026-11-20", 30, 12, 0}},
			Needs: []bar{{"Food", 6120, 100}, {"Water", 383, 6}}, Channels: []bar{{"SMS", 38, 100}}, Languages: []bar{{"Darija", 30, 100}}, Slow: []slowRow{{"Drâa-Tafilalet", 1504, 900, 60}, {"Oriental", 20, 0, 0}}, SlowName: "Drâa-Tafilalet", Floor: 5, AsOf: at, Every: 15 * time.Minute}},
		{Template: "picture_numbers", Page: &numbersPage{Frame: citizen, Cards: []card{{Key: "received", None: true}}, Finding: "…", Floor: 5, Every: 15 * time.Minute}},
		{Template: "picture_situation", Page: &situationPage{Frame: ui.Frame{Title: "…", Kind: ui.Print}, Crisis: "Séisme", Since: at, Rows: full, All: all, None: 123, More: 1520, Nobody: 90, Floor: 5, AsOf: at}},
		{Template: "picture_situation", Page: &situationPage{Frame: ui.Frame{Title: "…", Kind: ui.Print}, Own: true, Floor: 5, AsOf: at}},
		{Template: "picture_shelters", Page: &sheltersPage{Frame: staff, Rows: shelters, Fresh: "01999999-0000-7000-8000-000000000062", MayOpen: true}},
		{Template: "picture_shelters", Page: &sheltersPage{Frame: wrong, Place: "Asni", Found: areas, Fresh: "01999999-0000-7000-8000-000000000062", MayOpen: true}},
	}
}
