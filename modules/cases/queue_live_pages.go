package cases

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/live"
	"github.com/twiza/twiza/shared/service"
)

// liveLine is one open line to somebody who looks at the queue.
type liveLine struct {
	o      *Office
	c      *web.Ctx
	by     actor.Actor
	q      Queue
	s      *web.Stream
	number int64 // of the newest line of the journal that was told of
	due    bool  // counts are to be told
}

// queueLive tells a page of the queue that its reader's part of it changed, until
// they go, their session or their rights end, or the house closes. It tells
// again what it told before a cut where it cannot know; pages compare.
func (o *Office) queueLive(c *web.Ctx) error {
	if o.live == nil {
		return fault.New(fault.Missing, "error.missing")
	}
	by := actor.From(c.Context())
	leave, err := o.watching.enter(by.Account)
	if err != nil {
		return err
	}
	defer leave()
	ctx, stop := context.WithCancel(c.Context())
	defer stop()
	ch, err := o.live.Listen(ctx)
	if err != nil {
		return fault.New(fault.Away, "error.busy")
	}
	v := c.R.URL.Query()
	since := v.Get("since")
	if x := c.R.Header.Get("Last-Event-ID"); x != "" {
		since = x
	}
	phase := v.Get("phase")
	if !validPhase(phase) {
		phase = string(service.Open)
	}
	l := &liveLine{o: o, c: c, by: by, q: o.wanted(by, v, phase)}
	l.q.Till, l.q.Reach = readMark(v.Get("till")), o.sharp(l.q.Reach)
	l.number, _ = strconv.ParseInt(since, 10, 64)
	var missed []live.Change
	var more bool
	if l.number > 0 {
		if missed, more, err = o.live.Since(ctx, l.number, liveSince); err != nil {
			return err
		}
	}
	if l.s, err = c.Stream(2 * time.Second); err != nil {
		return nil // the reader is gone
	}
	if more { // what the page is told to be too old for is not looked through again
		if err = l.newest(ctx); err == nil {
			err = l.send(liveCases{Many: true})
		}
	} else {
		err = l.tell(missed)
	}
	if err == nil {
		err = l.now()
	}
	if err == nil {
		l.follow(ctx, ch)
	}
	return nil
}

// newest goes to the end of the journal.
func (l *liveLine) newest(ctx context.Context) error {
	return l.o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		l.number, err = deed.Head(t)
		return err
	})
}

// follow goes on until something ends the line; whoever is still there comes
// back by themselves, and is asked again who they are.
func (l *liveLine) follow(ctx context.Context, ch <-chan []live.Change) {
	beat, counts := time.NewTicker(liveBeat), time.NewTicker(countOnce)
	defer beat.Stop()
	defer counts.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case some, open := <-ch:
			if !open {
				return
			}
			if touches(some) && !l.stillMay() {
				return
			}
			err = l.tell(some)
		case <-beat.C:
			if !l.stillMay() {
				return
			}
			err = l.now()
		case <-counts.C:
			if l.due {
				err = l.now()
			}
		}
		if err != nil {
			return
		}
	}
}

// touches tells whether something was done to accounts, roles or organisations.
func touches(some []live.Change) bool {
	for _, x := range some {
		if strings.HasPrefix(x.Deed, peopleSay) {
			return true
		}
	}
	return false
}

// stillMay asks who the reader is now.
func (l *liveLine) stillMay() bool {
	if l.c.Site.Enter == nil {
		return true
	}
	now := actor.From(l.c.Site.Enter(l.c))
	return now.Unread || sameRights(l.by, now) && deed.May(now, DeedSee) == nil
}

func (l *liveLine) tell(some []live.Change) error {
	if len(some) == 0 {
		return nil
	}
	for _, x := range some {
		l.number = max(l.number, x.Number)
	}
	out, err := l.o.watched(l.c, l.by, l.q, some)
	if err != nil {
		return err
	}
	if !out.Many && len(out.Cases) == 0 {
		return nil
	}
	return l.send(out)
}

func (l *liveLine) send(out liveCases) error {
	l.due = true
	return l.s.Send("cases", strconv.FormatInt(l.number, 10), out)
}

// now tells that the line lives, and how much waits.
func (l *liveLine) now() error {
	at := l.o.h.DB.Now()
	out := liveNow{At: at.UnixMilli(), Clock: l.c.P.Plain(i18n.Clock(at))}
	if l.due || l.number == 0 {
		l.due = false
		counts, err := l.o.countedNow(l.c.Context(), l.by, l.q)
		if err != nil {
			return err
		}
		for _, ph := range phases {
			if n, ok := counts[ph]; ok {
				out.Counts = append(out.Counts, liveCount{string(ph), n.say(l.c)})
			}
		}
	}
	var num string
	if l.number > 0 {
		num = strconv.FormatInt(l.number, 10)
	}
	return l.s.Send("now", num, out)
}
