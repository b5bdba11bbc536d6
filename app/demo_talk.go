package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/actor"
)

// talk brings in the chat of an invented group, as a phone would export it, so
// that whoever looks at triage finds messages that wait.
func (n *night) talk(ctx context.Context, pack fs.FS) error {
	body, err := fs.ReadFile(pack, "talk.csv")
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		return fmt.Errorf("demo/talk.csv: %w", err)
	}
	zone := n.h.Places.Country().Zone()
	var chat strings.Builder
	for _, row := range rows[1:] {
		ago, err := strconv.Atoi(row[0])
		if err != nil {
			return fmt.Errorf("demo/talk.csv: %w", err)
		}
		at := n.h.DB.Now().Add(-time.Duration(ago) * time.Minute).In(zone)
		fmt.Fprintf(&chat, "%s - %s: %s\n", at.Format("02/01/2006, 15:04"), row[1], row[2])
	}
	_, _, err = n.h.Intake.TakeFile(ctx, n.who(actor.CrisisCell, actor.Scope{}), []byte(chat.String()), n.h.sentence)
	return err
}
