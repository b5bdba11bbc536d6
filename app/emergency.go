package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twiza/twiza/base/fault"
)

// emergencyCommand begins and ends emergency mode from the operator's terminal,
// where a session that was stolen does not reach.
func emergencyCommand(ctx context.Context, e *env, args []string) error {
	var c Config
	f := flags(e, "emergency", "on, off, or nothing to see: read-only, while requests for help are taken", &c)
	words, err := parse(f, args, &c)
	if err != nil {
		return err
	}
	what := ""
	if len(words) == 1 {
		what = words[0]
	}
	if len(words) > 1 || what != "" && what != "on" && what != "off" {
		return usage{"emergency knows on and off"}
	}
	h, err := quiet(ctx, c, e)
	if err != nil {
		return err
	}
	defer h.Close()
	switch what {
	case "on":
		err = h.Cases.BeginEmergency(ctx, System("operator"))
	case "off":
		err = h.Cases.EndEmergency(ctx, System("operator"))
		if gone := os.Remove(filepath.Join(c.Data, "emergency")); gone == nil {
			fmt.Fprintln(e.out, "The file that said so is taken away.")
		}
	}
	if f, is := errors.AsType[*fault.Fault](err); is && f.Key == "cases.emergency.is_already" {
		err = nil
	}
	if err != nil {
		return err
	}
	if on, since := h.Cases.Emergency(ctx); on {
		fmt.Fprintln(e.out, "Emergency mode: nothing changes but requests for help.", since.Format(time.RFC3339))
		return nil
	}
	fmt.Fprintln(e.out, "No emergency mode. Every door is as always; a house that serves sees it within two seconds.")
	return nil
}
