package app

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/testkit"
)

// sheets counts the pages of a PDF by what each says of itself.
var sheets = regexp.MustCompile(`/Type\s*/Page[^s]`)

// TestTheWaybillOfACaravanIsOneSheetAndItsDistributionListAFew prints both, as
// a browser does on A4, in Arabic and in French, for a dozen stops.
func TestTheWaybillOfACaravanIsOneSheetAndItsDistributionListAFew(t *testing.T) {
	testkit.NeedsChromium(t)
	b := testkit.Chromium(t)
	g := newGalleries(t)
	var all []field.CaseID
	for range 12 {
		var c field.CaseID
		g.must(c.UnmarshalText([]byte(g.owned().String())))
		all = append(all, c)
	}
	by, ctx := g.coordinator(), g.Context()
	p := field.Plan{ID: id.New[field.Mission](morning), Team: g.team(), At: morning, Cases: all}
	g.must(g.h.Field.Plan(ctx, by, p))
	g.must(g.h.Field.Load(ctx, by, p.ID, map[string]int{"blanket": 120, "food_basket": 40, "water_5l": 200, "tent": 12}))
	for _, kind := range []string{"lorry", "4x4", "mule"} {
		v := field.Vehicle{ID: id.New[field.Vehicle](morning), Mission: p.ID, Kind: kind}
		g.must(g.h.Field.AddVehicle(ctx, by, field.Drive{Vehicle: v, PlateText: "48213 – ب – 26", DriverText: "لحسن آيت علي"}))
	}
	g.must(g.h.Field.SetPermit(ctx, by, field.Permit{Mission: p.ID, State: field.Granted, Number: "147/2026", Authority: "عمالة إقليم الحوز", Dated: morning}))
	e := &eye{Browser: b, t: t, site: g.site}
	for _, lang := range []string{"ar", "fr"} {
		for _, paper := range []string{"waybill", "list"} {
			e.visit(visit{path: "/missions/" + p.ID.String() + "/" + paper, cookie: g.everyone}, lang)
			if over := b.Overflow(); over > 0 {
				t.Errorf("%s (%s) is %d px too wide", paper, lang, over)
			}
			out, err := chromedp.Call(e.Context(), page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
			if err != nil {
				t.Fatal(err)
			}
			most := 1
			if paper == "list" { // each family has its square, and a row is never cut
				most = 3
			}
			if n := len(sheets.FindAll(out.Data, -1)); n < 1 || n > most {
				t.Errorf("%s (%s) is printed on %d sheets", paper, lang, n)
			}
			if dir := os.Getenv("TWIZA_SHOTS"); dir != "" {
				g.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s.pdf", paper, lang)), out.Data, 0o644))
			}
		}
	}
}
