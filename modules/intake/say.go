package intake

import (
	"slices"
	"strconv"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Say puts the facts of the lines of files and candidates into words.
func (s *Service) Say(c *web.Ctx, t *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		n, _ := strconv.Atoi(f.Value)
		switch f.Name {
		case "rows", "waiting", "aside", "again", "kept", "changed", "candidates":
			f.Words = c.P.T("intake.fact."+f.Name, "n", n)
		case "around":
			f.Words, f.Silent = c.P.T("intake.fact.around", "n", n), n == 0
		case "file":
			if slices.Contains([]string{"preview", "done", "whatsapp", "telegram", "csv", "xlsx", "kobo", "json", "geojson"}, f.Value) {
				f.Words = c.P.T("intake.fact.file_" + f.Value)
			}
		case "reason":
			if slices.Contains(AsideReasons, f.Value) {
				f.Words = c.P.T("intake.aside." + f.Value)
			}
		case "was":
			if slices.Contains([]string{"case", "joined", "offer", "aside"}, f.Value) {
				f.Words = c.P.T("intake.state." + f.Value)
			}
		case "place":
			if _, ok := s.places.Get(f.Value); ok {
				f.Words = s.placeSay(c, f.Value)
			}
		case "case", "into":
			stands, err := s.Cases.Stands(t, f.Value)
			if err != nil {
				return err
			}
			if stands.Receipt != "" {
				f.Words, f.Href = c.P.T("intake.fact."+f.Name, "receipt", c.P.Code(stands.Receipt)), stands.Href
			}
		}
	}
	return nil
}
