package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/bench/pages"
	"github.com/twiza/twiza/bench/start"
	"github.com/twiza/twiza/platform/i18n"
)

// What a page may weigh, in bytes as they travel: HTML, and a first visit with
// style sheets and scripts (DESIGN, section 11).
var weights = map[string][2]int{"citizen": {10 << 10, 20 << 10}, "form": {4 << 10, 14 << 10}, "data": {14 << 10, 30 << 10}}

// publicPages is every page that anybody may read at an address without names,
// and of which kind it is.
func publicPages() (out []pages.Page) {
	for _, x := range []struct{ kind, paths string }{
		{"citizen", "/ /help /about /crisis /offline /saved /reports /wanted /news /offer /attestation"},
		{"form", "/help/crisis_help /track /report /offer/mine /volunteer /volunteer/mine /sign-in"},
		{"data", "/coverage /numbers /situation"},
	} {
		for path := range strings.FieldsSeq(x.paths) {
			out = append(out, pages.Page{Path: path, Kind: x.kind, HTML: weights[x.kind][0], First: weights[x.kind][1]})
		}
	}
	return out
}

// benchPages measures every public page.
func benchPages(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench pages", "every public page, handed out and made: processor, and bytes on the wire beside what the design allows")
	asJSON := f.Bool("json", false, "one object per figure instead of a table")
	ms := f.Int("ms", 1000, "milliseconds of one page in one way in one round")
	rounds := f.Int("rounds", 3, "rounds; medians are shown")
	connections := f.Int("connections", 4, "readers at once")
	lang := f.String("lang", "ar", "language of the pages")
	only := f.String("only", "", "pages, with commas between; without it all")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	p := pages.Plan{Lang: *lang, Connections: *connections, Burst: time.Duration(*ms) * time.Millisecond, Rounds: *rounds, Say: e.err, Fill: benchNightFilled}
	for _, x := range publicPages() {
		if *only == "" || strings.Contains(","+*only+",", ","+x.Path+",") {
			p.Pages = append(p.Pages, x)
		}
	}
	known := false
	for _, l := range i18n.Langs() {
		known = known || string(l) == *lang
	}
	if err := p.Check(); err != nil || !known {
		return usage{fmt.Sprintf("bench pages: %v, lang %q", err, *lang)}
	}
	leave, err := benchPlace(&p.Program, &p.Folder)
	if err != nil {
		return err
	}
	defer leave()
	report, err := pages.Run(ctx, p)
	return measure{asJSON: asJSON}.print(e, report, err)
}

// benchStart measures how soon a house answers, and what it takes.
func benchStart(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench start", "from the command to the first page; memory idle and under load; the size of the program")
	asJSON := f.Bool("json", false, "one object per figure instead of a table")
	rounds := f.Int("rounds", 5, "rounds; medians are shown")
	seconds := f.Int("seconds", 10, "seconds of load")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	p := start.Plan{Page: "/ar/", Pages: []string{"/ar/", "/ar/help", "/fr/track", "/ar/crisis", "/fr/wanted"}, Rounds: *rounds, Load: time.Duration(*seconds) * time.Second, Say: e.err, Fill: benchNightFilled}
	if err := p.Check(); err != nil {
		return usage{err.Error()}
	}
	leave, err := benchPlace(&p.Program, &p.Folder)
	if err != nil {
		return err
	}
	defer leave()
	report, err := start.Run(ctx, p)
	return measure{asJSON: asJSON}.print(e, report, err)
}

// benchRequests is how many requests the invented night of these benches has.
const benchRequests = 300

// benchNightFilled puts an invented night into a folder.
func benchNightFilled(ctx context.Context, folder string) error {
	c := Config{Data: folder, Country: "ma", Demo: true}
	if err := c.settle(); err != nil {
		return err
	}
	h, err := Open(ctx, c, clock.System{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer h.Close()
	return h.demonstrate(ctx, &env{out: io.Discard}, benchRequests)
}

// benchPlace is this program, and a folder that leave takes away again.
func benchPlace(program, folder *string) (leave func(), err error) {
	if *program, err = os.Executable(); err != nil {
		return nil, err
	}
	if *folder, err = os.MkdirTemp("", "twiza-bench-"); err != nil {
		return nil, err
	}
	return func() { os.RemoveAll(*folder) }, nil
}
