package field

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Presence is one mission in one commune: who does what there, and since when
// (F46). It is made from the missions as they are now, never kept.
type Presence struct {
	Commune string // code; "" when nobody knows where the stops are
	Mission *Journey
	Stops   int // in this commune
}

// presences is the whole table, by code of the commune: neighbours stand together.
func (s *Service) presences(t *db.Tx) ([]Presence, error) {
	all, err := listMissions(t, missionFind{open: true, limit: math.MaxInt32})
	if err != nil {
		return nil, err
	}
	var out []Presence
	for _, j := range all {
		in := map[string]int{}
		for _, stop := range j.Stops {
			if stop.State != NotReached {
				in[stop.Commune]++
			}
		}
		for _, v := range j.Visits {
			if c, ok := s.places.Commune(v.Place); ok && v.State != VisitNotReached {
				in[c.Code]++
			}
		}
		if len(in) == 0 { // nowhere yet, or no longer: it is where it starts from
			m, err := getTeam(t, j.Team)
			if err != nil {
				return nil, err
			}
			commune, _ := s.places.Commune(m.Base)
			code := m.Base
			if commune != nil {
				code = commune.Code
			}
			in[code] = 0
		}
		for commune, n := range in {
			out = append(out, Presence{commune, j, n})
		}
	}
	slices.SortFunc(out, func(a, b Presence) int {
		return cmp.Or(cmp.Compare(a.Commune, b.Commune), a.Mission.PlannedAt.Compare(b.Mission.PlannedAt), cmp.Compare(a.Mission.ID.String(), b.Mission.ID.String()))
	})
	return out, nil
}

// sheet writes rows as CSV that a spreadsheet shows and does not run: a cell
// that would begin a formula gets an apostrophe before it (OWASP, "CSV
// injection"). The mark at the beginning tells it that the letters are UTF-8.
func sheet(rows [][]string) ([]byte, error) {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.UseCRLF = true // RFC 4180, section 2
	for _, row := range rows {
		for i, cell := range row {
			row[i] = harmless(cell)
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// csvRow is a presence as a spreadsheet has it.
func (w *teller) csvRow(p Presence) []string {
	var goods []string
	for _, l := range p.Mission.Goods {
		goods = append(goods, strconv.Itoa(l.Loaded)+" "+w.plainGood(l.Good))
	}
	team, _ := w.team(p.Mission.Team).Names.In(w.lang())
	return []string{p.Commune, w.plainPlace(p.Commune), w.plainOrg(p.Mission.Org), team, w.p.Text("field.mission.state." + string(p.Mission.State)),
		p.Mission.Since().In(w.zone).Format(time.RFC3339), strconv.Itoa(p.Stops), strings.Join(goods, "; ")}
}
