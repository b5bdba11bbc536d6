package i18n

import (
	"html/template"
	"strings"
	"testing"
	"time"
)

func TestTemplatesSpeakThroughAPrinter(t *testing.T) {
	t.Parallel()
	c := load(t, map[Lang]map[string]any{FR: {"m.title": "{n, plural, one {# demande} other {# demandes}} à {place}"}})
	p := printer(c, FR)
	page := template.Must(template.New("page").Funcs(Funcs(p)).Parse(
		`<html lang="{{htmllang}}" dir="{{dir}}" data-x="{{lang}}"><title>{{text "m.title" "n" .N "place" .Place}}</title>` +
			`<p aria-label="{{t "m.title" "n" .N "place" .Place}}">{{t "m.title" "n" .N "place" .Place}}</p>` +
			`{{n .N}}|{{percent .Share}}|{{money .Minor "MAD"}}|{{date .At}}|{{clock .At}}|{{dateclock .At}}|{{day .At}}|{{weekday .At}}|{{when .At}}|` +
			`{{left .At}}|{{if late .At}}late{{end}}|{{duration .For}}|{{phone .Phone}}|{{masked .Phone}}|{{code .Code}}`))
	var out strings.Builder
	err := page.Execute(&out, struct {
		N            int
		Place, Phone string
		Share        float64
		Minor        int64
		At           *time.Time
		For          time.Duration
		Code         receiptLike
	}{2, "<Aït>", "+212661234542", 0.25, 1250, &noon, time.Hour, receiptLike{"482719063"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `<html lang="fr" dir="ltr" data-x="fr"><title>2 demandes à &lt;Aït&gt;</title>` +
		`<p aria-label="2 demandes à &lt;Aït&gt;"><bdi class="num">2</bdi> demandes à <bdi>&lt;Aït&gt;</bdi></p>` +
		string(p.Number(2)+"|"+p.Percent(0.25)+"|"+p.Money(1250, "MAD")+"|"+p.Date(noon)+"|"+p.Clock(noon)+"|"+p.DateClock(noon)+"|"+
			p.Day(noon)+"|"+p.Weekday(noon)+"|"+p.When(noon)+"|") + `reste <bdi class="num">0</bdi>` + s + `min||` +
		string(p.Duration(time.Hour)+"|"+p.Phone("+212661234542")+"|"+p.PhoneMasked("+212661234542")+"|"+p.Code("482719063"))
	same(t, "page", out.String(), want)
}
