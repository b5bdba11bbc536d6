package app

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/bench/merge"
	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/service"
)

// benchMerge measures how reports of one need are found, and what it costs.
func benchMerge(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench merge", "which of a night's 10,000 reports tell of one need, how many would be merged wrongly, and what looking for them costs beside 300,000 stored ones")
	seed := f.Uint64("seed", 2, "the night; 1 is the one that weights were counted on")
	size := f.Int("requests", 10_000, "requests of the night")
	estimate := f.Bool("estimate", false, "count the weights on the training night instead, seed 1")
	stored := f.Int("stored", 30_000, "requests stored before asking; 300000 is the full size, 0 measures no cost. A tenth of them is measured first")
	most := f.Int("most", 0, "measure once more with so many stored; 3000000 takes an hour")
	asked := f.Int("asked", 1000, "new requests that are looked for")
	data := f.String("data", "../shared/data", "folder of the real requests and of labelled names; they are left out where it is missing")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	if *size < 100 || *asked < 10 {
		return usage{"a night has at least 100 requests, and 10 are asked for"}
	}
	r, err := merge.NewReader(packs.FS)
	if err != nil {
		return err
	}
	if *estimate {
		all, prior := r.Estimates(r.Read(nightone.Make(1, *size)), 1)
		merge.PrintEstimates(e.out, all, prior)
		return nil
	}
	report := r.Measure(*seed, *size)
	if report.Weak, err = r.Real(*data); err != nil {
		return err
	}
	if report.Names, err = merge.NamePairs(*data); err != nil {
		return err
	}
	if *stored > 0 {
		steps := []int{*stored / 10, *stored}
		if *most > *stored {
			steps = append(steps, *most)
		}
		if report.Costs, err = mergeCosts(ctx, e, r, steps, *asked); err != nil {
			return err
		}
	}
	report.Write(e.out)
	return nil
}

// mergeCosts measures a house on SQLite, and one on the PostgreSQL that is named.
func mergeCosts(ctx context.Context, e *env, r *merge.Reader, steps []int, asked int) (out []merge.Cost, err error) {
	dsn, _, leave, err := benchPostgres(ctx, e)
	if err != nil {
		return nil, err
	}
	defer leave()
	for _, of := range []string{"sqlite", "postgres"} {
		if of == "postgres" && dsn == "" {
			continue
		}
		more, err := mergeCost(ctx, e, r, of, dsn, steps, asked)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func mergeCost(ctx context.Context, e *env, r *merge.Reader, of, dsn string, steps []int, asked int) ([]merge.Cost, error) {
	folder, err := os.MkdirTemp("", "twiza-bench-merge")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	c := Config{Data: filepath.Join(folder, "data"), Key: filepath.Join(folder, "key"), Country: "ma"}
	if of == "postgres" {
		c.DB = dsn
	}
	h, err := Open(ctx, c, clock.System{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return nil, err
	}
	defer h.Close()
	return r.Costs(ctx, of, mergeHouse{h, r}, steps, asked, e.err)
}

// mergeHouse is a real house, without its doors: requests are taken in as those
// of a form are, and looked for as the house looks by itself.
type mergeHouse struct {
	h *House
	r *merge.Reader
}

// service is the first of the pack by which people ask for what they need.
func (m mergeHouse) service() string { return serviceOfNights(m.h.Service) }

func serviceOfNights(all *service.Set) string {
	for _, d := range all.All() {
		if d.Bind.Need != "" && d.Bind.People != "" && d.Bind.Phone != "" {
			return d.Code
		}
	}
	return ""
}

func (m mergeHouse) Keep(ctx context.Context, q nightone.Request, place string) error {
	_, err := m.h.Cases.Ask(ctx, actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: m.service(), Lang: "ar", Channel: "web", Answers: nightAnswers(q, m.r.Report(q), place)})
	return err
}

func (m mergeHouse) Known(q nightone.Request) linkage.Report {
	report := m.r.Report(q)
	report.ID, report.Service, report.MadeAt = "", m.service(), m.h.DB.Now() // the stored ones were asked today
	if q.Phone != "" {
		report.Phone = m.h.Vault.Index("phone", q.Phone)
	}
	if q.Family != "" {
		report.Family = m.h.Vault.Index("phone", q.Family)
	}
	return report
}

func (m mergeHouse) Alike(ctx context.Context, report linkage.Report) (n int, err error) {
	err = m.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err := m.h.Cases.Alike(t, report, 6)
		n = len(all)
		return err
	})
	return n, err
}

// nightAnswers are what the form of the service would have been given.
func nightAnswers(q nightone.Request, r linkage.Report, place string) forms.Answers {
	needs := r.Needs
	if len(needs) == 0 {
		needs = []string{"other"}
	}
	a := forms.Answers{"for_whom": "self", "need": needs, "people": int64(max(1, r.People)), "words": q.Text,
		"where": forms.Place{Code: place, Text: q.PlaceText, Lat: q.Point.Lat, Lon: q.Point.Lon, HasPoint: q.HasPoint}}
	if q.Phone != "" {
		a["phone"] = forms.Phone(q.Phone)
	} else {
		a["secret"] = "zitoun " + q.ID
	}
	if q.Family != "" {
		a["for_whom"], a["family_phone"] = "far", forms.Phone(q.Family)
	}
	if q.Name != "" {
		a["name"] = q.Name
	}
	return a
}
