package round

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every staff page with invented phones and records; the shell of
// the offline app brings its own.
func gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	staff := func() ui.Frame { return ui.Frame{Title: "…", Kind: ui.Staff, Nav: "round"} }
	wrong := func(field string) ui.Frame {
		f := staff()
		f.Errors = []ui.FieldError{{Field: field, Text: "…"}}
		return f
	}
	const one, two = "01999999-0000-7000-8000-000000000011", "01999999-0000-7000-8000-000000000012"
	bdi := func(s string) template.HTML { return plain(s) }
	devices := []deviceRow{
		{ID: one, Name: bdi("Le petit bleu"), Holder: bdi("Tilila Aït Baha"), Own: true, SeenAt: at, PackedAt: at, CanCut: true},
		{ID: two, Name: bdi("هاتف الجمعية، الزجاج مكسور"), Holder: bdi("Yuba"), SeenAt: at.Add(-50 * time.Hour), Waiting: 3, CanCut: true},
		{ID: two, Name: bdi("A12"), Holder: bdi("Idder"), SeenAt: at, Cut: true, EndedAt: at}}
	reasons := []ui.Option{{Value: "mistyped", Title: "…"}, {Value: "other", Title: "…"}}
	mine := side{Who: bdi("Yuba"), At: at, Got: at.Add(26 * time.Hour), What: "round.kind.delivery", Goods: []template.HTML{"Couvertures : 5"}, Proof: "field.proof.witness", Skewed: true}
	theirs := side{Who: bdi("Tilila"), At: at, What: "round.kind.delivery", Goods: []template.HTML{"Couvertures : 2", "Paniers : 1"}, Proof: "field.proof.code"}
	rows := []conflictRow{
		{ID: one, Why: whyTwice, Kind: "delivery", Receipt: "482719063", Mission: two, Mine: mine, Theirs: theirs, Both: true, Reasons: reasons},
		{ID: two, Why: whyTwice, Kind: "not_reached", Receipt: "482719448", Mission: two, Mine: side{Who: bdi("Yuba"), At: at, Got: at, What: "round.kind.not_reached", Reason: "field.not_reached.road_closed"},
			Theirs: theirs, Both: true, Choice: Both, Reasons: reasons},
		{ID: two, Why: whyCut, Kind: "request", Mine: side{Who: bdi("Idder"), At: at, Got: at, What: "round.kind.request"}, Reasons: reasons}}
	photos := []photoRow{{one, 1, at}, {two, 2, at}}
	return []module.Example{
		{Template: "round_app", Page: &appPage{Frame: ui.Frame{Title: "…", Kind: ui.Form}, Zone: "Africa/Casablanca", Words: map[string]string{}}},
		{Template: "round_devices", Page: &devicesPage{Frame: staff(), Rows: devices}},
		{Template: "round_devices", Page: &devicesPage{Frame: staff(), Mine: true}},
		{Template: "round_conflicts", Page: &conflictsPage{Frame: staff(), Rows: rows, Reasons: reasons}},
		{Template: "round_conflicts", Page: &conflictsPage{Frame: wrong("reason"), Rows: rows[:1], Reasons: reasons, Wrong: one}},
		{Template: "round_conflicts", Page: &conflictsPage{Frame: staff()}},
		{Template: "round_rescue", Page: &rescuePage{Frame: staff()}},
		{Template: "round_rescue", Page: &rescuePage{Frame: wrong("file")}},
		{Template: "round_rescue", Page: &rescuePage{Frame: staff(), Done: true, Taken: 40, Again: 3, Waiting: 2, Bad: []ResultOut{{ID: one, State: ResultRefused, Message: "…"}}}},
		{Template: "round_case", Page: &casePage{Frame: staff(), Case: one, Receipt: "482719063", Visits: []visitRow{{one, "round.visit.form.household", bdi("Yuba"), at}}, Photos: photos}},
		{Template: "round_case", Page: &casePage{Frame: staff(), Case: one, Receipt: "482719063"}},
		{Template: "round_visit", Page: &visitPage{Frame: staff(), Case: one, Receipt: "482719063", Form: "round.visit.form.household", At: at, Who: bdi("Yuba"),
			Answers: []answerRow{{"Dans quel état est la maison ?", "Fissurée"}, {"Combien de personnes dorment dehors ?", "7"}}, Photos: photos}},
	}
}
