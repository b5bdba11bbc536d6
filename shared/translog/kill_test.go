package translog

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
	"github.com/twiza/twiza/testkit"
)

// childOf is the variable by which this test program knows that it is the process that
// will be killed: the store, the keys and the folder of what was shown, a line each.
const childOf = "TWIZA_TRANSLOG_CHILD"

func TestMain(m *testing.M) {
	if given := os.Getenv(childOf); given != "" {
		fmt.Println("broke", child(strings.Split(given, "\n")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child does deeds from four hands until it is killed, integrates beside them, and says
// what it acknowledged and what it showed, when it has.
func child(given []string) error {
	ctx := context.Background()
	l, _, err := openLog(ctx, given[0], clock.System{}, given[1], given[2], given[3], "")
	if err != nil {
		return err
	}
	go l.Run(ctx)
	var mu sync.Mutex
	say := func(word string, what any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(word, what)
	}
	failed := make(chan error)
	for hand := range 4 {
		go func() {
			for n := 0; ; n++ {
				broken := error(nil)
				if n%5 == 4 {
					broken = errors.New("the deed failed at its end")
				}
				switch lid, err := gave(ctx, l, hand, broken); {
				case broken != nil:
					say("not", lid)
				case err != nil:
					failed <- err
				default:
					say("done", lid)
				}
			}
		}()
	}
	go func() {
		for {
			if msg, err := l.Checkpoint(ctx); err == nil {
				say("shown", base64.StdEncoding.EncodeToString(msg))
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return <-failed
}

// killed lets a child work for a while and kills it; what it said is noted.
func (s *scene) killed(wait time.Duration, done, not map[string]bool, shown *[]verify.Checkpoint) {
	s.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childOf+"="+strings.Join([]string{s.dsn, s.master, s.keys, s.Log.shown.dir}, "\n"))
	out, err := c.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := c.Start(); err != nil {
		s.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for began := false; lines.Scan(); {
		word, what, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "done":
			done[what] = true
		case "not":
			not[what] = true
		case "shown":
			msg, err := base64.StdEncoding.DecodeString(what)
			if err != nil {
				continue // it was killed in the middle of a line
			}
			head, err := s.keysOf().Open(msg)
			if err != nil {
				s.Fatal(err)
			}
			*shown = append(*shown, head.Checkpoint)
		case "broke":
			s.Fatal(lines.Text())
		}
		if !began {
			began = true
			time.AfterFunc(wait, func() { c.Process.Kill() })
		}
	}
	c.Wait() // it was killed
}

func TestNothingAcknowledgedIsMissingHoweverOftenTheProcessIsKilled(t *testing.T) {
	engines(t, func(s *scene) {
		done, not := map[string]bool{}, map[string]bool{}
		var shown []verify.Checkpoint
		kills := testkit.Size(3, 60)
		for range kills {
			s.killed(time.Duration(100+rand.IntN(500))*time.Millisecond, done, not, &shown)
			s.opened()
		}
		if len(done) < 10*kills || len(not) == 0 || len(shown) == 0 {
			s.Fatalf("too little was done before the kills: %d done, %d not, %d shown", len(done), len(not), len(shown))
		}
		s.integrate()
		unsaid := 0
		if err := s.h.DB.Read(s.Context(), func(t *db.Tx) error {
			return eachLeaf(t, func(f leaf) error {
				switch {
				case not[f.id.String()]:
					s.Errorf("%s stands in the log, and its deed was not done", f.id)
				case f.index < 0:
					s.Errorf("%s has no place", f.id)
				case !done[f.id.String()]:
					unsaid++ // it was done, and its process was killed before it could say so
				}
				delete(done, f.id.String())
				return nil
			})
		}); err != nil {
			s.Fatal(err)
		}
		for lid := range done {
			if len(lid) == len("0190b3a0-0000-7000-8000-00000000abcd") {
				s.Errorf("%s was acknowledged and is not in the log", lid)
			}
		}
		if most := 4 * kills; unsaid > most {
			s.Errorf("%d leaves of deeds that nobody acknowledged, where at most %d can have been under way", unsaid, most)
		}
		s.grown([][]verify.Checkpoint{shown})
		testkit.Report(s.T, s.h.DB.Engine(), "%d kills, %d heads shown, %d leaves kept whose process died before it could say so", kills, len(shown), unsaid)
	})
}

// opened is the log as the next process finds it.
func (s *scene) opened() {
	s.Helper()
	s.Log = s.open(s.Log.shown.dir, "")
	for _, bad := range s.wrong() {
		s.Fatal("after a kill: ", bad)
	}
}

func TestASecondIsEnoughForALeafToBeInTheLog(t *testing.T) {
	engines(t, func(s *scene) {
		other := s.open(s.TempDir(), "") // another process, which does no deed
		ctx, stop := context.WithCancel(s.Context())
		var running sync.WaitGroup
		for _, l := range []*Log{s.Log, other} {
			running.Go(func() { l.Run(ctx) })
		}
		lid := s.gave(1)
		since := time.Now()
		for {
			if _, err := s.Receipt(s.Context(), lid, giftOf(1)); err == nil {
				break
			}
			if time.Since(since) > time.Minute {
				s.Error("a minute was not enough")
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if took := time.Since(since); took > time.Second {
			s.Logf("it took %s: this machine has much to do", took)
		}
		stop()
		running.Wait()
	})
}
