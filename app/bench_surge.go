package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/bench/surge"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// benchSurge measures a house to which far more people come than it can serve,
// and that is killed in the middle.
func benchSurge(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench surge", "4 and 20 times what the house can sustain, one in twenty sent twice, the process killed in the middle, on SQLite and PostgreSQL")
	seconds := f.Int("seconds", 10, "length of one surge")
	asJSON := f.Bool("json", false, "one object per figure instead of a table")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	if *seconds < 2 || *seconds > 600 {
		return usage{"a surge lasts from 2 to 600 seconds"}
	}
	g, err := places.Load(packs.FS, fallback(e, "TWIZA_COUNTRY", "ma"))
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "twiza-surge-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	set, err := service.Load(packs.FS, ".")
	if err != nil {
		return err
	}
	p := surge.Plan{Times: []int{4, 20}, For: time.Duration(*seconds) * time.Second, Say: e.err, Folder: folder, Ask: surgeAsks(serviceOfNights(set)), Count: surgeCount}
	for _, x := range g.All(places.Commune) {
		p.Places = append(p.Places, x.Code)
	}
	if p.Program, err = os.Executable(); err != nil {
		return err
	}
	leave := func() {}
	if p.Postgres, p.Postmaster, leave, err = benchPostgres(ctx, e); err != nil {
		return err
	}
	defer leave()
	report, err := surge.Run(ctx, p)
	if report != nil && len(report.Figures) > 0 { // a report of a failure is worth more than none
		show := report.WriteTable
		if *asJSON {
			show = report.WriteJSON
		}
		if broke := show(e.out); broke != nil && err == nil {
			err = broke
		}
	}
	return err
}

// surgeAsks makes requests for help by a service, each from a phone of its own.
func surgeAsks(code string) func(n int64, all []string) (string, []byte) {
	return func(n int64, all []string) (string, []byte) { return surgeAsk(code, n, all) }
}

func surgeAsk(code string, n int64, all []string) (string, []byte) {
	which := id.New[cases.Case](clock.System{}.Now()).String()
	body, err := json.Marshal(map[string]any{"id": which, "service": code, "lang": "ar", "answers": map[string]any{
		"for_whom": "self", "need": []string{"food", "water"}, "where": map[string]any{"code": all[n%int64(len(all))]}, "people": 1 + n%7,
		"words": fmt.Sprintf("البيت مشقق ونحن في الساحة منذ البارحة، ومعنا أطفال وشيوخ، والطريق مقطوعة عند الوادي (%d)", n), "phone": fmt.Sprintf("06%08d", n*7919%100_000_000)}})
	if err != nil {
		panic(err) // plain strings and numbers
	}
	return which, body
}
