package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"syscall"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/platform/web"
)

// What may wait beside the store, and the room that is laid by for it: some eight
// thousand requests, also when the disk is full.
const (
	spoolMost = 256 << 20
	spoolRoom = 8 << 20
)

// openSpool lets requests and messages wait beside the store while it does not
// answer. Only a house that serves has one: a command has no people waiting.
func (h *House) openSpool() {
	if h.Spool == nil {
		return
	}
	h.Cases.UseSpool(h.Spool, h.porch)
	h.Reach.UseSpool(h.Spool)
	h.Meter.Gauge("twiza_spool_waiting", "How many requests and messages wait beside the store.", func() float64 { n, _ := h.Spool.Waiting(); return float64(n) })
	h.Meter.Gauge("twiza_spool_stuck", "How many of them the store did not take though it answers.", func() float64 { _, n := h.Spool.Waiting(); return float64(n) })
}

// figuresOfTrouble are what an operator watches.
func (h *House) figuresOfTrouble() {
	h.Meter.Gauge("twiza_store_away_seconds", "For how long the store has not answered.", func() float64 { d, _ := h.DB.Away(); return d.Seconds() })
	h.Meter.Gauge("twiza_emergency", "Whether it is emergency mode.", func() float64 {
		if on, _ := h.Cases.Emergency(context.Background()); on {
			return 1
		}
		return 0
	})
	h.Meter.Gauge("twiza_disk_free_bytes", "Room on the disk of the data folder.", func() float64 { n, _ := free(h.Config.Data); return float64(n) })
	h.Meter.Gauge("twiza_under_way", "How many requests are being answered.", func() float64 { n, _, _ := h.Site.Shed.Figures(web.Vital); return n })
	h.Meter.Gauge("twiza_under_way_limit", "How many the house answers at once, as it has learnt.", func() float64 { _, n, _ := h.Site.Shed.Figures(web.Vital); return n })
	for name, c := range map[string]web.Class{"public": web.Public, "vital": web.Vital, "intake": web.Intake, "staff": web.Staff, "bulk": web.Bulk, "live": web.Live} {
		h.Meter.Gauge("twiza_turned_away", "How many were asked to come back, because more came than can be answered.", func() float64 { _, _, n := h.Site.Shed.Figures(c); return n }, "class", name)
	}
}

// mind works until ctx ends: it empties the spool, and watches the disk.
func (h *House) mind(ctx context.Context) {
	if h.Spool == nil {
		return
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	laid := false
	for n := 0; ; n++ {
		if n%60 == 0 { // twice a minute
			h.watchDisk()
			if !laid {
				laid = h.layBy()
			}
		}
		if waiting, _ := h.Spool.Waiting(); waiting > 0 || n%20 == 0 {
			h.emptySpool(ctx)
		}
		if n%4 == 0 || n < 200 {
			h.layNumbersBy(ctx)
		}
		if n%20 == 4 {
			h.keepKnown()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (h *House) layBy() bool {
	err := h.Spool.Reserve(spoolRoom)
	if err != nil {
		h.Log.Warn("no room is laid by for requests", "problem", err.Error())
	}
	return err == nil
}

// emptySpool brings in what waits, where the store answers.
func (h *House) emptySpool(ctx context.Context) {
	n, err := h.Spool.Drain(ctx, func(err error) bool { return db.IsAway(err) })
	if n > 0 {
		h.Log.Info("taken in from the spool", "items", n)
	}
	if err != nil && ctx.Err() == nil && !db.IsAway(err) {
		h.Log.Error("spool", "problem", err.Error())
	}
}

func (h *House) layNumbersBy(ctx context.Context) {
	mine, err := h.Spool.Identity()
	if err == nil {
		_, err = h.Cases.LayNumbersBy(ctx, mine)
	}
	if err != nil && ctx.Err() == nil && !db.IsAway(err) {
		h.Log.Error("numbers for when the store is away", "problem", err.Error())
	}
}

// free is how many bytes are left on the disk of a folder.
func free(dir string) (uint64, error) {
	var s syscall.Statfs_t
	for {
		if err := syscall.Statfs(dir, &s); err != syscall.ENOENT || dir == filepath.Dir(dir) {
			return s.Bavail * uint64(s.Bsize), err
		}
		dir = filepath.Dir(dir)
	}
}

// scarce tells whether a disk of the house is nearly full.
func (h *House) scarce() (left uint64, yes bool) {
	for _, dir := range []string{h.Config.Data, h.Config.Spool} {
		if dir == "" {
			continue
		}
		n, err := free(dir)
		if err == nil && n < uint64(h.Config.LeastMB)<<20 {
			return n, true
		}
	}
	return 0, false
}

func (h *House) watchDisk() {
	if left, yes := h.scarce(); yes {
		h.Log.Warn("the disk is nearly full", "left_mb", left>>20, "least_mb", h.Config.LeastMB)
	}
}

// readyOut is what an operator's watch reads.
type readyOut struct {
	State   string `json:"state"`
	Waiting int64  `json:"waiting,omitempty" doc:"requests and messages that wait beside the store"`
	LeftMB  uint64 `json:"disk_left_mb,omitempty" doc:"present when the disk is nearly full"`
	Copies  *int64 `json:"backup_seconds,omitempty" doc:"age of what the copies elsewhere lack; present where copies are made"`
}

// ready says whether people can be taken in: with the store, or beside it. A
// balancer that shut a house whose store is away would lose those who ask.
func (h *House) ready(c *web.Ctx) error {
	ctx, stop := context.WithTimeout(c.Context(), 2*time.Second)
	defer stop()
	out, status := readyOut{State: "ready", Copies: h.copySeconds()}, http.StatusOK
	if h.Spool != nil {
		out.Waiting, _ = h.Spool.Waiting()
	}
	if left, yes := h.scarce(); yes {
		out.State, out.LeftMB = "ready, the disk is nearly full", left>>20
	}
	_, away := h.DB.Away()
	if err := h.DB.Ping(ctx); err != nil || away {
		h.Log.Error("not ready", "problem", fmt.Sprint(err))
		if out.State, status = "store does not answer", http.StatusServiceUnavailable; h.Spool != nil {
			out.State, status = "store does not answer, requests are kept", http.StatusOK
		}
	}
	return c.JSON(status, out)
}

// saySpool tells what waits in the files of a folder, for twiza check.
func saySpool(say io.Writer, dir string) {
	names, err := filepath.Glob(filepath.Join(dir, "*.spool"))
	if err != nil || len(names) == 0 {
		return
	}
	n, held, err := spool.Peek(dir)
	if err != nil {
		fmt.Fprintln(say, "spool:", err)
		return
	}
	fmt.Fprintf(say, "spool: %d requests and messages wait beside the store, in files that nobody holds; %d files are held by a house that serves\n", n, held)
}
