package triage

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What follows measures on real texts, where they lie on a developer's machine.
// Nothing of them is printed.

// Labels are what a reader of real texts says of each: identifier → what it says.
type Labels map[string][]string

// ReadLabels reads a file of labels: id,says.
func ReadLabels(file string) (Labels, error) {
	rows, err := table(file)
	out := Labels{}
	for _, r := range rows {
		out[r["id"]] = strings.Fields(r["says"])
	}
	return out, err
}

// Real are the free texts of the real requests, and the codes of the boxes that
// were ticked beside them.
type Real struct {
	ID, Text string
	Codes    []string
}

// Requests reads the real requests that have a text.
func Requests(data string) (out []Real, err error) {
	rows, err := table(filepath.Join(data, "nt3awnou/help_requests.csv"))
	for _, r := range rows {
		if r["info_text"] != "" {
			out = append(out, Real{r["id"], r["info_text"], split(r["needs_codes"])})
		}
	}
	return out, err
}

// Ranked are texts that volunteers gave an urgency: 3 high, 2 medium, 1 low.
type Ranked struct {
	Text    string
	Urgency int
}

// Urgencies reads the requests that volunteers verified.
func Urgencies(data string) (out []Ranked, err error) {
	rows, err := table(filepath.Join(data, "nt3awnou/verified_requests.csv"))
	for _, r := range rows {
		if n := map[string]int{"high": 3, "medium": 2, "low": 1}[r["urgency"]]; n > 0 {
			out = append(out, Ranked{r["help_text"] + ". " + r["further_text"], n})
		}
	}
	return out, err
}

// Agreement is how two readers of the same texts agree on one thing: Cohen's
// kappa (1960), 1 is always, 0 is as by chance.
func Agreement(a, b Labels, key string) (kappa float64, both int) {
	var yesYes, yesA, yesB, n float64
	for id, x := range a {
		y, ok := b[id]
		if !ok {
			continue
		}
		n++
		inA, inB := slices.Contains(x, key), slices.Contains(y, key)
		if inA {
			yesA++
		}
		if inB {
			yesB++
		}
		if inA && inB {
			yesYes++
		}
	}
	if n == 0 {
		return 0, 0
	}
	agree := (n - yesA - yesB + 2*yesYes) / n
	chance := (yesA*yesB + (n-yesA)*(n-yesB)) / (n * n)
	if chance == 1 {
		return 1, int(yesYes)
	}
	return (agree - chance) / (1 - chance), int(yesYes)
}

// Agreed are the texts that both readers labelled, with what both say of each.
func Agreed(all []Real, a, b Labels, lang func(text string) string) (out []Sentence) {
	for _, r := range all {
		x, inA := a[r.ID]
		y, inB := b[r.ID]
		if !inA || !inB {
			continue
		}
		s := Sentence{Text: r.Text, Lang: lang(r.Text), Script: "real"}
		for _, key := range x {
			if slices.Contains(y, key) {
				s.Says = append(s.Says, key)
			}
		}
		out = append(out, s)
	}
	return out
}

// Order is how far a score puts texts in the order that people did: Kendall's
// tau-b (1945), and of all pairs of unlike urgency the share that the score puts
// the right way round, with ties as half.
func Order(all []Ranked, score func(text string) float64) (tau, share float64) {
	scores := make([]float64, len(all))
	for i, r := range all {
		scores[i] = score(r.Text)
	}
	var right, wrong, tiedScore, tiedPeople, unlike, half float64
	for i := range all {
		for j := range i {
			people, machine := all[i].Urgency-all[j].Urgency, scores[i]-scores[j]
			if people == 0 {
				if machine != 0 {
					tiedPeople++
				}
				continue
			}
			unlike++
			switch d := machine * float64(people); {
			case d > 0:
				right++
			case d < 0:
				wrong++
			default:
				tiedScore++
				half += .5
			}
		}
	}
	if unlike == 0 {
		return 0, 0
	}
	return (right - wrong) / math.Sqrt((right+wrong+tiedScore)*(right+wrong+tiedPeople)), (right + half) / unlike
}

// boxes are the ticked boxes of the real requests in the words of ours.
var boxes = map[string]string{"rescue": "needs.rescue", "shelter": "needs.shelter", "blankets": "needs.warm", "clothes": "needs.warm", "food_water": "needs.food", "medical": "needs.medicine"}

// Boxes is how far what a text says agrees with the boxes beside it: of the
// things that it says, the share that was ticked too. The boxes say what texts do
// not and the other way round: there is no right figure.
func Boxes(all []Real, read Reader) (said, ticked int) {
	for _, r := range all {
		var ours []string
		for _, c := range r.Codes {
			ours = append(ours, boxes[c])
		}
		for _, key := range read(r.Text) {
			if key == "needs.water" {
				key = "needs.food"
			}
			if !strings.HasPrefix(key, "needs.") || key == "needs.road" {
				continue
			}
			said++
			if slices.Contains(ours, key) {
				ticked++
			}
		}
	}
	return said, ticked
}

// Spoken is in how many texts something is read.
func Spoken(all []Real, read Reader) (n int) {
	for _, r := range all {
		if len(read(r.Text)) > 0 {
			n++
		}
	}
	return n
}

func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ' ' })
}

func table(file string) (out []map[string]string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, row := range rows[min(1, len(rows)):] {
		m := make(map[string]string, len(row))
		for i, v := range row {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out, nil
}
