package talk

import (
	"context"
	"html/template"
	"strconv"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// step makes a handler of what one button does to a message.
func (s *Service) step(done string, do func(context.Context, actor.Actor, MissionID, MessageID) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		mid, err := readID[missionKind](c.R.PathValue("mission"))
		if err != nil {
			return err
		}
		kid, err := readID[Message](c.R.PathValue("message"))
		if err != nil {
			return err
		}
		if _, err := c.Form(); err != nil {
			return err
		}
		if err := do(c.Context(), actor.From(c.Context()), mid, kid); err != nil {
			return err
		}
		c.Flash(done)
		return c.Seek("/talk/" + mid.String())
	}
}

// Say puts the facts of the lines of channels into words.
func (s *Service) Say(c *web.Ctx, _ *db.Tx, _ deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		n, _ := strconv.Atoi(f.Value) // what is no number says nothing of itself
		switch f.Name {
		case "mission":
			f.Words, f.Href = c.P.T("talk.fact.mission", "id", tail(f.Value)), "/missions/"+f.Value
		case "message":
			f.Words = c.P.T("talk.fact.message", "id", tail(f.Value))
		case "member", "texts":
			f.Words, f.Silent = c.P.T("talk.fact."+f.Name, "n", n), n == 0
		case "task":
			f.Words, f.Silent = c.P.T("talk.fact.task"), f.Value != "true"
		}
	}
	return nil
}

func tail(text string) template.HTML {
	return "<bdi>" + template.HTML(template.HTMLEscapeString(text[max(0, len(text)-8):])) + "</bdi>"
}

const exampleID = "01999999-0000-7000-8000-000000000001"

// gallery is the channel while its mission lasts, after it, and forgotten.
func gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	rows := []messageRow{
		{ID: exampleID, Who: "talk.role.leader", N: 1, Mine: true, Text: "Imlil", At: at, Texts: 3, Task: true},
		{ID: exampleID, Who: "talk.role.volunteer", N: 2, Text: "Asni\nImlil", At: at, BySMS: true},
		{ID: exampleID, Who: "talk.role.volunteer", N: 3, At: at, Hidden: true},
	}
	done := rows[0]
	done.Done = at
	frame := func(fields ...string) ui.Frame {
		f := ui.Frame{Title: "Canal", Kind: ui.Staff, Nav: "missions"}
		for _, name := range fields {
			f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
		}
		return f
	}
	page := channelPage{Frame: frame("text", "phone"), Mission: exampleID, Team: "<bdi>Asni</bdi>", ID: exampleID, Typed: "Imlil", Letters: 300, Rows: rows, Tasks: []messageRow{rows[0], done},
		Open: true, CanHide: true, Members: 4, Texts: 3, Number: "5555", Word: "team", TaskWord: "task"}
	over := channelPage{Frame: frame(), Mission: exampleID, Team: "<bdi>Asni</bdi>", Letters: 300, Rows: rows, HasPhone: true, Word: "team", TaskWord: "task"}
	gone := over
	gone.Gone, gone.Rows = true, nil
	return []module.Example{{Template: "talk_channel", Page: &page}, {Template: "talk_channel", Page: &over}, {Template: "talk_channel", Page: &gone}}
}
