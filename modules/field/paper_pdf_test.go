package field

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheSheetsOfAMissionAreFilesInEveryLanguageAndNameNobody(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		c := x.ask(x.ours, "A1-03")
		mid := x.mission(x.team(x.ours, "A1-02", "Mulets"), map[string]int{"blanket": 40}, c)
		plain := map[string]int{}
		for _, lang := range []string{"ar", "zgh", "fr", "en"} {
			for _, sheet := range []string{"waybill", "list"} {
				status, body := x.at(x.coordinator()).get("/" + lang + "/missions/" + mid.String() + "/" + sheet + ".pdf")
				if status != 200 || !strings.HasPrefix(body, "%PDF-1.7") || !strings.HasSuffix(body, "%%EOF\n") {
					t.Fatalf("%s in %s: %d, %d bytes", sheet, lang, status, len(body))
				}
				plain[lang] += len(body)
				if folder := os.Getenv("TWIZA_SHOTS"); folder != "" {
					if err := os.WriteFile(filepath.Join(folder, sheet+"-"+lang+".pdf"), []byte(body), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			if plain[lang] > 400_000 {
				t.Errorf("%s: %d bytes are much for a phone", lang, plain[lang])
			}
		}
		if status, _ := x.at(x.somebody("leader", x.other, "")).get("/fr/missions/" + mid.String() + "/list.pdf"); status < 400 {
			t.Errorf("another organisation reads the list: %d", status)
		}
		_, page := x.at(x.coordinator()).get("/fr/missions/" + mid.String() + "/list")
		if !strings.Contains(page, "/list.pdf") {
			t.Error("the page does not lead to its file")
		}
	})
}
