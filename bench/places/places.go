// Package places measures how well the gazetteer finds what people wrote: the
// spellings of others for communes, douars asked for in the other script, the
// places that volunteers wrote down in September 2023, and those of the requests
// that carry a point. Each spelling is taken out of the index before it is asked
// for. It reads the files of a developer's machine, prints figures, and never a
// line of what anybody wrote.
package places

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/places"
)

// Truth is one text and what it means: a place, a point, or both.
type Truth struct {
	Set, Script string
	Text        string
	Within      string // what was told beside the text: the code of a place; "" is nothing
	Code        string // the place it means; "" when only the point is known
	Hide        string // code of the place whose spelling is hidden first; "" hides none
	At          geo.Point
	HasPoint    bool
	Commune     string // the commune that the point lies in, where the file says
}

// Open is the pack with the points of the affected douars beside it.
func Open(packs fs.FS, data string) (*places.Gazetteer, error) {
	g, err := places.Load(packs, "ma")
	if err != nil {
		return nil, err
	}
	rows, err := table(data, "douars/douars_affected.csv")
	if err != nil {
		return nil, err
	}
	var more []places.Place
	for _, r := range rows {
		if _, known := g.Get(r["hcp_douar_code"]); known {
			continue
		}
		if _, known := g.Get(r["commune_code"]); !known {
			continue
		}
		p := places.Place{Code: r["id"], Kind: places.Douar, Parent: r["commune_code"], Names: map[string]string{"fr": r["name_title"]}}
		p.At, p.HasPoint = point(r)
		more = append(more, p)
	}
	return g.With(more)
}

// Truths are all that is asked.
func Truths(g *places.Gazetteer, data string) (all []Truth, err error) {
	for _, read := range []func(*places.Gazetteer, string) ([]Truth, error){variants, pairs, mentions, requests} {
		some, err := read(g, data)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// variants are the communes' names as others spell them.
func variants(g *places.Gazetteer, data string) (out []Truth, err error) {
	rows, err := table(data, "admin/commune_name_variants.csv")
	for _, r := range rows {
		if r["source"] == "canonical" || r["source"] == "hcp_rgph2024" {
			continue // the census: the pack's own
		}
		if _, known := g.Get(r["code"]); known {
			out = append(out, Truth{Set: "variants", Script: r["script"], Text: r["name"], Code: r["code"], Hide: r["code"]})
		}
	}
	return out, err
}

// pairs are douars that have a name in both scripts: each asked for by one
// while the index knows the other, told its commune and not.
func pairs(g *places.Gazetteer, data string) (out []Truth, err error) {
	rows, err := table(data, "douars/douars_hcp2024_epicentral.csv")
	for _, r := range rows {
		p, known := g.Get(r["douar_code"])
		if !known || r["name_ar"] == "" || p.Names["fr"] == "" {
			continue
		}
		for _, ask := range []struct{ script, text string }{{"Arab", r["name_ar"]}, {"Latn", p.Names["fr"]}} {
			t := Truth{Set: "pairs in the commune", Script: ask.script, Text: ask.text, Code: p.Code, Hide: p.Code, Within: p.Parent, At: p.At, HasPoint: p.HasPoint}
			out = append(out, t)
			t.Set, t.Within = "pairs in the country", ""
			out = append(out, t)
		}
	}
	return out, err
}

func mentions(_ *places.Gazetteer, data string) (out []Truth, err error) {
	rows, err := table(data, "douars/place_mentions_geocoded.csv")
	for _, r := range rows {
		at, ok := point(r)
		if ok && r["place_text"] != "" {
			out = append(out, Truth{Set: "mentions", Script: script(r["place_text"]), Text: r["place_text"], At: at, HasPoint: true, Commune: r["commune_code"]})
		}
	}
	return out, err
}

func requests(_ *places.Gazetteer, data string) (out []Truth, err error) {
	rows, err := table(data, "nt3awnou/help_requests.csv")
	for _, r := range rows {
		at, ok := point(r)
		text := r["village_text"]
		if text != "" && r["place_text"] != "" {
			text += ", "
		}
		text += r["place_text"]
		if ok && text != "" {
			out = append(out, Truth{Set: "requests", Script: script(text), Text: text, At: at, HasPoint: true})
		}
	}
	return out, err
}

func script(s string) string {
	arab, latin := 0, 0
	for _, r := range s {
		switch {
		case r >= 0x600 && r < 0x700:
			arab++
		case r >= 'A' && r <= 'z' || r >= 0xC0 && r < 0x250:
			latin++
		}
	}
	if arab >= latin {
		return "Arab"
	}
	return "Latn"
}

func point(r map[string]string) (geo.Point, bool) {
	lat, err1 := strconv.ParseFloat(r["lat"], 64)
	lon, err2 := strconv.ParseFloat(r["lon"], 64)
	p := geo.Point{Lat: lat, Lon: lon}
	return p, err1 == nil && err2 == nil && p.Valid()
}

func table(data, file string) (out []map[string]string, err error) {
	f, err := os.Open(filepath.Join(data, file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, row := range rows[1:] {
		m := make(map[string]string, len(row))
		for i, v := range row {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out, nil
}
