package app

import (
	"context"
	"fmt"
	"os"

	"github.com/twiza/twiza/bench/board"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// benchBoard measures what dispatchers wait for.
func benchBoard(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench board", "the queue, one case and a search over many stored requests, read by dispatchers, on SQLite and PostgreSQL, beside a server that only says hello")
	asked := measuring(f, 30_000, "requests stored; a tenth of them is measured first; 300000 is the full size", 3, 2)
	house := f.String("house", "", "a folder in which the house on SQLite stays filled, and is found filled the next time")
	readers := f.Int("readers", 8, "dispatchers who read at once")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	if *asked.stored < 1000 || *asked.rounds < 1 || *asked.rounds > 20 || *asked.seconds < 1 || *asked.seconds > 60 || *readers < 1 || *readers > 200 {
		return usage{"from 1,000 requests, 1 to 20 rounds of 1 to 60 seconds, 1 to 200 readers"}
	}
	g, err := places.Load(packs.FS, "ma")
	if err != nil {
		return err
	}
	p := board.Plan{Sizes: []int{*asked.stored / 10, *asked.stored}, Burst: asked.burst(), Rounds: *asked.rounds, Readers: *readers, House: *house, Say: e.err, Prepare: benchDispatcher, Province: "07.041"}
	for _, kind := range []string{places.Commune, places.Douar} {
		for _, x := range g.All(kind) {
			p.Places = append(p.Places, x.Code)
		}
	}
	if p.Program, err = os.Executable(); err != nil {
		return err
	}
	var leave func()
	if p.Postgres, p.Master, leave, err = benchPostgres(ctx, e); err != nil {
		return err
	}
	defer leave()
	report, err := board.Run(ctx, p)
	return asked.print(e, report, err)
}

// benchDispatcher makes a house with somebody who sorts requests for the whole
// country, and lets them in.
func benchDispatcher(ctx context.Context, folder, postgres string) (string, error) {
	h, err := benchHouse(ctx, folder, postgres)
	if err != nil {
		return "", err
	}
	defer h.Close()
	if _, err := h.People.SeedAccount(ctx, "root", "Root", benchPassword, benchSecret, nil, []actor.Grant{{Role: actor.Administrator}}); err != nil {
		return "", err
	}
	desk, err := h.People.SeedAccount(ctx, "desk", "Desk", benchPassword, benchSecret, []string{"fr"}, []actor.Grant{{Role: actor.Dispatcher}})
	if err != nil {
		return "", fmt.Errorf("a dispatcher: %w", err)
	}
	return h.People.Session(ctx, System("bench"), desk)
}
